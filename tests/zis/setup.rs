//! From what a file says of a zone to the zone's configuration.

use std::collections::{BTreeMap, BTreeSet};

use sif::message::Version;
use zis::{AgentConfig, Mode, Right, ZoneConfig, ZoneOptions};

use super::certificates::Certificates;
use super::script::{AgentSetup, Conversation, Options};

/// The configuration of the zone of a conversation.
pub fn zone(name: &str, conversation: &Conversation, certificates: &Certificates) -> Result<ZoneConfig, String> {
    let mut contexts = vec!["SIF_Default".to_owned()];
    contexts.extend(conversation.zone.contexts.iter().cloned());
    let all = ["2.0", "2.0r1", "2.1", "2.2", "2.3", "2.4"].map(str::to_owned).to_vec();
    let versions = conversation.zone.versions.as_ref().unwrap_or(&all);
    let versions: Result<Vec<Version>, String> =
        versions.iter().map(|text| Version::parse(text).ok_or(format!("{text} is no version"))).collect();
    let mut agents = BTreeMap::new();
    for (id, setup) in conversation.agents.iter().filter(|(_, setup)| setup.known != Some(false)) {
        agents.insert(id.clone(), agent(id, setup, &contexts, certificates)?);
    }
    Ok(ZoneConfig {
        name: name.to_owned(),
        versions: versions?,
        agents,
        options: options(&conversation.zone.options),
        contexts,
    })
}

fn agent(
    id: &str,
    setup: &AgentSetup,
    contexts: &[String],
    certificates: &Certificates,
) -> Result<AgentConfig, String> {
    let mode = match setup.mode.as_deref() {
        None => None,
        Some("push") => Some(Mode::Push),
        Some("pull") => Some(Mode::Pull),
        Some(other) => return Err(format!("{id}: {other} is no mode")),
    };
    let elements = setup.elements.iter().flatten();
    Ok(AgentConfig {
        id: id.to_owned(),
        approved: setup.approved.unwrap_or(true),
        mode,
        url: None,
        certificate: if setup.pinned == Some(true) { Some(certificates.trusted.fingerprint.clone()) } else { None },
        rights: rights(setup.rights.as_ref())?,
        services: rights(setup.services.as_ref())?,
        contexts: setup.contexts.clone().unwrap_or_else(|| contexts.to_vec()),
        elements: elements.map(|(object, paths)| (object.clone(), paths.iter().cloned().collect())).collect(),
    })
}

fn rights(words: Option<&BTreeMap<String, Vec<String>>>) -> Result<BTreeMap<String, BTreeSet<Right>>, String> {
    let Some(words) = words else { return Ok(BTreeMap::from([("*".to_owned(), Right::ALL.into_iter().collect())])) };
    let right =
        |word: &String| Right::ALL.into_iter().find(|right| right.word() == word).ok_or(format!("{word} is no right"));
    words
        .iter()
        .map(|(object, words)| Ok((object.clone(), words.iter().map(right).collect::<Result<_, String>>()?)))
        .collect()
}

fn options(set: &Options) -> ZoneOptions {
    let own = ZoneOptions { push_hosts: vec!["127.0.0.1".to_owned()], ..ZoneOptions::default() };
    ZoneOptions {
        min_buffer_size: set.min_buffer_size.unwrap_or(own.min_buffer_size),
        max_message_size: set.max_message_size.unwrap_or(own.max_message_size),
        require_secure: set.require_secure.unwrap_or(own.require_secure),
        min_authentication: set.min_authentication.unwrap_or(own.min_authentication),
        events_must_be_announced: set.events_must_be_announced.unwrap_or(own.events_must_be_announced),
        accept_unknown_agents: set.accept_unknown_agents.unwrap_or(own.accept_unknown_agents),
        directed_events: set.directed_events.unwrap_or(own.directed_events),
        validate: set.validate.unwrap_or(own.validate),
        request_seconds: set.request_seconds.unwrap_or(own.request_seconds),
        duplicate_seconds: set.duplicate_seconds.unwrap_or(own.duplicate_seconds),
        max_attempts: set.max_attempts.unwrap_or(own.max_attempts),
        retry_seconds: set.retry_seconds.unwrap_or(own.retry_seconds),
        max_queue: set.max_queue.unwrap_or(own.max_queue),
        push_hosts: set.push_hosts.clone().unwrap_or(own.push_hosts.clone()),
        ..own
    }
}
