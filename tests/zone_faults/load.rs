//! Agents at work while the server comes and goes: sources that send numbered events until each is acknowledged, a subscriber that
//! asks for them, and one that is called.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering::SeqCst};
use std::time::{Duration, Instant};

use agent::{Action, Agent, AgentFault, Event, Listener, Offered, Provision, Pull, Registration, message_id};
use sif::message::error;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::address::Address;
use crate::inbox::{Inbox, Judged, school};

/// Agents that send, each over a connection of its own.
pub const SOURCES: usize = 6;

/// Sources wait while so many events have not come to both subscribers, so that the end of a test need not wait long.
const BACKLOG: usize = 150;

/// How long nothing may come at the end before it counts as lost.
const PATIENCE: Duration = Duration::from_secs(60);

/// Ids of the agents.
pub fn agents() -> Vec<String> {
    (0..SOURCES).map(source_id).chain(["Puller".to_owned(), "Pushed".to_owned()]).collect()
}

fn source_id(source: usize) -> String {
    format!("Source{source}")
}

/// Joins the zone and says what it wants.
pub async fn join(agent: &Agent, registration: &Registration, provision: &Provision) {
    agent.register(registration).await.unwrap().accepted().unwrap();
    agent.provision(provision).await.unwrap().accepted().unwrap();
}

/// What an agent that only subscribes says.
pub fn subscribing() -> Provision {
    Provision { subscribe: vec![Offered::new("SchoolInfo")], ..Provision::default() }
}

/// What an agent that only sends says.
pub fn publishing() -> Provision {
    Provision { publish_add: vec![Offered::new("SchoolInfo")], ..Provision::default() }
}

/// What all of them look at.
#[derive(Default)]
struct Common {
    is_over: AtomicBool,
    acknowledged: AtomicUsize,
    /// Grows when the power goes and when it is back: odd in the dark.
    power: AtomicU64,
    pulled: Arc<Inbox>,
    pushed: Arc<Inbox>,
}

impl Common {
    fn slowest(&self) -> usize {
        self.pulled.distinct().min(self.pushed.distinct())
    }
}

/// The agents at work.
pub struct Load {
    common: Arc<Common>,
    sources: Vec<JoinHandle<Vec<String>>>,
    pull: JoinHandle<()>,
    stop: watch::Sender<bool>,
    _listener: Listener,
}

/// What was seen of a load at its end.
pub struct Seen {
    pub acknowledged: usize,
    pub pulled: Judged,
    pub pushed: Judged,
}

impl Load {
    /// Joins the zone, which must be up, and begins.
    pub async fn start(address: &Address) -> Self {
        let common: Arc<Common> = Arc::default();
        let puller = address.agent("Puller");
        join(&puller, &Registration::pull("Puller"), &subscribing()).await;
        let pushed = address.agent("Pushed");
        let listener = Listener::builder(pushed.clone(), Arc::<Inbox>::clone(&common.pushed));
        let listener = listener.listen(([127, 0, 0, 1], 0).into()).await.unwrap();
        join(&pushed, &Registration::push("Pushed", &listener.url()), &subscribing()).await;
        let mut sources = Vec::new();
        for source in 0..SOURCES {
            let agent = address.agent(&source_id(source));
            join(&agent, &Registration::pull("Source"), &publishing()).await;
            sources.push(tokio::spawn(publish(agent, source, Arc::clone(&common))));
        }
        let (stop, mut stopped) = watch::channel(false);
        let pull = Pull::new(puller, Arc::<Inbox>::clone(&common.pulled)).every(Duration::from_millis(10));
        let pull = tokio::spawn(async move {
            let until = async move {
                let _ = stopped.wait_for(|stopped| *stopped).await;
            };
            pull.run(until).await;
        });
        Self { common, sources, pull, stop, _listener: listener }
    }

    /// Events acknowledged so far.
    fn acknowledged(&self) -> usize {
        self.common.acknowledged.load(SeqCst)
    }

    /// Waits until so many more events are acknowledged, so that what happens then happens under load.
    pub async fn until_more(&self, events: usize) {
        let (before, since) = (self.acknowledged(), Instant::now());
        while self.acknowledged() < before + events {
            assert!(since.elapsed() < PATIENCE, "events are not acknowledged");
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }

    /// From now on no answer counts: a machine without power gives none.
    pub fn power_goes(&self) {
        assert_eq!(self.common.power.fetch_add(1, SeqCst) % 2, 0);
    }

    /// Answers to what is sent from now on count.
    pub fn power_is_back(&self) {
        assert_eq!(self.common.power.fetch_add(1, SeqCst) % 2, 1);
    }

    /// Ends the sources behind what they have begun, waits until everything has come to both subscribers, and judges it.
    pub async fn end(self) -> Seen {
        self.common.is_over.store(true, SeqCst);
        let mut sent = Vec::new();
        for source in self.sources {
            sent.push(source.await.unwrap());
        }
        let acknowledged = sent.iter().map(Vec::len).sum();
        let (mut before, mut since) = (0, Instant::now());
        while self.common.slowest() < acknowledged && since.elapsed() < PATIENCE {
            if self.common.slowest() > before {
                (before, since) = (self.common.slowest(), Instant::now());
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        // What comes once more would come now.
        tokio::time::sleep(Duration::from_millis(500)).await;
        self.stop.send_replace(true);
        self.pull.await.unwrap();
        let (pulled, pushed) = (&self.common.pulled, &self.common.pushed);
        Seen { acknowledged, pulled: pulled.judge("Puller", &sent), pushed: pushed.judge("Pushed", &sent) }
    }
}

/// Sends numbered events, each until it is acknowledged, and gives their ids.
async fn publish(agent: Agent, source: usize, common: Arc<Common>) -> Vec<String> {
    let mut ids: Vec<String> = Vec::new();
    while !common.is_over.load(SeqCst) {
        if common.acknowledged.load(SeqCst) > common.slowest() + BACKLOG {
            tokio::time::sleep(Duration::from_millis(2)).await;
            continue;
        }
        let id = message_id();
        let event = Event {
            message_id: Some(id.clone()),
            ..Event::new("SchoolInfo", Action::Add, school((source, ids.len() as u64 + 1)))
        };
        ids.push(id);
        until_acknowledged(&agent, &event, &common).await;
        common.acknowledged.fetch_add(1, SeqCst);
    }
    ids
}

async fn until_acknowledged(agent: &Agent, event: &Event, common: &Common) {
    loop {
        let power = common.power.load(SeqCst);
        let answer = agent.publish(event).await.and_then(agent::Answer::accepted);
        let is_heard = power.is_multiple_of(2) && common.power.load(SeqCst) == power;
        match answer {
            Ok(_) if is_heard => return,
            Ok(_) | Err(AgentFault::Transport(_)) => {}
            // The zone says itself that it does not keep the message now.
            Err(AgentFault::Refused { code, .. }) if code == error::SYSTEM => {}
            Err(fault) => panic!("an event was refused: {fault}"),
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
