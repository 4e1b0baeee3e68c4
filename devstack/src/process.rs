//! Child processes that cannot outlive this one.
//!
//! Three nets, because a development machine sees every way to die: an orderly stop; kill on drop; and, where
//! util-linux is present, a death signal by `setpriv --pdeathsig` for the case that this process is killed with -9.
//! What slips through all three is ended by the next start, which knows it by its pid file and its environment.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::sync::{OnceLock, mpsc};
use std::time::Duration;

use anyhow::{Context, Result};
use nix::sys::signal::{Signal, kill, killpg};
use nix::unistd::Pid;
use tokio::process::{Child, Command};

use crate::checkout::Account;
use crate::wait;

/// Marks every child with the state directory it belongs to.
const OWNER: &str = "DEVSTACK_OWNER";
const KILL_PATIENCE: Duration = Duration::from_secs(10);

/// What to start.
#[derive(Debug, Clone)]
pub struct Spec {
    /// Name of the pid and log files, unique within `owner`.
    pub name: String,
    /// The program.
    pub program: PathBuf,
    /// Its arguments.
    pub args: Vec<String>,
    /// Variables added to the inherited environment.
    pub env: Vec<(String, String)>,
    /// Names of inherited variables that it must not see.
    pub without: Vec<OsString>,
    /// Working directory.
    pub dir: PathBuf,
    /// State directory that the child belongs to; holds `run/` and `logs/`.
    pub owner: PathBuf,
    /// Account to run as, when not our own.
    pub account: Option<Account>,
    /// The signal that asks it to stop.
    pub stop: Signal,
    /// The signal it gets when this process dies without a word.
    pub orphaned: Signal,
}

impl Spec {
    /// Describes a child that stops on SIGTERM and runs as ourselves.
    #[must_use]
    pub fn new(name: &str, program: &Path, owner: &Path) -> Self {
        Self {
            name: name.to_owned(),
            program: program.to_path_buf(),
            args: Vec::new(),
            env: Vec::new(),
            without: Vec::new(),
            dir: owner.to_path_buf(),
            owner: owner.to_path_buf(),
            account: None,
            stop: Signal::SIGTERM,
            orphaned: Signal::SIGKILL,
        }
    }

    /// Returns where the child's output goes.
    #[must_use]
    pub fn log(&self) -> PathBuf {
        log_path(&self.owner, &self.name)
    }

    fn pid_file(&self) -> PathBuf {
        self.owner.join("run").join(format!("{}.pid", self.name))
    }

    fn command(&self) -> Result<Command> {
        let mut command = match setpriv() {
            Some(setpriv) => {
                let mut command = Command::new(setpriv);
                command
                    .arg("--pdeathsig")
                    .arg(self.orphaned.as_str().trim_start_matches("SIG"));
                command.arg("--").arg(&self.program);
                command
            }
            None => Command::new(&self.program),
        };
        let log = self.log();
        let out = std::fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(&log)
            .with_context(|| format!("cannot open {}", log.display()))?;
        for name in &self.without {
            command.env_remove(name);
        }
        command
            .args(&self.args)
            .envs(self.env.iter().map(|(name, value)| (name, value)));
        command.env(OWNER, &self.owner).current_dir(&self.dir);
        command
            .stdin(Stdio::null())
            .stdout(out.try_clone()?)
            .stderr(out);
        // Its own group, so that Ctrl-C reaches only us and we can stop things in order.
        command.process_group(0).kill_on_drop(true);
        if let Some(account) = self.account {
            command.uid(account.uid).gid(account.gid);
        }
        Ok(command)
    }
}

/// A running child.
#[derive(Debug)]
pub struct Process {
    child: Child,
    pid: Pid,
    spec: Spec,
}

impl Process {
    /// Starts a child.
    ///
    /// # Errors
    /// Fails when the program cannot be run or the files cannot be written.
    pub fn spawn(spec: Spec) -> Result<Self> {
        for folder in ["run", "logs"] {
            std::fs::create_dir_all(spec.owner.join(folder))?;
        }
        let child = spawn_from_lasting_thread(spec.command()?)
            .with_context(|| format!("cannot run {}", spec.program.display()))?;
        let id = child
            .id()
            .with_context(|| format!("{} ended at once", spec.name))?;
        let pid = Pid::from_raw(i32::try_from(id).context("pid out of range")?);
        std::fs::write(spec.pid_file(), pid.to_string())?;
        Ok(Self { child, pid, spec })
    }

    /// Returns the process id.
    #[must_use]
    pub fn pid(&self) -> i32 {
        self.pid.as_raw()
    }

    /// Returns what was started.
    #[must_use]
    pub fn spec(&self) -> &Spec {
        &self.spec
    }

    /// Returns how it ended, or `None` while it runs.
    pub fn exited(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().ok().flatten()
    }

    /// Sends a signal; a process that is gone already is fine.
    pub fn signal(&self, signal: Signal) {
        // After the child was waited for, its number may be somebody else's.
        if self.child.id().is_some() {
            let _ = kill(self.pid, signal);
        }
    }

    /// Kills it and its group, as a power cut would, and waits until it is gone.
    pub async fn kill9(mut self) {
        self.kill_group();
        let _ = self.child.wait().await;
        self.forget();
    }

