//! The documents keep up with the tree.

use std::collections::BTreeSet;

use super::Report;
use crate::tree::{File, Tree};

/// Where users read what a reason means.
const ERRORS: &str = "docs/errors.md";

/// Where the reasons are declared.
const REASONS: &str = "proto/src/reason.rs";

/// A link to a file leads to a file.
pub(super) fn links(tree: &Tree, report: &mut Report<'_>) {
    for file in tree.files.iter().filter(|file| file.path.ends_with(".md")) {
        let mut is_code = false;
        for (index, line) in file.text.lines().enumerate() {
            is_code ^= line.trim_start().starts_with("```");
            for target in line.split("](").skip(1).filter(|_| !is_code) {
                let target = target.split([')', ' ', '#']).next().unwrap_or_default();
                let is_file =
                    !target.is_empty() && !target.contains("://") && !target.starts_with("mailto:");
                if is_file && !tree.has(&resolve(&file.path, target)) {
                    report.add(&file.path, index + 1, format!("`{target}` does not exist"));
                }
            }
        }
    }
}

/// Returns the path from the root that a link means.
fn resolve(from: &str, target: &str) -> String {
    let mut parts: Vec<_> = from.split('/').collect();
    parts.pop();
    for part in target.trim_end_matches('/').split('/') {
        match part {
            "." => {}
            ".." => drop(parts.pop()),
            name => parts.push(name),
        }
    }
    parts.join("/")
}

/// `docs/errors.md` explains exactly the reasons that exist.
pub(super) fn reasons(tree: &Tree, report: &mut Report<'_>) {
    let (Some(code), Some(page)) = (tree.file(REASONS), tree.file(ERRORS)) else {
        report.add(
            ERRORS,
            1,
            format!("{ERRORS} and {REASONS} belong together; one is missing"),
        );
        return;
    };
    let (declared, explained) = (declared(code), explained(page));
    for (name, line) in declared
        .iter()
        .filter(|(name, _)| !explained.iter().any(|(other, _)| other == name))
    {
        report.add(
            REASONS,
            *line,
            format!("{name} is not explained in {ERRORS}"),
        );
    }
    let mut seen = BTreeSet::new();
    for (name, line) in &explained {
        if !declared.iter().any(|(other, _)| other == name) {
            report.add(ERRORS, *line, format!("{name} is not a reason"));
        }
        if !seen.insert(name) {
            report.add(ERRORS, *line, format!("{name} is explained twice"));
        }
    }
}

fn declared(code: &File) -> Vec<(&str, usize)> {
    let lines = code
        .text
        .lines()
        .enumerate()
        .skip_while(|(_, line)| *line != "reasons! {");
    let lines = lines.skip(1).take_while(|(_, line)| *line != "}");
    let is_name = |text: &str| text.chars().all(|c| c.is_ascii_uppercase() || c == '_');
    let names = lines.map(|(index, line)| (line.trim(), index + 1));
    names
        .filter(|(name, _)| !name.is_empty() && is_name(name))
        .collect()
}

/// A row of the table starts with the reason in backticks.
fn explained(page: &File) -> Vec<(&str, usize)> {
    let rows = page.text.lines().enumerate();
    let names = rows.map(|(index, line)| {
        (
            line.strip_prefix("| `")
                .and_then(|rest| rest.split_once('`')),
            index + 1,
        )
    });
    names
        .filter_map(|(name, line)| name.map(|(name, _)| (name, line)))
        .collect()
}
