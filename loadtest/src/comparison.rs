//! The table of `loadtest report`: metric, target, peer, measured, ratio.
//!
//! Its rows are kept beside the document, part by part, so that one part can be measured again without the others, and
//! so that whoever reads the table can see under which load each row was measured.

mod parts;
mod promises;
mod render;
mod rows;

use std::{collections::BTreeMap, fs, io, path::Path};

use anyhow::Context;
use serde::{Deserialize, Serialize};

use crate::{floor::Floor, machine::Machine, outcome::Limit};

pub use parts::Part;
pub use render::table;

/// One row.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Row {
    /// The target's number, such as `P1`, or `claim`.
    pub id: String,
    /// What is measured.
    pub metric: String,
    /// What it counts, such as `µs`.
    pub unit: String,
    /// Hubbub's figure; the median where there were several.
    pub ours: f64,
    /// What it must be.
    pub limit: Option<Limit>,
    /// Whom it is compared with, and their figure under the same load.
    pub peer: Option<(String, f64)>,
    /// What ours divided by theirs must be.
    pub ratio_limit: Option<Limit>,
}

/// What was measured at one time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Measured {
    /// What was asked, in words.
    pub what: String,
    /// Where, and how busy it was.
    pub machine: Machine,
    /// What the machine could do at all in that minute.
    #[serde(default)]
    pub floor: Option<Floor>,
    /// The rows.
    pub rows: Vec<Row>,
    /// What a reader has to know, in words.
    pub notes: Vec<String>,
    /// The file of its curve, beside the document.
    #[serde(default)]
    pub plot: Option<String>,
}

/// Everything that was measured, by the name of its part.
pub type Results = BTreeMap<String, Measured>;

impl Row {
    /// Describes a figure of Hubbub's alone.
    #[must_use]
    pub fn of(id: &str, metric: &str, ours: f64, unit: &str) -> Self {
        Self {
            id: id.to_owned(),
            metric: metric.to_owned(),
            unit: unit.to_owned(),
            ours,
            limit: None,
            peer: None,
            ratio_limit: None,
        }
    }

    /// Adds what it must be.
    #[must_use]
    pub fn limited(mut self, limit: Limit) -> Self {
        self.limit = Some(limit);
        self
    }

    /// Adds a peer's figure, and what the ratio must be.
    #[must_use]
    pub fn against(mut self, peer: &str, theirs: f64, limit: Option<Limit>) -> Self {
        self.peer = Some((peer.to_owned(), theirs));
        self.ratio_limit = limit;
        self
    }

    /// Returns ours divided by theirs; `None` where that says nothing.
    #[must_use]
    pub fn ratio(&self) -> Option<f64> {
        let (_, theirs) = self.peer.as_ref()?;
        let ratio = self.ours / theirs;
        ratio.is_finite().then_some(ratio)
    }

    /// Whether every target is kept; `None` without any.
    #[must_use]
    pub fn is_kept(&self) -> Option<bool> {
        let value = self.limit.map(|limit| limit.holds(self.ours));
        let ratio = self.ratio_limit.zip(self.ratio());
        let ratio = ratio.map(|(limit, ratio)| limit.holds(ratio));
        match (value, ratio) {
            (None, None) => None,
            (value, ratio) => Some(value.unwrap_or(true) && ratio.unwrap_or(true)),
        }
    }
}

/// Reads what was measured earlier; nothing when there is no file.
///
/// # Errors
/// When the file cannot be read or is something else.
pub fn load(path: &Path) -> anyhow::Result<Results> {
    let name = || path.display().to_string();
    match fs::read_to_string(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Results::new()),
        text => serde_json::from_str(&text.with_context(name)?).with_context(name),
    }
}

/// Writes what was measured.
///
/// # Errors
/// When the file cannot be written.
pub fn save(path: &Path, results: &Results) -> anyhow::Result<()> {
    let text = serde_json::to_string_pretty(results)? + "\n";
    fs::write(path, text).with_context(|| path.display().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row() -> Row {
        Row::of("P1", "CPU per delivery", 6.0, "µs")
    }

    #[test]
    fn a_row_is_kept_when_value_and_ratio_are() {
        assert_eq!(row().is_kept(), None);
        let far = row().against("socket.io", 10.0, Some(Limit::AtMost(0.55)));
        assert_eq!((far.ratio(), far.is_kept()), (Some(0.6), Some(false)));
        let near = row().against("socket.io", 12.0, Some(Limit::AtMost(0.55)));
        assert_eq!(
            near.clone().limited(Limit::AtMost(7.0)).is_kept(),
            Some(true)
        );
        assert_eq!(near.limited(Limit::AtMost(5.0)).is_kept(), Some(false));
    }

    #[test]
    fn what_was_measured_is_kept_in_a_file() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("measured.json");
        assert!(load(&path).expect("no file is no result").is_empty());
        let measured = Measured {
            what: "a room".into(),
            machine: Machine::describe(),
            floor: None,
            rows: vec![row().against("ws", 3.0, None)],
            notes: Vec::new(),
            plot: None,
        };
        let results = Results::from([("delivery".to_owned(), measured)]);
        save(&path, &results).expect("it can be written");
        assert_eq!(load(&path).expect("it is there"), results);
        fs::write(&path, "[]").expect("it can be written");
        assert!(load(&path).is_err());
    }
}
