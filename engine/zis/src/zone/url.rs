//! Addresses that agents are called at.

/// Whether an address is one of HTTP, and of a host that is allowed. `*.example.org` allows all below it.
///
/// An address with a user, a backslash or white space is none: what a parser makes of those differs.
pub(crate) fn allowed(url: &str, hosts: &[String]) -> bool {
    let Some(host) = host(url) else { return false };
    hosts.iter().any(|allowed| {
        let allowed = allowed.to_ascii_lowercase();
        match allowed.strip_prefix("*.") {
            Some(domain) => host.strip_suffix(domain).is_some_and(|below| below.len() > 1 && below.ends_with('.')),
            None => host == allowed.trim_matches(['[', ']']),
        }
    })
}

/// The host of an address, in lower case and without brackets.
fn host(url: &str) -> Option<String> {
    let bad = |character: char| character.is_whitespace() || character.is_control() || matches!(character, '\\' | '@');
    let rest = url.strip_prefix("http://").or_else(|| url.strip_prefix("https://"))?;
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if url.contains(bad) {
        return None;
    }
    let (host, port) = match authority.strip_prefix('[') {
        Some(rest) => rest.split_once(']')?,
        None => authority.find(':').map_or((authority, ""), |colon| authority.split_at(colon)),
    };
    let port_is_right = port.is_empty()
        || port.strip_prefix(':').is_some_and(|port| port.bytes().all(|byte| byte.is_ascii_digit()) && port.len() < 6);
    (!host.is_empty() && port_is_right).then(|| host.trim_end_matches('.').to_ascii_lowercase())
}

/// What `Accept-Encoding` says of gzip: `Some(true)` if it is taken, `Some(false)` if only plain text is, `None` if neither.
pub(crate) fn takes_gzip(value: &str) -> Option<bool> {
    let mut gzip = None;
    let mut identity = None;
    let mut any = None;
    for part in value.split(',') {
        let mut pieces = part.split(';').map(str::trim);
        let name = pieces.next().unwrap_or_default().to_ascii_lowercase();
        let zero = pieces.filter_map(|piece| piece.strip_prefix("q=")).any(|quality| quality.parse() == Ok(0.0_f32));
        match name.as_str() {
            "gzip" | "x-gzip" => gzip = Some(!zero),
            "identity" => identity = Some(!zero),
            "*" => any = Some(!zero),
            _ => {}
        }
    }
    if gzip.or(any).unwrap_or(false) {
        Some(true)
    } else if identity.or(any).unwrap_or(true) {
        Some(false)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_named_hosts_are_allowed() {
        let hosts = ["agents.example.org".to_owned(), "*.school.test".to_owned(), "[::1]".to_owned()];
        for url in [
            "http://agents.example.org/sif",
            "https://AGENTS.example.org:8443/a?b#c",
            "http://library.school.test",
            "http://a.b.school.test/",
            "http://[::1]:80/",
        ] {
            assert!(allowed(url, &hosts), "{url}");
        }
        for url in [
            "ftp://agents.example.org/",
            "http://agents.example.org.evil.test/",
            "http://agents.example.org@evil.test/",
            "http://evil.test\\@agents.example.org/",
            "http://school.test/",
            "http://.school.test/",
            "http://notschool.test/",
            "http://agents.example.org:99999999/",
            "http://agents.example.org:80:80/",
            "http:///sif",
            "http://evil.test#agents.example.org",
            "http://[::1/",
            " http://agents.example.org/",
            "",
        ] {
            assert!(!allowed(url, &hosts), "{url}");
        }
    }

    #[test]
    fn encodings_are_read() {
        let adk = "gzip;q=1.0, deflate;q=0.7, compress;q=0.6, identity;q=0.5, *;q=0";
        assert_eq!(takes_gzip(adk), Some(true));
        assert_eq!(takes_gzip("gzip;q=0"), Some(false));
        assert_eq!(takes_gzip("deflate"), Some(false));
        assert_eq!(takes_gzip("*"), Some(true));
        assert_eq!(takes_gzip(""), Some(false));
        assert_eq!(takes_gzip("compress, *;q=0"), None);
        assert_eq!(takes_gzip("compress, identity;q=0.0"), None);
    }
}
