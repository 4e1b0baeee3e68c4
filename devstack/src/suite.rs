//! `cargo dev test`: every check and test of the repository, with one line of counts at the end.

mod counts;
mod step;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context, Result};

pub use counts::{Counts, Runner};

use self::step::{Outcome, Step};
use crate::fleet::{Fleet, FleetOptions, default_dir};
use crate::tools::{self, Tools, on_path};
use crate::{binaries, checkout, process, screen, up};

type Variables = Vec<(String, String)>;

/// What the steps share.
struct Suite {
    dir: PathBuf,
    tools: Tools,
    env: Variables,
    outcomes: Vec<Outcome>,
}

/// Runs everything, or with `nextest` arguments only the Rust tests that they choose.
///
/// # Errors
/// Fails when the tools or stores cannot be had; a failing step is not an error but an exit code.
pub async fn run(nextest: &[String]) -> Result<ExitCode> {
    let started = Instant::now();
    let dir = default_dir()?.join("test");
    std::fs::create_dir_all(&dir)?;
    let _lock = up::lock(&dir)?;
    let tools = Tools::find().await?;
    let (_postgres, url) = up::test_postgres(&tools, &dir).await?;
    let mut env = tools.variables();
    env.push(("HUBBUB_TEST_POSTGRES".into(), url));
    env.push((
        binaries::VARIABLE.into(),
        dir.join("bin").display().to_string(),
    ));
    let mut suite = Suite {
        dir,
        tools,
        env,
        outcomes: Vec::new(),
    };
    suite.add_clients().await?;
    if nextest.is_empty() {
        suite.check().await?;
    }
    if suite.build().await? {
        suite.rust(nextest).await?;
        if nextest.is_empty() {
            suite.browsers().await?;
        }
    }
    Ok(suite.report(started))
}

impl Suite {
    /// Installs the stock clients that tests talk with; a machine without them shows in the tests that need them.
    async fn add_clients(&mut self) -> Result<()> {
        let (grpcurl, python) = (tools::grpcurl().await?, tools::python().await?);
        self.env
            .push(("HUBBUB_GRPCURL".into(), grpcurl.display().to_string()));
        self.env
            .push(("HUBBUB_PYTHON".into(), python.display().to_string()));
        Ok(())
    }

    async fn check(&mut self) -> Result<()> {
        let clippy = [
            "clippy",
            "--workspace",
            "--all-targets",
            "--features",
            binaries::FEATURES,
            "--",
            "-D",
            "warnings",
        ];
        for (name, args) in [
            ("format", ["fmt", "--all", "--check"].as_slice()),
            ("clippy", clippy.as_slice()),
            ("tidy", ["xtask", "tidy"].as_slice()),
        ] {
            let outcome = Step::cargo(name, args, &self.env).quietly().await?;
            self.outcomes.push(outcome);
        }
        Ok(())
    }

    /// Builds the services and puts copies aside: a later build with other features would replace them in `target/`.
    async fn build(&mut self) -> Result<bool> {
        let features = ["build", "--features", binaries::FEATURES];
        let packages = binaries::NAMES.iter().flat_map(|name| ["-p", name]);
        let args: Vec<&str> = features.into_iter().chain(packages).collect();
        let outcome = Step::cargo("build", &args, &self.env).quietly().await?;
        let is_built = outcome.counts.failed == 0;
        self.outcomes.push(outcome);
        if is_built {
            let own = binaries::own_folder()?;
            let built = own.with_file_name("debug");
            let bin = self.dir.join("bin");
            std::fs::create_dir_all(&bin)?;
            for name in binaries::NAMES {
                // Copied beside and renamed: a leftover process may still execute the old file.
                let fresh = bin.join(format!("{name}.new"));
                std::fs::copy(built.join(name), &fresh)?;
                std::fs::rename(fresh, bin.join(name))?;
            }
        }
        Ok(is_built)
    }

    async fn rust(&mut self, chosen: &[String]) -> Result<()> {
        let has_nextest = on_path("cargo-nextest").is_some();
        let (runner, mut args) = if has_nextest {
            (Runner::Nextest, vec!["nextest", "run"])
        } else {
            (Runner::Cargo, vec!["test", "--no-fail-fast"])
        };
        if !chosen
            .iter()
            .any(|arg| arg == "-p" || arg.starts_with("--package"))
        {
            args.extend(["--workspace", "--features", binaries::FEATURES]);
        }
        args.extend(chosen.iter().map(String::as_str));
        let outcome = Step::cargo("tests", &args, &self.env).aloud(runner).await?;
        self.outcomes.push(outcome);
        Ok(())
    }

    /// Runs the tests of `e2e/` with stock clients and a real browser against two gateways.
    async fn browsers(&mut self) -> Result<()> {
        let folder = checkout::root().join("e2e");
        if !folder.join("package.json").exists() {
            return Ok(());
        }
        tools::npm_ci(&folder).await?;
        let chromium = tools::browser().await?;
        let options = FleetOptions::new(&self.dir.join("e2e"));
        let bin = self.dir.join("bin");
        let fleet = Fleet::start_with(&self.tools, &bin, options)
            .await
            .context("the fleet of the browser tests")?;
        let mut env = self.env.clone();
        env.push(("HUBBUB_CHROMIUM".into(), chromium.display().to_string()));
        env.extend(describe(&fleet));
        let node = on_path("node").context("node is missing")?;
        let mut step = Step::new("browsers", &node, &["--test", "--test-reporter=spec"], &env);
        step.folder = folder;
        let outcome = step.aloud(Runner::Node).await?;
        self.outcomes.push(outcome);
        fleet.stop().await;
        Ok(())
    }

    fn report(&self, started: Instant) -> ExitCode {
        let mut total = Counts::default();
        screen::say("");
        for outcome in &self.outcomes {
            let Outcome { name, counts, took } = outcome;
            let result = if counts.failed == 0 { "ok" } else { "FAILED" };
            let took = screen::seconds(*took);
            screen::say(&format!(
                "  {name:<10} {result:<7} {:>5} passed {:>4} failed  {took}",
                counts.passed, counts.failed
            ));
            total += *counts;
        }
        screen::say(&format!(
            "  {:<10} {}\n",
            "all",
            screen::seconds(started.elapsed())
        ));
        screen::say(&format!("{} passed, {} failed", total.passed, total.failed));
        if total.failed == 0 {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        }
    }
}

/// Returns the variables that tell clients where a fleet is and who may do what.
fn describe(fleet: &Fleet) -> Variables {
    let urls: Vec<&str> = fleet
        .nodes()
        .iter()
        .map(|node| node.url.as_str())
        .filter(|url| !url.is_empty())
        .collect();
    let (admin, password) = fleet.admin();
    vec![
        ("HUBBUB_GATEWAYS".into(), urls.join(",")),
        ("HUBBUB_ADMIN".into(), format!("{admin}:{password}")),
        (
            "HUBBUB_LOGS".into(),
            logs(fleet.dir()).display().to_string(),
        ),
    ]
}

fn logs(dir: &Path) -> PathBuf {
    process::log_path(dir, "any")
        .parent()
        .map(Path::to_path_buf)
        .unwrap_or_default()
}
