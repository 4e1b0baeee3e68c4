//! The operator's page is true: every line of it works, and only for those who may.

use std::collections::{BTreeMap, BTreeSet};

use devstack::{checkout, fleet::Kind, tools};
use futures::future::join_all;
use serde_json::{Value, json};
use testkit::Person;
use tokio::process::Command;

use crate::{console::Console, stage::Stage};

const PAGE: &str = "docs/admin.md";

/// A command of the page, and what its answer must contain.
#[derive(Debug)]
struct Line {
    command: String,
    expected: Vec<String>,
}

impl Line {
    /// The variable that it sets, if that is what it does.
    fn variable(&self) -> Option<&str> {
        let (name, _) = self.command.split_once('=')?;
        let is_name = |byte: u8| byte.is_ascii_uppercase() || byte == b'_';
        name.bytes().all(is_name).then_some(name)
    }
}

/// Reads the commands of the page's shell blocks; those of the first block only name the variables.
fn read(page: &str) -> (Vec<Line>, Vec<Line>) {
    let mut blocks = page.split("```sh\n").skip(1).map(|rest| {
        let (block, _) = rest.split_once("```").expect("a block ends");
        lines(block)
    });
    let variables = blocks.next().expect("the variables stand first");
    (variables, blocks.flatten().collect())
}

fn lines(block: &str) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    let mut is_continued = false;
    for text in block.lines() {
        if let Some(expected) = text.strip_prefix("# → ") {
            let line = lines.last_mut().expect("a command stands before");
            line.expected.push(expected.to_owned());
            continue;
        }
        match lines.last_mut().filter(|_| is_continued) {
            Some(line) => {
                line.command.push('\n');
                line.command.push_str(text);
            }
            None => lines.push(Line {
                command: text.to_owned(),
                expected: Vec::new(),
            }),
        }
        is_continued = text.ends_with('\\');
    }
    lines
}

/// Runs a command as an operator's shell would.
async fn run(line: &Line, variables: &BTreeMap<String, String>) -> String {
    let grpcurl = tools::grpcurl().await.expect("grpcurl can be had");
    let folder = grpcurl.parent().expect("it lies in a folder").display();
    let mut script = format!(
        "set -e -o pipefail\nPATH={folder}:$PATH\n{}\n",
        line.command
    );
    if let Some(name) = line.variable() {
        script.push_str(&format!("printf %s \"${name}\"\n"));
    }
    let output = Command::new("bash")
        .args(["-c", &script])
        .envs(variables)
        .output()
        .await
        .expect("bash runs");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}\n{text}{error}", line.command);
    for expected in &line.expected {
        assert!(
            text.contains(expected),
            "{}\n{text}\nlacks {expected}",
            line.command
        );
    }
    text
}

