//! Calls agents in push mode.

mod fence;

use std::fmt;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use reqwest::header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderValue};
use reqwest::{Certificate, Client, Identity, StatusCode, redirect};
use sif::message::{Ack, ErrorCode, Message, MessageKind, error};
use sif::xml::read::Limits;

pub(crate) use fence::{Fence, Hosts};

use crate::Channel;
use crate::http::{CONTENT_TYPE as XML, WORTH_PACKING, pack};
use crate::server::PushConfig;
use crate::zone::{PushResult, PushTarget};

/// An acknowledgement is small; who sends more is not listened to.
const LARGEST_ACK: usize = 1 << 20;

/// Why agents cannot be called at all. Never holds a part of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PushFault(String);

impl fmt::Display for PushFault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl std::error::Error for PushFault {}

/// Calls the agents of a zone, within its fence.
#[derive(Clone, Debug)]
pub(crate) struct PushClient {
    client: Client,
    fence: Fence,
    timeout: Duration,
}

impl PushClient {
    /// Sets it up.
    ///
    /// # Errors
    /// A certificate or key cannot be read, or the system has no authorities and none are given.
    pub(crate) fn new(config: &PushConfig, fence: Fence) -> Result<Self, PushFault> {
        // Reqwest takes the cryptography of the process; what somebody has chosen before stays.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut builder = Client::builder()
            .redirect(redirect::Policy::none())
            .no_proxy()
            .referer(false)
            .http1_only()
            .dns_resolver(fence.clone())
            .connect_timeout(config.connect_timeout)
            .timeout(config.timeout)
            .pool_max_idle_per_host(2)
            .pool_idle_timeout(Duration::from_secs(20))
            .user_agent(concat!("sifter/", env!("CARGO_PKG_VERSION")));
        if let Some(authorities) = &config.authorities {
            let authorities = Certificate::from_pem_bundle(authorities).unwrap_or_default();
            if authorities.is_empty() {
                return Err(PushFault("the authorities of agents cannot be read as PEM".to_owned()));
            }
            builder = builder.tls_certs_merge(authorities);
        }
        if let Some(identity) = &config.identity {
            let identity = Identity::from_pem(identity)
                .map_err(|_| PushFault("the certificate and key to show to agents cannot be read as PEM".to_owned()))?;
            builder = builder.identity(identity);
        }
        let client =
            builder.build().map_err(|fault| PushFault(format!("agents cannot be called: {}", without_url(fault))))?;
        Ok(Self { client, fence, timeout: config.timeout })
    }

    /// How safe a connection to an agent will be, known before it is made: a connection over `https` comes about only with a host whose
    /// certificate an authority vouches for and that has the host's name, and with keys of at least 128 bits.
    pub(crate) fn channel(target: &PushTarget) -> Channel {
        let secure = target.url.get(..6).is_some_and(|scheme| scheme.eq_ignore_ascii_case("https:"));
        let (authentication, encryption) = if secure { (3, 4) } else { (0, 0) };
        Channel { secure, authentication, encryption, ..Channel::default() }
    }

