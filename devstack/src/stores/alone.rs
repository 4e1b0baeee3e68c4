//! One store without the others, for tests.

use std::path::Path;

use anyhow::Result;

use super::nats::{self, Admission, Server};
use super::postgres::{self, Durability};
use super::redis;
use crate::process::Process;
use crate::tools::Tools;

/// Starts a Postgres alone.
///
/// # Errors
/// Fails when it does not come up.
pub async fn start_postgres(
    tools: &Tools,
    dir: &Path,
    port: u16,
    durability: Durability,
) -> Result<Process> {
    postgres::start(tools, dir, port, durability).await
}

/// Starts a NATS server alone on a port that is free now, and returns it with its URL.
///
/// # Errors
/// Fails when it does not come up.
pub async fn start_nats(
    tools: &Tools,
    dir: &Path,
    admission: Admission,
) -> Result<(Process, String)> {
    on_any_port(
        async |port| nats::start(tools, dir, &Server::alone(port), admission).await,
        nats::url,
    )
    .await
}

/// Starts a Redis alone on a port that is free now, and returns it with its URL.
///
/// # Errors
/// Fails when it does not come up.
pub async fn start_redis(tools: &Tools, dir: &Path) -> Result<(Process, String)> {
    on_any_port(
        async |port| redis::start(tools, dir, port).await,
        redis::url,
    )
    .await
}

/// Tries another port once more if somebody was faster between the choice and the bind.
async fn on_any_port(
    start: impl AsyncFn(u16) -> Result<Process>,
    url: fn(u16) -> String,
) -> Result<(Process, String)> {
    let first = crate::ports::free(&[])?;
    if let Ok(process) = start(first).await {
        return Ok((process, url(first)));
    }
    let second = crate::ports::free(&[first])?;
    Ok((start(second).await?, url(second)))
}
