//! What a soak found, as Markdown and as JSON.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::faultlab::{
    canaries::Searched,
    resources::{Finding, Line},
    verdict::Row,
};

/// The result of a soak.
#[derive(Debug)]
pub struct Soaked {
    /// Seed of its dice.
    pub seed: u64,
    /// How long it took.
    pub seconds: u64,
    /// One row for each round.
    pub rows: Vec<Row>,
    /// C14: every figure of every process.
    pub lines: Vec<Line>,
    /// C15.
    pub searched: Searched,
}

impl Soaked {
    /// Whether every promise was kept.
    #[must_use]
    pub fn is_kept(&self) -> bool {
        self.rows.iter().all(Row::is_kept) && self.has_given_back() && self.searched.is_kept()
    }

    /// C14: whether something was compared and everything is back.
    fn has_given_back(&self) -> bool {
        let is_compared = |line: &Line| line.finding == Finding::Back;
        self.lines.iter().any(is_compared) && self.lines.iter().all(Line::is_kept)
    }

    /// Renders the verdict, the rounds and the table process · figure · baseline · after · verdict.
    #[must_use]
    pub fn table(&self) -> String {
        let mut text = format!(
            "Everything at once for {} s in {} rounds, seed {}.\n\n| | measured | verdict |\n|---|---|---|\n",
            self.seconds,
            self.rows.len(),
            self.seed
        );
        let broken = self.rows.iter().filter(|row| !row.is_kept()).count();
        let acked: usize = self.rows.iter().map(|row| row.measured.acked).sum();
        let deliveries: usize = self.rows.iter().map(|row| row.measured.deliveries).sum();
        let talk = format!("{acked} acked, {deliveries} deliveries, {broken} rounds broken");
        for (check, measured, is_kept) in [
            ("C1 to C12", talk, broken == 0),
            (
                "C14 resources",
                self.resources_words(),
                self.has_given_back(),
            ),
            (
                "C15 no secrets",
                self.searched.words(),
                self.searched.is_kept(),
            ),
        ] {
            let verdict = if is_kept { "kept" } else { "**broken**" };
            let _ = writeln!(text, "| {check} | {measured} | {verdict} |");
        }
        for leak in &self.searched.leaks {
            let _ = writeln!(text, "\n- {} stands in {}", leak.what, leak.place);
        }
        self.write_rounds(&mut text);
        self.write_lines(&mut text);
        text
    }

    /// Returns the same for programs.
    #[must_use]
    pub fn json(&self) -> Value {
        let rounds = self.rows.iter().map(|row| {
            json!({
                "injected": row.injected,
                "measured": row.measured_words(),
                "isKept": row.is_kept(),
                "findings": row.verdict.findings(),
            })
        });
        json!({
            "seed": self.seed,
            "seconds": self.seconds,
            "isKept": self.is_kept(),
            "rounds": rounds.collect::<Vec<_>>(),
            "resources": self.lines,
            "secrets": self.searched,
        })
    }

    fn resources_words(&self) -> String {
        let count = |of: Finding| self.lines.iter().filter(|line| line.finding == of).count();
        format!(
            "{} figures back, {} grown, {} shrunk, {} of processes that are too young",
            count(Finding::Back),
            count(Finding::Grown),
            count(Finding::Shrunk),
            count(Finding::Young)
        )
    }

    fn write_rounds(&self, text: &mut String) {
        text.push_str("\n| round | injected | measured | verdict |\n|---|---|---|---|\n");
        for (round, row) in self.rows.iter().enumerate() {
            let number = round + 1;
            let (injected, measured, verdict) =
                (&row.injected, row.measured_words(), row.verdict_words());
            let _ = writeln!(text, "| {number} | {injected} | {measured} | {verdict} |");
        }
    }

    fn write_lines(&self, text: &mut String) {
        text.push_str(
            "\n| process | figure | baseline | after | verdict |\n|---|---|---|---|---|\n",
        );
        for line in &self.lines {
            let baseline = line.baseline.map_or("–".to_owned(), digits);
            let verdict = match line.finding {
                Finding::Back => "back",
                Finding::Grown => "**grown**",
                Finding::Shrunk => "**shrunk**",
                Finding::Young => "too young",
            };
            let (process, figure) = (&line.process, line.figure.name());
            let after = digits(line.after);
            let _ = writeln!(
                text,
                "| {process} | {figure} | {baseline} | {after} | {verdict} |"
            );
        }
    }
}

/// Counts as they are, sizes with one digit after the point.
fn digits(value: f64) -> String {
    if value.fract() == 0.0 {
        format!("{value:.0}")
    } else {
        format!("{value:.1}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::faultlab::{canaries::Leak, resources::Figure};

    fn soaked(finding: Finding) -> Soaked {
        Soaked {
            seed: 7,
            seconds: 60,
            rows: Vec::new(),
            lines: vec![Line {
                process: "gateway-1".to_owned(),
                figure: Figure::Memory,
                baseline: Some(40.5),
                after: 40.0,
                finding,
            }],
            searched: Searched {
                secrets: 3,
                places: 2,
                bytes: 10,
                leaks: Vec::new(),
            },
        }
    }

    #[test]
    fn a_leak_of_either_kind_breaks_it() {
        assert!(soaked(Finding::Back).is_kept());
        for finding in [Finding::Grown, Finding::Shrunk] {
            let soaked = soaked(finding);
            assert!(!soaked.is_kept());
            assert!(
                soaked.table().contains("| C14 resources | 0 figures back"),
                "{}",
                soaked.table()
            );
        }
        let mut told = soaked(Finding::Back);
        told.searched.leaks.push(Leak {
            what: "a ticket",
            place: "gateway-1.log".to_owned(),
        });
        assert!(!told.is_kept());
        assert!(told.table().contains("a ticket stands in gateway-1.log"));
        assert_eq!(told.json()["isKept"], false);
    }

    #[test]
    fn nothing_compared_is_nothing_kept() {
        assert!(!soaked(Finding::Young).is_kept());
    }

    #[test]
    fn the_table_shows_every_figure() {
        let table = soaked(Finding::Back).table();
        assert!(
            table.contains("| gateway-1 | memory, MiB | 40.5 | 40 | back |"),
            "{table}"
        );
    }
}
