//! A TypeScript module that compiles only if every fixture has the generated type.

use std::fmt::Write;

use gateway::contract::{Registry, Reply};
use serde_json::Value;

use crate::fixtures::{About, Fixtures};

const HEAD: &str = "// Written by `cargo xtask contract`: the compiler proves that every fixture has its type.\n\n\
    import type { Answers, Commands, Events, Refusal } from \"./protocol.ts\";\n\n";

/// Writes the module.
#[must_use]
pub fn proof(registry: &Registry, fixtures: &Fixtures) -> String {
    let mut out = String::from(HEAD);
    for asked in &registry.commands {
        let kind = asked.command.kind;
        rows(
            &mut out,
            fixtures,
            About::Command(kind),
            "data",
            &format!("Commands[{kind:?}]"),
        );
        if asked.command.reply == Reply::Ok {
            rows(
                &mut out,
                fixtures,
                About::Answer(kind),
                "data",
                &format!("Answers[{kind:?}]"),
            );
        }
    }
    for told in &registry.events {
        let kind = told.event.kind.replace('*', "notice");
        rows(
            &mut out,
            fixtures,
            About::Event(told.event.kind),
            "data",
            &format!("Events[{kind:?}]"),
        );
    }
    rows(&mut out, fixtures, About::Error, "error", "Refusal");
    out
}

fn rows(out: &mut String, fixtures: &Fixtures, about: About<'_>, field: &str, shape: &str) {
    let empty = Value::Object(serde_json::Map::new());
    for frame in fixtures.get(&about.file()).into_iter().flatten() {
        let data = frame.get(field).unwrap_or(&empty);
        let _ = writeln!(out, "void ({data} satisfies {shape});");
    }
}
