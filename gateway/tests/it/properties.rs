//! Properties of what reads a stranger's bytes: whose address a request has, and what is a frame.

use std::net::IpAddr;

use gateway::{
    address,
    contract::{Frame, commands},
    origin::{self, Origin},
};
use http::{HeaderMap, HeaderValue};
use ipnet::IpNet;
use proptest::{collection::vec, prelude::*, sample::select};

const FORWARDED_FOR: &str = "x-forwarded-for";

fn trusted() -> Vec<IpNet> {
    let networks = ["10.0.0.0/8", "fd00::/8"].iter();
    networks
        .map(|net| net.parse().expect("a network"))
        .collect()
}

fn headers(lines: &[String]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for line in lines {
        let value = HeaderValue::from_bytes(line.as_bytes()).expect("a header");
        headers.append(FORWARDED_FOR, value);
    }
    headers
}

fn found(peer: &str, lines: &[String]) -> IpAddr {
    let peer = peer.parse().expect("an address");
    address::client(&trusted(), peer, &headers(lines)).0
}

/// Addresses of strangers, in every dress they come in.
fn stranger() -> impl Strategy<Value = (String, IpAddr)> {
    let v4 = any::<[u8; 4]>().prop_map(|mut bytes| {
        bytes[0] = 192;
        IpAddr::from(bytes)
    });
    let v6 = any::<[u8; 16]>().prop_map(|mut bytes| {
        bytes[..2].copy_from_slice(&[0x20, 0x01]);
        IpAddr::from(bytes)
    });
    (prop_oneof![v4, v6], any::<u16>(), 0..4_u8).prop_map(|(address, port, dress)| {
        let text = match (address, dress) {
            (IpAddr::V4(v4), 1) => format!("{v4}:{port}"),
            (IpAddr::V4(v4), 2) => format!("::ffff:{v4}"),
            (IpAddr::V4(v4), 3) => format!("[::ffff:{v4}]:{port}"),
            (IpAddr::V6(v6), 1) => format!("[{v6}]"),
            (IpAddr::V6(v6), 2) => format!("[{v6}]:{port}"),
            (IpAddr::V6(v6), 3) => format!("{v6}%eth0"),
            (address, _) => address.to_string(),
        };
        (text, address)
    })
}

fn proxy() -> impl Strategy<Value = String> {
    (any::<[u8; 3]>(), any::<bool>()).prop_map(|([a, b, c], is_mapped)| {
        let prefix = if is_mapped { "::ffff:" } else { "" };
        format!("{prefix}10.{a}.{b}.{c}")
    })
}

/// What is no address, though a lenient parser may take it for one.
fn garbage() -> impl Strategy<Value = String> {
    let known = select(vec![
        "unknown",
        "_hidden",
        "",
        "-",
        "0x7f.0.0.1",
        "0177.0.0.1",
        "2130706433",
        "1.2.3",
        "1.2.3.4.5",
        "1.2.3.256",
        "1.2.3.4:",
        "1.2.3.4:65536",
        "1.2.3.4:-1",
        "[1.2.3.4",
        "1.2.3.4]",
        "[::1",
        "[::1]x",
        "[::1]:",
        "::g",
        "1.2.3.4/8",
        "1.2.3.4 5.6.7.8",
        "localhost",
        "for=1.2.3.4",
        "\"1.2.3.4\"",
        "１.2.3.4",
        ":::",
        "[]",
        "%eth0",
    ]);
    prop_oneof![known.prop_map(str::to_owned), "[g-z]{1,12}"]
}

fn entry() -> impl Strategy<Value = String> {
    prop_oneof![stranger().prop_map(|(text, _)| text), proxy(), garbage()]
}

