//! What moderators do to people in a room: putting out, keeping out, silencing, and the ends of these.
//!
//! One acts on people strictly below oneself; above all roles stand the platform's administrators, who need not be in
//! the room. Every act is recorded for the moderators of the platform in its own transaction.

mod scene;

use proto::{
    event::ModerationAct,
    id::{RoomId, UserId},
};
use rpc::Caller;
use serde_json::json;
use time::{Duration, OffsetDateTime};

use crate::{
    App, Error, db,
    members::RoomRole,
    mutation::{self, Keyed, retrying},
    names::RoomRef,
    pages::{Page, Paging, Place},
    rooms::{self, RoomKind},
    users::{self, UserRef},
};
use scene::Scene;

/// The longest reason, in characters.
pub const REASON_MAX_CHARS: usize = 500;
/// The longest mute.
const MUTE_MAX: Duration = Duration::days(28);

/// What is done to a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deed {
    /// Put out; they may come back.
    Kick,
    /// Put out and kept out.
    Ban,
    /// Let in again.
    Unban,
    /// Silenced for a time.
    Mute,
    /// May speak again.
    Unmute,
}

/// A request to act on a person.
#[derive(Clone)]
pub struct Order {
    /// Idempotency key.
    pub key: String,
    /// In which room.
    pub room: RoomRef,
    /// On whom.
    pub user: UserRef,
    /// What to do.
    pub deed: Deed,
    /// Why, in the moderator's words.
    pub reason: String,
    /// When it ends; `None` for good.
    pub until: Option<OffsetDateTime>,
    /// The caller's own token: auth-svc is asked in their name.
    pub token: String,
}

/// What a person may not do in a room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RestrictionKind {
    /// Enter.
    Ban,
    /// Speak.
    Mute,
}

/// Someone who is kept out of a room, or silent in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restriction {
    /// Who.
    pub user_id: UserId,
    /// Their name now.
    pub name: String,
    /// What they may not do.
    pub kind: RestrictionKind,
    /// Why, in the moderator's words.
    pub reason: String,
    /// When it ends; `None` for good.
    pub until: Option<OffsetDateTime>,
    /// Whose act it was.
    pub by: UserId,
    /// Since when.
    pub created_at: OffsetDateTime,
}

/// A restriction to be.
pub(crate) struct NewRestriction<'a> {
    pub(crate) user_id: UserId,
    pub(crate) kind: RestrictionKind,
    pub(crate) reason: &'a str,
    pub(crate) until: Option<OffsetDateTime>,
    pub(crate) by: UserId,
}

/// What one may do to others in a room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Power {
    /// That of a role.
    Role(RoomRole),
    /// That of a platform administrator, in the room or not.
    Platform,
}

impl Deed {
    /// Returns the name under which the platform's moderators find it, which is also the operation of its key.
    #[must_use]
    pub fn action(self) -> &'static str {
        match self {
            Self::Kick => "room.kick",
            Self::Ban => "room.ban",
            Self::Unban => "room.unban",
            Self::Mute => "room.mute",
            Self::Unmute => "room.unmute",
        }
    }

    /// Refuses an end that is over, or too far away.
    fn check(self, until: Option<OffsetDateTime>, now: OffsetDateTime) -> Result<(), Error> {
        let refused = |why| {
            Err(Error::FieldInvalid {
                field: "until",
                why,
            })
        };
        match (self, until) {
            (Self::Ban | Self::Mute, Some(until)) if until <= now => refused("a time to come"),
            (Self::Mute, Some(until)) if until > now + MUTE_MAX => refused("at most 28 days ahead"),
            (Self::Mute, None) => refused("a mute needs an end, at most 28 days ahead"),
            _ => Ok(()),
        }
    }
}

impl RestrictionKind {
    /// Returns the name that is stored and told.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ban => "ban",
            Self::Mute => "mute",
        }
    }

    /// Reads the stored name. What is not known to be less keeps out.
    #[must_use]
    pub fn from_stored(text: &str) -> Self {
        match text {
            "mute" => Self::Mute,
            _ => Self::Ban,
        }
    }
}

