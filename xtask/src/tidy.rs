//! The house rules. Each answers with the places where it is broken.

mod contracts;
mod crates;
mod docs;
mod layers;
mod shape;
mod text;
mod web;

use std::{fmt, path::Path};

use crate::tree::Tree;

/// One broken rule.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Violation {
    /// Path from the root.
    pub path: String,
    /// Line, from 1.
    pub line: usize,
    /// Short name of the rule.
    pub rule: &'static str,
    /// What is wrong and what to do instead.
    pub message: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            path,
            line,
            rule,
            message,
        } = self;
        write!(f, "{path}:{line}: {rule}: {message}")
    }
}

/// Collects what one rule finds.
struct Report<'a> {
    rule: &'static str,
    found: &'a mut Vec<Violation>,
}

impl Report<'_> {
    fn add(&mut self, path: &str, line: usize, message: impl Into<String>) {
        let (path, rule, message) = (path.into(), self.rule, message.into());
        self.found.push(Violation {
            path,
            line,
            rule,
            message,
        });
    }
}

type Rule = fn(&Tree, &mut Report<'_>);

const RULES: &[(&str, Rule)] = &[
    ("layers", layers::names),
    ("schema", layers::schemas),
    ("gateway-sql", layers::gateway),
    ("begin", layers::begins),
    ("service-files", shape::required_files),
    ("main", shape::mains),
    ("names", shape::names),
    ("length", text::lengths),
    ("handler", text::handlers),
    ("subject", text::subjects),
    ("sleep", text::sleeps),
    ("todo", text::todos),
    ("unsafe", text::unsafe_code),
    ("method", contracts::methods),
    ("cap", crates::caps),
    ("direction", crates::direction),
    ("lints", crates::lints),
    ("link", docs::links),
    ("reasons", docs::reasons),
    ("web-length", web::lengths),
    ("web-names", web::names),
    ("markup", web::markup),
    ("colour", web::colours),
];

/// Lists the names of the rules.
pub fn rules() -> impl Iterator<Item = &'static str> {
    RULES.iter().map(|(rule, _)| *rule)
}

/// Checks a tree; sorted by place.
///
/// # Errors
/// When the tree cannot be read.
pub fn check(root: &Path) -> anyhow::Result<Vec<Violation>> {
    let tree = Tree::read(root)?;
    let mut found = Vec::new();
    for (rule, check) in RULES {
        check(
            &tree,
            &mut Report {
                rule,
                found: &mut found,
            },
        );
    }
    found.sort();
    found.dedup();
    Ok(found)
}

/// Checks a tree and prints what is wrong; answers whether nothing is.
///
/// # Errors
/// When the tree cannot be read.
#[expect(
    clippy::print_stdout,
    reason = "a command line tool answers on its terminal"
)]
pub fn run(root: &Path) -> anyhow::Result<bool> {
    let found = check(root)?;
    for violation in &found {
        println!("{violation}");
    }
    Ok(found.is_empty())
}
