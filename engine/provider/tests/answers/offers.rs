//! A provider in a zone that does not let it do all that its rulebook offers.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use agent::{Agent, Answered, Registration, Resend, Transport};
use bytes::Bytes;
use provider::{Generation, Provider, ProviderConfig};
use sif::message::{ErrorCode, Header, Message, MessageKind, Original, Outcome, Payload, Status, error, write_ack};
use sif::xml::read::Limits;
use store::Store;
use tempfile::TempDir;
use tokio::sync::Notify;

use crate::support::life::config;
use crate::support::{cedar_ridge, plan};

const PATIENCE: Duration = Duration::from_secs(60);

/// What a provision says, by its lists.
type Said = BTreeMap<String, BTreeSet<String>>;

/// A zone that refuses what it is to refuse, a list and an object each.
#[derive(Default)]
struct Zone {
    /// What its SIF_AgentACL names; none is no SIF_AgentACL.
    acl: Mutex<Option<Vec<(&'static str, &'static str)>>>,
    refuses: Mutex<BTreeMap<(&'static str, &'static str), ErrorCode>>,
    /// Provisions that it has taken, and how many it was told in all.
    taken: Mutex<Vec<Said>>,
    told: Mutex<usize>,
    asked: Mutex<usize>,
}

impl Zone {
    fn acl_xml(&self) -> Option<String> {
        let acl = self.acl.lock().unwrap().clone()?;
        let mut lists: BTreeMap<&str, String> = BTreeMap::new();
        for (list, object) in acl {
            let object = format!(
                "<SIF_Object ObjectName=\"{object}\"><SIF_Contexts><SIF_Context>SIF_Default</SIF_Context></SIF_Contexts></SIF_Object>"
            );
            lists.entry(list).or_default().push_str(&object);
        }
        let lists = lists.into_iter().map(|(list, objects)| format!("<{list}>{objects}</{list}>"));
        Some(format!("<SIF_AgentACL>{}</SIF_AgentACL>", lists.collect::<String>()))
    }

    fn provision(&self, message: &Message) -> Outcome {
        *self.told.lock().unwrap() += 1;
        let mut said = Said::new();
        for list in message.body().children() {
            let objects = list.at("SIF_Object").into_iter().filter_map(|object| object.attribute("ObjectName"));
            let objects: BTreeSet<String> = objects.map(str::to_owned).collect();
            if !objects.is_empty() {
                said.insert(list.name().to_owned(), objects);
            }
        }
        let refuses = self.refuses.lock().unwrap();
        let refused =
            refuses.iter().find(|((list, object), _)| said.get(*list).is_some_and(|all| all.contains(*object)));
        if let Some((_, code)) = refused {
            return Outcome::error(*code);
        }
        self.taken.lock().unwrap().push(said);
        Outcome::Status(Status::Success)
    }

    fn last(&self) -> Said {
        self.taken.lock().unwrap().last().cloned().unwrap_or_default()
    }

