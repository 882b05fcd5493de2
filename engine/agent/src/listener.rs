//! Push mode: a server that takes what a zone delivers, and answers with acknowledgements.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use hyper::header::{ACCEPT_ENCODING, ALLOW, CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use sif::message::{Ack, Message, MessageKind, Original, Outcome, Status, error, write_ack};
use sif::xml::read::Limits;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;

use crate::client::Agent;
use crate::fault::AgentFault;
use crate::gzip;
use crate::handler::Handler;
use crate::http::MEDIA_TYPE;

/// How long a client may take to send what it began, and to agree on encryption.
const PATIENCE: Duration = Duration::from_secs(30);

/// How many connections it has at a time: a zone needs one.
const CONNECTIONS: usize = 64;

/// A server for what a zone delivers. It breaks off when it is dropped; [`Listener::stop`] answers first what has come.
pub struct Listener {
    address: SocketAddr,
    is_secure: bool,
    ending: watch::Sender<bool>,
    task: JoinHandle<()>,
}

/// How a [`Listener`] is set up.
pub struct ListenerBuilder {
    agent: Agent,
    handler: Arc<dyn Handler>,
    tls: Option<TlsAcceptor>,
    max_size: usize,
}

impl Listener {
    /// A listener for an agent; acknowledgements are written as this agent.
    #[must_use]
    pub fn builder(agent: Agent, handler: Arc<dyn Handler>) -> ListenerBuilder {
        ListenerBuilder { agent, handler, tls: None, max_size: Limits::default().size }
    }

    /// Where it listens.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its address for SIF_Protocol/SIF_URL, if it is called by its number.
    #[must_use]
    pub fn url(&self) -> String {
        let scheme = if self.is_secure { "https" } else { "http" };
        format!("{scheme}://{}/", self.address)
    }

