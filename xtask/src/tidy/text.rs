//! Rules on the text itself: lengths, subjects, sleeps, open ends.

use super::Report;
use crate::{source::Source, tree::Tree};

const FILE_MAX: usize = 600;
const HANDLER_MAX: usize = 30;

/// The one file that may spell a subject.
const SUBJECTS: &str = "proto/src/subject.rs";

/// Spans and their attributes, which the OpenTelemetry conventions name much like our subjects.
const TELEMETRY: [&str; 6] = [
    "rpc.client",
    "rpc.server",
    "rpc.system.name",
    "rpc.service",
    "rpc.method",
    "rpc.status",
];

/// No file is longer than a reader can hold; in-file tests do not count.
pub(super) fn lengths(tree: &Tree, report: &mut Report<'_>) {
    let endings = [".proto", ".sql", ".html", ".css", ".js", ".py"];
    let others = tree
        .files
        .iter()
        .filter(|file| endings.iter().any(|end| file.path.ends_with(end)));
    let others = others.map(|file| (&file.path, file.text.lines().count()));
    let rust = tree
        .sources
        .iter()
        .map(|source| (&source.path, length(source)));
    for (path, lines) in rust.chain(others).filter(|(_, lines)| *lines > FILE_MAX) {
        report.add(
            path,
            FILE_MAX + 1,
            format!("{lines} lines; at most {FILE_MAX}: split it by noun"),
        );
    }
}

/// A file that is all tests counts whole.
fn length(source: &Source) -> usize {
    if source.is_test(1) {
        source.code.len()
    } else {
        source.tests_from - 1
    }
}

/// A handler parses, makes one call and encodes; more than that is a rule in the wrong layer.
pub(super) fn handlers(tree: &Tree, report: &mut Report<'_>) {
    for service in tree.services() {
        for source in tree.sources_in(&format!("{service}/src/rpc")) {
            for (line, lines) in async_functions(source).filter(|(_, lines)| *lines > HANDLER_MAX) {
                let message = format!("a handler of {lines} lines; at most {HANDLER_MAX}");
                report.add(&source.path, line, message);
            }
        }
    }
}

/// Lists the first line and the length of every `async fn`.
fn async_functions(source: &Source) -> impl Iterator<Item = (usize, usize)> {
    let starts = (0..source.code.len()).filter(|index| source.code[*index].contains("async fn "));
    starts.map(|start| {
        let mut depth = 0_i32;
        let mut is_open = false;
        let lines = source.code[start..].iter().take_while(|line| {
            let was_open = is_open && depth == 0;
            let count = |brace| i32::try_from(line.matches(brace).count()).unwrap_or(i32::MAX);
            depth += count('{') - count('}');
            is_open |= line.contains('{');
            !was_open
        });
        (start + 1, lines.count())
    })
}

/// Subjects are made by typed functions in one file.
pub(super) fn subjects(tree: &Tree, report: &mut Report<'_>) {
    for source in tree.sources.iter().filter(|source| source.path != SUBJECTS) {
        for literal in source
            .literals
            .iter()
            .filter(|literal| !source.is_test(literal.line))
        {
            let text = literal.text.as_str();
            let first = text.split_once('.').map(|(first, _)| first);
            let is_subject = matches!(first, Some("rpc" | "evt" | "eph" | "heads"));
            if is_subject && !TELEMETRY.contains(&text) {
                report.add(
                    &source.path,
                    literal.line,
                    format!("a subject is made in {SUBJECTS} only"),
                );
            }
        }
    }
}

/// A test waits for a condition with a deadline, never for time to pass.
pub(super) fn sleeps(tree: &Tree, report: &mut Report<'_>) {
    for source in &tree.sources {
        for path in source.paths.iter().filter(|path| source.is_test(path.line)) {
            if path.text.ends_with("thread::sleep") || path.text.ends_with("time::sleep") {
                report.add(
                    &source.path,
                    path.line,
                    "a test waits for a condition, not for time",
                );
            }
        }
    }
}

/// An open end names its issue.
pub(super) fn todos(tree: &Tree, report: &mut Report<'_>) {
    let mut check = |path: &str, line: usize, text: &str| {
        for mark in ["TODO", "FIXME"] {
            let rest = text.split_once(mark).map(|(_, rest)| rest);
            if rest.is_some_and(|rest| !names_issue(rest)) {
                report.add(
                    path,
                    line,
                    format!("write {mark}(#123): with the number of its issue"),
                );
            }
        }
    };
    for source in &tree.sources {
        for comment in &source.comments {
            check(&source.path, comment.line, &comment.text);
        }
    }
    let endings = [
        ".proto", ".sql", ".toml", ".html", ".css", ".js", ".mjs", ".ts", ".tsx", ".py",
    ];
    for file in tree
        .files
        .iter()
        .filter(|file| endings.iter().any(|end| file.path.ends_with(end)))
    {
        for (index, line) in file.text.lines().enumerate() {
            check(&file.path, index + 1, line);
        }
    }
}

fn names_issue(rest: &str) -> bool {
    let number = rest
        .strip_prefix("(#")
        .and_then(|rest| rest.split_once("):"));
    number.is_some_and(|(number, _)| number.parse::<u32>().is_ok())
}

/// No `unsafe`, not even behind a lint that someone switched off.
pub(super) fn unsafe_code(tree: &Tree, report: &mut Report<'_>) {
    for source in &tree.sources {
        for path in source.paths.iter().filter(|path| path.text == "unsafe") {
            report.add(&source.path, path.line, "unsafe code is forbidden");
        }
    }
}
