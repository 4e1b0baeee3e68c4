//! The registry of live connections in Redis. Gateways write it again every 10 s, so it may be lost at any time.

mod keys;
mod open;
mod owner;

use std::{collections::HashMap, future::Future, sync::Arc, time::Duration};

use proto::id::{ConnectionId, Tenant, UserId};
use redis::{
    AsyncCommands, FromRedisValue, Pipeline, RedisResult, Script, ScriptInvocation,
    aio::{ConnectionManager, ConnectionManagerConfig},
};
use service::RedisSettings;
use uuid::Uuid;

use crate::{
    Error,
    connections::{Connection, ConnectionRef, Listed},
    pages::{Page, Paging},
    ranges::Range,
};
use owner::Owner;

/// What one question to Redis may take.
const TIMEOUT: Duration = Duration::from_secs(1);
/// A connection that is not reported for this long is dead. Gateways report every 10 s.
const LEASE_MS: i64 = 45_000;
/// A gateway that does not report for this long is dead.
const GATEWAY_LEASE_MS: i64 = 30_000;
/// How long it is remembered when a session was last seen.
const SESSION_S: u64 = 24 * 3_600;
/// Longer than a report can be under way.
const TOMBSTONE_S: u64 = 60;
/// How many dead connections are looked at in one go.
const SWEEP: isize = 500;
/// Dead connections may stand between the living; a page is filled with so many looks at most.
const LOOKS: usize = 10;

/// How a connection went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Farewell {
    /// Its gateway no longer reports it; should it do so again meanwhile, it lives.
    Dead,
    /// Its gateway cannot be reached; should it report the connection again later, it lives.
    Lost,
    /// Its gateway says that it is over.
    Ended,
}

/// The registry. Cheap to clone.
#[derive(Clone)]
pub struct Registry {
    connection: ConnectionManager,
    scripts: Arc<Scripts>,
}

/// What must happen in one step. Each script names its arguments.
struct Scripts {
    open: Script,
    renew: Script,
    close: Script,
}

impl Farewell {
    fn as_str(self) -> &'static str {
        match self {
            Self::Dead => "dead",
            Self::Lost => "lost",
            Self::Ended => "ended",
        }
    }
}

impl Registry {
    /// Prepares a connection; it is made when first needed, so Redis may be away.
    ///
    /// # Errors
    /// When the settings are none of a Redis.
    pub fn new(config: &RedisSettings) -> anyhow::Result<Self> {
        let client = config.client()?;
        let settings = ConnectionManagerConfig::new()
            .set_number_of_retries(0)
            .set_connection_timeout(Some(TIMEOUT))
            .set_response_timeout(Some(TIMEOUT));
        Ok(Self {
            connection: ConnectionManager::new_lazy_with_config(client, settings)?,
            scripts: Arc::new(Scripts {
                open: Script::new(include_str!("registry/open.lua")),
                renew: Script::new(include_str!("registry/renew.lua")),
                close: Script::new(include_str!("registry/close.lua")),
            }),
        })
    }

    /// Forgets connections everywhere. What is not known is forgotten already.
    pub(crate) async fn close(
        &self,
        gone: &[ConnectionRef],
        farewell: Farewell,
    ) -> Result<(), Error> {
        if gone.is_empty() {
            return Ok(());
        }
        let mut asked = redis::pipe();
        for one in gone {
            asked.hget(keys::owners(&one.tenant), one.connection_id.to_string());
        }
        let owners: Vec<Option<String>> = self.run(&asked).await?;
        let mut pipeline = redis::pipe();
        pipeline.load_script(&self.scripts.close).ignore();
        for (one, owner) in gone.iter().zip(owners) {
            let owner = owner.as_deref().and_then(Owner::parse);
            let closed = closing(&self.scripts.close, one, owner.as_ref(), farewell);
            pipeline.invoke_script(&closed).ignore();
        }
        self.run(&pipeline).await
    }

    /// Finds a connection that lives.
    pub(crate) async fn find(
        &self,
        tenant: &Tenant,
        connection_id: ConnectionId,
    ) -> Result<Option<Connection>, Error> {
        let mut found = self.read(tenant, &[connection_id]).await?;
        Ok(found.pop())
    }

