//! Sizes of the shared crates, who may depend on whom, and the shared lints.

use super::Report;
use crate::tree::{File, Tree};

/// Most lines of code of a shared crate; comments, blank lines and tests do not count.
const CAPS: [(&str, usize); 4] = [
    ("crates/rpc", 1_450),
    ("crates/stream", 2_850),
    ("crates/service", 950),
    ("crates/pg", 460),
];

/// What each shared crate may depend on, of ours. Services may depend on all of these and on no other service.
const BELOW: [(&str, &[&str]); 5] = [
    ("proto", &[]),
    ("crates/pg", &[]),
    ("crates/rpc", &["proto"]),
    ("crates/stream", &["proto", "pg", "rpc"]),
    ("crates/service", &["proto", "pg", "rpc"]),
];

/// A shared crate stays small enough to be read in one sitting.
pub(super) fn caps(tree: &Tree, report: &mut Report<'_>) {
    for (folder, cap) in CAPS {
        let prefix = format!("{folder}/src/");
        let lines: usize = tree
            .sources_in(&prefix)
            .map(crate::source::Source::code_lines)
            .sum();
        if lines > cap {
            report.add(
                &format!("{folder}/src/lib.rs"),
                1,
                format!("{lines} lines of code; at most {cap}"),
            );
        }
    }
}

/// Dependencies point one way: `proto` ← `rpc`, `stream` ← `service` ← services.
pub(super) fn direction(tree: &Tree, report: &mut Report<'_>) {
    let services = tree.services();
    let ours = ["proto", "pg", "rpc", "stream", "service"];
    for (folder, allowed) in BELOW {
        let refused = |name: &str| {
            let is_ours = ours.contains(&name) || services.contains(&name) || name == "gateway";
            is_ours && !allowed.contains(&name)
        };
        check_manifest(tree, folder, report, refused);
    }
    for folder in services.iter().copied().chain(["gateway"]) {
        let refused = |name: &str| services.contains(&name) || name == "gateway";
        check_manifest(tree, folder, report, refused);
    }
}

fn check_manifest(
    tree: &Tree,
    folder: &str,
    report: &mut Report<'_>,
    refused: impl Fn(&str) -> bool,
) {
    let Some(manifest) = tree.file(&format!("{folder}/Cargo.toml")) else {
        return;
    };
    for (line, name) in dependencies(manifest).filter(|(_, name)| refused(name)) {
        report.add(
            &manifest.path,
            line,
            format!("{folder} may not depend on `{name}`"),
        );
    }
}

/// Lists the names under `[dependencies]`; what only tests need is free.
fn dependencies(manifest: &File) -> impl Iterator<Item = (usize, &str)> {
    let mut is_inside = false;
    manifest
        .text
        .lines()
        .enumerate()
        .filter_map(move |(index, line)| {
            if line.starts_with('[') {
                is_inside = line.trim() == "[dependencies]";
                return None;
            }
            let name = line.split(['.', '=', ' ']).next().unwrap_or_default();
            (is_inside && !name.is_empty() && !name.starts_with('#')).then_some((index + 1, name))
        })
}

/// Every crate takes the workspace's lints, and those forbid unsafe code.
pub(super) fn lints(tree: &Tree, report: &mut Report<'_>) {
    for manifest in tree
        .files
        .iter()
        .filter(|file| file.path.ends_with("Cargo.toml"))
    {
        let Ok(table) = manifest.text.parse::<toml::Table>() else {
            report.add(&manifest.path, 1, "not a TOML document");
            continue;
        };
        let at = |path: &[&str]| {
            let mut value = table.get(path[0])?;
            for key in &path[1..] {
                value = value.get(key)?;
            }
            Some(value)
        };
        let is_workspace = table.contains_key("workspace");
        if is_workspace
            && at(&["workspace", "lints", "rust", "unsafe_code"]).and_then(toml::Value::as_str)
                != Some("forbid")
        {
            report.add(&manifest.path, 1, "the workspace must forbid `unsafe_code`");
        }
        if !is_workspace && at(&["lints", "workspace"]).and_then(toml::Value::as_bool) != Some(true)
        {
            report.add(&manifest.path, 1, "add `[lints] workspace = true`");
        }
    }
}
