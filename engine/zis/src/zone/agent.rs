//! What a zone knows of one agent.

use sif::message::{Security, Version, VersionPattern};
use store::Number;

use super::queue::Queue;
use super::record::{AgentRecord, Registration};
use super::types::Moment;
use crate::Mode;

/// An agent: its record, its queue, and how deliveries go.
#[derive(Clone, Debug, Default)]
pub(crate) struct Agent {
    pub record: AgentRecord,
    pub queue: Queue,
    /// The message that is being pushed.
    pub flight: Option<Number>,
    /// Before when nothing is pushed again.
    pub retry_at: Option<Moment>,
    /// Failed deliveries in a row.
    pub failures: u32,
}

impl Agent {
    pub const fn registration(&self) -> Option<&Registration> {
        self.record.registration.as_ref()
    }

    pub fn is_push(&self) -> bool {
        self.registration().is_some_and(|registration| registration.mode == Mode::Push)
    }

    /// What its connections are expected to reach: in pull mode what it registered through, in push mode what its address promises.
    pub fn expected_channel(&self) -> Security {
        match self.registration() {
            Some(registration) if registration.mode == Mode::Pull => {
                Security { authentication: registration.authentication, encryption: registration.encryption }
            }
            Some(registration) => {
                let secure = registration.protocol.as_ref().and_then(|protocol| protocol.url.as_deref());
                if secure.is_some_and(|url| url.starts_with("https:")) {
                    Security { authentication: 3, encryption: 4 }
                } else {
                    Security::default()
                }
            }
            None => Security::default(),
        }
    }

    pub fn takes(&self, version: Version) -> bool {
        self.registration().is_some_and(|registration| matches(&registration.versions, version))
    }

    /// Awake, and nothing holds it back: what SIF_Register and SIF_Wakeup do. Answers whether the record changed.
    pub fn wake(&mut self) -> bool {
        self.retry_at = None;
        self.failures = 0;
        let changed = self.record.sleeping || self.record.blocked.is_some();
        self.record.sleeping = false;
        self.record.blocked = None;
        changed
    }

    /// Takes a message out of its queue; answers whether the record changed, since the message held back the events.
    ///
    /// One that is being pushed stays in flight until that has come to its end: there is only one delivery at a time.
    pub fn settle(&mut self, number: Number) -> bool {
        self.queue.remove(number);
        let thawed = self.record.blocked == Some(number);
        if thawed {
            self.record.blocked = None;
        }
        thawed
    }
}

pub(crate) fn matches(patterns: &[VersionPattern], version: Version) -> bool {
    patterns.iter().any(|pattern| pattern.matches(version))
}
