//! Agents: who they are, what they may do, whether they sleep.

use std::collections::{BTreeMap, BTreeSet};

use access::Principal;
use axum::Json;
use axum::extract::{Extension, State};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Api;
use super::audit::note;
use super::refusal::{Body, Path, Problem, Refusal};
use crate::zone::{AdminFault, AgentView, Moment, Step, Zone};
use crate::{AgentConfig, Right};

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(one, set, remove))
        .routes(routes!(approve))
        .routes(routes!(set_rights))
        .routes(routes!(set_elements))
        .routes(routes!(sleep))
        .routes(routes!(wake))
        .routes(routes!(purge))
}

/// An agent with what it is configured to do.
#[derive(Debug, Serialize, ToSchema)]
struct Agent {
    /// How it is.
    #[serde(flatten)]
    view: AgentView,
    /// How it is configured; none: nobody has named it.
    config: Option<AgentConfig>,
}

/// Whether an agent may register.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Approval {
    /// Whether it may.
    approved: bool,
}

/// What an agent may do.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Rights {
    /// By object; `*` stands for every object.
    rights: BTreeMap<String, BTreeSet<Right>>,
    /// The contexts that they hold in; none: as they are.
    contexts: Option<Vec<String>>,
}

/// What an agent may see.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Elements {
    /// The paths that it may see, by object; an object that is not named is seen whole.
    elements: BTreeMap<String, BTreeSet<String>>,
}

/// All agents of a zone: those that are configured, and those that have asked to register.
#[utoipa::path(get, path = "/api/zones/{zone}/agents", tag = "agents", params(("zone" = String, Path)), responses(
    (status = 200, body = Vec<AgentView>)
))]
async fn list(
    State(api): State<Api>,
    Extension(principal): Extension<Principal>,
    Path(zone): Path<String>,
) -> Result<Json<Vec<AgentView>>, Refusal> {
    Ok(Json(api.viewed(&principal, &zone)?.look(|zone| zone.agents())?))
}

/// An agent.
#[utoipa::path(get, path = "/api/zones/{zone}/agents/{agent}", tag = "agents",
    params(("zone" = String, Path), ("agent" = String, Path)),
    responses((status = 200, body = Agent), (status = 404, body = Problem)))]
async fn one(
    State(api): State<Api>,
    Extension(principal): Extension<Principal>,
    Path((zone, agent)): Path<(String, String)>,
) -> Result<Json<Agent>, Refusal> {
    let found = api.viewed(&principal, &zone)?.look(|zone| {
        let view = zone.agents().into_iter().find(|view| view.id == agent)?;
        Some(Agent { view, config: zone.config().agents.get(&agent).cloned() })
    })?;
    found.map(Json).ok_or(Refusal::NotFound("there is no such agent"))
}

/// Puts an agent's configuration in the place of what its file says.
#[utoipa::path(put, path = "/api/zones/{zone}/agents/{agent}", tag = "agents",
    params(("zone" = String, Path), ("agent" = String, Path)), request_body = AgentConfig,
    responses((status = 204), (status = 400, body = Problem)))]
async fn set(
    State(api): State<Api>,
    Extension(principal): Extension<Principal>,
    Path((zone, agent)): Path<(String, String)>,
    Body(config): Body<AgentConfig>,
) -> Result<StatusCode, Refusal> {
    if config.id != agent {
        return Err(Refusal::Bad("the id in the body is not that of the path".to_owned()));
    }
    change(&api, principal, &zone, ("configure", &agent), move |zone, _, now| Ok(zone.set_agent(config, now))).await
}

/// Removes an agent: it is unregistered, its queue is emptied, and its zone's file counts again.
#[utoipa::path(delete, path = "/api/zones/{zone}/agents/{agent}", tag = "agents",
    params(("zone" = String, Path), ("agent" = String, Path)), responses((status = 204), (status = 404, body = Problem)))]
async fn remove(
    State(api): State<Api>,
    Extension(principal): Extension<Principal>,
    Path((zone, agent)): Path<(String, String)>,
) -> Result<StatusCode, Refusal> {
    let in_file = api.changed(&principal, &zone)?.agent_in_file(&agent);
    change(&api, principal, &zone, ("remove", &agent), move |zone, agent, now| zone.remove_agent(agent, in_file, now))
        .await
}

/// Lets an agent register, or lets it no more.
#[utoipa::path(post, path = "/api/zones/{zone}/agents/{agent}/approve", tag = "agents",
    params(("zone" = String, Path), ("agent" = String, Path)), request_body = Approval,
    responses((status = 204), (status = 404, body = Problem)))]
