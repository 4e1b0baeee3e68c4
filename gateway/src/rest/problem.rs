//! Refusals over REST: `application/problem+json` (RFC 9457).

use std::collections::BTreeMap;

use axum::{
    http::StatusCode,
    response::{IntoResponse, Response},
};
use proto::reason::Reason;
use serde::Serialize;
use tonic::{Code, Status};
use utoipa::ToSchema;

use super::observe;
use crate::error::{self, Error};

/// A refusal and its HTTP status.
#[derive(Debug)]
pub(crate) struct Problem {
    status: StatusCode,
    /// Boxed: a refusal is rare, and every handler's result would be as large as it.
    error: Box<Error>,
}

/// What a problem looks like; for the API document only.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Problem)]
pub(crate) struct ProblemShape {
    /// A URI that names the reason.
    r#type: String,
    /// The HTTP status in words.
    title: String,
    /// The HTTP status.
    status: u16,
    /// Text for people.
    detail: String,
    /// gRPC code in capitals.
    code: String,
    /// Stable reason; programs decide by it.
    reason: String,
    /// Field → what is wrong with it.
    fields: BTreeMap<String, String>,
    /// Trace id, to tell to whoever runs this.
    trace: String,
    /// How long to wait before trying again; 0 when that would not help.
    retry_after_ms: u64,
}

impl Problem {
    /// Makes a problem with a status that its code does not imply.
    pub(crate) fn new(status: StatusCode, code: Code, reason: Reason, message: &str) -> Self {
        Self {
            status,
            error: Box::new(Error::new(code, reason, message)),
        }
    }

    /// Makes the refusal of one field.
    pub(crate) fn field(field: &str, why: &str) -> Self {
        Error::field(field, why).into()
    }

    /// Makes the refusal of several fields.
    pub(crate) fn fields(fields: BTreeMap<String, String>) -> Self {
        let all: Vec<String> = fields
            .iter()
            .map(|(field, why)| format!("{field}: {why}"))
            .collect();
        let mut error = Error::new(
            Code::InvalidArgument,
            Reason::FIELD_INVALID,
            &all.join("; "),
        );
        error.fields = fields;
        error.into()
    }

    /// Makes the answer to a route or method that does not exist.
    pub(crate) fn not_found(status: StatusCode, message: &str) -> Self {
        Self::new(status, Code::NotFound, Reason::NOT_FOUND, message)
    }

    /// Makes the answer to a request without a credential.
    pub(crate) fn token_missing() -> Self {
        Error::new(
            Code::Unauthenticated,
            Reason::TOKEN_MISSING,
            "log in, or send a bearer token",
        )
        .into()
    }

    /// Makes the answer to a request that failed on our side.
    pub(crate) fn internal() -> Self {
        Error::new(Code::Internal, Reason::INTERNAL, "something went wrong").into()
    }

    /// Whether the credential was missing or proved nobody.
    pub(crate) fn is_unauthenticated(&self) -> bool {
        self.status == StatusCode::UNAUTHORIZED
    }
}

impl From<&Status> for Problem {
    fn from(status: &Status) -> Self {
        Error::from(status).into()
    }
}

impl From<Status> for Problem {
    fn from(status: Status) -> Self {
        Self::from(&status)
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        Self {
            status: http_status(error.code, error.reason),
            error: Box::new(error),
        }
    }
}

/// Returns the HTTP status of a refusal: that of its gRPC code, but for reasons that HTTP knows better.
fn http_status(code: &str, reason: &str) -> StatusCode {
    match Reason::parse(reason) {
        Some(Reason::CONNECTION_GONE) => return StatusCode::GONE,
        Some(Reason::SLOW_MODE | Reason::QUOTA) => return StatusCode::TOO_MANY_REQUESTS,
        Some(Reason::WORD_REFUSED | Reason::RANGE_REFUSED) => {
            return StatusCode::UNPROCESSABLE_ENTITY;
        }
        Some(Reason::BANNED | Reason::ROOM_MUTED | Reason::RECIPIENT_UNAVAILABLE) => {
            return StatusCode::FORBIDDEN;
        }
        _ => {}
    }
    match code {
        "INVALID_ARGUMENT" | "OUT_OF_RANGE" => StatusCode::UNPROCESSABLE_ENTITY,
        "UNAUTHENTICATED" => StatusCode::UNAUTHORIZED,
        "PERMISSION_DENIED" => StatusCode::FORBIDDEN,
        "NOT_FOUND" | "UNIMPLEMENTED" => StatusCode::NOT_FOUND,
        "ALREADY_EXISTS" | "ABORTED" | "FAILED_PRECONDITION" => StatusCode::CONFLICT,
        "RESOURCE_EXHAUSTED" => StatusCode::TOO_MANY_REQUESTS,
        "UNAVAILABLE" => StatusCode::SERVICE_UNAVAILABLE,
        "DEADLINE_EXCEEDED" => StatusCode::GATEWAY_TIMEOUT,
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        error::problem(self.status, &self.error.with_trace(observe::trace_id()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_the_status_that_the_protocol_names() {
        let status = |code, reason| {
            Problem::from(rpc::status(code, reason, "x"))
                .status
                .as_u16()
        };
        assert_eq!(
            status(Code::Unauthenticated, Reason::CREDENTIALS_INVALID),
            401
        );
        assert_eq!(status(Code::PermissionDenied, Reason::NOT_A_MEMBER), 403);
        assert_eq!(status(Code::NotFound, Reason::ROOM_NOT_FOUND), 404);
        assert_eq!(status(Code::AlreadyExists, Reason::USERNAME_TAKEN), 409);
        assert_eq!(status(Code::InvalidArgument, Reason::FIELD_INVALID), 422);
        assert_eq!(status(Code::ResourceExhausted, Reason::RATE_LIMITED), 429);
        assert_eq!(status(Code::Unavailable, Reason::UPSTREAM_UNAVAILABLE), 503);
        assert_eq!(status(Code::Internal, Reason::INTERNAL), 500);
        assert_eq!(status(Code::PermissionDenied, Reason::BANNED), 403);
        assert_eq!(status(Code::PermissionDenied, Reason::ADMIN_REQUIRED), 403);
        assert_eq!(status(Code::NotFound, Reason::INVITE_INVALID), 404);
        assert_eq!(status(Code::AlreadyExists, Reason::ALREADY_FRIENDS), 409);
        assert_eq!(status(Code::ResourceExhausted, Reason::SLOW_MODE), 429);
        assert_eq!(status(Code::FailedPrecondition, Reason::QUOTA), 429);
        assert_eq!(status(Code::FailedPrecondition, Reason::RANGE_REFUSED), 422);
        assert_eq!(status(Code::NotFound, Reason::CONNECTION_GONE), 410);
    }
}
