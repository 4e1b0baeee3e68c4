//! The soak: everything at once, round after round, in one lab; and at its end the question whether every process holds
//! what it held before (C14), and whether a secret was written down (C15).
//!
//! A round is a run of the lab with its own people in new rooms, judged like any other. Between rounds nobody is
//! connected, and resources are read.

mod report;
mod storm;

use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use super::{
    Options, SHORT,
    canaries::{self, Canaries},
    conclude,
    lab::Lab,
    nemesis::Nemesis,
    one,
    resources::{self, Line, Snapshot},
    say, sign_up,
    verdict::Row,
};

pub use report::Soaked;

/// The shortest and longest storm of a round.
const STORM: (Duration, Duration) = (Duration::from_secs(5), Duration::from_secs(15));
/// Until this part of the time any process may die: that is the warm-up.
const WARM: f64 = 0.3;
/// From this part on only stores die and links break, so that every process comes to a baseline.
const SPARED: f64 = 0.6;
/// The first gives a baseline, the second is compared with it.
const FEWEST_SPARED: usize = 2;
/// Figures that are not back at once get so long.
const PATIENCE: Duration = Duration::from_secs(60);

/// How far a soak is.
#[derive(Debug)]
struct Course {
    duration: Duration,
    /// Rounds in which any process might die.
    warm: usize,
    /// Rounds in which none might.
    spared: usize,
}

impl Course {
    fn of(duration: Duration) -> Self {
        Self {
            duration,
            warm: 0,
            spared: 0,
        }
    }

    /// How long each storm lasts.
    fn storm(&self) -> Duration {
        (self.duration / 10).clamp(STORM.0, STORM.1)
    }

    /// Chooses the next round, if there is one.
    fn next(&mut self, elapsed: Duration) -> Option<Nemesis> {
        let part = elapsed.as_secs_f64() / self.duration.as_secs_f64();
        if part >= 1.0 && self.spared >= FEWEST_SPARED {
            return None;
        }
        let kind = if self.warm == 0 || part < WARM {
            self.warm += 1;
            storm::ANYBODY
        } else if part < SPARED {
            storm::SOME
        } else {
            self.spared += 1;
            storm::NOBODY
        };
        Some(Nemesis {
            least: self.storm(),
            ..kind
        })
    }
}

/// Soaks a lab for about so long.
///
/// # Errors
/// When the lab itself fails; a broken promise is in the result.
pub async fn run(options: &Options, duration: Duration) -> Result<Soaked> {
    let mut course = Course::of(duration);
    say(&format!(
        "everything at once for {} s, on 3 gateways and 2 of each service",
        duration.as_secs()
    ));
    let mut lab = Lab::start(options.seed, 1, None).await?;
    let people = sign_up(&lab, SHORT.users).await?;
    let mut rows: Vec<Row> = Vec::new();
    let mut snapshots = vec![resources::at_rest(&lab).await?];
    let started = Instant::now();
    while let Some(nemesis) = course.next(started.elapsed()) {
        let seed = options.seed.wrapping_add(rows.len() as u64);
        let row = one(&mut lab, &people, &nemesis, options, seed).await;
        let row = row.with_context(|| format!("round {}", rows.len() + 1))?;
        rows.push(conclude(row));
        snapshots.push(resources::at_rest(&lab).await?);
        complain(&resources::compare(&snapshots, course.warm));
    }
    let lines = settle(&lab, snapshots, course.warm).await?;
    let known = Canaries::default();
    canaries::infrastructure(&lab, &known)?;
    known.adopt(&lab.canaries);
    for member in &people {
        known.adopt(member.canaries());
    }
    let name = people.first().context("there are people")?.name();
    let searched = canaries::search(&lab, &known, name).await?;
    lab.stop().await;
    Ok(Soaked {
        seed: options.seed,
        seconds: started.elapsed().as_secs(),
        rows,
        lines,
        searched,
    })
}

/// Compares the end with the baselines, and looks again until everything is back or patience ends.
async fn settle(lab: &Lab, mut snapshots: Vec<Snapshot>, warm: usize) -> Result<Vec<Line>> {
    let started = Instant::now();
    loop {
        let lines = resources::compare(&snapshots, warm);
        if lines.iter().all(Line::is_kept) || started.elapsed() > PATIENCE {
            return Ok(lines);
        }
        snapshots.pop();
        snapshots.push(resources::at_rest(lab).await?);
    }
}

/// Says what is not back, so that nobody has to wait for the end of a long soak to hear of a leak.
fn complain(lines: &[Line]) {
    for line in lines.iter().filter(|line| !line.is_kept()) {
        say(&format!("not back yet: {}", line.words()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The rounds of a soak, each of which takes so long.
    fn rounds(duration: u64, round: u64) -> (Course, usize) {
        let mut course = Course::of(Duration::from_secs(duration));
        let mut count = 0;
        while course.next(Duration::from_secs(count * round)).is_some() {
            count += 1;
        }
        (course, count as usize)
    }

    #[test]
    fn every_soak_warms_up_and_ends_with_rounds_in_which_no_process_dies() {
        for duration in [1, 40, 60, 90, 600, 3_600] {
            for round in [10, 25, 60, 300] {
                let (course, count) = rounds(duration, round);
                assert!(
                    course.warm >= 1 && course.spared >= FEWEST_SPARED,
                    "{course:?}"
                );
                assert!(course.warm + course.spared <= count, "{course:?}");
                let last = (count - 1) as u64 * round;
                assert!(
                    last < duration || course.spared == FEWEST_SPARED,
                    "{course:?}"
                );
            }
        }
        let (course, count) = rounds(600, 40);
        assert_eq!((course.warm, course.spared, count), (5, 6, 15));
    }
}
