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
use super::refusal::{Body, Path, Problem, Refusal};
use crate::rulebooks::{RollBackRefusal, RulebookView, Rulebooks};

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
    let _viewed = api.viewed_site(&principal, &zone)?;
    Ok(Json(rulebooks(&api)?.view(&zone).ok_or(NONE)?))
}

fn refused(refusal: RollBackRefusal) -> Refusal {
    match refusal {
        RollBackRefusal::Unknown => Refusal::NotFound("no earlier generation has this hash"),
        RollBackRefusal::DoesNotCheck(problems) => {
            let first = problems.into_iter().next().map(|problem| format!(": {}", problem.message)).unwrap_or_default();
            Refusal::Conflict(format!("this version of the program finds mistakes in that generation{first}"))
        }
        RollBackRefusal::NotKept => Refusal::Unavailable,
    }
}

/// Goes back to an earlier generation, which stays in force after a restart too. The next change of the rulebook's files makes a
/// candidate again.
#[utoipa::path(post, path = "/api/zones/{zone}/rulebook/roll-back", tag = "zones", params(("zone" = String, Path)), request_body = RollBack,
    responses((status = 200, body = RulebookView), (status = 404, body = Problem), (status = 409, body = Problem),
        (status = 503, body = Problem)))]
async fn roll_back(
    State(api): State<Api>,
    Extension(principal): Extension<Principal>,
    Path(zone): Path<String>,
    Body(wanted): Body<RollBack>,
) -> Result<Json<RulebookView>, Refusal> {
    let site = api.changed_site(&principal, &zone)?;
    let rulebooks = Arc::clone(rulebooks(&api)?);
    let (its_rulebooks, its_zone) = (Arc::clone(&rulebooks), zone.clone());
    let rolled = tokio::task::spawn_blocking(move || its_rulebooks.roll_back(&its_zone, &wanted.generation)).await;
    let hash = rolled.map_err(|_| Refusal::Unavailable)?.map_err(refused)?;
    site.keep(principal, "roll back rulebook", hash, Vec::new()).await?;
    Ok(Json(rulebooks.view(&zone).ok_or(NONE)?))
}