    /// Gives a message to an agent, and reads what it says.
    pub(crate) async fn deliver(&self, target: &PushTarget, document: Bytes) -> PushResult {
        let failed = |code, why| PushResult::Failed { code, why };
        let url = match self.fence.check(&target.url) {
            Ok(url) => url,
            Err(refused) => return failed(error::CANNOT_CONNECT, refused.to_string()),
        };
        let packed = (target.accept_gzip && document.len() >= WORTH_PACKING).then(|| pack(&document)).flatten();
        let mut request = self.client.post(url).header(CONTENT_TYPE, HeaderValue::from_static(XML));
        if packed.is_some() {
            request = request.header(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        }
        // A body of bytes has its length said, as OpenADK demands.
        let answer = tokio::time::timeout(self.timeout, read(request.body(packed.unwrap_or(document)))).await;
        let answer = match answer {
            Ok(Ok(answer)) => answer,
            Ok(Err((code, why))) => return failed(code, why),
            Err(_) => return failed(error::TRANSPORT, "the agent did not answer in time".to_owned()),
        };
        match Message::read(&answer, &Limits { size: LARGEST_ACK, ..Limits::default() }) {
            Ok(message) if message.kind == MessageKind::Ack => PushResult::Ack(Ack::read(&message)),
            Ok(_) => failed(error::TRANSPORT, "the agent answered with a message that is no SIF_Ack".to_owned()),
            // What is wrong with it may quote it, so it is not told.
            Err(_) => failed(error::TRANSPORT, "the agent answered with what is no SIF_Message".to_owned()),
        }
    }
}

async fn read(request: reqwest::RequestBuilder) -> Result<Bytes, (ErrorCode, String)> {
    let mut reply = request.send().await.map_err(|fault| explain(&fault))?;
    if reply.status() != StatusCode::OK {
        return Err((error::TRANSPORT, format!("the agent answered with HTTP status {}", reply.status().as_u16())));
    }
    let mut answer = BytesMut::new();
    while let Some(part) = reply.chunk().await.map_err(|fault| explain(&fault))? {
        if answer.len() + part.len() > LARGEST_ACK {
            return Err((error::TRANSPORT, "the agent's answer is too large".to_owned()));
        }
        answer.extend_from_slice(&part);
    }
    Ok(answer.freeze())
}

/// What went wrong, in words that hold neither the address nor what was sent.
fn explain(fault: &reqwest::Error) -> (ErrorCode, String) {
    if let Some(refused) = refused(fault) {
        return (error::CANNOT_CONNECT, refused.to_string());
    }
    if fault.is_connect() {
        (error::CANNOT_CONNECT, "no connection to the agent".to_owned())
    } else if fault.is_timeout() {
        (error::TRANSPORT, "the agent did not answer in time".to_owned())
    } else {
        (error::TRANSPORT, "the connection to the agent broke off".to_owned())
    }
}

/// The fence's refusal, if it is behind this.
fn refused<'e>(fault: &'e (dyn std::error::Error + 'static)) -> Option<&'e fence::Refused> {
    let mut source = Some(fault);
    while let Some(fault) = source {
        if let Some(refused) = fault.downcast_ref::<fence::Refused>() {
            return Some(refused);
        }
        source = fault.source();
    }
    None
}

fn without_url(fault: reqwest::Error) -> String {
    let fault = fault.without_url();
    let source = std::error::Error::source(&fault).map(|source| format!(": {source}"));
    format!("{fault}{}", source.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

    use super::*;

    #[tokio::test]
    async fn the_client_connects_only_to_addresses_that_the_fence_gives() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://localhost:{}/", listener.local_addr().unwrap().port());
        // By a pattern the name may be called, but not the address behind it; the text of the name does not tell.
        let suffix = Hosts::new(&["*.localhost".to_owned()], std::iter::empty());
        let client = PushClient::new(&PushConfig::default(), Fence::new(suffix)).unwrap();
        let below = PushTarget {
            url: url.replace("localhost", "a.localhost"),
            accept_gzip: false,
            version: sif::message::Version::V2_4,
        };
        let refused = client.deliver(&below, Bytes::from_static(b"<a/>")).await;
        assert!(matches!(refused, PushResult::Failed { code: error::CANNOT_CONNECT, .. }), "{refused:?}");
        // Past the look at the text, as a name that changes between two looks would.
        let fault = client.client.post(&url).send().await.unwrap_err();
        assert_eq!(explain(&fault), (error::CANNOT_CONNECT, fence::Refused::Host.to_string()));
        let taken = tokio::time::timeout(Duration::from_millis(100), listener.accept()).await;
        assert!(taken.is_err(), "nobody was called");
        client.fence.set(Hosts::new(&["localhost".to_owned()], std::iter::empty()));
        let (sent, taken) = tokio::join!(
            tokio::time::timeout(Duration::from_millis(500), client.client.post(&url).send()),
            tokio::time::timeout(Duration::from_millis(500), listener.accept())
        );
        assert!(taken.is_ok() && !matches!(sent, Ok(Ok(_))), "a name in full is called");
    }

    #[test]
    fn what_goes_wrong_is_told_without_the_address() {
        let config = PushConfig { authorities: Some(b"no PEM".to_vec()), ..PushConfig::default() };
        assert!(PushClient::new(&config, Fence::default()).is_err());
        let config = PushConfig {
            identity: Some(b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----".to_vec()),
            ..PushConfig::default()
        };
        let fault = PushClient::new(&config, Fence::default()).unwrap_err();
        assert!(!fault.to_string().contains("AAAA"), "{fault}");
    }
}