proptest! {
    #[test]
    fn whoever_is_no_proxy_is_who_they_are(lines in vec("[ -~]{0,80}", 0..4)) {
        prop_assert_eq!(found("192.0.2.1", &lines).to_string(), "192.0.2.1");
        prop_assert_eq!(found("2001:db8::1", &lines).to_string(), "2001:db8::1");
    }

    #[test]
    fn no_client_can_write_its_own_address(
        forged in vec(entry(), 0..6),
        (text, address) in stranger(),
        proxies in vec(proxy(), 0..4),
        breaks in vec(any::<bool>(), 12),
    ) {
        // What the client wrote stands left of what the first proxy saw.
        let entries: Vec<_> = forged.into_iter().chain([text]).chain(proxies).collect();
        let one = [entries.join(", ")];
        prop_assert_eq!(found("10.0.0.1", &one), address);
        // One line or several, it is one list.
        let mut lines = vec![String::new()];
        for (entry, is_break) in entries.iter().zip(breaks.iter().cycle()) {
            match lines.last_mut() {
                Some(last) if last.is_empty() => last.push_str(entry),
                Some(last) if !is_break => last.push_str(&format!(",{entry}")),
                _ => lines.push(entry.clone()),
            }
        }
        if entries.iter().all(|entry| !entry.is_empty()) {
            prop_assert_eq!(found("10.0.0.1", &lines), address);
        }
    }

    #[test]
    fn garbage_where_it_counts_gives_the_proxy(
        forged in vec(entry(), 0..4),
        bad in garbage(),
        proxies in vec(proxy(), 0..4),
    ) {
        let entries: Vec<_> = forged.into_iter().chain([bad]).chain(proxies).collect();
        let text = entries.join(",");
        prop_assert_eq!(found("10.0.0.1", &[text]).to_string(), "10.0.0.1");
    }

    #[test]
    fn any_bytes_give_an_address(lines in vec(vec(any::<u8>(), 0..60), 0..4)) {
        let mut headers = HeaderMap::new();
        for line in lines {
            if let Ok(value) = HeaderValue::from_bytes(&line) {
                headers.append(FORWARDED_FOR, value);
            }
        }
        let peer = "10.0.0.1".parse().expect("an address");
        let found = address::client(&trusted(), peer, &headers);
        prop_assert!(found.0 == peer || !address::is_trusted(&trusted(), found.0));
    }

    #[test]
    fn an_origin_is_allowed_as_it_stands_and_in_no_other_way(
        at in any::<prop::sample::Index>(),
        byte in any::<u8>(),
        more in vec(any::<u8>(), 1..8),
    ) {
        let text = "https://chat.example.com";
        let listed = [Origin::try_from(text.to_owned()).expect("an origin")];
        let mut other = text.as_bytes().to_vec();
        let at = at.index(other.len());
        let is_same = other[at] == byte;
        other[at] = byte;
        prop_assert_eq!(origin::is_allowed(&listed, &other), is_same);
        prop_assert!(!origin::is_allowed(&listed, &[text.as_bytes(), &more].concat()));
        prop_assert!(!origin::is_allowed(&listed, &[&more, text.as_bytes()].concat()));
        prop_assert!(!origin::is_allowed(&listed, &text.as_bytes()[..at]));
    }

    #[test]
    fn whatever_is_a_frame_is_read_by_every_handler_without_harm(
        text in r#"\{"type":"[a-z.]{1,12}","id":"[0-9]{1,4}","data":[\[\]{}",:\\0-9a-z. -]{0,80}\}"#,
        data in arbitrary_json(),
    ) {
        let lawful = format!(r#"{{"type":"x","id":"1","key":"k","data":{data}}}"#);
        for text in [text, lawful] {
            if let Ok(frame) = Frame::parse(&text) {
                prop_assert!(frame.id.as_ref().is_none_or(|id| id.chars().count() <= 16));
                for command in commands() {
                    let _ = (command.read)(&frame);
                }
            }
        }
    }
}

/// JSON of every shape, with the names of fields that handlers look for.
fn arbitrary_json() -> impl Strategy<Value = serde_json::Value> {
    use serde_json::Value;
    let names = [
        "room", "user", "body", "cursors", "resume", "token", "limit", "x",
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 40, 5, move |inner| {
        let named = vec((select(names.to_vec()), inner.clone()), 0..5);
        prop_oneof![
            vec(inner, 0..5).prop_map(Value::from),
            named.prop_map(|fields| fields
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value))
                .collect()),
        ]
    })
}
