//! Writing down what gateways report. Who is known already is renewed with others in one step, which takes Redis two
//! fifths of the time (`docs/profiles.md`, P4): once in ten seconds that is everyone.

use std::collections::BTreeMap;

use proto::id::Tenant;
use redis::{Script, ScriptInvocation};

use super::{GATEWAY_LEASE_MS, LEASE_MS, Registry, SESSION_S, keys, owner::Owner, place};
use crate::{
    Error,
    connections::{Connection, LiveConnection},
};

/// Connections renewed in one step, during which Redis does nothing else: 0.7 ms (`docs/profiles.md`).
const TOGETHER: usize = 100;

impl Registry {
    /// Writes down connections, and that their gateway lives.
    pub(crate) async fn open(
        &self,
        gateway: &str,
        connections: &[&LiveConnection],
    ) -> Result<(), Error> {
        let now_ms = self.now_ms().await?;
        let mut pipeline = redis::pipe();
        pipeline
            .zadd(keys::GATEWAYS, gateway, now_ms + GATEWAY_LEASE_MS)
            .ignore();
        if !connections.is_empty() {
            pipeline.load_script(&self.scripts.open).ignore();
        }
        for tenant in by_tenant(connections.iter().copied()).keys() {
            pipeline.sadd(keys::TENANTS, *tenant).ignore();
        }
        for LiveConnection { tenant, connection } in connections {
            let opened = opening(&self.scripts.open, gateway, tenant, connection);
            pipeline.invoke_script(&opened).ignore();
        }
        self.run(&pipeline).await
    }

    /// Renews connections that are written down, and returns the others.
    pub(crate) async fn renew<'a>(
        &self,
        connections: &'a [LiveConnection],
    ) -> Result<Vec<&'a LiveConnection>, Error> {
        if connections.is_empty() {
            return Ok(Vec::new());
        }
        let by_tenant = by_tenant(connections);
        let steps = || {
            by_tenant
                .values()
                .flat_map(|of_one| of_one.chunks(TOGETHER))
        };
        let mut pipeline = redis::pipe();
        pipeline.load_script(&self.scripts.renew).ignore();
        for tenant in by_tenant.keys() {
            pipeline.sadd(keys::TENANTS, *tenant).ignore();
        }
        for step in steps() {
            pipeline.invoke_script(&renewing(&self.scripts.renew, step));
        }
        let unknown: Vec<Vec<usize>> = self.run(&pipeline).await?;
        let unknown = steps().zip(unknown).flat_map(|(step, numbers)| {
            let from_one = move |number: usize| step.get(number.checked_sub(1)?).copied();
            numbers.into_iter().filter_map(from_one)
        });
        Ok(unknown.collect())
    }
}

fn by_tenant<'a>(
    connections: impl IntoIterator<Item = &'a LiveConnection>,
) -> BTreeMap<&'a str, Vec<&'a LiveConnection>> {
    let mut by_tenant: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for live in connections {
        by_tenant
            .entry(live.tenant.as_str())
            .or_default()
            .push(live);
    }
    by_tenant
}

/// Names the keys and arguments of connections of one tenant, of which there is one at least.
fn renewing<'a>(script: &'a Script, connections: &[&LiveConnection]) -> ScriptInvocation<'a> {
    let mut renewed = script.prepare_invoke();
    if let Some(LiveConnection { tenant, .. }) = connections.first() {
        renewed
            .key(keys::ids(tenant))
            .key(keys::expiries(tenant))
            .key(keys::owners(tenant));
    }
    renewed.arg(LEASE_MS).arg(SESSION_S);
    for LiveConnection { tenant, connection } in connections {
        renewed
            .key(keys::connection(tenant, connection.connection_id))
            .key(keys::of_user(tenant, connection.user_id))
            .key(keys::of_session(tenant, connection.session_id))
            .key(keys::session(tenant, connection.session_id))
            .key(keys::sessions_of(tenant, connection.user_id))
            .arg(connection.connection_id.to_string())
            .arg(&connection.user_name)
            .arg(connection.last_seen_ms);
    }
    renewed
}

fn opening<'a>(
    script: &'a Script,
    gateway: &str,
    tenant: &Tenant,
    connection: &Connection,
) -> ScriptInvocation<'a> {
    let id = connection.connection_id.to_string();
    let owner = Owner::of(connection);
    let mut opened = script.prepare_invoke();
    place(&mut opened, tenant, connection.connection_id, Some(&owner));
    opened
        .key(keys::sessions_of(tenant, connection.user_id))
        .key(keys::erased(tenant, connection.user_id))
        .arg(&id)
        .arg(owner.to_string())
        .arg(LEASE_MS)
        .arg(SESSION_S)
        .arg(connection.session_id.to_string())
        .arg(&connection.user_name)
        .arg(connection.last_seen_ms);
    let fields: [(&str, String); 9] = [
        ("id", id.clone()),
        ("user", connection.user_id.to_string()),
        ("username", connection.user_name.clone()),
        ("session", connection.session_id.to_string()),
        ("gateway", gateway.into()),
        ("address", connection.address.clone()),
        ("since", connection.since_ms.to_string()),
        ("last_seen", connection.last_seen_ms.to_string()),
        ("online", "1".into()),
    ];
    for (field, value) in fields {
        opened.arg(field).arg(value);
    }
    opened
}
