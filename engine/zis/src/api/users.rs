//! Users and tokens.

use access::{Principal, Role, TokenView, UserView};
use axum::Json;
use axum::extract::{Extension, State};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use store::Millis;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Api;
use super::refusal::{Body, Path, Problem, Refusal};

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(remove))
        .routes(routes!(set_password))
        .routes(routes!(set_role))
        .routes(routes!(set_disabled))
        .routes(routes!(tokens, create_token))
        .routes(routes!(revoke_token))
}

/// A user.
#[derive(Debug, Serialize, ToSchema)]
struct User {
    /// The name.
    name: String,
    /// What the user may do: `role` is `administrator`, `zone_administrator` or `viewer`, the last two with `zones`.
    #[schema(value_type = Object)]
    role: Role,
    /// Whether the user may not log in.
    disabled: bool,
    /// When the user was made.
    created: Millis,
}

impl From<UserView> for User {
    fn from(UserView { name, role, disabled, created }: UserView) -> Self {
        Self { name, role, disabled, created }
    }
}

/// A user to be made.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewUser {
    /// The name: letters, digits and `.-_@`.
    name: String,
    /// The password, of 15 characters at least.
    password: String,
    /// What the user may do.
    #[schema(value_type = Object)]
    role: Role,
}

/// Another password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewPassword {
    /// The password, of 15 characters at least.
    password: String,
}

/// Another role.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewRole {
    /// What the user may do.
    #[schema(value_type = Object)]
    role: Role,
}

/// Whether a user may come in.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Disabled {
    /// Whether not.
    disabled: bool,
}

/// A token, without its text.
#[derive(Debug, Serialize, ToSchema)]
struct Token {
    /// Its id.
    id: String,
    /// What it is for.
    label: String,
    /// When it was made.
    created: Millis,
    /// When it ends; none: never.
    expires: Option<Millis>,
}

impl From<TokenView> for Token {
    fn from(TokenView { id, user: _, label, created, expires }: TokenView) -> Self {
        Self { id, label, created, expires }
    }
}

/// A token to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewToken {
    /// What it is for.
    label: String,
    /// When it ends; none: never.
    expires: Option<Millis>,
}

/// A token that was just made.
#[derive(Serialize, ToSchema)]
struct MadeToken {
    /// Its text: shown only now.
    secret: String,
    /// The rest.
    #[serde(flatten)]
    token: Token,
}

fn administrator(principal: &Principal) -> Result<(), Refusal> {
    if principal.may_change_users() { Ok(()) } else { Err(Refusal::Forbidden) }
}

/// All users.
#[utoipa::path(get, path = "/api/users", tag = "users", responses((status = 200, body = Vec<User>), (status = 403, body = Problem)))]
async fn list(State(api): State<Api>, Extension(principal): Extension<Principal>) -> Result<Json<Vec<User>>, Refusal> {
    administrator(&principal)?;
    Ok(Json(api.access.users().await?.into_iter().map(User::from).collect()))
}

/// Makes a user.
#[utoipa::path(post, path = "/api/users", tag = "users", request_body = NewUser, responses(
    (status = 201, body = User), (status = 400, body = Problem), (status = 403, body = Problem), (status = 409, body = Problem)
))]
async fn create(
    State(api): State<Api>,
    Extension(principal): Extension<Principal>,
    Body(NewUser { name, password, role }): Body<NewUser>,
) -> Result<(StatusCode, Json<User>), Refusal> {
    administrator(&principal)?;
    let user = api.access.create_user(&name, &password, role).await?;
    tracing::info!(by = principal.user, user = name, "a user was made");
    Ok((StatusCode::CREATED, Json(user.into())))
}

/// Removes a user, with all tokens and sessions.
#[utoipa::path(delete, path = "/api/users/{user}", tag = "users", params(("user" = String, Path)), responses(
    (status = 204), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem)
))]
async fn remove(
    State(api): State<Api>,
    Extension(principal): Extension<Principal>,
    Path(user): Path<String>,
) -> Result<StatusCode, Refusal> {
    administrator(&principal)?;
    api.access.remove_user(&user).await?;
    tracing::info!(by = principal.user, user, "a user was removed");
    Ok(StatusCode::NO_CONTENT)
}

