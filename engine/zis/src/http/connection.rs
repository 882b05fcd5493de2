//! One connection: its handshake, its requests, its end.

use std::future::Future;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::SystemTime;

use axum::body::Body;
use hyper::body::Incoming;
use hyper::header::{CONNECTION, CONTENT_TYPE, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::{sleep_until, timeout};
use tracing::debug;

use super::certificate::Judged;
use super::tls::{Tls, encryption_level};
use super::watch::{Verdict, Watch, Watched};
use crate::Channel;
use crate::server::HttpLimits;

/// What a request is answered with.
pub(crate) type Reply = Response<Body>;

/// Answers requests.
pub(crate) trait Handler: Clone + Send + Sync + 'static {
    /// Answers one.
    fn handle(&self, request: Request<Incoming>, peer: Arc<Peer>) -> impl Future<Output = Reply> + Send;
}

/// Who is at the other end of a connection.
#[derive(Debug)]
pub(crate) struct Peer {
    /// Where it calls from.
    pub(crate) address: SocketAddr,
    secure: bool,
    encryption: u8,
    judged: Judged,
}

impl Peer {
    fn plain(address: SocketAddr) -> Self {
        Self { address, secure: false, encryption: 0, judged: Judged::none() }
    }

    /// How safe the connection is at this moment: a certificate can run out while a connection lasts.
    pub(crate) fn channel(&self) -> Channel {
        let judged = self.judged.at(SystemTime::now());
        Channel {
            secure: self.secure,
            authentication: judged.authentication,
            encryption: self.encryption,
            certificate: judged.fingerprint,
            shortfall: judged.shortfall,
            internal: false,
        }
    }
}

/// A reply in plain words, for those who do not speak SIF.
pub(crate) fn plain(status: StatusCode, words: &'static str) -> Reply {
    let mut reply = Response::new(Body::from(words));
    *reply.status_mut() = status;
    reply.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain;charset=utf-8"));
    reply
}

/// Tells a peer that there are too many connections, as far as it listens, and hangs up.
pub(super) async fn turn_away(mut stream: TcpStream, secure: bool, limits: &HttpLimits) {
    if !secure {
        let words: &[u8] =
            b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 5\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
        // Who does not take it in time does not get it.
        let _ = timeout(limits.header_timeout.min(std::time::Duration::from_secs(1)), stream.write_all(words)).await;
    }
}

/// Serves a connection until it ends, takes too long, or the server stops.
pub(super) async fn serve<H: Handler>(
    stream: TcpStream,
    address: SocketAddr,
    tls: Option<Arc<Tls>>,
    handler: H,
    limits: Arc<HttpLimits>,
    stop: watch::Receiver<bool>,
) {
    // A small reply must not wait for the peer's acknowledgement of the one before it.
    let _ = stream.set_nodelay(true);
    let Some(tls) = tls else {
        return requests(stream, Peer::plain(address), handler, &limits, stop).await;
    };
    match timeout(limits.handshake_timeout, tls.acceptor().accept(stream)).await {
        Ok(Ok(stream)) => {
            let (_, connection) = stream.get_ref();
            let suite = connection.negotiated_cipher_suite();
            let chain = connection.peer_certificates().unwrap_or_default();
            let judged = tls.judge(chain, address.ip(), SystemTime::now());
            let encryption = suite.map_or(0, encryption_level);
            let peer = Peer { address, secure: true, encryption, judged };
            requests(stream, peer, handler, &limits, stop).await;
        }
        Ok(Err(fault)) => debug!(peer = %address, %fault, "no TLS connection came about"),
        Err(_) => debug!(peer = %address, "a TLS handshake took too long"),
    }
}

async fn requests<S, H>(stream: S, peer: Peer, handler: H, limits: &HttpLimits, mut stop: watch::Receiver<bool>)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    H: Handler,
{
    let peer = Arc::new(peer);
    let watch = Watch::new();
    let stream = TokioIo::new(Watched::new(stream, watch.clone()));
    let stopping = stop.clone();
    let service = service_fn(|request| {
        let (handler, peer, watch, stopping) = (handler.clone(), Arc::clone(&peer), watch.clone(), stopping.clone());
        watch.busy();
        async move {
            let mut reply = handler.handle(request, peer).await;
            if *stopping.borrow() {
                reply.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
            }
            watch.answered();
            Ok::<_, std::convert::Infallible>(reply)
        }
    });
    let mut builder = http1::Builder::new();
    // The time of heads is watched here: hyper would count pauses between requests too.
    builder.header_read_timeout(None).half_close(false).max_buf_size(64 << 10).pipeline_flush(false);
    let mut connection = pin!(builder.serve_connection(stream, service));
    loop {
        let next = match watch.verdict(limits.header_timeout, limits.idle_timeout) {
            Verdict::Until(next) => next,
            Verdict::SlowHead => return debug!(peer = %peer.address, "the head of a request took too long"),
            Verdict::Quiet => return,
        };
        tokio::select! {
            ended = connection.as_mut() => {
                if let Err(fault) = ended {
                    debug!(peer = %peer.address, %fault, "a connection broke off");
                }
                return;
            }
            () = sleep_until(next) => {}
            changed = stop.changed() => {
                connection.as_mut().graceful_shutdown();
                if changed.is_err() || *stop.borrow() {
                    return finish(connection, limits, &watch).await;
                }
            }
        }
    }
}

/// Lets a connection end what it has begun; whoever stopped the server sets the last moment.
async fn finish<F: Future>(mut connection: std::pin::Pin<&mut F>, limits: &HttpLimits, watch: &Watch) {
    loop {
        let Verdict::Until(next) = watch.verdict(limits.header_timeout, limits.idle_timeout) else { return };
        tokio::select! {
            _ = connection.as_mut() => return,
            () = sleep_until(next) => {}
        }
    }
}
