//! Ports of the stack: remembered between runs, so that open pages and clients find it again.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use rand::Rng;

/// Below the range the kernel takes for outgoing connections, so that nothing grabs a port between choice and bind.
const RANGE: std::ops::Range<u16> = 18_000..32_000;
const ATTEMPTS: usize = 1_000;

/// The ports of one state directory, by name.
#[derive(Debug)]
pub struct Ports {
    path: PathBuf,
    known: BTreeMap<String, u16>,
    taken: Vec<u16>,
}

impl Ports {
    /// Reads the remembered ports of `state`; none if the file is missing or damaged.
    #[must_use]
    pub fn open(state: &Path) -> Self {
        let path = state.join("ports.json");
        let known = std::fs::read(&path)
            .ok()
            .and_then(|bytes| serde_json::from_slice(&bytes).ok())
            .unwrap_or_default();
        Self {
            path,
            known,
            taken: Vec::new(),
        }
    }

    /// Chooses the port of `name`: the remembered one, else `preferred`, else any; always one that is free now.
    ///
    /// # Errors
    /// Fails when no free port can be found or the choice cannot be remembered.
    pub fn take(&mut self, name: &str, preferred: Option<u16>) -> Result<u16> {
        let known = self.known.get(name).copied();
        let candidates = known.into_iter().chain(preferred);
        let chosen = candidates
            .into_iter()
            .find(|port| !self.taken.contains(port) && is_free(*port));
        let port = match chosen {
            Some(port) => port,
            None => free(&self.taken)?,
        };
        self.taken.push(port);
        if known != Some(port) {
            self.known.insert(name.to_owned(), port);
            self.save()?;
        }
        Ok(port)
    }

    fn save(&self) -> Result<()> {
        let text = serde_json::to_vec_pretty(&self.known)?;
        std::fs::write(&self.path, text)
            .with_context(|| format!("cannot write {}", self.path.display()))
    }
}

/// Says whether a server could listen on `port` now.
#[must_use]
pub fn is_free(port: u16) -> bool {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok()
}

/// Returns a free port that is not in `taken`.
///
/// # Errors
/// Fails when none is found.
pub fn free(taken: &[u16]) -> Result<u16> {
    let mut rng = rand::rng();
    (0..ATTEMPTS)
        .map(|_| rng.random_range(RANGE))
        .find(|port| !taken.contains(port) && is_free(*port))
        .context("no free port between 18000 and 32000")
}
