//! Rules on TypeScript and styles: what Rust's rules ask, said for the SDK, the web client and the browser tests.

use super::Report;
use crate::tree::{File, Tree};

const FOLDERS: [&str; 3] = ["sdk/", "web/", "e2e/"];
const ENDINGS: [&str; 5] = [".ts", ".tsx", ".mjs", ".js", ".css"];
/// What a tool writes.
const GENERATED: [&str; 3] = ["/gen/", "/dist/", "/etc/"];
const FILE_MAX: usize = 400;
/// The one file with raw colours.
const TOKENS: &str = "web/src/design/tokens.css";
/// Ways around React that let text become markup.
const MARKUP: [&str; 5] = [
    "dangerouslySetInnerHTML",
    ".innerHTML",
    ".outerHTML",
    "insertAdjacentHTML",
    "document.write",
];
/// Names that say nothing.
const DRAWERS: [&str; 5] = ["utils", "util", "helpers", "common", "misc"];

fn ours(tree: &Tree) -> impl Iterator<Item = &File> {
    tree.files.iter().filter(|file| {
        let path = file.path.as_str();
        FOLDERS.iter().any(|folder| path.starts_with(folder))
            && ENDINGS.iter().any(|ending| path.ends_with(ending))
            && !GENERATED.iter().any(|folder| path.contains(folder))
    })
}

fn is_test(path: &str) -> bool {
    path.contains(".test.") || path.contains("/test/") || path.starts_with("e2e/")
}

/// No file is longer than a reader can hold.
pub(super) fn lengths(tree: &Tree, report: &mut Report<'_>) {
    for file in ours(tree) {
        let lines = file.text.lines().count();
        if lines > FILE_MAX {
            let message = format!("{lines} lines; at most {FILE_MAX}: split it by noun");
            report.add(&file.path, FILE_MAX + 1, message);
        }
    }
}

/// Files and folders are called by what they hold, in one spelling.
pub(super) fn names(tree: &Tree, report: &mut Report<'_>) {
    for file in ours(tree) {
        for part in file.path.split('/') {
            let stem = part.split('.').next().unwrap_or_default();
            if DRAWERS.contains(&stem) {
                report.add(
                    &file.path,
                    1,
                    format!("\"{stem}\" says nothing: name it by its noun"),
                );
            }
            if part.bytes().any(|byte| byte.is_ascii_uppercase()) {
                report.add(&file.path, 1, format!("{part}: names are in kebab-case"));
            }
        }
    }
}

/// People's words are text, never markup.
pub(super) fn markup(tree: &Tree, report: &mut Report<'_>) {
    for file in ours(tree).filter(|file| !is_test(&file.path)) {
        for (index, line) in file.text.lines().enumerate() {
            if let Some(way) = MARKUP.iter().find(|way| line.contains(*way)) {
                report.add(
                    &file.path,
                    index + 1,
                    format!("{way} lets text become markup"),
                );
            }
        }
    }
}

/// Colours are chosen once, for light and dark together.
pub(super) fn colours(tree: &Tree, report: &mut Report<'_>) {
    let styles = ours(tree).filter(|file| file.path.ends_with(".css") && file.path != TOKENS);
    for file in styles {
        for (index, line) in file.text.lines().enumerate() {
            if has_colour(line) {
                report.add(
                    &file.path,
                    index + 1,
                    format!("a raw colour: name it in {TOKENS}"),
                );
            }
        }
    }
}

fn has_colour(line: &str) -> bool {
    let is_function = ["rgb(", "rgba(", "hsl(", "oklch("]
        .iter()
        .any(|name| line.contains(name));
    let is_hash = line.split('#').skip(1).any(|rest| {
        let digits = rest.bytes().take_while(u8::is_ascii_hexdigit).count();
        let ends = !rest[digits..].starts_with(|next: char| next.is_alphanumeric() || next == '-');
        matches!(digits, 3 | 4 | 6 | 8) && ends && line.contains(':')
    });
    is_function || is_hash
}
