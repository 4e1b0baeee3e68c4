//! Redis or Valkey, without persistence: everything in it can be rebuilt.

use std::path::Path;
use std::time::Duration;

use anyhow::Result;

use super::ready;
use crate::process::{Process, Spec};
use crate::tools::Tools;

const PATIENCE: Duration = Duration::from_secs(20);

pub(super) fn url(port: u16) -> String {
    format!("redis://127.0.0.1:{port}")
}

pub(super) async fn start(tools: &Tools, owner: &Path, port: u16) -> Result<Process> {
    let mut spec = Spec::new("redis", &tools.redis_server, owner);
    let port_text = port.to_string();
    spec.args = [
        "--port",
        &port_text,
        "--bind",
        "127.0.0.1",
        "--save",
        "",
        "--appendonly",
        "no",
        "--daemonize",
        "no",
    ]
    .map(str::to_owned)
    .to_vec();
    let url = url(port);
    ready(Process::spawn(spec)?, PATIENCE, async || {
        answers(&url).await
    })
    .await
}

async fn answers(url: &str) -> bool {
    let attempt = async {
        let client = redis::Client::open(url).ok()?;
        let mut connection = client.get_multiplexed_async_connection().await.ok()?;
        redis::cmd("PING")
            .query_async::<String>(&mut connection)
            .await
            .ok()
    };
    matches!(
        tokio::time::timeout(Duration::from_secs(2), attempt).await,
        Ok(Some(_))
    )
}
