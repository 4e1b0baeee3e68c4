//! The product with stores that speak with nobody in clear.

use devstack::fleet::Kind;
use proto::database::{LOGINS, OWNER};
use serde_json::json;
use sqlx::{Connection, Executor, PgConnection, Row};
use testkit::{
    Person,
    tls::{self, Authority, Secured},
};

use crate::stage::Stage;

/// What the stores' certificates are for, and what stands in the addresses of `devstack`.
const NAME: &str = "localhost";
const SERVICES: [Kind; 4] = [Kind::Auth, Kind::Moderation, Kind::Social, Kind::Room];

/// What a service is told of stores that an authority vouches for. Its file is in the folder of Redis.
fn environment(
    stage: &Stage,
    kind: Kind,
    redis: &Secured,
    authority: &Authority,
) -> Vec<(&'static str, String)> {
    let file = authority.written(redis.folder()).display().to_string();
    let postgres = |role: &str| {
        let plain = stage.login_url(role).replace("127.0.0.1", NAME);
        format!("{plain}?sslmode=verify-full&sslrootcert={file}")
    };
    let login = LOGINS.iter().find(|login| login.service == kind.name());
    let mut told = vec![
        ("HUBBUB_PG__URL", postgres(login.expect("a role").role)),
        ("HUBBUB_PG__MIGRATE_URL", postgres(OWNER)),
    ];
    if kind != Kind::Room {
        told.push((
            "HUBBUB_REDIS__URL",
            format!("rediss://{NAME}:{}", redis.port),
        ));
        told.push(("HUBBUB_REDIS__CA_FILE", file));
    }
    told
}

fn borrowed<'a>(told: &'a [(&'static str, String)]) -> Vec<(&'static str, &'a str)> {
    told.iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect()
}

#[tokio::test]
async fn the_product_works_with_stores_that_speak_tls_alone_and_believes_no_stranger() {
    let mut stage = Stage::open().await;
    let authority = Authority::new();
    let certified = authority.certify(NAME);
    let redis = tls::redis(&certified).await;
    tls::insist_on_tls(&stage.postgres_url(), &certified).await;
    for kind in SERVICES {
        let told = environment(&stage, kind, &redis, &authority);
        let started = stage.start_service_with(kind, &borrowed(&told)).await;
        started.unwrap_or_else(|error| panic!("{kind:?}: {error:#}"));
    }
    let ada = Person::sign_up(&stage.http(0), "ada").await;
    let room = ada.creates_room("tea").await;
    let mut socket = ada.connect(&stage.ws(1)).await;
    let data = json!({"room": room, "body": "nobody overhears this"});
    socket.send("message.send", data).await.expect("stored");
    assert_eq!(unencrypted(&stage).await, Vec::<String>::new());
    // Without Redis everything works, too: only this tells. What is slow is counted as well, above all the first
    // connection; were Redis out of reach, each of these would add to the count.
    let mut counts: Vec<(u64, u64)> = Vec::new();
    let is_the_same = |(before, after): &(u64, u64)| before == after;
    while counts.len() < 10 && !counts.last().is_some_and(is_the_same) {
        let before = cache_failures(&stage).await;
        ada.connect(&stage.ws(0)).await.close().await;
        counts.push((before, cache_failures(&stage).await));
    }
    assert!(counts.last().is_some_and(is_the_same), "{counts:?}");

    let told = environment(&stage, Kind::Auth, &redis, &Authority::new());
    let refused = stage.start_service_with(Kind::Auth, &borrowed(&told)).await;
    let error = format!("{:#}", refused.expect_err("a stranger's database"));
    assert!(error.contains("invalid peer certificate"), "{error}");
    let address = &told[0].1;
    let password = address.split([':', '@']).nth(2).expect("a password");
    assert!(!error.contains(password), "{error}");
}

/// How often auth-svc did without Redis.
async fn cache_failures(stage: &Stage) -> u64 {
    let metrics = reqwest::get(format!("{}/metrics", stage.internal(Kind::Auth))).await;
    let metrics = metrics.expect("an answer").text().await.expect("a body");
    let mut lines = metrics.lines();
    let count = lines.find_map(|line| line.strip_prefix("session_cache_failed_total "));
    count.map_or(0, |count| count.parse().expect("a count"))
}

/// The services' roles that have a connection in clear; it must not be for want of connections.
async fn unencrypted(stage: &Stage) -> Vec<String> {
    let connected = PgConnection::connect(&stage.postgres_url()).await;
    let mut superuser = connected.expect("the superuser comes in");
    let query = "select usename::text, ssl from pg_stat_ssl join pg_stat_activity using (pid) where usename <> current_user";
    let rows = superuser.fetch_all(query).await.expect("told");
    let all: Vec<(String, bool)> = rows.iter().map(|row| (row.get(0), row.get(1))).collect();
    for login in LOGINS {
        let is_there = all.iter().any(|(role, _)| role == login.role);
        assert!(is_there, "{} is not connected: {all:?}", login.role);
    }
    let clear = all.into_iter().filter(|(_, is_over_tls)| !is_over_tls);
    clear.map(|(role, _)| role).collect()
}
