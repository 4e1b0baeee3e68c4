//! Every service's role may do in Postgres what its service needs, and nothing else.

mod attempts;
mod sources;
mod things;

use std::{os::unix::fs::PermissionsExt, path::Path};

use devstack::{
    fleet::{Fleet, FleetOptions, Kind},
    secrets::postgres_password,
    stores::{DATABASE, Store, Stores, login_url},
    tools::Tools,
};
use proto::database::{LOGINS, Login, OWNER};
use serde_json::json;
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection, Row};
use testkit::Person;

use crate::state::State;
use attempts::{ALWAYS_REFUSED, code, is_let, per_table};
use sources::named;
use things::{Things, may, may_call};

async fn fleet() -> Fleet {
    let options = FleetOptions::temporary().gateways(1);
    Fleet::start(options).await.expect("the product starts")
}

async fn connected(url: &str) -> PgConnection {
    PgConnection::connect(url).await.expect("let in")
}

/// What the superuser finds in the database: the first column of every row.
async fn found(fleet: &Fleet, question: &str) -> Vec<String> {
    let mut connection = connected(&fleet.stores.postgres_url()).await;
    let rows = connection.fetch_all(AssertSqlSafe(question)).await;
    let rows = rows.expect("an answer");
    rows.iter().map(|row| row.get(0)).collect()
}

#[tokio::test]
async fn every_login_opens_its_own_tables_and_no_others() {
    let fleet = fleet().await;
    let things = Things::list(&fleet.stores.postgres_url()).await;
    for login in &LOGINS {
        let url = fleet.stores.login_url(login.role).expect("a password");
        let mut connection = connected(&url).await;
        let mut wrong = Vec::new();
        for relation in &things.relations {
            for (right, statement) in per_table(relation) {
                let expected = may(login, relation, right);
                if is_let(&mut connection, &statement).await != expected {
                    wrong.push(format!("{statement}: should be {expected}"));
                }
            }
        }
        for function in &things.functions {
            let expected = may_call(login, function);
            if function.callers.iter().any(|role| role == login.role) != expected {
                wrong.push(format!(
                    "{} is called: should be {expected}",
                    function.target
                ));
            }
        }
        assert_eq!(wrong, Vec::<String>::new(), "{}", login.role);
    }
    fleet.stop().await;
}

#[tokio::test]
async fn nobody_but_the_owner_makes_changes_or_removes_what_holds_rows() {
    let fleet = fleet().await;
    for login in &LOGINS {
        let url = fleet.stores.login_url(login.role).expect("a password");
        let mut connection = connected(&url).await;
        for statement in ALWAYS_REFUSED {
            let statement = statement.replace("OWN", login.schema);
            assert!(
                !is_let(&mut connection, &statement).await,
                "{}: {statement}",
                login.role
            );
        }
    }
    let roles = LOGINS.iter().map(|login| login.role).chain([OWNER]);
    for role in roles {
        // Nor may the owner do more than own.
        let mighty = format!(
            "select rolname::text from pg_roles where rolname = '{role}' and (rolsuper or rolcreaterole or rolcreatedb
             or rolreplication or rolbypassrls or rolinherit)
             union all select member::regrole::text from pg_auth_members where member = '{role}'::regrole"
        );
        assert_eq!(found(&fleet, &mighty).await, Vec::<String>::new(), "{role}");
    }
    let strangers = "select n.nspname || '.' || c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where n.nspname !~ '^pg_' and n.nspname <> 'information_schema' and c.relowner <> 'hubbub_owner'::regrole";
    assert_eq!(found(&fleet, strangers).await, Vec::<String>::new());
    // Rights beside those that statements were tried for.
    let rest = "select r.rolname || ' ' || c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
        cross join pg_roles r where r.rolname like '%\\_svc' and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
        and c.relkind in ('r', 'v') and has_table_privilege(r.oid, c.oid, 'references, trigger')
        union all select r.rolname || ' ' || n.nspname from pg_namespace n cross join pg_roles r
        where r.rolname like '%\\_svc' and has_schema_privilege(r.oid, n.oid, 'create')
        union all select r.rolname || ' public' from pg_roles r
        where r.rolname like '%\\_svc' and has_schema_privilege(r.oid, 'public', 'usage')";
    assert_eq!(found(&fleet, rest).await, Vec::<String>::new());
    fleet.stop().await;
}

#[test]
fn what_the_table_gives_across_schemas_is_what_statements_name() {
    for login in &LOGINS {
        let listed = login.reads.iter().chain(login.calls).copied();
        let mut listed: Vec<String> = listed.map(str::to_owned).collect();
        listed.sort_unstable();
        assert_eq!(named(login), listed, "{}", login.service);
        let does = |call: &str| sources::rust(login).contains(call);
        let may = |right: &str| login.events.contains(&right);
        assert_eq!(does("stream::rewrite("), may("update"), "{}", login.service);
        assert_eq!(does("stream::erase("), may("delete"), "{}", login.service);
    }
}

