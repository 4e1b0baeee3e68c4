//! Everything that a fleet has written down: in logs, in the files of Postgres, in Redis.

use std::path::{Path, PathBuf};

use devstack::fleet::Fleet;
use redis::AsyncCommands;
use sqlx::{Connection, Executor, PgConnection, Row};

/// Where something may be written down, and what is written there; bytes that are no text are of no interest.
pub(super) type Written = Vec<(String, String)>;

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Whether a text holds another, as it is or as hexadecimal digits.
pub(super) fn holds(text: &str, secret: &str) -> bool {
    let hex: String = secret.bytes().map(|byte| format!("{byte:02x}")).collect();
    text.contains(secret) || text.contains(&hex)
}

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
        let path = entry.path();
        if path.is_dir() {
            files(&path, found);
        } else {
            found.push(path);
        }
    }
}

/// The files of Postgres: its tables, and the log of every change that was made to them.
pub(super) async fn database(fleet: &Fleet) -> Written {
    let connected = PgConnection::connect(&fleet.stores.postgres_url()).await;
    let mut connection = connected.expect("connected");
    connection.execute("checkpoint").await.expect("written");
    let shown = connection.fetch_one("show data_directory").await;
    let folder: String = shown.expect("a setting").get(0);
    let mut found = Vec::new();
    for part in ["base", "pg_wal"] {
        files(&Path::new(&folder).join(part), &mut found);
    }
    let read = |path: PathBuf| {
        Some((
            path.display().to_string(),
            text(&std::fs::read(&path).ok()?),
        ))
    };
    found.into_iter().filter_map(read).collect()
}

/// Every key of Redis with its value as it would be written to disk, not compressed.
pub(super) async fn cache(fleet: &Fleet) -> Written {
    let client = redis::Client::open(fleet.stores.redis_url()).expect("a URL");
    let connected = client.get_multiplexed_async_connection().await;
    let mut redis = connected.expect("connected");
    let mut plain = redis::cmd("CONFIG");
    plain.arg("SET").arg("rdbcompression").arg("no");
    plain.exec_async(&mut redis).await.expect("set");
    let keys: Vec<String> = redis.keys("*").await.expect("keys");
    let mut found = Vec::new();
    for key in keys {
        let value: Option<Vec<u8>> = redis::cmd("DUMP")
            .arg(&key)
            .query_async(&mut redis)
            .await
            .expect("a value");
        let bytes = [key.as_bytes(), &value.unwrap_or_default()].concat();
        found.push((format!("Redis {key}"), text(&bytes)));
    }
    found
}

/// What the processes and the stores logged.
pub(super) fn logs(fleet: &Fleet) -> Written {
    let mut found = Vec::new();
    files(&fleet.dir().join("logs"), &mut found);
    let read = |path: PathBuf| {
        let bytes = std::fs::read(&path).expect("a log");
        (path.display().to_string(), text(&bytes))
    };
    found.into_iter().map(read).collect()
}
