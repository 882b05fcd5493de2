//! Sends what waits in the outbox, in order. What the zone refuses for want of a right is laid aside in the outbox, with what would come
//! behind it about the same instance; what it finds wrong goes out of it, and the instance counts as not published as it is.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::time::Duration;

use agent::Action;
use store::StoreFault;

use super::fault::EventFault;
use super::outbox::{NotTaken, OutgoingEvent, Outlet, Waiting};
use super::publisher::Publisher;
use super::refusal::{Refusal, noted};
use super::shelf::{Entry, OUTBOX, OUTBOX_TEXT};

/// How many events are taken out of the outbox together.
const AT_ONCE: usize = 64;

/// What came of sending what waited.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sent {
    /// How many events the zone has taken.
    pub taken: usize,
    /// Those that it will never take: SIF_MsgId and why.
    pub refused: Vec<(String, String)>,
    /// How many it does not take now, while it takes others; they stay in the outbox.
    pub laid_aside: u64,
    /// How long it took.
    pub time: Duration,
}

/// An object and an action.
type Sort = (String, String);

/// What is laid aside in one go through the outbox.
#[derive(Default)]
struct Aside {
    /// What the zone takes no events of, and why. One event of each is tried in every go.
    barred: BTreeMap<Sort, String>,
    /// The instances, by object and key, of which one waits: what is behind it would come in the wrong order.
    instances: HashMap<Sort, String>,
    /// How many events, by object, action and reason.
    counts: BTreeMap<(String, String, String), u64>,
}

impl Aside {
    /// Why an event cannot be sent, if something before it says so.
    fn why(&self, event: &Waiting) -> Option<&String> {
        let instance = (event.object.clone(), event.key.clone());
        self.instances.get(&instance).or_else(|| self.barred.get(&(event.object.clone(), event.action.clone())))
    }

    fn add(&mut self, event: &Waiting, why: String) {
        self.instances.insert((event.object.clone(), event.key.clone()), why.clone());
        self.count(event, why);
    }

    fn count(&mut self, event: &Waiting, why: String) {
        *self.counts.entry((event.object.clone(), event.action.clone(), why)).or_default() += 1;
    }
}

/// Sends all that waits, in order.
pub(super) fn send(publisher: &mut Publisher, outlet: &mut dyn Outlet) -> Result<Sent, EventFault> {
    let begun = std::time::Instant::now();
    let mut sent = Sent::default();
    let mut aside = Aside::default();
    let mut done = Vec::new();
    let waiting = waiting(publisher)?;
    let mut overtaken = overtaken(&waiting);
    for (at, (key, event)) in waiting.iter().enumerate() {
        let behind = waiting.get(at + 1..).unwrap_or_default();
        if !overtaken.contains(key) {
            if let Some(why) = aside.why(event).cloned() {
                aside.add(event, why);
                continue;
            }
            let comes_back = || behind.iter().any(|(_, later)| later.is_same_instance(event));
            if let Some(why) = publisher.wrong_deletes.get(&event.message_id).cloned()
                && !comes_back()
            {
                aside.count(event, why);
                continue;
            }
            let outgoing = outgoing(publisher, key, event)?;
            match outlet.publish(outgoing) {
                Ok(()) => sent.taken += 1,
                Err(NotTaken::Later(why)) => {
                    publisher.book.shelf.write(done)?;
                    return Err(EventFault::Zone(why));
                }
                Err(NotTaken::Barred(why)) => {
                    let sort = (event.object.clone(), event.action.clone());
                    if !publisher.barred.contains_key(&sort) {
                        say(publisher, event, &why, "the zone takes no such event: all like it wait, others are sent");
                    }
                    aside.barred.insert(sort, why.clone());
                    aside.add(event, why);
                    continue;
                }
                Err(NotTaken::Never(why)) => {
                    say(publisher, event, &why, "the zone finds an event wrong");
                    let is_delete = event.action == Action::Delete.name();
                    if is_delete && !comes_back() {
                        // What subscribers still have must go once: it is tried again by the next generation or after a start.
                        publisher.wrong_deletes.insert(event.message_id.clone(), why.clone());
                        aside.count(event, why);
                        continue;
                    }
                    let gone =
                        drop_wrong(publisher, (key, event), behind, &overtaken, &why, std::mem::take(&mut done))?;
                    sent.refused.push((event.message_id.clone(), why));
                    overtaken.extend(gone);
                    continue;
                }
            }
        }
        done.extend(taken_out(key));
        if done.len() >= 2 * AT_ONCE {
            publisher.book.shelf.write(std::mem::take(&mut done))?;
        }
    }
    if !done.is_empty() {
        publisher.book.shelf.write(done)?;
    }
    for (object, action) in publisher.barred.keys().filter(|sort| !aside.barred.contains_key(*sort)) {
        tracing::info!(
            zone = publisher.settings.zone.name,
            object,
            action,
            "the zone takes such events again, or none waits"
        );
    }
    sent.laid_aside = aside.counts.values().sum();
    publisher.barred = aside.barred;
    let refusal = |((object, action, why), events)| Refusal { object, action, why, events, waits: true };
    publisher.laid_aside = aside.counts.into_iter().map(refusal).collect();
    sent.time = begun.elapsed();
    Ok(sent)
}

