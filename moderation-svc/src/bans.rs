//! Bans of accounts and address ranges.

use proto::id::{BanId, Tenant, UserId};
use rpc::Caller;
use serde_json::json;
use uuid::Uuid;

use crate::{
    App, Error,
    audit::Act,
    db, events,
    mutation::{self, Keyed, Mutation, retrying},
    pages::{Page, Paging},
    ranges::Range,
    users::{self, UserRef},
};

/// How long a range is banned when the request does not say.
const RANGE_DEFAULT_MS: i64 = 30 * 24 * 3_600 * 1_000;

/// What a ban does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Refuses and closes.
    Enforce,
    /// Hides an account from all others; of a range, it only counts.
    Shadow,
}

/// Whom a request to ban names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// An account.
    Account(UserRef),
    /// An address range.
    Range(Range),
}

/// Whom a ban hits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// An account.
    Account(UserId),
    /// An address range.
    Range(Range),
}

/// A request to ban.
#[derive(Debug, Clone)]
pub struct NewBan {
    /// Idempotency key.
    pub key: String,
    /// Whom.
    pub target: Target,
    /// Why.
    pub reason: String,
    /// Until when; `None` for as long as it is usual.
    pub until_ms: Option<i64>,
    /// What it does.
    pub mode: Mode,
}

/// A ban.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ban {
    /// Its id.
    pub ban_id: BanId,
    /// Whom it hits.
    pub subject: Subject,
    /// Why.
    pub reason: String,
    /// What it does.
    pub mode: Mode,
    /// The administrator who made or last changed it.
    pub by: UserId,
    /// Since when.
    pub created_at_ms: i64,
    /// Until when; `None` for good.
    pub until_ms: Option<i64>,
}

/// The answer to a request to ban.
#[derive(Debug, Clone)]
pub struct Created {
    /// The ban.
    pub ban: Ban,
    /// How many accounts it hits.
    pub hit_users: i64,
    /// Whether an earlier request made it.
    pub is_duplicate: bool,
}

/// A ban that has not been ended.
#[derive(Debug)]
pub(crate) struct OpenBan {
    pub(crate) ban: Ban,
    /// Whether its time is over all the same.
    pub(crate) is_over: bool,
}

impl Mode {
    /// Returns the name that is stored.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Enforce => "enforce",
            Self::Shadow => "shadow",
        }
    }

    /// Reads the stored name. What is not known to be milder is the harder.
    #[must_use]
    pub fn from_stored(text: &str) -> Self {
        match text {
            "shadow" => Self::Shadow,
            _ => Self::Enforce,
        }
    }
}

impl NewBan {
    fn keyed(&self) -> Keyed {
        let target = self.target.text();
        let until = self.until_ms.unwrap_or_default().to_be_bytes();
        let parts: [&[u8]; 4] = [
            target.as_bytes(),
            self.reason.as_bytes(),
            &until,
            self.mode.as_str().as_bytes(),
        ];
        Keyed::new(&self.key, "ban.create", &parts)
    }

    /// Decides when the ban ends.
    fn end(&self, now_ms: i64) -> Result<Option<i64>, Error> {
        match (self.until_ms, &self.target) {
            (Some(until_ms), _) if until_ms <= now_ms => Err(Error::FieldInvalid {
                field: "until",
                why: "a time to come, in milliseconds since the epoch",
            }),
            (Some(until_ms), _) => Ok(Some(until_ms)),
            (None, Target::Range(_)) => Ok(Some(now_ms + RANGE_DEFAULT_MS)),
            (None, Target::Account(_)) => Ok(None),
        }
    }
}

impl Target {
    /// Returns the text by which requests are compared.
    pub(crate) fn text(&self) -> String {
        match self {
            Self::Account(user) => user.to_string(),
            Self::Range(range) => range.to_string(),
        }
    }
}

impl Ban {
    fn is_same(&self, other: &Self) -> bool {
        (self.mode, &self.reason, self.until_ms) == (other.mode, &other.reason, other.until_ms)
    }

