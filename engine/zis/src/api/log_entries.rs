//! The zone's log: who posted what about which message. What agents say stands in their messages.

use access::Principal;
use axum::Json;
use axum::extract::{Extension, State};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::refusal::{Path, Query, Refusal};
use super::{Api, rows};
use crate::zone::LogEntryView;

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(list))
}

/// Which entries are listed.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
struct Page {
    /// The number of the last entry of the page before.
    before: Option<i64>,
    /// At most so many.
    limit: Option<u32>,
}

/// What was posted as SIF_LogEntry and is kept, the newest first.
#[utoipa::path(get, path = "/api/zones/{zone}/log-entries", tag = "log", params(("zone" = String, Path), Page), responses(
    (status = 200, body = Vec<LogEntryView>)
))]
async fn list(
    State(api): State<Api>,
    Extension(principal): Extension<Principal>,
    Path(zone): Path<String>,
    Query(page): Query<Page>,
) -> Result<Json<Vec<LogEntryView>>, Refusal> {
    let limit = rows(page.limit) as usize;
    Ok(Json(api.viewed(&principal, &zone)?.look(|zone| zone.log_entries(page.before, limit))?))
}
