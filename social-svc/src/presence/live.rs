//! Who is connected, in Redis.
//!
//! Each person has a hash with a field per gateway that serves them, good for 30 s unless it is said again, and the field
//! `.told`: what the world was last told. A sorted set says when a person must be looked at, because their connections
//! may have ended without a word. Everything can be lost at any time: the gateways name everyone again every 10 s, and
//! nothing that is missing is ever taken for a person who left. A third key says since when reports come, and goes with
//! the rest: before a round has passed, what one gateway says is not yet what all say.

use std::{collections::HashMap, sync::Arc, time::Duration};

use redis::{
    FromRedisValue, Pipeline, Value,
    aio::{ConnectionManager, ConnectionManagerConfig},
};
use service::RedisSettings;

use super::{Liveness, Report, Who};
use crate::{Error, keys};

/// How long it may take to reach Redis.
const CONNECT_TIMEOUT: Duration = Duration::from_millis(500);
/// How long a whole report may take.
const RESPONSE_TIMEOUT: Duration = Duration::from_secs(1);
/// What a gateway said is good for this long: three of its rounds.
const GOOD_FOR_MS: i64 = 30_000;
/// The hash outlives what is in it, so that it is there when the person is looked at.
const KEPT_FOR_MS: i64 = 35_000;
/// Who left is looked at after this: a page that is loaded anew is back by then.
const RELOAD_MS: i64 = 3_000;
/// The same for one of whom nothing else is known: other gateways may not have said yet whom they serve.
const ROUND_MS: i64 = 12_000;
/// Whoever looks at people has this long before others do.
const LEASE_MS: i64 = 10_000;
/// Most people looked at in one go.
const LOOKED_AT: usize = 500;
/// The field for what was told; no gateway has a dot in its name.
const TOLD: &str = ".told";
/// The field for when the first report came.
const FIRST: &str = "first";

/// What the world was told of a person, and what is true now.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Entry {
    pub(crate) told: Option<Liveness>,
    pub(crate) is: Liveness,
}

/// What a report changed.
pub(crate) struct Noted {
    /// What became of each person, in the order of the report.
    pub(crate) entries: Vec<Entry>,
    /// From when on every gateway has said whom it serves; milliseconds since the epoch, perhaps to come.
    pub(crate) whole_ms: i64,
}

/// Some people who were due, taken for a while.
pub(crate) struct Lease {
    /// Each with what is true now.
    pub(crate) people: Vec<(Who, Liveness)>,
    score: String,
}

/// The connection. Cheap to clone; made when first needed, so Redis may be away.
#[derive(Clone)]
pub struct Live {
    connection: ConnectionManager,
}

type Fields = HashMap<String, String>;

impl Live {
    pub(crate) fn new(config: &RedisSettings) -> anyhow::Result<Self> {
        let client = config.client()?;
        let settings = ConnectionManagerConfig::new()
            .set_number_of_retries(0)
            .set_connection_timeout(Some(CONNECT_TIMEOUT))
            .set_response_timeout(Some(RESPONSE_TIMEOUT));
        let connection = ConnectionManager::new_lazy_with_config(client, settings)?;
        Ok(Self { connection })
    }

    /// Notes what a gateway says.
    pub(crate) async fn note(&self, report: &Report, now_ms: i64) -> Result<Noted, Error> {
        let mut pipeline = redis::pipe();
        pipeline.hset_nx(keys::SINCE, FIRST, now_ms).ignore();
        pipeline.pexpire(keys::SINCE, KEPT_FOR_MS).ignore();
        pipeline.hgetall(keys::SINCE);
        for sighting in &report.people {
            let Who { tenant, user_id } = &sighting.who;
            let key = keys::person(tenant, *user_id);
            if sighting.connections == 0 {
                pipeline.hdel(&key, &report.gateway).ignore();
            } else {
                let until = now_ms + GOOD_FOR_MS;
                let is_visible = u8::from(sighting.is_visible);
                let value = format!("{}:{is_visible}:{until}", sighting.connections);
                pipeline.hset(&key, &report.gateway, value).ignore();
                pipeline.pexpire(&key, KEPT_FOR_MS).ignore();
                pipeline
                    .zadd(keys::DUE, keys::due(tenant, *user_id), until)
                    .ignore();
            }
            pipeline.hgetall(&key);
        }
        let found: Vec<Fields> = self.run(&pipeline).await?;
        let (since, people) = found.split_first().unzip();
        let first = since.and_then(|fields| fields.get(FIRST)?.parse::<i64>().ok());
        let people = people.into_iter().flatten();
        Ok(Noted {
            entries: people.map(|fields| entry(fields, now_ms)).collect(),
            // A time to come is of a clock that was set back.
            whole_ms: first.unwrap_or(now_ms).min(now_ms) + ROUND_MS,
        })
    }