    /// Returns the account whose doings it hides.
    pub(crate) fn hides(&self) -> Option<UserId> {
        match (self.mode, self.subject) {
            (Mode::Shadow, Subject::Account(user_id)) => Some(user_id),
            _ => None,
        }
    }

    /// Makes the audit row of something done to it.
    pub(crate) fn act(&self, action: &'static str) -> Act {
        let (subject, detail) = match self.subject {
            Subject::Account(user_id) => (user_id.to_string(), json!({ "ban": self.ban_id })),
            Subject::Range(range) => (
                self.ban_id.to_string(),
                json!({ "cidr": range.to_string() }),
            ),
        };
        Act::new(action, &subject)
            .with(detail)
            .with(json!({ "mode": self.mode.as_str(), "until": self.until_ms }))
    }
}

/// Bans an account or a range. A ban in force is given the new mode, reason and end.
///
/// # Errors
/// `AdminRequired`, `UserNotFound`, `PermissionDenied`, `RangeRefused`, `FieldInvalid`, `Conflict`.
pub async fn create(app: &App, caller: &Caller, new_ban: NewBan) -> Result<Created, Error> {
    let (app, caller) = (app.clone(), caller.clone());
    pg::unit(async move { retrying(|| create_once(&app, &caller, &new_ban)).await }).await
}

/// Lists bans in force, newest first: of one account or all.
///
/// # Errors
/// `AdminRequired`, `UserNotFound`.
pub async fn list(
    app: &App,
    caller: &Caller,
    user: Option<UserRef>,
    paging: Paging<Uuid>,
) -> Result<Page<Ban, Uuid>, Error> {
    let (db, caller) = (app.db.clone(), caller.clone());
    pg::unit(async move {
        let mut conn = db.acquire().await?;
        db::standings::require_admin(&mut *conn, &caller).await?;
        let user_id = match user {
            Some(user) => Some(users::resolve(&mut conn, &caller.tenant, &user).await?),
            None => None,
        };
        let bans = db::bans::list_bans(&mut *conn, &caller.tenant, user_id, &paging).await?;
        Ok(paging.cut(bans, |ban| ban.ban_id.0))
    })
    .await
}

async fn create_once(app: &App, caller: &Caller, new_ban: &NewBan) -> Result<Created, Error> {
    let keyed = new_ban.keyed();
    let tenant = &caller.tenant;
    let mut mutation = mutation::begin_act(app, caller, &keyed).await?;
    if mutation.is_repeat() {
        let ban_id = mutation::first_subject(&mutation)?;
        let ban = db::bans::find_ban(&mut *mutation.tx, tenant, ban_id).await?;
        let ban = ban.ok_or(Error::Internal("a key of a ban that is not there"))?;
        return created(&mut mutation, caller, ban, true).await;
    }
    let subject = claim(app, caller, &mut mutation, &new_ban.target).await?;
    let now_ms = db::clock::get_now_ms(&mut *mutation.tx).await?;
    let wanted = Ban {
        ban_id: BanId::generate(),
        subject,
        reason: new_ban.reason.clone(),
        mode: new_ban.mode,
        by: caller.user_id,
        created_at_ms: now_ms,
        until_ms: new_ban.end(now_ms)?,
    };
    let before = db::bans::lock_open_ban(&mut mutation.tx, tenant, subject).await?;
    let was_hidden = before.as_ref().and_then(|before| before.ban.hides());
    let ban = match before {
        Some(before) if !before.is_over && before.ban.is_same(&wanted) => {
            return created(&mut mutation, caller, before.ban, false).await;
        }
        before => put(&mut mutation, tenant, before, wanted).await?,
    };
    let created = created(&mut mutation, caller, ban, false).await?;
    let ban = &created.ban;
    let mut appends = vec![events::noted(caller, "ban.create", &ban.ban_id, &keyed)];
    appends.extend(events::banned(caller, ban));
    match (was_hidden, ban.hides()) {
        (None, Some(user_id)) => appends.push(events::shadow_changed(caller, user_id, true)),
        (Some(user_id), None) => appends.push(events::shadow_changed(caller, user_id, false)),
        _ => {}
    }
    mutation.record(appends).await?;
    mutation::commit_act(app, caller, mutation, ban.act("ban.create")).await?;
    Ok(created)
}

