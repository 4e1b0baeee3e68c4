//! What an operator can set for the gateway.

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use ipnet::IpNet;
use serde::Deserialize;

use crate::origin::Origin;

/// The gateway's own configuration sections.
#[derive(Debug, Clone, Deserialize)]
pub struct Config {
    /// `HUBBUB_GATEWAY__…`.
    pub gateway: Gateway,
}

/// Section `[gateway]`; `default.toml` explains every key.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Gateway {
    /// `HUBBUB_GATEWAY__LISTEN`: where clients connect.
    pub listen: SocketAddr,
    /// `HUBBUB_GATEWAY__SITE`: the folder of the built web client; empty for none.
    pub site: PathBuf,
    /// `HUBBUB_GATEWAY__ORIGINS`: the exact list of browser origins.
    pub origins: Vec<Origin>,
    /// `HUBBUB_GATEWAY__QUERY_CREDENTIALS`: accept `?session=` and `?Authorization=`.
    pub query_credentials: bool,
    /// `HUBBUB_GATEWAY__TRUSTED_PROXIES`: networks whose X-Forwarded-For is believed.
    pub trusted_proxies: Vec<IpNet>,
    /// `HUBBUB_GATEWAY__SECURE_COOKIE`: mark the session cookie `Secure`.
    pub secure_cookie: bool,
    /// `HUBBUB_GATEWAY__HELLO_TIMEOUT_MS`.
    pub hello_timeout_ms: u64,
    /// `HUBBUB_GATEWAY__HEARTBEAT_MS`.
    pub heartbeat_ms: u64,
    /// `HUBBUB_GATEWAY__GRACE_MS`.
    pub grace_ms: u64,
    /// `HUBBUB_GATEWAY__MAX_CONNECTIONS`.
    pub max_connections: usize,
    /// `HUBBUB_GATEWAY__PER_USER`.
    pub per_user: usize,
    /// `HUBBUB_GATEWAY__PER_ADDRESS`.
    pub per_address: usize,
    /// `HUBBUB_GATEWAY__ACCEPTS_PER_SECOND`.
    pub accepts_per_second: u32,
    /// `HUBBUB_GATEWAY__RETURNS_PER_SECOND`.
    pub returns_per_second: u32,
    /// `HUBBUB_GATEWAY__GREETINGS_AT_ONCE`.
    pub greetings_at_once: usize,
    /// `HUBBUB_GATEWAY__SEND_QUEUE_FRAMES`.
    pub send_queue_frames: usize,
    /// `HUBBUB_GATEWAY__SEND_QUEUE_BYTES`.
    pub send_queue_bytes: usize,
    /// `HUBBUB_GATEWAY__SLOW_MS`.
    pub slow_ms: u64,
    /// `HUBBUB_GATEWAY__RATE_PER_CONNECTION`.
    pub rate_per_connection: u32,
    /// `HUBBUB_GATEWAY__BURST_PER_CONNECTION`.
    pub burst_per_connection: u32,
    /// `HUBBUB_GATEWAY__RATE_PER_USER`.
    pub rate_per_user: u32,
    /// `HUBBUB_GATEWAY__BURST_PER_USER`.
    pub burst_per_user: u32,
    /// `HUBBUB_GATEWAY__RATE_PER_ADDRESS`.
    pub rate_per_address: u32,
    /// `HUBBUB_GATEWAY__BURST_PER_ADDRESS`.
    pub burst_per_address: u32,
    /// `HUBBUB_GATEWAY__DRAIN_MS`.
    pub drain_ms: u64,
}

impl Gateway {
    /// The session cookie's name where cookies are secure: such a name is refused over plain HTTP.
    pub(crate) const SECURE_COOKIE: &'static str = "__Host-sid";

    /// Returns the session cookie's name. Browsers accept the `__Host-` prefix only with `Secure`.
    #[must_use]
    pub fn cookie_name(&self) -> &'static str {
        if self.secure_cookie {
            Self::SECURE_COOKIE
        } else {
            "sid"
        }
    }

    /// Returns how long a socket may wait before it says `hello`.
    #[must_use]
    pub fn hello_timeout(&self) -> Duration {
        Duration::from_millis(self.hello_timeout_ms)
    }

    /// Returns after how long without sending the server pings.
    #[must_use]
    pub fn heartbeat(&self) -> Duration {
        Duration::from_millis(self.heartbeat_ms)
    }

    /// Returns how much longer than a heartbeat a client may stay silent.
    #[must_use]
    pub fn grace(&self) -> Duration {
        Duration::from_millis(self.grace_ms)
    }

    /// Returns after how long without progress a reader is too slow.
    #[must_use]
    pub fn slow(&self) -> Duration {
        Duration::from_millis(self.slow_ms)
    }

    /// Returns how long a drain may take.
    #[must_use]
    pub fn drain(&self) -> Duration {
        Duration::from_millis(self.drain_ms)
    }
}
