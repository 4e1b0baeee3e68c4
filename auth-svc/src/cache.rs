//! Live sessions in Redis: saves a round trip to Postgres, never decides alone.
//!
//! A revoked session leaves a tombstone for a while, so that a reader who saw it alive just before cannot put it back.

use std::{sync::Arc, time::Duration};

use redis::{
    AsyncCommands, ExistenceCheck, RedisResult, SetExpiry, SetOptions,
    aio::{ConnectionManager, ConnectionManagerConfig},
};

use crate::{config::Config, sessions::Identity};

/// What one operation may take before Postgres is asked instead.
const TIMEOUT: Duration = Duration::from_millis(150);
/// Longer than any request lives.
const TOMBSTONE_S: u64 = 30;
/// Not JSON of an identity.
const TOMBSTONE: &str = "ended";

/// The cache. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Cache {
    shared: Arc<Shared>,
}

struct Shared {
    connection: ConnectionManager,
    ttl_s: u64,
}

impl Cache {
    /// Prepares a connection; it is made when first needed, so Redis may be away.
    pub(crate) fn new(config: &Config) -> anyhow::Result<Self> {
        let client = config.redis.client()?;
        let settings = ConnectionManagerConfig::new()
            .set_number_of_retries(0)
            .set_connection_timeout(Some(TIMEOUT))
            .set_response_timeout(Some(TIMEOUT));
        let connection = ConnectionManager::new_lazy_with_config(client, settings)?;
        let ttl_s = config.auth.sessions.cache_ttl_s.into();
        Ok(Self {
            shared: Arc::new(Shared { connection, ttl_s }),
        })
    }

    /// Returns the cached identity, or `None` when Postgres must be asked.
    pub(crate) async fn find(&self, key: &str) -> Option<Identity> {
        let mut connection = self.shared.connection.clone();
        let text: Option<String> = served(connection.get(key)).await.flatten();
        serde_json::from_str(&text?).ok()
    }

    /// Keeps what Postgres just said, unless the session ended meanwhile.
    pub(crate) async fn keep(&self, key: &str, identity: &Identity, left: Duration) {
        let ttl_s = self.shared.ttl_s.min(left.as_secs());
        let Ok(text) = serde_json::to_string(identity) else {
            return;
        };
        if ttl_s == 0 {
            return;
        }
        let options = SetOptions::default()
            .conditional_set(ExistenceCheck::NX)
            .with_expiration(SetExpiry::EX(ttl_s));
        let mut connection = self.shared.connection.clone();
        served(connection.set_options::<_, _, ()>(key, text, options)).await;
    }

    /// Forgets sessions that ended or changed, after the commit that says so.
    pub(crate) async fn forget(&self, keys: &[String]) {
        if keys.is_empty() {
            return;
        }
        let mut pipeline = redis::pipe();
        for key in keys {
            pipeline.set_ex(key, TOMBSTONE, TOMBSTONE_S).ignore();
        }
        let mut connection = self.shared.connection.clone();
        served(pipeline.query_async::<()>(&mut connection)).await;
    }
}

/// Waits for Redis, but not long; any failure is a miss.
async fn served<T>(work: impl Future<Output = RedisResult<T>>) -> Option<T> {
    let (error_type, why) = match tokio::time::timeout(TIMEOUT, work).await {
        Ok(Ok(value)) => return Some(value),
        Ok(Err(error)) => (error.category().to_owned(), error.to_string()),
        Err(_) => ("timeout".to_owned(), String::new()),
    };
    metrics::counter!("session_cache_failed_total").increment(1);
    tracing::warn!(error_type, why, "session cache failed, asking the database");
    None
}
