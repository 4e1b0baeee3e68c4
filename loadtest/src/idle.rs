//! The scenario `idle`: connections that do nothing; what they cost in memory and CPU.

use std::time::{Duration, Instant};

use crate::{
    machine::Machine,
    plan::Plan,
    report::{PerConnection, Report, Shape, cpu_between},
    rooms::connection_troubles,
    stage::{Servers, Stage},
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
    let cpu_after = servers.groups.cpu();
    let records = stage.strike().await?;
    machine.finish();
    let units = plan.connections as f64 * measured.as_secs_f64();
    Ok(Report {
        scenario: "idle",
        machine,
        shape: Shape::of(&plan, 0, measured),
        traffic: None,
        cpu: cpu_between(&cpu_before, &cpu_after, &servers.groups.counts(), units),
        memory: PerConnection::of(stage.memory_before, memory_after, plan.connections),
        verdict: None,
        troubles: connection_troubles(&records),
    })
}
