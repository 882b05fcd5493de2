//! A conversation that is under way: a real server, and agents with their own connections.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::Duration;

use bytes::Bytes;
use zis::ZoneConfig;
use zis::server::{PushConfig, Server, ServerConfig, TlsConfig};

use super::actor::Actor;
use super::certificates::{Certificates, certificates};
use super::labels::Labels;
use super::script::Conversation;
use super::setup;

/// Server and agents.
pub struct Stage {
    pub zone: String,
    pub labels: Labels,
    pub actors: BTreeMap<String, Actor>,
    /// All that the server said.
    pub said: Mutex<Vec<Bytes>>,
    config: ZoneConfig,
    store: String,
    https: bool,
    server: Option<Server>,
}

impl Stage {
    /// Starts the server and the agents, none of which has registered yet.
    pub async fn open(zone: &str, store: &str, conversation: &Conversation) -> Result<Self, String> {
        let config = setup::zone(zone, conversation, certificates())?;
        let https = conversation.zone.https;
        let tls: Option<&Certificates> = https.then(certificates);
        let mut actors = BTreeMap::new();
        for (id, setup) in &conversation.agents {
            actors.insert(id.clone(), Actor::start(id, setup, tls).await?);
        }
        let mut stage = Self {
            zone: zone.to_owned(),
            labels: Labels::new(zone),
            actors,
            said: Mutex::default(),
            config,
            store: store.to_owned(),
            https,
            server: None,
        };
        stage.start().await?;
        Ok(stage)
    }

    async fn start(&mut self) -> Result<(), String> {
        let anywhere = std::net::SocketAddr::from(([127, 0, 0, 1], 0));
        let known = certificates();
        let push = PushConfig {
            connect_timeout: Duration::from_secs(2),
            timeout: Duration::from_secs(5),
            authorities: self.https.then(|| known.authority.clone().into_bytes()),
            identity: self.https.then(|| (known.server.key.clone() + &known.server.certificate).into_bytes()),
        };
        let mut config = ServerConfig::new(anywhere, self.store.clone()).zone(self.config.clone()).push(push);
        if self.https {
            let tls = TlsConfig::new(known.server.certificate.as_bytes(), known.server.key.as_bytes());
            config = config.tls(tls.client_authorities(known.authority.as_bytes()));
        }
        let server = Server::start(config).await.map_err(|fault| format!("the server does not start: {fault}"))?;
        self.server = Some(server);
        let url = self.url()?;
        for actor in self.actors.values_mut() {
            actor.connect(&url, known)?;
        }
        Ok(())
    }

    /// The zone's address.
    pub fn url(&self) -> Result<String, String> {
        let scheme = if self.https { "https" } else { "http" };
        Ok(format!("{scheme}://{}/zones/{}", self.server()?.address(), self.zone))
    }

    /// The server that runs.
    pub fn server(&self) -> Result<&Server, String> {
        self.server.as_ref().ok_or_else(|| "the server does not run".to_owned())
    }

    /// Stops the server and starts it with the same store.
    pub async fn restart(&mut self) -> Result<(), String> {
        self.close().await;
        self.start().await
    }

    /// Stops the server.
    pub async fn close(&mut self) {
        if let Some(server) = self.server.take() {
            server.stop(Duration::from_secs(5)).await;
        }
    }

    /// An agent by its id.
    pub fn actor(&self, id: &str) -> Result<&Actor, String> {
        self.actors.get(id).ok_or_else(|| format!("there is no agent {id}"))
    }

    /// Sends a document as an agent; remembers the answer.
    pub async fn send(&self, agent: &str, document: Bytes) -> Result<Bytes, String> {
        let answer = self.actor(agent)?.send(document).await?;
        self.said.lock().unwrap().push(answer.clone());
        Ok(answer)
    }
}
