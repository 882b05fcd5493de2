//! SIF_LogEntry: what the zone tells its administrators' agents, as an event of its own.

use sif::message::{Header, MessageKind, MessageWriter};

use super::Zone;
use super::own::Own;
use super::seen::Id;
use super::types::{LogLine, Moment, Step};
use crate::Right;

/// The code of category 4 for a SIF_Response that is not as it was asked for.
pub(crate) const RESPONSE: u8 = 5;

/// The object.
pub(crate) const LOG_ENTRY: &str = "SIF_LogEntry";

/// Whether a header may be repeated: an entry with a header that is not valid would not be valid itself.
fn is_sound(header: &Header) -> bool {
    let security = header.security.unwrap_or_default();
    matches!(Id::new(&header.message_id), Id::Guid(_))
        && (chrono::DateTime::parse_from_rfc3339(&header.timestamp).is_ok()
            || header.timestamp.parse::<chrono::NaiveDateTime>().is_ok())
        && header.source_id.chars().count() <= 64
        && header.destination_id.as_ref().is_none_or(|id| id.chars().count() <= 64)
        && security.authentication <= 3
        && security.encryption <= 4
}

/// The object, with the header of the event that posts it.
fn entry(header: &Header, code: u8, about: &Header, description: &str) -> String {
    let mut writer = MessageWriter::part();
    writer.open_with(LOG_ENTRY, &[("Source", "ZIS"), ("LogLevel", "Error")]);
    writer.open("SIF_LogEntryHeader").header("SIF_Header", header).close();
    if is_sound(about) {
        writer.open("SIF_OriginalHeader").header("SIF_Header", about).close();
    }
    writer.leaf("SIF_Category", "4").leaf("SIF_Code", &code.to_string()).leaf("SIF_Desc", description);
    writer.finish_part()
}

impl Zone {
    /// Posts a log entry of category 4 (error condition) about a message: keeps it in the zone's log, and sends it as an Add event to those that subscribe to SIF_LogEntry
    /// in a context of the message. Those that cannot take it are left out, without another entry.
    pub(crate) fn log_entry(&mut self, code: u8, about: &Header, description: &str, now: Moment, step: &mut Step) {
        step.log.push(LogLine {
            what: "log entry",
            agent: about.source_id.clone(),
            message_id: about.message_id.clone(),
            code: format!("4/{code}"),
        });
        let contexts: Vec<String> = about.contexts_or_default().into_iter().map(str::to_owned).collect();
        let version = self.own_version();
        let mut header = self.header(now);
        header.contexts = contexts;
        let description: String = description.chars().take(1024).collect();
        let entry = entry(&header, code, about, &description);
        self.keep_own_entry(&header, (code, &description), about, entry.clone(), step, now);
        let subscribers = self.subscribers_of(LOG_ENTRY, &header.contexts);
        if subscribers.is_empty() {
            return;
        }
        let mut writer = MessageWriter::new(version, "SIF_Event", &header);
        writer.open("SIF_ObjectData").open_with("SIF_EventObject", &[("ObjectName", LOG_ENTRY), ("Action", "Add")]);
        writer.raw(&entry);
        let own = Own {
            message_id: header.message_id,
            kind: MessageKind::Event,
            version,
            object: Some(LOG_ENTRY.to_owned()),
            document: writer.finish().into(),
            about: None,
        };
        let size = own.document.len() as u64;
        let subscribers: Vec<String> = subscribers
            .into_iter()
            .filter(|agent| {
                self.fits(agent, version, sif::message::Security::default(), size).is_ok() && !self.is_full(agent)
            })
            .collect();
        if subscribers.is_empty() {
            return;
        }
        let parcel = self.keep_own(&own, now, step);
        for agent in subscribers {
            self.enqueue(&agent, &parcel, None, step);
        }
    }

    /// Agents that subscribe to an object in one of the contexts, and may, in the order of their ids.
    pub(crate) fn subscribers_of<C: AsRef<str>>(&self, object: &str, contexts: &[C]) -> Vec<String> {
        let Some(agents) = self.subscribers.get(object) else { return Vec::new() };
        let wants = |id: &&String| {
            let Some(agent) = self.agents.get(id.as_str()) else { return false };
            agent.registration().is_some()
                && contexts.iter().map(AsRef::as_ref).any(|context| {
                    agent.record.provision.has(Right::Subscribe, object, context)
                        && self.may_in(id, Right::Subscribe, object, context)
                })
        };
        agents.iter().filter(wants).cloned().collect()
    }
}
