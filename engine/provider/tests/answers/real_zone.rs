//! The provider in a real zone: in its process, and as an agent over HTTP that asks or is called.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use agent::{
    Agent, Data, Delivered, HttpTransport, Listener, Offered, Protocol, Query, Registration, Request, Transport,
};
use provider::{Generation, InProcess, Provider, ProviderConfig};
use sif::message::{Message, MessageKind, Outcome, Status, Version};
use store::Store;
use tempfile::TempDir;
use tokio::sync::{Notify, oneshot};
use zis::server::{PushConfig, Server, ServerConfig};
use zis::{AgentConfig, Broker, Right, ZoneConfig, ZoneOptions};

use crate::support::answer::items;
use crate::support::life::config;
use crate::support::{OBJECTS, assert_valid, cedar_ridge, generated, mapped, plan};

fn zone() -> ZoneConfig {
    let agent = |id: &str| AgentConfig {
        id: id.to_owned(),
        approved: true,
        rights: BTreeMap::from([("*".to_owned(), Right::ALL.into_iter().collect())]),
        contexts: vec!["SIF_Default".to_owned()],
        ..AgentConfig::default()
    };
    ZoneConfig {
        name: "cedar-ridge".to_owned(),
        contexts: vec!["SIF_Default".to_owned()],
        versions: ["2.0r1", "2.4"].iter().filter_map(|version| Version::parse(version)).collect(),
        agents: ["provider", "Library"].map(|id| (id.to_owned(), agent(id))).into(),
        options: ZoneOptions { push_hosts: vec!["127.0.0.1".to_owned()], ..ZoneOptions::default() },
    }
}

async fn store(folder: &TempDir, name: &str) -> Store {
    Store::open(&format!("sqlite:{}", folder.path().join(name).display())).await.unwrap()
}

/// Starts a provider that asks for its messages; the sender ends it.
async fn pulling(
    transport: Arc<dyn Transport>,
    store: Store,
    config: ProviderConfig,
) -> (Provider, oneshot::Sender<()>) {
    let agent = Agent::new("provider", transport);
    let provider = Provider::start(config, Generation::of(plan()), agent, store).await.unwrap();
    let (end, ended) = oneshot::channel::<()>();
    let serving = provider.clone();
    tokio::spawn(async move {
        let stop = async {
            let _ = ended.await;
        };
        serving.serve(&Registration::pull("Provider"), Arc::new(Notify::new()), stop).await;
    });
    (provider, end)
}

/// An agent that is registered and asks.
async fn library(transport: Arc<dyn Transport>) -> Agent {
    let agent = Agent::new("Library", transport);
    agent.register(&Registration::pull("Library")).await.unwrap().accepted().unwrap();
    agent
}

