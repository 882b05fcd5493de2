//! What the zone does not take, and what that means for what counts as published: subscribers were not told, so it is found again.

use serde::{Deserialize, Serialize};
use sif::schema::ObjectSchema;
use sif::xml::read::read;
use store::StoreFault;

use super::fault::EventFault;
use super::outbox::Waiting;
use super::publisher::Publisher;
use super::shelf::{Entry, REFUSED, Shelf};
use super::state::{InstanceState, Owner};
use super::units::Unit;

/// The sum of a unit that subscribers have otherwise, or may have: no unit has it.
const NOT_TOLD: u64 = u64::MAX;

/// Events of one sort that the zone does not take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The object.
    pub object: String,
    /// Add, Change or Delete.
    pub action: String,
    /// Why: the error.
    pub why: String,
    /// How many.
    pub events: u64,
    /// Whether they wait until the zone takes them. Otherwise they are gone, were counted since ever, and their instances are found again
    /// when they are next compared.
    pub waits: bool,
}

/// A record about events that the zone found wrong.
#[derive(Debug, Serialize, Deserialize)]
struct Wrong {
    object: String,
    action: String,
    why: String,
    events: u64,
    /// SIF_MsgId of the last one.
    message_id: String,
    /// The key of its instance.
    key: String,
}

/// Counts an event that the zone found wrong.
pub(super) fn noted(shelf: &dyn Shelf, event: &Waiting, why: &str) -> Result<Entry, StoreFault> {
    let Waiting { object, action, message_id, key, .. } = event.clone();
    let at = format!("{object}/{action}/{why}");
    let before = shelf.get(REFUSED, &at)?.map(|text| read_wrong(&text)).transpose()?;
    let events = before.map_or(0, |before| before.events) + 1;
    let wrong = Wrong { object, action, why: why.to_owned(), events, message_id, key };
    let text = serde_json::to_string(&wrong).map_err(|_| StoreFault::Damaged("a refused event".to_owned()))?;
    Ok(Entry::Put(REFUSED, at, text))
}

fn read_wrong(text: &str) -> Result<Wrong, StoreFault> {
    serde_json::from_str(text).map_err(|_| StoreFault::Damaged("a record about refused events".to_owned()))
}

impl Publisher {
    /// What the zone does not take: what waits for it since the last sending, and what it has found wrong.
    ///
    /// # Errors
    /// If the store fails.
    pub fn refusals(&self) -> Result<Vec<Refusal>, EventFault> {
        let mut all = self.laid_aside.clone();
        for record in self.book.shelf.list(REFUSED)? {
            let Wrong { object, action, why, events, .. } = read_wrong(&record.value)?;
            all.push(Refusal { object, action, why, events, waits: false });
        }
        Ok(all)
    }

    /// Notes that subscribers were not told of an instance what an Add or Change says that the zone found wrong: of an Add they know
    /// nothing, of a Change any of what it has may be otherwise for them. The next time that the instance is compared it is found so.
    /// `texts`: the elements of the event and of those behind it that are not sent either; `at_once`: the next look compares everything.
    /// To be written by the caller.
    pub(super) fn forget(&mut self, event: &Waiting, texts: &[String], at_once: bool) -> Result<(), StoreFault> {
        if at_once {
            self.book.progress.generation.clear();
        }
        let schema = self.reported.iter().map(|reported| &self.plan.objects[reported.at]);
        let Some(schema) = schema.into_iter().find(|object| *object.name == *event.object).map(|object| object.schema)
        else {
            return Ok(());
        };
        let Some((kind, key)) = event.owner.rsplit_once('/').and_then(|(kind, key)| Some((kind, key.parse().ok()?)))
        else {
            return Err(StoreFault::Damaged("the owner of an event".to_owned()));
        };
        let owner = Owner { kind: kind.to_owned(), key };
        let before = self.book.state(&owner)?;
        let mut state = before.clone();
        let is_it = |instance: &InstanceState| {
            let labels = self.reported.iter().map(|reported| &self.plan.objects[reported.at]);
            let is_object =
                labels.into_iter().any(|object| *object.name == *event.object && *object.label == *instance.object);
            is_object && instance.key(schema) == event.key
        };
        let Some(at) = state.instances.iter().position(is_it) else { return Ok(()) };
        if event.action == agent::Action::Add.name() {
            state.instances.remove(at);
        } else if let Some(instance) = state.instances.get_mut(at) {
            let mut places: Vec<u32> = instance.units.iter().map(|unit| unit.0).collect();
            // What a Change says to be gone is not in the state any more.
            places.extend(texts.iter().flat_map(|text| self.units(schema, text)).map(|unit| unit.0));
            places.sort_unstable();
            places.dedup();
            instance.units = places.into_iter().map(|place| (place, NOT_TOLD)).collect();
        }
        self.book.publish(&owner, &before, &state);
        Ok(())
    }

    /// The units of an element as an event sends it, with those that it says to be gone.
    fn units(&self, schema: &ObjectSchema, text: &str) -> Vec<Unit> {
        let Some(name) = text.find([' ', '>', '/']) else { return Vec::new() };
        let (start, rest) = text.split_at(name);
        let declared = format!("{start} xmlns:xsi=\"{}\"{rest}", sif::INSTANCE_NAMESPACE);
        let tree = read(declared.as_bytes(), &self.plan.names).ok();
        tree.as_ref().and_then(|tree| tree.root()).map(|root| self.summer.units(schema, root)).unwrap_or_default()
    }
}
