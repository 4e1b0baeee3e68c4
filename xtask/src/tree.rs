//! The files of the repository, read once for all rules.

use std::{fs, path::Path};

use anyhow::Context;
use walkdir::{DirEntry, WalkDir};

use crate::source::Source;

/// Folders that hold nothing we wrote.
const SKIPPED: [&str; 6] = ["target", ".git", ".hubbub", "node_modules", ".sqlx", "dist"];

/// Endings of the files that the rules read.
const READ: [&str; 12] = [
    "rs", "toml", "md", "proto", "sql", "html", "css", "js", "mjs", "ts", "tsx", "py",
];

/// One text file.
#[derive(Debug)]
pub struct File {
    /// Path from the root, with forward slashes.
    pub path: String,
    /// Its text; empty when the file is of a kind that no rule reads.
    pub text: String,
}

/// The repository.
#[derive(Debug)]
pub struct Tree {
    /// Every file.
    pub files: Vec<File>,
    /// The Rust files, taken apart.
    pub sources: Vec<Source>,
}

impl Tree {
    /// Reads a tree.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub fn read(root: &Path) -> anyhow::Result<Self> {
        let mut files = Vec::new();
        for entry in WalkDir::new(root)
            .sort_by_file_name()
            .into_iter()
            .filter_entry(is_ours)
        {
            let entry = entry?;
            if entry.file_type().is_file() {
                files.push(read(root, entry.path())?);
            }
        }
        let sources = files.iter().filter(|file| file.path.ends_with(".rs"));
        let sources = sources
            .map(|file| Source::new(&file.path, &file.text))
            .collect();
        Ok(Self { files, sources })
    }

    /// Finds a file by its path from the root.
    #[must_use]
    pub fn file(&self, path: &str) -> Option<&File> {
        self.files.iter().find(|file| file.path == path)
    }

    /// Whether a file, or a folder with a file in it, exists.
    #[must_use]
    pub fn has(&self, path: &str) -> bool {
        let folder = format!("{}/", path.trim_end_matches('/'));
        self.files
            .iter()
            .any(|file| file.path == path || file.path.starts_with(&folder))
    }

    /// Lists the service crates: the top-level folders named `*-svc`.
    #[must_use]
    pub fn services(&self) -> Vec<&str> {
        let manifests = self
            .files
            .iter()
            .filter_map(|file| file.path.strip_suffix("/Cargo.toml"));
        manifests
            .filter(|folder| folder.ends_with("-svc") && !folder.contains('/'))
            .collect()
    }

    /// Lists the Rust files of a folder.
    pub fn sources_in<'a>(&'a self, folder: &'a str) -> impl Iterator<Item = &'a Source> {
        self.sources
            .iter()
            .filter(move |source| source.path.starts_with(folder))
    }
}

fn is_ours(entry: &DirEntry) -> bool {
    entry.depth() == 0 || !SKIPPED.iter().any(|name| entry.file_name() == *name)
}

fn read(root: &Path, path: &Path) -> anyhow::Result<File> {
    let is_read = path
        .extension()
        .is_some_and(|ending| READ.iter().any(|read| ending == *read));
    let text = if is_read {
        fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?
    } else {
        String::new()
    };
    let inside = path.strip_prefix(root).context("the walk left the root")?;
    let parts: Vec<_> = inside.iter().map(|part| part.to_string_lossy()).collect();
    Ok(File {
        path: parts.join("/"),
        text,
    })
}
