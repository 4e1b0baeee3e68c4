//! The way of a scenario: everyone takes their places, one lap follows the other, and at the end it is added up.

use std::{sync::Arc, time::Duration};

use crate::{
    bot::Record,
    dialect::Dialect,
    finals, histcheck,
    lap::{self, Lap},
    machine::Machine,
    outcome::{Measure, Outcome, Stretch},
    peer,
    plan::Plan,
    progress::Progress,
    report::{PerConnection, Shape},
    scenario::{Options, Scenario},
    shared::Shared,
    stage::{Manners, Servers, Stage},
    tally::Tally,
    traffic,
};

/// A run under way.
pub(super) struct Course<'a> {
    pub(super) servers: &'a Servers,
    pub(super) stage: Stage,
    scenario: Scenario,
    machine: Machine,
    memory: Option<PerConnection>,
    laps: Vec<(String, Lap)>,
    _progress: Progress,
}

/// What figures are computed from.
pub(super) struct Seen<'a> {
    pub(super) shared: &'a Shared,
    pub(super) records: &'a [Record],
    pub(super) stretches: &'a [Stretch],
    pub(super) tally: &'a Tally,
}

impl<'a> Course<'a> {
    /// Lets everyone take their places. `is_patient`: senders wait as long as they are asked to.
    pub(super) async fn begin(
        scenario: Scenario,
        servers: &'a Servers,
        plan: Plan,
        options: &Options,
        is_patient: bool,
    ) -> anyhow::Result<Self> {
        let manners = Manners {
            is_patient,
            ..Manners::default()
        };
        Self::begin_with(scenario, servers, plan, options, manners).await
    }

    /// Lets everyone take their places who have manners of their own.
    pub(super) async fn begin_with(
        scenario: Scenario,
        servers: &'a Servers,
        plan: Plan,
        options: &Options,
        manners: Manners,
    ) -> anyhow::Result<Self> {
        let machine = Machine::describe();
        let connections = plan.connections;
        let stage = Stage::set_with(servers, plan, options.body, manners).await?;
        let grown = servers.groups.gateway_memory();
        let memory = PerConnection::of(stage.memory_before, grown, connections);
        let progress = Progress::show(stage.shared.clone());
        Ok(Self {
            servers,
            stage,
            scenario,
            machine,
            memory,
            laps: Vec::new(),
            _progress: progress,
        })
    }

    /// Returns what each connection costs now. What is reported otherwise is from when the last had taken its place.
    pub(super) fn memory(&self) -> Option<PerConnection> {
        let grown = self.servers.groups.gateway_memory();
        PerConnection::of(
            self.stage.memory_before,
            grown,
            self.stage.shared.plan.connections,
        )
    }

    /// Runs the next phase.
    pub(super) async fn lap(&mut self, label: &str) -> anyhow::Result<()> {
        let lap = lap::run(self.servers, &self.stage, self.laps.len()).await?;
        self.laps.push((label.to_owned(), lap));
        Ok(())
    }

    /// Ends it: the rest arrives, the server tells what it stored, everything is added up.
    pub(super) async fn finish(
        mut self,
        measures: impl FnOnce(&Seen<'_>) -> Vec<Measure>,
    ) -> anyhow::Result<Outcome> {
        self.stage.calm().await;
        let finals = match self.servers.dialect() {
            Dialect::Hubbub => Some(finals::read(&self.stage).await?),
            _ => None,
        };
        let records = self.stage.strike().await?;
        self.machine.finish();
        let shared: Arc<Shared> = self.stage.shared.clone();
        let stretches: Vec<Stretch> = self
            .laps
            .iter()
            .map(|(label, lap)| Stretch::of(label, lap, &shared, &records, self.servers))
            .collect();
        let tally = Tally::of(&shared.plan, &records);
        let seen = Seen {
            shared: &shared,
            records: &records,
            stretches: &stretches,
            tally: &tally,
        };
        let measures = measures(&seen);
        let troubles = troubles(&seen);
        let verdict =
            finals.map(|finals| histcheck::check(&finals::history(&shared.plan, records, finals)));
        let seconds: f64 = stretches.iter().map(|stretch| stretch.seconds).sum();
        Ok(Outcome {
            scenario: self.scenario.name(),
            server: server_name(self.servers),
            machine: self.machine,
            shape: Shape::of(
                &shared.plan,
                shared.body_length,
                Duration::from_secs_f64(seconds),
            ),
            stretches,
            measures,
            memory: self.memory,
            tally: Some(tally),
            verdict,
            notes: Vec::new(),
            troubles,
        })
    }
}

/// What cannot be in a healthy run. That a message is refused or held back is the server's right.
fn troubles(seen: &Seen<'_>) -> Vec<String> {
    let mut troubles = traffic::connection_troubles(seen.records);
    let nobody = seen.stretches.iter().all(|it| it.traffic.acked == 0);
    if nobody && !seen.stretches.is_empty() {
        troubles.push("no message was acknowledged".to_owned());
    }
    troubles
}

/// Returns what reports call the servers.
pub(super) fn server_name(servers: &Servers) -> &'static str {
    servers.peer().map_or("Hubbub", peer::Peer::name)
}
