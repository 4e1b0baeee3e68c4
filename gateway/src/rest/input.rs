//! What a request may carry, read so that every refusal is a problem document that names the field.

use std::{collections::BTreeMap, time::Duration};

use axum::{
    body::{Bytes, to_bytes},
    extract::{FromRequest, FromRequestParts, Path, Query, Request},
    http::{HeaderMap, StatusCode, header, request::Parts},
};
use proto::{id::is_key, reason::Reason};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use tonic::Code;
use uuid::Uuid;

use super::problem::Problem;

/// Most bytes of a request body.
const BODY_MAX: usize = 64 * 1024;
/// A body must be complete within this time.
const BODY_TIMEOUT: Duration = Duration::from_secs(10);
/// Most characters of a User-Agent that is passed on.
const AGENT_MAX: usize = 256;

/// A request body that is one JSON object.
pub(crate) struct Json<T>(pub(crate) T);

/// How a body is read from the fields of its object. Unknown fields are ignored.
pub(crate) trait Input: Sized {
    /// Takes what it needs; what is wrong stays in `fields`.
    fn take(fields: &mut Fields) -> Self;
}

/// The fields of a body, and what is wrong with them.
pub(crate) struct Fields {
    values: Map<String, Value>,
    wrong: BTreeMap<String, String>,
}

impl Fields {
    /// Takes a text that must be there.
    pub(crate) fn text(&mut self, name: &str) -> String {
        match self.values.remove(name) {
            Some(Value::String(text)) => text,
            found => {
                self.refuse(
                    name,
                    if found.is_some() {
                        "must be a text"
                    } else {
                        "is needed"
                    },
                );
                String::new()
            }
        }
    }

    /// Takes a text that may be missing or null.
    pub(crate) fn optional_text(&mut self, name: &str) -> String {
        match self.values.remove(name) {
            Some(Value::String(text)) => text,
            None | Some(Value::Null) => String::new(),
            Some(_) => {
                self.refuse(name, "must be a text");
                String::new()
            }
        }
    }

    /// Takes a flag that may be missing or null, which means no.
    pub(crate) fn optional_flag(&mut self, name: &str) -> bool {
        match self.values.remove(name) {
            Some(Value::Bool(flag)) => flag,
            None | Some(Value::Null) => false,
            Some(_) => {
                self.refuse(name, "must be true or false");
                false
            }
        }
    }

    /// Takes a whole number that may be missing or null, which means 0.
    pub(crate) fn optional_number(&mut self, name: &str) -> i64 {
        match self.values.remove(name) {
            None | Some(Value::Null) => 0,
            Some(found) => found.as_i64().unwrap_or_else(|| {
                self.refuse(name, "must be a whole number");
                0
            }),
        }
    }

    /// Takes a number of seconds or of uses that may be missing or null, which means 0.
    pub(crate) fn optional_count(&mut self, name: &str) -> u32 {
        let number = self.optional_number(name);
        u32::try_from(number).unwrap_or_else(|_| {
            self.refuse(name, "must be 0 to 4294967295");
            0
        })
    }

    /// Takes one of some names, or nothing.
    pub(crate) fn optional_choice<T>(
        &mut self,
        name: &str,
        parse: impl FnOnce(&str) -> Option<T>,
        choices: &str,
    ) -> Option<T> {
        let text = self.optional_text(name);
        if text.is_empty() {
            return None;
        }
        let choice = parse(&text);
        if choice.is_none() {
            self.refuse(name, &format!("must be {choices}"));
        }
        choice
    }

    fn refuse(&mut self, name: &str, why: &str) {
        self.wrong.insert(name.into(), why.into());
    }
}

impl<S: Send + Sync, T: Input> FromRequest<S> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        if !is_json(request.headers()) {
            return Err(Problem::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                Code::InvalidArgument,
                Reason::FIELD_INVALID,
                "the content type must be application/json",
            ));
        }
        parse(&read(request).await?).map(Self)
    }
}

async fn read(request: Request) -> Result<Bytes, Problem> {
    let body = tokio::time::timeout(BODY_TIMEOUT, to_bytes(request.into_body(), BODY_MAX)).await;
    let (status, detail) = match body {
        Ok(Ok(bytes)) => return Ok(bytes),
        Ok(Err(_)) => (
            StatusCode::PAYLOAD_TOO_LARGE,
            "the body is over 64 KiB or was cut off",
        ),
        Err(_) => (
            StatusCode::REQUEST_TIMEOUT,
            "the body did not arrive in time",
        ),
    };
    Err(Problem::new(
        status,
        Code::InvalidArgument,
        Reason::FIELD_INVALID,
        detail,
    ))
}

