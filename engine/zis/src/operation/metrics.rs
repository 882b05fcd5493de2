//! Numbers for Prometheus. Labels are names of zones, agents and kinds, and codes: nothing of a message's content.

use std::sync::Arc;
use std::time::Duration;

use prometheus_client::encoding::{EncodeLabelSet, text::encode};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;
use sif::message::Outcome;

use super::events::Events;
use crate::Broker;
use crate::publishing::EventsNumbers;
use crate::remote_zones::RemoteZoneView;

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfZone {
    zone: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfAgent {
    zone: String,
    agent: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfMessage {
    zone: String,
    kind: &'static str,
    outcome: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfDelivery {
    zone: String,
    outcome: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfListener {
    listener: &'static str,
}

type Timings<L> = Family<L, Histogram, fn() -> Histogram>;

/// All numbers of a server. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Metrics(Arc<Numbers>);

#[derive(Debug)]
struct Numbers {
    registry: Registry,
    received: Family<OfMessage, Counter>,
    commit: Timings<OfZone>,
    delivery: Timings<OfDelivery>,
    dead: Family<OfZone, Counter>,
    depth: Family<OfAgent, Gauge>,
    bytes: Family<OfAgent, Gauge>,
    requests: Family<OfZone, Gauge>,
    ready: Family<OfZone, Gauge>,
    joined: Family<OfZone, Gauge>,
    connections: Family<OfListener, Gauge>,
    events: Events,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::with_prefix("sifter_zis");
        // Commits take from a fraction of a millisecond to seconds; deliveries as long as agents take.
        let commit: Timings<OfZone> = Family::new_with_constructor(|| {
            Histogram::new([0.0005, 0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 2.0])
        });
        let delivery: Timings<OfDelivery> =
            Family::new_with_constructor(|| Histogram::new([0.002, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 15.0, 60.0]));
        let received: Family<OfMessage, Counter> = Family::default();
        let dead: Family<OfZone, Counter> = Family::default();
        let (depth, bytes, requests) = (Family::default(), Family::default(), Family::default());
        let (ready, joined, connections) = (Family::default(), Family::default(), Family::default());
        registry.register(
            "messages_received",
            "Messages taken, by kind and what was answered",
            Family::clone(&received),
        );
        registry.register("commit_seconds", "How long the store took to keep what was decided", commit.clone());
        registry.register("delivery_seconds", "How long agents in push mode took", delivery.clone());
        registry.register("dead_letters", "Messages that were given up", Family::clone(&dead));
        registry.register("queue_depth", "Messages that wait for an agent", Family::clone(&depth));
        registry.register("queue_bytes", "Bytes that wait for an agent", Family::clone(&bytes));
        registry.register("open_requests", "Requests that are not answered to the end", Family::clone(&requests));
        registry.register("ready", "Whether the zone takes messages", Family::clone(&ready));
        let help = "Whether a zone of somebody else has let the provider in, as far as is known";
        registry.register("remote_zone_joined", help, Family::clone(&joined));
        registry.register("connections", "Open connections", Family::clone(&connections));
        let events = Events::register(&mut registry);
        Self(Arc::new(Numbers {
            registry,
            received,
            commit,
            delivery,
            dead,
            depth,
            bytes,
            requests,
            ready,
            joined,
            connections,
            events,
        }))
    }
}

impl Metrics {
    /// A zone is served: its numbers start at nothing, and are there from the first look on.
    pub(crate) fn begin(&self, zone: &str) {
        let of = OfZone { zone: zone.to_owned() };
        drop(self.0.dead.get_or_create(&of));
        drop(self.0.commit.get_or_create(&of));
        for outcome in ["answered", "failed"] {
            drop(self.0.delivery.get_or_create(&OfDelivery { zone: zone.to_owned(), outcome }));
        }
    }

    /// A message was taken.
    pub(crate) fn received(&self, zone: &str, kind: &'static str, outcome: &Outcome) {
        let outcome = match outcome {
            Outcome::Status(status) => status.code().to_string(),
            Outcome::Error { code, .. } => code.to_string(),
        };
        self.0.received.get_or_create(&OfMessage { zone: zone.to_owned(), kind, outcome }).inc();
    }

    /// Something was kept.
    pub(crate) fn commit(&self, zone: &str, took: Duration) {
        self.0.commit.get_or_create(&OfZone { zone: zone.to_owned() }).observe(took.as_secs_f64());
    }

    /// A delivery was made, or not.
    pub(crate) fn delivered(&self, zone: &str, took: Duration, answered: bool) {
        let outcome = if answered { "answered" } else { "failed" };
        self.0.delivery.get_or_create(&OfDelivery { zone: zone.to_owned(), outcome }).observe(took.as_secs_f64());
    }

    /// Messages were given up.
    pub(crate) fn buried(&self, zone: &str, count: usize) {
        if let (1.., Ok(count)) = (count, u64::try_from(count)) {
            self.0.dead.get_or_create(&OfZone { zone: zone.to_owned() }).inc_by(count);
        }
    }

    /// Takes the numbers of events as they are now.
    pub(crate) fn events(&self, numbers: Vec<EventsNumbers>) {
        numbers.into_iter().for_each(|numbers| self.0.events.take(numbers));
    }

    /// Takes how providers stand in the zones of others now.
    pub(crate) fn remote(&self, zones: Vec<RemoteZoneView>) {
        for RemoteZoneView { zone, joined, open_requests, keeps, .. } in zones {
            let of = OfZone { zone };
            self.0.ready.get_or_create(&of).set(i64::from(keeps));
            self.0.joined.get_or_create(&of).set(i64::from(joined));
            self.0.requests.get_or_create(&of).set(signed(open_requests));
        }
    }

    /// All numbers as text, those of zones and connections as they are now.
    pub(crate) fn text<'b>(
        &self,
        brokers: impl Iterator<Item = &'b Broker>,
        connections: &[(&'static str, usize)],
    ) -> Result<String, std::fmt::Error> {
        let numbers = &self.0;
        // Agents that are gone are not shown.
        numbers.depth.clear();
        numbers.bytes.clear();
        for broker in brokers {
            let zone = broker.name().to_owned();
            numbers.ready.get_or_create(&OfZone { zone: zone.clone() }).set(i64::from(broker.is_ready()));
            let Ok((queues, requests)) = broker.look(|zone| (zone.queues(), zone.status().requests)) else { continue };
            numbers.requests.get_or_create(&OfZone { zone: zone.clone() }).set(signed(requests));
            for queue in queues {
                let of = OfAgent { zone: zone.clone(), agent: queue.agent };
                numbers.depth.get_or_create(&of).set(signed(queue.waiting));
                numbers.bytes.get_or_create(&of).set(signed(queue.bytes));
            }
        }
        for (listener, count) in connections {
            let count = i64::try_from(*count).unwrap_or(i64::MAX);
            numbers.connections.get_or_create(&OfListener { listener }).set(count);
        }
        let mut text = String::new();
        encode(&mut text, &numbers.registry)?;
        Ok(text)
    }
}

pub(super) fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
