//! The tree keeps the house rules, and each rule notices when it is broken.

use std::path::Path;

use xtask::tidy;

use crate::mini_tree::MiniTree;

#[test]
fn the_tree_keeps_the_rules() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let found = tidy::check(&root).expect("a readable tree");
    let lines: Vec<_> = found.iter().map(ToString::to_string).collect();
    assert!(
        lines.is_empty(),
        "cargo xtask tidy says:\n{}",
        lines.join("\n")
    );
}

#[test]
fn the_mini_tree_breaks_no_rule() {
    assert_eq!(MiniTree::new().check(), []);
}

/// Plants one file in a tree without violations: this rule, and no other, must name the line.
fn plant(rule: &str, path: &str, line: usize, text: &str) {
    let tree = MiniTree::new();
    tree.write(path, text);
    let found = tree.check();
    let is_named = found
        .iter()
        .any(|it| (it.rule, it.path.as_str(), it.line) == (rule, path, line));
    assert!(
        is_named,
        "{rule} did not name {path}:{line}\n{text}\nfound {found:#?}"
    );
    let is_alone = found.iter().all(|it| it.rule == rule);
    assert!(is_alone, "more than {rule} complains: {found:#?}");
}

#[test]
fn a_name_in_the_wrong_layer_is_named() {
    let rpc = "room-svc/src/rpc/rooms.rs";
    plant("layers", rpc, 2, "// sqlx\nuse sqlx::PgPool;\n");
    plant("layers", rpc, 1, "use redis::Client;\n");
    plant("layers", rpc, 1, "fn f(nats: &async_nats::Client) {}\n");
    plant("layers", rpc, 1, "fn f() { crate::db::rooms::find() }\n");
    let db = "room-svc/src/db/rooms.rs";
    plant("layers", db, 1, "use tonic::Status;\n");
    plant("layers", db, 1, "use proto::{id::RoomId, room::Room};\n");
    let domain = "room-svc/src/rooms.rs";
    plant("layers", domain, 2, "\nuse tonic::{Code, Status};\n");
    plant("layers", domain, 1, "use proto::room::Room;\n");
    plant("layers", "room-svc/src/events.rs", 1, "use sqlx::PgPool;\n");
}

#[test]
fn another_crate_s_schema_is_named() {
    let db = "const A: &str = \"select a\n  from auth.account\";\n";
    plant("schema", "room-svc/src/db/rooms.rs", 2, db);
    plant(
        "schema",
        "room-svc/migrations/1_first.sql",
        1,
        "insert into stream.event select 1;\n",
    );
}

#[test]
fn sql_in_the_gateway_is_named() {
    let manifest = "[lints]\nworkspace = true\n[dependencies]\nsqlx.workspace = true\n";
    plant("gateway-sql", "gateway/Cargo.toml", 4, manifest);
    plant(
        "gateway-sql",
        "gateway/src/relay.rs",
        1,
        "use sqlx::PgPool;\n",
    );
    plant(
        "gateway-sql",
        "gateway/src/relay.rs",
        1,
        "const A: &str = \"select 1\";\n",
    );
}

#[test]
fn a_name_that_says_nothing_is_named() {
    plant("names", "room-svc/src/rooms/mod.rs", 1, "");
    plant("names", "room-svc/src/room_utils.rs", 1, "");
    plant("names", "crates/pg/src/common/pool.rs", 1, "");
}

#[test]
fn what_is_too_long_is_named() {
    plant("length", "room-svc/src/rooms.rs", 601, &"//\n".repeat(601));
    plant(
        "length",
        "room-svc/tests/it/rooms.rs",
        601,
        &"//\n".repeat(601),
    );
    let handler = format!("async fn call() {{\n{}}}\n", "    one();\n".repeat(29));
    plant("handler", "room-svc/src/rpc/rooms.rs", 1, &handler);
    plant(
        "cap",
        "crates/pg/src/lib.rs",
        1,
        &"fn one() {}\n".repeat(461),
    );
}

