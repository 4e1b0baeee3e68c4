//! Where things lie: the checkout, its state directory, and the few variables that override them.

use std::ffi::OsString;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use nix::unistd::{Gid, Uid, User};

/// An account to run a child process as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Account {
    /// User id.
    pub uid: u32,
    /// Group id.
    pub gid: u32,
}

/// Returns the root of the checkout this binary was built from.
#[must_use]
pub fn root() -> PathBuf {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    manifest.parent().unwrap_or(manifest).to_path_buf()
}

/// Returns the state directory: `.hubbub` of the checkout, unless `HUBBUB_STATE` names another.
#[must_use]
pub fn state() -> PathBuf {
    variable("HUBBUB_STATE").map_or_else(|| root().join(".hubbub"), PathBuf::from)
}

/// Reads an environment variable; an empty one counts as absent.
#[must_use]
pub fn variable(name: &str) -> Option<OsString> {
    std::env::var_os(name).filter(|value| !value.is_empty())
}

/// Says whether this process runs as root.
#[must_use]
pub fn is_root() -> bool {
    Uid::effective().is_root()
}

/// Returns the account Postgres must run as, which is `None` unless this process is root: Postgres refuses root.
///
/// # Errors
/// Fails when there is no user `nobody`.
pub fn postgres_account() -> Result<Option<Account>> {
    if !is_root() {
        return Ok(None);
    }
    let user = User::from_name("nobody")
        .context("cannot look up the user nobody")?
        .context("there is no user nobody, and postgres refuses to run as root")?;
    Ok(Some(Account {
        uid: user.uid.as_raw(),
        gid: user.gid.as_raw(),
    }))
}

/// Returns a directory, made if need be, that Postgres can reach: `wanted` itself, or when root's checkout is closed
/// to others, one under the system's temporary directory that is named after `wanted`.
///
/// # Errors
/// Fails when the directory cannot be made or belongs to somebody else.
pub fn reachable(wanted: &Path) -> Result<PathBuf> {
    let place = reachable_path(wanted)?;
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o755)
        .create(&place)
        .with_context(|| format!("cannot make {}", place.display()))?;
    let owner = std::fs::symlink_metadata(&place)?.uid();
    ensure!(
        owner == Uid::effective().as_raw(),
        "{} belongs to another user; remove it or set TMPDIR",
        place.display()
    );
    Ok(place)
}

/// Returns the directory that [`reachable`] would make.
///
/// # Errors
/// Fails when there is no user `nobody`.
pub fn reachable_path(wanted: &Path) -> Result<PathBuf> {
    Ok(match postgres_account()? {
        Some(account) if !is_traversable(wanted, account) => fallback(wanted),
        _ => wanted.to_path_buf(),
    })
}

fn fallback(wanted: &Path) -> PathBuf {
    let mut hasher = DefaultHasher::new();
    wanted.hash(&mut hasher);
    std::env::temp_dir().join(format!("hubbub-{:016x}", hasher.finish()))
}

/// Says whether `account` may pass through every existing directory of `path`.
fn is_traversable(path: &Path, account: Account) -> bool {
    path.ancestors()
        .all(|directory| match std::fs::metadata(directory) {
            Ok(meta) if meta.uid() == account.uid => meta.mode() & 0o100 != 0,
            Ok(meta) if meta.gid() == account.gid => meta.mode() & 0o010 != 0,
            Ok(meta) => meta.mode() & 0o001 != 0,
            // It will be made by `reachable`, with a mode that lets everyone through.
            Err(_) => true,
        })
}

/// Gives `path` and everything in it to `account`.
///
/// # Errors
/// Fails when an owner cannot be changed.
pub fn give(path: &Path, account: Account) -> Result<()> {
    let (uid, gid) = (Uid::from_raw(account.uid), Gid::from_raw(account.gid));
    nix::unistd::chown(path, Some(uid), Some(gid))
        .with_context(|| format!("cannot chown {}", path.display()))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{Account, is_traversable};
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn a_closed_parent_is_noticed() {
        let base = std::env::temp_dir().join(format!("devstack-{}", uuid::Uuid::now_v7()));
        let inner = base.join("inner");
        std::fs::create_dir_all(&inner).expect("made");
        let stranger = Account {
            uid: 54_321,
            gid: 54_321,
        };
        assert!(is_traversable(&inner.join("not-yet"), stranger));
        std::fs::set_permissions(&base, std::fs::Permissions::from_mode(0o700)).expect("closed");
        assert!(!is_traversable(&inner, stranger));
        std::fs::remove_dir_all(&base).expect("removed");
    }
}
