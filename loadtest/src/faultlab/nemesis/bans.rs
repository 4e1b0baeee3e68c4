//! Bans and their undoing, under what may keep them from being known or from being in time.

use std::time::Duration;

use anyhow::{Context, Result};
use devstack::{
    fleet::Kind,
    stores::{self, Store},
};
use faultproxy::{Direction, Fault};
use rand::Rng;
use sqlx::{Connection, Executor, PgConnection, Row};
use tokio::time::{Instant, sleep, timeout};
use uuid::Uuid;

use super::{
    Strike,
    bus::{mend, spoil},
};
use crate::{
    faultlab::{lab::GATEWAYS, links::Way, member::Member},
    histcheck::{Denial, Look, Scope},
};

/// What holds on the deliver side after a ban.
pub(super) const GRACE: Duration = Duration::from_secs(2);
/// The same when a gateway cannot be told.
const LEASE: Duration = Duration::from_secs(10);
/// So long a ban lasts.
pub(super) const BETWEEN: Duration = Duration::from_millis(400);
/// People of the gateway that is cut off who are banned.
const CUT_OFF: usize = 2;
/// So long rooms are closed to writers at most; Postgres would give up on them after a second.
const HOLD: Duration = Duration::from_millis(300);
/// Somebody sends within this time.
const SOMEBODY: Duration = Duration::from_millis(500);
const POLL: Duration = Duration::from_millis(10);

/// Bans people and lifts it again, while the events that tell the gateways may be lost.
pub(super) async fn while_events_are_lost(strike: &mut Strike<'_>) -> Result<String> {
    let root = strike.lab.administrator().await?;
    spoil(strike);
    let started = Instant::now();
    let mut count = 0;
    while started.elapsed() < strike.span {
        let user = strike.dice.random_range(0..strike.crowd.members.len());
        let ban = Ban::impose(strike, &root, user).await?;
        sleep(BETWEEN).await;
        ban.lift(strike, &root, GRACE).await?;
        count += 1;
    }
    Ok(format!("{count} bans, {}", mend(strike)))
}

/// Cuts a gateway off from the bus and bans people whose devices are there: it cannot be told, and must not serve them
/// what it missed when it can be told again.
pub(super) async fn while_cut_off(strike: &mut Strike<'_>) -> Result<String> {
    let (name, password) = strike.lab.fleet.admin();
    let root = Member::log_in(name, password, &strike.lab.gateways[1..]).await?;
    let is_meant = |kind, index| kind == Kind::Gateway && index == 0;
    let dark = Fault::blackhole(Direction::Both);
    strike.lab.links.apply(Way::To(Store::Nats), is_meant, dark);
    // Devices spread over the gateways by number, and so do those of one person.
    let mut bans = Vec::new();
    for user in (0..strike.crowd.members.len())
        .step_by(GATEWAYS)
        .take(CUT_OFF)
    {
        bans.push(Ban::impose(strike, &root, user).await?);
    }
    sleep(strike.span).await;
    strike.lab.links.heal();
    // What the gateway does with the news is what this is about.
    sleep(GRACE).await;
    for ban in bans {
        ban.lift(strike, &root, LEASE).await?;
    }
    let seconds = strike.span.as_secs();
    Ok(format!("1 link, {seconds} s, {CUT_OFF} bans meanwhile"))
}

/// Bans people at the very moment at which something of theirs was allowed and is not stored yet: the rooms are closed
/// to writers for that.
pub(super) async fn against_sends(strike: &mut Strike<'_>) -> Result<String> {
    let root = strike.lab.administrator().await?;
    let mut door = Door::find(strike).await?;
    let started = Instant::now();
    let mut count = 0;
    while started.elapsed() < strike.span {
        door.close().await?;
        let Some(user) = door.who_waits().await? else {
            door.open().await?;
            continue;
        };
        let (ban, looks) = door.raced_by(strike, &root, user).await?;
        sleep(BETWEEN).await;
        let after = door.look(strike).await?;
        strike.notes.looks.extend(looks.into_iter().chain(after));
        ban.lift(strike, &root, GRACE).await?;
        count += 1;
    }
    door.postgres.close().await?;
    anyhow::ensure!(count > 0, "nobody sent anything");
    Ok(format!("{count} bans of people who were sending"))
}

/// A ban in force.
pub(super) struct Ban {
    user: usize,
    asked_us: u64,
    acked_us: u64,
}

impl Ban {
    pub(super) async fn impose(strike: &Strike<'_>, root: &Member, user: usize) -> Result<Self> {
        let asked_us = strike.crowd.world.now_us();
        root.ban(&strike.crowd.members[user].id).await?;
        Ok(Self {
            user,
            asked_us,
            acked_us: strike.crowd.world.now_us(),
        })
    }

