//! One service process.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Result, bail};

use super::environment;
use crate::process::{self, Process, Spec};
use crate::wait;

/// The first start runs every migration, in an unoptimised build.
const PATIENCE: Duration = Duration::from_secs(60);

/// What a process is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// auth-svc.
    Auth,
    /// moderation-svc.
    Moderation,
    /// social-svc.
    Social,
    /// room-svc.
    Room,
    /// gateway.
    Gateway,
}

impl Kind {
    /// Every kind, in the order of starting.
    pub const ALL: [Self; 5] = [
        Self::Auth,
        Self::Moderation,
        Self::Social,
        Self::Room,
        Self::Gateway,
    ];

    /// Returns the name of the package and the binary.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Auth => "auth-svc",
            Self::Moderation => "moderation-svc",
            Self::Social => "social-svc",
            Self::Room => "room-svc",
            Self::Gateway => "gateway",
        }
    }
}

/// One replica of a service, running or not; its ports stay the same.
#[derive(Debug)]
pub struct Node {
    /// What it is.
    pub kind: Kind,
    /// Which of its kind, from 0.
    pub index: usize,
    /// Of a gateway: where clients find it, `http://localhost:PORT`. Empty for others.
    pub url: String,
    /// Of a gateway: its WebSocket, `ws://localhost:PORT/v1/rt`. Empty for others.
    pub ws_url: String,
    /// Its internal HTTP port: `/livez`, `/readyz`, `/metrics`.
    pub internal_url: String,
    /// Its gRPC admin port, `127.0.0.1:PORT`, as grpcurl takes it. Gateways have none.
    pub grpc: String,
    pub(super) env: Vec<(String, String)>,
    pub(super) program: PathBuf,
    pub(super) dir: PathBuf,
    pub(super) process: Option<Process>,
}

impl Node {
    /// Returns its name, also that of its log file: `gateway-1`.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{}-{}", self.kind.name(), self.index + 1)
    }

    /// Returns its process id while it was not killed or stopped.
    #[must_use]
    pub fn pid(&self) -> Option<i32> {
        self.process.as_ref().map(Process::pid)
    }

    /// Returns its log file.
    #[must_use]
    pub fn log(&self) -> PathBuf {
        process::log_path(&self.dir, &self.name())
    }

    /// Says whether it ended by itself.
    pub fn has_died(&mut self) -> bool {
        self.process
            .as_mut()
            .is_some_and(|process| process.exited().is_some())
    }

    /// Waits until it has ended by itself, as at a fail point.
    ///
    /// # Errors
    /// Fails when it lives on.
    pub async fn dies(&mut self) -> Result<()> {
        let what = format!("{} to die", self.name());
        wait::until(&what, PATIENCE, async || self.has_died().then_some(())).await?;
        self.process = None;
        Ok(())
    }

    /// Starts it, with more variables for this run only, and waits until it is ready.
    ///
    /// # Errors
    /// Fails when it does not come up.
    pub async fn start(&mut self, env: &[(&str, &str)]) -> Result<()> {
        let mut spec = Spec::new(&self.name(), &self.program, &self.dir);
        spec.without = environment::foreign(self.kind);
        spec.env.clone_from(&self.env);
        spec.env.extend(
            env.iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned())),
        );
        let mut process = Process::spawn(spec)?;
        let url = format!("{}/readyz", self.internal_url);
        let client = reqwest::Client::builder()
            .timeout(Duration::from_secs(2))
            .build()?;
        let waited = wait::until(
            &format!("{} to be ready", self.name()),
            PATIENCE,
            async || {
                if process.exited().is_some() {
                    return Some(false);
                }
                let response = client.get(&url).send().await.ok()?;
                response.status().is_success().then_some(true)
            },
        )
        .await;
        match waited {
            Ok(true) => {
                self.process = Some(process);
                Ok(())
            }
            Ok(false) => bail!(
                "{} ended:\n{}",
                self.name(),
                process::log_tail(&self.dir, &self.name())
            ),
            Err(error) => Err(error.context(process::log_tail(&self.dir, &self.name()))),
        }
    }

    /// Kills it as a power cut would.
    pub async fn kill9(&mut self) {
        if let Some(process) = self.process.take() {
            process.kill9().await;
        }
    }

    /// Asks it to stop and kills it after `patience`; says whether it stopped by itself.
    pub async fn stop(&mut self, patience: Duration) -> bool {
        match self.process.take() {
            Some(process) => process.stop(patience).await,
            None => true,
        }
    }

    /// Sends it SIGTERM without waiting, as a rolling update does.
    pub fn terminate(&self) {
        if let Some(process) = &self.process {
            process.signal(nix::sys::signal::Signal::SIGTERM);
        }
    }
}