/// Asks until there is a provider, and gives the request's id.
async fn ask(agent: &Agent, request: &Request) -> String {
    for _ in 0..500 {
        if let Ok(answer) = agent.request(request).await.unwrap().accepted() {
            return answer.message_id;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("the provider never joined the zone");
}

/// Takes packets until these requests are answered.
async fn packets(agent: &Agent, ids: &[String]) -> BTreeMap<String, Vec<String>> {
    let mut packets: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut open = ids.len();
    let taking = async {
        while open > 0 {
            let answer = agent.get_message().await.unwrap().accepted().unwrap();
            let Some(Data::Message(message)) = &answer.data else {
                tokio::time::sleep(Duration::from_millis(10)).await;
                continue;
            };
            let done = Outcome::Status(Status::Immediate);
            agent.acknowledge(&Delivered::of(message), &done).await.unwrap().accepted().unwrap();
            if message.kind == MessageKind::Response {
                open -= usize::from(message.value("SIF_MorePackets").unwrap() == "No");
                let id = message.value("SIF_RequestMsgId").unwrap();
                packets.entry(id).or_default().push(text(message));
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(120), taking).await.expect("the answers come");
    packets
}

fn text(message: &Message) -> String {
    String::from_utf8(message.document.to_vec()).unwrap()
}

fn objects(packets: &[String]) -> Vec<String> {
    packets.iter().flat_map(|packet| items(packet)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_zone_gives_a_right_to_and_nobody_else_provides_is_provided() {
    let folder = TempDir::new().unwrap();
    let store = store(&folder, "zone.db").await;
    let mut zone = zone();
    let provider = zone.agents.get_mut("provider").unwrap();
    provider.rights.insert("LEAInfo".to_owned(), std::collections::BTreeSet::new());
    let broker = Broker::start(zone, store.clone(), &PushConfig::default()).await.unwrap();
    let transport = Arc::new(InProcess::new(broker));
    let library = library(transport.clone()).await;
    library.provide(&[Offered::new("SchoolInfo")]).await.unwrap().accepted().unwrap();
    let (provider, end) = pulling(transport, store, config(&cedar_ridge())).await;
    let id = ask(&library, &Request::of(Query::new("TermInfo"))).await;
    let packets = packets(&library, std::slice::from_ref(&id)).await;
    assert_eq!(objects(&packets[&id]), mapped(&cedar_ridge(), "TermInfo"));
    let status = library.zone_status().await.unwrap().accepted().unwrap();
    let Some(Data::ZoneStatus(status)) = status.data else { panic!("the zone tells its status") };
    let (_, providers) = status.split_once("<SIF_Providers>").unwrap();
    let (providers, _) = providers.split_once("</SIF_Providers>").unwrap();
    let (_, own) = providers.split_once("SourceId=\"provider\"").unwrap();
    let own = own.split("</SIF_Provider>").next().unwrap();
    let provides = |object: &str| own.contains(&format!("\"{object}\""));
    let provided: Vec<&str> = OBJECTS.into_iter().filter(|object| provides(object)).collect();
    let left: Vec<&str> = OBJECTS.into_iter().filter(|object| !["LEAInfo", "SchoolInfo"].contains(object)).collect();
    assert_eq!(provided, left);
    drop(end);
    provider.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn in_one_process_each_object_is_provided() {
    let folder = TempDir::new().unwrap();
    let store = store(&folder, "zone.db").await;
    let broker = Broker::start(zone(), store.clone(), &PushConfig::default()).await.unwrap();
    let transport = Arc::new(InProcess::new(broker));
    let (provider, end) = pulling(transport.clone(), store, config(&cedar_ridge())).await;
    let library = library(transport).await;
    let mut ids = Vec::new();
    for object in OBJECTS {
        ids.push(ask(&library, &Request { max_buffer_size: 60_000, ..Request::of(Query::new(object)) }).await);
    }
    let packets = packets(&library, &ids).await;
    for (object, id) in OBJECTS.iter().zip(&ids) {
        assert_eq!(objects(&packets[id]), mapped(&cedar_ridge(), object), "{object}");
    }
    assert_valid(&packets.into_values().flatten().collect::<Vec<_>>());
    provider.settled().await;
    drop(end);
}

#[tokio::test(flavor = "multi_thread")]
async fn generated_districts_are_answered_whole() {
    let folder = TempDir::new().unwrap();
    for seed in [1, 2] {
        let source = generated(folder.path(), 450, seed);
        let store = store(&folder, &format!("zone-{seed}.db")).await;
        let broker = Broker::start(zone(), store.clone(), &PushConfig::default()).await.unwrap();
        let transport = Arc::new(InProcess::new(broker));
        let (_provider, end) = pulling(transport.clone(), store, ProviderConfig { jobs: 2, ..config(&source) }).await;
        let library = library(transport).await;
        for object in ["StudentPersonal", "StudentAcademicRecord", "SectionInfo"] {
            let id = ask(&library, &Request { max_buffer_size: 300_000, ..Request::of(Query::new(object)) }).await;
            let packets = packets(&library, std::slice::from_ref(&id)).await.remove(&id).unwrap();
            assert_eq!(objects(&packets), mapped(&source, object), "{object} of seed {seed}");
        }
        drop(end);
    }
}

/// The provider as an agent of somebody else's zone, reached over HTTP, with a store of its own.
#[tokio::test(flavor = "multi_thread")]
async fn over_http_the_provider_asks_or_is_called() {
    let folder = TempDir::new().unwrap();
    let url = format!("sqlite:{}", folder.path().join("zone.db").display());
    let server = Server::start(ServerConfig::new("127.0.0.1:0".parse().unwrap(), url).zone(zone())).await.unwrap();
    let address = format!("http://{}/zones/cedar-ridge", server.address());
    let http = || -> Arc<dyn Transport> { Arc::new(HttpTransport::builder(&address).build().unwrap()) };
    let wanted = mapped(&cedar_ridge(), "StudentPersonal");
    let library = library(http()).await;
    let asked = Request { max_buffer_size: 30_000, ..Request::of(Query::new("StudentPersonal")) };

    let own = store(&folder, "own.db").await;
    let (provider, end) = pulling(http(), own.clone(), config(&cedar_ridge())).await;
    let id = ask(&library, &asked).await;
    let first = packets(&library, std::slice::from_ref(&id)).await.remove(&id).unwrap();
    assert_eq!(objects(&first), wanted);
    drop(end);
    provider.stop().await;

    let agent = Agent::new("provider", http());
    let provider = Provider::start(config(&cedar_ridge()), Generation::of(plan()), agent, own).await.unwrap();
    let listening = Listener::builder(provider.agent().clone(), provider.handler());
    let listener = listening.listen("127.0.0.1:0".parse().unwrap()).await.unwrap();
    let push = Registration { push: Some(Protocol::of(&listener.url())), ..Registration::pull("Provider") };
    provider.join(&push).await.unwrap();
    let id = ask(&library, &asked).await;
    let second = packets(&library, std::slice::from_ref(&id)).await.remove(&id).unwrap();
    assert_eq!(objects(&second), wanted);
    provider.stop().await;
    drop(listener);
    server.stop(Duration::from_secs(5)).await;
}
