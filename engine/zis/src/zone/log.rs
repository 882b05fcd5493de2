//! The zone's log: what was posted as SIF_LogEntry in it, the zone's own entries and those of agents, for who asks for them.
//!
//! An entry is kept as it was posted but for SIF_LogObjects, whole objects of children that have no place in a log: who subscribes
//! gets them with the event.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use sif::message::{Header, Message, error};
use sif::query::{Path, Query, Question, Request};
use sif::tree::{Element, Tree};
use store::Millis;

use super::Zone;
use super::log_entry::LOG_ENTRY;
use super::own::Content;
use super::record::{LOG, RequestRecord};
use super::types::{LogEntryView, Moment, Step};

/// Longer entries are not kept: one agent would fill the memory of all.
const LONGEST: usize = 16 << 10;

/// Header and frame of a response take less than this.
const FRAME: usize = 1024;

/// What is kept of an entry, in its order.
const KEPT: [&str; 7] = [
    "SIF_LogEntryHeader",
    "SIF_OriginalHeader",
    "SIF_Category",
    "SIF_Code",
    "SIF_ApplicationCode",
    "SIF_Desc",
    "SIF_ExtendedDesc",
];

/// An entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct LogRecord {
    pub at: Millis,
    /// Who posted it: an agent, or the zone.
    pub sender: String,
    /// SIF_MsgId of the event that posted it.
    pub message_id: String,
    /// The contexts that it was posted in.
    pub contexts: Vec<String>,
    /// LogLevel.
    pub level: String,
    /// SIF_Category and SIF_Code, as far as they are there.
    pub code: String,
    /// What the zone says of it. None of an agent's: it may name a child.
    pub description: Option<String>,
    /// Sender and SIF_MsgId of the message that it is about.
    pub about: Option<(String, String)>,
    /// The object, as XML.
    pub xml: String,
}

/// All entries, by their numbers, which ascend.
#[derive(Debug, Default)]
pub(crate) struct Log {
    entries: BTreeMap<i64, LogRecord>,
    by_sender: BTreeMap<String, BTreeSet<i64>>,
}

impl Log {
    /// Adds an entry that is kept.
    pub fn insert(&mut self, number: i64, record: LogRecord) {
        self.by_sender.entry(record.sender.clone()).or_default().insert(number);
        self.entries.insert(number, record);
    }

    fn remove(&mut self, number: i64) {
        let Some(record) = self.entries.remove(&number) else { return };
        if let Some(numbers) = self.by_sender.get_mut(&record.sender) {
            numbers.remove(&number);
        }
        self.by_sender.retain(|_, numbers| !numbers.is_empty());
    }

    /// The number of an entry that is posted now: never one that was given before, also after all entries have gone.
    fn next(&self, now: Moment) -> i64 {
        self.entries.last_key_value().map_or(now.0, |(last, _)| now.0.max(last.saturating_add(1)))
    }

    /// The oldest entry of who has posted the most, so that one that posts much leaves the entries of others alone.
    fn surplus(&self) -> Option<i64> {
        let most = self.by_sender.values().max_by_key(|numbers| numbers.len())?;
        most.first().copied()
    }
}

impl Zone {
    /// Whether the zone answers for SIF_LogEntry in a context: it keeps entries, and no agent provides them.
    pub(crate) fn answers_for_log(&self, context: &str) -> bool {
        self.config.options.log_entries > 0 && self.provider(LOG_ENTRY, context).is_none()
    }

    /// Keeps an entry of the zone's own.
    pub(crate) fn keep_own_entry(
        &mut self,
        header: &Header,
        (code, description): (u8, &str),
        about: &Header,
        xml: String,
        step: &mut Step,
        now: Moment,
    ) {
        let record = LogRecord {
            at: now.0,
            sender: header.source_id.clone(),
            message_id: header.message_id.clone(),
            contexts: header.contexts.clone(),
            level: "Error".to_owned(),
            code: format!("4/{code}"),
            description: Some(description.to_owned()),
            about: Some((about.source_id.clone(), about.message_id.clone())),
            xml,
        };
        self.keep_entry(record, now, step);
    }

    /// Keeps what an agent has posted.
    pub(crate) fn keep_posted_entry(&mut self, message: &Message, entry: Element<'_>, now: Moment, step: &mut Step) {
        let value =
            |path: &str| entry.find(path).next().map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
        let about = |name: &str| value(&format!("SIF_OriginalHeader/SIF_Header/{name}"));
        let code = [value("SIF_Category"), value("SIF_Code")].into_iter().flatten().collect::<Vec<_>>().join("/");
        let record = LogRecord {
            at: now.0,
            sender: message.header.source_id.clone(),
            message_id: message.header.message_id.clone(),
            contexts: message.header.contexts_or_default().into_iter().map(str::to_owned).collect(),
            level: entry.attribute("LogLevel").unwrap_or_default().to_owned(),
            code,
            description: None,
            about: about("SIF_SourceId").zip(about("SIF_MsgId")),
            xml: without_objects(entry),
        };
        self.keep_entry(record, now, step);
    }