    pub(super) async fn lift(
        self,
        strike: &mut Strike<'_>,
        root: &Member,
        grace: Duration,
    ) -> Result<()> {
        let lifted_us = strike.crowd.world.now_us();
        root.unban(&strike.crowd.members[self.user].id).await?;
        strike.notes.denials.push(Denial {
            user: self.user as u32,
            scope: Scope::Everything,
            asked_us: self.asked_us,
            acked_us: self.acked_us,
            lifted_us: Some(lifted_us),
            grace_us: grace.as_micros() as u64,
        });
        Ok(())
    }
}

/// The way into the log of every room, which can be closed for a moment.
struct Door {
    postgres: PgConnection,
    rooms: Vec<Uuid>,
    people: Vec<Uuid>,
}

#[expect(
    clippy::disallowed_methods,
    reason = "statements about other sessions' locks, which no code of ours makes"
)]
impl Door {
    async fn find(strike: &Strike<'_>) -> Result<Self> {
        let port = strike.lab.fleet.stores.port(Store::Postgres);
        let url = stores::database_url(port, stores::DATABASE);
        let rooms = strike.crowd.world.rooms.iter();
        let people = strike.crowd.members.iter();
        Ok(Self {
            postgres: PgConnection::connect(&url).await?,
            rooms: rooms.map(|id| id.parse()).collect::<Result<_, _>>()?,
            people: people.map(|it| it.id.parse()).collect::<Result<_, _>>()?,
        })
    }

    /// Takes the heads, in the order in which everybody takes them.
    async fn close(&mut self) -> Result<()> {
        self.postgres.execute("begin").await?;
        sqlx::query(
            "select 1 from stream.head where stream_id = any($1) order by tenant_id, stream_id for update",
        )
        .bind(&self.rooms)
        .execute(&mut self.postgres)
        .await?;
        Ok(())
    }

    async fn open(&mut self) -> Result<()> {
        self.postgres.execute("rollback").await?;
        Ok(())
    }

    /// Returns whose send has been allowed and waits for the door.
    async fn who_waits(&mut self) -> Result<Option<usize>> {
        let started = Instant::now();
        while started.elapsed() < SOMEBODY {
            let found: Option<i64> = sqlx::query_scalar(
                "select person.number from unnest($1::uuid[]) with ordinality as person (id, number)
                 join pg_locks held on held.locktype = 'advisory' and held.mode = 'ShareLock' and held.granted
                      and (held.classid::bigint << 32 | held.objid::bigint) = stream.actor_lock('default', person.id)
                 join pg_locks wanted on wanted.pid = held.pid and not wanted.granted
                 limit 1",
            )
            .bind(&self.people)
            .fetch_optional(&mut self.postgres)
            .await?;
            if let Some(number) = found {
                return Ok(Some(usize::try_from(number - 1)?));
            }
            sleep(POLL).await;
        }
        Ok(None)
    }

    /// Bans somebody whose send waits before the door, and opens it. Returns where the rooms ended once the ban was
    /// answered.
    async fn raced_by(
        &mut self,
        strike: &Strike<'_>,
        root: &Member,
        user: usize,
    ) -> Result<(Ban, Vec<Look>)> {
        let mut imposing = std::pin::pin!(Ban::impose(strike, root, user));
        if let Ok(ban) = timeout(HOLD, imposing.as_mut()).await {
            let looks = self.look(strike).await?;
            self.open().await?;
            return Ok((ban?, looks));
        }
        // The ban waits for the send, as it should, and the send for the door.
        self.open().await?;
        let ban = imposing.await?;
        Ok((ban, self.look(strike).await?))
    }

    /// Reads where every room ends.
    async fn look(&mut self, strike: &Strike<'_>) -> Result<Vec<Look>> {
        let asked_us = strike.crowd.world.now_us();
        let heads = sqlx::query("select stream_id, seq from stream.head where stream_id = any($1)")
            .bind(&self.rooms)
            .fetch_all(&mut self.postgres)
            .await?;
        let answered_us = strike.crowd.world.now_us();
        let mut looks = Vec::new();
        for head in heads {
            let (id, seq): (Uuid, i64) = (head.try_get(0)?, head.try_get(1)?);
            let room = self.rooms.iter().position(|room| *room == id);
            looks.push(Look {
                room: room.context("a room that was not asked for")? as u32,
                asked_us,
                answered_us,
                end: u32::try_from(seq)?,
            });
        }
        Ok(looks)
    }
}
