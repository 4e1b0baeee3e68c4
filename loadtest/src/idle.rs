//! The scenario `idle`: connections that do nothing; what they cost in memory and CPU.

use std::time::{Duration, Instant};

use crate::{
    machine::Machine,
    plan::Plan,
    procs,
    report::{PerConnection, Report, Shape, cpu_of},
    stage::{Servers, Stage},
    traffic::connection_troubles,
};

/// Runs the scenario for so long.
///
/// # Errors
/// When the run could not be carried out.
pub async fn run(servers: &Servers, plan: Plan, length: Duration) -> anyhow::Result<Report> {
    let mut machine = Machine::describe();
    let mut stage = Stage::set(servers, plan, 0).await?;
    let plan = stage.shared.plan.clone();
    let memory_after = servers.groups.gateway_memory();
    let cpu_before = servers.groups.cpu();
    let started = Instant::now();
    // The passing of time is what is measured here.
    tokio::time::sleep(length).await;
    let measured = started.elapsed();
    let used = procs::growth(&cpu_before, servers.groups.cpu());
    let records = stage.strike().await?;
    machine.finish();
    let units = plan.connections as f64 * measured.as_secs_f64();
    Ok(Report {
        scenario: "idle",
        machine,
        shape: Shape::of(&plan, 0, measured),
        traffic: None,
        cpu: cpu_of(&used, &servers.groups.counts(), units),
        memory: PerConnection::of(stage.memory_before, memory_after, plan.connections),
        verdict: None,
        troubles: connection_troubles(&records),
    })
}
