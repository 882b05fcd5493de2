//! What is wished of a zone's events, and known of them: its thread and the administrators' desk look at the same board.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use provider::events::{HeldBack, Refusal, Report};
use serde_json::{Value, json};
use store::{Millis, Store, StoreFault};
use zis::{EventsFound, EventsLook, EventsNumbers, EventsRefused, EventsView, HeldDeletions, HeldObject};

/// The space of records about looks, which say after a start what was before it.
pub const SPACE: store::Space = "event_looks";
/// The key of the record about the last look.
pub const LAST: &str = "last";

/// The board of a zone. Copies are the same.
#[derive(Clone)]
pub struct Board(Arc<Shared>);

struct Shared {
    state: Mutex<State>,
    /// Told when something is wished.
    wished: Condvar,
}

#[derive(Default)]
struct State {
    is_stopped: bool,
    /// The number of the last look that began.
    number: u64,
    /// What was asked for since then.
    asked: Option<Asked>,
    /// The number of the look that answers somebody, while it goes on.
    answering: Option<u64>,
    view: EventsView,
    numbers: EventsNumbers,
}

#[derive(Clone, Copy)]
struct Asked {
    number: u64,
    everything: bool,
}

/// What a zone's thread is to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// To end.
    Stop,
    /// To look, since somebody has asked.
    Asked,
    /// Nothing was wished for as long as it was to wait.
    Rested,
}

/// A look that has begun.
#[derive(Clone, Copy, Debug)]
pub struct Begun {
    pub number: u64,
    pub at: Millis,
    /// Whether everything is to be compared.
    pub everything: bool,
}

/// How a look ended.
pub struct Ended {
    pub begun: Begun,
    pub at: Millis,
    /// The hash of the generation that it mapped by.
    pub generation: String,
    pub as_of: String,
    /// What it found, if it was not ended by a fault.
    pub report: Option<Report>,
    /// What it held back.
    pub held_back: Option<HeldBack>,
    pub sent: u64,
    pub fault: Option<String>,
    /// How many events wait now, if that is known.
    pub waiting: Option<u64>,
}

impl Board {
    /// The board of a zone whose source is looked at so often; with what the store says of the look before the start.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub async fn open(zone: &str, every: Option<Duration>, store: &Store) -> Result<Self, StoreFault> {
        let kept = store.record(zone, SPACE, LAST).await?;
        // What another version has kept and this one cannot read is forgotten: the next look tells it again.
        let kept: Value = kept.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default();
        let part = |name: &str| kept.get(name).cloned().unwrap_or_default();
        let last: Option<EventsLook> = serde_json::from_value(part("look")).ok();
        let view = EventsView {
            every_seconds: every.map(|every| every.as_secs()),
            held_back: serde_json::from_value(part("held_back")).ok(),
            ..EventsView::default()
        };
        let number = last.as_ref().map_or(0, |look| look.number);
        let numbers =
            EventsNumbers { zone: zone.to_owned(), held_deletions: deletions(&view), ..EventsNumbers::default() };
        let state = State { number, view: EventsView { last, ..view }, numbers, ..State::default() };
        Ok(Self(Arc::new(Shared { state: Mutex::new(state), wished: Condvar::new() })))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ends the thread as soon as it is between two looks.
    pub fn stop(&self) {
        self.lock().is_stopped = true;
        self.0.wished.notify_all();
    }

    /// Asks for a look that begins after this. Gives its number.
    pub fn ask(&self, everything: bool) -> u64 {
        let mut state = self.lock();
        let number = state.number + 1;
        let everything = everything || state.asked.is_some_and(|asked| asked.everything);
        state.asked = Some(Asked { number, everything });
        self.0.wished.notify_all();
        number
    }

    /// Asks for a look by which what was held back is found again. Gives its number.
    pub fn ask_again(&self) -> u64 {
        let everything = self.looked_at_everything();
        self.ask(everything)
    }

    /// Whether the last look was to compare everything.
    pub fn looked_at_everything(&self) -> bool {
        self.lock().view.last.as_ref().is_some_and(|last| last.everything)
    }