#[test]
fn a_subject_written_by_hand_is_named() {
    plant(
        "subject",
        "room-svc/src/rooms.rs",
        1,
        "const A: &str = \"rpc.hubbub\";\n",
    );
    plant(
        "subject",
        "gateway/src/relay.rs",
        1,
        "fn f() { format!(\"evt.{}\", 1) }\n",
    );
    plant(
        "subject",
        "gateway/src/relay.rs",
        1,
        "const A: &str = \"heads.1\";\n",
    );
}

#[test]
fn a_sleep_in_a_test_is_named() {
    let test = "room-svc/tests/it/rooms.rs";
    plant(
        "sleep",
        test,
        2,
        "use std::thread;\nfn f() { thread::sleep(d) }\n",
    );
    plant("sleep", test, 1, "use tokio::time::{self, sleep};\n");
    let inside = "#[cfg(test)]\nmod tests {\n    fn f() { tokio::time::sleep(d); }\n}\n";
    plant("sleep", "room-svc/src/rooms.rs", 3, inside);
}

#[test]
fn a_transaction_that_could_stay_open_is_named() {
    let text = "async fn f() {\n    let tx = app.db.begin().await?;\n}\n";
    plant("begin", "room-svc/src/rooms.rs", 2, text);
}

#[test]
fn an_open_end_is_named() {
    plant("todo", "room-svc/src/rooms.rs", 1, "// TODO: later\n");
    plant("todo", "room-svc/default.toml", 1, "# FIXME(ada): later\n");
}

#[test]
fn a_crate_that_breaks_the_frame_is_named() {
    plant(
        "unsafe",
        "room-svc/src/rooms.rs",
        1,
        "fn f() { unsafe { g() } }\n",
    );
    plant(
        "lints",
        "room-svc/Cargo.toml",
        1,
        "[package]\nname = \"room-svc\"\n",
    );
    plant(
        "lints",
        "Cargo.toml",
        1,
        "[workspace.lints.rust]\nunsafe_code = \"warn\"\n",
    );
    plant("main", "room-svc/src/main.rs", 1, "fn main() {}\n");
    let depends = "[lints]\nworkspace = true\n[dependencies]\nNAME.workspace = true\n";
    plant(
        "direction",
        "room-svc/Cargo.toml",
        4,
        &depends.replace("NAME", "auth-svc"),
    );
    plant(
        "direction",
        "crates/rpc/Cargo.toml",
        4,
        &depends.replace("NAME", "service"),
    );
}

#[test]
fn a_document_that_fell_behind_is_named() {
    plant("link", "README.md", 2, "\n[gone](docs/gone.md)\n");
    plant(
        "reasons",
        "docs/errors.md",
        2,
        "| `CONFLICT` | a |\n| `NONSENSE` | b |\n",
    );
    plant(
        "reasons",
        "docs/errors.md",
        2,
        "| `CONFLICT` | a |\n| `CONFLICT` | b |\n",
    );
}

#[test]
fn a_long_main_is_named() {
    let tree = MiniTree::new();
    for name in ["auth-svc", "room-svc", "gateway"] {
        tree.write(&format!("{name}/src/main.rs"), &"//\n".repeat(16));
    }
    assert!(
        tree.check()
            .iter()
            .all(|it| it.rule == "main" && it.line == 16)
    );
    assert_eq!(tree.check().len(), 3);
}

#[test]
fn a_missing_service_file_is_named() {
    for file in ["src/events.rs", "default.toml", "migrations/1_first.sql"] {
        let tree = MiniTree::new();
        tree.remove(&format!("room-svc/{file}"));
        let found = tree.check();
        assert_eq!(found.len(), 1, "{file}: {found:#?}");
        assert_eq!(found[0].rule, "service-files");
    }
}

#[test]
fn a_method_needs_a_test_and_an_access_rule() {
    let tree = MiniTree::new();
    tree.remove("auth-svc/tests/it/sign_up.rs");
    tree.write("auth-svc/src/rpc.rs", "");
    tree.remove("crates/stream/tests/it/log.rs");
    let found: Vec<_> = tree.check().iter().map(ToString::to_string).collect();
    assert_eq!(
        found,
        [
            "proto/hubbub/auth/v1/auth.proto:3: method: auth-svc has no access rule for `/hubbub.auth.v1.AuthService/SignUp`",
            "proto/hubbub/auth/v1/auth.proto:3: method: no test: auth-svc/tests/it/sign_up.rs",
            "proto/hubbub/stream/v1/stream.proto:3: method: no test: crates/stream/tests/it/range.rs",
        ]
    );
}

