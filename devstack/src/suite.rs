//! `cargo dev test`: every check and test of the repository, with one line of counts at the end.

mod counts;
mod fuzz;
mod step;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context, Result};

pub use counts::{Counts, Runner};

use self::step::{Outcome, Step};
use crate::fleet::{Fleet, FleetOptions, default_dir};
use crate::tools::{self, Tools, on_path};
use crate::{binaries, checkout, ports, process, screen, supervisor, up, web};

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
    let dir = directory("test")?;
    let _lock = up::lock(&dir)?;
    let mut suite = Suite::new(dir).await?;
    let (_postgres, url) = up::test_postgres(&suite.tools, &suite.dir).await?;
    suite.env.push(("HUBBUB_TEST_POSTGRES".into(), url));
    suite.add_clients().await?;
    if nextest.is_empty() {
        suite.check().await?;
    }
    if suite.build().await? {
        suite.rust(nextest).await?;
        if nextest.is_empty() {
            suite.fuzz().await?;
            suite.faults().await?;
            suite.typescript().await?;
            suite.deployment().await?;
            suite.browsers(&[]).await?;
        }
    }
    Ok(report(&suite.outcomes, started))
}

/// Runs only the browser tests, or the given files of them.
///
/// # Errors
/// Fails when the tools or stores cannot be had; a failing test is not an error but an exit code.
pub async fn browsers(files: &[String]) -> Result<ExitCode> {
    let started = Instant::now();
    let dir = directory("browsers")?;
    let _lock = up::lock(&dir)?;
    let mut suite = Suite::new(dir).await?;
    suite.add_clients().await?;
    if suite.build().await? {
        suite.browsers(files).await?;
    }
    Ok(report(&suite.outcomes, started))
}

/// Looks for bytes that break what the targets of `fuzz/` promise, for so many seconds each; without names, all of them.
///
/// # Errors
/// Fails when there is no such target; a finding is not an error but an exit code.
pub async fn fuzz(targets: &[String], seconds: u64) -> Result<ExitCode> {
    let started = Instant::now();
    let outcomes = fuzz::run(targets, seconds, &[]).await?;
    Ok(report(&outcomes, started))
}

/// Makes the state directory of a kind of run.
fn directory(name: &str) -> Result<PathBuf> {
    let dir = default_dir()?.join(name);
    std::fs::create_dir_all(&dir)?;
    Ok(dir)
}

impl Suite {
    async fn new(dir: PathBuf) -> Result<Self> {
        let tools = Tools::find().await?;
        tools::make().await?;
        let mut env = tools.variables();
        let bin = dir.join("bin").display().to_string();
        env.push((binaries::VARIABLE.into(), bin));
        Ok(Self {
            dir,
            tools,
            env,
            outcomes: Vec::new(),
        })
    }

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
            let profile = if step::is_ci() { "ci" } else { "default" };
            (
                Runner::Nextest,
                vec!["nextest", "run", "--profile", profile],
            )
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

    /// Looks for bytes that break whoever reads them, for a bounded time.
    async fn fuzz(&mut self) -> Result<()> {
        let outcomes = fuzz::run(&[], fuzz::seconds_of_suite(), &self.env).await?;
        self.outcomes.extend(outcomes);
        Ok(())
    }

    /// Breaks everything that can break, one after the other, and checks that the guarantee was kept.
    async fn faults(&mut self) -> Result<()> {
        let args = [
            "run", "--quiet", "-p", "loadtest", "--", "faultlab", "--all", "--short",
        ];
        let outcome = Step::cargo("faultlab", &args, &self.env).quietly().await?;
        self.outcomes.push(outcome);
        Ok(())
    }

