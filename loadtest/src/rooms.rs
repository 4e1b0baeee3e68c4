//! The scenario `rooms`: everyone talks in their rooms at a fixed total rate, then the history is checked.

use std::time::Duration;

use crate::{
    finals, histcheck, lap,
    machine::Machine,
    plan::Plan,
    report::{PerConnection, Report, Shape, cpu_of},
    stage::{Servers, Stage},
    traffic,
};

/// Runs the scenario.
///
/// # Errors
/// When the run could not be carried out; a broken promise is not an error but in the report.
pub async fn run(servers: &Servers, plan: Plan, body_length: usize) -> anyhow::Result<Report> {
    let mut machine = Machine::describe();
    let mut stage = Stage::set(servers, plan, body_length).await?;
    let shared = stage.shared.clone();
    let memory_after = servers.groups.gateway_memory();
    let lap = lap::run(servers, &stage, 0).await?;
    let finals = finals::read(&stage).await?;
    let records = stage.strike().await?;
    machine.finish();
    let traffic = traffic::of(&records, &(0..shared.plan.messages), lap.seconds);
    let troubles = traffic::troubles(&records, &traffic);
    let units = traffic.deliveries as f64;
    let verdict = histcheck::check(&finals::history(&shared.plan, records, finals));
    Ok(Report {
        scenario: "rooms",
        machine,
        shape: Shape::of(
            &shared.plan,
            body_length,
            Duration::from_secs_f64(lap.seconds),
        ),
        traffic: Some(traffic),
        cpu: cpu_of(&lap.cpu, &servers.groups.counts(), units),
        memory: PerConnection::of(stage.memory_before, memory_after, shared.plan.connections),
        verdict: Some(verdict),
        troubles,
    })
}
