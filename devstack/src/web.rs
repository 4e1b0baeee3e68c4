//! The web client: its packages installed, its files built when their sources are newer.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use anyhow::{Context, Result};
use tokio::process::Command;

use crate::tools::{self, hint, on_path};
use crate::{checkout, screen};

/// What the built files depend on.
const SOURCES: [&str; 9] = [
    "package-lock.json",
    "tsconfig.base.json",
    "sdk/package.json",
    "sdk/src",
    "web/package.json",
    "web/vite.config.ts",
    "web/index.html",
    "web/public",
    "web/src",
];

/// Builds the web client if need be, and returns the folder with its files.
///
/// # Errors
/// Fails when npm is missing, or with the last lines of what failed.
pub async fn build() -> Result<PathBuf> {
    let root = checkout::root();
    tools::npm_ci(&root).await?;
    let built = root.join("web/dist");
    let page = modified(&built.join("index.html"));
    let newest = SOURCES.iter().filter_map(|name| newest(&root.join(name)));
    if page.is_some() && page >= newest.max() {
        return Ok(built);
    }
    let npm = on_path("npm").with_context(|| format!("npm is missing. Type: {}", hint("npm")))?;
    let mut command = Command::new(npm);
    command
        .args(["run", "build", "--workspace", "web", "--loglevel=error"])
        .current_dir(&root);
    screen::during("building the web client", tools::run(&mut command)).await?;
    Ok(built)
}

/// Returns when a file, or the newest file of a folder, was changed.
fn newest(path: &Path) -> Option<SystemTime> {
    let Ok(entries) = std::fs::read_dir(path) else {
        return modified(path);
    };
    let inner = entries.flatten().filter_map(|entry| newest(&entry.path()));
    // A folder's own time tells of files that were taken away.
    inner.chain(modified(path)).max()
}

fn modified(path: &Path) -> Option<SystemTime> {
    std::fs::metadata(path)
        .and_then(|meta| meta.modified())
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_as_new_as_its_newest_file() {
        let folder = tempfile::tempdir().expect("a folder");
        let inner = folder.path().join("a/b");
        std::fs::create_dir_all(&inner).expect("folders");
        let file = std::fs::File::create(inner.join("c")).expect("a file");
        let later = SystemTime::now() + std::time::Duration::from_secs(60);
        file.set_modified(later).expect("set");
        assert_eq!(newest(folder.path()), Some(later));
        assert_eq!(newest(&folder.path().join("missing")), None);
    }
}
