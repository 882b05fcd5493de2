//! Numbers of the events that providers raise.

use std::sync::atomic::{AtomicU64, Ordering};

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

use crate::publishing::EventsNumbers;

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfZone {
    zone: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfLook {
    zone: String,
    outcome: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfAction {
    zone: String,
    action: &'static str,
}

/// The numbers, which providers count and monitors ask for.
#[derive(Debug, Default)]
pub(super) struct Events {
    looks: Family<OfLook, Counter>,
    found: Family<OfAction, Counter>,
    seconds: Family<OfZone, Gauge<f64, AtomicU64>>,
    held: Family<OfZone, Gauge>,
    waiting: Family<OfZone, Gauge>,
    laid_aside: Family<OfZone, Gauge>,
    found_wrong: Family<OfZone, Gauge>,
}

impl Events {
    pub(super) fn register(registry: &mut Registry) -> Self {
        let events = Self::default();
        let Self { looks, found, seconds, held, waiting, laid_aside, found_wrong } = &events;
        registry.register("event_looks", "Looks for events, by what came of them", Family::clone(looks));
        registry.register("events_found", "Events that were found, by action", Family::clone(found));
        registry.register("last_event_look_seconds", "How long the last look for events took", Family::clone(seconds));
        registry.register("held_deletions", "Deletions that wait for a person to confirm them", Family::clone(held));
        registry.register("events_waiting", "Events that wait to be sent to the zone", Family::clone(waiting));
        let help = "Events that wait because the zone does not take such events, while it takes others";
        registry.register("events_laid_aside", help, Family::clone(laid_aside));
        let help = "Events that the zone has found wrong since the provider's records began";
        registry.register("events_found_wrong", help, Family::clone(found_wrong));
        events
    }

    /// Takes the numbers of a zone as they are now.
    pub(super) fn take(&self, numbers: EventsNumbers) {
        let EventsNumbers { zone, looks, failed, held_back, last_seconds, .. } = numbers;
        let EventsNumbers { added, changed, deleted, held_deletions, waiting, laid_aside, found_wrong, .. } = numbers;
        for (outcome, count) in [("found", looks), ("failed", failed), ("held_back", held_back)] {
            set(&self.looks.get_or_create(&OfLook { zone: zone.clone(), outcome }), count);
        }
        for (action, count) in [("Add", added), ("Change", changed), ("Delete", deleted)] {
            set(&self.found.get_or_create(&OfAction { zone: zone.clone(), action }), count);
        }
        let of = OfZone { zone };
        if let Some(seconds) = last_seconds {
            self.seconds.get_or_create(&of).set(seconds);
        }
        self.held.get_or_create(&of).set(super::metrics::signed(held_deletions));
        self.waiting.get_or_create(&of).set(super::metrics::signed(waiting));
        self.laid_aside.get_or_create(&of).set(super::metrics::signed(laid_aside));
        self.found_wrong.get_or_create(&of).set(super::metrics::signed(found_wrong));
    }
}

/// Two monitors may ask at once: what was counted elsewhere never falls.
fn set(counter: &Counter, count: u64) {
    counter.inner().fetch_max(count, Ordering::Relaxed);
}
