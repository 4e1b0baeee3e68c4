//! What came out of one run, and the table of all of them.

use std::{fmt::Write as _, time::Duration};

use crate::{
    faultlab::nemesis::Nemesis,
    histcheck::{self, Block, Check, Denial, History, Look, Outcome, Restore, Verdict},
};

/// What a nemesis did to people.
#[derive(Debug, Default)]
pub struct Notes {
    /// Who was told no.
    pub denials: Vec<Denial>,
    /// Who must not see whom.
    pub blocks: Vec<Block>,
    /// Where rooms ended meanwhile.
    pub looks: Vec<Look>,
    /// The backup that took the place of the database.
    pub restore: Option<Restore>,
}

/// The result of one nemesis.
#[derive(Debug)]
pub struct Row {
    /// Name of the nemesis.
    pub id: &'static str,
    /// What was broken.
    pub fault: &'static str,
    /// What was done, in words.
    pub injected: String,
    /// What must hold.
    pub promise: &'static str,
    /// What happened.
    pub measured: Measured,
    /// What the checker says.
    pub verdict: Verdict,
    /// Why nothing was done at all, and what to type.
    pub skipped: Option<String>,
}

/// The figures of one run.
#[derive(Debug, Default)]
pub struct Measured {
    /// Messages acknowledged.
    pub acked: usize,
    /// Messages refused.
    pub refused: usize,
    /// Messages without an answer at the end.
    pub unknown: usize,
    /// Durable events that devices were told.
    pub deliveries: usize,
    /// Connections that ended and came back.
    pub reconnects: u64,
    /// The longest time from the first attempt of a send to its answer.
    pub slowest: Duration,
    /// From the end of the fault until every device was told all that existed then; `None` if never.
    pub whole_after: Option<Duration>,
    /// Frames that made no sense.
    pub malformed: u64,
}

impl Measured {
    /// Counts how sends ended.
    #[must_use]
    pub fn count(outcomes: impl Iterator<Item = Outcome>) -> (usize, usize, usize) {
        let (mut acked, mut refused, mut unknown) = (0, 0, 0);
        for outcome in outcomes {
            match outcome {
                Outcome::Acked { .. } => acked += 1,
                Outcome::Refused => refused += 1,
                Outcome::Unknown => unknown += 1,
                Outcome::NotSent => {}
            }
        }
        (acked, refused, unknown)
    }
}

impl Row {
    /// Makes the row of a nemesis that this machine cannot have.
    #[must_use]
    pub fn of_skipped(nemesis: &Nemesis, why: String) -> Self {
        Self {
            id: nemesis.id,
            fault: nemesis.fault,
            injected: "nothing".to_owned(),
            promise: nemesis.promise,
            measured: Measured::default(),
            verdict: histcheck::check(&History::default()),
            skipped: Some(why),
        }
    }

    /// Whether a promise was broken. What was skipped broke none, and kept none either.
    #[must_use]
    pub fn is_broken(&self) -> bool {
        self.skipped.is_none() && !self.is_kept()
    }

    /// Whether every promise was kept.
    #[must_use]
    pub fn is_kept(&self) -> bool {
        self.verdict.is_clean() && self.measured.malformed == 0 && self.measured.acked > 0
    }

    /// Returns the figures in words.
    #[must_use]
    pub fn measured_words(&self) -> String {
        let Measured {
            acked,
            refused,
            unknown,
            deliveries,
            reconnects,
            slowest,
            whole_after,
            malformed,
        } = &self.measured;
        let whole = whole_after.map_or_else(
            || "never whole".to_owned(),
            |after| format!("whole after {:.1} s", after.as_secs_f64()),
        );
        let mut text = format!(
            "{acked} acked (the slowest after {:.1} s), {deliveries} deliveries, {reconnects} reconnects, {whole}",
            slowest.as_secs_f64()
        );
        for (count, what) in [
            (*refused as u64, "refused"),
            (*unknown as u64, "unknown"),
            (*malformed, "malformed"),
        ] {
            if count > 0 {
                let _ = write!(text, ", {count} {what}");
            }
        }
        text
    }

    /// Returns what the checker says in words.
    #[must_use]
    pub fn verdict_words(&self) -> String {
        if let Some(why) = &self.skipped {
            return format!("skipped: {why}");
        }
        if self.is_kept() {
            return "kept".to_owned();
        }
        let broken = self.verdict.findings().iter();
        let broken = broken.filter(|finding| finding.violations > 0);
        let names: Vec<String> = broken
            .map(|finding| format!("{} × {}", finding.check.name(), finding.violations))
            .collect();
        format!("**broken**: {}", names.join(", "))
    }
}

/// Renders the table fault · injected · promise · measured · verdict in Markdown.
#[must_use]
pub fn table(rows: &[Row]) -> String {
    let checks = Check::ALL.map(Check::name).join(", ");
    let mut text = format!(
        "Every row also keeps {checks}.\n\n| | fault | injected | promise | measured | verdict |\n|---|---|---|---|---|---|\n"
    );
    for row in rows {
        let (measured, verdict) = (row.measured_words(), row.verdict_words());
        let Row {
            id,
            fault,
            injected,
            promise,
            ..
        } = row;
        let _ = writeln!(
            text,
            "| {id} | {fault} | {injected} | {promise} | {measured} | {verdict} |"
        );
    }
    text
}

/// Says in words what was found wrong.
#[must_use]
pub fn complaints(row: &Row) -> Vec<String> {
    let findings = row.verdict.findings().iter();
    findings
        .flat_map(|finding| {
            let name = finding.check.name();
            finding
                .examples
                .iter()
                .map(move |example| format!("{}: {name}: {example}", row.id))
        })
        .collect()
}
