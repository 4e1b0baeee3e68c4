//! Who is online, and how each of them chose to be seen.
//!
//! Whether somebody is connected is in Redis ([`Live`]), said by the gateways; what they chose and when they were last
//! seen is in Postgres. What others see is made of both by [`shown()`]. Changes are whispered to whoever listens and may
//! be lost: the answer of [`get`] is the truth.

mod live;
mod reports;
mod shown;
mod watch;

use std::collections::HashMap;

use proto::{
    event::PresenceChanged,
    id::{Tenant, UserId},
};
use rpc::Caller;
use time::OffsetDateTime;

use crate::{
    App, Error, db, events,
    mutation::{self, Keyed, retrying},
    times::millis,
};

pub use live::Live;
pub use reports::{Report, Sighting, report};
pub use shown::{Chosen, Liveness, Mood, Shown, shown};
pub use watch::sweep;
pub(crate) use watch::watch;

/// Most characters of a status text.
pub const TEXT_MAX_CHARS: usize = 100;
/// Most people in one question.
pub const PEOPLE_MAX: usize = 200;

/// A person of a tenant.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Who {
    /// The tenant.
    pub tenant: Tenant,
    /// The person.
    pub user_id: UserId,
}

/// A request to be seen in another way.
#[derive(Debug, Clone)]
pub struct NewPresence {
    /// Idempotency key.
    pub key: String,
    /// As what.
    pub mood: Mood,
    /// With which text; may be empty.
    pub text: String,
    /// Until when, milliseconds since the epoch; `None` for good.
    pub until_ms: Option<i64>,
}

/// A person as the caller may see them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// The person.
    pub user_id: UserId,
    /// What is seen of them.
    pub shown: Shown,
    /// Whether the caller may be told of changes.
    pub is_followable: bool,
}

/// What is stored of somebody whom a viewer may see.
pub(crate) struct Visible {
    pub(crate) user_id: UserId,
    pub(crate) chosen: Chosen,
    /// Whether moderators hide them from everyone else.
    pub(crate) is_shadowed: bool,
}

/// How a person was to be seen, and how they are from now on.
struct Change {
    before: Chosen,
    after: Chosen,
}

impl Who {
    fn of(caller: &Caller) -> Self {
        Self {
            tenant: caller.tenant.clone(),
            user_id: caller.user_id,
        }
    }
}

impl NewPresence {
    fn keyed(&self) -> Keyed {
        let until = self.until_ms.unwrap_or(0).to_be_bytes();
        let parts: [&[u8]; 3] = [self.mood.as_str().as_bytes(), self.text.as_bytes(), &until];
        Keyed::new(&self.key, "presence.set", &parts)
    }

    /// Returns when it ends.
    fn until(&self, now: OffsetDateTime) -> Result<Option<OffsetDateTime>, Error> {
        let until = self.until_ms.map(|ms| {
            let nanos = i128::from(ms) * 1_000_000;
            let until = OffsetDateTime::from_unix_timestamp_nanos(nanos).ok();
            until.filter(|until| *until > now)
        });
        match until {
            Some(None) => Err(Error::FieldInvalid {
                field: "until",
                why: "a time to come, in milliseconds since 1970; 0 for never",
            }),
            until => Ok(until.flatten()),
        }
    }
}

/// Sets how the caller is seen, and tells those who listen if that changed.
///
/// # Errors
/// `FieldInvalid`, `Conflict`.
pub async fn set(app: &App, caller: &Caller, new: NewPresence) -> Result<(), Error> {
    let who = Who::of(caller);
    let now = OffsetDateTime::now_utc();
    // Without an answer nobody is told now; whoever asks later is told right.
    let liveness = app.live.look(std::slice::from_ref(&who), millis(now)).await;
    let liveness = liveness.ok().and_then(|all| all.first().copied());
    let is_live = liveness.is_some_and(Liveness::is_live);
    let (at, caller) = (app.clone(), caller.clone());
    let change =
        pg::unit(async move { retrying(|| set_once(&at, &caller, &new, now, is_live)).await })
            .await?;
    if let (Some(change), Some(liveness)) = (change, liveness) {
        let before = shown(liveness, &change.before, now);
        let after = shown(liveness, &change.after, now);
        if before != after {
            tell(app, &who, &after).await;
        }
    }
    Ok(())
}

