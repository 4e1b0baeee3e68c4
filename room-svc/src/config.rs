//! The sections that only this service has; `default.toml` explains and defaults every key.

use serde::Deserialize;

/// Everything of `room-svc` that can be set.
#[derive(Debug, Clone, Deserialize)]
pub struct Config {
    /// `[room]`
    pub room: RoomConfig,
}

/// `[room]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RoomConfig {
    /// `HUBBUB_ROOM__NAME_CACHE`: how many rooms' names are remembered.
    pub name_cache: u64,
    /// `HUBBUB_ROOM__ROOMS_PER_USER`: most rooms one person may be in.
    pub rooms_per_user: u32,
}
