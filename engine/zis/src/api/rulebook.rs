//! The rulebook of a zone's provider.

use std::sync::Arc;

use access::Principal;
use axum::Json;
use axum::extract::{Extension, State};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Api;
use super::audit::note;
use super::refusal::{Body, Path, Problem, Refusal};
use crate::rulebooks::{RulebookView, Rulebooks};
use crate::zone::Step;

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(view)).routes(routes!(roll_back))
}

/// Which generation to go back to.
#[derive(Deserialize, ToSchema)]
struct RollBack {
    /// Its hash, or the beginning of it, of at least eight characters.
    generation: String,
}

const NONE: Refusal = Refusal::NotFound("the zone has no provider here");

fn rulebooks(api: &Api) -> Result<&Arc<dyn Rulebooks>, Refusal> {
    api.rulebooks.as_ref().ok_or(NONE)
}

/// The generation in force, those before it, and what is wrong with the rulebook on the disk.
#[utoipa::path(get, path = "/api/zones/{zone}/rulebook", tag = "zones", params(("zone" = String, Path)), responses(
    (status = 200, body = RulebookView), (status = 404, body = Problem)
))]
async fn view(
    State(api): State<Api>,
    Extension(principal): Extension<Principal>,
    Path(zone): Path<String>,
) -> Result<Json<RulebookView>, Refusal> {
    let _viewed = api.viewed(&principal, &zone)?;
    Ok(Json(rulebooks(&api)?.view(&zone).ok_or(NONE)?))
}

/// Goes back to an earlier generation. The next change of the rulebook's files makes a candidate again.
#[utoipa::path(post, path = "/api/zones/{zone}/rulebook/roll-back", tag = "zones", params(("zone" = String, Path)), request_body = RollBack,
    responses((status = 200, body = RulebookView), (status = 404, body = Problem)))]
async fn roll_back(
    State(api): State<Api>,
    Extension(principal): Extension<Principal>,
    Path(zone): Path<String>,
    Body(wanted): Body<RollBack>,
) -> Result<Json<RulebookView>, Refusal> {
    let broker = api.changed(&principal, &zone)?;
    let rulebooks = rulebooks(&api)?;
    let hash = rulebooks.roll_back(&zone, &wanted.generation);
    let hash = hash.ok_or(Refusal::NotFound("no earlier generation has this hash"))?;
    let what = "roll back rulebook";
    broker.administer(move |zone, now| Ok(note(Step::default(), zone, &principal, what, &hash, now))).await?;
    Ok(Json(rulebooks.view(&zone).ok_or(NONE)?))
}