impl Restriction {
    fn place(&self) -> Place {
        Place {
            name: self.kind.as_str().into(),
            id: self.user_id.0,
        }
    }
}

impl Power {
    /// Finds what the caller may do at all in a room.
    fn of(caller: &Caller, kind: RoomKind, role: Option<RoomRole>) -> Result<Self, Error> {
        if caller.is_admin && kind != RoomKind::Direct {
            return Ok(Self::Platform);
        }
        let why = "only owners and moderators of the room do this";
        kind.require(role, RoomRole::Moderator, why).map(Self::Role)
    }

    /// Refuses whom this power does not reach.
    fn require_above(self, other: Option<RoomRole>) -> Result<(), Error> {
        match other {
            Some(role) if self <= Self::Role(role) => Err(Error::PermissionDenied(
                "one acts only on people below oneself",
            )),
            _ => Ok(()),
        }
    }
}

impl Order {
    fn keyed(&self, room_id: RoomId) -> Keyed {
        let user = self.user.to_string();
        let until = self.until.map_or(0, OffsetDateTime::unix_timestamp_nanos);
        let parts: [&[u8]; 4] = [
            room_id.0.as_bytes(),
            user.as_bytes(),
            self.reason.as_bytes(),
            &until.to_be_bytes(),
        ];
        Keyed::new(&self.key, self.deed.action(), &parts)
    }

    fn act(&self, room_id: RoomId) -> ModerationAct {
        ModerationAct {
            room: Some(room_id.to_string()),
            reason: self.reason.clone(),
            until: self.until.map(millis),
        }
    }
}

/// Acts on a person in a room. Ending what is not in force is done already.
///
/// # Errors
/// `NotAMember`, `PermissionDenied`, `UserNotFound`, `FieldInvalid` for the time, `Conflict`.
pub async fn act(app: &App, caller: &Caller, order: Order) -> Result<(), Error> {
    let room_id = rooms::resolve(app, caller, &order.room).await?;
    let room_id = room_id.ok_or(Error::NotAMember)?;
    // Asked before the transaction, where no lock waits for another service; a repeat is answered whatever was found.
    let target = find_target(app, caller, room_id, &order).await;
    let (app, caller) = (app.clone(), caller.clone());
    pg::unit(
        async move { retrying(|| act_once(&app, &caller, room_id, &order, target.clone())).await },
    )
    .await
}

/// Lists who is banned from a room or muted in it.
///
/// # Errors
/// `NotAMember`, `PermissionDenied`.
pub async fn list(
    app: &App,
    caller: &Caller,
    room: RoomRef,
    paging: Paging,
) -> Result<Page<Restriction>, Error> {
    let room_id = rooms::resolve(app, caller, &room).await?;
    let room_id = room_id.ok_or(Error::NotAMember)?;
    let (db, caller) = (app.db.clone(), caller.clone());
    pg::unit(async move {
        let room = db::rooms::find_room(&db, &caller.tenant, caller.user_id, room_id).await?;
        let room = room.ok_or(Error::NotAMember)?;
        let standing =
            db::members::find_standing(&db, &caller.tenant, room_id, caller.user_id).await?;
        Power::of(&caller, room.kind, standing.role)?;
        let rows =
            db::restrictions::list_restrictions(&db, &caller.tenant, room_id, &paging).await?;
        Ok(paging.cut(rows, Restriction::place))
    })
    .await
}