    /// Lists the connections of a tenant by id, which is by age.
    pub(crate) async fn list(
        &self,
        tenant: &Tenant,
        paging: Paging<Uuid>,
    ) -> Result<Listed, Error> {
        self.sweep_tenant(tenant).await?;
        let total: usize = self
            .ask(|mut redis| async move { redis.zcard(keys::ids(tenant)).await })
            .await?;
        let mut rows: Vec<Connection> = Vec::new();
        let mut after = paging.after;
        for _ in 0..LOOKS {
            let wanted = paging.limit + 1 - rows.len();
            let ids = self.ids_after(tenant, after, wanted).await?;
            let is_last = ids.len() < wanted;
            after = ids.last().map(|id| id.0).or(after);
            rows.extend(self.read(tenant, &ids).await?);
            if is_last || rows.len() > paging.limit {
                break;
            }
        }
        Ok(Listed {
            page: paging.cut(rows, |row| row.connection_id.0),
            total,
        })
    }

    /// Lists the connections of an account by id, which is by age.
    pub(crate) async fn list_of(
        &self,
        tenant: &Tenant,
        user_id: UserId,
        paging: Paging<Uuid>,
    ) -> Result<Listed, Error> {
        let ids: Vec<String> = self
            .ask(|mut redis| async move { redis.smembers(keys::of_user(tenant, user_id)).await })
            .await?;
        let mut ids: Vec<ConnectionId> = ids.iter().filter_map(|id| id.parse().ok()).collect();
        ids.sort_unstable();
        let mut rows = self.read(tenant, &ids).await?;
        let total = rows.len();
        rows.retain(|row| paging.after.is_none_or(|after| row.connection_id.0 > after));
        let page: Page<Connection, Uuid> = paging.cut(rows, |row| row.connection_id.0);
        Ok(Listed { page, total })
    }

    /// Counts the connections of a tenant from a range.
    pub(crate) async fn count_in(&self, tenant: &Tenant, range: Range) -> Result<usize, Error> {
        self.sweep_tenant(tenant).await?;
        let owners: Vec<String> = self
            .ask(|mut redis| async move { redis.hvals(keys::owners(tenant)).await })
            .await?;
        let addresses = owners
            .iter()
            .filter_map(|owner| Owner::parse(owner)?.address());
        Ok(addresses.filter(|address| range.contains(*address)).count())
    }

    /// Lists the gateways that live.
    pub(crate) async fn gateways(&self) -> Result<Vec<String>, Error> {
        let now_ms = self.now_ms().await?;
        let mut pipeline = redis::pipe();
        pipeline
            .zrembyscore(keys::GATEWAYS, "-inf", now_ms)
            .ignore()
            .zrange(keys::GATEWAYS, 0, -1);
        let (gateways,): (Vec<String>,) = self.run(&pipeline).await?;
        Ok(gateways)
    }

    /// Forgets a gateway that nobody answers for, until it reports again.
    pub(crate) async fn forget_gateway(&self, gateway: &str) -> Result<(), Error> {
        self.ask(|mut redis| async move { redis.zrem(keys::GATEWAYS, gateway).await })
            .await
    }

    /// Forgets an erased person: their name stands in what is remembered of their sessions.
    pub(crate) async fn forget_user(&self, tenant: &Tenant, user_id: UserId) -> Result<(), Error> {
        let (erased, of_user) = (
            keys::erased(tenant, user_id),
            keys::sessions_of(tenant, user_id),
        );
        let mut asked = redis::pipe();
        asked
            .set_ex(erased, 1, TOMBSTONE_S)
            .ignore()
            .smembers(&of_user);
        let (sessions,): (Vec<String>,) = self.run(&asked).await?;
        let mut pipeline = redis::pipe();
        pipeline.del(of_user).ignore();
        for session_id in sessions.iter().filter_map(|id| id.parse().ok()) {
            pipeline.del(keys::session(tenant, session_id)).ignore();
        }
        self.run(&pipeline).await
    }

    /// Forgets the dead connections of all tenants: what the background task does every ten seconds.
    ///
    /// # Errors
    /// When Redis is away.
    pub async fn sweep(&self) -> Result<(), Error> {
        let tenants: Vec<String> = self
            .ask(|mut redis| async move { redis.smembers(keys::TENANTS).await })
            .await?;
        for tenant in tenants.iter().filter_map(|tenant| tenant.parse().ok()) {
            self.sweep_tenant(&tenant).await?;
        }
        Ok(())
    }

    async fn sweep_tenant(&self, tenant: &Tenant) -> Result<(), Error> {
        loop {
            let now_ms = self.now_ms().await?;
            let dead: Vec<String> = self
                .ask(|mut redis| async move {
                    let key = keys::expiries(tenant);
                    redis
                        .zrangebyscore_limit(key, "-inf", now_ms, 0, SWEEP)
                        .await
                })
                .await?;
            let found = dead.len();
            let dead: Vec<ConnectionId> = dead.iter().filter_map(|id| id.parse().ok()).collect();
            self.forget(tenant, &dead).await?;
            if found < SWEEP.unsigned_abs() {
                return Ok(());
            }
        }
    }

