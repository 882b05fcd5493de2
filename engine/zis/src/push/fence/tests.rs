#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use super::*;

fn fence() -> Fence {
    let hosts =
        ["agents.example.org", "*.district.example.com", "93.184.216.34", "[2606:2800:220:1::1]", "local.example.org"];
    Fence::new(Hosts::new(
        &hosts.map(str::to_owned),
        ["http://10.1.2.3:8080/agent", "https://sis.internal/"].into_iter(),
    ))
}

/// Addresses that must not be called, and why.
const REFUSED: &[(&str, Refused)] = &[
    ("", Refused::NoAddress),
    ("agents.example.org", Refused::NoAddress),
    ("//agents.example.org/", Refused::NoAddress),
    ("http://", Refused::NoAddress),
    ("http:///path", Refused::Host),
    ("http://agents.example.org:99999/", Refused::NoAddress),
    ("http://agents.exa mple.org/", Refused::NoAddress),
    ("http://agents.example.org\\@evil.example/", Refused::NoAddress),
    ("http://agents.example.org\t.evil.example/", Refused::NoAddress),
    ("http://agents.example.org\r\nX: y", Refused::NoAddress),
    ("http://[::1", Refused::NoAddress),
    ("http://[fe80::1%25eth0]/", Refused::NoAddress),
    ("http://1.2.3.4.5/", Refused::NoAddress),
    ("http://256.1.1.1/", Refused::NoAddress),
    ("file:///etc/passwd", Refused::Scheme),
    ("ftp://agents.example.org/", Refused::Scheme),
    ("gopher://agents.example.org:70/_x", Refused::Scheme),
    ("ldap://agents.example.org/", Refused::Scheme),
    ("javascript:alert(1)", Refused::Scheme),
    ("data:text/xml,<a/>", Refused::Scheme),
    ("unix:/run/docker.sock", Refused::Scheme),
    ("ws://agents.example.org/", Refused::Scheme),
    ("http://agents.example.org@evil.example/", Refused::Credentials),
    ("http://user:secret@agents.example.org/", Refused::Credentials),
    ("http://agents.example.org:80@127.0.0.1/", Refused::Credentials),
    ("http://evil.example/", Refused::Host),
    ("http://evil.example/agents.example.org", Refused::Host),
    ("http://evil.example#agents.example.org", Refused::Host),
    ("http://evil.example?agents.example.org", Refused::Host),
    ("http://agents.example.org.evil.example/", Refused::Host),
    ("http://xagents.example.org/", Refused::Host),
    ("http://sub.agents.example.org/", Refused::Host),
    ("http://district.example.com/", Refused::Host),
    ("http://evildistrict.example.com/", Refused::Host),
    ("http://.district.example.com/", Refused::Host),
    ("http://localhost/", Refused::Host),
    ("http://localhost.localdomain/", Refused::Host),
    ("http://127.0.0.1/", Refused::Host),
    ("http://127.1/", Refused::Host),
    ("http://2130706433/", Refused::Host),
    ("http://0x7f000001/", Refused::Host),
    ("http://0177.0.0.1/", Refused::Host),
    ("http://0/", Refused::Host),
    ("http://0.0.0.0/", Refused::Host),
    ("http://[::1]/", Refused::Host),
    ("http://[::]/", Refused::Host),
    ("http://[::ffff:127.0.0.1]/", Refused::Host),
    ("http://[::ffff:7f00:1]/", Refused::Host),
    ("http://[64:ff9b::7f00:1]/", Refused::Host),
    ("http://169.254.169.254/latest/meta-data/", Refused::Host),
    ("http://[fd00:ec2::254]/latest/", Refused::Host),
    ("http://metadata.google.internal/", Refused::Host),
    ("http://10.1.2.4/", Refused::Host),
    ("http://192.168.0.1/", Refused::Host),
    ("http://172.16.0.1/", Refused::Host),
    ("http://①②⑦.⓪.⓪.①/", Refused::Host),
    ("http://ⓛocalhost/", Refused::Host),
    ("http://127。0。0。1/", Refused::Host),
];

#[test]
fn no_address_beyond_the_fence_is_called() {
    assert!(REFUSED.len() >= 50, "{} addresses", REFUSED.len());
    let fence = fence();
    for (url, why) in REFUSED {
        assert_eq!(fence.check(url).as_ref().err(), Some(why), "{url}");
    }
}

#[test]
fn hosts_that_the_configuration_names_are_called() {
    let fence = fence();
    for url in [
        "http://agents.example.org/sif",
        "https://AGENTS.example.org:8443/sif?a=b",
        "https://agents.example.org./",
        "http://a.district.example.com/",
        "http://a.b.district.example.com/",
        "http://93.184.216.34/",
        "http://[2606:2800:220:1::1]:8080/",
        "http://10.1.2.3/another/port/and/path",
        "http://[::ffff:10.1.2.3]/",
        "https://sis.internal/agent",
    ] {
        assert!(fence.check(url).is_ok(), "{url}: {:?}", fence.check(url));
    }
}

#[test]
fn a_name_is_not_followed_into_a_private_network_unless_it_is_named() {
    let fence = fence();
    let address = |text: &str| text.parse::<SocketAddr>().unwrap();
    for private in [
        "127.0.0.1:0",
        "127.8.9.1:0",
        "10.0.0.1:0",
        "172.31.255.255:0",
        "192.168.1.1:0",
        "169.254.169.254:0",
        "0.0.0.0:0",
        "100.64.0.1:0",
        "192.0.0.8:0",
        "198.18.0.1:0",
        "224.0.0.1:0",
        "255.255.255.255:0",
        "240.0.0.1:0",
        "192.0.2.1:0",
        "192.88.99.1:0",
        "[::1]:0",
        "[::]:0",
        "[fe80::1]:0",
        "[fec0::1]:0",
        "[fc00::1]:0",
        "[fd00:ec2::254]:0",
        "[ff02::1]:0",
        "[::ffff:127.0.0.1]:0",
        "[::ffff:10.0.0.1]:0",
        "[::127.0.0.1]:0",
        "[64:ff9b::a00:1]:0",
        "[64:ff9b:1::1]:0",
        "[2002:7f00:1::]:0",
        "[2002:a00:1::]:0",
        "[2001:db8::1]:0",
        "[2001::1]:0",
    ] {
        let below = fence.permit("a.district.example.com", [address(private)].into_iter());
        assert_eq!(below, Err(Refused::Private), "{private} behind a name that only a pattern allows");
        assert!(
            fence.permit("sis.internal", [address(private)].into_iter()).is_ok(),
            "{private} behind a name in full"
        );
    }
    let public = [address("93.184.216.34:0"), address("127.0.0.1:0"), address("[2606:2800:220:1::1]:0")];
    assert_eq!(fence.permit("a.district.example.com", public.into_iter()), Ok(vec![public[0], public[2]]));
    assert_eq!(fence.permit("evil.example", public.into_iter()), Err(Refused::Host), "a name that nothing allows");
}

#[test]
fn other_hosts_hold_from_the_next_call_on() {
    let fence = fence();
    fence.set(Hosts::new(&["other.example.org".to_owned()], std::iter::empty()));
    assert!(fence.check("http://other.example.org/").is_ok());
    assert_eq!(fence.check("http://agents.example.org/").err(), Some(Refused::Host));
}

#[test]
fn an_address_that_a_pattern_ends_like_is_no_name_below_it() {
    let fence = Fence::new(Hosts::new(&["*.1".to_owned()], std::iter::empty()));
    assert_eq!(fence.check("http://127.0.0.1/").err(), Some(Refused::Host));
}
