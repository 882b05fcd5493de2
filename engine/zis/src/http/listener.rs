//! Takes connections.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};
use tracing::warn;

use super::connection::{self, Handler};
use super::peers::Peers;
use super::tls::Tls;
use crate::server::HttpLimits;

/// A listening socket and what is connected to it.
#[derive(Debug)]
pub(crate) struct Listener {
    address: SocketAddr,
    stop: watch::Sender<bool>,
    accepting: JoinHandle<JoinSet<()>>,
    peers: Arc<Peers>,
}

impl Listener {
    /// Listens and serves.
    ///
    /// # Errors
    /// The address cannot be listened at.
    pub(crate) async fn start<H: Handler>(
        listen: SocketAddr,
        tls: Option<Arc<Tls>>,
        limits: HttpLimits,
        handler: H,
    ) -> io::Result<Self> {
        let socket = TcpListener::bind(listen).await?;
        let address = socket.local_addr()?;
        let (stop, stopped) = watch::channel(false);
        let peers = Peers::new(limits.connections, limits.connections_per_peer);
        let accept = Accept { tls, limits: Arc::new(limits), handler, peers: Arc::clone(&peers), stopped };
        Ok(Self { address, stop, accepting: tokio::spawn(accept.run(socket)), peers })
    }

    /// Where it listens.
    pub(crate) const fn address(&self) -> SocketAddr {
        self.address
    }

    /// How many connections there are, for whoever asks.
    pub(crate) fn connections(&self) -> impl Fn() -> usize + Send + Sync + 'static {
        let peers = Arc::clone(&self.peers);
        move || peers.total()
    }

    /// Takes no more connections and requests, lets those end that have begun, and after `grace` hangs up.
    pub(crate) async fn stop(self, grace: Duration) {
        let _ = self.stop.send(true);
        let Ok(mut connections) = self.accepting.await else { return };
        let all_ended = async { while connections.join_next().await.is_some() {} };
        if tokio::time::timeout(grace, all_ended).await.is_err() {
            warn!("connections were still open when the time to stop was over");
            connections.shutdown().await;
        }
    }
}

struct Accept<H> {
    tls: Option<Arc<Tls>>,
    limits: Arc<HttpLimits>,
    handler: H,
    peers: Arc<Peers>,
    stopped: watch::Receiver<bool>,
}

impl<H: Handler> Accept<H> {
    async fn run(mut self, socket: TcpListener) -> JoinSet<()> {
        let mut connections = JoinSet::new();
        loop {
            tokio::select! {
                taken = socket.accept() => match taken {
                    Ok((stream, address)) => self.take(&mut connections, stream, address),
                    Err(fault) => {
                        // Out of file descriptors, mostly: the connection stays in the backlog until some are free again.
                        warn!(%fault, "a connection could not be taken");
                        tokio::time::sleep(Duration::from_millis(50)).await;
                    }
                },
                Some(_) = connections.join_next() => {}
                _ = self.stopped.changed() => return connections,
            }
        }
    }

    fn take(&self, connections: &mut JoinSet<()>, stream: tokio::net::TcpStream, address: SocketAddr) {
        let limits = Arc::clone(&self.limits);
        let (tls, handler, stopped) = (self.tls.clone(), self.handler.clone(), self.stopped.clone());
        match self.peers.enter(address.ip()) {
            Some(counted) => connections.spawn(async move {
                connection::serve(stream, address, tls, handler, limits, stopped).await;
                drop(counted);
            }),
            None => connections.spawn(async move { connection::turn_away(stream, tls.is_some(), &limits).await }),
        };
    }
}
