//! What administrators did: kept with what they did, in the same transaction.

use access::Principal;
use axum::Json;
use axum::extract::{Extension, State};
use serde::{Deserialize, Serialize};
use store::{Change, Millis, Space};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::refusal::{Path, Query, Refusal};
use super::{Api, rows};
use crate::zone::{Moment, Step, Zone};

pub(super) const AUDIT: Space = "audit";

/// Something that an administrator did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub(super) struct Deed {
    /// When.
    at: Millis,
    /// The user.
    user: String,
    /// The id of the token that was shown; none: a session.
    token: Option<String>,
    /// What was done.
    what: String,
    /// To what: an agent, a message's number, a user.
    subject: String,
    /// Why, where a reason was asked for.
    reason: Option<String>,
}

/// The change that keeps a deed.
pub(super) fn deed(
    zone: &str,
    principal: &Principal,
    what: &str,
    subject: &str,
    reason: Option<&str>,
    now: Moment,
) -> Result<Change, Refusal> {
    let deed = Deed {
        at: now.0,
        user: principal.user.clone(),
        token: principal.token.clone(),
        what: what.to_owned(),
        subject: subject.to_owned(),
        reason: reason.map(str::to_owned),
    };
    // In the order of time, and never twice the same.
    let key = format!("{:015}-{}", now.0, uuid::Uuid::new_v4().simple());
    let value = serde_json::to_string(&deed).map_err(|_| Refusal::Unavailable)?;
    Ok(Change::PutRecord { zone: zone.into(), space: AUDIT, key, value })
}

/// Adds to a step who wanted it.
pub(super) fn note(mut step: Step, zone: &Zone, principal: &Principal, what: &str, subject: &str, now: Moment) -> Step {
    // Names and numbers can always be written as JSON.
    step.changes.extend(deed(zone.name(), principal, what, subject, None, now));
    step
}

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(list))
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
struct Page {
    /// At most so many, the last ones.
    limit: Option<u32>,
}

/// What administrators did with a zone, the last first.
#[utoipa::path(get, path = "/api/zones/{zone}/audit", tag = "audit", params(("zone" = String, Path), Page), responses(
    (status = 200, body = Vec<Deed>)
))]
async fn list(
    State(api): State<Api>,
    Extension(principal): Extension<Principal>,
    Path(zone): Path<String>,
    Query(page): Query<Page>,
) -> Result<Json<Vec<Deed>>, Refusal> {
    let records = api.changed_site(&principal, &zone)?.deeds().await?;
    let last = records.iter().rev().take(rows(page.limit) as usize);
    Ok(Json(last.filter_map(|record| serde_json::from_str(&record.value).ok()).collect()))
}
