//! A history that is written and read again is the same, and a bad file says where it is bad.

use proptest::prelude::*;

use super::{
    super::{journal::*, *},
    honest::history_of,
    town::town,
};

fn lines_of(history: &History) -> Vec<String> {
    let mut out = Vec::new();
    write(history, &mut out).expect("it can be written");
    let text = String::from_utf8(out).expect("it is text");
    text.lines().map(str::to_owned).collect()
}

fn refused(lines: &[String]) -> Error {
    let text = lines.join("\n");
    read(text.as_bytes()).expect_err("it is not a history")
}

fn error_of(lines: &[String]) -> String {
    format!("{:#}", anyhow::Error::from(refused(lines)))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_is_written_is_read(
        happenings in proptest::collection::vec((0..24_u8, 0..12_u8, 0..12_u8, 0..4_000_u16), 0..100),
    ) {
        let history = history_of(&happenings);
        let text = lines_of(&history).join("\n");
        prop_assert_eq!(read(text.as_bytes()).expect("a history"), history);
    }
}

fn some_lines() -> Vec<String> {
    let mut town = town();
    town.send(0, 0);
    town.kick(1, 0);
    town.block(0, 1);
    town.break_down();
    lines_of(&town.finish())
}

#[test]
fn a_line_is_readable_alone() {
    let lines = some_lines();
    assert!(lines[0].starts_with(
        r#"{"header":{"version":1,"devices":6,"rooms":2,"settings":{"catchUpUs":5000000,"#
    ));
    assert!(
        lines
            .iter()
            .any(|line| line.starts_with(r#"{"send":{"bot":0,"room":0,"invokedUs":"#))
    );
    assert!(
        lines
            .iter()
            .any(|line| line.contains(r#""scope":{"room":0}"#))
    );
}

#[test]
fn a_bad_line_is_named() {
    let mut lines = some_lines();
    lines[4] = r#"{"send":{"bot":0}}"#.to_owned();
    let error = error_of(&lines);
    assert!(
        error.starts_with("line 5 is not part of a history: missing field `room`"),
        "{error}"
    );
}

#[test]
fn a_number_out_of_range_is_named() {
    let mut lines = some_lines();
    lines[2] = lines[2].replace(r#""device":0"#, r#""device":6"#);
    assert!(error_of(&lines).contains("line 3 is not part of a history: there is no device 6"));
    let place = lines
        .iter()
        .position(|line| line.starts_with(r#"{"final""#));
    let mut lines = some_lines();
    let place = place.expect("there is a message");
    lines[place] = lines[place].replace(r#"{"room":0"#, r#"{"room":2"#);
    lines[place] = lines[place].replace(r#"{"room":1"#, r#"{"room":2"#);
    assert!(error_of(&lines).contains("there is no room 2"));
}

/// Numbers that would take memory are refused where they stand; so a history is never larger than what was read.
#[test]
fn more_is_announced_than_comes() {
    let mut lines = some_lines();
    lines[0] = lines[0].replace(r#""rooms":2"#, r#""rooms":4294967295"#);
    let error = refused(&lines);
    let is_named = matches!(
        error,
        Error::Line {
            line: 1,
            source: Problem::Rooms(u32::MAX)
        }
    );
    assert!(is_named, "{error:?}");
    let mut lines = some_lines();
    lines[0] = lines[0].replace(r#""devices":6"#, r#""devices":4294967295"#);
    let last = lines.len() as u64;
    let error = refused(&lines);
    assert!(
        matches!(
            error,
            Error::Line { line, source: Problem::DevicesMissing { came: 6, announced: u32::MAX } }
            if line == last
        ),
        "{error:?}"
    );
}

#[test]
fn devices_stand_in_their_order() {
    let of = |device: u32, number: u32| {
        let mut lines = some_lines();
        let from = format!(r#"{{"device":{{"device":{device},"#);
        let to = format!(r#"{{"device":{{"device":{number},"#);
        for line in &mut lines {
            *line = line.replace(&from, &to);
        }
        error_of(&lines)
    };
    for (device, number) in [(0, 1), (1, 0), (5, 6), (5, u32::MAX)] {
        let error = of(device, number);
        let expected = format!("device {number} stands in the place of device {device}, of 6");
        assert!(error.contains(&expected), "{error}");
    }
}

/// A room that is said to be long takes no more memory than what is known of it: the checker once made a place for every
/// number up to where a device began, 120 GB here.
#[test]
fn a_place_far_away_costs_nothing() {
    let mut town = town();
    town.send(0, 0);
    let mut history = town.finish();
    history.observers[0].starts[0].seq = u32::MAX;
    for observer in &mut history.observers[..2] {
        let mut told = observer.deliveries[0];
        (told.seq, told.prev) = (u32::MAX, u32::MAX - 1);
        observer.deliveries.push(told);
        // Whoever blocks somebody may be told places that are far apart.
        history.blocks.push(Block {
            by: observer.user,
            of: observer.user + 1,
            asked_us: 0,
            acked_us: 0,
            lifted_us: None,
            grace_us: 0,
        });
    }
    let text = lines_of(&history).join("\n");
    let history = read(text.as_bytes()).expect("a history");
    let verdict = check(&history);
    assert!(verdict.of(Check::Duplicate).violations > 0, "{verdict:?}");
}

#[test]
fn a_file_that_was_cut_off_is_no_history() {
    let mut lines = some_lines();
    let last = lines.pop().expect("it has lines");
    assert!(error_of(&lines).contains("cut off"));
    lines.pop();
    lines.push(last);
    assert!(error_of(&lines).contains("lines came before it"));
    assert!(error_of(&[]).contains("cut off"));
}

#[test]
fn other_versions_and_second_headers_are_refused() {
    let mut lines = some_lines();
    lines[0] = lines[0].replace(r#""version":1"#, r#""version":2"#);
    assert_eq!(
        error_of(&lines),
        "line 1 is not part of a history: version 2 is not 1"
    );
    let mut lines = some_lines();
    lines[1] = lines[0].clone();
    assert!(error_of(&lines).starts_with("line 2"));
    assert!(error_of(&lines[2..]).starts_with("line 1"));
    let mut lines = some_lines();
    lines.push(lines[1].clone());
    assert!(error_of(&lines).contains("follows the last line"));
}

#[test]
fn a_file_is_checked() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("run.jsonl");
    let mut history = {
        let mut town = town();
        town.send(0, 0);
        town.finish()
    };
    write_file(&path, &history).expect("it can be written");
    assert!(check_file(&path).expect("a history").is_clean());
    history.finals[0].clear();
    write_file(&path, &history).expect("it can be written");
    let verdict = check_file(&path).expect("a history");
    assert_eq!(verdict.of(Check::Lost).violations, 1);
    let error = check_file(&folder.path().join("none")).expect_err("there is none");
    assert!(format!("{error:#}").contains("none"));
}
