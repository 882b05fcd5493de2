//! What is answered where something is not done.

use access::{LoginRefusal, UserFault};
use axum::Json;
use axum::extract::rejection::{JsonRejection, PathRejection, QueryRejection};
use axum::extract::{FromRequest, FromRequestParts, OptionalFromRequest, Request};
use axum::http::StatusCode;
use axum::http::header::{RETRY_AFTER, WWW_AUTHENTICATE};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde::de::DeserializeOwned;
use store::StoreFault;
use utoipa::ToSchema;

use crate::zone::AdminFault;
use crate::{AdminRefusal, Unavailable};

/// Why something is not done.
#[derive(Debug)]
pub(super) enum Refusal {
    /// Nobody has proven who they are.
    Unknown,
    /// They may not.
    Forbidden,
    /// It is not there.
    NotFound(&'static str),
    /// The request makes no sense.
    Bad(String),
    /// It does not go with what is there.
    Conflict(String),
    /// A login failed.
    Login(LoginRefusal),
    /// Nothing can be read or kept now.
    Unavailable,
}

/// What is said of it, in JSON.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Problem {
    /// A word for programs.
    error: &'static str,
    /// A sentence for people.
    message: String,
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut wait = None;
        let (status, error, message) = match self {
            Self::Unknown => (StatusCode::UNAUTHORIZED, "unauthorized", "log in, or show a token".to_owned()),
            Self::Forbidden => (StatusCode::FORBIDDEN, "forbidden", "your role does not allow this".to_owned()),
            Self::NotFound(what) => (StatusCode::NOT_FOUND, "not_found", what.to_owned()),
            Self::Bad(why) => (StatusCode::BAD_REQUEST, "bad_request", why),
            Self::Conflict(why) => (StatusCode::CONFLICT, "conflict", why),
            Self::Login(refusal) => {
                let status = match refusal {
                    LoginRefusal::Wrong => StatusCode::UNAUTHORIZED,
                    LoginRefusal::TooMany(millis) => {
                        wait = Some((millis + 999) / 1000);
                        StatusCode::TOO_MANY_REQUESTS
                    }
                    LoginRefusal::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
                };
                (status, "login", refusal.to_string())
            }
            Self::Unavailable => {
                wait = Some(5);
                (StatusCode::SERVICE_UNAVAILABLE, "unavailable", Unavailable.to_string())
            }
        };
        let mut reply = (status, Json(Problem { error, message })).into_response();
        if let Some(Ok(wait)) = wait.map(|seconds| seconds.to_string().parse()) {
            reply.headers_mut().insert(RETRY_AFTER, wait);
        }
        if status == StatusCode::UNAUTHORIZED {
            reply.headers_mut().insert(WWW_AUTHENTICATE, axum::http::HeaderValue::from_static("Bearer"));
        }
        reply
    }
}

impl From<StoreFault> for Refusal {
    fn from(fault: StoreFault) -> Self {
        match fault {
            StoreFault::Damaged(what) => Self::Conflict(format!("what is stored is damaged: {what}")),
            StoreFault::Lost(_) | StoreFault::Refused(_) | StoreFault::Taken(_) => Self::Unavailable,
        }
    }
}

impl From<Unavailable> for Refusal {
    fn from(_: Unavailable) -> Self {
        Self::Unavailable
    }
}

impl From<AdminRefusal> for Refusal {
    fn from(refusal: AdminRefusal) -> Self {
        match refusal {
            AdminRefusal::Unavailable => Self::Unavailable,
            AdminRefusal::Refused(AdminFault::UnknownAgent) => {
                Self::NotFound("there is no such agent, or it is not registered")
            }
            AdminRefusal::Refused(AdminFault::UnknownRequest) => {
                Self::NotFound("there is no such request, or it is closed")
            }
            AdminRefusal::Refused(AdminFault::NotQueued) => {
                Self::NotFound("the message does not wait in this agent's queue")
            }
            AdminRefusal::Refused(fault) => Self::Conflict(fault.to_string()),
        }
    }
}

impl From<UserFault> for Refusal {
    fn from(fault: UserFault) -> Self {
        match fault {
            UserFault::Unknown => Self::NotFound("there is no such user"),
            UserFault::Exists | UserFault::LastAdministrator => Self::Conflict(fault.to_string()),
            UserFault::Name | UserFault::Password(_) => Self::Bad(fault.to_string()),
            UserFault::Failed(_) => Self::Unavailable,
        }
    }
}

impl From<JsonRejection> for Refusal {
    fn from(rejection: JsonRejection) -> Self {
        // What a deserializer says may quote what it read.
        Self::Bad(match rejection {
            JsonRejection::JsonDataError(_) => "the body does not have the members that are described".to_owned(),
            JsonRejection::JsonSyntaxError(_) => "the body is no JSON".to_owned(),
            JsonRejection::MissingJsonContentType(_) => "the body must be application/json".to_owned(),
            _ => "the body cannot be read".to_owned(),
        })
    }
}

impl From<PathRejection> for Refusal {
    fn from(_: PathRejection) -> Self {
        Self::Bad("the path cannot be read".to_owned())
    }
}

impl From<QueryRejection> for Refusal {
    fn from(_: QueryRejection) -> Self {
        Self::Bad("the query does not have the parameters that are described".to_owned())
    }
}

/// A JSON body whose faults are told as all others.
#[derive(FromRequest)]
#[from_request(via(axum::Json), rejection(Refusal))]
pub(super) struct Body<T>(pub(super) T);

impl<T: DeserializeOwned, S: Send + Sync> OptionalFromRequest<S> for Body<T> {
    type Rejection = Refusal;

    /// None where the request says that it has no content.
    async fn from_request(request: Request, state: &S) -> Result<Option<Self>, Refusal> {
        let body = <Json<T> as OptionalFromRequest<S>>::from_request(request, state).await;
        Ok(body?.map(|Json(body)| Self(body)))
    }
}

/// Parts of the path.
#[derive(FromRequestParts)]
#[from_request(via(axum::extract::Path), rejection(Refusal))]
pub(super) struct Path<T>(pub(super) T);

/// The query.
#[derive(FromRequestParts)]
#[from_request(via(axum::extract::Query), rejection(Refusal))]
pub(super) struct Query<T>(pub(super) T);
