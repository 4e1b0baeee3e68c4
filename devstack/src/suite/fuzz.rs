//! Looks for bytes that break what the targets of `fuzz/` promise, starting from their corpus.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use futures::{StreamExt, TryStreamExt, stream};
use tokio::process::Command;

use super::Variables;
use super::counts::Counts;
use super::step::{Outcome, Step};
use crate::{binaries, checkout, screen};

/// Seconds per target in the suite; `HUBBUB_FUZZ_SECONDS` says otherwise.
const SECONDS: u64 = 10;
/// The same for everybody: what one machine finds on its way from the corpus, others find too. What led somewhere new is
/// kept, so a longer search does not go the same way twice.
const SEED: u32 = 1;
/// Most bytes of an input. Every reader has bounds that are reached with fewer, or refuses whatever is longer.
const INPUT_MAX: usize = 8 * 1024;
/// An input that takes longer is a finding, in seconds.
const INPUT_SECONDS: u64 = 10;
/// A target that needs more memory has a finding, in MiB.
const MEMORY_MIB: u64 = 1_024;
/// How much of what the engine says is shown with a finding, in lines.
const LINES_SHOWN: usize = 60;

/// Returns for how many seconds the suite tries each target.
pub(super) fn seconds_of_suite() -> u64 {
    let said = checkout::variable("HUBBUB_FUZZ_SECONDS");
    let said = said.and_then(|said| said.to_str().and_then(|said| said.parse().ok()));
    said.unwrap_or(SECONDS)
}

/// Builds the engine and tries the chosen targets, or all, for so many seconds each. A finding is a failure of its
/// target, and lies as a file in the target's corpus.
///
/// # Errors
/// Fails when there is no such target or the engine cannot be started.
pub(super) async fn run(
    chosen: &[String],
    seconds: u64,
    env: &[(String, String)],
) -> Result<Vec<Outcome>> {
    let targets = targets(chosen)?;
    let built = build(env).await?;
    if built.counts.failed > 0 {
        return Ok(vec![built]);
    }
    Ok(vec![built, search(&targets, seconds).await?])
}

/// Every folder of the corpus is a target: a test of `fuzz` sees to that.
fn targets(chosen: &[String]) -> Result<Vec<String>> {
    let folders = std::fs::read_dir(corpus()).context("no corpus")?;
    let names = folders.map(|folder| Ok(folder?.file_name().to_string_lossy().into_owned()));
    let mut targets = names.collect::<Result<Vec<_>>>()?;
    targets.sort();
    for name in chosen {
        ensure!(
            targets.contains(name),
            "`{name}` is none of {}",
            targets.join(", ")
        );
    }
    targets.retain(|name| chosen.is_empty() || chosen.contains(name));
    Ok(targets)
}

fn corpus() -> PathBuf {
    checkout::root().join("fuzz/corpus")
}

/// Builds the engine, and our own crates with counters; what they depend on is that of every other build.
async fn build(env: &[(String, String)]) -> Result<Outcome> {
    let mut env: Variables = env.to_vec();
    let wrapper = checkout::root().join("fuzz/rustc-with-counters.sh");
    env.push((
        "RUSTC_WORKSPACE_WRAPPER".into(),
        wrapper.display().to_string(),
    ));
    let args = ["build", "-p", "fuzz", "--features", "engine"];
    Step::cargo("fuzz build", &args, &env).quietly().await
}

async fn search(targets: &[String], seconds: u64) -> Result<Outcome> {
    let started = Instant::now();
    let engine = binaries::own_folder()?.with_file_name("debug").join("fuzz");
    let at_once = std::thread::available_parallelism().map_or(1, usize::from);
    let searches = targets
        .iter()
        .map(|target| search_one(&engine, target, seconds));
    let searches = stream::iter(searches).buffer_unordered(at_once);
    let held: Vec<bool> = screen::during("fuzz", searches.try_collect()).await?;
    let failed = held.iter().filter(|held| !**held).count() as u64;
    Ok(Outcome {
        name: "fuzz",
        counts: Counts {
            passed: held.len() as u64 - failed,
            failed,
        },
        took: started.elapsed(),
        is_second: false,
        failures: Vec::new(),
    })
}

/// Tries one target; returns whether its properties held.
async fn search_one(engine: &Path, target: &str, seconds: u64) -> Result<bool> {
    let corpus = corpus().join(target);
    // What leads somewhere new is kept here and is where the next search begins; the checked-in corpus gets findings.
    let grown = engine.with_file_name("fuzz-corpus").join(target);
    std::fs::create_dir_all(&grown)?;
    let mut command = Command::new(engine);
    command
        .env("HUBBUB_FUZZ", target)
        .arg(format!("-max_total_time={seconds}"))
        .arg(format!("-seed={SEED}"))
        .arg(format!("-max_len={INPUT_MAX}"))
        .arg(format!("-timeout={INPUT_SECONDS}"))
        // Slow is what takes longer than that; the engine would also write down what is only slower than the rest.
        .arg("-report_slow_units=3600")
        .arg(format!("-rss_limit_mb={MEMORY_MIB}"))
        .arg(format!("-artifact_prefix={}/", corpus.display()))
        .args(["-print_final_stats=1", "-use_value_profile=1"])
        .args([&grown, &corpus])
        .stdin(Stdio::null())
        .kill_on_drop(true);
    let output = command.output().await.context("the engine")?;
    let said = String::from_utf8_lossy(&output.stderr);
    let is_held = output.status.success();
    let tried = said
        .lines()
        .find_map(|line| line.strip_prefix("stat::number_of_executed_units:"))
        .map_or("?", str::trim);
    let word = if is_held { "held" } else { "BROKEN" };
    screen::say(&format!("    {target:<12} {word:<7} {tried:>9} inputs"));
    if !is_held {
        let lines: Vec<&str> = said.lines().collect();
        let shown = lines.len().saturating_sub(LINES_SHOWN);
        screen::warn(&lines[shown..].join("\n"));
    }
    Ok(is_held)
}
