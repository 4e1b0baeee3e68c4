//! Secrets of a development stack, made once and kept readable for their owner only.

use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use anyhow::{Context, Result};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
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
