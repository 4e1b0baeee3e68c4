//! The NATS server: core NATS only, nothing on disk.

use std::path::Path;
use std::time::Duration;

use anyhow::Result;

use super::ready;
use crate::process::{Process, Spec};
use crate::tools::Tools;

const PATIENCE: Duration = Duration::from_secs(20);

pub(super) fn url(port: u16) -> String {
    format!("nats://127.0.0.1:{port}")
}

pub(super) async fn start(tools: &Tools, owner: &Path, port: u16) -> Result<Process> {
    let mut spec = Spec::new("nats", &tools.nats_server, owner);
    spec.args = ["-a", "127.0.0.1", "-p", &port.to_string()]
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
        let client = async_nats::ConnectOptions::new().connect(url).await.ok()?;
        client.flush().await.ok()
    };
    matches!(
        tokio::time::timeout(Duration::from_secs(2), attempt).await,
        Ok(Some(()))
    )
}
