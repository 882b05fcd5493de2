//! The listener of administrators and monitors.

use std::sync::Arc;

use axum::Router;
use hyper::Request;
use hyper::body::Incoming;
use store::Store;
use tower_service::Service;

use super::{AdminConfig, HttpLimits, StartFault};
use crate::http::{Handler, Listener, Peer, Reply, Tls};
use crate::operation::{Health, routes};

/// Answers with a router.
#[derive(Clone)]
struct Pages(Router);

impl Handler for Pages {
    async fn handle(&self, request: Request<Incoming>, peer: Arc<Peer>) -> Reply {
        let mut request = request.map(axum::body::Body::new);
        request.extensions_mut().insert(peer);
        // A router is always ready, and never fails.
        match self.0.clone().call(request).await {
            Ok(reply) => reply,
            Err(never) => match never {},
        }
    }
}

/// Starts it.
pub(super) async fn start(
    config: AdminConfig,
    limits: HttpLimits,
    health: Health,
    _store: Store,
) -> Result<Listener, StartFault> {
    let tls = config.tls.as_ref().map(Tls::new).transpose().map_err(StartFault::Tls)?.map(Arc::new);
    let router = routes(health);
    Listener::start(config.listen, tls, limits, Pages(router))
        .await
        .map_err(|fault| StartFault::Listen(config.listen, fault.to_string()))
}
