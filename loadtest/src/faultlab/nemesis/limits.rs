//! A gateway that has no file descriptors left.

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context, Result, ensure};
use devstack::tools;
use nix::unistd::{SysconfVar, sysconf};
use tokio::{
    net::TcpStream,
    process::Command,
    time::{Instant, sleep, timeout},
};

use super::{Skipped, Strike};

/// Descriptors that are left for newcomers.
const SPARE: usize = 6;
/// Newcomers who say nothing.
const CALLERS: usize = 96;
/// So long a gateway that takes connections takes to answer one.
const ANSWER: Duration = Duration::from_secs(2);
/// It answers again so soon after it can.
const RECOVERY: Duration = Duration::from_secs(8);
const POLL: Duration = Duration::from_millis(100);
/// Of one core: more would mean that it asks again and again whether it can accept.
const BUSY_MAX: f64 = 0.6;
/// Lines in the log about it: the news, and a reminder now and then.
const LINES_MAX: usize = 5;
const COMPLAINT: &str = "accept failed";

/// Takes a gateway's descriptors away: it refuses newcomers, keeps whom it has, neither spins nor floods its log, and
/// recovers.
pub(super) async fn starve_gateway(strike: &mut Strike<'_>) -> Result<String> {
    let node = strike.lab.fleet.gateway(0);
    let process = Victim {
        pid: node.pid().context("the gateway runs")?,
        log: node.log(),
    };
    let (url, target) = (node.url.clone(), &strike.lab.gateways[0]);
    let client = reqwest::Client::builder()
        .no_proxy()
        .timeout(ANSWER)
        // A connection that is kept would need no new descriptor.
        .pool_max_idle_per_host(0)
        .build()?;
    let is_open = async || client.get(&url).send().await.is_ok();
    ensure!(is_open().await, "the gateway is closed already");

    let before = strike.crowd.world.reconnects();
    let limit = process.limit()?;
    let lines = process.complaints()?;
    process.set_limit(process.open()? + SPARE).await?;
    let mut callers = Vec::new();
    for _ in 0..CALLERS {
        // They wait to be accepted, and the queue for that has an end too.
        let calling = timeout(ANSWER, TcpStream::connect(target.address)).await;
        callers.extend(calling.ok().and_then(Result::ok));
    }
    let (began, ticks) = (Instant::now(), process.ticks()?);
    let mut refusals = 0;
    while began.elapsed() < strike.span {
        ensure!(!is_open().await, "a gateway without descriptors answered");
        refusals += 1;
        sleep(POLL).await;
    }
    let busy = process.seconds_since(ticks)? / began.elapsed().as_secs_f64();
    let lines = process.complaints()? - lines;
    process.set_limit(limit).await?;
    drop(callers);
    let freed = Instant::now();
    while !is_open().await {
        ensure!(freed.elapsed() < RECOVERY, "the gateway stays closed");
        sleep(POLL).await;
    }
    let back = freed.elapsed().as_secs_f64();

    let lost = strike.crowd.world.reconnects() - before;
    ensure!(lost == 0, "{lost} connections ended that were there before");
    ensure!(busy < BUSY_MAX, "the gateway was busy {busy:.2} of a core");
    ensure!(
        (1..=LINES_MAX).contains(&lines),
        "{lines} lines in the log about it"
    );
    Ok(format!(
        "{refusals} newcomers refused, {lines} lines in the log, {busy:.2} of a core, open again after {back:.1} s"
    ))
}

/// The process whose descriptors are taken away.
struct Victim {
    pid: i32,
    log: PathBuf,
}

impl Victim {
    fn proc(&self, name: &str) -> PathBuf {
        Path::new("/proc").join(self.pid.to_string()).join(name)
    }

    /// Returns how many descriptors are in use.
    fn open(&self) -> Result<usize> {
        Ok(fs::read_dir(self.proc("fd"))?.count())
    }

    /// Returns how many it may have.
    fn limit(&self) -> Result<usize> {
        let limits = fs::read_to_string(self.proc("limits"))?;
        let line = limits
            .lines()
            .find_map(|line| line.strip_prefix("Max open files"));
        let soft = line.and_then(|line| line.split_whitespace().next());
        Ok(soft.context("no limit of open files")?.parse()?)
    }

    async fn set_limit(&self, soft: usize) -> Result<()> {
        let prlimit = tools::on_path("prlimit").ok_or_else(|| {
            Skipped(format!(
                "prlimit is missing. Type: {}",
                tools::hint("util-linux")
            ))
        })?;
        let mut command = Command::new(prlimit);
        command
            .args(["--pid", &self.pid.to_string()])
            .arg(format!("--nofile={soft}:"));
        tools::run(&mut command).await.map(drop)
    }

    /// Returns how often the log says that nobody can be let in.
    fn complaints(&self) -> Result<usize> {
        let log = fs::read_to_string(&self.log)?;
        let complaints = log.lines().filter(|line| line.contains(COMPLAINT));
        Ok(complaints.count())
    }

    /// Returns the processor time that was used, in ticks of the kernel.
    fn ticks(&self) -> Result<u64> {
        let stat = fs::read_to_string(self.proc("stat"))?;
        // The name before it may hold anything, but ends with the last parenthesis.
        let (_, fields) = stat.rsplit_once(')').context("no name in stat")?;
        let times = fields.split_whitespace().skip(11).take(2);
        Ok(times.map(str::parse::<u64>).sum::<Result<_, _>>()?)
    }

    fn seconds_since(&self, ticks: u64) -> Result<f64> {
        let per_second = sysconf(SysconfVar::CLK_TCK)?.context("no length of a tick")?;
        Ok((self.ticks()? - ticks) as f64 / per_second as f64)
    }
}
