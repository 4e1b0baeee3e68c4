//! Several calls of one method in one message of the bus, or several answers to them.
//!
//! The answers to the calls of an envelope need not come together: each goes when it is there, with whatever else is. A
//! process that knows no envelopes takes the first byte for a flag of gRPC's framing that does not exist, and refuses
//! without having done anything; that its answer is none of an envelope says so.

use async_nats::{HeaderMap as NatsHeaders, HeaderName, HeaderValue, Message};
use bytes::Bytes;
use proto::bus;

/// The header that an envelope has. Its value says how many are in it, for whoever watches the bus.
const MARK: &str = "rpc-envelope";
/// Most in one envelope: the bus lets each of them be answered alone.
pub(crate) const PARTS_MAX: usize = bus::ANSWERS as usize;
/// An envelope with so many bytes is full, an eighth of what the bus carries: headers come on top. What has more goes
/// alone.
pub(crate) const BYTES_MAX: usize = bus::MAX_PAYLOAD_BYTES as usize / 8;

/// A call or an answer.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Part {
    /// Which call of the envelope it is, or answers; the first is 0.
    #[prost(uint32, tag = "1")]
    pub(crate) number: u32,
    #[prost(message, repeated, tag = "2")]
    headers: Vec<Header>,
    /// The framed message.
    #[prost(bytes = "bytes", tag = "3")]
    pub(crate) payload: Bytes,
}

#[derive(Clone, PartialEq, prost::Message)]
struct Header {
    #[prost(string, tag = "1")]
    name: String,
    #[prost(string, tag = "2")]
    value: String,
}

#[derive(Clone, PartialEq, prost::Message)]
struct Envelope {
    #[prost(message, repeated, tag = "1")]
    parts: Vec<Part>,
}

impl Part {
    /// Packs what would have been a message of its own.
    pub(crate) fn of(number: u32, headers: &NatsHeaders, payload: Bytes) -> Self {
        let headers = headers.iter().flat_map(|(name, values)| {
            let name: &str = name.as_ref();
            values.iter().map(move |value| Header {
                name: name.into(),
                value: value.as_str().into(),
            })
        });
        Self {
            number,
            headers: headers.collect(),
            payload,
        }
    }

    /// Returns the headers. What the bus would not carry as one is left out.
    pub(crate) fn headers(&self) -> NatsHeaders {
        let mut headers = NatsHeaders::new();
        for Header { name, value } in &self.headers {
            let parsed = (name.parse::<HeaderName>(), value.parse::<HeaderValue>());
            if let (Ok(name), Ok(value)) = parsed {
                headers.append(name, value);
            }
        }
        headers
    }

    /// Returns about how many bytes it takes.
    pub(crate) fn size(&self) -> usize {
        prost::Message::encoded_len(self)
    }
}

/// Makes the headers and the payload of an envelope.
pub(crate) fn seal(parts: Vec<Part>) -> (NatsHeaders, Bytes) {
    let mut headers = NatsHeaders::new();
    headers.insert(MARK, parts.len().to_string().as_str());
    let envelope = Envelope { parts };
    (headers, prost::Message::encode_to_vec(&envelope).into())
}

/// Takes the parts out of an envelope. `None`: the message is none.
///
/// # Errors
/// When it says that it is one and cannot be read, or has too many.
pub(crate) fn open(message: &Message) -> Option<Result<Vec<Part>, Unreadable>> {
    message.headers.as_ref()?.get(MARK)?;
    let envelope = <Envelope as prost::Message>::decode(message.payload.clone());
    let parts = envelope.map(|envelope| envelope.parts).ok();
    Some(
        parts
            .filter(|parts| parts.len() <= PARTS_MAX)
            .ok_or(Unreadable),
    )
}

/// An envelope that is none.
#[derive(Debug)]
pub(crate) struct Unreadable;

/// Divides what goes together among envelopes that are not too full.
pub(crate) fn divide<T>(
    all: impl IntoIterator<Item = T>,
    size: impl Fn(&T) -> usize,
) -> Vec<Vec<T>> {
    let mut envelopes: Vec<Vec<T>> = Vec::new();
    let mut room = 0;
    for one in all {
        let bytes = size(&one);
        match envelopes.last_mut() {
            Some(last) if bytes <= room && last.len() < PARTS_MAX => {
                room -= bytes;
                last.push(one);
            }
            _ => {
                room = BYTES_MAX.saturating_sub(bytes);
                envelopes.push(vec![one]);
            }
        }
    }
    envelopes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sizes(all: Vec<usize>) -> Vec<usize> {
        let envelopes = divide(all, |size| *size);
        envelopes.iter().map(Vec::len).collect()
    }

    #[test]
    fn an_envelope_is_full_by_number_and_by_bytes() {
        assert!(sizes(Vec::new()).is_empty());
        assert_eq!(sizes(vec![1; PARTS_MAX + 1]), [PARTS_MAX, 1]);
        let third = BYTES_MAX / 3;
        assert_eq!(sizes(vec![third; 7]), [3, 3, 1]);
        assert_eq!(sizes(vec![1, 2 * BYTES_MAX, 1]), [1, 1, 1]);
    }

    #[test]
    fn headers_and_payload_come_out_as_they_went_in() {
        let mut headers = NatsHeaders::new();
        headers.append("x-note", "one");
        headers.append("x-note", "two");
        let part = Part::of(3, &headers, Bytes::from_static(b"body"));
        assert_eq!((part.number, part.headers()), (3, headers));
        let forged = Header {
            name: "x".into(),
            value: "a\r\nPUB evt.1 0".into(),
        };
        let forged = Part {
            headers: vec![forged],
            ..Part::default()
        };
        assert!(forged.headers().is_empty());
    }

    #[test]
    fn whoever_knows_no_envelopes_sees_a_flag_that_does_not_exist() {
        let (_, payload) = seal(vec![Part::of(0, &NatsHeaders::new(), Bytes::new())]);
        assert!(payload[0] > 1, "gRPC has 0 and 1");
    }
}