#[tokio::test]
async fn every_line_of_the_operator_s_page_works_and_leaves_its_row() {
    let page = std::fs::read_to_string(checkout::root().join(PAGE)).expect("the page is there");
    let (named, lines) = read(&page);
    let stage = Stage::open().await;
    let root = stage.admin().await;
    let mallory = Person::sign_up(&stage.http(1), "mallory").await;
    let grace = Person::sign_up(&stage.http(0), "grace").await;
    root.creates_room("lounge").await;
    mallory.creates_room("junk").await;
    let mut socket = mallory.connect(&stage.ws(1)).await;
    let mut of_grace = grace.connect(&stage.ws(0)).await;
    let join = json!({"room": "#lounge"});
    socket.send("room.join", join).await.expect("joined");
    let said = json!({"room": "#lounge", "body": "buy now"});
    let said = socket.send("message.send", said).await.expect("sent");
    let report = json!({"user": "@mallory", "category": "spam", "note": "every day"});
    of_grace.send("mod.report", report).await.expect("reported");
    let mut variables = BTreeMap::new();
    let mut put = |name: &str, value: &str| variables.insert(name.to_owned(), value.to_owned());
    put("AUTH", &stage.admin_port(Kind::Auth));
    put("MODERATION", &stage.admin_port(Kind::Moderation));
    put("ROOM", &stage.admin_port(Kind::Room));
    put("SOCIAL", &stage.admin_port(Kind::Social));
    let (admin, password) = stage.admin_credentials();
    put("ADMIN", admin);
    put("PASSWORD", password);
    put("PERSON", "@mallory");
    put("MESSAGE", said["message"].as_str().expect("an id"));
    put("RANGE", "203.0.113.0/24");
    put("LOUNGE", "#lounge");
    put("JUNK", "#junk");
    let names: BTreeSet<_> = named.iter().filter_map(Line::variable).collect();
    let known: BTreeSet<_> = variables.keys().map(String::as_str).collect();
    assert_eq!(
        names, known,
        "the page and this test name the same variables"
    );

    assert!(lines.len() > 40, "the page was read");
    for line in &lines {
        let answer = run(line, &variables).await;
        if let Some(name) = line.variable() {
            assert!(!answer.is_empty(), "{} found nothing", line.command);
            variables.insert(name.to_owned(), answer);
        }
    }
    // The person was there while all this was done to them.
    for kind in ["operator.notice", "operator.notice", "bye"] {
        socket.expect(kind).await;
    }
    of_grace.expect("operator.notice").await;
    let (_, rooms) = grace.get("/rooms?query=junk").await;
    assert_eq!(rooms["rooms"], json!([]), "the room is gone");

    let console = Console::open(&stage).await;
    let audit = console
        .done("ModerationService/ListAudit", json!({"limit": 100}))
        .await;
    let rows = audit["rows"].as_array().expect("rows");
    let mut left: Vec<_> = rows
        .iter()
        .map(|row| row["action"].as_str().expect("text"))
        .collect();
    for row in rows {
        assert_eq!(row["actorId"], root.id(), "{row}");
        let text = row.to_string();
        assert!(
            !text.contains("mallory") && !text.contains("advertising"),
            "{row}"
        );
    }
    for act in ACTS {
        let at = left.iter().position(|action| *action == act);
        let at = at.unwrap_or_else(|| panic!("{act} left no row: {audit}"));
        left.remove(at);
    }
    assert!(left.is_empty(), "nobody did {left:?}");
    let seqs: Vec<_> = rows
        .iter()
        .map(|row| row["seq"].as_str().expect("a seq"))
        .collect();
    let expected: Vec<_> = (1..=rows.len()).rev().map(|seq| seq.to_string()).collect();
    assert_eq!(seqs, expected, "no row is missing");
}

/// What the page does, one row each.
const ACTS: [&str; 22] = [
    "role.set",
    "role.set",
    "connection.send",
    "connection.broadcast",
    "connection.disconnect",
    "sessions.revoke",
    "report.update",
    "report.update",
    "warn",
    "mute",
    "unmute",
    "ban.create",
    "ban.lift",
    "ban.create",
    "ban.lift",
    "ban.create",
    "ban.lift",
    "filter.create",
    "filter.delete",
    "room.ban",
    "room.unban",
    "room.delete",
];

/// Methods that need no token.
const PUBLIC: [&str; 3] = [
    "AuthService/SignUp",
    "AuthService/LogIn",
    "AuthService/GetKeys",
];
/// Methods that only our own processes may call.
const INTERNAL: [&str; 11] = [
    "AuthService/Authenticate",
    "ModerationService/ListEnforced",
    "ModerationService/PullFilters",
    "ModerationService/FileAlert",
    "ModerationService/ReportConnections",
    "ModerationService/EraseUser",
    "SocialService/ReportPresence",
    "SocialService/EraseUser",
    "RoomService/RenameUser",
    "RoomService/EraseUser",
    "RoomService/ExplainMessage",
];
/// Methods of administrators outside moderation-svc.
const ADMINS: [&str; 4] = [
    "AuthService/SetRole",
    "AuthService/RevokeUserSessions",
    "AuthService/ListAddresses",
    "AuthService/ListUsers",
];
/// What moderation-svc does for everybody.
const USERS: [&str; 2] = [
    "ModerationService/ReportContent",
    "ModerationService/ExportUser",
];