/// Checks that the target may be banned, and takes what makes others wait: the account's lock, or the range's.
async fn claim(
    app: &App,
    caller: &Caller,
    mutation: &mut Mutation,
    target: &Target,
) -> Result<Subject, Error> {
    let (tx, tenant) = (&mut mutation.tx, &caller.tenant);
    match target {
        Target::Account(user) => {
            let person = users::get(tx, tenant, user).await?;
            if person.is_admin || person.user_id == caller.user_id {
                return Err(Error::PermissionDenied("administrators cannot be banned"));
            }
            // Nothing in the person's name commits between here and the ban; what comes later sees it.
            stream::lock_actor(tx, tenant, person.user_id).await?;
            Ok(Subject::Account(person.user_id))
        }
        Target::Range(range) => {
            check_range(app, caller, &mut **tx, *range).await?;
            db::bans::lock_range(tx, tenant, *range).await?;
            Ok(Subject::Range(*range))
        }
    }
}

/// Refuses a range that nobody may ban, or not this caller.
pub(crate) async fn check_range(
    app: &App,
    caller: &Caller,
    conn: impl sqlx::PgExecutor<'_>,
    range: Range,
) -> Result<(), Error> {
    range.check(&app.config)?;
    // Only a development stack gets here with a special range, and there everyone comes from it.
    if range.is_special() {
        return Ok(());
    }
    let is_own = db::sightings::is_seen_in(conn, &caller.tenant, caller.user_id, range).await?;
    if is_own {
        return Err(Error::RangeRefused("you yourself came from this range"));
    }
    Ok(())
}

/// Stores a ban: in the place of the one in force, or as a new one.
async fn put(
    mutation: &mut Mutation,
    tenant: &Tenant,
    before: Option<OpenBan>,
    wanted: Ban,
) -> Result<Ban, Error> {
    match before {
        Some(OpenBan {
            ban,
            is_over: false,
        }) => {
            let ban = Ban {
                ban_id: ban.ban_id,
                created_at_ms: ban.created_at_ms,
                ..wanted
            };
            db::bans::update_ban(&mut mutation.tx, tenant, &ban).await?;
            Ok(ban)
        }
        over => {
            if let Some(over) = over {
                db::bans::update_ended(&mut mutation.tx, tenant, over.ban.ban_id).await?;
            }
            Ok(db::bans::insert_ban(&mut mutation.tx, tenant, &wanted).await?)
        }
    }
}

async fn created(
    mutation: &mut Mutation,
    caller: &Caller,
    ban: Ban,
    is_duplicate: bool,
) -> Result<Created, Error> {
    let hit_users = match ban.subject {
        Subject::Account(_) => 1,
        Subject::Range(range) => {
            db::sightings::count_users(&mut *mutation.tx, &caller.tenant, range).await?
        }
    };
    Ok(Created {
        ban,
        hit_users,
        is_duplicate,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn new_ban(target: Target, until_ms: Option<i64>) -> NewBan {
        NewBan {
            key: "k".into(),
            target,
            reason: "spam".into(),
            until_ms,
            mode: Mode::Enforce,
        }
    }

    #[test]
    fn an_account_may_be_banned_for_good_and_a_range_never() {
        let account = || Target::Account(UserRef::Id(UserId::generate()));
        let range = || Target::Range(Range::parse("203.0.113.0/24").expect("a range"));
        let end = |target, until_ms| new_ban(target, until_ms).end(1_000).ok();
        assert_eq!(end(account(), None), Some(None));
        assert_eq!(end(range(), None), Some(Some(1_000 + RANGE_DEFAULT_MS)));
        assert_eq!(end(account(), Some(1_001)), Some(Some(1_001)));
        assert_eq!(end(account(), Some(1_000)), None);
        assert_eq!(end(range(), Some(999)), None);
    }

    #[test]
    fn modes_keep_their_names() {
        for mode in [Mode::Enforce, Mode::Shadow] {
            assert_eq!(Mode::from_stored(mode.as_str()), mode);
        }
    }
}
