//! The JSON API of administrators, under `/api/`. Its description, `/api/openapi.json`, is made from the code that answers.
//!
//! Everything but the login asks for a session or a token. Lists hold ids, names, times and sizes; the content of a message is shown
//! only by `POST …/messages/{number}/view`, which keeps who looked and why before it shows anything.

mod agents;
mod audit;
mod dead_letters;
mod events;
mod log_entries;
mod messages;
mod queues;
mod refusal;
mod remote_zones;
mod requests;
mod rulebook;
mod session;
mod site;
mod users;
mod zones;

use std::collections::BTreeMap;
use std::sync::Arc;

use access::{Access, Principal};
use axum::extract::Request;
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderValue, X_CONTENT_TYPE_OPTIONS};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::Response;
use axum::routing::get;
use axum::{Json, Router};
use store::Store;
use utoipa::OpenApi;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, Http, HttpAuthScheme, SecurityScheme};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::Broker;
use crate::publishing::Publishing;
use crate::remote_zones::RemoteZones;
use crate::rulebooks::Rulebooks;
use refusal::Refusal;

/// What the API works on.
#[derive(Clone)]
pub(crate) struct Api {
    /// Users, tokens and sessions.
    pub(crate) access: Access,
    /// All zones that are served here.
    pub(crate) brokers: Arc<BTreeMap<String, Broker>>,
    /// Whether it is reached over HTTPS, so that its cookie never goes over anything else.
    pub(crate) secure: bool,
    /// The rulebooks of the zones' providers.
    pub(crate) rulebooks: Option<Arc<dyn Rulebooks>>,
    /// The events of the zones' providers.
    pub(crate) publishing: Option<Arc<dyn Publishing>>,
    /// The zones of others in which providers are agents.
    pub(crate) remote: Option<Arc<dyn RemoteZones>>,
    /// Where everything is kept.
    pub(crate) store: Store,
}

impl Api {
    /// A zone that somebody may look at. One that they may not see is not there.
    fn viewed(&self, principal: &Principal, zone: &str) -> Result<&Broker, Refusal> {
        self.brokers.get(zone).filter(|_| principal.may_view(zone)).ok_or(Refusal::NotFound("there is no such zone"))
    }

    /// A zone that somebody may change.
    fn changed(&self, principal: &Principal, zone: &str) -> Result<&Broker, Refusal> {
        let broker = self.viewed(principal, zone)?;
        if principal.may_change(zone) { Ok(broker) } else { Err(Refusal::Forbidden) }
    }
}

#[derive(OpenApi)]
#[openapi(
    info(title = "Sifter: administration of zones", description = "Zones, events, agents, queues, messages, dead letters, requests, users."),
    security(("session" = []), ("token" = []))
)]
struct Description;

fn description() -> utoipa::openapi::OpenApi {
    let mut description = Description::openapi();
    let components = description.components.get_or_insert_default();
    let session = SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::new(session::COOKIE)));
    components.add_security_scheme("session", session);
    components.add_security_scheme("token", SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer)));
    description
}

/// All routes, and what `/api/openapi.json` says of them.
fn described() -> (OpenApiRouter<Api>, OpenApiRouter<Api>) {
    let open = OpenApiRouter::new().routes(routes!(session::login));
    let guarded = OpenApiRouter::new()
        .routes(routes!(session::logout))
        .routes(routes!(session::me))
        .merge(zones::routes())
        .merge(remote_zones::routes())
        .merge(rulebook::routes())
        .merge(events::routes())
        .merge(agents::routes())
        .merge(queues::routes())
        .merge(messages::routes())
        .merge(dead_letters::routes())
        .merge(requests::routes())
        .merge(log_entries::routes())
        .merge(audit::routes())
        .merge(users::routes());
    (open, guarded)
}

/// The API as a router.
pub(crate) fn routes(api: Api) -> Router {
    let (open, guarded) = described();
    let (open, of_login) = open.split_for_parts();
    let (guarded, of_rest) = OpenApiRouter::with_openapi(description()).merge(guarded).split_for_parts();
    let document = of_rest.merge_from(of_login);
    let guarded = guarded
        .route("/api/openapi.json", get(move || std::future::ready(Json(document.clone()))))
        // What is not there is asked for a session like the rest: nobody learns the routes by trying.
        .route("/api/{*rest}", axum::routing::any(|| std::future::ready(Refusal::NotFound("there is no such route"))))
        .layer(from_fn_with_state(api.clone(), session::guard));
    open.merge(guarded).layer(from_fn(headers)).with_state(api)
}

/// Headers of every reply: it is not kept by anybody, and a browser takes it for nothing but what it is.
async fn headers(request: Request, next: Next) -> Response {
    let mut reply = next.run(request).await;
    let headers = reply.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'"));
    reply
}

/// Pages hold at most this many rows.
const MOST_ROWS: u32 = 500;
/// And this many where nothing is asked for.
const USUAL_ROWS: u32 = 100;

/// How many rows a page is to hold.
fn rows(asked: Option<u32>) -> u32 {
    asked.unwrap_or(USUAL_ROWS).clamp(1, MOST_ROWS)
}
