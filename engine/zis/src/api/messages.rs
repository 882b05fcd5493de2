//! Messages: which there were, what happened to each, and, for a reason, what one says.

use access::Principal;
use axum::Json;
use axum::extract::{Extension, State};
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use store::{MessageFilter, MessageSummary, Millis, Number};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::audit::deed;
use super::refusal::{Body, Path, Problem, Query, Refusal};
use super::{Api, rows};

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(history)).routes(routes!(view))
}

/// The fewest characters of a reason.
const LEAST_REASON: usize = 5;

/// A message, without its content.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Summary {
    /// Its number in the zone.
    number: Number,
    /// SIF_MsgId.
    message_id: String,
    /// SIF_SourceId.
    source: String,
    /// Its kind, such as `SIF_Event`.
    kind: String,
    /// The object that it is about.
    object: Option<String>,
    /// When it was taken.
    received: Millis,
    /// Bytes of its text.
    size: i64,
}

impl From<MessageSummary> for Summary {
    fn from(message: MessageSummary) -> Self {
        let MessageSummary { number, message_id, source, kind, object, received, size } = message;
        Self { number, message_id, source, kind, object, received, size }
    }
}

/// Something that happened to a message.
#[derive(Debug, Serialize, ToSchema)]
struct Hop {
    /// When.
    at: Millis,
    /// The agent that it happened with.
    agent: String,
    /// What happened, in one word.
    what: String,
    /// Status or error, such as `1` or `10/4`.
    code: String,
    /// Why.
    detail: String,
}

/// A message with everything that happened to it.
#[derive(Debug, Serialize, ToSchema)]
struct History {
    /// The message.
    message: Summary,
    /// What happened, in order.
    hops: Vec<Hop>,
    /// Agents in whose queues it waits.
    waiting: Vec<String>,
    /// Agents among whose dead letters it is.
    dead: Vec<String>,
}

/// Which messages are listed.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
struct Filter {
    /// Only with a number below this one: where the page before ended.
    before: Option<Number>,
    /// Only with this SIF_SourceId.
    source: Option<String>,
    /// Only that waited, wait or died in this agent's queue.
    agent: Option<String>,
    /// Only of this kind.
    kind: Option<String>,
    /// Only about this object.
    object: Option<String>,
    /// Only with this SIF_MsgId.
    message_id: Option<String>,
    /// At most so many.
    limit: Option<u32>,
}

/// Why somebody wants to see what a message says.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct View {
    /// Why; it is kept with who looked and when.
    reason: String,
    /// As it is for this agent, who may see less of it; none: as it was received.
    agent: Option<String>,
}

/// Messages of a zone, the newest first.
#[utoipa::path(get, path = "/api/zones/{zone}/messages", tag = "messages", params(("zone" = String, Path), Filter), responses(
    (status = 200, body = Vec<Summary>)
))]
async fn list(
    State(api): State<Api>,
    Extension(principal): Extension<Principal>,
    Path(zone): Path<String>,
    Query(filter): Query<Filter>,
) -> Result<Json<Vec<Summary>>, Refusal> {
    let store = api.viewed(&principal, &zone)?.store();
    let Filter { before, source, agent, kind, object, message_id, limit } = filter;
    let filter = MessageFilter { before, source, agent, kind, object, message_id, limit: rows(limit) };
    Ok(Json(store.messages(&zone, &filter).await?.into_iter().map(Summary::from).collect()))
}

/// A message and everything that happened to it.
#[utoipa::path(get, path = "/api/zones/{zone}/messages/{number}", tag = "messages",
    params(("zone" = String, Path), ("number" = i64, Path)),
    responses((status = 200, body = History), (status = 404, body = Problem)))]
async fn history(
    State(api): State<Api>,
    Extension(principal): Extension<Principal>,
    Path((zone, number)): Path<(String, Number)>,
) -> Result<Json<History>, Refusal> {
    let found = api.viewed(&principal, &zone)?.store().history(&zone, number).await?;
    let found = found.ok_or(Refusal::NotFound("there is no such message"))?;
    let hop =
        |hop: store::Hop| Hop { at: hop.at, agent: hop.agent, what: hop.what, code: hop.code, detail: hop.detail };
    Ok(Json(History {
        message: found.message.into(),
        hops: found.hops.into_iter().map(hop).collect(),
        waiting: found.waiting,
        dead: found.dead,
    }))
}

/// Shows what a message says, and keeps who looked and why.
#[utoipa::path(post, path = "/api/zones/{zone}/messages/{number}/view", tag = "messages",
    params(("zone" = String, Path), ("number" = i64, Path)), request_body = View,
    responses((status = 200, content_type = "application/xml", body = String), (status = 400, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem)))]
async fn view(
    State(api): State<Api>,
    Extension(principal): Extension<Principal>,
    Path((zone, number)): Path<(String, Number)>,
    Body(View { reason, agent }): Body<View>,
) -> Result<Response, Refusal> {
    let broker = api.changed(&principal, &zone)?;
    let reason: String = reason.trim().chars().take(500).collect();
    if reason.chars().count() < LEAST_REASON {
        return Err(Refusal::Bad("say why you want to see the message".to_owned()));
    }
    let store = broker.store();
    let subject = agent.as_ref().map_or_else(|| number.to_string(), |agent| format!("{number} of {agent}"));
    // First, and whether there is such a message or not: nothing is shown that is not kept.
    store.apply(vec![deed(&zone, &principal, "view", &subject, Some(&reason), crate::broker::now())?]).await?;
    tracing::info!(zone, number, user = principal.user, "a message's content is shown");
    let document = match &agent {
        Some(agent) => store.document(&zone, agent, number).await?,
        None => store.original(&zone, number).await?,
    };
    let document = document.ok_or(Refusal::NotFound("there is no such message"))?;
    Ok(([(CONTENT_TYPE, "application/xml;charset=utf-8")], document).into_response())
}