    /// Returns whether people are connected, as the world was told: whoever asks and whoever listens know the same.
    pub(crate) async fn look(&self, people: &[Who], now_ms: i64) -> Result<Vec<Liveness>, Error> {
        let entries = self.entries(people, now_ms).await?;
        let told = entries.iter().map(|entry| entry.told.unwrap_or(entry.is));
        Ok(told.collect())
    }

    /// Returns whether people are connected, whatever the world was told.
    pub(crate) async fn find(&self, people: &[Who], now_ms: i64) -> Result<Vec<Liveness>, Error> {
        let entries = self.entries(people, now_ms).await?;
        Ok(entries.iter().map(|entry| entry.is).collect())
    }

    async fn entries(&self, people: &[Who], now_ms: i64) -> Result<Vec<Entry>, Error> {
        let mut pipeline = redis::pipe();
        for Who { tenant, user_id } in people {
            pipeline.hgetall(keys::person(tenant, *user_id));
        }
        let found: Vec<Fields> = self.run(&pipeline).await?;
        Ok(found.iter().map(|fields| entry(fields, now_ms)).collect())
    }

    /// Remembers what the world was told of people who are connected.
    pub(crate) async fn keep_told(&self, told: &[(Who, Liveness)]) -> Result<(), Error> {
        let mut pipeline = redis::pipe();
        for (Who { tenant, user_id }, liveness) in told {
            let key = keys::person(tenant, *user_id);
            pipeline.hset(&key, TOLD, name(*liveness)).ignore();
            pipeline.pexpire(&key, KEPT_FOR_MS).ignore();
        }
        self.run(&pipeline).await
    }

    /// Has people who seem to have left looked at in a moment, and not before `whole_ms`; `is_known` of those of whom the
    /// world was told something.
    pub(crate) async fn suspect(
        &self,
        gone: &[(Who, bool)],
        whole_ms: i64,
        now_ms: i64,
    ) -> Result<(), Error> {
        let mut pipeline = redis::pipe();
        for (Who { tenant, user_id }, is_known) in gone {
            let after_ms = if *is_known { RELOAD_MS } else { ROUND_MS };
            let at = whole_ms.max(now_ms + after_ms);
            pipeline
                .zadd(keys::DUE, keys::due(tenant, *user_id), at)
                .ignore();
        }
        self.run(&pipeline).await
    }

    /// Takes people who are due, for a while: whoever does not come back for them leaves them to the next. What the world
    /// was told of them is forgotten first, so that one who connects meanwhile is told of by that report.
    pub(crate) async fn lease(&self, now_ms: i64) -> Result<Lease, Error> {
        let mut pipeline = redis::pipe();
        let count = isize::try_from(LOOKED_AT).unwrap_or(isize::MAX);
        pipeline.zrangebyscore_limit(keys::DUE, "-inf", now_ms, 0, count);
        let (due,): (Vec<String>,) = self.run(&pipeline).await?;
        let people: Vec<Who> = due
            .iter()
            .filter_map(|text| keys::read_due(text))
            .map(|(tenant, user_id)| Who { tenant, user_id })
            .collect();
        // A half is in no other score: whoever reports meanwhile sets another one.
        let score = format!("{}.5", now_ms + LEASE_MS);
        let mut pipeline = redis::pipe();
        for Who { tenant, user_id } in &people {
            let key = keys::person(tenant, *user_id);
            let due = keys::due(tenant, *user_id);
            let zadd = pipeline.cmd("ZADD").arg(keys::DUE);
            zadd.arg("XX").arg(&score).arg(due).ignore();
            pipeline.hdel(&key, TOLD).ignore();
            pipeline.hgetall(&key);
        }
        let found: Vec<Fields> = self.run(&pipeline).await?;
        let found = found.iter().map(|fields| entry(fields, now_ms).is);
        Ok(Lease {
            people: people.into_iter().zip(found).collect(),
            score,
        })
    }

