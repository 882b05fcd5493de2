//! A zone of the configuration.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

use ::provider::ElementRights;
use mapper::Zone;
use problem::{Problem, code};
use rulebook::Files;
use rulebook::yaml::{Node, Reader};
use sif::message::{DEFAULT_CONTEXT, Version};
use zis::{AgentConfig, Mode, Right, ZoneConfig, ZoneOptions};

use super::provider::{self, ProviderSettings, RemoteSettings};
use crate::serve::values::Values;
use crate::zone_file;

/// A zone, and what is done in it.
#[derive(Clone, Debug)]
pub struct ServedZone {
    /// The zone, with the options of its mapping.
    pub zone: Arc<Zone>,
    /// How it is served; none for a zone of somebody else.
    pub config: Option<ZoneConfig>,
    /// Where somebody else serves it.
    pub remote: Option<RemoteSettings>,
    /// The provider of its objects, if it has one of ours.
    pub provider: Option<ProviderSettings>,
    /// The elements that agents may see.
    pub elements: Arc<ElementRights>,
}

/// Versions of envelopes that are taken where nothing else is said: all of SIF 2.
const VERSIONS: [&str; 9] = ["2.0", "2.0r1", "2.1", "2.2", "2.3", "2.4", "2.5", "2.6", "2.7"];

/// Reads a zone and its file.
pub fn read(node: &Node, values: &mut Values<'_>, files: &mut Files) -> Option<ServedZone> {
    let mut reader = Reader::new(node, "a zone", &mut values.problems);
    let file = values.need(&mut reader, "zone");
    let source = reader.text("source", &mut values.problems).and_then(|scalar| {
        let url = values.text_of(scalar)?;
        values.database(scalar, &url);
        Some(url)
    });
    let rulebook = values.text(&mut reader, "rulebook").map_or_else(|| PathBuf::from("."), PathBuf::from);
    let contexts = values.texts(&mut reader, "contexts").unwrap_or_default();
    let versions = versions(&mut reader, values);
    let options = values.part(&mut reader, "options", "`options` of a zone");
    let options = options.map(|part| self::options(part, values)).unwrap_or_default();
    let provider_part = reader.get("provider");
    let remote = values.part(&mut reader, "remote", "`remote`").map(|part| provider::remote(part, values));
    values.finish(reader);
    let provider = match (source, provider_part) {
        (Some(source), part) => provider::read(part, source, rulebook, values),
        (None, Some(part)) => {
            let message = "a provider needs a `source`, and this zone has none";
            values.problems.push(Problem::new(code::BAD_CONFIGURATION, message).at(part.place.clone()));
            None
        }
        (None, None) => None,
    };
    let (file, scalar) = file?;
    let said = match zone_file::read(PathBuf::from(&file).as_path()) {
        Ok(said) => said,
        Err((problems, texts)) => {
            // A file that is not there is told where it is named.
            let unread = texts.is_empty();
            let place = |problem: Problem| if unread { problem.at(scalar.start.clone()) } else { problem };
            values.problems.extend(problems.into_iter().map(place));
            files.extend(texts);
            return None;
        }
    };
    if let Some(provider) = &provider
        && provider.id == said.zone.name
    {
        values.wrong(scalar, format!("the zone and its provider are both called `{}`", provider.id));
    }
    if remote.is_some() && provider.is_none() {
        values.wrong(scalar, "a zone of somebody else needs a `source`: nothing else is done in it");
    }
    let elements = said.agents.iter().filter(|(_, agent)| !agent.elements.is_empty());
    let elements = elements.map(|(id, agent)| (id.clone(), agent.elements.clone())).collect();
    let served = remote.is_none();
    let config = served.then(|| zone_config(&said, contexts, versions, options, provider.as_ref()));
    Some(ServedZone {
        zone: Arc::new(said.zone),
        config,
        remote: remote.flatten(),
        provider,
        elements: Arc::new(elements),
    })
}