    /// Checks and tests what is written in TypeScript: the SDK and the web client.
    async fn typescript(&mut self) -> Result<()> {
        tools::npm_ci(&checkout::root()).await?;
        let npm = on_path("npm").context("npm is missing")?;
        let scripts = [
            ("prettier", ["run", "format"].as_slice()),
            ("oxlint", ["run", "lint"].as_slice()),
            ("tsc", ["run", "types"].as_slice()),
            ("redocly", ["run", "lint:contract"].as_slice()),
            ("sdk", ["run", "check", "--workspace", "sdk"].as_slice()),
        ];
        for (name, args) in scripts {
            let outcome = Step::new(name, &npm, args, &self.env).quietly().await?;
            self.outcomes.push(outcome);
        }
        let outcome = Step::new("vitest", &npm, &["test"], &self.env)
            .insistently(Runner::Vitest)
            .await?;
        self.outcomes.push(outcome);
        let node = on_path("node").context("node is missing")?;
        let args = ["--test", "--test-reporter=spec", "web/bots"];
        let outcome = Step::new("bots", &node, &args, &self.env)
            .aloud(Runner::Node)
            .await?;
        self.outcomes.push(outcome);
        Ok(())
    }

    /// Tests what installs the product: images, chart, Terraform, workflows; and runs it as the chart would.
    async fn deployment(&mut self) -> Result<()> {
        let python = tools::deployment_python().await?;
        let args = ["-m", "pytest", "-q", "-rs", "deploy/tests"];
        let mut env = self.env.clone();
        env.push(("HUBBUB_SKIPS".into(), "terraform".into()));
        let step = Step::new("deploy", &python, &args, &env);
        self.outcomes.push(step.insistently(Runner::Pytest).await?);
        Ok(())
    }

    /// Runs the tests of `e2e/` with stock clients and a real browser against two gateways.
    async fn browsers(&mut self, files: &[String]) -> Result<()> {
        let site = web::build().await?;
        let chromium = tools::browser().await?;
        // Where the tests put a load balancer, and where they serve the web client from elsewhere.
        let balancer = ports::free(&[])?;
        let host = ports::free(&[balancer])?;
        let options = FleetOptions::new(&self.dir.join("e2e"))
            .site(&site)
            .origin(&format!("http://localhost:{balancer}"))
            .origin(&format!("http://localhost:{host}"));
        let bin = self.dir.join("bin");
        let mut fleet = Fleet::start_with(&self.tools, &bin, options)
            .await
            .context("the fleet of the browser tests")?;
        let mut env = self.env.clone();
        env.push(("HUBBUB_CHROMIUM".into(), chromium.display().to_string()));
        env.extend(describe(&fleet));
        env.push(("HUBBUB_BALANCER_PORT".into(), balancer.to_string()));
        env.push(("HUBBUB_HOST_PORT".into(), host.to_string()));
        if files.is_empty() {
            let npm = on_path("npm").context("npm is missing")?;
            let args = ["test", "--workspace", "sdk", "--", "test/live.test.ts"];
            let step = Step::new("sdk live", &npm, &args, &env);
            self.outcomes.push(step.insistently(Runner::Vitest).await?);
        }
        let node = on_path("node").context("node is missing")?;
        // One file after the other: some kill a gateway that the others talk to.
        let mut args = vec!["--test", "--test-reporter=spec", "--test-concurrency=1"];
        args.extend(files.iter().map(String::as_str));
        let mut step = Step::new("browsers", &node, &args, &env);
        step.folder = checkout::root().join("e2e");
        // Tests kill gateways; who is killed comes back.
        let outcome = tokio::select! {
            outcome = step.insistently(Runner::Node) => outcome?,
            () = supervisor::watch(&mut fleet) => anyhow::bail!("the supervisor ended"),
        };
        self.outcomes.push(outcome);
        fleet.stop().await;
        Ok(())
    }
}

fn report(outcomes: &[Outcome], started: Instant) -> ExitCode {
    let mut total = Counts::default();
    for outcome in outcomes.iter().filter(|it| it.counts.failed > 0) {
        screen::say(&format!("\n  {} failed:", outcome.name));
        for line in &outcome.failures {
            screen::say(&format!("    {line}"));
        }
    }
    screen::say("");
    for outcome in outcomes {
        let Outcome {
            name,
            counts,
            took,
            is_second,
            ..
        } = outcome;
        let result = match (counts.failed, is_second) {
            (0, false) => "ok",
            (0, true) => "ok (2)",
            _ => "FAILED",
        };
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
        ("HUBBUB_STATE".into(), fleet.dir().display().to_string()),
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
