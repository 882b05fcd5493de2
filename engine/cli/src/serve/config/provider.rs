//! The provider of a zone, and where a zone of somebody else is.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use graph::Date;
use rulebook::yaml::{Node, Reader};
use zis::Mode;
use zis::server::TlsConfig;

use super::server;
use crate::serve::values::Values;

/// A provider's SIF_SourceId where nothing else is said.
const ID: &str = "sifter";
/// How often the source is looked at for events where nothing else is said.
const EVERY: Duration = Duration::from_secs(60);

/// When a source is looked at for events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Looks {
    /// Never.
    Never,
    /// When an administrator asks for it.
    OnDemand,
    /// So often, and when an administrator asks for it.
    Every(Duration),
}

/// How the provider of a zone works.
#[derive(Clone, Debug)]
pub struct ProviderSettings {
    /// Its SIF_SourceId.
    pub id: String,
    /// The source that it reads.
    pub source: Arc<str>,
    /// The folder that holds objects/ and rules/.
    pub rulebook: PathBuf,
    /// The date that counts as today; none: today.
    pub as_of: Option<Date>,
    /// Threads that map for one request.
    pub jobs: usize,
    /// Requests that are answered at the same time.
    pub parallel: usize,
    /// The largest packet, in bytes.
    pub max_buffer: u64,
    /// The most rows of a SIF_ExtendedQuery.
    pub max_rows: usize,
    /// When the source is looked at for events.
    pub looks: Looks,
    /// Whether the first look reports everything that there is as added.
    pub announce: bool,
    /// How many of a hundred instances of an object one look may delete; more waits for a person.
    pub max_deleted_percent: u8,
    /// How often what the zone did not let the provider do is offered to it again.
    pub offer_again: Duration,
    /// Whether the rulebook's folder is watched for changes.
    pub watch: bool,
    /// How many earlier generations of the rulebook are kept to go back to.
    pub keep_generations: usize,
}

/// Where a zone of somebody else is.
#[derive(Clone, Debug)]
pub struct RemoteSettings {
    /// The address that messages are sent to.
    pub url: String,
    /// Whether we ask for messages or are called.
    pub mode: Mode,
    /// Where we listen, and the address that the zone is told, in push mode.
    pub push: Option<(std::net::SocketAddr, String)>,
    /// The authorities of the server's certificate, besides those of the system, as PEM.
    pub authorities: Option<Vec<u8>>,
    /// The certificate and private key that we show, as PEM.
    pub identity: Option<Vec<u8>>,
    /// How we are called over HTTPS, in push mode; none: over HTTP.
    pub tls: Option<TlsConfig>,
    /// How often we ask for messages, in pull mode.
    pub pull_every: Duration,
    /// How often the zone is asked whether it knows the provider, in push mode.
    pub check_every: Duration,
}

/// `provider`: everything in it may be left out.
pub fn read(
    part: Option<&Node>,
    source: String,
    rulebook: PathBuf,
    values: &mut Values<'_>,
) -> Option<ProviderSettings> {
    let mut settings = ProviderSettings {
        id: ID.to_owned(),
        source: Arc::from(source),
        rulebook,
        as_of: None,
        jobs: 2,
        parallel: 2,
        max_buffer: 1 << 20,
        max_rows: 200_000,
        looks: Looks::Every(EVERY),
        announce: false,
        max_deleted_percent: 10,
        offer_again: Duration::from_secs(600),
        watch: true,
        keep_generations: 10,
    };
    let Some(part) = part else {
        return Some(settings);
    };
    let mut reader = Reader::new(part, "`provider`", &mut values.problems);
    if let Some(id) = values.text(&mut reader, "id") {
        settings.id = id;
    }
    if let Some(scalar) = reader.text("as_of", &mut values.problems) {
        settings.as_of = values.text_of(scalar).and_then(|text| text.parse().ok());
        if settings.as_of.is_none() {
            values.wrong(scalar, "`as_of` is a date, such as 2026-02-02");
        }
    }
    values.number(&mut reader, "jobs", 1..=256, &mut settings.jobs);
    values.number(&mut reader, "parallel", 1..=256, &mut settings.parallel);
    values.number(&mut reader, "max_buffer", 4096..=1 << 30, &mut settings.max_buffer);
    values.number(&mut reader, "max_rows", 1..=100_000_000, &mut settings.max_rows);
    settings.looks = looks(&mut reader, values);
    values.flag(&mut reader, "announce", &mut settings.announce);
    values.number(&mut reader, "max_deleted_percent", 0..=100, &mut settings.max_deleted_percent);
    values.seconds(&mut reader, "offer_again_seconds", &mut settings.offer_again);
    values.flag(&mut reader, "watch", &mut settings.watch);
    values.number(&mut reader, "keep_generations", 1..=1000, &mut settings.keep_generations);
    values.finish(reader);
    Some(settings)
}

