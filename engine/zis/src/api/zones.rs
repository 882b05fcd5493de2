//! Zones.

use access::Principal;
use axum::Json;
use axum::extract::{Extension, State};
use axum::http::StatusCode;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Api;
use super::audit::note;
use super::refusal::{Path, Problem, Refusal};
use crate::zone::StatusView;

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(status)).routes(routes!(sleep)).routes(routes!(wake))
}

/// The zones that may be seen.
#[utoipa::path(get, path = "/api/zones", tag = "zones", responses((status = 200, body = Vec<StatusView>)))]
async fn list(
    State(api): State<Api>,
    Extension(principal): Extension<Principal>,
) -> Result<Json<Vec<StatusView>>, Refusal> {
    let seen = api.brokers.values().filter(|broker| principal.may_view(broker.name()));
    Ok(Json(seen.map(|broker| broker.look(|zone| zone.status())).collect::<Result<_, _>>()?))
}

/// A zone.
#[utoipa::path(get, path = "/api/zones/{zone}", tag = "zones", params(("zone" = String, Path)), responses(
    (status = 200, body = StatusView), (status = 404, body = Problem)
))]
async fn status(
    State(api): State<Api>,
    Extension(principal): Extension<Principal>,
    Path(zone): Path<String>,
) -> Result<Json<StatusView>, Refusal> {
    Ok(Json(api.viewed(&principal, &zone)?.look(|zone| zone.status())?))
}

/// Puts the zone to sleep: it answers status 8, and delivers nothing.
#[utoipa::path(post, path = "/api/zones/{zone}/sleep", tag = "zones", params(("zone" = String, Path)), responses((status = 204)))]
async fn sleep(
    State(api): State<Api>,
    Extension(principal): Extension<Principal>,
    Path(zone): Path<String>,
) -> Result<StatusCode, Refusal> {
    fall_asleep(&api, principal, &zone, true).await
}

/// Wakes the zone.
#[utoipa::path(post, path = "/api/zones/{zone}/wake", tag = "zones", params(("zone" = String, Path)), responses((status = 204)))]
async fn wake(
    State(api): State<Api>,
    Extension(principal): Extension<Principal>,
    Path(zone): Path<String>,
) -> Result<StatusCode, Refusal> {
    fall_asleep(&api, principal, &zone, false).await
}

async fn fall_asleep(api: &Api, principal: Principal, zone: &str, asleep: bool) -> Result<StatusCode, Refusal> {
    let broker = api.changed(&principal, zone)?;
    let what = if asleep { "sleep zone" } else { "wake zone" };
    broker.administer(move |zone, now| Ok(note(zone.sleep_zone(asleep), zone, &principal, what, "", now))).await?;
    Ok(StatusCode::NO_CONTENT)
}
