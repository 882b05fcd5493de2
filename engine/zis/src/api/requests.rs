//! Open requests.

use access::Principal;
use axum::Json;
use axum::extract::{Extension, State};
use axum::http::StatusCode;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Api;
use super::audit::note;
use super::refusal::{Path, Problem, Refusal};
use crate::zone::{RequestView, Zone};

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(cancel))
}

/// The open requests of a zone.
#[utoipa::path(get, path = "/api/zones/{zone}/requests", tag = "requests", params(("zone" = String, Path)), responses(
    (status = 200, body = Vec<RequestView>)
))]
async fn list(
    State(api): State<Api>,
    Extension(principal): Extension<Principal>,
    Path(zone): Path<String>,
) -> Result<Json<Vec<RequestView>>, Refusal> {
    Ok(Json(api.viewed(&principal, &zone)?.look(|zone| zone.requests())?))
}

/// Removes an open request: the requester is told 8/17, and so is who answers later.
#[utoipa::path(delete, path = "/api/zones/{zone}/requests/{id}", tag = "requests",
    params(("zone" = String, Path), ("id" = String, Path)), responses((status = 204), (status = 404, body = Problem)))]
async fn cancel(
    State(api): State<Api>,
    Extension(principal): Extension<Principal>,
    Path((zone, id)): Path<(String, String)>,
) -> Result<StatusCode, Refusal> {
    let broker = api.changed(&principal, &zone)?;
    let act = move |zone: &mut Zone, now| {
        let step = zone.cancel_request(&id, now)?;
        Ok(note(step, zone, &principal, "cancel request", &id, now))
    };
    broker.administer(act).await?;
    Ok(StatusCode::NO_CONTENT)
}