/// Returns people as the caller may see them, in the order asked: friends and people in a common room, unless one of the
/// two blocks the other. Everyone else is offline, and so is whoever does not exist.
///
/// # Errors
/// `FieldInvalid` for too many; `Presence` when nobody knows who is online.
pub async fn get(app: &App, caller: &Caller, people: Vec<UserId>) -> Result<Vec<Seen>, Error> {
    if people.len() > PEOPLE_MAX {
        return Err(Error::FieldInvalid {
            field: "users",
            why: "at most 200 people at once",
        });
    }
    let now = OffsetDateTime::now_utc();
    let everyone: Vec<Who> = people
        .iter()
        .map(|user_id| Who {
            tenant: caller.tenant.clone(),
            user_id: *user_id,
        })
        .collect();
    // Asked for everyone, so that the time of an answer says nothing of who may be seen.
    let livenesses = app.live.look(&everyone, millis(now)).await?;
    let (db, viewer, ids) = (app.db.clone(), caller.clone(), people.clone());
    let visible = pg::unit(async move {
        let listed = db::presence::list_visible(&db, &viewer.tenant, viewer.user_id, &ids).await?;
        Ok::<_, Error>(listed)
    })
    .await?;
    let visible: HashMap<UserId, Visible> = visible
        .into_iter()
        .map(|visible| (visible.user_id, visible))
        .collect();
    let seen = people
        .into_iter()
        .zip(livenesses)
        .map(|(user_id, liveness)| {
            let found = visible.get(&user_id);
            let open = found.filter(|found| !found.is_shadowed);
            Seen {
                user_id,
                shown: open.map_or_else(Shown::nothing, |open| shown(liveness, &open.chosen, now)),
                is_followable: found.is_some(),
            }
        });
    Ok(seen.collect())
}

/// Returns how the caller chose to be seen.
pub(crate) async fn chosen(app: &App, caller: &Caller) -> Result<Chosen, Error> {
    let (db, caller) = (app.db.clone(), caller.clone());
    pg::unit(async move {
        let mut conn = db.acquire().await?;
        let found = db::presence::find_chosen(&mut conn, &caller.tenant, caller.user_id).await?;
        Ok(found.unwrap_or_default())
    })
    .await
}

/// Forgets a person who is no more, and tells those who listen. What Redis cannot forget now ends there by itself.
pub(crate) async fn forget(app: &App, who: &Who) {
    if let Err(error) = app.live.forget(who).await {
        tracing::debug!(%error, "presence was not forgotten at once");
    }
    tell(app, who, &Shown::nothing()).await;
}

async fn set_once(
    app: &App,
    caller: &Caller,
    new: &NewPresence,
    now: OffsetDateTime,
    is_live: bool,
) -> Result<Option<Change>, Error> {
    let keyed = new.keyed();
    let mut mutation = mutation::begin(app, caller, &keyed).await?;
    if mutation.is_repeat() {
        return Ok(None);
    }
    let until = new.until(now)?;
    let (tenant, own) = (&caller.tenant, caller.user_id);
    let before = db::presence::find_chosen(&mut mutation.tx, tenant, own).await?;
    let before = before.unwrap_or_default();
    // For everyone else, who becomes invisible goes offline now.
    let goes = is_live && new.mood == Mood::Invisible && !before.is_invisible(now);
    let after = Chosen {
        mood: new.mood,
        text: new.text.clone(),
        until,
        last_seen_at: if goes { Some(now) } else { before.last_seen_at },
    };
    if after == before {
        return Ok(None);
    }
    mutation
        .record(vec![events::presence_set(caller, new, &keyed)])
        .await?;
    db::presence::insert_chosen(&mut mutation.tx, tenant, own, &after).await?;
    mutation::commit(app, mutation).await?;
    Ok(Some(Change { before, after }))
}

/// Whispers how a person is seen now.
async fn tell(app: &App, who: &Who, shown: &Shown) {
    let data = PresenceChanged {
        user: who.user_id.to_string(),
        status: shown.status.into(),
        text: shown.text.clone(),
        last_seen: (shown.last_seen_ms > 0).then_some(shown.last_seen_ms),
    };
    let Ok(data) = serde_json::to_vec(&data) else {
        return;
    };
    let message = proto::stream::Ephemeral {
        tenant: who.tenant.to_string(),
        stream_id: who.user_id.to_string(),
        kind: "presence.changed".into(),
        actor: who.user_id.to_string(),
        data: data.into(),
    };
    app.ephemerals.publish(message).await;
}

/// Whispers how people are seen now, after their connections changed.
async fn tell_all(
    app: &App,
    changed: &[(Who, Liveness)],
    now: OffsetDateTime,
) -> Result<(), Error> {
    if changed.is_empty() {
        return Ok(());
    }
    let (db, people) = (app.db.clone(), changed.iter().map(|(who, _)| who.clone()));
    let people: Vec<Who> = people.collect();
    let chosen =
        pg::unit(async move { Ok::<_, Error>(db::presence::list_chosen(&db, &people).await?) })
            .await?;
    for (who, liveness) in changed {
        let chosen = chosen.get(who).cloned().unwrap_or_default();
        // For everyone else nothing has changed.
        if !chosen.is_invisible(now) {
            tell(app, who, &shown(*liveness, &chosen, now)).await;
        }
    }
    Ok(())
}
