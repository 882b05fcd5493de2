//! What came to a subscriber, and what must hold of it.

use std::collections::{HashMap, HashSet};
use std::sync::Mutex;

use agent::{Handled, Handler, Reply};
use sif::message::Message;

/// An event's place among those of its source: they are numbered from 1.
pub type Place = (usize, u64);

/// The object of an event: its RefId tells the place.
pub fn school((source, sequence): Place) -> String {
    format!("<SchoolInfo RefId=\"{source:08X}{sequence:024X}\"><LocalId>{sequence}</LocalId></SchoolInfo>")
}

fn place(message: &Message) -> Place {
    let document = std::str::from_utf8(&message.document).unwrap();
    let (_, rest) = document.split_once("RefId=\"").unwrap();
    let source = usize::from_str_radix(rest.get(..8).unwrap(), 16).unwrap();
    (source, u64::from_str_radix(rest.get(8..32).unwrap(), 16).unwrap())
}

/// One delivery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivered {
    pub place: Place,
    pub message_id: String,
}

/// What was delivered, in order.
#[derive(Default)]
pub struct Inbox(Mutex<Log>);

#[derive(Default)]
struct Log {
    delivered: Vec<Delivered>,
    known: HashSet<Place>,
}

impl Handler for Inbox {
    fn handle<'h>(&'h self, message: &'h Message) -> Handled<'h> {
        let delivered = Delivered { place: place(message), message_id: message.header.message_id.clone() };
        let mut log = self.0.lock().unwrap();
        let is_new = log.known.insert(delivered.place);
        log.delivered.push(delivered);
        Box::pin(async move { if is_new { Reply::Done } else { Reply::Again } })
    }
}

/// What is in an inbox.
pub struct Judged {
    pub first: usize,
    pub again: usize,
    /// Of these, not right after their first delivery: more than one came between a delivery and its repetition.
    pub late: usize,
}

impl Inbox {
    /// How many different events came.
    pub fn distinct(&self) -> usize {
        self.0.lock().unwrap().known.len()
    }

    /// Holds what came against what was sent: the ids of each source's messages, all of which were acknowledged.
    pub fn judge(&self, name: &str, sent: &[Vec<String>]) -> Judged {
        let log = self.0.lock().unwrap();
        let mut last: HashMap<usize, u64> = HashMap::new();
        let mut judged = Judged { first: 0, again: 0, late: 0 };
        for (index, delivered) in log.delivered.iter().enumerate() {
            let (source, sequence) = delivered.place;
            let id =
                usize::try_from(sequence).ok().and_then(|sequence| sent.get(source)?.get(sequence.checked_sub(1)?));
            assert_eq!(id, Some(&delivered.message_id), "{name} was given what was never sent: {delivered:?}");
            let last = last.entry(source).or_default();
            if sequence > *last {
                assert_eq!(sequence, *last + 1, "{name}: source {source} is out of order, or one is lost");
                *last = sequence;
                judged.first += 1;
            } else {
                judged.again += 1;
                judged.late += usize::from(log.delivered.get(index - 1) != Some(delivered));
            }
        }
        for (source, sent) in sent.iter().enumerate() {
            let last = last.get(&source).copied().unwrap_or_default();
            assert_eq!(last, sent.len() as u64, "{name}: acknowledged events of source {source} were lost");
        }
        judged
    }
}