#[tokio::test]
async fn a_fleet_runs_under_roles_that_nobody_else_can_be() {
    let mut fleet = fleet().await;
    let log = |name: &str| devstack::process::log_path(fleet.dir(), name);
    let (postgres, room) = (log("postgres"), log("room-svc-1"));
    let before = std::fs::read_to_string(&postgres).expect("a log").len();

    let ada = Person::sign_up(&fleet.gateway(0).url, "ada").await;
    let general = ada.creates_room("general").await;
    let mut socket = ada.connect(&fleet.gateway(0).ws_url).await;
    let said = json!({"room": general, "body": "hello"});
    socket.send("message.send", said).await.expect("sent");

    // The server's own workers come and go in the database as well, as nobody.
    let who = "select distinct application_name || ' is ' || usename from pg_stat_activity
        where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend' order by 1";
    let expected = [
        "auth-svc is auth_svc",
        "moderation-svc is moderation_svc",
        "room-svc is room_svc",
        "social-svc is social_svc",
    ];
    assert_eq!(found(&fleet, who).await, expected);
    let said = std::fs::read_to_string(&postgres).expect("a log");
    assert!(!said[before..].contains("permission denied"), "{said}");

    // Who migrates must own what there is.
    let own = fleet.stores.login_url("room_svc").expect("a password");
    let started = fleet
        .start_again_with(Kind::Room, 0, &[("HUBBUB_PG__MIGRATE_URL", &own)])
        .await;
    let error = format!("{:#}", started.expect_err("not the owner"));
    assert!(error.contains("permission denied"), "{error}");
    // Where something else migrates, no service needs to know the owner's password.
    let never = [
        ("HUBBUB_PG__MIGRATES_AT_START", "false"),
        (
            "HUBBUB_PG__MIGRATE_URL",
            "postgres://nobody@127.0.0.1:1/none",
        ),
    ];
    let started = fleet.start_again_with(Kind::Room, 0, &never).await;
    started.expect("the tables are there");
    let said = std::fs::read_to_string(&room).expect("a log");
    assert!(!said.contains("rights_beyond_table"), "{said}");

    assert_secret(fleet.dir());
    fleet.stop().await;
}

/// Passwords are their owner's alone, and nobody wrote of them.
fn assert_secret(state: &Path) {
    let mode = |path: &Path| {
        let metadata = std::fs::metadata(path).expect("it is there");
        metadata.permissions().mode() & 0o777
    };
    let folder = state.join("logins");
    assert_eq!(mode(&folder), 0o700);
    let logs = std::fs::read_dir(state.join("logs")).expect("logs");
    let logs: Vec<String> = logs
        .map(|log| std::fs::read_to_string(log.expect("a log").path()).expect("a log"))
        .collect();
    for role in LOGINS.iter().map(|login| login.role).chain([OWNER]) {
        assert_eq!(mode(&folder.join(format!("{role}.password"))), 0o600);
        let password = postgres_password(state, role).expect("a password");
        assert!(!logs.concat().contains(&password), "{role}");
    }
}

#[tokio::test]
async fn a_login_needs_its_own_password_and_leads_to_one_database() {
    let state = State::new();
    let tools = Tools::find().await.expect("the stores' programs");
    let mut stores = Stores::start(&tools, state.path()).await.expect("up");
    let port = stores.port(Store::Postgres);
    let password = |role| postgres_password(state.path(), role).expect("a password");
    for Login { role, .. } in &LOGINS {
        let right = login_url(state.path(), role, port).expect("a password");
        connected(&right).await;
        let of_the_owner = right.replace(&password(role), &password(OWNER));
        let none = right.replace(&format!(":{}@", password(role)), "@");
        for (url, refusal) in [
            (of_the_owner.as_str(), "28P01"),
            (none.as_str(), "28P01"),
            (
                &right.replace(&format!("/{DATABASE}"), "/postgres"),
                "28000",
            ),
        ] {
            let refused = PgConnection::connect(url).await.expect_err("refused");
            assert_eq!(code(&refused), refusal, "{role}: {refused}");
        }
    }

    // A cluster that one role made for all of them is given to the owner when it is started.
    let mut superuser = connected(&stores.postgres_url()).await;
    let make = "create schema room; create table room.room (n int); create view room.membership as select n from room.room;
        create function room.words(n int) returns int language sql as 'select n'";
    superuser.execute(make).await.expect("made");
    drop(superuser);
    stores.start_again(Store::Postgres).await.expect("up again");
    let owner = stores.login_url(OWNER).expect("a password");
    let change = "alter table room.room add m int; drop function room.words(int); drop view room.membership; drop schema room cascade";
    connected(&owner)
        .await
        .execute(change)
        .await
        .expect("it is the owner's");
    stores.stop().await;
}