fn parse<T: Input>(body: &[u8]) -> Result<T, Problem> {
    let Ok(values) = serde_json::from_slice::<Map<String, Value>>(body) else {
        return Err(Problem::field("body", "must be one JSON object"));
    };
    let mut fields = Fields {
        values,
        wrong: BTreeMap::new(),
    };
    let input = T::take(&mut fields);
    if fields.wrong.is_empty() {
        Ok(input)
    } else {
        Err(Problem::fields(fields.wrong))
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    kind.and_then(|kind| kind.split(';').next())
        .is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json"))
}

/// The query of a request.
pub(crate) struct Params<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Params<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        match Query::from_request_parts(parts, state).await {
            Ok(Query(params)) => Ok(Self(params)),
            Err(rejection) => Err(Problem::field("query", &rejection.body_text())),
        }
    }
}

/// The one variable of a path.
pub(crate) struct Segment(pub(crate) String);

impl<S: Send + Sync> FromRequestParts<S> for Segment {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        match Path::from_request_parts(parts, state).await {
            Ok(Path(segment)) => Ok(Self(segment)),
            Err(_) => Err(Problem::field("path", "must be UTF-8")),
        }
    }
}

/// The idempotency key of a mutation.
pub(crate) struct Key(pub(crate) String);

impl<S: Send + Sync> FromRequestParts<S> for Key {
    type Rejection = Problem;

    /// A missing key is made up, so that a plain `curl` works; such a request cannot be repeated safely.
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        match parts.headers.get("idempotency-key") {
            None => Ok(Self(Uuid::now_v7().to_string())),
            Some(value) => match value.to_str() {
                Ok(key) if is_key(key) => Ok(Self(key.into())),
                _ => Err(Problem::field(
                    "Idempotency-Key",
                    "must be 1 to 64 characters of A-Z a-z 0-9 _ -",
                )),
            },
        }
    }
}

/// Returns the User-Agent as far as it is kept.
pub(crate) fn agent(headers: &HeaderMap) -> String {
    let agent = headers
        .get(header::USER_AGENT)
        .and_then(|value| value.to_str().ok());
    agent.unwrap_or_default().chars().take(AGENT_MAX).collect()
}

#[cfg(test)]
mod tests {
    use axum::{body::Body, response::IntoResponse};

    use super::*;

    #[derive(Debug, PartialEq)]
    struct Sample {
        name: String,
        topic: String,
        is_private: bool,
        uses: u32,
        until: i64,
        is_sure: Option<bool>,
    }

    impl Input for Sample {
        fn take(fields: &mut Fields) -> Self {
            Self {
                name: fields.text("name"),
                topic: fields.optional_text("topic"),
                is_private: fields.optional_flag("private"),
                uses: fields.optional_count("uses"),
                until: fields.optional_number("until"),
                is_sure: fields.optional_choice("sure", |text| text.parse().ok(), "true or false"),
            }
        }
    }

    async fn status(kind: &str, body: Vec<u8>) -> u16 {
        let request = Request::post("/")
            .header(header::CONTENT_TYPE, kind)
            .body(Body::from(body))
            .expect("request");
        match Json::<Sample>::from_request(request, &()).await {
            Ok(_) => 200,
            Err(problem) => problem.into_response().status().as_u16(),
        }
    }

    #[tokio::test]
    async fn every_bad_body_has_its_status() {
        let json = "application/json";
        assert_eq!(
            status(
                "application/json; charset=utf-8",
                br#"{"name":"x","new":1}"#.to_vec()
            )
            .await,
            200
        );
        assert_eq!(status("text/plain", b"{}".to_vec()).await, 415);
        for bad in [
            "",
            "{",
            "[]",
            "7",
            "null",
            r#"{"name":7}"#,
            "{}",
            r#"{"name":"x","private":"yes"}"#,
            r#"{"name":"x","until":1.5}"#,
            r#"{"name":"x","until":"1"}"#,
            r#"{"name":"x","uses":-1}"#,
            r#"{"name":"x","uses":4294967296}"#,
            r#"{"name":"x","sure":"perhaps"}"#,
        ] {
            assert_eq!(status(json, bad.into()).await, 422, "{bad}");
        }
        assert_eq!(status(json, b"\xff".to_vec()).await, 422);
        assert_eq!(status(json, "[".repeat(60_000).into_bytes()).await, 422);
        assert_eq!(status(json, vec![b' '; BODY_MAX + 1]).await, 413);
    }

    #[test]
    fn missing_means_empty_only_where_that_is_allowed() {
        let body = br#"{"name":"a","topic":null,"until":-7,"uses":null,"sure":"true"}"#;
        let sample = parse::<Sample>(body).expect("valid");
        assert_eq!(
            sample,
            Sample {
                name: "a".into(),
                topic: String::new(),
                is_private: false,
                uses: 0,
                until: -7,
                is_sure: Some(true),
            }
        );
    }
}