/// Says in the log what the zone does not take, by its ids.
fn say(publisher: &Publisher, event: &Waiting, why: &str, what: &str) {
    let zone = &*publisher.settings.zone.name;
    let Waiting { object, action, message_id, .. } = event;
    tracing::error!(zone, message_id, object, action, why, "{what}");
}

/// Takes an event that the zone finds wrong out of the outbox, with what waits behind it about the same instance, and notes what that
/// means; `done` is written with it. Gives the keys of what is taken out.
fn drop_wrong(
    publisher: &mut Publisher,
    (key, event): (&String, &Waiting),
    behind: &[(String, Waiting)],
    overtaken: &HashSet<String>,
    why: &str,
    done: Vec<Entry>,
) -> Result<Vec<String>, StoreFault> {
    let delete = Action::Delete.name();
    let mut gone = vec![key.clone()];
    if event.action != delete {
        let is_sent_later = |(key, later): &&(String, Waiting)| {
            !overtaken.contains(key) && later.is_same_instance(event) && later.action != delete
        };
        gone.extend(behind.iter().filter(is_sent_later).map(|(key, _)| key.clone()));
        let texts = gone.iter().map(|key| outgoing_text(publisher, key)).collect::<Result<Vec<_>, _>>()?;
        publisher.forget(event, &texts, gone.len() > 1)?;
    }
    let mut entries = done;
    entries.extend(gone.iter().flat_map(|key| taken_out(key)));
    entries.push(noted(&*publisher.book.shelf, event, why)?);
    publisher.book.write(entries)?;
    Ok(gone)
}

/// What waits, in the order in which it is sent.
fn waiting(publisher: &Publisher) -> Result<Vec<(String, Waiting)>, StoreFault> {
    let mut records = publisher.book.shelf.list(OUTBOX)?;
    records.sort_by(|a, b| a.key.cmp(&b.key));
    let damaged = |_| StoreFault::Damaged("an event that waits makes no sense".to_owned());
    let event =
        |record: store::Record| serde_json::from_str(&record.value).map(|event| (record.key, event)).map_err(damaged);
    records.into_iter().map(event).collect()
}

fn outgoing_text(publisher: &Publisher, key: &str) -> Result<String, StoreFault> {
    let text = publisher.book.shelf.get(OUTBOX_TEXT, key)?;
    text.ok_or_else(|| StoreFault::Damaged("an event that waits has no element".to_owned()))
}

fn outgoing(publisher: &Publisher, key: &str, event: &Waiting) -> Result<OutgoingEvent, StoreFault> {
    let xml = outgoing_text(publisher, key)?;
    let action = Action::from_name(&event.action)
        .ok_or_else(|| StoreFault::Damaged("an event that waits has no action".to_owned()))?;
    let Waiting { object, message_id, .. } = event.clone();
    Ok(OutgoingEvent { object, action, xml, message_id })
}

/// An event leaves the outbox.
fn taken_out(key: &str) -> [Entry; 2] {
    [Entry::Delete(OUTBOX_TEXT, key.to_owned()), Entry::Delete(OUTBOX, key.to_owned())]
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