    /// Waits until something is wished, or this time is over.
    pub fn wait(&self, rest: Duration) -> Turn {
        let is_nothing = |state: &mut State| !state.is_stopped && state.asked.is_none();
        let waited = self.0.wished.wait_timeout_while(self.lock(), rest, is_nothing);
        let (state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        match (state.is_stopped, state.asked) {
            (true, _) => Turn::Stop,
            (_, Some(_)) => Turn::Asked,
            _ => Turn::Rested,
        }
    }

    /// A look begins, which answers all who have asked; `everything`: also if they did not ask for that.
    pub fn begin(&self, everything: bool, at: Millis) -> Begun {
        let mut state = self.lock();
        state.number += 1;
        let asked = state.asked.take();
        state.answering = asked.map(|asked| asked.number);
        state.view.looking_since = Some(at);
        let everything = everything || asked.is_some_and(|asked| asked.everything);
        Begun { number: state.number, at, everything }
    }

    /// So many events wait now.
    pub fn waits(&self, events: u64) {
        let mut state = self.lock();
        state.view.waiting = Some(events);
        state.numbers.waiting = events;
    }

    /// The zone has taken an event.
    pub fn sent(&self) {
        let left = self.lock().view.waiting.map(|waiting| waiting.saturating_sub(1));
        if let Some(left) = left {
            self.waits(left);
        }
    }

    /// The zone does not take these.
    pub fn refused(&self, refusals: Vec<Refusal>) {
        let count =
            |waits| refusals.iter().filter(|refusal| refusal.waits == waits).map(|refusal| refusal.events).sum();
        let (laid_aside, found_wrong) = (count(true), count(false));
        let shown = |Refusal { object, action, why: reason, events, waits }| EventsRefused {
            object,
            action,
            reason,
            events,
            waits,
        };
        let mut state = self.lock();
        state.numbers.laid_aside = laid_aside;
        state.numbers.found_wrong = found_wrong;
        state.view.refused = refusals.into_iter().map(shown).collect();
    }

    /// A look has ended. Gives the text of the record about it.
    pub fn end(&self, ended: Ended) -> String {
        let Ended { begun, at, generation, as_of, report, held_back, sent, fault, waiting } = ended;
        let mut state = self.lock();
        let State { answering, view, numbers, .. } = &mut *state;
        let counter = match (&held_back, &report) {
            (Some(_), _) => &mut numbers.held_back,
            (None, Some(_)) if fault.is_none() => &mut numbers.looks,
            _ => &mut numbers.failed,
        };
        *counter += 1;
        if let Some(report) = &report {
            numbers.added += report.added;
            numbers.changed += report.changed;
            numbers.deleted += report.deleted;
        }
        // Where the source or the store failed it is not known whether what was held back is so still.
        if report.is_some() || held_back.is_some() {
            view.held_back = held_back.map(shown);
        }
        numbers.held_deletions = deletions(view);
        let millis = u32::try_from(at.saturating_sub(begun.at).max(0)).unwrap_or(u32::MAX);
        numbers.last_seconds = Some(f64::from(millis) / 1000.0);
        let look = EventsLook {
            number: begun.number,
            began: begun.at,
            ended: at,
            everything: begun.everything,
            generation,
            as_of,
            found: report.map(|report| found(&report)).unwrap_or_default(),
            sent,
            fault,
        };
        let kept = json!({ "look": &look, "held_back": &view.held_back }).to_string();
        view.last = Some(look);
        view.looking_since = None;
        *answering = None;
        drop(state);
        if let Some(waiting) = waiting {
            self.waits(waiting);
        }
        kept
    }

    /// What is known.
    pub fn view(&self) -> EventsView {
        let state = self.lock();
        let asked = state.asked.map(|asked| asked.number).or(state.answering);
        EventsView { asked, ..state.view.clone() }
    }

    /// What is held back under a token.
    pub fn held_back(&self, token: &str) -> Option<HeldDeletions> {
        self.lock().view.held_back.clone().filter(|held| held.token == token)
    }

    /// The numbers for monitors.
    pub fn numbers(&self) -> EventsNumbers {
        self.lock().numbers.clone()
    }
}

fn deletions(view: &EventsView) -> u64 {
    view.held_back.iter().flat_map(|held| &held.objects).map(|object| object.deleted).sum()
}

fn shown(held: HeldBack) -> HeldDeletions {
    let objects = held.objects.into_iter();
    let objects = objects.map(|object| HeldObject {
        object: object.object,
        deleted: object.deleted,
        published: object.published,
    });
    HeldDeletions { token: held.token, objects: objects.collect() }
}

fn found(report: &Report) -> Vec<EventsFound> {
    let objects = report.objects.iter().map(|(object, counts)| EventsFound {
        object: object.clone(),
        added: counts.added,
        changed: counts.changed,
        deleted: counts.deleted,
    });
    objects.collect()
}
