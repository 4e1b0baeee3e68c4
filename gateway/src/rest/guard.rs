//! Which pages of which origins may use us, and what browsers are told about every answer.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use proto::reason::Reason;
use tonic::Code;

use super::{Rest, problem::Problem};
use crate::origin;

/// Only our own files, no inline code, no frames.
const POLICY: &str = "default-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; \
    form-action 'self'";
/// The API browser brings inline styles and images.
const BROWSER_POLICY: &str = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
    object-src 'none'; base-uri 'none'; frame-ancestors 'none'";

/// Whether a method changes something.
pub(crate) fn changes(method: &Method) -> bool {
    !method.is_safe()
}

/// Whether a request comes from a page of ours: a cookie is sent without the person's will, so a request that changes
/// something needs a listed Origin, or the browser's word that our own page asks.
pub(crate) fn is_ours(rest: &Rest, headers: &HeaderMap) -> bool {
    let from = headers.get(header::ORIGIN);
    from.is_some_and(|from| is_listed(rest, from)) || is_same_origin(headers)
}

fn is_listed(rest: &Rest, from: &HeaderValue) -> bool {
    origin::is_allowed(&rest.app.config.gateway.origins, from.as_bytes())
}

/// Browsers write `Sec-Fetch-*` themselves; no script can.
fn is_same_origin(headers: &HeaderMap) -> bool {
    headers
        .get("sec-fetch-site")
        .is_some_and(|site| site == "same-origin")
}

/// Makes the answer to a request from somewhere else.
pub(crate) fn refused() -> Problem {
    let message = "this Origin is not on the list";
    Problem::new(
        StatusCode::FORBIDDEN,
        Code::PermissionDenied,
        Reason::ORIGIN_REFUSED,
        message,
    )
}

/// Refuses changes from origins that are not listed, and answers CORS for those that are: with credentials, never `*`.
pub(crate) async fn origins(
    State(rest): State<Arc<Rest>>,
    request: Request,
    next: Next,
) -> Response {
    let Some(from) = request.headers().get(header::ORIGIN).cloned() else {
        return next.run(request).await;
    };
    let is_preflight = request.method() == Method::OPTIONS
        && request
            .headers()
            .contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
    if !is_listed(&rest, &from) {
        let is_refused =
            is_preflight || (changes(request.method()) && !is_same_origin(request.headers()));
        // An answer without CORS headers is readable by our own page only.
        return if is_refused {
            refused().into_response()
        } else {
            next.run(request).await
        };
    }
    let mut response = if is_preflight {
        StatusCode::NO_CONTENT.into_response()
    } else {
        next.run(request).await
    };
    share(response.headers_mut(), from, is_preflight);
    response
}

fn share(headers: &mut HeaderMap, from: HeaderValue, is_preflight: bool) {
    let mut put = |name: HeaderName, value: &'static str| {
        headers.insert(name, HeaderValue::from_static(value))
    };
    put(header::ACCESS_CONTROL_ALLOW_CREDENTIALS, "true");
    put(header::ACCESS_CONTROL_EXPOSE_HEADERS, "retry-after");
    if is_preflight {
        put(header::ACCESS_CONTROL_ALLOW_METHODS, "GET, POST, DELETE");
        put(
            header::ACCESS_CONTROL_ALLOW_HEADERS,
            "authorization, content-type, idempotency-key, traceparent",
        );
        put(header::ACCESS_CONTROL_MAX_AGE, "600");
    }
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, from);
}

/// Adds the security headers.
pub(crate) async fn headers(request: Request, next: Next) -> Response {
    let is_browser = request.uri().path().starts_with("/docs");
    let mut response = next.run(request).await;
    // What follows a switch is not HTTP, and no browser shows its head to anybody.
    if response.status() != StatusCode::SWITCHING_PROTOCOLS {
        let policy = if is_browser { BROWSER_POLICY } else { POLICY };
        bind(response.headers_mut(), policy);
    }
    response
}

/// Adds the security headers to an answer that no route made.
pub(crate) fn bound(mut response: Response) -> Response {
    bind(response.headers_mut(), POLICY);
    response
}

fn bind(headers: &mut HeaderMap, policy: &'static str) {
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(policy),
    );
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    headers.insert(
        header::REFERRER_POLICY,
        HeaderValue::from_static("no-referrer"),
    );
    // Browsers heed it over TLS only.
    headers.insert(
        header::STRICT_TRANSPORT_SECURITY,
        HeaderValue::from_static("max-age=31536000"),
    );
    headers.append(header::VARY, HeaderValue::from_static("origin"));
    // Answers are about one person unless a handler said otherwise.
    headers
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
}