    fn keep_entry(&mut self, record: LogRecord, now: Moment, step: &mut Step) {
        let most = usize::try_from(self.config.options.log_entries).unwrap_or(usize::MAX);
        if most == 0 || record.xml.len() > LONGEST {
            return;
        }
        let number = self.log.next(now);
        self.put(LOG, &key(number), &record, step);
        self.log.insert(number, record);
        while self.log.entries.len() > most {
            let Some(surplus) = self.log.surplus() else { break };
            self.drop_entry(surplus, step);
        }
    }

    /// Drops entries that are older than the zone keeps them.
    pub(crate) fn expire_log(&mut self, now: Moment, step: &mut Step) {
        let before = now.before(self.config.options.log_seconds).0;
        let old = self.log.entries.iter().filter(|(_, record)| record.at < before);
        for number in old.map(|(number, _)| *number).collect::<Vec<_>>() {
            self.drop_entry(number, step);
        }
    }

    fn drop_entry(&mut self, number: i64, step: &mut Step) {
        self.log.remove(number);
        self.delete(LOG, &key(number), step);
    }

    /// Answers a request for SIF_LogEntry with the entries of its context, the oldest first, in as few packets as the requester's
    /// buffer allows.
    pub(crate) fn answer_log(
        &mut self,
        message: &Message,
        id: &str,
        mut request: RequestRecord,
        now: Moment,
        step: &mut Step,
    ) {
        let query = match Request::read(message) {
            Ok(Request { question: Question::Query(query), .. }) => query,
            Ok(_) => return self.respond(id, &request, &Content::Error(error::NO_EXTENDED_QUERY, ""), now, step),
            Err(fault) => {
                return self.respond(id, &request, &Content::Error(fault.error, &fault.description), now, step);
            }
        };
        let room = usize::try_from(request.buffer).unwrap_or(usize::MAX).saturating_sub(FRAME);
        let since = now.before(self.config.options.log_seconds).0;
        let here =
            self.log.entries.values().filter(|record| record.at >= since && record.contexts.contains(&request.context));
        let mut packets = vec![String::new()];
        for wanted in here.map(|record| self.select(&query, &record.xml)).filter(|wanted| !wanted.is_empty()) {
            if wanted.len() > room {
                let description = "an entry is larger than the SIF_MaxBufferSize";
                return self.respond(id, &request, &Content::Error(error::RESPONDER_BUFFER, description), now, step);
            }
            match packets.last_mut() {
                Some(packet) if packet.len() + wanted.len() <= room => packet.push_str(&wanted),
                _ => packets.push(wanted),
            }
        }
        let last = packets.len();
        for (at, packet) in packets.iter().enumerate() {
            self.respond_packet(id, &request, &Content::Objects(packet), at + 1 < last, now, step);
            request.next_packet += 1;
        }
    }

    /// Entries of the log, the newest first: those before a number, at most so many.
    #[must_use]
    pub fn log_entries(&self, before: Option<i64>, limit: usize) -> Vec<LogEntryView> {
        let entries = self.log.entries.range(..before.unwrap_or(i64::MAX)).rev().take(limit);
        let view = |(number, record): (&i64, &LogRecord)| {
            let (about_source, about_message_id) = record.about.clone().unzip();
            LogEntryView {
                number: *number,
                at: record.at,
                sender: record.sender.clone(),
                message_id: record.message_id.clone(),
                contexts: record.contexts.clone(),
                level: record.level.clone(),
                code: record.code.clone(),
                description: record.description.clone(),
                about_source,
                about_message_id,
            }
        };
        entries.map(view).collect()
    }
}

/// The key of an entry's record: in the order of the numbers.
fn key(number: i64) -> String {
    format!("{number:019}")
}

/// An entry as XML, without the objects that it is about.
fn without_objects(entry: Element<'_>) -> String {
    let elements = KEPT.iter().filter_map(|name| Path::parse(name).ok()).collect();
    let kept = Query { object: LOG_ENTRY.to_owned(), elements, conditions: None, example: None };
    let mut tree = Tree::new(sif::message::names().clone());
    kept.select(entry, &mut tree);
    let mut out = Vec::new();
    sif::xml::write::write_tree(&tree, &mut out);
    String::from_utf8(out).unwrap_or_default()
}