async fn approve(
    State(api): State<Api>,
    Extension(principal): Extension<Principal>,
    Path((zone, agent)): Path<(String, String)>,
    Body(Approval { approved }): Body<Approval>,
) -> Result<StatusCode, Refusal> {
    let what = if approved { "approve" } else { "withdraw approval" };
    change(&api, principal, &zone, (what, &agent), move |zone, agent, now| zone.approve(agent, approved, now)).await
}

/// Says what an agent may do; holds from its next message on.
#[utoipa::path(put, path = "/api/zones/{zone}/agents/{agent}/rights", tag = "agents",
    params(("zone" = String, Path), ("agent" = String, Path)), request_body = Rights,
    responses((status = 204), (status = 404, body = Problem)))]
async fn set_rights(
    State(api): State<Api>,
    Extension(principal): Extension<Principal>,
    Path((zone, agent)): Path<(String, String)>,
    Body(Rights { rights, contexts }): Body<Rights>,
) -> Result<StatusCode, Refusal> {
    configure(&api, principal, &zone, ("set rights", &agent), move |config| {
        config.rights = rights;
        if let Some(contexts) = contexts {
            config.contexts = contexts;
        }
    })
    .await
}

/// Says what an agent may see; holds for messages that are enqueued from now on.
#[utoipa::path(put, path = "/api/zones/{zone}/agents/{agent}/elements", tag = "agents",
    params(("zone" = String, Path), ("agent" = String, Path)), request_body = Elements,
    responses((status = 204), (status = 404, body = Problem)))]
async fn set_elements(
    State(api): State<Api>,
    Extension(principal): Extension<Principal>,
    Path((zone, agent)): Path<(String, String)>,
    Body(Elements { elements }): Body<Elements>,
) -> Result<StatusCode, Refusal> {
    configure(&api, principal, &zone, ("set elements", &agent), move |config| config.elements = elements).await
}

/// Puts an agent to sleep, as if it had asked for it.
#[utoipa::path(post, path = "/api/zones/{zone}/agents/{agent}/sleep", tag = "agents",
    params(("zone" = String, Path), ("agent" = String, Path)), responses((status = 204), (status = 404, body = Problem)))]
async fn sleep(
    State(api): State<Api>,
    Extension(principal): Extension<Principal>,
    Path((zone, agent)): Path<(String, String)>,
) -> Result<StatusCode, Refusal> {
    change(&api, principal, &zone, ("sleep", &agent), |zone, agent, _| zone.sleep_agent(agent, true)).await
}

/// Wakes an agent, as if it had asked for it.
#[utoipa::path(post, path = "/api/zones/{zone}/agents/{agent}/wake", tag = "agents",
    params(("zone" = String, Path), ("agent" = String, Path)), responses((status = 204), (status = 404, body = Problem)))]
async fn wake(
    State(api): State<Api>,
    Extension(principal): Extension<Principal>,
    Path((zone, agent)): Path<(String, String)>,
) -> Result<StatusCode, Refusal> {
    change(&api, principal, &zone, ("wake", &agent), |zone, agent, _| zone.sleep_agent(agent, false)).await
}

/// Empties an agent's queue. Requests in it are answered with 8/17.
#[utoipa::path(post, path = "/api/zones/{zone}/agents/{agent}/purge", tag = "agents",
    params(("zone" = String, Path), ("agent" = String, Path)), responses((status = 204), (status = 404, body = Problem)))]
async fn purge(
    State(api): State<Api>,
    Extension(principal): Extension<Principal>,
    Path((zone, agent)): Path<(String, String)>,
) -> Result<StatusCode, Refusal> {
    change(&api, principal, &zone, ("purge", &agent), |zone, agent, now| zone.purge_queue(agent, now)).await
}

/// Changes how an agent is configured that is.
async fn configure(
    api: &Api,
    principal: Principal,
    zone: &str,
    deed: (&'static str, &str),
    change_config: impl FnOnce(&mut AgentConfig) + Send + 'static,
) -> Result<StatusCode, Refusal> {
    change(api, principal, zone, deed, move |zone, agent, now| {
        let mut config = zone.config().agents.get(agent).cloned().ok_or(AdminFault::UnknownAgent)?;
        change_config(&mut config);
        Ok(zone.set_agent(config, now))
    })
    .await
}

async fn change(
    api: &Api,
    principal: Principal,
    zone: &str,
    (what, agent): (&'static str, &str),
    act: impl FnOnce(&mut Zone, &str, Moment) -> Result<Step, AdminFault> + Send + 'static,
) -> Result<StatusCode, Refusal> {
    let broker = api.changed(&principal, zone)?;
    let agent = agent.to_owned();
    let act = move |zone: &mut Zone, now| {
        let step = act(zone, &agent, now)?;
        Ok(note(step, zone, &principal, what, &agent, now))
    };
    broker.administer(act).await?;
    Ok(StatusCode::NO_CONTENT)
}
