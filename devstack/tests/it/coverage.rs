//! `docs/coverage.md` names tests that exist, for every row it should have.

use std::{collections::BTreeSet, path::Path};

use devstack::checkout;
use sqlx::{Connection, Executor, PgConnection, Row};

use crate::stage::Stage;

const PAGE: &str = "docs/coverage.md";

/// The rows of the page's table: the requirement, and the tests of it.
fn rows(page: &str) -> Vec<(String, String)> {
    let lines = page.lines().filter(|line| line.starts_with("| 0"));
    lines
        .map(|line| {
            let cells: Vec<_> = line.split('|').map(str::trim).collect();
            let [_, row, _, tests, _] = cells[..] else {
                panic!("three cells: {line}");
            };
            (row.to_owned(), tests.to_owned())
        })
        .collect()
}

#[test]
fn every_requirement_has_a_row_and_every_named_test_exists() {
    let root = checkout::root();
    let page = std::fs::read_to_string(root.join(PAGE)).expect("the page is there");
    let rows = rows(&page);
    let mut expected: BTreeSet<_> = (1..=41).map(|number| format!("002-{number:02}")).collect();
    expected.extend(["000-21".to_owned(), "001-06".to_owned()]);
    let found: BTreeSet<_> = rows.iter().map(|(row, _)| row.clone()).collect();
    assert_eq!(found, expected);
    assert_eq!(rows.len(), expected.len(), "a row stands twice");
    for (row, tests) in &rows {
        let (shown, is_open) = match tests.split_once("open: ") {
            Some((shown, _)) => (shown, true),
            None => (tests.as_str(), false),
        };
        let named: Vec<_> = shown.split('`').skip(1).step_by(2).collect();
        assert!(is_open || !named.is_empty(), "{row} names no test: {tests}");
        for test in named {
            assert!(exists(&root, test), "{row}: `{test}` does not exist");
        }
    }
}

/// Whether a test is where `path::name` says: a function of Rust, or a title of a test in JavaScript.
fn exists(root: &Path, test: &str) -> bool {
    let Some((path, name)) = test.split_once("::") else {
        return false;
    };
    let Ok(text) = std::fs::read_to_string(root.join(path)) else {
        return false;
    };
    if path.ends_with(".rs") {
        text.contains(&format!("fn {name}("))
    } else {
        // A long call has its title on a line of its own.
        let calls = ["test(", "scene("].into_iter();
        let mut calls = calls.flat_map(|call| text.split(call).skip(1));
        calls.any(|rest| rest.trim_start().starts_with(&format!("\"{name}\"")))
    }
}

#[tokio::test]
async fn the_database_has_the_tables_that_were_asked_for() {
    let stage = Stage::open().await;
    let mut connection = PgConnection::connect(&stage.postgres_url())
        .await
        .expect("connected");
    // Accounts, friends, rooms, messages, blocks, and what joins them.
    for table in [
        "auth.account",
        "auth.session",
        "social.friendship",
        "social.friend_request",
        "social.block",
        "room.room",
        "room.member",
        "room.message",
        "stream.event",
        "moderation.ban",
        "moderation.report",
        "moderation.audit",
    ] {
        let find = sqlx::AssertSqlSafe(format!("select to_regclass('{table}') is not null"));
        let found = connection.fetch_one(find).await.expect("asked");
        assert!(found.get::<bool, _>(0), "{table} does not exist");
    }
    let count = "select count(*) from pg_constraint where contype = 'f'";
    let count = connection.fetch_one(count).await.expect("counted");
    assert!(
        count.get::<i64, _>(0) > 0,
        "rows that belong together are bound together"
    );
}
