//! A provider that is called, in a zone that forgets it, gives up calling it, or says nothing.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use agent::{Action, Agent, Answered, Event, Handler, Registration, Resend, Transport, TransportFault};
use bytes::Bytes;
use provider::{Generation, Provider};
use sif::message::{Header, Message, MessageKind, Original, Outcome, Status, error, write_ack};
use sif::xml::read::Limits;
use store::Store;
use tempfile::TempDir;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::support::life::config;
use crate::support::{cedar_ridge, plan};

const PATIENCE: Duration = Duration::from_secs(60);
const A_DAY: Duration = Duration::from_secs(86_400);

/// A zone that knows one agent, or not, and remembers what it was told.
#[derive(Default)]
struct Zone {
    knows: AtomicBool,
    away: AtomicBool,
    /// How much it did not hear while it was away.
    missed: AtomicUsize,
    told: Mutex<Vec<String>>,
    /// Who is given a message whenever the zone is asked whether it is there.
    delivers: Mutex<Option<Arc<dyn Handler>>>,
}

impl Zone {
    fn told(&self) -> Vec<String> {
        self.told.lock().unwrap().clone()
    }

    fn count(&self, what: &str) -> usize {
        self.told().iter().filter(|told| *told == what).count()
    }

    /// Waits until it was told something so often.
    async fn was_told(&self, what: &str, times: usize) {
        let told = async {
            while self.count(what) < times {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        assert!(tokio::time::timeout(PATIENCE, told).await.is_ok(), "{what} did not come: {:?}", self.told());
    }
}

impl Transport for Zone {
    fn send(&self, document: Bytes) -> Answered<'_> {
        Box::pin(async move {
            if self.away.load(Ordering::SeqCst) {
                self.missed.fetch_add(1, Ordering::SeqCst);
                return Err(TransportFault { why: "the line is dead".to_owned() });
            }
            let message = Message::read(&document, &Limits::default()).map_err(|refusal| refusal.description).unwrap();
            let control = message.body().at("SIF_SystemControlData");
            let control = control.first().and_then(|data| data.children().next().map(|what| what.name().to_owned()));
            let what = control.unwrap_or_else(|| message.kind.name().to_owned());
            if message.kind == MessageKind::Register {
                self.knows.store(true, Ordering::SeqCst);
            }
            let delivers = self.delivers.lock().unwrap().clone();
            if what == "SIF_Ping"
                && let Some(handler) = delivers
            {
                let event = Event::new("SchoolInfo", Action::Delete, "<SchoolInfo RefId=\"A\"/>");
                let header = Header { source_id: "Other".to_owned(), ..message.header.clone() };
                let event = event.write(message.version, &header);
                let event = Message::read(&event, &Limits::default()).map_err(|refusal| refusal.description).unwrap();
                handler.handle(&event).await;
            }
            let outcome = if self.knows.load(Ordering::SeqCst) {
                Outcome::Status(Status::Success)
            } else {
                Outcome::error(error::NOT_REGISTERED)
            };
            self.told.lock().unwrap().push(what);
            let original = Original::of(&message.header);
            let header = Header { source_id: "zone".to_owned(), ..message.header.clone() };
            Ok(write_ack(message.version, &header, original.as_ref(), &outcome, None).into())
        })
    }
}

/// A provider that is called, until it is told to end.
struct Called {
    zone: Arc<Zone>,
    provider: Provider,
    end: oneshot::Sender<()>,
    serving: JoinHandle<()>,
    _folder: TempDir,
}

impl Called {
    async fn start(zone: Zone, every: Duration) -> Self {
        let folder = TempDir::new().unwrap();
        let store = Store::open(&format!("sqlite:{}", folder.path().join("own.db").display())).await.unwrap();
        let zone = Arc::new(zone);
        let resend = Resend { attempts: 1, pause: Duration::ZERO };
        let agent = Agent::new("provider", Arc::<Zone>::clone(&zone)).with_resend(resend);
        let generation = Generation::of(plan());
        let provider = Provider::start(config(&cedar_ridge()), generation, agent, store).await.unwrap();
        let (end, ended) = oneshot::channel::<()>();
        let serves = provider.clone();
        let serving = tokio::spawn(async move {
            let registration = Registration::push("Provider", "http://127.0.0.1:1/");
            let stop = async { drop(ended.await) };
            serves.serve_called(&registration, every, stop).await;
        });
        Self { zone, provider, end, serving, _folder: folder }
    }

    async fn end(self) -> Arc<Zone> {
        self.end.send(()).unwrap();
        tokio::time::timeout(PATIENCE, self.serving).await.expect("it ends").unwrap();
        self.zone
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_zone_that_refuses_any_message_with_4_9_is_joined_anew_at_once() {
    let called = Called::start(Zone::default(), A_DAY).await;
    called.zone.was_told("SIF_Ping", 1).await;
    assert_eq!(called.zone.told(), ["SIF_Register", "SIF_Provision", "SIF_Ping"]);
    called.zone.knows.store(false, Ordering::SeqCst);
    let event = Event::new("SchoolInfo", Action::Delete, "<SchoolInfo RefId=\"A\"/>");
    assert!(called.provider.agent().publish(&event).await.unwrap().accepted().is_err());
    called.zone.was_told("SIF_Register", 2).await;
    called.zone.was_told("SIF_Provision", 2).await;
    called.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_zone_that_was_away_is_told_everything_anew() {
    let called = Called::start(Zone::default(), Duration::from_millis(5)).await;
    called.zone.was_told("SIF_Ping", 2).await;
    assert_eq!(called.zone.count("SIF_Register"), 1, "one that stays is not joined again and again");
    called.zone.away.store(true, Ordering::SeqCst);
    let missed = async {
        while called.zone.missed.load(Ordering::SeqCst) == 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(PATIENCE, missed).await.expect("it is asked while it is away");
    called.zone.away.store(false, Ordering::SeqCst);
    called.zone.was_told("SIF_Provision", 2).await;
    called.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_zone_that_delivers_nothing_is_told_that_the_provider_is_awake_and_another_is_not() {
    let called = Called::start(Zone::default(), Duration::from_millis(1)).await;
    called.zone.was_told("SIF_Wakeup", 1).await;
    let first = called.zone.told().iter().position(|what| what == "SIF_Wakeup").unwrap();
    assert!(first >= 10, "not at once: {:?}", called.zone.told());
    *called.zone.delivers.lock().unwrap() = Some(called.provider.handler());
    // One may be on its way.
    let pings = called.zone.count("SIF_Ping");
    called.zone.was_told("SIF_Ping", pings + 2).await;
    let before = (called.zone.count("SIF_Wakeup"), called.zone.count("SIF_Ping"));
    called.zone.was_told("SIF_Ping", before.1 + 30).await;
    assert_eq!(called.zone.count("SIF_Wakeup"), before.0, "it delivers");
    let handler = called.zone.delivers.lock().unwrap().take();
    drop(handler);
    called.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_ends_sleeps_if_it_was_there() {
    let called = Called::start(Zone::default(), A_DAY).await;
    called.zone.was_told("SIF_Ping", 1).await;
    let zone = called.end().await;
    assert_eq!(zone.told().last().map(String::as_str), Some("SIF_Sleep"));

    let called = Called::start(Zone { away: AtomicBool::new(true), ..Zone::default() }, A_DAY).await;
    let zone = called.end().await;
    assert_eq!(zone.told(), Vec::<String>::new());
}