    async fn ids_after(
        &self,
        tenant: &Tenant,
        after: Option<Uuid>,
        limit: usize,
    ) -> Result<Vec<ConnectionId>, Error> {
        let from = after.map_or_else(|| "-".into(), |id| format!("({}", ConnectionId(id)));
        let limit = isize::try_from(limit).unwrap_or(isize::MAX);
        let ids: Vec<String> = self
            .ask(|mut redis| async move {
                redis
                    .zrangebylex_limit(keys::ids(tenant), from, "+", 0, limit)
                    .await
            })
            .await?;
        Ok(ids.iter().filter_map(|id| id.parse().ok()).collect())
    }

    /// Reads connections, in order. Ids that are met dead are forgotten.
    async fn read(&self, tenant: &Tenant, ids: &[ConnectionId]) -> Result<Vec<Connection>, Error> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let mut pipeline = redis::pipe();
        for id in ids {
            pipeline.hgetall(keys::connection(tenant, *id));
        }
        let found: Vec<HashMap<String, String>> = self.run(&pipeline).await?;
        let mut dead = Vec::new();
        let mut living = Vec::new();
        for (id, fields) in ids.iter().zip(found) {
            match read_fields(&fields) {
                Some(connection) => living.push(connection),
                None => dead.push(*id),
            }
        }
        self.forget(tenant, &dead).await?;
        Ok(living)
    }

    async fn forget(&self, tenant: &Tenant, dead: &[ConnectionId]) -> Result<(), Error> {
        let dead: Vec<ConnectionRef> = dead
            .iter()
            .map(|id| ConnectionRef {
                tenant: tenant.clone(),
                connection_id: *id,
            })
            .collect();
        self.close(&dead, Farewell::Dead).await
    }

    /// Returns Redis' own time: what expires there is compared with it.
    async fn now_ms(&self) -> Result<i64, Error> {
        let (seconds, micros): (i64, i64) = self
            .ask(|mut redis| async move { redis::cmd("TIME").query_async(&mut redis).await })
            .await?;
        Ok(seconds * 1_000 + micros / 1_000)
    }

    async fn run<T: FromRedisValue>(&self, pipeline: &Pipeline) -> Result<T, Error> {
        self.ask(|mut redis| async move { pipeline.query_async(&mut redis).await })
            .await
    }

    async fn ask<T, F>(&self, question: impl FnOnce(ConnectionManager) -> F) -> Result<T, Error>
    where
        F: Future<Output = RedisResult<T>>,
    {
        // The manager has its own limit for answers; this one also holds while it reconnects.
        match tokio::time::timeout(TIMEOUT, question(self.connection.clone())).await {
            Ok(answer) => Ok(answer?),
            Err(_) => {
                Err(redis::RedisError::from((redis::ErrorKind::Io, "no answer in time")).into())
            }
        }
    }
}

fn closing<'a>(
    script: &'a Script,
    gone: &ConnectionRef,
    owner: Option<&Owner>,
    farewell: Farewell,
) -> ScriptInvocation<'a> {
    let mut closed = script.prepare_invoke();
    place(&mut closed, &gone.tenant, gone.connection_id, owner);
    closed
        .arg(gone.connection_id.to_string())
        .arg(farewell.as_str())
        .arg(TOMBSTONE_S);
    closed
}

/// Names the keys of a connection in the order that the scripts for one know; the one that opens it is told of two more.
fn place(
    script: &mut ScriptInvocation<'_>,
    tenant: &Tenant,
    connection_id: ConnectionId,
    owner: Option<&Owner>,
) {
    script
        .key(keys::connection(tenant, connection_id))
        .key(keys::tombstone(tenant, connection_id))
        .key(keys::ids(tenant))
        .key(keys::expiries(tenant))
        .key(keys::owners(tenant));
    if let Some(owner) = owner {
        script
            .key(keys::of_user(tenant, owner.user_id))
            .key(keys::of_session(tenant, owner.session_id))
            .key(keys::session(tenant, owner.session_id));
    }
}

fn read_fields(fields: &HashMap<String, String>) -> Option<Connection> {
    let text = |field: &str| fields.get(field).map(String::as_str);
    Some(Connection {
        connection_id: text("id")?.parse().ok()?,
        user_id: text("user")?.parse().ok()?,
        user_name: text("username")?.into(),
        gateway: text("gateway")?.into(),
        address: text("address")?.into(),
        session_id: text("session")?.parse().ok()?,
        since_ms: text("since")?.parse().ok()?,
        last_seen_ms: text("last_seen")?.parse().ok()?,
    })
}