    /// Ends a lease: who is gone is looked at no more, unless they came back meanwhile.
    pub(crate) async fn release(&self, lease: &Lease, now_ms: i64) -> Result<(), Error> {
        let mut pipeline = redis::pipe();
        for (Who { tenant, user_id }, _) in lease.people.iter().filter(|(_, is)| is.is_live()) {
            pipeline
                .zadd(keys::DUE, keys::due(tenant, *user_id), now_ms + GOOD_FOR_MS)
                .ignore();
        }
        pipeline
            .cmd("ZREMRANGEBYSCORE")
            .arg(keys::DUE)
            .arg(&lease.score)
            .arg(&lease.score)
            .ignore();
        self.run(&pipeline).await
    }

    /// Forgets a person.
    pub(crate) async fn forget(&self, Who { tenant, user_id }: &Who) -> Result<(), Error> {
        let mut pipeline = redis::pipe();
        pipeline.del(keys::person(tenant, *user_id)).ignore();
        pipeline
            .zrem(keys::DUE, keys::due(tenant, *user_id))
            .ignore();
        self.run(&pipeline).await
    }

    /// One round trip; none when there is nothing to ask.
    async fn run<T: FromRedisValue>(&self, pipeline: &Pipeline) -> Result<T, Error> {
        let mut connection = self.connection.clone();
        let work = async {
            if pipeline.is_empty() {
                return Ok(redis::from_redis_value(Value::Array(Vec::new()))?);
            }
            pipeline.query_async(&mut connection).await
        };
        let error = match tokio::time::timeout(CONNECT_TIMEOUT + RESPONSE_TIMEOUT, work).await {
            Ok(Ok(value)) => return Ok(value),
            Ok(Err(error)) => error,
            Err(_) => std::io::Error::from(std::io::ErrorKind::TimedOut).into(),
        };
        metrics::counter!("presence_store_failed_total").increment(1);
        Err(Error::Presence(Arc::new(error)))
    }
}

/// Reads a person's hash.
fn entry(fields: &Fields, now_ms: i64) -> Entry {
    let gateways = fields.iter().filter(|(name, _)| *name != TOLD);
    let is = gateways.filter_map(|(_, value)| said(value, now_ms)).fold(
        Liveness::Gone,
        |so_far, said| match (so_far, said) {
            (Liveness::InView, _) | (_, Liveness::InView) => Liveness::InView,
            _ => Liveness::OutOfView,
        },
    );
    let told = fields.get(TOLD).and_then(|told| match told.as_str() {
        "view" => Some(Liveness::InView),
        "back" => Some(Liveness::OutOfView),
        _ => None,
    });
    Entry { told, is }
}

/// Reads what a gateway said, unless it is too old.
fn said(value: &str, now_ms: i64) -> Option<Liveness> {
    let mut parts = value.split(':');
    let connections: u32 = parts.next()?.parse().ok()?;
    let is_visible = parts.next()? == "1";
    let until: i64 = parts.next()?.parse().ok()?;
    if connections == 0 || until <= now_ms {
        return None;
    }
    Some(if is_visible {
        Liveness::InView
    } else {
        Liveness::OutOfView
    })
}

fn name(liveness: Liveness) -> &'static str {
    match liveness {
        Liveness::InView => "view",
        Liveness::OutOfView => "back",
        Liveness::Gone => "gone",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry_of(fields: &[(&str, &str)]) -> (Option<Liveness>, Liveness) {
        let pairs = fields
            .iter()
            .map(|(name, value)| ((*name).into(), (*value).into()));
        let Entry { told, is } = entry(&pairs.collect(), 100);
        (told, is)
    }

    #[test]
    fn gateways_count_together_while_their_word_is_good() {
        use Liveness::{Gone, InView, OutOfView};
        assert_eq!(entry_of(&[]), (None, Gone));
        assert_eq!(entry_of(&[("a", "2:0:101")]), (None, OutOfView));
        let both = [("a", "1:0:101"), ("b", "1:1:101"), (TOLD, "back")];
        assert_eq!(entry_of(&both), (Some(OutOfView), InView));
        let old = [("a", "1:1:100"), ("b", "1:0:101"), (TOLD, "view")];
        assert_eq!(entry_of(&old), (Some(InView), OutOfView));
        let over = [("a", "1:1:100"), ("b", "nonsense"), (TOLD, "gone")];
        assert_eq!(entry_of(&over), (None, Gone));
    }
}
