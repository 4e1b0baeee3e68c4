//! Whose address a request has. The first line is the peer, every further line an `X-Forwarded-For`.

use std::net::IpAddr;

use gateway::address;
use http::{HeaderMap, HeaderValue};
use ipnet::IpNet;

/// What our proxies' networks are in this target.
const TRUSTED: [&str; 2] = ["10.0.0.0/8", "fd00::/8"];
/// What a client would like to be taken for.
const FORGED: &str = "203.0.113.77";

pub(crate) fn check(bytes: &[u8]) {
    let mut lines = bytes.split(|byte| *byte == b'\n');
    let peer = lines.next().and_then(|line| std::str::from_utf8(line).ok());
    let Some(peer) = peer.and_then(|peer| peer.parse::<IpAddr>().ok()) else {
        return;
    };
    let lines: Vec<_> = lines.filter_map(header).collect();
    let trusted: Vec<IpNet> = TRUSTED.iter().filter_map(|net| net.parse().ok()).collect();
    let find = |lines: &[HeaderValue]| address::client(&trusted, peer, &headers(lines)).0;

    let found = find(&lines);
    assert_eq!(found, found.to_canonical(), "one address has one form");
    let peer = peer.to_canonical();
    if !address::is_trusted(&trusted, peer) {
        assert_eq!(found, peer, "who is no proxy is who they are");
        return;
    }
    assert!(
        found == peer || !address::is_trusted(&trusted, found),
        "another proxy is taken for a client: {found}"
    );
    // Whatever a client writes left of what decided changes nothing; where nothing decided, it is believed once.
    let forged = [vec![HeaderValue::from_static(FORGED)], lines.clone()].concat();
    let (forged, expected) = (find(&forged), FORGED.parse());
    assert!(
        forged == found || (found == peer && Ok(forged) == expected),
        "{found} became {forged}"
    );
    // One more proxy of ours in the chain changes nothing.
    let longer = [lines, vec![HeaderValue::from_static("10.9.9.9")]].concat();
    assert_eq!(find(&longer), found, "with one more proxy");
    check_bucket(found);
}

/// Limits count by what contains the address, and by the same for all that it contains.
fn check_bucket(found: IpAddr) {
    let bucket = address::ClientAddress(found).bucket();
    let again = address::ClientAddress(bucket).bucket();
    assert_eq!(bucket, again);
    let length = if found.is_ipv4() { 32 } else { 64 };
    let holds = IpNet::new(bucket, length).is_ok_and(|network| network.contains(&found));
    assert!(holds, "{found} is counted as {bucket}");
}

fn header(line: &[u8]) -> Option<HeaderValue> {
    HeaderValue::from_bytes(line.strip_suffix(b"\r").unwrap_or(line)).ok()
}

fn headers(lines: &[HeaderValue]) -> HeaderMap {
    let name = http::HeaderName::from_static("x-forwarded-for");
    lines
        .iter()
        .map(|line| (name.clone(), line.clone()))
        .collect()
}
