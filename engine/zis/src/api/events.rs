//! The events that a zone's provider raises: what the last look found, a look now, the confirmation of what is held back.

use std::sync::Arc;

use access::Principal;
use axum::Json;
use axum::extract::{Extension, State};
use axum::http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Api;
use super::refusal::{Body, Path, Problem, Refusal};
use crate::publishing::{EventsView, HeldObject, Publishing};

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(view)).routes(routes!(look)).routes(routes!(confirm))
}

/// What is to be looked for.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Look {
    /// Whether everything is compared, and not only what may have changed.
    #[serde(default)]
    everything: bool,
}

/// Which deletions are meant.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Confirmation {
    /// The token of what is held back.
    token: String,
}

const NONE: Refusal = Refusal::NotFound("no provider here raises events for the zone");

fn publishing(api: &Api) -> Result<Arc<dyn Publishing>, Refusal> {
    api.publishing.clone().ok_or(NONE)
}

/// When the last look for events was, what it found, what waits to be sent, and what is held back.
#[utoipa::path(get, path = "/api/zones/{zone}/events", tag = "events", params(("zone" = String, Path)), responses(
    (status = 200, body = EventsView), (status = 404, body = Problem)
))]
async fn view(
    State(api): State<Api>,
    Extension(principal): Extension<Principal>,
    Path(zone): Path<String>,
) -> Result<Json<EventsView>, Refusal> {
    let _viewed = api.viewed_site(&principal, &zone)?;
    Ok(Json(publishing(&api)?.view(&zone).ok_or(NONE)?))
}

/// Looks for events now, or as soon as the look that is going on has ended. `asked` in the answer is the number of the look.
#[utoipa::path(post, path = "/api/zones/{zone}/events/look", tag = "events", params(("zone" = String, Path)),
    request_body = Option<Look>, responses((status = 202, body = EventsView), (status = 404, body = Problem)))]
async fn look(
    State(api): State<Api>,
    Extension(principal): Extension<Principal>,
    Path(zone): Path<String>,
    wanted: Option<Body<Look>>,
) -> Result<(StatusCode, Json<EventsView>), Refusal> {
    let site = api.changed_site(&principal, &zone)?;
    let publishing = publishing(&api)?;
    publishing.view(&zone).ok_or(NONE)?;
    let everything = wanted.is_some_and(|Body(wanted)| wanted.everything);
    let subject = if everything { "everything" } else { "" };
    site.keep(principal, "look for events", subject.to_owned(), Vec::new()).await?;
    let asked = publishing.look(&zone, everything).ok_or(NONE)?;
    answered(&*publishing, &zone, asked)
}

/// Allows what is held back under a token: the look that this begins may delete exactly that, once. If something else would be deleted by
/// then, it is held back again, under another token.
#[utoipa::path(post, path = "/api/zones/{zone}/events/confirm-deletions", tag = "events", params(("zone" = String, Path)),
    request_body = Confirmation,
    responses((status = 202, body = EventsView), (status = 404, body = Problem), (status = 409, body = Problem)))]
async fn confirm(
    State(api): State<Api>,
    Extension(principal): Extension<Principal>,
    Path(zone): Path<String>,
    Body(Confirmation { token }): Body<Confirmation>,
) -> Result<(StatusCode, Json<EventsView>), Refusal> {
    let site = api.changed_site(&principal, &zone)?;
    let publishing = publishing(&api)?;
    publishing.view(&zone).ok_or(NONE)?;
    let confirmed = publishing.confirm(&zone, &token).ok_or_else(|| {
        let why = "nothing is held back under this token now: the source has changed, or it was confirmed before. \
                   See the events of the zone";
        Refusal::Conflict(why.to_owned())
    })?;
    let subject = subject(&confirmed.objects);
    let (at, asker) = (zone.clone(), Arc::clone(&publishing));
    // What was kept is used even if nobody waits for the answer any more.
    let task = tokio::spawn(async move {
        let kept = site.keep(principal, "confirm deletions", subject, vec![confirmed.keep]);
        kept.await.map(|()| asker.confirmed(&at))
    });
    let asked = task.await.map_err(|_| Refusal::Unavailable)??;
    answered(&*publishing, &zone, asked.ok_or(NONE)?)
}

/// Objects and counts, for the audit.
fn subject(objects: &[HeldObject]) -> String {
    let all: Vec<String> = objects
        .iter()
        .map(|HeldObject { object, deleted, published }| format!("{object}: {deleted} of {published}"))
        .collect();
    all.join(", ")
}

fn answered(publishing: &dyn Publishing, zone: &str, asked: u64) -> Result<(StatusCode, Json<EventsView>), Refusal> {
    let view = publishing.view(zone).ok_or(NONE)?;
    // It may have ended by now: the answer says which one it was.
    Ok((StatusCode::ACCEPTED, Json(EventsView { asked: Some(asked), ..view })))
}