    /// Asks it to stop, kills it after `patience`, and waits until it is gone. Says whether it stopped by itself.
    pub async fn stop(mut self, patience: Duration) -> bool {
        self.signal(self.spec.stop);
        let stopped = tokio::time::timeout(patience, self.child.wait())
            .await
            .is_ok();
        if !stopped {
            self.kill_group();
            let _ = self.child.wait().await;
        }
        self.forget();
        stopped
    }

    fn kill_group(&self) {
        if self.child.id().is_some() {
            let _ = killpg(self.pid, Signal::SIGKILL);
        }
    }

    fn forget(&self) {
        let _ = std::fs::remove_file(self.spec.pid_file());
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill_group();
    }
}

/// Returns the log file of a child of `owner`.
#[must_use]
pub fn log_path(owner: &Path, name: &str) -> PathBuf {
    owner.join("logs").join(format!("{name}.log"))
}

/// Returns the last lines of a child's log, for an error message.
#[must_use]
pub fn log_tail(owner: &Path, name: &str) -> String {
    let text = std::fs::read(log_path(owner, name)).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(12)..].join("\n")
}

/// Ends children of an earlier run of the same state directory that were left behind, and returns their names.
///
/// # Errors
/// Fails when one of them does not go away.
pub async fn end_leftovers(owner: &Path) -> Result<Vec<String>> {
    let mut ended = Vec::new();
    let Ok(files) = std::fs::read_dir(owner.join("run")) else {
        return Ok(ended);
    };
    for file in files.flatten() {
        let path = file.path();
        if path.extension().is_none_or(|extension| extension != "pid") {
            continue;
        }
        let name = path
            .file_stem()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let pid = std::fs::read_to_string(&path)
            .ok()
            .and_then(|text| text.trim().parse().ok());
        if let Some(pid) = pid.filter(|pid| !is_over(*pid) && !is_another(*pid, owner)) {
            end(Pid::from_raw(pid), owner)
                .await
                .with_context(|| format!("{name} of an earlier run stays"))?;
            ended.push(name);
        }
        std::fs::remove_file(&path)?;
    }
    Ok(ended)
}

async fn end(pid: Pid, owner: &Path) -> Result<()> {
    // SIGQUIT is Postgres' immediate shutdown, which takes its own children along; the others just die of it.
    let _ = kill(pid, Signal::SIGQUIT);
    let is_gone = async || (is_over(pid.as_raw()) || is_another(pid.as_raw(), owner)).then_some(());
    if wait::until("its end", Duration::from_secs(5), is_gone)
        .await
        .is_err()
    {
        let _ = kill(pid, Signal::SIGKILL);
        wait::until("its end", KILL_PATIENCE, is_gone).await?;
    }
    Ok(())
}

/// Says whether a process has ended: it is no more, or only waits for its parent to notice. Its first thread may be
/// gone while another still holds the ports, so every thread counts.
fn is_over(pid: i32) -> bool {
    let threads = std::fs::read_dir(format!("/proc/{pid}/task"))
        .into_iter()
        .flatten()
        .flatten();
    threads.into_iter().all(|thread| {
        let stat = std::fs::read_to_string(thread.path().join("stat")).unwrap_or_default();
        let state = stat
            .rsplit_once(") ")
            .and_then(|(_, rest)| rest.chars().next());
        state.is_none_or(|state| matches!(state, 'Z' | 'X'))
    })
}

/// Says whether a process was certainly not started for `owner`. One that is about to end has lost its environment
/// already but still holds its ports, so no environment proves nothing.
fn is_another(pid: i32, owner: &Path) -> bool {
    let is_readable =
        std::fs::read(format!("/proc/{pid}/environ")).is_ok_and(|text| !text.is_empty());
    let has_program = std::fs::read_link(format!("/proc/{pid}/exe")).is_ok();
    (is_readable || has_program) && !belongs(pid, owner)
}

/// Says whether the process `pid` lives and was started for `owner`: numbers are reused, marks are not.
#[must_use]
pub fn belongs(pid: i32, owner: &Path) -> bool {
    let mark = format!("{OWNER}={}", owner.display());
    let environment = std::fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
    environment
        .split(|byte| *byte == 0)
        .any(|entry| entry == mark.as_bytes())
}

fn setpriv() -> Option<&'static Path> {
    static FOUND: OnceLock<Option<PathBuf>> = OnceLock::new();
    FOUND
        .get_or_init(|| crate::tools::on_path("setpriv"))
        .as_deref()
}

/// Starts a child from a thread that lives as long as this process: the kernel sends the death signal when the
/// *thread* that forked ends, and the threads of a test's runtime end before the process does.
fn spawn_from_lasting_thread(mut command: Command) -> std::io::Result<Child> {
    type Job = Box<dyn FnOnce() + Send>;
    static SPAWNER: OnceLock<mpsc::Sender<Job>> = OnceLock::new();
    let spawner = SPAWNER.get_or_init(|| {
        let (sender, jobs) = mpsc::channel::<Job>();
        std::thread::spawn(move || jobs.into_iter().for_each(|job| job()));
        sender
    });
    let runtime = tokio::runtime::Handle::current();
    let (answer, spawned) = mpsc::channel();
    let job = move || {
        let _entered = runtime.enter();
        let _ = answer.send(command.spawn());
    };
    spawner
        .send(Box::new(job))
        .map_err(|_| std::io::Error::other("the spawning thread is gone"))?;
    spawned.recv().map_err(std::io::Error::other)?
}
