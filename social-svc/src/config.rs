//! The sections that only this service has; `default.toml` explains and defaults every key.

use anyhow::ensure;
use serde::Deserialize;

use crate::settings::DirectFrom;

/// Everything of `social-svc` that can be set.
#[derive(Debug, Clone, Deserialize)]
pub struct Config {
    /// `[redis]`
    pub redis: service::RedisSettings,
    /// `[social]`
    pub social: SocialConfig,
}

/// `[social]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SocialConfig {
    /// `HUBBUB_SOCIAL__DIRECT_FROM`: who may write to people who have not chosen.
    pub direct_from: DirectFrom,
    /// `HUBBUB_SOCIAL__OUTGOING_REQUESTS`: most requests of one person that may wait.
    pub outgoing_requests: u32,
    /// `HUBBUB_SOCIAL__INCOMING_REQUESTS`: most requests that may wait for one person.
    pub incoming_requests: u32,
    /// `HUBBUB_SOCIAL__ASK_AGAIN_DAYS`: how long a declined request is without a successor.
    pub ask_again_days: u32,
}

impl SocialConfig {
    /// Refuses values that no list could show.
    pub(crate) fn validate(&self) -> anyhow::Result<()> {
        ensure!(
            (1..=200).contains(&self.outgoing_requests)
                && (1..=200).contains(&self.incoming_requests),
            "social.outgoing_requests and social.incoming_requests must be 1 to 200"
        );
        ensure!(
            self.ask_again_days <= 3_650,
            "social.ask_again_days must be at most 3650"
        );
        Ok(())
    }
}