    /// Takes no more, and ends when what has come is acknowledged, or the time is over.
    pub async fn stop(mut self, patience: Duration) {
        self.ending.send_replace(true);
        // Whatever is left after that is broken off: the zone delivers it again.
        let _ended = tokio::time::timeout(patience, &mut self.task).await;
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl ListenerBuilder {
    /// Encrypts with this certificate and key, in PEM. With authorities, only those who show a certificate of theirs are let in.
    ///
    /// # Errors
    /// If they cannot be used.
    pub fn tls(mut self, certificates: &[u8], key: &[u8], authorities: Option<&[u8]>) -> Result<Self, AgentFault> {
        self.tls = Some(crate::tls::acceptor(certificates, key, authorities)?);
        Ok(self)
    }

    /// The largest message that is taken, in bytes; 8 MiB by itself.
    #[must_use]
    pub const fn max_size(mut self, bytes: usize) -> Self {
        self.max_size = bytes;
        self
    }

    /// Listens at an address; port 0 takes a free one.
    ///
    /// # Errors
    /// If it cannot listen there.
    pub async fn listen(self, address: SocketAddr) -> Result<Listener, AgentFault> {
        let cannot = |error: std::io::Error| AgentFault::Setup { why: format!("cannot listen at {address}: {error}") };
        let socket = TcpListener::bind(address).await.map_err(cannot)?;
        let address = socket.local_addr().map_err(cannot)?;
        let is_secure = self.tls.is_some();
        let serving = Arc::new(Serving { agent: self.agent, handler: self.handler, max_size: self.max_size });
        let (ending, ends) = watch::channel(false);
        let task = tokio::spawn(accept(socket, serving, self.tls, ends));
        Ok(Listener { address, is_secure, ending, task })
    }
}

struct Serving {
    agent: Agent,
    handler: Arc<dyn Handler>,
    max_size: usize,
}

/// Told when a listener takes no more.
type Ends = watch::Receiver<bool>;

async fn ended(mut ends: Ends) {
    // A listener that is gone has ended too.
    let _ended = ends.wait_for(|ended| *ended).await;
}

async fn accept(socket: TcpListener, serving: Arc<Serving>, tls: Option<TlsAcceptor>, ends: Ends) {
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    // Dropping the set with this task ends all connections.
    let mut connections = tokio::task::JoinSet::new();
    loop {
        while connections.try_join_next().is_some() {}
        let next = async {
            let place = Arc::clone(&places).acquire_owned().await.map_err(std::io::Error::other)?;
            Ok((place, socket.accept().await?))
        };
        let next = tokio::select! {
            biased;
            () = ended(ends.clone()) => break,
            next = next => next,
        };
        let (place, stream) = match next {
            Ok((place, (stream, _))) => (place, stream),
            Err::<_, std::io::Error>(error) => {
                tracing::warn!(%error, "no connection was accepted");
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            }
        };
        let (serving, tls, ends) = (Arc::clone(&serving), tls.clone(), ends.clone());
        connections.spawn(async move {
            connection(stream, serving, tls, ends).await;
            drop(place);
        });
    }
    drop(socket);
    while connections.join_next().await.is_some() {}
}

async fn connection(stream: TcpStream, serving: Arc<Serving>, tls: Option<TlsAcceptor>, ends: Ends) {
    // Small answers must not wait for more to send.
    let _ = stream.set_nodelay(true);
    match tls {
        None => serve(stream, serving, ends).await,
        Some(tls) => match tokio::time::timeout(PATIENCE, tls.accept(stream)).await {
            Ok(Ok(stream)) => serve(stream, serving, ends).await,
            Ok(Err(error)) => tracing::warn!(%error, "no encrypted connection"),
            Err(_) => tracing::warn!("no encrypted connection in time"),
        },
    }
}

async fn serve(stream: impl AsyncRead + AsyncWrite + Unpin, serving: Arc<Serving>, ends: Ends) {
    let service = service_fn(move |request| {
        let serving = Arc::clone(&serving);
        async move { Ok::<_, Infallible>(serving.answer(request).await) }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(PATIENCE)
        .serve_connection(TokioIo::new(stream), service);
    tokio::pin!(connection);
    let ended = tokio::select! {
        ended = &mut connection => ended,
        () = ended(ends) => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection ended");
    }
}

impl Serving {
    async fn answer(&self, request: Request<Incoming>) -> Response<Full<Bytes>> {
        if request.method() != Method::POST {
            let mut response = plain(StatusCode::METHOD_NOT_ALLOWED);
            response.headers_mut().insert(ALLOW, HeaderValue::from_static("POST"));
            return response;
        }
        let text = |headers: &HeaderMap, name: HeaderName| {
            headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_ascii_lowercase()
        };
        let headers = request.headers();
        if !text(headers, CONTENT_TYPE).starts_with("application/xml") {
            return plain(StatusCode::UNSUPPORTED_MEDIA_TYPE);
        }
        let encoding = text(headers, CONTENT_ENCODING);
        let takes_gzip = gzip::takes_gzip(&text(headers, ACCEPT_ENCODING));
        let body = Limited::new(request.into_body(), self.max_size);
        let Ok(body) = tokio::time::timeout(PATIENCE, body.collect()).await else {
            return plain(StatusCode::REQUEST_TIMEOUT);
        };
        let document = match body {
            Ok(body) => body.to_bytes(),
            Err(_) => return plain(StatusCode::PAYLOAD_TOO_LARGE),
        };
        let document = match encoding.as_str() {
            "" | "identity" => document,
            "gzip" => match gzip::expand(&document, self.max_size) {
                Ok(document) => document,
                Err(_) => return plain(StatusCode::BAD_REQUEST),
            },
            _ => return plain(StatusCode::UNSUPPORTED_MEDIA_TYPE),
        };
        let ack = self.acknowledge(&document).await;
        let mut response = Response::new(Full::new(ack.clone()));
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
        if takes_gzip && let Ok(small) = gzip::compress(&ack) {
            headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
            *response.body_mut() = Full::new(small);
        }
        response
    }

    /// The acknowledgement of what was delivered. A message to the agent itself, such as SIF_Ping, needs no handler.
    async fn acknowledge(&self, document: &Bytes) -> Bytes {
        let header = self.agent.header(None);
        match Message::read(document, &Limits { size: self.max_size, ..Limits::default() }) {
            Err(refusal) => {
                let outcome = Outcome::error_because(refusal.error, refusal.description);
                let version = refusal.version.unwrap_or(self.agent.version());
                write_ack(version, &header, refusal.original.as_ref(), &outcome, None).into()
            }
            Ok(message) => {
                let outcome = match message.kind {
                    MessageKind::Ack => self.acked(&message),
                    MessageKind::SystemControl => controlled(&message),
                    _ => self.handler.handle(&message).await.outcome(),
                };
                let original = Original::of(&message.header);
                write_ack(message.version, &header, original.as_ref(), &outcome, None).into()
            }
        }
    }

    /// A zone pushes no acknowledgements; some did.
    fn acked(&self, message: &Message) -> Outcome {
        let original = Ack::read(message).original_message_id.unwrap_or_default();
        tracing::warn!(agent = %self.agent.id(), message = %original, "an acknowledgement was delivered by itself");
        Outcome::error(error::PROTOCOL)
    }
}

fn controlled(message: &Message) -> Outcome {
    let what = message.body().at("SIF_SystemControlData");
    match what.first().and_then(|what| what.children().next()).map(|what| what.name()) {
        Some("SIF_Ping" | "SIF_Sleep" | "SIF_Wakeup") => Outcome::Status(Status::Immediate),
        _ => Outcome::error(error::MESSAGE_UNSUPPORTED),
    }
}

fn plain(status: StatusCode) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::new()));
    *response.status_mut() = status;
    response
}