/// Gives a user another password: an administrator anybody, everybody themselves within a session. All sessions of the user end.
#[utoipa::path(put, path = "/api/users/{user}/password", tag = "users", params(("user" = String, Path)), request_body = NewPassword,
    responses((status = 204), (status = 400, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem)))]
async fn set_password(
    State(api): State<Api>,
    Extension(principal): Extension<Principal>,
    Path(user): Path<String>,
    Body(NewPassword { password }): Body<NewPassword>,
) -> Result<StatusCode, Refusal> {
    // A token that got into the wrong hands must not become a password.
    if principal.user != user || principal.token.is_some() {
        administrator(&principal)?;
    }
    api.access.set_password(&user, &password).await?;
    tracing::info!(by = principal.user, user, "a password was changed");
    Ok(StatusCode::NO_CONTENT)
}

/// Gives a user another role.
#[utoipa::path(put, path = "/api/users/{user}/role", tag = "users", params(("user" = String, Path)), request_body = NewRole,
    responses((status = 204), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem)))]
async fn set_role(
    State(api): State<Api>,
    Extension(principal): Extension<Principal>,
    Path(user): Path<String>,
    Body(NewRole { role }): Body<NewRole>,
) -> Result<StatusCode, Refusal> {
    administrator(&principal)?;
    api.access.set_role(&user, role).await?;
    tracing::info!(by = principal.user, user, "a role was changed");
    Ok(StatusCode::NO_CONTENT)
}

/// Lets a user in no more, or again.
#[utoipa::path(put, path = "/api/users/{user}/disabled", tag = "users", params(("user" = String, Path)), request_body = Disabled,
    responses((status = 204), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem)))]
async fn set_disabled(
    State(api): State<Api>,
    Extension(principal): Extension<Principal>,
    Path(user): Path<String>,
    Body(Disabled { disabled }): Body<Disabled>,
) -> Result<StatusCode, Refusal> {
    administrator(&principal)?;
    api.access.set_disabled(&user, disabled).await?;
    tracing::info!(by = principal.user, user, disabled, "a user was let in or out");
    Ok(StatusCode::NO_CONTENT)
}

/// One's own tokens.
#[utoipa::path(get, path = "/api/tokens", tag = "tokens", responses((status = 200, body = Vec<Token>)))]
async fn tokens(
    State(api): State<Api>,
    Extension(principal): Extension<Principal>,
) -> Result<Json<Vec<Token>>, Refusal> {
    Ok(Json(api.access.tokens(&principal.user).await?.into_iter().map(Token::from).collect()))
}

/// Makes a token of one's own. A token cannot make another.
#[utoipa::path(post, path = "/api/tokens", tag = "tokens", request_body = NewToken, responses(
    (status = 201, body = MadeToken), (status = 403, body = Problem)
))]
async fn create_token(
    State(api): State<Api>,
    Extension(principal): Extension<Principal>,
    Body(NewToken { label, expires }): Body<NewToken>,
) -> Result<(StatusCode, Json<MadeToken>), Refusal> {
    if principal.token.is_some() {
        return Err(Refusal::Forbidden);
    }
    let made = api.access.create_token(&principal.user, &label, expires).await?;
    let token = MadeToken { secret: made.secret.reveal().to_owned(), token: made.view.into() };
    Ok((StatusCode::CREATED, Json(token)))
}

/// Ends a token of one's own.
#[utoipa::path(delete, path = "/api/tokens/{id}", tag = "tokens", params(("id" = String, Path)), responses(
    (status = 204), (status = 404, body = Problem)
))]
async fn revoke_token(
    State(api): State<Api>,
    Extension(principal): Extension<Principal>,
    Path(id): Path<String>,
) -> Result<StatusCode, Refusal> {
    match api.access.revoke_token(&principal.user, &id).await? {
        true => Ok(StatusCode::NO_CONTENT),
        false => Err(Refusal::NotFound("there is no such token")),
    }
}