#[test]
fn an_unexplained_reason_is_named() {
    let tree = MiniTree::new();
    tree.write(
        "proto/src/reason.rs",
        "reasons! {\n    CONFLICT\n    INTERNAL\n}\n",
    );
    let found: Vec<_> = tree.check().iter().map(ToString::to_string).collect();
    assert_eq!(
        found,
        ["proto/src/reason.rs:3: reasons: INTERNAL is not explained in docs/errors.md"]
    );
}

/// What is close to a violation but is none.
#[test]
fn the_rules_leave_honest_code_alone() {
    for (path, text) in [
        (
            "room-svc/src/rpc/rooms.rs",
            "//! No sqlx here.\nconst A: &str = \"sqlx::query\";\n",
        ),
        (
            "room-svc/src/db/rooms.rs",
            "const A: &str = \"select auth.live_session(1) from room.room\";\n",
        ),
        (
            "room-svc/src/db/rooms.rs",
            "const A: &str = \"select seq from stream.head\";\n",
        ),
        ("room-svc/src/db/rooms.rs", "use proto::id::RoomId;\n"),
        (
            "room-svc/src/users.rs",
            "use proto::auth::{GetUserRequest, auth_service_client::AuthServiceClient};\n",
        ),
        ("room-svc/src/rooms.rs", "// TODO(#12): later\n"),
        ("room-svc/src/rooms.rs", "fn f() { span(\"rpc.method\") }\n"),
        (
            "room-svc/src/rooms.rs",
            "fn f() { tokio::time::sleep(d) }\n",
        ),
        ("room-svc/src/rooms.rs", "fn f() { pg::begin(&db) }\n"),
        ("room-svc/tests/it/rooms.rs", "fn f() { db.begin() }\n"),
        (
            "room-svc/tests/it/rooms.rs",
            "const A: &str = \"rpc.hubbub\";\n",
        ),
        ("room-svc/src/database.rs", ""),
        ("docs/testing.md", "```\n[no](link)\n```\n"),
    ] {
        let tree = MiniTree::new();
        tree.write(path, text);
        assert_eq!(tree.check(), [], "{path}\n{text}");
    }
}

#[test]
fn every_rule_is_planted_here() {
    let text = include_str!("tidy.rs");
    for rule in tidy::rules() {
        assert!(
            text.contains(&format!("\"{rule}\"")) || text.contains(&format!(" {rule}: ")),
            "nothing plants {rule}"
        );
    }
}

#[test]
fn what_is_wrong_in_the_web_client_is_named() {
    let long = "export {};\n".repeat(401);
    plant("web-length", "sdk/src/client.ts", 401, &long);
    plant("web-names", "web/src/utils/time.ts", 1, "export {};\n");
    plant("web-names", "web/src/app/Shell.tsx", 1, "export {};\n");
    for way in [
        "element.innerHTML = text",
        "<p dangerouslySetInnerHTML={it} />",
    ] {
        let text = format!("\n{way};\n");
        plant("markup", "web/src/app/shell.tsx", 2, &text);
    }
    for colour in ["#fff", "#12345678", "rgb(1 2 3)"] {
        let text = format!(".a {{\n  color: {colour};\n}}\n");
        plant("colour", "web/src/app/shell.module.css", 2, &text);
    }
    plant("todo", "e2e/story.test.mjs", 1, "// TODO: later\n");
}

#[test]
fn what_is_right_in_the_web_client_is_not_named() {
    let tree = MiniTree::new();
    tree.write(
        "web/src/design/tokens.css",
        ":root {\n  --ink: #123456;\n}\n",
    );
    tree.write(
        "web/src/app/shell.module.css",
        "#add-room:hover {\n  color: var(--ink);\n}\n",
    );
    tree.write(
        "web/src/app/shell.test.tsx",
        "document.body.innerHTML = \"\";\n",
    );
    tree.write("sdk/src/gen/protocol.ts", &"export {};\n".repeat(900));
    assert_eq!(tree.check(), []);
}