/// Who may call a method, as the refusals to a stranger and to a user.
fn refusals(method: &str) -> (Option<&'static str>, Option<&'static str>) {
    let is_moderation = method.starts_with("ModerationService/");
    if PUBLIC.contains(&method) {
        (None, None)
    } else if INTERNAL.contains(&method) || method.starts_with("StreamService/") {
        (Some("PERMISSION_DENIED"), Some("PERMISSION_DENIED"))
    } else if ADMINS.contains(&method) || (is_moderation && !USERS.contains(&method)) {
        (Some("TOKEN_MISSING"), Some("ADMIN_REQUIRED"))
    } else {
        (Some("TOKEN_MISSING"), None)
    }
}

/// Every method of a service's admin port, with its path. All ports describe all services.
async fn methods(stage: &Stage, kind: Kind) -> Vec<(String, String)> {
    let port = stage.admin_port(kind);
    let (noun, _) = kind.name().split_once('-').expect("a service");
    let own = format!("hubbub.{noun}.");
    let mut methods = Vec::new();
    let (is_ok, services) = stage.grpcurl(&["-plaintext", &port, "list"]).await;
    assert!(is_ok, "{services}");
    let services = services
        .lines()
        .filter(|name| name.starts_with(&own) || name.starts_with("hubbub.stream."));
    for service in services {
        let list = ["-plaintext", &port, "list", service];
        let (is_ok, listed) = stage.grpcurl(&list).await;
        assert!(is_ok, "{listed}");
        for method in listed.lines() {
            let (_, name) = method.rsplit_once('.').expect("a full name");
            let (_, short) = service.rsplit_once('.').expect("a full name");
            methods.push((format!("{short}/{name}"), format!("{service}/{name}")));
        }
    }
    methods
}

/// Calls a method as a stranger and, where it would not be done, as a user.
async fn is_refused(stage: &Stage, port: &str, header: &str, (method, path): &(String, String)) {
    let (to_stranger, to_user) = refusals(method);
    let call = ["-plaintext", "-d", "{}", port, path];
    let (is_ok, text) = stage.grpcurl(&call).await;
    match to_stranger {
        Some(reason) => assert!(!is_ok && text.contains(reason), "{path}: {text}"),
        None => assert!(!text.contains("TOKEN_MISSING"), "{path}: {text}"),
    }
    if let Some(reason) = to_user {
        let call = ["-plaintext", "-H", header, "-d", "{}", port, path];
        let (is_ok, text) = stage.grpcurl(&call).await;
        assert!(!is_ok && text.contains(reason), "{path}: {text}");
    }
}

#[tokio::test]
async fn every_method_is_refused_to_those_who_may_not() {
    let stage = Stage::open().await;
    let ada = Person::sign_up(&stage.http(0), "ada").await;
    let header = format!("authorization: Bearer {}", ada.account.token);
    let mut seen = BTreeSet::new();
    for kind in [Kind::Auth, Kind::Moderation, Kind::Social, Kind::Room] {
        let (port, methods) = (stage.admin_port(kind), methods(&stage, kind).await);
        for some in methods.chunks(8) {
            let calls = some
                .iter()
                .map(|method| is_refused(&stage, &port, &header, method));
            join_all(calls).await;
        }
        seen.extend(methods.into_iter().map(|(method, _)| method));
    }
    let named = PUBLIC.iter().chain(&INTERNAL).chain(&ADMINS).chain(&USERS);
    for method in named {
        assert!(seen.contains(*method), "{method} does not exist");
    }
    assert!(seen.len() > 100, "{seen:?}");
}

