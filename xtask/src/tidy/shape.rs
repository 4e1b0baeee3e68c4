//! The one shape of every service, and what files may be called.

use super::Report;
use crate::tree::Tree;

/// What every service has, beside its own nouns.
const REQUIRED: [&str; 11] = [
    "src/main.rs",
    "src/lib.rs",
    "src/config.rs",
    "src/app.rs",
    "src/error.rs",
    "src/rpc.rs",
    "src/db.rs",
    "src/events.rs",
    "default.toml",
    "sqlx.toml",
    "migrations",
];

/// Names that say nothing: what is in such a file belongs to a noun.
const FORBIDDEN: [&str; 9] = [
    "utils", "util", "helpers", "helper", "common", "misc", "manager", "base", "core",
];

const MAIN_MAX: usize = 15;

/// Every service has the same files.
pub(super) fn required_files(tree: &Tree, report: &mut Report<'_>) {
    for service in tree.services() {
        for file in REQUIRED
            .iter()
            .filter(|file| !tree.has(&format!("{service}/{file}")))
        {
            report.add(&format!("{service}/{file}"), 1, "every service has this");
        }
    }
}

/// Every `main.rs` of a service is the same short text but for the crate's name.
pub(super) fn mains(tree: &Tree, report: &mut Report<'_>) {
    let mut model: Option<(&str, String)> = None;
    for service in tree.services().into_iter().chain(["gateway"]) {
        let Some(main) = tree.file(&format!("{service}/src/main.rs")) else {
            continue;
        };
        let lines = main.text.lines().count();
        if lines > MAIN_MAX {
            report.add(
                &main.path,
                lines,
                format!("{lines} lines; at most {MAIN_MAX}"),
            );
        }
        let text = main
            .text
            .replace(&service.replace('-', "_"), "<crate>")
            .replace(service, "<crate>");
        match &model {
            Some((path, expected)) if *expected != text => {
                let message = format!("differs from {path} in more than the crate's name");
                report.add(&main.path, 1, message);
            }
            Some(_) => {}
            None => model = Some((&main.path, text)),
        }
    }
}

/// No `mod.rs`, and no file or folder with a name that says nothing.
pub(super) fn names(tree: &Tree, report: &mut Report<'_>) {
    for file in tree.files.iter().filter(|file| file.path.ends_with(".rs")) {
        if file.path.ends_with("/mod.rs") {
            report.add(
                &file.path,
                1,
                "name the file after its module, beside the folder",
            );
        }
        let mut words = file.path.trim_end_matches(".rs").split(['/', '_', '-']);
        if let Some(word) = words.find(|word| FORBIDDEN.contains(word)) {
            report.add(
                &file.path,
                1,
                format!("`{word}` says nothing: name the thing it holds"),
            );
        }
    }
}
