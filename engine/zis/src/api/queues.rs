//! What waits for agents.

use access::Principal;
use axum::Json;
use axum::extract::{Extension, State};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use store::Number;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::audit::note;
use super::refusal::{Path, Problem, Query, Refusal};
use super::{Api, rows};
use crate::zone::{QueueView, WaitingView};

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(one)).routes(routes!(remove))
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
struct Page {
    /// At most so many messages.
    limit: Option<u32>,
}

/// A queue with its first messages.
#[derive(Debug, Serialize, ToSchema)]
struct Queue {
    /// How it is.
    #[serde(flatten)]
    view: QueueView,
    /// Its first messages, in order.
    messages: Vec<WaitingView>,
}

/// The queues of all agents that are registered.
#[utoipa::path(get, path = "/api/zones/{zone}/queues", tag = "queues", params(("zone" = String, Path)), responses(
    (status = 200, body = Vec<QueueView>)
))]
async fn list(
    State(api): State<Api>,
    Extension(principal): Extension<Principal>,
    Path(zone): Path<String>,
) -> Result<Json<Vec<QueueView>>, Refusal> {
    Ok(Json(api.viewed(&principal, &zone)?.look(|zone| zone.queues())?))
}

/// A queue and its first messages.
#[utoipa::path(get, path = "/api/zones/{zone}/queues/{agent}", tag = "queues",
    params(("zone" = String, Path), ("agent" = String, Path), Page),
    responses((status = 200, body = Queue), (status = 404, body = Problem)))]
async fn one(
    State(api): State<Api>,
    Extension(principal): Extension<Principal>,
    Path((zone, agent)): Path<(String, String)>,
    Query(page): Query<Page>,
) -> Result<Json<Queue>, Refusal> {
    let found = api.viewed(&principal, &zone)?.look(|zone| {
        let view = zone.queues().into_iter().find(|queue| queue.agent == agent)?;
        Some(Queue { view, messages: zone.queue(&agent, rows(page.limit) as usize) })
    })?;
    found.map(Json).ok_or(Refusal::NotFound("there is no such agent, or it is not registered"))
}

/// Takes one message out of a queue. A request is answered with 8/17.
#[utoipa::path(delete, path = "/api/zones/{zone}/queues/{agent}/{number}", tag = "queues",
    params(("zone" = String, Path), ("agent" = String, Path), ("number" = i64, Path)),
    responses((status = 204), (status = 404, body = Problem)))]
async fn remove(
    State(api): State<Api>,
    Extension(principal): Extension<Principal>,
    Path((zone, agent, number)): Path<(String, String, Number)>,
) -> Result<StatusCode, Refusal> {
    let broker = api.changed(&principal, &zone)?;
    let act = move |zone: &mut crate::zone::Zone, now| {
        let step = zone.remove_message(&agent, number, now)?;
        Ok(note(step, zone, &principal, "remove from queue", &format!("{number} of {agent}"), now))
    };
    broker.administer(act).await?;
    Ok(StatusCode::NO_CONTENT)
}
