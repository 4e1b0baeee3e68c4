//! A state directory of a test's own, and the processes that belong to it.

use std::path::{Path, PathBuf};
use std::time::Duration;

use devstack::{process, wait};

/// A directory that goes with this value.
pub(crate) struct State(PathBuf);

impl State {
    pub(crate) fn new() -> Self {
        let path =
            std::env::temp_dir().join(format!("hubbub-state-{}", uuid::Uuid::now_v7().simple()));
        std::fs::create_dir_all(&path).expect("the temporary directory is writable");
        Self(path)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    /// Returns the live processes that were started for this directory.
    pub(crate) fn processes(&self) -> Vec<i32> {
        let entries = std::fs::read_dir("/proc")
            .expect("a Linux with /proc")
            .flatten();
        let pids = entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
        pids.filter(|pid| process::belongs(*pid, &self.0) || self.is_named_by(*pid))
            .collect()
    }

    /// Waits until no process of this directory is left.
    pub(crate) async fn is_deserted(&self) {
        let none = async || self.processes().is_empty().then_some(());
        let waited = wait::until("every process to end", Duration::from_secs(20), none).await;
        waited.unwrap_or_else(|error| panic!("{error}: {:?} are left", self.processes()));
    }

    fn is_named_by(&self, pid: i32) -> bool {
        let command = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        String::from_utf8_lossy(&command).contains(&*self.0.to_string_lossy())
    }
}

impl Drop for State {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            let _ = std::fs::remove_dir_all(&self.0);
        }
    }
}
