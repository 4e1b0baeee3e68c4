//! The sections `[redis]` and `[auth]`; defaults and comments are in `default.toml`.

use anyhow::{Context, ensure};
use base64::{Engine, engine::general_purpose::STANDARD};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use crate::accounts::Role;

/// The service's own sections.
#[derive(Debug, Clone, Deserialize)]
pub struct Config {
    /// `[redis]`
    pub redis: service::RedisSettings,
    /// `[auth]`
    pub auth: Auth,
}

/// Accounts and tokens.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Auth {
    /// `HUBBUB_AUTH__MASTER_KEY`: 32 bytes in base64.
    pub master_key: SecretString,
    /// `HUBBUB_AUTH__BOOTSTRAP_ADMIN`: `name:password`.
    #[serde(default)]
    pub bootstrap_admin: Option<SecretString>,
    /// `HUBBUB_AUTH__ROTATION_DAYS`
    pub rotation_days: i32,
    /// `[auth.argon2]`
    pub argon2: Argon2,
    /// `[auth.sessions]`
    pub sessions: Sessions,
    /// `[auth.limits]`
    pub limits: Limits,
}

/// What a password hash costs, and how many run at a time.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Argon2 {
    /// `HUBBUB_AUTH__ARGON2__MEMORY_KIB`
    pub memory_kib: u32,
    /// `HUBBUB_AUTH__ARGON2__PASSES`
    pub passes: u32,
    /// `HUBBUB_AUTH__ARGON2__LANES`
    pub lanes: u32,
    /// `HUBBUB_AUTH__ARGON2__WORKERS`: 0 means one per core, at most 16. Each takes its memory at the start.
    pub workers: usize,
    /// `HUBBUB_AUTH__ARGON2__QUEUE`
    pub queue: usize,
}

/// How long sessions live.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sessions {
    /// `HUBBUB_AUTH__SESSIONS__IDLE_DAYS`
    pub idle_days: i32,
    /// `HUBBUB_AUTH__SESSIONS__ABSOLUTE_DAYS`
    pub absolute_days: i32,
    /// `HUBBUB_AUTH__SESSIONS__ADMIN_IDLE_MINUTES`
    pub admin_idle_minutes: i32,
    /// `HUBBUB_AUTH__SESSIONS__ADMIN_ABSOLUTE_HOURS`
    pub admin_absolute_hours: i32,
    /// `HUBBUB_AUTH__SESSIONS__CACHE_TTL_S`
    pub cache_ttl_s: u32,
}

/// How long one session lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Lifetimes {
    /// Without use, in seconds.
    pub(crate) idle_s: i32,
    /// At all, in seconds.
    pub(crate) absolute_s: i32,
}

impl Sessions {
    /// Returns how long sessions of a role live.
    pub(crate) fn lifetimes(&self, role: Role) -> Lifetimes {
        match role {
            Role::User => Lifetimes {
                idle_s: self.idle_days.saturating_mul(86_400),
                absolute_s: self.absolute_days.saturating_mul(86_400),
            },
            Role::Admin => Lifetimes {
                idle_s: self.admin_idle_minutes.saturating_mul(60),
                absolute_s: self.admin_absolute_hours.saturating_mul(3_600),
            },
        }
    }
}

/// How fast one may guess.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// `HUBBUB_AUTH__LIMITS__ADDRESS_PER_MINUTE`
    pub address_per_minute: i32,
    /// `HUBBUB_AUTH__LIMITS__ACCOUNT_FAILURES`
    pub account_failures: i32,
    /// `HUBBUB_AUTH__LIMITS__ACCOUNT_DELAY_MAX_S`
    pub account_delay_max_s: i32,
}

impl Auth {
    /// Refuses values that would weaken the service.
    pub(crate) fn validate(&self) -> anyhow::Result<()> {
        let Self {
            argon2,
            sessions,
            limits,
            ..
        } = self;
        ensure!(
            self.rotation_days >= 1,
            "auth.rotation_days must be at least 1"
        );
        ensure!(
            argon2.memory_kib >= 19_456 && argon2.passes >= 2 && argon2.lanes >= 1,
            "auth.argon2 must not be below 19456 KiB, 2 passes, 1 lane"
        );
        ensure!(
            sessions.idle_days >= 1
                && sessions.absolute_days >= sessions.idle_days
                && sessions.absolute_days <= 3_650,
            "auth.sessions: 1 <= idle_days <= absolute_days <= 3650"
        );
        let (user, admin) = (
            sessions.lifetimes(Role::User),
            sessions.lifetimes(Role::Admin),
        );
        ensure!(
            sessions.admin_idle_minutes >= 5
                && admin.idle_s <= admin.absolute_s
                && admin.idle_s <= user.idle_s
                && admin.absolute_s <= user.absolute_s,
            "auth.sessions: 5 <= admin_idle_minutes, at most admin_absolute_hours, and neither beyond idle_days and absolute_days"
        );
        ensure!(
            (1..=600).contains(&sessions.cache_ttl_s),
            "auth.sessions.cache_ttl_s must be 1 to 600"
        );
        ensure!(
            limits.address_per_minute >= 1
                && (2..=100).contains(&limits.account_failures)
                && (1..=86_400).contains(&limits.account_delay_max_s),
            "auth.limits: address_per_minute >= 1, account_failures 2 to 100, account_delay_max_s 1 to 86400"
        );
        Ok(())
    }

    /// Returns the bytes of the master key.
    pub(crate) fn master_key(&self) -> anyhow::Result<[u8; 32]> {
        STANDARD
            .decode(self.master_key.expose_secret().trim())
            .ok()
            .and_then(|bytes| bytes.try_into().ok())
            .context("auth.master_key must be 32 bytes in base64 (HUBBUB_AUTH__MASTER_KEY)")
    }
}
