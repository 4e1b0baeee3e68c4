//! Example frames that Rust and TypeScript test against: `proto/fixtures/*.json`, a list of frames per type.
//!
//! A missing file is drafted from its schema. What is there is never overwritten: better examples are written by hand.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use anyhow::Context;
use gateway::contract::{Registry, Reply};
use serde_json::{Map, Value, json};

use crate::sample;

/// The fixtures' folder.
pub const FOLDER: &str = "proto/fixtures";

/// The frames of every file, by its name.
pub type Fixtures = BTreeMap<String, Vec<Value>>;

/// What a file is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum About<'a> {
    /// A command of this type.
    Command(&'a str),
    /// The answer to it.
    Answer(&'a str),
    /// An event of this type.
    Event(&'a str),
    /// A refusal.
    Error,
}

impl About<'_> {
    /// Returns the name of the file.
    #[must_use]
    pub fn file(self) -> String {
        let (part, kind) = match self {
            Self::Command(kind) => ("command", kind),
            Self::Answer(kind) => ("answer", kind),
            Self::Event(kind) => ("event", kind),
            Self::Error => return "error.json".into(),
        };
        format!(
            "{part}.{}.json",
            kind.trim_end_matches(".*").replace('/', ".")
        )
    }
}

/// Lists what must have a file, with the schema of its frames.
#[must_use]
pub fn expected(registry: &Registry) -> Vec<(About<'_>, &Value)> {
    let mut expected = vec![(About::Error, &registry.error)];
    for asked in &registry.commands {
        expected.push((About::Command(asked.command.kind), &asked.frame));
        if asked.command.reply == Reply::Ok {
            expected.push((About::Answer(asked.command.kind), &asked.answer_frame));
        }
    }
    let events = registry.events.iter();
    expected.extend(events.map(|told| (About::Event(told.event.kind), &told.frame)));
    expected
}

/// Reads every file.
///
/// # Errors
/// When one is no list of objects.
pub fn read(root: &Path) -> anyhow::Result<Fixtures> {
    let mut fixtures = Fixtures::new();
    for path in files(root)? {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let text = fs::read_to_string(&path)?;
        let frames =
            serde_json::from_str(&text).with_context(|| format!("{name} is no list of frames"))?;
        fixtures.insert(name.into_owned(), frames);
    }
    Ok(fixtures)
}

/// Writes the files that are missing and takes away those of types that are gone.
///
/// # Errors
/// When a file cannot be written.
pub fn draft(root: &Path, registry: &Registry) -> anyhow::Result<()> {
    let folder = root.join(FOLDER);
    fs::create_dir_all(&folder)?;
    let mut known = BTreeSet::new();
    for (about, schema) in expected(registry) {
        let file = about.file();
        let path = folder.join(&file);
        if !path.exists() {
            let text = serde_json::to_string_pretty(&drafts(about, schema, registry))? + "\n";
            fs::write(path, text)?;
        }
        known.insert(file);
    }
    for path in files(root)? {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if !known.contains(&*name) {
            fs::remove_file(&path)?;
        }
    }
    Ok(())
}

/// Lists the files that are missing, and those of types that are gone.
///
/// # Errors
/// When the folder cannot be read.
pub fn amiss(root: &Path, registry: &Registry) -> anyhow::Result<Vec<String>> {
    let known: BTreeSet<_> = expected(registry)
        .iter()
        .map(|(about, _)| about.file())
        .collect();
    let there: BTreeSet<_> = read(root)?.into_keys().collect();
    let missing = known
        .difference(&there)
        .map(|name| format!("{FOLDER}/{name} is missing"));
    let gone = there
        .difference(&known)
        .map(|name| format!("{FOLDER}/{name} is of no type there is"));
    Ok(missing.chain(gone).collect())
}

fn files(root: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let folder = root.join(FOLDER);
    if !folder.exists() {
        return Ok(Vec::new());
    }
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder)? {
        paths.push(entry?.path());
    }
    paths.sort();
    Ok(paths)
}

/// Makes a frame with what it needs, and one with everything.
fn drafts(about: About<'_>, schema: &Value, registry: &Registry) -> Vec<Value> {
    let frames = [false, true].map(|is_full| {
        let mut frame = sample::of(schema, registry, is_full);
        if let Value::Object(frame) = &mut frame {
            match about {
                About::Event(kind) => settle(kind, frame),
                About::Command(_) | About::Answer(_) | About::Error => {
                    frame.insert("id".into(), "1".into());
                }
            }
        }
        frame
    });
    let [least, full] = frames;
    if least == full {
        vec![full]
    } else {
        vec![least, full]
    }
}

/// Sets what a schema cannot say: the type of an operator's frame, and that a message stands where its frame says.
fn settle(kind: &str, frame: &mut Map<String, Value>) {
    if let Some(prefix) = kind.strip_suffix('*') {
        frame.insert("type".into(), json!(format!("{prefix}notice")));
    }
    if kind == "message.new" {
        let (cursor, seq, room) = (
            frame["cursor"].clone(),
            frame["seq"].clone(),
            frame["room"].clone(),
        );
        if let Some(data) = frame.get_mut("data").and_then(Value::as_object_mut) {
            data.insert("message".into(), cursor);
            data.insert("seq".into(), seq);
            data.insert("room".into(), room);
            data.insert("reactions".into(), json!([]));
        }
    }
}