/// Finds whom an order means. Who has no power here learns nothing, and nobody is locked on their account.
async fn find_target(
    app: &App,
    caller: &Caller,
    room_id: RoomId,
    order: &Order,
) -> Result<UserId, Error> {
    let (db, asker, user) = (app.db.clone(), caller.clone(), order.user.clone());
    let member = pg::unit::<_, Error>(async move {
        let room = db::rooms::find_room(&db, &asker.tenant, asker.user_id, room_id).await?;
        let room = room.ok_or(Error::NotAMember)?;
        let standing =
            db::members::find_standing(&db, &asker.tenant, room_id, asker.user_id).await?;
        Power::of(&asker, room.kind, standing.role)?;
        Ok(db::members::find_member(&db, &asker.tenant, room_id, &user).await?)
    })
    .await?;
    match (order.deed, &order.user, member) {
        (_, _, Some(member)) => Ok(member.user_id),
        (Deed::Kick | Deed::Mute, _, None) => Err(Error::UserNotFound),
        // What was laid on someone can be lifted even when their account is gone.
        (Deed::Unban | Deed::Unmute, UserRef::Id(user_id), None) => Ok(*user_id),
        (Deed::Ban | Deed::Unban | Deed::Unmute, user, None) => {
            Ok(users::get(app, &order.token, user).await?.user_id)
        }
    }
}

async fn act_once(
    app: &App,
    caller: &Caller,
    room_id: RoomId,
    order: &Order,
    target: Result<UserId, Error>,
) -> Result<(), Error> {
    let keyed = order.keyed(room_id);
    let mut mutation = mutation::begin(app, caller, &keyed).await?;
    if mutation.is_repeat() {
        return Ok(());
    }
    let target = target?;
    if target == caller.user_id {
        return Err(Error::PermissionDenied("nobody acts on themselves"));
    }
    order.deed.check(order.until, OffsetDateTime::now_utc())?;
    let tenant = &caller.tenant;
    // Nothing of theirs is under way any more when this is done, and what comes later meets the new state.
    stream::lock_actor(&mut mutation.tx, tenant, target).await?;
    let room = db::rooms::lock_room(&mut mutation.tx, tenant, room_id).await?;
    let room = room.ok_or(Error::NotAMember)?;
    let own =
        db::members::find_standing(&mut *mutation.tx, tenant, room_id, caller.user_id).await?;
    let theirs = db::members::find_standing(&mut *mutation.tx, tenant, room_id, target).await?;
    Power::of(caller, room.kind, own.role)?.require_above(theirs.role)?;
    let scene = Scene {
        caller,
        room_id,
        room: &room,
        order,
        target,
        theirs,
        keyed: &keyed,
    };
    if !scene.play(&mut mutation).await? {
        return Ok(());
    }
    // Rows of the audit log are for ever, so they hold nothing that a person wrote.
    let detail = json!({
        "room": room_id.to_string(),
        "until": order.until.map(millis),
    });
    let (action, subject) = (order.deed.action(), target.to_string());
    db::acts::insert_act(&mut mutation.tx, caller, action, &subject, &detail).await?;
    mutation::commit(app, mutation).await
}

fn millis(at: OffsetDateTime) -> i64 {
    at.unix_timestamp() * 1_000 + i64::from(at.millisecond())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_acts_on_those_strictly_below() {
        use RoomRole::{Member, Moderator, Owner};
        let reaches = |power: Power, other| power.require_above(other).is_ok();
        for other in [None, Some(Member), Some(Moderator), Some(Owner)] {
            assert!(reaches(Power::Platform, other));
            assert_eq!(reaches(Power::Role(Owner), other), other != Some(Owner));
            let below_moderator = matches!(other, None | Some(Member));
            assert_eq!(reaches(Power::Role(Moderator), other), below_moderator);
        }
    }

    #[test]
    fn an_end_lies_ahead_and_a_mute_s_not_too_far() {
        let now = OffsetDateTime::UNIX_EPOCH;
        let in_days = |days| Some(now + Duration::days(days));
        for (deed, until, is_good) in [
            (Deed::Ban, None, true),
            (Deed::Ban, in_days(4_000), true),
            (Deed::Ban, in_days(0), false),
            (Deed::Mute, None, false),
            (Deed::Mute, in_days(28), true),
            (Deed::Mute, in_days(29), false),
            (Deed::Mute, in_days(-1), false),
            (Deed::Kick, None, true),
        ] {
            assert_eq!(
                deed.check(until, now).is_ok(),
                is_good,
                "{deed:?} {until:?}"
            );
        }
    }
}
