//! Messages that were given up: to be sent again, or dropped.

use access::Principal;
use axum::Json;
use axum::extract::{Extension, State};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use sif::message::Message;
use sif::xml::read::Limits;
use store::{Millis, Number};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::audit::note;
use super::messages::Summary;
use super::refusal::{Path, Problem, Query, Refusal};
use super::{Api, rows};
use crate::zone::Zone;

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(resend)).routes(routes!(remove))
}

/// A dead letter.
#[derive(Debug, Serialize, ToSchema)]
struct Letter {
    /// The agent that it was for.
    agent: String,
    /// The message.
    message: Summary,
    /// When it was given up.
    at: Millis,
    /// Why.
    reason: String,
}

/// Which dead letters are listed.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
struct Filter {
    /// Only of this agent.
    agent: Option<String>,
    /// The number of the last letter of the page before; with `before_agent`.
    before: Option<Number>,
    /// The agent of the last letter of the page before.
    before_agent: Option<String>,
    /// At most so many.
    limit: Option<u32>,
}

/// Dead letters, the newest message first.
#[utoipa::path(get, path = "/api/zones/{zone}/dead_letters", tag = "dead letters", params(("zone" = String, Path), Filter), responses(
    (status = 200, body = Vec<Letter>)
))]
async fn list(
    State(api): State<Api>,
    Extension(principal): Extension<Principal>,
    Path(zone): Path<String>,
    Query(filter): Query<Filter>,
) -> Result<Json<Vec<Letter>>, Refusal> {
    let store = api.viewed(&principal, &zone)?.store();
    let before = filter.before.zip(Some(filter.before_agent.as_deref().unwrap_or_default()));
    let letters = store.dead_letters(&zone, filter.agent.as_deref(), rows(filter.limit), before).await?;
    let letter = |letter: store::DeadLetter| {
        let store::DeadLetter { agent, message, at, reason } = letter;
        Letter { agent, message: message.into(), at, reason }
    };
    Ok(Json(letters.into_iter().map(letter).collect()))
}

/// Puts a dead letter back at the end of its agent's queue.
#[utoipa::path(post, path = "/api/zones/{zone}/dead_letters/{agent}/{number}/resend", tag = "dead letters",
    params(("zone" = String, Path), ("agent" = String, Path), ("number" = i64, Path)),
    responses((status = 204), (status = 404, body = Problem), (status = 409, body = Problem)))]
async fn resend(
    State(api): State<Api>,
    Extension(principal): Extension<Principal>,
    Path((zone, agent, number)): Path<(String, String, Number)>,
) -> Result<StatusCode, Refusal> {
    let broker = api.changed(&principal, &zone)?;
    let document = broker.store().document(&zone, &agent, number).await?;
    let document = document.ok_or(Refusal::NotFound("there is no such dead letter"))?;
    let message = Message::read(&document, &Limits { size: usize::MAX, ..Limits::default() })
        .map_err(|_| Refusal::Conflict("the message cannot be read any more".to_owned()))?;
    let act = move |zone: &mut Zone, now| {
        let step = zone.resend(&agent, number, &message, now)?;
        Ok(note(step, zone, &principal, "resend", &format!("{number} of {agent}"), now))
    };
    broker.administer(act).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Drops a dead letter.
#[utoipa::path(delete, path = "/api/zones/{zone}/dead_letters/{agent}/{number}", tag = "dead letters",
    params(("zone" = String, Path), ("agent" = String, Path), ("number" = i64, Path)), responses((status = 204)))]
async fn remove(
    State(api): State<Api>,
    Extension(principal): Extension<Principal>,
    Path((zone, agent, number)): Path<(String, String, Number)>,
) -> Result<StatusCode, Refusal> {
    let broker = api.changed(&principal, &zone)?;
    let act = move |zone: &mut Zone, now| {
        let step = zone.drop_dead(&agent, number, now);
        Ok(note(step, zone, &principal, "drop", &format!("{number} of {agent}"), now))
    };
    broker.administer(act).await?;
    Ok(StatusCode::NO_CONTENT)
}
