//! A request for all StudentPersonal objects, from end to end: an agent asks over HTTP, the zone keeps the request, the provider maps the
//! source and sends packets, the zone keeps each, and the agent takes and acknowledges them all. Beside it, in the same run, the same
//! objects mapped and written as XML and nothing else. A plain program: `cargo bench -p provider`. `SIFTER_BENCH_STUDENTS` (20,000),
//! `SIFTER_BENCH_RUNS` (3).
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a benchmark that cannot go on stops")]

#[path = "../tests/support/files.rs"]
mod files;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use agent::{Agent, Data, Delivered, HttpTransport, Query, Registration, Request};
use mapper::Zone;
use provider::mapping::{Reading, Wanted, Xml};
use provider::{Generation, InProcess, Provider, ProviderConfig};
use rulebook::plan::Plan;
use sif::message::{MessageKind, Outcome, Status, Version};
use tokio::sync::Notify;
use zis::server::{Server, ServerConfig};
use zis::{AgentConfig, Right, ZoneConfig, ZoneOptions};

/// How many bytes a packet may have: what agents usually ask for.
const BUFFER: u32 = 1 << 20;

fn main() {
    // cargo passes `--bench`; `cargo test --benches` would not want a benchmark.
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    let number = |name: &str, otherwise: u64| {
        std::env::var(name).ok().map_or(otherwise, |text| text.parse().expect("a whole number"))
    };
    let (students, runs) = (number("SIFTER_BENCH_STUDENTS", 20_000), number("SIFTER_BENCH_RUNS", 3));
    // A temporary folder may be in memory; where the program was built is not.
    let program = std::env::current_exe().unwrap();
    let folder = tempfile::tempdir_in(program.parent().unwrap()).unwrap();
    let plan = plan();
    let source = district(folder.path(), students);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let (mut mapped, mut asked) = (Vec::new(), Vec::new());
    let mut packets = 0;
    for run in 0..runs {
        mapped.push(map(&plan, &source));
        let store = format!("sqlite:{}", folder.path().join(format!("zone-{run}.db")).display());
        let (time, taken) = runtime.block_on(ask(&plan, &source, store));
        asked.push(time);
        packets = taken;
    }
    let (mapped, asked) = (median(mapped), median(asked));
    println!("{students} students, {packets} packets of at most {BUFFER} bytes; medians of {runs} runs");
    println!("mapped and written as XML        {:>8.2} s", mapped.as_secs_f64());
    println!(
        "asked for and taken over HTTP    {:>8.2} s, {:.2} times",
        asked.as_secs_f64(),
        asked.as_secs_f64() / mapped.as_secs_f64()
    );
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The project's rulebook.
fn plan() -> Arc<Plan> {
    rulebook::Rulebook::new(files::files()).plan.expect("the rulebook checks")
}

/// A generated district.
fn district(folder: &Path, students: u64) -> String {
    let text = std::fs::read_to_string(workspace().join("objects/graph.yaml")).unwrap();
    let schema = rulebook::schema_of("objects/graph.yaml", &text).unwrap();
    let source = format!("sqlite:{}", folder.join("district.db").display());
    let plan = sample::Plan { students, seed: 1, school_year: 2026 };
    sample::generate(&schema, &plan, &source, &mut |_| {}).unwrap();
    source
}

fn as_of() -> graph::Date {
    graph::Date::from_ymd_opt(2026, 2, 2).unwrap()
}

fn zone() -> Arc<Zone> {
    Arc::new(Zone::of_year("bench", 2026))
}

/// The same objects, mapped and written and nothing else.
fn map(plan: &Arc<Plan>, source: &str) -> Duration {
    let begun = Instant::now();
    let wanted = Wanted { objects: vec![Arc::from("StudentPersonal")], ..Wanted::default() };
    let reading = Reading::start(plan, &zone(), as_of(), source, &wanted, 2).unwrap();
    let mut bytes = 0;
    reading
        .run(&Xml, &mut |batch| {
            bytes += batch.parts.iter().map(|part| part.kept.xml.len()).sum::<usize>();
            Ok(())
        })
        .unwrap();
    assert!(bytes > 0, "something is mapped");
    begun.elapsed()
}

/// Starts a zone with its provider, asks, takes every packet; how long that took, and how many packets there were.
async fn ask(plan: &Arc<Plan>, source: &str, store: String) -> (Duration, usize) {
    let agent = |id: &str| AgentConfig {
        id: id.to_owned(),
        approved: true,
        rights: BTreeMap::from([("*".to_owned(), Right::ALL.into_iter().collect())]),
        contexts: vec!["SIF_Default".to_owned()],
        ..AgentConfig::default()
    };
    let config = ZoneConfig {
        name: "bench".to_owned(),
        contexts: vec!["SIF_Default".to_owned()],
        versions: vec![Version::parse("2.0r1").unwrap(), Version::V2_4],
        agents: ["provider", "state"].map(|id| (id.to_owned(), agent(id))).into(),
        options: ZoneOptions::default(),
    };
    let server = Server::start(ServerConfig::new("127.0.0.1:0".parse().unwrap(), store).zone(config)).await.unwrap();
    let broker = server.broker("bench").unwrap();
    let wake = broker.subscribe_wakes("provider");
    let own = Agent::new("provider", Arc::new(InProcess::new(broker)));
    let config = ProviderConfig::new(zone(), source, Arc::new(as_of));
    let store = server.store().clone();
    let provider = Provider::start(config, Generation::of(Arc::clone(plan)), own, store).await.unwrap();
    let serving = provider.clone();
    let ended = Arc::new(Notify::new());
    let end = Arc::clone(&ended);
    let served = tokio::spawn(async move {
        serving.serve(&Registration::pull("provider"), wake, end.notified()).await;
    });

    let url = format!("http://{}/zones/bench", server.address());
    let state = Agent::new("state", Arc::new(HttpTransport::builder(&url).build().unwrap()));
    state.register(&Registration::pull("state")).await.unwrap().accepted().unwrap();
    let request = Request { max_buffer_size: BUFFER, ..Request::of(Query::new("StudentPersonal")) };
    // Until the provider has joined the zone there is nobody to ask.
    let mut begun = Instant::now();
    while state.request(&request).await.unwrap().accepted().is_err() {
        tokio::time::sleep(Duration::from_millis(20)).await;
        begun = Instant::now();
    }
    let mut packets = 0;
    loop {
        let answer = state.get_message().await.unwrap().accepted().unwrap();
        let Some(Data::Message(message)) = &answer.data else {
            tokio::time::sleep(Duration::from_millis(5)).await;
            continue;
        };
        let taken = Outcome::Status(Status::Immediate);
        state.acknowledge(&Delivered::of(message), &taken).await.unwrap().accepted().unwrap();
        if message.kind != MessageKind::Response {
            continue;
        }
        assert!(message.body().at("SIF_Error").is_empty(), "the request is answered");
        packets += 1;
        if message.value("SIF_MorePackets").as_deref() == Some("No") {
            break;
        }
    }
    let time = begun.elapsed();
    ended.notify_one();
    served.await.unwrap();
    provider.stop().await;
    server.stop(Duration::from_secs(5)).await;
    (time, packets)
}
