//! Events on their way to the zone: written together with what is then known as published, and taken away when the zone has them.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use agent::{Action, Agent, AgentFault, Event};
use serde::{Deserialize, Serialize};
use store::StoreFault;
use tokio::runtime::Handle;

use super::fault::EventFault;
use super::shelf::{Entry, OUTBOX, OUTBOX_TEXT, Shelf};

/// How many events are taken out of the outbox together.
const AT_ONCE: usize = 64;

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
    fn instance(&self) -> (&str, &str, &str) {
        (&self.object, &self.owner, &self.key)
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
    /// It may take it later: it is asleep, cannot be reached, or the agent lacks a right.
    Later(String),
    /// It will never take this event.
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
            // The zone says that this very message is wrong; another time it says so again.
            AgentFault::Refused { code, .. } if code.category == 1 || code.category == 9 => {
                NotTaken::Never(format!("error {code}"))
            }
            AgentFault::Refused { code, .. } => NotTaken::Later(format!("error {code}")),
            other => NotTaken::Later(other.to_string()),
        })
    }
}

/// What came of sending what waited.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sent {
    /// How many events the zone has taken.
    pub taken: usize,
    /// Those that it will never take: SIF_MsgId and why.
    pub refused: Vec<(String, String)>,
    /// How long it took.
    pub time: Duration,
}

/// Sends all that waits, in order.
pub(super) fn send(shelf: &dyn Shelf, outlet: &mut dyn Outlet) -> Result<Sent, EventFault> {
    let begun = std::time::Instant::now();
    let mut sent = Sent::default();
    let mut done = Vec::new();
    let mut waiting = Vec::new();
    let mut records = shelf.list(OUTBOX)?;
    records.sort_by(|a, b| a.key.cmp(&b.key));
    for record in records {
        let event: Waiting = serde_json::from_str(&record.value)
            .map_err(|_| StoreFault::Damaged("an event that waits makes no sense".to_owned()))?;
        waiting.push((record.key, event));
    }
    let overtaken = overtaken(&waiting);
    for (key, event) in waiting {
        if !overtaken.contains(&key) {
            let text = shelf.get(OUTBOX_TEXT, &key)?;
            let xml = text.ok_or_else(|| StoreFault::Damaged("an event that waits has no element".to_owned()))?;
            let action = Action::from_name(&event.action)
                .ok_or_else(|| StoreFault::Damaged("an event that waits has no action".to_owned()))?;
            let Waiting { object, message_id, .. } = event;
            let outgoing = OutgoingEvent { object, action, xml, message_id: message_id.clone() };
            match outlet.publish(outgoing) {
                Ok(()) => sent.taken += 1,
                Err(NotTaken::Never(why)) => {
                    tracing::error!(message_id, why, "the zone refuses an event");
                    sent.refused.push((message_id, why));
                }
                Err(NotTaken::Later(why)) => {
                    shelf.write(done)?;
                    return Err(EventFault::Zone(why));
                }
            }
        }
        done.push(Entry::Delete(OUTBOX_TEXT, key.clone()));
        done.push(Entry::Delete(OUTBOX, key));
        if done.len() >= 2 * AT_ONCE {
            shelf.write(std::mem::take(&mut done))?;
        }
    }
    if !done.is_empty() {
        shelf.write(done)?;
    }
    sent.time = begun.elapsed();
    Ok(sent)
}

/// What need not be sent: a comparison that was not finished has found an instance of an owner new or changed, and a later one found
/// that the owner does not have it any more.
fn overtaken(waiting: &[(String, Waiting)]) -> HashSet<String> {
    let mut overtaken = HashSet::new();
    let mut gone: HashMap<(&str, &str, &str), (&str, u64)> = HashMap::new();
    for (key, event) in waiting {
        if event.action == Action::Delete.name() {
            let latest = gone.entry(event.instance()).or_insert((key, event.comparison));
            if event.comparison >= latest.1 {
                *latest = (key, event.comparison);
            }
        }
    }
    for (key, event) in waiting {
        if event.action != Action::Delete.name()
            && let Some((delete, comparison)) = gone.get(&event.instance())
            && event.comparison < *comparison
        {
            overtaken.insert(key.clone());
            if event.action == Action::Add.name() {
                // The zone never heard of it.
                overtaken.insert((*delete).to_owned());
            }
        }
    }
    overtaken
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Which of these events are sent: action, owner, and the comparison that found it.
    fn sent(events: &[(Action, &str, u64)]) -> Vec<(Action, String)> {
        let waiting: Vec<(String, Waiting)> = events
            .iter()
            .enumerate()
            .map(|(at, (action, owner, comparison))| {
                let waiting = Waiting {
                    object: "StudentSchoolEnrollment".to_owned(),
                    action: action.name().to_owned(),
                    owner: (*owner).to_owned(),
                    key: "A".repeat(32),
                    message_id: at.to_string(),
                    comparison: *comparison,
                };
                (at.to_string(), waiting)
            })
            .collect();
        let overtaken = overtaken(&waiting);
        let is_sent = |at: &usize| !overtaken.contains(&at.to_string());
        (0..events.len()).filter(is_sent).map(|at| (events[at].0, events[at].1.to_owned())).collect()
    }

    #[test]
    fn what_came_and_went_before_anybody_heard_of_it_is_not_sent() {
        assert_eq!(sent(&[(Action::Delete, "student/1", 2), (Action::Add, "student/1", 1)]), []);
        let gone = (Action::Delete, "student/1".to_owned());
        assert_eq!(sent(&[(Action::Delete, "student/1", 2), (Action::Change, "student/1", 1)]), [gone]);
    }

    #[test]
    fn what_moved_between_two_owners_while_a_comparison_was_cut_goes_and_comes() {
        let moved = [(Action::Delete, "student/2", 2), (Action::Add, "student/1", 1)];
        assert_eq!(sent(&moved), moved.map(|(action, owner, _)| (action, owner.to_owned())));
    }
}
