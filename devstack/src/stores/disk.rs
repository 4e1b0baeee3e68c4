//! A disk that is easily full.

use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use super::{Store, Stores};
use crate::checkout;

/// Where a cluster keeps its write-ahead log.
const WAL: &str = "pg_wal";
/// How much of the ballast is written at a time, in bytes, until less fits.
const PIECES: [usize; 2] = [1 << 20, 4 << 10];

/// A file system in memory of its own small size. It goes with this value.
#[derive(Debug)]
pub struct SmallDisk(PathBuf);

impl SmallDisk {
    /// Makes one of so many bytes in a new folder, for the account that Postgres runs as.
    ///
    /// # Errors
    /// Fails when it cannot be mounted, which takes root's rights.
    pub fn mount(folder: &Path, bytes: u64) -> Result<Self> {
        let folder = checkout::reachable(folder)?;
        let mut options = format!("size={bytes},mode=0700");
        if let Some(account) = checkout::postgres_account()? {
            options.push_str(&format!(",uid={},gid={}", account.uid, account.gid));
        }
        let mount = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &options, "tmpfs"])
            .arg(&folder)
            .output()
            .context("mount cannot be run")?;
        let said = String::from_utf8_lossy(&mount.stderr);
        ensure!(mount.status.success(), "no file system: {}", said.trim());
        Ok(Self(folder))
    }

    /// Returns where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Writes until nothing more fits, beside what is there.
    ///
    /// # Errors
    /// Fails when writing fails for another reason.
    pub fn fill(&self) -> Result<()> {
        let mut ballast = std::fs::File::create(self.ballast())?;
        for size in PIECES {
            let piece = vec![0; size];
            loop {
                match ballast.write_all(&piece) {
                    Ok(()) => {}
                    Err(error) if error.kind() == ErrorKind::StorageFull => break,
                    Err(error) => return Err(error).context("the ballast cannot be written"),
                }
            }
        }
        Ok(())
    }

    /// Makes room again.
    ///
    /// # Errors
    /// Fails when the ballast cannot be removed.
    pub fn relieve(&self) -> Result<()> {
        std::fs::remove_file(self.ballast()).context("the ballast stays")
    }

    fn ballast(&self) -> PathBuf {
        self.0.join("ballast")
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // Lazily, because Postgres may have a file of it open still: it is gone when nobody has.
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
        let _ = std::fs::remove_dir(&self.0);
    }
}

impl Stores {
    /// Returns how much the write-ahead log of Postgres takes now, in bytes.
    ///
    /// # Errors
    /// Fails when it cannot be looked at.
    pub fn wal_bytes(&self) -> Result<u64> {
        let mut bytes = 0;
        for entry in std::fs::read_dir(self.data()?.join(WAL))? {
            bytes += entry?.metadata()?.len();
        }
        Ok(bytes)
    }

    /// Stops Postgres, moves its write-ahead log to another disk, and starts it again.
    ///
    /// # Errors
    /// Fails when the log cannot be moved or Postgres does not come up.
    pub async fn move_wal(&mut self, disk: &SmallDisk) -> Result<()> {
        self.stop_one(Store::Postgres).await;
        let (home, there) = (self.data()?.join(WAL), disk.0.join(WAL));
        copy(&home, &there)?;
        std::fs::remove_dir_all(&home)?;
        std::os::unix::fs::symlink(&there, &home)?;
        self.start_again(Store::Postgres).await
    }

    /// Does the opposite of [`Stores::move_wal`].
    ///
    /// # Errors
    /// Fails when the log cannot be moved or Postgres does not come up.
    pub async fn fetch_wal(&mut self, disk: &SmallDisk) -> Result<()> {
        self.stop_one(Store::Postgres).await;
        let home = self.data()?.join(WAL);
        std::fs::remove_file(&home)?;
        copy(&disk.0.join(WAL), &home)?;
        self.start_again(Store::Postgres).await
    }

    fn data(&self) -> Result<PathBuf> {
        Ok(checkout::reachable(&self.dir.join("postgres"))?.join("data"))
    }
}

/// Copies a folder with owners and modes.
fn copy(from: &Path, to: &Path) -> Result<()> {
    let copied = Command::new("cp").arg("-a").arg(from).arg(to).status()?;
    ensure!(copied.success(), "{} cannot be copied", from.display());
    Ok(())
}
