//! The listener of administrators and monitors.

use std::sync::Arc;
use std::time::Duration;

use access::Access;
use axum::Router;
use hyper::body::Incoming;
use hyper::{Request, StatusCode};
use store::Store;
use tower_service::Service;

use super::{AdminConfig, HttpLimits, StartFault};
use crate::api::Api;
use crate::http::{Handler, Listener, Peer, Reply, Tls, plain};
use crate::operation::{Health, routes};

/// Answers with a router.
#[derive(Clone)]
struct Pages {
    router: Router,
    timeout: Duration,
}

impl Handler for Pages {
    async fn handle(&self, request: Request<Incoming>, peer: Arc<Peer>) -> Reply {
        let mut request = request.map(axum::body::Body::new);
        request.extensions_mut().insert(peer);
        // A router is always ready, and never fails.
        match tokio::time::timeout(self.timeout, self.router.clone().call(request)).await {
            Ok(Ok(reply)) => reply,
            Ok(Err(never)) => match never {},
            Err(_) => plain(StatusCode::REQUEST_TIMEOUT, "the request took too long\n"),
        }
    }
}

/// Starts it.
pub(super) async fn start(
    config: AdminConfig,
    limits: HttpLimits,
    health: Health,
    store: Store,
) -> Result<Listener, StartFault> {
    let tls = config.tls.as_ref().map(Tls::new).transpose().map_err(StartFault::Tls)?.map(Arc::new);
    let access = Access::open(store.clone()).map_err(StartFault::Store)?;
    if let Some((name, password)) = &config.first_administrator {
        let made = access.create_first_administrator(name, password).await;
        if made.map_err(|fault| StartFault::Administrator(fault.to_string()))? {
            tracing::info!(user = name, "the first administrator was made");
        }
    }
    let api = Api {
        access,
        brokers: Arc::clone(&health.brokers),
        secure: tls.is_some(),
        rulebooks: config.rulebooks.clone(),
        publishing: config.publishing.clone(),
        remote: config.remote.clone(),
        store,
    };
    let health = Health { publishing: config.publishing.clone(), remote: config.remote.clone(), ..health };
    let router = routes(health).merge(crate::api::routes(api));
    let pages = Pages { router, timeout: limits.body_timeout };
    Listener::start(config.listen, tls, limits, pages)
        .await
        .map_err(|fault| StartFault::Listen(config.listen, fault.to_string()))
}
