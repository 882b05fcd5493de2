//! Zones that somebody else serves, in which a provider of this server is an agent.

use access::Principal;
use axum::Json;
use axum::extract::{Extension, State};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Api;
use super::refusal::Refusal;
use crate::remote_zones::RemoteZoneView;

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(list))
}

/// The zones of others that may be seen, and how the provider stands in each. Its events, its rulebook and its audit are found below
/// `/api/zones/{zone}` as for a zone that is served here.
#[utoipa::path(get, path = "/api/remote-zones", tag = "zones", responses((status = 200, body = Vec<RemoteZoneView>)))]
async fn list(
    State(api): State<Api>,
    Extension(principal): Extension<Principal>,
) -> Result<Json<Vec<RemoteZoneView>>, Refusal> {
    let all = api.remote.as_ref().map(|remote| remote.list()).unwrap_or_default();
    Ok(Json(all.into_iter().filter(|zone| principal.may_view(&zone.zone)).collect()))
}
