//! Which address a request came from, when trusted proxies stand in between.

use std::net::{IpAddr, Ipv6Addr};

use http::{HeaderMap, HeaderName};
use ipnet::IpNet;

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The client's address after trusted proxies were peeled off; the listener puts it into every request's extensions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ClientAddress(pub IpAddr);

impl ClientAddress {
    /// Returns what limits count by: an IPv4 address, or the /64 of an IPv6 one, which is one household or machine.
    #[must_use]
    pub fn bucket(self) -> IpAddr {
        match self.0 {
            IpAddr::V4(_) => self.0,
            IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(
                address.to_bits() & !u128::from(u64::MAX),
            )),
        }
    }
}

/// Whether a peer is one of our proxies.
#[must_use]
pub fn is_trusted(trusted: &[IpNet], peer: IpAddr) -> bool {
    let peer = peer.to_canonical();
    trusted.iter().any(|network| network.contains(&peer))
}

/// Finds the client's address: the peer, unless it is a trusted proxy; then the rightmost entry of all
/// `X-Forwarded-For` lines that is not a trusted proxy itself. Never the leftmost: the client writes that one.
/// Garbage in the deciding place gives the peer.
#[must_use]
pub fn client(trusted: &[IpNet], peer: IpAddr, headers: &HeaderMap) -> ClientAddress {
    let peer = peer.to_canonical();
    if !is_trusted(trusted, peer) {
        return ClientAddress(peer);
    }
    let lines: Vec<_> = headers.get_all(FORWARDED_FOR).iter().collect();
    for line in lines.iter().rev() {
        // Entry by entry: what the client wrote further left, in whatever bytes, must not spoil what a proxy saw.
        for entry in line.as_bytes().rsplit(|byte| *byte == b',') {
            let entry = std::str::from_utf8(entry).ok();
            let Some(address) = entry.and_then(parse_entry) else {
                return garbage(peer);
            };
            if !is_trusted(trusted, address) {
                return ClientAddress(address);
            }
        }
    }
    ClientAddress(peer)
}

fn garbage(peer: IpAddr) -> ClientAddress {
    metrics::counter!("hubbub_gateway_forwarded_garbage_total").increment(1);
    ClientAddress(peer)
}

/// Parses `1.2.3.4`, `1.2.3.4:55`, `::1`, `[::1]`, `[::1]:55` and `fe80::1%eth0`. The standard parser already refuses
/// octal and hexadecimal IPv4 forms.
fn parse_entry(entry: &str) -> Option<IpAddr> {
    let entry = entry.trim();
    let host = if let Some(rest) = entry.strip_prefix('[') {
        let (host, port) = rest.split_once(']')?;
        if !port.is_empty() {
            port.strip_prefix(':')?.parse::<u16>().ok()?;
        }
        host
    } else {
        match entry.split_once(':') {
            Some((host, port)) if !port.contains(':') => {
                port.parse::<u16>().ok()?;
                host
            }
            _ => entry,
        }
    };
    let host = host.split_once('%').map_or(host, |(host, _zone)| host);
    host.parse::<IpAddr>()
        .ok()
        .map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(peer: &str, lines: &[&str]) -> String {
        let trusted: Vec<IpNet> = ["10.0.0.0/8", "fd00::/8"]
            .iter()
            .map(|net| net.parse().expect("network"))
            .collect();
        let mut headers = HeaderMap::new();
        for line in lines {
            let value = http::HeaderValue::from_bytes(line.as_bytes());
            headers.append(FORWARDED_FOR, value.expect("header"));
        }
        client(&trusted, peer.parse().expect("address"), &headers)
            .0
            .to_string()
    }

    #[test]
    fn an_untrusted_peer_is_the_client_whatever_it_says() {
        assert_eq!(found("9.9.9.9", &["1.1.1.1"]), "9.9.9.9");
        assert_eq!(found("::ffff:9.9.9.9", &[]), "9.9.9.9");
    }

    #[test]
    fn the_rightmost_untrusted_entry_wins() {
        for (lines, expected) in [
            (&["1.1.1.1"][..], "1.1.1.1"),
            (&["6.6.6.6, 1.1.1.1"], "1.1.1.1"),
            (&["6.6.6.6, 1.1.1.1, 10.0.0.7"], "1.1.1.1"),
            (&["6.6.6.6", "1.1.1.1, 10.0.0.7"], "1.1.1.1"),
            (&["1.1.1.1:4711"], "1.1.1.1"),
            (&["[2001:db8::1]:4711"], "2001:db8::1"),
            (&["2001:db8::1"], "2001:db8::1"),
            (&["fe80::1%eth0"], "fe80::1"),
            (&["::ffff:1.1.1.1"], "1.1.1.1"),
            (&["10.1.1.1, 10.2.2.2"], "10.0.0.1"),
            // Bytes that are no ASCII are lawful in a header, and a client's own affair.
            (&["\u{fc}, 1.1.1.1"], "1.1.1.1"),
            (&["\u{fc}", "1.1.1.1, 10.0.0.7"], "1.1.1.1"),
            (&[], "10.0.0.1"),
        ] {
            assert_eq!(found("10.0.0.1", lines), expected, "{lines:?}");
        }
    }

    #[test]
    fn garbage_in_the_deciding_place_gives_the_peer() {
        for line in [
            "1.1.1.1, unknown",
            "1.1.1.1, \u{fc}",
            "1.1.1.1, ",
            "1.1.1.1, 0177.0.0.1",
            "1.1.1.1, 0x7f.1",
            "1.1.1.1:99999",
            "[::1",
            "1.1.1",
        ] {
            assert_eq!(found("10.0.0.1", &[line]), "10.0.0.1", "{line}");
        }
        assert_eq!(found("10.0.0.1", &["garbage, 1.1.1.1"]), "1.1.1.1");
    }

    #[test]
    fn limits_count_ipv6_by_64() {
        let bucket = |text: &str| ClientAddress(text.parse().expect("address")).bucket();
        assert_eq!(bucket("2001:db8::1"), bucket("2001:db8::ffff:1"));
        assert_ne!(bucket("2001:db8:0:1::1"), bucket("2001:db8:0:2::1"));
        assert_ne!(bucket("1.1.1.1"), bucket("1.1.1.2"));
    }
}
