//! What processes hold, and whether they give it back (C14): memory, descriptors, tasks, connections, subscriptions.
//!
//! Everything is read at calm moments: nobody is connected, nobody asks for anything, and every fault is over. A
//! process is compared with itself. Its baseline is the calm moment after its warm-up: caches are filled then, and the
//! heap has been as large as faults make it. The warm-up is a number of rounds, the same for a process that takes
//! another's place, counted from when it did; one that has no round after it is too young to be compared, and the table
//! says so.

mod reading;

use std::collections::BTreeMap;

use serde::Serialize;

pub use reading::at_rest;

/// How far a figure may be from its baseline, as a part of it.
const TOLERANCE: f64 = 0.05;

/// Something that a process holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Figure {
    /// Resident memory that no file stands behind, in MiB: heap and stacks. Pages of the program itself come in as it
    /// runs through new parts, and are no leak.
    Memory,
    /// Open file descriptors but for the pool's connections, of which a process keeps as many as it once needed.
    Descriptors,
    /// Tasks that live.
    Tasks,
    /// Threads. Those that block end when they have been idle for 10 s.
    Threads,
    /// Connections to Postgres that are in use.
    Pool,
    /// Subscriptions on the bus, of all replicas together.
    Subscriptions,
    /// Connections to the bus, of all replicas together.
    Connections,
}

/// What one process, or all replicas of one kind, held at a calm moment.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    /// Its name, such as `gateway-1`.
    pub process: String,
    /// Its process id; 0 for all replicas together, which do not die together.
    pub pid: i32,
    /// What it held.
    pub figures: BTreeMap<Figure, f64>,
}

/// Everyone's readings at one calm moment.
pub type Snapshot = Vec<Reading>;

/// How a figure stands to its baseline.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Finding {
    /// Back where it was.
    Back,
    /// More is held than before.
    Grown,
    /// Less is held than before: something that should run for ever has ended.
    Shrunk,
    /// The process has no baseline: it was started too late.
    Young,
}

/// One line of the table.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Line {
    /// Whose.
    pub process: String,
    /// What.
    pub figure: Figure,
    /// Held after its warm-up, if it had one.
    pub baseline: Option<f64>,
    /// Held at the end.
    pub after: f64,
    /// What that means.
    pub finding: Finding,
}

impl Figure {
    /// Returns the name of the table.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Memory => "memory, MiB",
            Self::Descriptors => "descriptors",
            Self::Tasks => "tasks",
            Self::Threads => "threads",
            Self::Pool => "Postgres connections in use",
            Self::Subscriptions => "subscriptions",
            Self::Connections => "bus connections",
        }
    }

    /// How far from its baseline a figure may be in any case: 5 % of a small number is less than one. The memory of an
    /// allocator moves by whole arenas; inboxes for answers are made when the first question is asked.
    fn slack(self) -> f64 {
        match self {
            Self::Memory => 3.0,
            Self::Descriptors | Self::Tasks | Self::Threads => 2.0,
            Self::Pool => 1.0,
            Self::Subscriptions => 3.0,
            Self::Connections => 0.0,
        }
    }

    /// Whether less than before is wrong, too. Memory, descriptors and threads may be given back late.
    fn has_floor(self) -> bool {
        matches!(self, Self::Tasks | Self::Subscriptions | Self::Connections)
    }

    fn judge(self, baseline: f64, after: f64) -> Finding {
        let margin = (baseline * TOLERANCE).max(self.slack());
        if after > baseline + margin {
            Finding::Grown
        } else if after < baseline - margin && self.has_floor() {
            Finding::Shrunk
        } else {
            Finding::Back
        }
    }
}

impl Line {
    /// Whether nothing is wrong with it.
    #[must_use]
    pub fn is_kept(&self) -> bool {
        matches!(self.finding, Finding::Back | Finding::Young)
    }

    /// Returns what it says in words.
    #[must_use]
    pub fn words(&self) -> String {
        let (name, after) = (self.figure.name(), self.after);
        let baseline = self.baseline.unwrap_or_default();
        format!("{}: {name} {after:.1}, was {baseline:.1}", self.process)
    }
}

/// Compares the last snapshot with each process's baseline. The first snapshot stands before the first round and each
/// other one after a round; a process is warm after `warm` rounds.
#[must_use]
pub fn compare(snapshots: &[Snapshot], warm: usize) -> Vec<Line> {
    let Some((last, before)) = snapshots.split_last() else {
        return Vec::new();
    };
    let mut lines = Vec::new();
    for reading in last {
        let base = baseline(before, reading, warm);
        for (&figure, &after) in &reading.figures {
            let baseline = base.and_then(|base| base.figures.get(&figure)).copied();
            lines.push(Line {
                process: reading.process.clone(),
                figure,
                baseline,
                after,
                finding: baseline.map_or(Finding::Young, |base| figure.judge(base, after)),
            });
        }
    }
    lines
}

