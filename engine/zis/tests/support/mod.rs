//! A server on a free port, messages to send, and clients that can misbehave.
#![allow(dead_code, reason = "each test uses a part")]

pub mod agents;
pub mod certificates;
pub mod raw;

use std::collections::BTreeMap;
use std::time::Duration;

use sif::message::Version;
use tempfile::TempDir;
use zis::server::{HttpLimits, PushConfig, Server, ServerConfig};
use zis::{AgentConfig, Right, ZoneConfig, ZoneOptions};

/// The name of the zone in all tests.
pub const ZONE: &str = "Test Zone";

/// Its path.
pub const PATH: &str = "/zones/Test%20Zone";

/// An agent that may do everything.
pub fn agent(id: &str) -> AgentConfig {
    AgentConfig {
        id: id.to_owned(),
        approved: true,
        rights: BTreeMap::from([("*".to_owned(), Right::ALL.into_iter().collect())]),
        contexts: vec!["SIF_Default".to_owned()],
        ..AgentConfig::default()
    }
}

/// A zone of agents that may do everything.
pub fn zone(agents: &[&str]) -> ZoneConfig {
    let versions = ["2.0", "2.0r1", "2.1", "2.2", "2.3", "2.4"].iter().filter_map(|version| Version::parse(version));
    ZoneConfig {
        name: ZONE.to_owned(),
        contexts: vec!["SIF_Default".to_owned()],
        versions: versions.collect(),
        agents: agents.iter().map(|id| ((*id).to_owned(), agent(id))).collect(),
        options: ZoneOptions { push_hosts: vec!["127.0.0.1".to_owned()], ..ZoneOptions::default() },
    }
}

/// A server and the folder of its store.
pub struct Running {
    pub server: Server,
    pub folder: TempDir,
}

impl Running {
    /// Starts one.
    pub async fn start(change: impl FnOnce(ServerConfig) -> ServerConfig) -> Self {
        let folder = TempDir::new().unwrap();
        let store = format!("sqlite:{}", folder.path().join("zone.db").display());
        let config = ServerConfig::new("127.0.0.1:0".parse().unwrap(), store).limits(short_limits()).push(PushConfig {
            connect_timeout: Duration::from_secs(1),
            timeout: Duration::from_secs(2),
            ..PushConfig::default()
        });
        let server = Server::start(change(config)).await.unwrap();
        Self { server, folder }
    }

    /// Starts one with these agents.
    pub async fn with_agents(agents: &[&str]) -> Self {
        Self::start(|config| config.zone(zone(agents))).await
    }

    /// Where agents reach the zone over HTTP.
    pub fn url(&self) -> String {
        format!("http://{}{PATH}", self.server.address())
    }

    /// Sends a message with a well-behaved client; gives the answer, which came with HTTP status 200.
    pub async fn send(&self, message: &str) -> String {
        let reply = self.post(message).await;
        assert_eq!(reply.status().as_u16(), 200);
        reply.text().await.unwrap()
    }

    /// Sends a message.
    pub async fn post(&self, message: &str) -> reqwest::Response {
        let request = client().post(self.url()).header("Content-Type", "application/xml;charset=\"utf-8\"");
        request.body(message.to_owned()).send().await.unwrap()
    }

    /// Registers an agent in pull mode.
    pub async fn register(&self, id: &str) {
        let answer = self.send(&register(id, "Pull", "")).await;
        assert!(answer.contains("<SIF_Code>0</SIF_Code>"), "{answer}");
    }
}

/// A client of HTTP without encryption.
pub fn client() -> reqwest::Client {
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().no_proxy().build().unwrap()
}

/// Limits that a test does not have to wait long for.
pub fn short_limits() -> HttpLimits {
    HttpLimits {
        handshake_timeout: Duration::from_millis(500),
        header_timeout: Duration::from_millis(500),
        body_timeout: Duration::from_millis(1000),
        idle_timeout: Duration::from_millis(1500),
        ..HttpLimits::default()
    }
}

/// A GUID that no other call gives.
pub fn guid() -> String {
    uuid::Uuid::new_v4().simple().to_string().to_uppercase()
}

/// A message of an agent.
pub fn message(source: &str, kind: &str, body: &str) -> String {
    message_with_id(source, kind, body, &guid())
}

/// A message of an agent with an id.
pub fn message_with_id(source: &str, kind: &str, body: &str, id: &str) -> String {
    format!(
        "<SIF_Message xmlns=\"http://www.sifinfo.org/infrastructure/2.x\" Version=\"2.4\"><{kind}><SIF_Header>\
         <SIF_MsgId>{id}</SIF_MsgId><SIF_Timestamp>2026-02-02T08:00:00Z</SIF_Timestamp>\
         <SIF_SourceId>{source}</SIF_SourceId></SIF_Header>{body}</{kind}></SIF_Message>"
    )
}

/// A registration; `protocol` stands in its place.
pub fn register(id: &str, mode: &str, protocol: &str) -> String {
    let body = format!(
        "<SIF_Name>{id}</SIF_Name><SIF_Version>2.*</SIF_Version><SIF_MaxBufferSize>1048576</SIF_MaxBufferSize>\
         <SIF_Mode>{mode}</SIF_Mode>{protocol}"
    );
    message(id, "SIF_Register", &body)
}

/// A registration in push mode.
pub fn register_push(id: &str, url: &str) -> String {
    let kind = if url.starts_with("https") { "HTTPS\" Secure=\"Yes" } else { "HTTP\" Secure=\"No" };
    register(id, "Push", &format!("<SIF_Protocol Type=\"{kind}\"><SIF_URL>{url}</SIF_URL></SIF_Protocol>"))
}

/// A subscription to an object.
pub fn subscribe(id: &str, object: &str) -> String {
    message(id, "SIF_Subscribe", &format!("<SIF_Object ObjectName=\"{object}\"/>"))
}

/// An event about a student.
pub fn event(source: &str) -> String {
    event_with_id(source, &guid())
}

/// An event about a student, with an id, which is the student's RefId too.
pub fn event_with_id(source: &str, id: &str) -> String {
    let ref_id = id;
    let body = format!(
        "<SIF_ObjectData><SIF_EventObject ObjectName=\"StudentPersonal\" Action=\"Add\"><StudentPersonal RefId=\"{ref_id}\">\
         <Name Type=\"04\"><LastName>Quill</LastName><FirstName>Ana</FirstName></Name></StudentPersonal></SIF_EventObject></SIF_ObjectData>"
    );
    message_with_id(source, "SIF_Event", &body, id)
}

/// A SIF_SystemControl, such as `SIF_Ping` or `SIF_GetMessage`.
pub fn control(source: &str, what: &str) -> String {
    message(source, "SIF_SystemControl", &format!("<SIF_SystemControlData><{what}/></SIF_SystemControlData>"))
}

/// The text of the first element with a name.
pub fn text<'x>(xml: &'x str, name: &str) -> Option<&'x str> {
    let start = xml.find(&format!("<{name}>"))? + name.len() + 2;
    let rest = &xml[start..];
    Some(&rest[..rest.find('<')?])
}

/// `category/code` of an answer's SIF_Error; the code of its SIF_Status where there is none.
pub fn code(answer: &str) -> String {
    let code = text(answer, "SIF_Code").unwrap_or_else(|| panic!("an answer has a code: {answer}"));
    text(answer, "SIF_Category").map_or_else(|| code.to_owned(), |category| format!("{category}/{code}"))
}

/// Waits until something holds, for as long as a busy machine may need.
pub async fn eventually(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    for _ in 0..2_400 {
        if holds().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    panic!("it never came to be that {what}");
}
