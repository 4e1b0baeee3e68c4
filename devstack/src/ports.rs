//! Ports of the stack: remembered between runs, so that open pages and clients find it again.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use rand::{Rng, seq::SliceRandom};

/// For single servers that listen at once. Like the blocks below the range the kernel takes for outgoing connections, so
/// that nothing grabs a port between choice and bind.
const RANGE: std::ops::Range<u16> = 18_000..22_000;
/// For fleets: each claims a block of its own while it lives, so that two that start at the same time never choose the
/// same port.
const BLOCKS: std::ops::Range<u16> = 22_000..32_000;
const BLOCK: u16 = 50;
const ATTEMPTS: usize = 1_000;

/// The ports of one state directory, by name.
#[derive(Debug)]
pub struct Ports {
    path: PathBuf,
    known: BTreeMap<String, u16>,
    taken: Vec<u16>,
    /// Names that have their port in `taken`.
    named: BTreeSet<String>,
    /// Claimed when the first new port is needed.
    blocks: Vec<Block>,
}

/// Ports that nobody else chooses while this lives.
#[derive(Debug)]
struct Block {
    first: u16,
    /// Locked; the system lets go of it with the process.
    _claim: File,
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
            named: BTreeSet::new(),
            blocks: Vec::new(),
        }
    }

    /// Chooses the port of `name`: the remembered one, else `preferred`, else any; always one that is free now. Whoever
    /// asks again gets the same.
    ///
    /// # Errors
    /// Fails when no free port can be found or the choice cannot be remembered.
    pub fn take(&mut self, name: &str, preferred: Option<u16>) -> Result<u16> {
        let known = self.known.get(name).copied();
        if let Some(port) = known.filter(|_| self.named.contains(name)) {
            return Ok(port);
        }
        let candidates = known.into_iter().chain(preferred);
        let chosen = candidates
            .into_iter()
            .find(|port| !self.taken.contains(port) && is_free(*port));
        let port = match chosen {
            Some(port) => port,
            None => self.fresh()?,
        };
        self.taken.push(port);
        self.named.insert(name.to_owned());
        if known != Some(port) {
            self.known.insert(name.to_owned(), port);
            self.save()?;
        }
        Ok(port)
    }

    /// Returns a free port of an own block; a full one is followed by another.
    fn fresh(&mut self) -> Result<u16> {
        loop {
            let mut own = self
                .blocks
                .iter()
                .flat_map(|block| block.first..block.first + BLOCK);
            if let Some(port) = own.find(|port| !self.taken.contains(port) && is_free(*port)) {
                return Ok(port);
            }
            self.blocks.push(claim()?);
        }
    }

    fn save(&self) -> Result<()> {
        let text = serde_json::to_vec_pretty(&self.known)?;
        std::fs::write(&self.path, text)
            .with_context(|| format!("cannot write {}", self.path.display()))
    }
}

/// Claims a block that nobody has.
fn claim() -> Result<Block> {
    let folder = std::env::temp_dir().join("hubbub-ports");
    std::fs::create_dir_all(&folder)?;
    let mut firsts: Vec<u16> = BLOCKS.step_by(usize::from(BLOCK)).collect();
    firsts.shuffle(&mut rand::rng());
    for first in firsts {
        let path = folder.join(first.to_string());
        let file =
            File::create(&path).with_context(|| format!("cannot write {}", path.display()))?;
        if file.try_lock().is_ok() {
            return Ok(Block {
                first,
                _claim: file,
            });
        }
    }
    bail!("no free ports between 22000 and 32000")
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
        .context("no free port between 18000 and 22000")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_fleets_that_start_at_once_never_choose_the_same_port() {
        let [one, two] = [(); 2].map(|()| {
            let name = format!("hubbub-ports-{}", uuid::Uuid::now_v7().simple());
            let folder = std::env::temp_dir().join(name);
            std::fs::create_dir_all(&folder).expect("the temporary directory is writable");
            let mut ports = Ports::open(&folder);
            // More than a block has, and none of them is listened on.
            for name in 0..BLOCK + 10 {
                ports.take(&name.to_string(), None).expect("a port");
            }
            std::fs::remove_dir_all(&folder).expect("it is ours");
            ports
        });
        assert!(one.taken.iter().all(|port| !two.taken.contains(port)));
    }
}
