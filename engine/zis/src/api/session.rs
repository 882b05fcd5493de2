//! Login, logout, and the guard before everything else.

use std::sync::Arc;

use access::{Principal, Role};
use axum::Json;
use axum::extract::{Extension, Request, State};
use axum::http::header::{
    AUTHORIZATION, COOKIE as COOKIES, HOST, HeaderMap, HeaderName, HeaderValue, ORIGIN, SET_COOKIE,
};
use axum::http::{Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Api;
use super::refusal::{Body, Problem, Refusal};
use crate::http::Peer;

/// The cookie that holds a session's id.
pub(super) const COOKIE: &str = "sifter_session";

/// A name and a password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Login {
    /// The user's name.
    name: String,
    /// The user's password.
    password: String,
}

/// Who somebody is.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Me {
    /// The user's name.
    user: String,
    /// What the user may do.
    #[schema(value_type = Object)]
    role: Role,
    /// The id of the token that was shown; none: a session.
    token: Option<String>,
}

/// Logs in: the reply's cookie is a session, which ends after 15 minutes without use, after 8 hours, and by a logout.
#[utoipa::path(post, path = "/api/login", tag = "session", request_body = Login, security(()), responses(
    (status = 200, body = Me), (status = 401, body = Problem), (status = 429, body = Problem)
))]
pub(super) async fn login(
    State(api): State<Api>,
    Extension(peer): Extension<Arc<Peer>>,
    headers: HeaderMap,
    Body(login): Body<Login>,
) -> Result<Response, Refusal> {
    // Another site's page must not log a browser in as somebody else.
    same_site(&Method::POST, &headers)?;
    let (session, role) =
        api.access.login(&login.name, &login.password, peer.address.ip()).await.map_err(Refusal::Login)?;
    tracing::info!(user = login.name, "logged in");
    let mut reply = Json(Me { user: login.name, role, token: None }).into_response();
    let cookie = HeaderValue::from_str(&cookie(session.reveal(), api.secure)).map_err(|_| Refusal::Unavailable)?;
    reply.headers_mut().insert(SET_COOKIE, cookie);
    Ok(reply)
}

fn cookie(value: &str, secure: bool) -> String {
    let secure = if secure { "; Secure" } else { "" };
    format!("{COOKIE}={value}; Path=/; HttpOnly; SameSite=Strict{secure}")
}

/// Ends the session.
#[utoipa::path(post, path = "/api/logout", tag = "session", responses((status = 204)))]
pub(super) async fn logout(State(api): State<Api>, headers: HeaderMap) -> Result<Response, Refusal> {
    if let Some(session) = session_of(&headers) {
        api.access.logout(session).await?;
    }
    let mut reply = StatusCode::NO_CONTENT.into_response();
    let ended = format!("{}; Max-Age=0", cookie("", api.secure));
    reply.headers_mut().insert(SET_COOKIE, HeaderValue::from_str(&ended).map_err(|_| Refusal::Unavailable)?);
    Ok(reply)
}

/// Tells who is logged in.
#[utoipa::path(get, path = "/api/me", tag = "session", responses((status = 200, body = Me)))]
pub(super) async fn me(Extension(principal): Extension<Principal>) -> Json<Me> {
    let Principal { user, role, token } = principal;
    Json(Me { user, role, token })
}

/// Lets through who shows a token or has a session.
pub(super) async fn guard(State(api): State<Api>, mut request: Request, next: Next) -> Response {
    match proven(&api, request.method(), request.headers()).await {
        Ok(principal) => {
            request.extensions_mut().insert(principal);
            next.run(request).await
        }
        Err(refusal) => refusal.into_response(),
    }
}

async fn proven(api: &Api, method: &Method, headers: &HeaderMap) -> Result<Principal, Refusal> {
    let found = if let Some(shown) = headers.get(AUTHORIZATION) {
        let text = shown.to_str().map_err(|_| Refusal::Unknown)?;
        let (scheme, token) = text.split_once(' ').ok_or(Refusal::Unknown)?;
        if !scheme.eq_ignore_ascii_case("bearer") {
            return Err(Refusal::Unknown);
        }
        api.access.token(token.trim()).await?
    } else if let Some(session) = session_of(headers) {
        // A browser sends its cookie whoever's page asks it to.
        same_site(method, headers)?;
        api.access.session(session).await?
    } else {
        None
    };
    found.ok_or(Refusal::Unknown)
}

fn session_of(headers: &HeaderMap) -> Option<&str> {
    let cookies = headers.get_all(COOKIES).iter().filter_map(|cookies| cookies.to_str().ok());
    let mut pairs = cookies.flat_map(|cookies| cookies.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(name, _)| *name == COOKIE).map(|(_, value)| value)
}

/// Refuses what changes something and was asked for by another site's page: by Sec-Fetch-Site, which every browser of today sends,
/// or else by Origin.
fn same_site(method: &Method, headers: &HeaderMap) -> Result<(), Refusal> {
    if matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS) {
        return Ok(());
    }
    let text = |name: HeaderName| headers.get(name).map(|value| value.to_str().unwrap_or_default());
    if let Some(site) = text(HeaderName::from_static("sec-fetch-site")) {
        return if matches!(site, "same-origin" | "none") { Ok(()) } else { Err(Refusal::Forbidden) };
    }
    match text(ORIGIN) {
        None => Ok(()),
        Some(origin) => {
            let host = origin.split_once("://").map(|(_, host)| host);
            if host.is_some() && host == text(HOST) { Ok(()) } else { Err(Refusal::Forbidden) }
        }
    }
}