/// Finds the first reading of the same process that has one before it by as many rounds as the warm-up has.
fn baseline<'a>(before: &'a [Snapshot], now: &Reading, warm: usize) -> Option<&'a Reading> {
    let is_same = |other: &&Reading| (other.process == now.process) && other.pid == now.pid;
    let find = |snapshot: &'a Snapshot| snapshot.iter().find(is_same);
    let mut pairs = before.iter().zip(before.iter().skip(warm.max(1)));
    pairs.find_map(|(earlier, later)| find(earlier).and(find(later)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn held(pid: i32, figure: Figure, value: f64) -> Snapshot {
        vec![Reading {
            process: "gateway-1".to_owned(),
            pid,
            figures: [(figure, value)].into(),
        }]
    }

    fn found(figure: Figure, baseline: f64, after: f64) -> Finding {
        let values = [0.0, baseline, after];
        let snapshots = values.map(|value| held(7, figure, value));
        compare(&snapshots, 1)[0].finding
    }

    #[test]
    fn what_grows_by_more_than_a_twentieth_is_a_leak() {
        assert_eq!(found(Figure::Memory, 100.0, 105.0), Finding::Back);
        assert_eq!(found(Figure::Memory, 100.0, 105.1), Finding::Grown);
        assert_eq!(found(Figure::Tasks, 200.0, 211.0), Finding::Grown);
        assert_eq!(found(Figure::Threads, 5.0, 8.0), Finding::Grown);
        assert_eq!(found(Figure::Descriptors, 40.0, 43.0), Finding::Grown);
        assert_eq!(found(Figure::Pool, 0.0, 2.0), Finding::Grown);
        assert_eq!(found(Figure::Subscriptions, 60.0, 64.0), Finding::Grown);
        assert_eq!(found(Figure::Connections, 3.0, 4.0), Finding::Grown);
    }

    #[test]
    fn small_numbers_have_some_slack() {
        assert_eq!(found(Figure::Tasks, 10.0, 12.0), Finding::Back);
        assert_eq!(found(Figure::Tasks, 10.0, 13.0), Finding::Grown);
        assert_eq!(found(Figure::Memory, 10.0, 13.0), Finding::Back);
        assert_eq!(found(Figure::Memory, 10.0, 13.1), Finding::Grown);
    }

    #[test]
    fn what_ended_and_should_not_have_is_found_too() {
        assert_eq!(found(Figure::Tasks, 100.0, 94.0), Finding::Shrunk);
        assert_eq!(found(Figure::Subscriptions, 60.0, 56.0), Finding::Shrunk);
        assert_eq!(found(Figure::Connections, 3.0, 2.0), Finding::Shrunk);
        assert_eq!(found(Figure::Memory, 100.0, 50.0), Finding::Back);
        assert_eq!(found(Figure::Threads, 9.0, 5.0), Finding::Back);
    }

    #[test]
    fn the_warm_up_is_no_baseline() {
        let values = [50.0, 60.0, 100.0, 101.0];
        let snapshots = values.map(|value| held(7, Figure::Memory, value));
        assert_eq!(compare(&snapshots, 1)[0].finding, Finding::Grown);
        let line = &compare(&snapshots, 2)[0];
        assert_eq!((line.baseline, line.finding), (Some(100.0), Finding::Back));
    }

    #[test]
    fn a_process_that_was_killed_counts_from_its_own_warm_up() {
        let of = |pid, value| held(pid, Figure::Memory, value);
        let killed = [
            of(7, 50.0),
            of(7, 50.0),
            of(8, 20.0),
            of(8, 80.0),
            of(8, 81.0),
        ];
        let line = &compare(&killed, 1)[0];
        assert_eq!((line.baseline, line.finding), (Some(80.0), Finding::Back));
        let line = &compare(&killed[..4], 1)[0];
        assert_eq!((line.baseline, line.finding), (None, Finding::Young));
        assert!(line.is_kept() && !compare(&killed, 1).is_empty());
        let warms = [
            of(7, 50.0),
            of(8, 20.0),
            of(8, 60.0),
            of(8, 80.0),
            of(8, 99.0),
        ];
        let line = &compare(&warms, 2)[0];
        assert_eq!((line.baseline, line.finding), (Some(80.0), Finding::Grown));
        assert_eq!(compare(&warms, 3)[0].finding, Finding::Young);
    }
}
