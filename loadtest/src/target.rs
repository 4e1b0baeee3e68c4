//! Where traffic goes, and that it never leaves this machine.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use anyhow::{Context, bail, ensure};

use crate::dialect::Dialect;

/// Users per /24 of the source addresses.
const PER_SUBNET: usize = 250;
/// Second byte of the first source address: 127.66.0.1.
const SUBNET: u8 = 66;

/// One gateway, or one server that Hubbub is compared with.
#[derive(Debug, Clone)]
pub struct Target {
    /// Base of REST requests, without a slash at the end.
    pub http: String,
    /// Address of the WebSocket.
    pub ws: String,
    /// Where both connect to.
    pub address: SocketAddr,
    /// What is spoken there.
    pub dialect: Dialect,
}

impl Target {
    /// Parses `http://127.0.0.1:3000` and refuses whatever is not a plain loopback address.
    ///
    /// # Errors
    /// When the text is not such a URL.
    pub fn parse(url: &str) -> anyhow::Result<Self> {
        Self::speaking(Dialect::Hubbub, url)
    }

    /// Does the same for a server of another kind.
    ///
    /// # Errors
    /// When the text is not such a URL.
    pub fn speaking(dialect: Dialect, url: &str) -> anyhow::Result<Self> {
        let rest = url
            .strip_prefix("http://")
            .or_else(|| url.strip_prefix("ws://"))
            .with_context(|| format!("{url}: only http:// and ws:// are driven"))?;
        let authority = rest.trim_end_matches('/').replace("localhost", "127.0.0.1");
        ensure!(!authority.contains('/'), "{url}: a gateway has no path");
        let address: SocketAddr = authority
            .parse()
            .with_context(|| format!("{url}: expected http://<loopback address>:<port>"))?;
        if !address.ip().is_loopback() {
            bail!("{url}: this tool drives loopback addresses only");
        }
        Ok(Self {
            http: format!("http://{address}"),
            ws: format!("ws://{address}{}", dialect.path()),
            address,
            dialect,
        })
    }

    /// Returns the source address of a user: each user is its own host of 127.66.0.0/16 and up, as limits per address
    /// would otherwise see one very busy client. Over IPv6 loopback there is only one address.
    #[must_use]
    pub fn source(&self, user: usize) -> Option<IpAddr> {
        if self.address.is_ipv6() {
            return None;
        }
        let subnet = user / PER_SUBNET;
        let second = SUBNET + u8::try_from(subnet / 256).expect("users are bounded far below");
        let host = (user % PER_SUBNET + 1) as u8;
        Some(Ipv4Addr::new(127, second, (subnet % 256) as u8, host).into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loopback_is_accepted() {
        let target = Target::parse("http://localhost:3001/").expect("loopback");
        assert_eq!(target.ws, "ws://127.0.0.1:3001/v1/rt");
        assert!(Target::parse("http://[::1]:80").is_ok());
    }

    #[test]
    fn anything_else_is_refused() {
        for url in [
            "http://10.0.0.1:80",
            "https://127.0.0.1:1",
            "http://example.org:80",
            "http://0.0.0.0:1",
            "x",
            "http://127.0.0.1",
            "http://127.0.0.1:80/path",
            "http://user@127.0.0.1:80",
        ] {
            assert!(Target::parse(url).is_err(), "{url}");
        }
    }

    #[test]
    fn every_user_has_its_own_loopback_address() {
        let target = Target::parse("http://127.0.0.1:1").expect("loopback");
        let sources: std::collections::HashSet<_> =
            (0..20_000).filter_map(|user| target.source(user)).collect();
        assert_eq!(sources.len(), 20_000);
        assert!(sources.iter().all(IpAddr::is_loopback));
    }
}