fn zone_config(
    said: &zone_file::ZoneFile,
    contexts: Vec<String>,
    versions: Vec<Version>,
    options: ZoneOptions,
    provider: Option<&ProviderSettings>,
) -> ZoneConfig {
    let mut agents = said.agents.clone();
    let of_agents = agents.values().flat_map(|agent| agent.contexts.iter().cloned());
    let contexts: BTreeSet<String> =
        contexts.into_iter().chain(of_agents).chain([DEFAULT_CONTEXT.to_owned()]).collect();
    let contexts: Vec<String> = contexts.into_iter().collect();
    if let Some(provider) = provider {
        // What the file says of it counts; else it may do what a provider does.
        agents.entry(provider.id.clone()).or_insert_with(|| provider_agent(&provider.id, &contexts));
    }
    ZoneConfig { name: said.zone.name.clone(), contexts, versions, agents, options }
}

fn provider_agent(id: &str, contexts: &[String]) -> AgentConfig {
    let rights = Right::ALL.into_iter().filter(|right| !matches!(right, Right::Subscribe | Right::Request));
    AgentConfig {
        id: id.to_owned(),
        approved: true,
        mode: Some(Mode::Pull),
        rights: BTreeMap::from([("*".to_owned(), rights.collect())]),
        contexts: contexts.to_vec(),
        ..AgentConfig::default()
    }
}

fn versions(reader: &mut Reader<'_>, values: &mut Values<'_>) -> Vec<Version> {
    let Some(node) = reader.get("versions") else {
        return VERSIONS.iter().filter_map(|version| Version::parse(version)).collect();
    };
    let mut versions = Vec::new();
    for scalar in node.texts("versions", &mut values.problems) {
        match values.text_of(scalar).and_then(|text| Version::parse(&text)).filter(|version| version.major == 2) {
            Some(version) => versions.push(version),
            None => values.wrong(scalar, format!("`versions` are of SIF 2, such as {}", VERSIONS.join(", "))),
        }
    }
    versions
}

/// Numbers without a sensible end.
const MANY: u64 = 1 << 40;

fn options(mut reader: Reader<'_>, values: &mut Values<'_>) -> ZoneOptions {
    let mut options = ZoneOptions::default();
    let reader_of = &mut reader;
    values.number(reader_of, "min_buffer_size", 0..=MANY, &mut options.min_buffer_size);
    values.number(reader_of, "max_message_size", 1024..=1 << 30, &mut options.max_message_size);
    values.flag(reader_of, "require_secure", &mut options.require_secure);
    values.number(reader_of, "min_authentication", 0..=3, &mut options.min_authentication);
    values.flag(reader_of, "events_must_be_announced", &mut options.events_must_be_announced);
    values.flag(reader_of, "accept_unknown_agents", &mut options.accept_unknown_agents);
    values.flag(reader_of, "directed_events", &mut options.directed_events);
    values.flag(reader_of, "validate", &mut options.validate);
    values.flag(reader_of, "forward_cancel", &mut options.forward_cancel);
    values.number(reader_of, "request_seconds", 1..=MANY, &mut options.request_seconds);
    values.number(reader_of, "duplicate_seconds", 1..=MANY, &mut options.duplicate_seconds);
    values.number(reader_of, "keep_seconds", 1..=MANY, &mut options.keep_seconds);
    values.number(reader_of, "log_entries", 0..=100_000, &mut options.log_entries);
    values.number(reader_of, "log_seconds", 1..=MANY, &mut options.log_seconds);
    values.number(reader_of, "max_attempts", 1..=1_000_000, &mut options.max_attempts);
    values.flag(reader_of, "bury_unreachable", &mut options.bury_unreachable);
    values.number(reader_of, "retry_seconds", 1..=86_400, &mut options.retry_seconds);
    values.number(reader_of, "max_retry_seconds", 1..=86_400, &mut options.max_retry_seconds);
    values.number(reader_of, "max_queue", 1..=MANY, &mut options.max_queue);
    if let Some(hosts) = values.texts(reader_of, "push_hosts") {
        options.push_hosts = hosts;
    }
    if let Some(url) = values.text(reader_of, "administration_url") {
        options.administration_url = Some(url);
    }
    values.finish(reader);
    options
}
