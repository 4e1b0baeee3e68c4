//! `docs/security.md` has a row for every rule and incident that it should have, and names tests that exist.

use std::{collections::BTreeSet, path::Path};

use devstack::checkout;

const PAGE: &str = "docs/security.md";
/// How many rows each part of the page has: its letter and the number of its last row.
const PARTS: [(&str, u32); 8] = [
    ("T", 10),
    ("S", 5),
    ("K", 7),
    ("L", 9),
    ("A", 2),
    ("C", 7),
    ("O", 6),
    ("I", 39),
];

/// The rows of the page's tables: the row's id, and what stands in its last cell.
fn rows(page: &str) -> Vec<(String, String)> {
    let is_row = |line: &&str| {
        let id = line
            .strip_prefix("| ")
            .and_then(|rest| rest.split(' ').next());
        id.is_some_and(|id| {
            let (letter, number) = id.split_at(id.len().min(1));
            PARTS.iter().any(|(part, _)| *part == letter) && number.parse::<u32>().is_ok()
        })
    };
    let cells = |line: &str| {
        let cells: Vec<_> = line.split(" | ").map(str::trim).collect();
        let [id, _, tests] = cells[..] else {
            panic!("three cells: {line}");
        };
        let id = id.trim_start_matches("| ").to_owned();
        (id, tests.trim_end_matches(" |").to_owned())
    };
    page.lines().filter(is_row).map(cells).collect()
}

/// Whether a test is where `path::name` says.
fn exists(root: &Path, test: &str) -> bool {
    let Some((path, name)) = test.split_once("::") else {
        return false;
    };
    let Ok(text) = std::fs::read_to_string(root.join(path)) else {
        return false;
    };
    if path.ends_with(".rs") {
        return text.contains(&format!("fn {name}("));
    }
    if path.ends_with(".py") {
        return text.contains(&format!("\ndef {name}("));
    }
    text.contains(&format!("\"{name}\""))
}

#[test]
fn every_rule_has_a_row_and_every_named_test_exists() {
    let root = checkout::root();
    let page = std::fs::read_to_string(root.join(PAGE)).expect("the page is there");
    let rows = rows(&page);
    let expected: BTreeSet<_> = PARTS
        .iter()
        .flat_map(|(part, last)| (1..=*last).map(move |number| format!("{part}{number}")))
        .collect();
    let found: BTreeSet<_> = rows.iter().map(|(id, _)| id.clone()).collect();
    assert_eq!(found, expected);
    assert_eq!(rows.len(), expected.len(), "a row stands twice");
    for (id, tests) in &rows {
        let (shown, is_open) = match tests.split_once("open: ") {
            Some((shown, why)) => (shown, !why.trim().is_empty()),
            None => (tests.as_str(), false),
        };
        let named: Vec<_> = shown.split('`').skip(1).step_by(2).collect();
        assert!(
            is_open || !named.is_empty(),
            "{id} names no test and is not open: {tests}"
        );
        for test in named {
            assert!(exists(&root, test), "{id}: `{test}` does not exist");
        }
    }
}
