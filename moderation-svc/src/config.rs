//! The sections that only this service has; `default.toml` explains and defaults every key.

use anyhow::ensure;
use ipnet::IpNet;
use serde::Deserialize;

/// Everything of `moderation-svc` that can be set.
#[derive(Debug, Clone, Deserialize)]
pub struct Config {
    /// `[redis]`
    pub redis: service::RedisSettings,
    /// `[moderation]`
    pub moderation: ModerationConfig,
}

/// `[moderation]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModerationConfig {
    /// `HUBBUB_MODERATION__PROTECTED`: ranges of the installation itself, which nobody may ban.
    pub protected: Vec<IpNet>,
    /// `HUBBUB_MODERATION__WIDEST_V4`: the shortest prefix of an IPv4 range that may be banned.
    pub widest_v4: u8,
    /// `HUBBUB_MODERATION__WIDEST_V6`: the shortest prefix of an IPv6 range that may be banned.
    pub widest_v6: u8,
    /// `HUBBUB_MODERATION__ALLOW_PRIVATE`: whether private, loopback and other special ranges may be banned.
    pub allow_private: bool,
}

impl ModerationConfig {
    /// Refuses values with which the whole internet could be banned.
    pub(crate) fn validate(&self) -> anyhow::Result<()> {
        ensure!(
            (1..=32).contains(&self.widest_v4),
            "moderation.widest_v4 must be 1 to 32"
        );
        ensure!(
            (1..=128).contains(&self.widest_v6),
            "moderation.widest_v6 must be 1 to 128"
        );
        Ok(())
    }
}