/// `events` and `events_every_seconds`
fn looks(reader: &mut Reader<'_>, values: &mut Values<'_>) -> Looks {
    let kind = reader.text("events", &mut values.problems);
    let is_said = reader.get("events_every_seconds").is_some();
    let mut every = EVERY.as_secs();
    values.number(reader, "events_every_seconds", 0..=86_400, &mut every);
    let scheduled = if every > 0 { Looks::Every(Duration::from_secs(every)) } else { Looks::Never };
    let Some(kind) = kind else { return scheduled };
    let looks = match kind.text.as_str() {
        "scheduled" if every > 0 => return scheduled,
        "scheduled" => {
            values.wrong(kind, "`events: scheduled` needs `events_every_seconds` of 1 or more");
            return scheduled;
        }
        "on_demand" => Looks::OnDemand,
        "never" => Looks::Never,
        _ => {
            values.wrong(kind, "`events` is scheduled, on_demand or never");
            return scheduled;
        }
    };
    if is_said {
        values.wrong(
            kind,
            format!(
                "with `events: {}` nothing is done every so many seconds: leave `events_every_seconds` out",
                kind.text
            ),
        );
    }
    looks
}

/// `remote`
pub fn remote(mut reader: Reader<'_>, values: &mut Values<'_>) -> Option<RemoteSettings> {
    let url = values.need(&mut reader, "url");
    let mode = reader.text("mode", &mut values.problems);
    let listen = reader.get("listen").is_some().then(|| values.address(&mut reader, "listen"));
    let own_url = reader.text("own_url", &mut values.problems);
    let own_url = own_url.and_then(|scalar| Some((values.text_of(scalar)?, scalar)));
    let authorities = values.file(&mut reader, "authorities");
    let identity = values.file(&mut reader, "identity");
    let tls = values.part(&mut reader, "tls", "`remote.tls`").map(|part| server::tls(part, values));
    let mut pull_every = Duration::from_secs(30);
    values.seconds(&mut reader, "pull_every_seconds", &mut pull_every);
    let mut check_every = Duration::from_secs(60);
    values.seconds(&mut reader, "check_every_seconds", &mut check_every);
    values.finish(reader);
    let mode = match mode {
        Some(scalar) => match scalar.text.as_str() {
            "push" => Mode::Push,
            "pull" => Mode::Pull,
            _ => {
                values.wrong(scalar, "the modes are push and pull");
                return None;
            }
        },
        None => Mode::Pull,
    };
    let (url, scalar) = url?;
    if !url.starts_with("https://") && !url.starts_with("http://") {
        values.wrong(scalar, "the url of a zone starts with https:// or http://");
    }
    if let Some((own_url, scalar)) = &own_url
        && !own_url.starts_with("https://")
        && !own_url.starts_with("http://")
    {
        values.wrong(scalar, "`own_url` starts with https:// or http://");
    }
    let push = listen.flatten().zip(own_url.map(|(own_url, _)| own_url));
    if mode == Mode::Push && push.is_none() {
        values.wrong(scalar, "push mode needs `listen`, where we are called, and `own_url`, which the zone is told");
    }
    Some(RemoteSettings { url, mode, push, authorities, identity, tls: tls.flatten(), pull_every, check_every })
}