    /// Waits until the last provision that it took is so.
    async fn took(&self, what: &dyn Fn(&Said) -> bool) {
        let took = async {
            while self.taken.lock().unwrap().is_empty() || !what(&self.last()) {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        assert!(tokio::time::timeout(PATIENCE, took).await.is_ok(), "{:?}", self.taken.lock().unwrap());
    }

    /// Waits until it was asked for messages so often: the provider is in the zone.
    async fn was_asked(&self, times: usize) {
        let asked = async {
            while *self.asked.lock().unwrap() < times {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(PATIENCE, asked).await.expect("the provider asks for messages");
    }
}

impl Transport for Zone {
    fn send(&self, document: Bytes) -> Answered<'_> {
        Box::pin(async move {
            let message = Message::read(&document, &Limits::default()).map_err(|refusal| refusal.description).unwrap();
            let is_acl = message.body().at("SIF_SystemControlData/SIF_GetAgentACL").len() == 1;
            let gives_acl = is_acl || message.kind == MessageKind::Register;
            let outcome = match message.kind {
                MessageKind::Provision => self.provision(&message),
                MessageKind::SystemControl if !is_acl => {
                    *self.asked.lock().unwrap() += 1;
                    Outcome::Status(Status::NoMessage)
                }
                _ => Outcome::Status(Status::Success),
            };
            let acl = self.acl_xml().filter(|_| gives_acl);
            let payload = acl.as_deref().map(Payload::Object);
            let header = Header { source_id: "zone".to_owned(), ..message.header.clone() };
            let original = Original::of(&message.header);
            Ok(write_ack(message.version, &header, original.as_ref(), &outcome, payload).into())
        })
    }
}

/// A provider in a zone, until this is dropped.
struct Serving {
    zone: Arc<Zone>,
    provider: Provider,
    task: tokio::task::JoinHandle<()>,
    _folder: TempDir,
}

impl Drop for Serving {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(zone: Zone, offer_again: Duration) -> Serving {
    let folder = TempDir::new().unwrap();
    let store = Store::open(&format!("sqlite:{}", folder.path().join("own.db").display())).await.unwrap();
    let zone = Arc::new(zone);
    let resend = Resend { attempts: 1, pause: Duration::ZERO };
    let agent = Agent::new("provider", Arc::<Zone>::clone(&zone)).with_resend(resend);
    let config = ProviderConfig { offer_again, ..config(&cedar_ridge()) };
    let provider = Provider::start(config, Generation::of(plan()), agent, store).await.unwrap();
    let serves = provider.clone();
    let task = tokio::spawn(async move {
        let registration = Registration::pull("Provider");
        serves.serve(&registration, Arc::new(Notify::new()), std::future::pending()).await;
    });
    Serving { zone, provider, task, _folder: folder }
}

const A_DAY: Duration = Duration::from_secs(86_400);
const OFTEN: Duration = Duration::from_millis(20);

/// All that the rulebook offers.
fn everything(provider: &Provider) -> Said {
    let provision = provider.provision();
    let lists = [
        ("SIF_ProvideObjects", provision.provide),
        ("SIF_RespondObjects", provision.respond),
        ("SIF_PublishAddObjects", provision.publish_add),
        ("SIF_PublishChangeObjects", provision.publish_change),
        ("SIF_PublishDeleteObjects", provision.publish_delete),
    ];
    let names = |list: Vec<agent::Offered>| list.into_iter().map(|offered| offered.object).collect();
    lists.into_iter().map(|(name, list)| (name.to_owned(), names(list))).collect()
}

fn without(mut said: Said, left_out: &[(&str, &str)]) -> Said {
    for (list, object) in left_out {
        assert!(said.get_mut(*list).unwrap().remove(*object), "{list} {object}");
    }
    said
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_zone_refuses_is_left_out_and_all_else_offered_and_it_is_tried_again() {
    let left_out = [
        ("SIF_ProvideObjects", "SchoolInfo"),
        ("SIF_ProvideObjects", "StudentPersonal"),
        ("SIF_PublishDeleteObjects", "SchoolInfo"),
    ];
    let codes = [error::ALREADY_PROVIDED, error::MAY_NOT_PROVIDE, error::MAY_NOT_PUBLISH_DELETE];
    let zone = Zone::default();
    *zone.refuses.lock().unwrap() = left_out.into_iter().zip(codes).collect();
    let serving = serve(zone, OFTEN).await;
    let all = everything(&serving.provider);
    let rest = without(all.clone(), &left_out);
    serving.zone.was_asked(1).await;
    assert_eq!(serving.zone.last(), rest);
    let messages = *serving.zone.told.lock().unwrap();
    assert!(messages < 60, "three objects of many are found by halves: {messages}");

    // While it is tried again nothing of what is provided goes.
    let before = serving.zone.taken.lock().unwrap().len();
    serving.zone.refuses.lock().unwrap().remove(&left_out[0]);
    serving.zone.took(&|said| *said == without(all.clone(), &left_out[1..])).await;
    serving.zone.refuses.lock().unwrap().clear();
    serving.zone.took(&|said| *said == all).await;
    let is_less = |said: &Said| rest.iter().any(|(list, objects)| !objects.is_subset(&said[list]));
    assert!(!serving.zone.taken.lock().unwrap()[before..].iter().any(is_less));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_acl_cuts_down_what_is_offered_until_it_names_more() {
    let zone = Zone::default();
    let named = vec![("SIF_ProvideAccess", "SchoolInfo"), ("SIF_PublishAddAccess", "StudentPersonal")];
    *zone.acl.lock().unwrap() = Some(named.clone());
    let serving = serve(zone, OFTEN).await;
    serving.zone.was_asked(1).await;
    let said =
        |list: &str, objects: &[&str]| (list.to_owned(), objects.iter().map(|name| (*name).to_owned()).collect());
    let publish = said("SIF_PublishAddObjects", &["StudentPersonal"]);
    assert_eq!(
        *serving.zone.taken.lock().unwrap().first().unwrap(),
        Said::from([said("SIF_ProvideObjects", &["SchoolInfo"]), publish.clone()])
    );
    *serving.zone.acl.lock().unwrap() = Some([named, vec![("SIF_ProvideAccess", "StudentPersonal")]].concat());
    let more = Said::from([said("SIF_ProvideObjects", &["SchoolInfo", "StudentPersonal"]), publish]);
    serving.zone.took(&|said| *said == more).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_without_any_right_is_in_the_zone_and_provides_nothing() {
    let zone = Zone::default();
    *zone.acl.lock().unwrap() = Some(Vec::new());
    let serving = serve(zone, A_DAY).await;
    serving.zone.was_asked(3).await;
    assert_eq!(*serving.zone.taken.lock().unwrap(), [Said::new()]);
    assert_eq!(*serving.zone.told.lock().unwrap(), 1);
}
