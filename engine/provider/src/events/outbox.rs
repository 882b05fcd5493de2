//! Events that wait for the zone, and how they are taken to it.

use agent::{Action, Agent, AgentFault, Event};
use serde::{Deserialize, Serialize};
use sif::message::{ErrorCode, error};
use tokio::runtime::Handle;

/// An event that waits, without its element.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Waiting {
    pub object: String,
    pub action: String,
    /// Whose instance it is: one that moves is taken away from one owner and comes to another.
    pub owner: String,
    /// The key of the instance.
    pub key: String,
    /// SIF_MsgId.
    pub message_id: String,
    /// Which comparison found it.
    pub comparison: u64,
}

impl Waiting {
    /// The instance, as its owner has it.
    pub(super) fn instance(&self) -> (&str, &str, &str) {
        (&self.object, &self.owner, &self.key)
    }

    /// Whether another is about the same instance, as the zone has it: whoever owns it.
    pub(super) fn is_same_instance(&self, other: &Self) -> bool {
        (&self.object, &self.key) == (&other.object, &other.key)
    }
}

/// An event for the zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutgoingEvent {
    /// The name of the object.
    pub object: String,
    /// What happened.
    pub action: Action,
    /// The object's element.
    pub xml: String,
    /// SIF_MsgId: the same whenever this event is sent again.
    pub message_id: String,
}

/// Why the zone did not take an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotTaken {
    /// It takes no event now: it is asleep, cannot be reached, or does not know the agent.
    Later(String),
    /// It takes no such event: the agent lacks a right, or the zone does not know the object. It may take others, and this one later.
    Barred(String),
    /// It will never take this event as it is: it finds it wrong.
    Never(String),
}

/// Takes events to a zone. Its function blocks.
pub trait Outlet {
    /// Gives an event to the zone, and waits until it has acknowledged it. One that it has already is taken.
    ///
    /// # Errors
    /// Why the zone did not take it.
    fn publish(&mut self, event: OutgoingEvent) -> Result<(), NotTaken>;
}

/// Takes events to a zone through an agent. Must not be used in a thread that drives the runtime.
pub struct AgentOutlet {
    agent: Agent,
    contexts: Vec<String>,
    runtime: Handle,
}

impl AgentOutlet {
    /// Through this agent, into these contexts (none means SIF_Default).
    #[must_use]
    pub const fn new(agent: Agent, contexts: Vec<String>, runtime: Handle) -> Self {
        Self { agent, contexts, runtime }
    }
}

impl Outlet for AgentOutlet {
    fn publish(&mut self, event: OutgoingEvent) -> Result<(), NotTaken> {
        let OutgoingEvent { object, action, xml, message_id } = event;
        let contexts = self.contexts.clone();
        let event = Event { contexts, message_id: Some(message_id), ..Event::new(object, action, xml) };
        let fault = match self.runtime.block_on(self.agent.publish(&event)).and_then(agent::Answer::accepted) {
            Ok(_) => return Ok(()),
            Err(fault) => fault,
        };
        Err(match &fault {
            AgentFault::Refused { code, .. } => refused(*code),
            other => NotTaken::Later(other.to_string()),
        })
    }
}

/// What an error says of an event and of others.
fn refused(code: ErrorCode) -> NotTaken {
    let why = format!("error {code}");
    match code.category {
        // The zone says that this very message is wrong; another time it says so again.
        1 | 9 => NotTaken::Never(why),
        // Encryption, certificates, registration, transport, a fault of the zone, a block: nothing about this event.
        0 | 2 | 3 | 5 | 10 | 11 | 13 => NotTaken::Later(why),
        // The agent has to be approved, or to join anew.
        4 if [error::NOT_REGISTERED, error::MAY_NOT_REGISTER].contains(&code) => NotTaken::Later(why),
        // A right, an object or a context, as far as the zone says; what is meant of all events bars each object in its turn.
        _ => NotTaken::Barred(why),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_bars_an_object_holds_up_everything_or_ends_one_event() {
        let of = |category, code| refused(ErrorCode::new(category, code));
        for (category, code) in [(4, 1), (4, 7), (4, 10), (4, 11), (4, 12), (6, 3), (8, 3), (12, 4)] {
            assert!(matches!(of(category, code), NotTaken::Barred(_)), "{category}/{code}");
        }
        for (category, code) in [(4, 9), (4, 2), (3, 4), (5, 1), (10, 4), (11, 1), (13, 1)] {
            assert!(matches!(of(category, code), NotTaken::Later(_)), "{category}/{code}");
        }
        for (category, code) in [(1, 3), (1, 4), (9, 1), (9, 3)] {
            assert!(matches!(of(category, code), NotTaken::Never(_)), "{category}/{code}");
        }
    }
}
