//! The corpus, in every test run: attacks written by hand, and whatever the engine has found so far.

use std::{collections::BTreeSet, fs, path::PathBuf};

use fuzz::TARGETS;

fn corpus() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("corpus")
}

#[test]
fn every_target_has_a_corpus_and_every_corpus_a_target() {
    let folders = fs::read_dir(corpus()).expect("the corpus");
    let folders: BTreeSet<_> = folders
        .map(|folder| folder.expect("a folder").file_name())
        .collect();
    let targets: BTreeSet<_> = TARGETS.iter().map(|target| target.name.into()).collect();
    assert_eq!(folders, targets);
}

#[test]
fn the_properties_hold_of_the_whole_corpus() {
    for target in TARGETS {
        let files = fs::read_dir(corpus().join(target.name)).expect("a corpus");
        let mut count = 0;
        for file in files {
            let path = file.expect("a file").path();
            let bytes = fs::read(&path).expect("bytes");
            let held = std::panic::catch_unwind(|| (target.check)(&bytes));
            assert!(held.is_ok(), "{} breaks {}", path.display(), target.name);
            count += 1;
        }
        assert!(count >= 5, "{} has only {count} files", target.name);
    }
}
