//! Doing what a moderator ordered, once it is decided that they may.

use proto::{
    event::Kind,
    id::{RoomId, UserId},
};
use rpc::Caller;
use stream::Append;

use super::{Deed, NewRestriction, Order, RestrictionKind};
use crate::{
    Error,
    db::{self, rooms::LockedRoom},
    departures::Aftermath,
    events::governance::{self, Author},
    members::{Member, Standing},
    mutation::{Keyed, Mutation},
    users::UserRef,
};

/// An act whose right is decided and whose locks are held.
pub(super) struct Scene<'a> {
    pub(super) caller: &'a Caller,
    pub(super) room_id: RoomId,
    pub(super) room: &'a LockedRoom,
    pub(super) order: &'a Order,
    pub(super) target: UserId,
    pub(super) theirs: Standing,
    pub(super) keyed: &'a Keyed,
}

impl Scene<'_> {
    /// Does the deed; `false` when nothing had to be done.
    pub(super) async fn play(&self, mutation: &mut Mutation) -> Result<bool, Error> {
        match self.order.deed {
            Deed::Kick if self.theirs.role.is_none() => Err(Error::UserNotFound),
            Deed::Kick => self.put_out(mutation, Kind::Kicked, "kicked").await,
            Deed::Ban => {
                self.restrict(mutation, RestrictionKind::Ban).await?;
                let (tenant, room_id) = (&self.caller.tenant, self.room_id);
                db::invitations::delete_invitation(&mut mutation.tx, tenant, room_id, self.target)
                    .await?;
                self.put_out(mutation, Kind::Banned, "banned").await
            }
            Deed::Mute if self.theirs.role.is_none() => Err(Error::UserNotFound),
            Deed::Mute => {
                self.restrict(mutation, RestrictionKind::Mute).await?;
                mutation.record(vec![self.told(Kind::Muted)]).await?;
                Ok(true)
            }
            Deed::Unban => {
                let subject = self.target.to_string();
                let noted =
                    governance::noted(self.caller, self.order.deed.action(), &subject, self.keyed);
                self.lift(mutation, RestrictionKind::Ban, noted).await
            }
            Deed::Unmute => {
                let told = self.told(Kind::Unmuted);
                self.lift(mutation, RestrictionKind::Mute, told).await
            }
        }
    }

    /// Ends the membership, if there is one, and tells the person.
    async fn put_out(
        &self,
        mutation: &mut Mutation,
        kind: Kind,
        reason: &str,
    ) -> Result<bool, Error> {
        let Self {
            caller,
            room_id,
            room,
            target,
            ..
        } = *self;
        let tenant = &caller.tenant;
        let mut events = vec![self.told(kind)];
        let Some(member) = self.member(mutation).await? else {
            mutation.record(events).await?;
            return Ok(true);
        };
        let going = (target, member.role);
        let after = Aftermath::foresee(&mut mutation.tx, tenant, room_id, room, going).await?;
        let author = Author::Caller(caller);
        events.push(governance::member_gone(
            author,
            room_id,
            member.person(),
            reason,
        ));
        events.extend(after.event(author, room_id));
        events.push(governance::membership_of(
            caller, target, room_id, &room.name, room.kind, false,
        ));
        mutation.record(events).await?;
        after
            .settle(&mut mutation.tx, tenant, room_id, target)
            .await?;
        Ok(true)
    }

    async fn member(&self, mutation: &mut Mutation) -> Result<Option<Member>, sqlx::Error> {
        let user = UserRef::Id(self.target);
        db::members::find_member(&mut *mutation.tx, &self.caller.tenant, self.room_id, &user).await
    }

    async fn restrict(&self, mutation: &mut Mutation, kind: RestrictionKind) -> Result<(), Error> {
        let restriction = NewRestriction {
            user_id: self.target,
            kind,
            reason: &self.order.reason,
            until: self.order.until,
            by: self.caller.user_id,
        };
        let (tenant, room_id) = (&self.caller.tenant, self.room_id);
        db::restrictions::insert_restriction(&mut mutation.tx, tenant, room_id, &restriction)
            .await?;
        Ok(())
    }

    /// Ends a restriction; `false` when none was in force.
    async fn lift(
        &self,
        mutation: &mut Mutation,
        kind: RestrictionKind,
        event: Append,
    ) -> Result<bool, Error> {
        let tenant = &self.caller.tenant;
        let was_in_force = db::restrictions::delete_restriction(
            &mut mutation.tx,
            tenant,
            self.room_id,
            self.target,
            kind,
        )
        .await?;
        if was_in_force {
            mutation.record(vec![event]).await?;
        }
        Ok(was_in_force)
    }

    /// What the person is told; carries the key.
    fn told(&self, kind: Kind) -> Append {
        let act = self.order.act(self.room_id);
        governance::moderated(self.caller, self.target, kind, &act, self.keyed)
    }
}
