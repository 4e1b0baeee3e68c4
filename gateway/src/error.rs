//! Refusals as clients see them: the `error` frame's body and the problem document. Services' statuses become client
//! errors here and nowhere else.

use std::{collections::BTreeMap, time::Duration};

use axum::{
    body::Body,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use proto::reason::Reason;
use rpc::Refusal;
use schemars::JsonSchema;
use serde::Serialize;
use tonic::{Code, Status};

/// When somebody may ask a gateway again that is cut off.
const CUT_OFF_RETRY_MS: u64 = 1_000;

/// What a client is told when something was refused: certainly not done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Refusal")]
pub struct Error {
    /// gRPC code in capitals.
    pub code: &'static str,
    /// Stable reason.
    #[schemars(with = "Reason")]
    pub reason: &'static str,
    /// Text for people.
    pub message: String,
    /// Whether the same request may work later.
    pub retry: bool,
    /// How long to wait before that.
    pub retry_after_ms: u64,
    /// Field → what is wrong with it.
    pub fields: BTreeMap<String, String>,
    /// Trace id, to tell to whoever runs this.
    pub trace: String,
}

impl Error {
    /// Makes an error.
    #[must_use]
    pub fn new(code: Code, reason: Reason, message: &str) -> Self {
        Self {
            code: code_name(code),
            reason: reason.as_str(),
            message: message.into(),
            // As many as one may have stay as many until the person does something about it.
            retry: reason != Reason::QUOTA
                && matches!(
                    code,
                    Code::Unavailable | Code::ResourceExhausted | Code::DeadlineExceeded
                ),
            retry_after_ms: 0,
            fields: BTreeMap::new(),
            trace: String::new(),
        }
    }

    /// Makes the refusal of one field.
    #[must_use]
    pub fn field(field: &str, why: &str) -> Self {
        let mut error = Self::new(
            Code::InvalidArgument,
            Reason::FIELD_INVALID,
            &format!("{field}: {why}"),
        );
        error.fields.insert(field.into(), why.into());
        error
    }

    /// Makes the refusal of someone who asks too much.
    #[must_use]
    pub fn rate_limited(wait: Duration) -> Self {
        let mut error = Self::new(
            Code::ResourceExhausted,
            Reason::RATE_LIMITED,
            "too many requests",
        );
        // Never too short: who waits exactly this long must not come too early.
        let ms = u64::try_from(wait.as_nanos().div_ceil(1_000_000));
        error.retry_after_ms = ms.unwrap_or(u64::MAX).max(1);
        error
    }

    /// Makes the refusal of a gateway that has been told nothing for too long: it may be wrong about who may ask.
    #[must_use]
    pub fn cut_off() -> Self {
        let message = "this gateway is cut off for the moment";
        let mut error = Self::new(Code::Unavailable, Reason::UPSTREAM_UNAVAILABLE, message);
        error.retry_after_ms = CUT_OFF_RETRY_MS;
        error
    }

    /// Adds the trace id.
    #[must_use]
    pub fn with_trace(mut self, trace: String) -> Self {
        self.trace = trace;
        self
    }
}

impl From<&Status> for Error {
    fn from(status: &Status) -> Self {
        Refusal::of(status).into()
    }
}

impl From<Status> for Error {
    fn from(status: Status) -> Self {
        Self::from(&status)
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        let mut error = Self::new(refusal.code, refusal.reason, &refusal.message);
        error.retry |= refusal.retry_after.is_some();
        error.retry_after_ms = refusal.retry_after.map_or(0, millis);
        error.fields = refusal.fields;
        error
    }
}

/// Makes a problem document for a request that never reached a handler.
#[must_use]
pub fn problem(status: StatusCode, error: &Error) -> Response {
    let document = serde_json::json!({
        "type": format!("urn:hubbub:problem:{}", error.reason),
        "title": status.canonical_reason().unwrap_or_default(),
        "status": status.as_u16(),
        "detail": error.message,
        "code": error.code,
        "reason": error.reason,
        "fields": error.fields,
        "trace": error.trace,
        "retryAfterMs": error.retry_after_ms,
    });
    let mut response = (status, Body::from(document.to_string())).into_response();
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/problem+json"),
    );
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if error.retry_after_ms > 0 {
        headers.insert(
            header::RETRY_AFTER,
            error.retry_after_ms.div_ceil(1_000).into(),
        );
    }
    response
}

/// Returns a code's name on the wire.
#[must_use]
pub fn code_name(code: Code) -> &'static str {
    match code {
        Code::Ok => "OK",
        Code::Cancelled => "CANCELLED",
        Code::Unknown => "UNKNOWN",
        Code::InvalidArgument => "INVALID_ARGUMENT",
        Code::DeadlineExceeded => "DEADLINE_EXCEEDED",
        Code::NotFound => "NOT_FOUND",
        Code::AlreadyExists => "ALREADY_EXISTS",
        Code::PermissionDenied => "PERMISSION_DENIED",
        Code::ResourceExhausted => "RESOURCE_EXHAUSTED",
        Code::FailedPrecondition => "FAILED_PRECONDITION",
        Code::Aborted => "ABORTED",
        Code::OutOfRange => "OUT_OF_RANGE",
        Code::Unimplemented => "UNIMPLEMENTED",
        Code::Internal => "INTERNAL",
        Code::Unavailable => "UNAVAILABLE",
        Code::DataLoss => "DATA_LOSS",
        Code::Unauthenticated => "UNAUTHENTICATED",
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_to_wait_is_never_told_too_short() {
        for (micros, ms) in [(0, 1), (1, 1), (50_000, 50), (50_001, 51)] {
            let limited = Error::rate_limited(Duration::from_micros(micros));
            assert_eq!(limited.retry_after_ms, ms);
        }
    }

    #[test]
    fn an_error_frame_s_body() {
        let status = rpc::status(
            Code::PermissionDenied,
            Reason::NOT_A_MEMBER,
            "you are not in this room",
        );
        let error = Error::from(&status).with_trace("4bf9".into());
        insta::assert_snapshot!(serde_json::to_string(&error).expect("serialises"), @r#"{"code":"PERMISSION_DENIED","reason":"NOT_A_MEMBER","message":"you are not in this room","retry":false,"retryAfterMs":0,"fields":{},"trace":"4bf9"}"#);
        let limited = Error::rate_limited(Duration::from_millis(70));
        insta::assert_snapshot!(serde_json::to_string(&limited).expect("serialises"), @r#"{"code":"RESOURCE_EXHAUSTED","reason":"RATE_LIMITED","message":"too many requests","retry":true,"retryAfterMs":70,"fields":{},"trace":""}"#);
        let field = Error::field("key", "is needed");
        let quota = Error::new(Code::ResourceExhausted, Reason::QUOTA, "50 pins at most");
        assert!(!quota.retry, "waiting alone does not help");
        insta::assert_snapshot!(serde_json::to_string(&field).expect("serialises"), @r#"{"code":"INVALID_ARGUMENT","reason":"FIELD_INVALID","message":"key: is needed","retry":false,"retryAfterMs":0,"fields":{"key":"is needed"},"trace":""}"#);
    }
}
