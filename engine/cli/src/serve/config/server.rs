//! The parts of the configuration that are about connections.

use std::net::IpAddr;

use rulebook::yaml::Reader;
use zis::server::{AdminConfig, HttpLimits, PushConfig, TlsConfig};

use crate::serve::values::Values;

/// The shortest password of an administrator, in characters.
const SHORTEST_PASSWORD: usize = 15;

/// `tls`: none where something is wrong, which is noted.
pub fn tls(mut reader: Reader<'_>, values: &mut Values<'_>) -> Option<TlsConfig> {
    let certificate = values.need_file(&mut reader, "certificate");
    let key = values.need_file(&mut reader, "key");
    let authorities = values.file(&mut reader, "client_ca");
    let hosts = reader.get("hosts");
    values.finish(reader);
    let mut config = TlsConfig::new(certificate?, key?);
    config.client_authorities = authorities;
    let hosts = hosts.and_then(|node| node.map("addresses by name of host", &mut values.problems));
    for (host, addresses) in hosts.unwrap_or_default() {
        for scalar in addresses.texts("addresses", &mut values.problems) {
            let address = values.text_of(scalar).and_then(|text| text.parse::<IpAddr>().ok());
            match address {
                Some(address) => config = config.host(host.text.clone(), address),
                None => values.wrong(scalar, "an address of a host is an IP address, such as 10.0.0.5"),
            }
        }
    }
    Some(config)
}

/// `admin`
pub fn admin(mut reader: Reader<'_>, values: &mut Values<'_>) -> Option<AdminConfig> {
    let listen = values.address(&mut reader, "listen");
    let tls = values.part(&mut reader, "tls", "`admin.tls`").map(|part| tls(part, values));
    let first = values.part(&mut reader, "first_administrator", "`first_administrator`");
    values.finish(reader);
    let first = first.map(|mut reader| {
        let name = values.need(&mut reader, "name");
        let password = values.need(&mut reader, "password");
        values.finish(reader);
        let ((name, _), (password, scalar)) = name.zip(password)?;
        if password.chars().count() < SHORTEST_PASSWORD {
            values.wrong(scalar, format!("a password has {SHORTEST_PASSWORD} characters or more"));
        }
        Some((name, password))
    });
    let mut config = AdminConfig::new(listen?);
    config.tls = tls.flatten();
    config.first_administrator = first.flatten();
    Some(config)
}

/// `push`
pub fn push(mut reader: Reader<'_>, values: &mut Values<'_>) -> PushConfig {
    let mut config = PushConfig {
        authorities: values.file(&mut reader, "authorities"),
        identity: values.file(&mut reader, "identity"),
        ..PushConfig::default()
    };
    values.seconds(&mut reader, "connect_seconds", &mut config.connect_timeout);
    values.seconds(&mut reader, "timeout_seconds", &mut config.timeout);
    values.finish(reader);
    config
}

/// `limits`
pub fn limits(mut reader: Reader<'_>, values: &mut Values<'_>) -> HttpLimits {
    let mut limits = HttpLimits::default();
    values.number(&mut reader, "connections", 1..=1_000_000, &mut limits.connections);
    values.number(&mut reader, "connections_per_peer", 1..=1_000_000, &mut limits.connections_per_peer);
    values.seconds(&mut reader, "handshake_seconds", &mut limits.handshake_timeout);
    values.seconds(&mut reader, "header_seconds", &mut limits.header_timeout);
    values.seconds(&mut reader, "body_seconds", &mut limits.body_timeout);
    values.seconds(&mut reader, "idle_seconds", &mut limits.idle_timeout);
    values.number(&mut reader, "gzip_ratio", 2..=1000, &mut limits.gzip_ratio);
    values.finish(reader);
    limits
}
