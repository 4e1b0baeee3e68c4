//! Secrets of a development stack, made once and kept readable for their owner only.

use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use nkeys::KeyPair;
use rand::RngCore;

/// Name of the administrator that auth-svc makes at its first start.
pub const ADMIN: &str = "admin";

/// Returns the key that seals the signing keys: 32 bytes in base64.
///
/// # Errors
/// Fails when it cannot be read or kept.
pub fn master_key(state: &Path) -> Result<String> {
    kept(&state.join("master.key"), || {
        STANDARD.encode(random::<32>())
    })
}

/// Returns the administrator's password.
///
/// # Errors
/// Fails when it cannot be read or kept.
pub fn admin_password(state: &Path) -> Result<String> {
    kept(&state.join("admin.password"), || {
        URL_SAFE_NO_PAD.encode(random::<12>())
    })
}

/// Returns the password by which the servers of a clustered bus know each other.
///
/// # Errors
/// Fails when it cannot be read or kept.
pub fn route_password(state: &Path) -> Result<String> {
    kept(&state.join("route.password"), || {
        URL_SAFE_NO_PAD.encode(random::<32>())
    })
}

/// Returns the password of a role of Postgres.
///
/// # Errors
/// Fails when it cannot be read or kept.
pub fn postgres_password(state: &Path, role: &str) -> Result<String> {
    let file = closed_folder(state, "logins")?.join(format!("{role}.password"));
    // Letters that mean nothing in a URL or a statement.
    kept(&file, || URL_SAFE_NO_PAD.encode(random::<24>()))
}

/// A service's key for the bus.
#[derive(Debug)]
pub struct BusKey {
    /// The file with the seed, which the service reads.
    pub file: PathBuf,
    /// The public half, which the bus knows.
    pub public: String,
}

/// Returns the key of a service for the bus, by its package's name.
///
/// # Errors
/// Fails when it cannot be read or kept, or is no key.
pub fn bus_key(state: &Path, package: &str) -> Result<BusKey> {
    // The service that reads it may have another working directory.
    let folder = closed_folder(&std::path::absolute(state)?, "nkeys")?;
    let file = folder.join(format!("{package}.seed"));
    let fresh = KeyPair::new_user().seed()?;
    let pair = KeyPair::from_seed(&kept(&file, || fresh)?)
        .with_context(|| format!("{} holds no seed of a key", file.display()))?;
    Ok(BusKey {
        public: pair.public_key(),
        file,
    })
}

/// Makes a folder of the state directory that nobody else can look into.
fn closed_folder(state: &Path, name: &str) -> Result<PathBuf> {
    let folder = state.join(name);
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(&folder)
        .with_context(|| format!("cannot make {}", folder.display()))?;
    Ok(folder)
}

fn random<const SIZE: usize>() -> [u8; SIZE] {
    let mut bytes = [0; SIZE];
    rand::rng().fill_bytes(&mut bytes);
    bytes
}

/// Reads a secret, or makes it. It appears under its name only when it is complete.
fn kept(path: &Path, make: impl FnOnce() -> String) -> Result<String> {
    if let Ok(secret) = std::fs::read_to_string(path)
        && !secret.trim().is_empty()
    {
        return Ok(secret.trim().to_owned());
    }
    let secret = make();
    let fresh = path.with_extension("new");
    let _ = std::fs::remove_file(&fresh);
    let mut file = std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&fresh)
        .with_context(|| format!("cannot write {}", fresh.display()))?;
    writeln!(file, "{secret}")?;
    std::fs::rename(&fresh, path)?;
    Ok(secret)
}
