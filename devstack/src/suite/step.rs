//! One step of the suite: a command, its output and its counts.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};
use tokio::process::Command;

use super::counts::{Counts, Runner};
use crate::{binaries, checkout, screen};

/// A command to run.
pub(super) struct Step<'a> {
    name: &'static str,
    program: PathBuf,
    args: Vec<&'a str>,
    env: &'a [(String, String)],
    /// Where it runs; the checkout unless said otherwise.
    pub(super) folder: PathBuf,
    /// Whether tests that fail may be heard once more; in CI unless said otherwise.
    pub(super) is_patient: bool,
}

/// How a step ended.
pub(super) struct Outcome {
    pub(super) name: &'static str,
    pub(super) counts: Counts,
    pub(super) took: Duration,
    /// Whether it had failed before, and ran once more.
    pub(super) is_second: bool,
    /// What failed, to be said once more where a reader begins: at the end.
    pub(super) failures: Vec<String>,
}

/// So much of a failure is repeated.
const REPEATED: usize = 60;

/// Whether this is a run in front of which nobody sits: what fails there is tried once more, and that is said.
pub(super) fn is_ci() -> bool {
    std::env::var_os("CI").is_some_and(|value| value == "true")
}

impl<'a> Step<'a> {
    pub(super) fn new(
        name: &'static str,
        program: &Path,
        args: &[&'a str],
        env: &'a [(String, String)],
    ) -> Self {
        Self {
            name,
            program: program.to_path_buf(),
            args: args.to_vec(),
            env,
            folder: checkout::root(),
            is_patient: is_ci(),
        }
    }

    pub(super) fn cargo(name: &'static str, args: &[&'a str], env: &'a [(String, String)]) -> Self {
        Self::new(name, Path::new("cargo"), args, env)
    }

    /// Runs a check: it counts as one, and its output is shown only when it fails.
    pub(super) async fn quietly(self) -> Result<Outcome> {
        let started = Instant::now();
        let output = screen::during(self.name, self.command().output()).await;
        let output = output.with_context(|| format!("cannot run {}", self.name))?;
        let mut failures = Vec::new();
        if !output.status.success() {
            for said in [&output.stdout, &output.stderr] {
                let said = String::from_utf8_lossy(said);
                screen::warn(&said);
                failures.extend(said.lines().map(ToOwned::to_owned));
            }
            failures.drain(..failures.len().saturating_sub(REPEATED));
        }
        let passed = u64::from(output.status.success());
        Ok(Outcome {
            name: self.name,
            counts: Counts {
                passed,
                failed: 1 - passed,
            },
            took: started.elapsed(),
            is_second: false,
            failures,
        })
    }

    /// Does as [`Step::aloud`], for tests whose runner cannot hear a failed one again: all of them run once more.
    pub(super) async fn insistently(self, runner: Runner) -> Result<Outcome> {
        let first = self.aloud(runner).await?;
        if first.counts.failed == 0 || !self.is_patient {
            return Ok(first);
        }
        let Outcome { counts, took, .. } = first;
        screen::warn(&format!(
            "  {} of {} failed; once more",
            counts.failed, self.name
        ));
        let second = self.aloud(runner).await?;
        Ok(Outcome {
            took: took + second.took,
            is_second: true,
            ..second
        })
    }

    /// Runs tests: their output is shown as it comes, and their own counts are taken from it.
    pub(super) async fn aloud(&self, runner: Runner) -> Result<Outcome> {
        let started = Instant::now();
        screen::warn(&format!("  {}", self.name));
        let mut command = self.command();
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        let (out, err) = (child.stdout.take(), child.stderr.take());
        let (out, err, status) =
            tokio::join!(pass_on(runner, out), pass_on(runner, err), child.wait());
        let ((mut counts, mut failures), status) = (out, status?);
        counts += err.0;
        failures.extend(err.1);
        failures.truncate(REPEATED);
        // A runner that fails without a failed test did not run them all.
        if !status.success() && counts.failed == 0 {
            counts.failed = 1;
        }
        Ok(Outcome {
            name: self.name,
            counts,
            took: started.elapsed(),
            is_second: false,
            failures,
        })
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command
            .args(&self.args)
            .envs(self.env.iter().map(|(name, value)| (name, value)));
        command
            .current_dir(&self.folder)
            .stdin(Stdio::null())
            .kill_on_drop(true);
        binaries::offline(&mut command);
        command
    }
}

/// Shows what a runner says as it comes, and returns what it counted and which lines name a failure.
async fn pass_on(runner: Runner, stream: Option<impl AsyncRead + Unpin>) -> (Counts, Vec<String>) {
    let (mut counts, mut failures) = (Counts::default(), Vec::new());
    let Some(stream) = stream else {
        return (counts, failures);
    };
    let mut reader = BufReader::new(stream);
    let mut line = Vec::new();
    while reader
        .read_until(b'\n', &mut line)
        .await
        .is_ok_and(|size| size > 0)
    {
        let text = String::from_utf8_lossy(&line);
        screen::say(text.trim_end_matches('\n'));
        counts += Counts::of_line(runner, &text);
        if runner.is_failure(&text) {
            failures.push(text.trim().to_owned());
        }
        line.clear();
    }
    (counts, failures)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Fails at the first try and succeeds at the second, as tests of Node would say it.
    const UNLUCKY: &str =
        "[ -e tried ] && echo 'ℹ pass 1' || { touch tried; echo 'ℹ fail 1'; exit 1; }";

    async fn outcome(is_patient: bool) -> Outcome {
        let folder = tempfile::tempdir().expect("a folder");
        let mut step = Step::new("unlucky", Path::new("sh"), &["-c", UNLUCKY], &[]);
        step.folder = folder.path().to_path_buf();
        step.is_patient = is_patient;
        step.insistently(Runner::Node).await.expect("it runs")
    }

    #[tokio::test]
    async fn who_fails_is_heard_once_more_and_that_is_told() {
        let Outcome {
            counts, is_second, ..
        } = outcome(true).await;
        let expected = Counts {
            passed: 1,
            failed: 0,
        };
        assert_eq!((counts, is_second), (expected, true));
    }

    #[tokio::test]
    async fn what_failed_is_kept_to_be_said_again() {
        let check = ["-c", "echo 'n5 BROKEN'; echo why >&2; exit 1"];
        let step = Step::new("check", Path::new("sh"), &check, &[]);
        let outcome = step.quietly().await.expect("it runs");
        assert_eq!(outcome.failures, ["n5 BROKEN", "why"]);
        let tests = ["-c", "echo '✔ one'; echo '✖ two'; echo 'ℹ fail 1'; exit 1"];
        let step = Step::new("tests", Path::new("sh"), &tests, &[]);
        let outcome = step.aloud(Runner::Node).await.expect("it runs");
        assert_eq!(outcome.failures, ["✖ two"]);
    }

    #[tokio::test]
    async fn where_somebody_sits_nothing_is_tried_twice() {
        let outcome = outcome(false).await;
        assert_eq!((outcome.counts.failed, outcome.is_second), (1, false));
    }
}
