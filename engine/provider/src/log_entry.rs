//! SIF_LogEntry: what people should know of the data behind an answer, as events of the zone. Ids and paths only, never values.

use std::collections::HashSet;
use std::sync::Arc;

use agent::{Action, Agent, Event};
use problem::{Code, Problem, Severity, code};
use sif::RefId;
use sif::message::Header;
use sif::tree::{Names, Tree};
use uuid::Uuid;

use crate::request::produce::text;
use crate::request::question::Refused;

/// The object's name.
pub(crate) const LOG_ENTRY: &str = "SIF_LogEntry";

/// What is told: the parts of a SIF_LogEntry.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Entry {
    /// SIF_Category: 2 data issues and success, 3 data issues and failure, 4 an error.
    pub category: u8,
    /// SIF_Code within the category.
    pub code: u8,
    /// SIF_ApplicationCode: the problem's own code.
    pub application: Option<&'static str>,
    /// SIF_Desc.
    pub description: String,
    /// SIF_ExtendedDesc: where it is.
    pub extended: Option<String>,
}

impl Entry {
    /// What a problem of the data means to the zone; none for what needs no attention.
    pub(crate) fn of(problem: &Problem) -> Option<Self> {
        let (category, code) = match problem.severity {
            Severity::Info => return None,
            // The instance is sent, with something changed or left out.
            Severity::Warning => (2, 1),
            Severity::Error => {
                let is_one_of = |codes: &[Code]| codes.contains(&problem.code);
                if is_one_of(&[code::REJECTED, code::NO_KEY]) {
                    (3, 1)
                } else if is_one_of(&[code::KEY_TWICE, code::DUPLICATE_KEY]) {
                    (3, 2)
                } else if is_one_of(&[code::DANGLING]) {
                    (3, 3)
                } else {
                    (2, 1)
                }
            }
        };
        Some(Self {
            category,
            code,
            application: Some(problem.code.name()),
            description: problem.message.clone(),
            extended: place(problem),
        })
    }

    const fn level(&self) -> &'static str {
        if self.category == 2 { "Warning" } else { "Error" }
    }

    /// The element.
    pub(crate) fn write(&self, header: &Header, original: Option<&Header>) -> String {
        let mut writer = TreeWriter { tree: Tree::new(Arc::new(Names::new())) };
        writer.open(LOG_ENTRY);
        writer.attribute("Source", "Agent");
        writer.attribute("LogLevel", self.level());
        writer.open("SIF_LogEntryHeader");
        writer.header(header);
        writer.close();
        if let Some(original) = original {
            writer.open("SIF_OriginalHeader");
            writer.header(original);
            writer.close();
        }
        writer.leaf("SIF_Category", &self.category.to_string());
        writer.leaf("SIF_Code", &self.code.to_string());
        if let Some(application) = self.application {
            writer.leaf("SIF_ApplicationCode", application);
        }
        writer.leaf("SIF_Desc", &self.description.chars().take(1024).collect::<String>());
        if let Some(extended) = &self.extended {
            writer.leaf("SIF_ExtendedDesc", extended);
        }
        writer.close();
        let mut xml = Vec::new();
        sif::xml::write::write_tree(&writer.tree, &mut xml);
        text(xml)
    }
}

/// Where a problem is: object, key, path, rule, table, row and column.
fn place(problem: &Problem) -> Option<String> {
    let subject = &problem.subject;
    let parts = [
        ("object", subject.object.as_deref()),
        ("key", subject.key.as_deref()),
        ("path", subject.path.as_deref()),
        ("rule", subject.rule.as_deref()),
        ("table", subject.table.as_deref()),
        ("row", subject.row.as_deref()),
        ("column", subject.column.as_deref()),
    ];
    let parts: Vec<String> =
        parts.iter().filter_map(|(name, value)| value.map(|value| format!("{name} {value}"))).collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

struct TreeWriter {
    tree: Tree,
}

impl TreeWriter {
    fn open(&mut self, name: &str) {
        let name = self.tree.intern(name);
        self.tree.open(name);
    }

    fn close(&mut self) {
        self.tree.close();
    }

    fn attribute(&mut self, name: &str, value: &str) {
        let name = self.tree.intern(name);
        self.tree.attribute(name, value);
    }

    fn leaf(&mut self, name: &str, value: &str) {
        let name = self.tree.intern(name);
        self.tree.leaf(name, value);
    }

    fn header(&mut self, header: &Header) {
        self.open("SIF_Header");
        self.leaf("SIF_MsgId", &header.message_id);
        self.leaf("SIF_Timestamp", &header.timestamp);
        self.leaf("SIF_SourceId", &header.source_id);
        if let Some(destination) = &header.destination_id {
            self.leaf("SIF_DestinationId", destination);
        }
        if !header.contexts.is_empty() {
            self.open("SIF_Contexts");
            header.contexts.iter().for_each(|context| self.leaf("SIF_Context", context));
            self.close();
        }
        self.close();
    }
}

/// Posts the log entries about one request, each once, and not more than some.
pub(crate) struct Journal {
    agent: Agent,
    request: Header,
    left: usize,
    told: HashSet<String>,
}

impl Journal {
    pub(crate) fn new(agent: Agent, request: &Header, most: usize) -> Self {
        Self { agent, request: request.clone(), left: most, told: HashSet::new() }
    }

    /// Tells of problems of the data.
    pub(crate) async fn problems(&mut self, problems: &[Problem]) {
        for problem in problems {
            if self.left == 0 {
                return;
            }
            if let Some(entry) = Entry::of(problem) {
                self.post(&entry).await;
            }
        }
    }

    /// Tells that the source could not be read.
    pub(crate) async fn failed(&mut self, problems: &[Problem]) {
        self.left = self.left.max(1);
        let first = problems.first();
        let entry = Entry {
            category: 4,
            code: 1,
            application: first.map(|problem| problem.code.name()),
            description: "a request could not be answered: the source could not be read".to_owned(),
            extended: first.and_then(place),
        };
        self.post(&entry).await;
    }

    /// Tells of a request that could not be answered though nothing is wrong with it.
    pub(crate) async fn refused(&mut self, refused: &Refused) {
        self.left = self.left.max(1);
        let description = format!("a request could not be answered: {}", refused.description);
        let entry = Entry { category: 4, code: 1, application: None, description, extended: None };
        self.post(&entry).await;
    }

    async fn post(&mut self, entry: &Entry) {
        // The same words about the same request are one entry, also after a restart.
        let request = &self.request.message_id;
        let name = format!("sifter:log:{request}:{entry:?}");
        let id = RefId::from_uuid(Uuid::new_v5(&Uuid::NAMESPACE_URL, name.as_bytes())).to_string();
        if !self.told.insert(id.clone()) {
            return;
        }
        self.left = self.left.saturating_sub(1);
        let header = self.agent.header(Some(&id));
        let xml = entry.write(&header, Some(&self.request));
        let event = Event { message_id: Some(id.clone()), ..Event::new(LOG_ENTRY, Action::Add, xml) };
        let answer = self.agent.send(event.write(self.agent.version(), &header), &id).await;
        if let Err(fault) = answer.and_then(agent::Answer::accepted) {
            // The answer itself matters more.
            tracing::warn!(request = %request, %fault, "a log entry was not taken");
            self.left = 0;
        }
    }
}
