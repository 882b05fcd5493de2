//! Agents that misbehave beside agents that do not: one that never answers, one that answers garbage, one that is gone.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::{Duration, Instant};

use agent::{Action, Agent, Event, Listener, Pull, Registration};

use crate::address::Address;
use crate::inbox::{Inbox, school};
use crate::is_soak;
use crate::load::{join, publishing, subscribing};
use crate::server::Server;
use crate::stores::Stores;

const BAD: [&str; 3] = ["Silent", "Garbled", "Gone"];

/// How long the good ones may take on a busy machine: far less than it would take if each delivery to them stood behind a silent one.
const PATIENCE: Duration = Duration::from_secs(60);

/// Servers that an agent's owner should be ashamed of.
struct Bad {
    urls: [String; 3],
    /// Deliveries that were begun with the silent one and with the garbled one.
    silent: Arc<AtomicUsize>,
    garbled: Arc<AtomicUsize>,
}

impl Bad {
    fn start() -> Self {
        let (silent, garbled) = (Arc::<AtomicUsize>::default(), Arc::<AtomicUsize>::default());
        let mut held = Vec::new();
        let silent_url = listen(Arc::clone(&silent), move |stream| held.push(stream));
        let garbled_url = listen(Arc::clone(&garbled), |mut stream| {
            let _ = stream.read(&mut [0; 4096]);
            let _ = stream
                .write_all(b"HTTP/1.1 200 OK\r\nContent-Type: application/xml\r\nContent-Length: 9\r\n\r\n<garbage>");
        });
        // A port that was free a moment ago: nobody listens there.
        let gone = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        Self { urls: [silent_url, garbled_url, format!("http://{gone}/")], silent, garbled }
    }

    async fn join(&self, address: &Address) {
        for (id, url) in BAD.iter().zip(&self.urls) {
            join(&address.agent(id), &Registration::push(*id, url), &subscribing()).await;
        }
    }
}

/// Listens for as long as the test runs.
fn listen(count: Arc<AtomicUsize>, mut with: impl FnMut(TcpStream) + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            count.fetch_add(1, SeqCst);
            with(stream);
        }
    });
    url
}

/// Two agents that do as they should.
struct Good {
    puller: Agent,
    pulled: Arc<Inbox>,
    pushed_agent: Agent,
    pushed: Arc<Inbox>,
    _listener: Listener,
}

impl Good {
    async fn join(address: &Address) -> Self {
        let (pulled, pushed) = (Arc::<Inbox>::default(), Arc::<Inbox>::default());
        let puller = address.agent("Puller");
        join(&puller, &Registration::pull("Puller"), &subscribing()).await;
        let agent = address.agent("Pushed");
        let listener = Listener::builder(agent.clone(), Arc::<Inbox>::clone(&pushed));
        let listener = listener.listen(([127, 0, 0, 1], 0).into()).await.unwrap();
        join(&agent, &Registration::push("Pushed", &listener.url()), &subscribing()).await;
        Self { puller, pulled, pushed_agent: agent, pushed, _listener: listener }
    }

    /// Lets what waits come, all at once, and gives how many deliveries a second each of the two gets.
    async fn drain(&self, until: usize, events: usize) -> [f64; 2] {
        let begun = Instant::now();
        let rate = |inbox: Arc<Inbox>| async move {
            while inbox.distinct() < until {
                assert!(begun.elapsed() < PATIENCE, "only {} of {until} came beside bad agents", inbox.distinct());
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            f64::from(u32::try_from(events).unwrap()) / begun.elapsed().as_secs_f64()
        };
        self.pushed_agent.wakeup().await.unwrap().accepted().unwrap();
        let pull = Pull::new(self.puller.clone(), Arc::<Inbox>::clone(&self.pulled));
        let pulling = async {
            while self.pulled.distinct() < until {
                pull.once().await.unwrap();
            }
        };
        let (pulled, pushed, ()) =
            tokio::join!(rate(Arc::clone(&self.pulled)), rate(Arc::clone(&self.pushed)), pulling);
        [pulled, pushed]
    }
}

/// Sends events while nobody takes them.
async fn send(publisher: &Agent, from: usize, events: usize) -> Vec<String> {
    let mut ids = Vec::new();
    for sequence in from..from + events {
        let event = Event::new("SchoolInfo", Action::Add, school((0, sequence as u64 + 1)));
        ids.push(publisher.publish(&event).await.unwrap().accepted().unwrap().message_id);
    }
    ids
}

async fn misbehave(stores: Stores, what: &str) {
    let (rounds, events) = if is_soak() { (40, 500) } else { (1, 60) };
    let agents: Vec<String> = ["Publisher", "Puller", "Pushed"].iter().chain(&BAD).map(|id| (*id).to_owned()).collect();
    let mut server = Server::of_agents(&stores.url("faults"), &agents);
    server.start();
    let publisher = server.address.agent("Publisher");
    join(&publisher, &Registration::pull("Publisher"), &publishing()).await;
    let good = Good::join(&server.address).await;
    let bad = Bad::start();
    let mut sent: Vec<String> = Vec::new();
    let mut rates: [Vec<[f64; 2]>; 2] = Default::default();
    for round in 0..rounds * 2 {
        let with_bad = round % 2 == 1;
        if with_bad {
            bad.join(&server.address).await;
        }
        good.pushed_agent.sleep().await.unwrap().accepted().unwrap();
        sent.extend(send(&publisher, sent.len(), events).await);
        rates[usize::from(with_bad)].push(good.drain(sent.len(), events).await);
        if with_bad {
            assert!(bad.silent.load(SeqCst) > 0 && bad.garbled.load(SeqCst) > 0, "the bad ones were called");
            for id in BAD {
                server.address.agent(id).unregister().await.unwrap().accepted().unwrap();
            }
        }
    }
    for (place, name) in ["pull", "push"].into_iter().enumerate() {
        let [without, with] = rates.each_ref().map(|rates| over_all(rates.iter().map(|rate| rate[place])));
        let ratio = with / without;
        println!(
            "bad agents, {what}, {name}: {without:.0} deliveries/s without, {with:.0} with them in {rounds} rounds of each, \
             ratio {ratio:.2} (at least 0.9)"
        );
        assert!(!is_soak() || ratio >= 0.9, "bad agents slow the good ones");
    }
    for (name, inbox) in [("Puller", &good.pulled), ("Pushed", &good.pushed)] {
        let judged = inbox.judge(name, std::slice::from_ref(&sent));
        assert_eq!((judged.first, judged.again), (sent.len(), 0));
    }
    server.kill();
}

/// The rate over all rounds together, each of as many deliveries. Rounds differ by a quarter, whoever is there: how the deliveries of two
/// agents fall into commits stays for a round as it began.
fn over_all(rates: impl Iterator<Item = f64>) -> f64 {
    let times: Vec<f64> = rates.map(f64::recip).collect();
    times.len() as f64 / times.iter().sum::<f64>()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bad_agents_keep_nothing_from_good_ones_on_sqlite() {
    misbehave(Stores::sqlite(), "SQLite").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bad_agents_keep_nothing_from_good_ones_on_postgresql() {
    if let Some(stores) = Stores::postgres() {
        misbehave(stores, "PostgreSQL").await;
    }
}
