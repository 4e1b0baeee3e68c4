//! The same phases on several servers in turn, so that whatever else the machine does meets all of them alike.

use super::{Options, Scenario, course::Course, median, plan};
use crate::{
    outcome::{Outcome, Stretch},
    schedule::Phase,
    stage::Servers,
};

/// Runs each phase on every server before the next, and all of that so many times. Everyone's connections stay open
/// throughout. Returns one outcome for each server, in their order, with a stretch for every lap.
///
/// # Errors
/// When a run could not be carried out.
pub async fn duel(
    scenario: Scenario,
    fields: &[&Servers],
    options: &Options,
    phases: &[(&str, Phase)],
    rounds: usize,
) -> anyhow::Result<Vec<Outcome>> {
    let mut courses = Vec::new();
    for servers in fields {
        let all = (0..rounds).flat_map(|_| phases.iter().map(|(_, phase)| *phase));
        let plan = plan(servers, options).with_phases(all.collect());
        courses.push(Course::begin(scenario, servers, plan, options, false).await?);
    }
    for _ in 0..rounds {
        for (label, _) in phases {
            for course in &mut courses {
                course.lap(label).await?;
            }
        }
    }
    let mut outcomes = Vec::new();
    for course in courses {
        outcomes.push(course.finish(|_| Vec::new()).await?);
    }
    Ok(outcomes)
}

/// Returns the median of a figure over all laps of one label.
#[must_use]
pub fn over_laps(outcome: &Outcome, label: &str, of: impl Fn(&Stretch) -> f64) -> f64 {
    let laps = outcome.stretches.iter().filter(|it| it.label == label);
    median(laps.map(of))
}
