//! What administrators see of the events that a server's providers raise, and may ask of them. The zone itself knows nothing of how
//! events are found: the program that starts the server does.

use serde::{Deserialize, Serialize};
use store::{Change, Millis};
use utoipa::ToSchema;

/// The events that the provider of a zone raises.
#[derive(Clone, Debug, Default, PartialEq, Serialize, ToSchema)]
pub struct EventsView {
    /// After how many seconds the source is looked at again; none: only when somebody asks.
    pub every_seconds: Option<u64>,
    /// The number of the look that somebody has asked for, while it has not ended: `last` has this number or a higher one when it has.
    pub asked: Option<u64>,
    /// When the look began that is going on now.
    pub looking_since: Option<Millis>,
    /// The last look that ended; none where there was none yet.
    pub last: Option<EventsLook>,
    /// How many events wait to be sent to the zone; none where that is not known yet.
    pub waiting: Option<u64>,
    /// What is held back, because so much would be deleted that the source may be at fault.
    pub held_back: Option<HeldDeletions>,
    /// What the zone does not take, while it takes other events.
    pub refused: Vec<EventsRefused>,
}

/// Events of one object and action that the zone does not take.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct EventsRefused {
    /// The object.
    pub object: String,
    /// Add, Change or Delete.
    pub action: String,
    /// Why: the error.
    pub reason: String,
    /// How many.
    pub events: u64,
    /// Whether they wait, for the right to be given for instance; they are among those that `waiting` counts. Otherwise the zone has found
    /// them wrong: this is how many since ever, and their instances are reported anew when they are next compared.
    pub waits: bool,
}

/// A look for events.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct EventsLook {
    /// Its number: each has a higher one than those before it.
    pub number: u64,
    /// When it began.
    pub began: Millis,
    /// When it ended.
    pub ended: Millis,
    /// Whether it was to compare everything, and not only what may have changed.
    pub everything: bool,
    /// The hash of the rulebook's generation that it mapped by.
    pub generation: String,
    /// The date that counted as today.
    pub as_of: String,
    /// How many events it found, by object; without those of which none was found.
    pub found: Vec<EventsFound>,
    /// How many events the zone took afterwards, those found before among them.
    pub sent: u64,
    /// Why it did not find or send all.
    pub fault: Option<String>,
}

/// How many events of an object were found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct EventsFound {
    /// The object.
    pub object: String,
    /// Adds.
    pub added: u64,
    /// Changes.
    pub changed: u64,
    /// Deletes.
    pub deleted: u64,
}

/// Deletions that are held back. Nothing that was found with them is sent until they are confirmed or the source is whole again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct HeldDeletions {
    /// Names exactly these deletions; to be given back to confirm them.
    pub token: String,
    /// The objects of which too much would be deleted.
    pub objects: Vec<HeldObject>,
}

/// An object of which too much would be deleted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct HeldObject {
    /// The object.
    pub object: String,
    /// How many would be deleted.
    pub deleted: u64,
    /// How many are published.
    pub published: u64,
}

/// What is to be kept so that the next look deletes what was held back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Confirmed {
    /// The change that says so.
    pub keep: Change,
    /// What it allows.
    pub objects: Vec<HeldObject>,
}

/// Numbers of a zone's events for monitors; those that only rise begin at nothing when the program starts.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EventsNumbers {
    /// The zone.
    pub zone: String,
    /// How many looks found what there was to be found.
    pub looks: u64,
    /// How many looks failed.
    pub failed: u64,
    /// How many looks held deletions back.
    pub held_back: u64,
    /// How many seconds the last look took, with the sending; none before the first has ended.
    pub last_seconds: Option<f64>,
    /// How many Adds were found.
    pub added: u64,
    /// How many Changes.
    pub changed: u64,
    /// How many Deletes.
    pub deleted: u64,
    /// How many deletions are held back now.
    pub held_deletions: u64,
    /// How many events wait to be sent, as far as that is known.
    pub waiting: u64,
    /// How many of them wait because the zone does not take such events, while it takes others.
    pub laid_aside: u64,
    /// How many events the zone has found wrong since ever.
    pub found_wrong: u64,
}

/// The events of a server's providers, by zone. None of its functions waits for a look.
pub trait Publishing: Send + Sync {
    /// What is known of the events of a zone; none where no provider here raises events for it.
    fn view(&self, zone: &str) -> Option<EventsView>;

    /// Asks for a look: one that begins after this call, as soon as what is going on has ended. `everything`: all is compared, and not only
    /// what may have changed. Answers the number of the look; none where no provider here raises events for the zone.
    fn look(&self, zone: &str, everything: bool) -> Option<u64>;

    /// What is to be kept to confirm what is held back under this token; none where nothing is. The change is to be kept before
    /// [`Publishing::confirmed`] is called.
    fn confirm(&self, zone: &str, token: &str) -> Option<Confirmed>;

    /// What was confirmed is kept: a look is to use it. It will be used without this call too, by the next look or after the next start.
    fn confirmed(&self, zone: &str) -> Option<u64>;

    /// Numbers of all zones with events.
    fn numbers(&self) -> Vec<EventsNumbers>;
}
