//! What a service's statements name, read from its sources.

use std::{collections::BTreeSet, path::Path};

use devstack::checkout;
use proto::database::{LOG, Login, schemas};

/// Everything below a folder that ends in one of the ways, without comments.
fn text(folder: &Path, ending: &str) -> String {
    let mut all = String::new();
    for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
        let path = entry.path();
        if path.is_dir() {
            all += &text(&path, ending);
        } else if path.to_string_lossy().ends_with(ending) {
            let file = std::fs::read_to_string(&path).expect("a text");
            let lines = file.lines().map(str::trim_start);
            let lines = lines.filter(|line| !line.starts_with("--") && !line.starts_with("//"));
            all.extend(lines.flat_map(|line| [line, "\n"]));
        }
    }
    all
}

/// A service's code.
pub(crate) fn rust(login: &Login) -> String {
    text(&checkout::root().join(login.service).join("src"), ".rs")
}

/// What of other services' schemas its statements and the functions of its own schema name. Sorted.
pub(crate) fn named(login: &Login) -> Vec<String> {
    let home = checkout::root().join(login.service);
    let statements = text(&home.join("src/db"), ".rs") + &text(&home.join("migrations"), ".sql");
    let foreign: BTreeSet<&str> = schemas()
        .filter(|schema| ![login.schema, LOG].contains(schema))
        .collect();
    let is_part = |letter: char| letter.is_ascii_alphanumeric() || "_.".contains(letter);
    let names = statements.split(|letter| !is_part(letter));
    let names = names.filter_map(|name| {
        let (schema, rest) = name.split_once('.')?;
        let is_name = !rest.is_empty() && !rest.contains('.');
        (is_name && foreign.contains(schema)).then(|| name.to_owned())
    });
    let names: BTreeSet<String> = names.collect();
    names.into_iter().collect()
}
