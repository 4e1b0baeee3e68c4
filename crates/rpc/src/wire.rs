//! How a unary gRPC call looks as one NATS message each way, or as one part of an [envelope](crate::envelope).
//!
//! Request: payload = the framed gRPC message, headers = gRPC metadata. Reply: the same, and trailers
//! (`grpc-status`, `grpc-message`, `grpc-status-details-bin`) as headers with the prefix `trailer-`.

use std::{str::FromStr, time::Duration};

use async_nats::HeaderMap as NatsHeaders;
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue};
use http_body::Frame;
use http_body_util::{BodyExt, Full, StreamBody};
use tonic::{Status, body::Body};

const TRAILER: &str = "trailer-";

/// Copies HTTP headers into a NATS message.
pub(crate) fn put(headers: &HeaderMap, out: &mut NatsHeaders, prefix: &str) {
    for (name, value) in headers {
        // Metadata is ASCII by gRPC's rules; anything else could not have been sent over HTTP/2 either.
        if let Ok(text) = value.to_str() {
            out.append(format!("{prefix}{name}").as_str(), text);
        }
    }
}

/// Reads HTTP headers and trailers from a NATS message.
pub(crate) fn take(headers: Option<&NatsHeaders>) -> (HeaderMap, HeaderMap) {
    let (mut plain, mut trailers) = (HeaderMap::new(), HeaderMap::new());
    for (name, values) in headers.into_iter().flat_map(NatsHeaders::iter) {
        let name: &str = name.as_ref();
        let (target, name) = match name.strip_prefix(TRAILER) {
            Some(rest) => (&mut trailers, rest),
            None => (&mut plain, name),
        };
        let Ok(name) = HeaderName::from_str(name) else {
            continue;
        };
        for value in values {
            if let Ok(value) = HeaderValue::from_str(value.as_str()) {
                target.append(name.clone(), value);
            }
        }
    }
    (plain, trailers)
}

/// Makes the body of a received request.
pub(crate) fn request_body(payload: Bytes) -> Body {
    Body::new(Full::new(payload))
}

/// Makes the body of a received reply.
pub(crate) fn reply_body(payload: Bytes, trailers: HeaderMap) -> Body {
    let frames = [Frame::data(payload), Frame::trailers(trailers)];
    let frames = frames
        .into_iter()
        .filter(|frame| frame.data_ref().is_none_or(|data| !data.is_empty()));
    Body::new(StreamBody::new(futures::stream::iter(
        frames.map(Ok::<_, Status>),
    )))
}

/// Reads a whole body.
///
/// # Errors
/// When the body fails.
pub(crate) async fn collect(body: Body) -> Result<(Bytes, HeaderMap), Status> {
    let collected = body.collect().await?;
    let trailers = collected.trailers().cloned().unwrap_or_default();
    Ok((collected.to_bytes(), trailers))
}

/// Makes the NATS reply of a served response.
pub(crate) async fn reply(response: http::Response<Body>) -> (NatsHeaders, Bytes) {
    let (parts, body) = response.into_parts();
    let mut headers = NatsHeaders::new();
    put(&parts.headers, &mut headers, "");
    match collect(body).await {
        Ok((payload, trailers)) => {
            put(&trailers, &mut headers, TRAILER);
            (headers, payload)
        }
        Err(status) => (refusal(&status), Bytes::new()),
    }
}

/// Makes the headers of a reply that is nothing but a status.
pub(crate) fn refusal(status: &Status) -> NatsHeaders {
    let mut map = HeaderMap::new();
    let mut headers = NatsHeaders::new();
    if status.add_header(&mut map).is_ok() {
        put(&map, &mut headers, "");
    }
    headers
}

/// Says whether a reply is nothing but a status that is not `OK`.
pub(crate) fn is_refusal(headers: Option<&NatsHeaders>) -> bool {
    let status = headers.and_then(|headers| headers.get("grpc-status"));
    status.is_some_and(|status| status.as_str() != "0")
}

/// Reads a `grpc-timeout` header.
pub(crate) fn timeout(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get("grpc-timeout")?.to_str().ok()?;
    let (digits, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    let amount: u64 = digits.parse().ok().filter(|_| digits.len() <= 8)?;
    Some(match unit {
        "H" => Duration::from_secs(amount * 3_600),
        "M" => Duration::from_secs(amount * 60),
        "S" => Duration::from_secs(amount),
        "m" => Duration::from_millis(amount),
        "u" => Duration::from_micros(amount),
        "n" => Duration::from_nanos(amount),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timeouts_are_read_in_every_unit_and_nonsense_is_none() {
        let read = |text: &str| {
            let mut headers = HeaderMap::new();
            headers.insert("grpc-timeout", text.parse().expect("a header value"));
            timeout(&headers)
        };
        assert_eq!(read("2S"), Some(Duration::from_secs(2)));
        assert_eq!(read("250m"), Some(Duration::from_millis(250)));
        assert_eq!(read("3000000u"), Some(Duration::from_secs(3)));
        for bad in ["", "S", "x1S", "999999999S", "1", "1s"] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }
}