#[tokio::test]
async fn a_method_that_nobody_knows_is_denied_even_to_an_administrator() {
    let stage = Stage::open().await;
    let root = stage.admin().await;
    let header = format!("authorization: Bearer {}", root.account.token);
    let folder = std::env::temp_dir().join(format!("hubbub-{}", root.id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    for (kind, package, service) in [
        (Kind::Auth, "hubbub.auth.v1", "AuthService"),
        (
            Kind::Moderation,
            "hubbub.moderation.v1",
            "ModerationService",
        ),
        (Kind::Social, "hubbub.social.v1", "SocialService"),
        (Kind::Room, "hubbub.room.v1", "RoomService"),
        (Kind::Room, "hubbub.secret.v1", "SecretService"),
    ] {
        // grpcurl sends only what is described, so it is given a description of what does not exist.
        let text = format!(
            "syntax = \"proto3\"; package {package}; message Empty {{}} \
             service {service} {{ rpc DropEverything(Empty) returns (Empty); }}"
        );
        let file = folder.join(format!("{service}.proto"));
        std::fs::write(&file, text).expect("written");
        let port = stage.admin_port(kind);
        let path = format!("{package}.{service}/DropEverything");
        let (folder, file) = (folder.display().to_string(), format!("{service}.proto"));
        let arguments = [
            "-plaintext",
            "-import-path",
            &folder,
            "-proto",
            &file,
            "-H",
            &header,
            "-d",
            "{}",
            &port,
            &path,
        ];
        let (is_ok, text) = stage.grpcurl(&arguments).await;
        let is_denied = text.contains("PermissionDenied") || text.contains("Unimplemented");
        assert!(!is_ok && is_denied, "{path}: {text}");
    }
    std::fs::remove_dir_all(&folder).expect("removed");
}

#[tokio::test]
async fn an_administrator_s_mistake_is_told_and_changes_nothing() {
    let stage = Stage::open().await;
    let root = stage.admin().await;
    Person::sign_up(&stage.http(0), "ada").await;
    let console = Console::open(&stage).await;
    let own = json!({"user_id": root.id(), "role": "ROLE_USER"});
    for (method, request, reason) in [
        ("AuthService/SetRole", own, "PERMISSION_DENIED"),
        (
            "ModerationService/CreateBan",
            json!({"user_id": "@ada", "key": "k"}),
            "FIELD_INVALID",
        ),
        (
            "ModerationService/CreateBan",
            json!({"user_id": "@nobody", "reason": "x", "key": "k"}),
            "USER_NOT_FOUND",
        ),
        (
            "ModerationService/CreateBan",
            json!({"user_id": "@ada", "reason": "x"}),
            "FIELD_INVALID",
        ),
        (
            "ModerationService/MuteUser",
            json!({"user_id": "@ada", "reason": "x", "key": "k"}),
            "FIELD_INVALID",
        ),
        (
            "ModerationService/WarnUser",
            json!({"user_id": "@nobody", "reason": "x", "key": "k"}),
            "USER_NOT_FOUND",
        ),
        (
            "ModerationService/UpdateReport",
            json!({"report_id": root.id(), "state": "resolved", "key": "k"}),
            "REPORT_NOT_FOUND",
        ),
        (
            "ModerationService/Disconnect",
            json!({"connection_id": root.id()}),
            "CONNECTION_GONE",
        ),
        (
            "ModerationService/CreateFilter",
            json!({"pattern": "*", "action": "refuse", "key": "k"}),
            "FIELD_INVALID",
        ),
        (
            "AuthService/RevokeUserSessions",
            json!({"user_id": "@nobody"}),
            "USER_NOT_FOUND",
        ),
        (
            "RoomService/DeleteRoom",
            json!({"room": "#nowhere", "key": "k"}),
            "NOT_",
        ),
    ] {
        let refused = console.call(method, request).await.expect_err(method);
        assert!(refused.contains(reason), "{method}: {refused}");
    }
    let audit = console.done("ModerationService/ListAudit", json!({})).await;
    assert_eq!(
        audit.get("rows").unwrap_or(&Value::Null),
        &Value::Null,
        "{audit}"
    );
    let verified = console
        .done("ModerationService/VerifyAudit", json!({}))
        .await;
    assert_eq!(verified["isIntact"], true, "{verified}");
}
