//! Governing rooms, and what other services know of people.

use proto::room::{room_service_server::RoomService, *};
use serde_json::Value;
use sqlx::{AssertSqlSafe, Row};
use tonic::{Request, Status};

use super::{Person, World, inner, key};
use crate::auth;

/// An act as moderation-svc records it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Act {
    pub(crate) action: String,
    pub(crate) subject: String,
    pub(crate) detail: Value,
}

impl World {
    pub(crate) async fn admin(&self, name: &str) -> Person {
        let mut person = self.person(name).await;
        person.caller.is_admin = true;
        person
    }

    /// From now on someone must not learn of another's doings.
    pub(crate) async fn hides_from(&self, hidden: &Person, from: &Person) {
        let (viewer, hidden) = (from.id(), hidden.id());
        self.run(format!(
            "insert into social.edge_in_tests values ('default', '{viewer}', '{hidden}')"
        ))
        .await;
    }

    /// Ends every restriction and every code now, as time would.
    pub(crate) async fn lets_time_pass(&self) {
        self.run("update room.restriction set until = now() - interval '1 second' where until is not null".into())
            .await;
        self.run("update room.invite set expires_at = now() - interval '1 second'".into())
            .await;
    }

    /// What moderation-svc was told, in order.
    pub(crate) async fn recorded_acts(&self) -> Vec<Act> {
        let rows =
            sqlx::raw_sql("select action, subject, detail::text from moderation.act_in_tests")
                .fetch_all(&self.db)
                .await
                .expect("acts");
        let acts = rows.iter().map(|row| Act {
            action: row.get(0),
            subject: row.get(1),
            detail: serde_json::from_str(row.get(2)).expect("JSON"),
        });
        acts.collect()
    }

    /// How many rows a question finds.
    pub(crate) async fn counts(&self, question: &str) -> i64 {
        let sql = AssertSqlSafe(format!("select count(*) from {question}"));
        let row = sqlx::raw_sql(sql).fetch_one(&self.db).await;
        row.expect("a count").get(0)
    }

    pub(crate) async fn renames_user(&self, person: &Person, name: &str) -> Result<(), Status> {
        let request = RenameUserRequest {
            tenant: "default".into(),
            user_id: person.id(),
            name: name.into(),
        };
        inner(self.app.rename_user(Request::new(request)).await).map(|_| ())
    }

    /// Erases a person, step by step; answers how many steps it took.
    pub(crate) async fn erases(&self, person: &Person) -> usize {
        // What auth-svc does first.
        auth::end_session(&self.db, &person.caller).await;
        self.accounts.remove(&person.caller.name);
        let mut steps = 1;
        while !self
            .erases_once(&person.id())
            .await
            .expect("a step")
            .is_done
        {
            steps += 1;
        }
        steps
    }

    pub(crate) async fn erases_once(&self, user_id: &str) -> Result<EraseUserResponse, Status> {
        let request = EraseUserRequest {
            tenant: "default".into(),
            user_id: user_id.into(),
        };
        inner(self.app.erase_user(Request::new(request)).await)
    }

    pub(crate) async fn run(&self, sql: String) {
        sqlx::raw_sql(AssertSqlSafe(sql))
            .execute(&self.db)
            .await
            .expect("a statement");
    }
}

impl Person {
    pub(crate) async fn updates(&self, request: UpdateRoomRequest) -> Result<Room, Status> {
        let updated = inner(self.app.update_room(self.request(request)).await);
        updated.map(|updated| updated.room.expect("a room"))
    }

    pub(crate) async fn deletes_room(&self, room: &str) -> Result<(), Status> {
        self.deletes_with(room, &key()).await
    }

    pub(crate) async fn deletes_with(&self, room: &str, key: &str) -> Result<(), Status> {
        let request = DeleteRoomRequest {
            room: room.into(),
            key: key.into(),
        };
        inner(self.app.delete_room(self.request(request)).await).map(|_| ())
    }

    pub(crate) async fn transfers(&self, room: &str, user: &str) -> Result<(), Status> {
        self.transfers_with(room, user, &key()).await
    }

    pub(crate) async fn transfers_with(
        &self,
        room: &str,
        user: &str,
        key: &str,
    ) -> Result<(), Status> {
        let request = TransferRoomRequest {
            room: room.into(),
            user_id: user.into(),
            key: key.into(),
        };
        inner(self.app.transfer_room(self.request(request)).await).map(|_| ())
    }

    pub(crate) async fn kicks(&self, room: &str, user: &str) -> Result<(), Status> {
        self.kicks_with(room, user, &key()).await
    }

    pub(crate) async fn kicks_with(&self, room: &str, user: &str, key: &str) -> Result<(), Status> {
        let request = KickMemberRequest {
            room: room.into(),
            user_id: user.into(),
            reason: "too loud".into(),
            key: key.into(),
        };
        inner(self.app.kick_member(self.request(request)).await).map(|_| ())
    }

    /// Bans for good.
    pub(crate) async fn bans(&self, room: &str, user: &str) -> Result<(), Status> {
        self.orders_ban(ban(room, user)).await
    }

    pub(crate) async fn orders_ban(&self, request: BanMemberRequest) -> Result<(), Status> {
        inner(self.app.ban_member(self.request(request)).await).map(|_| ())
    }

    pub(crate) async fn unbans(&self, room: &str, user: &str) -> Result<(), Status> {
        self.unbans_with(room, user, &key()).await
    }

    pub(crate) async fn unbans_with(
        &self,
        room: &str,
        user: &str,
        key: &str,
    ) -> Result<(), Status> {
        let request = UnbanMemberRequest {
            room: room.into(),
            user_id: user.into(),
            key: key.into(),
        };
        inner(self.app.unban_member(self.request(request)).await).map(|_| ())
    }

    /// Mutes for an hour.
    pub(crate) async fn mutes(&self, room: &str, user: &str) -> Result<(), Status> {
        self.orders_mute(mute(room, user)).await
    }

    pub(crate) async fn orders_mute(&self, request: MuteMemberRequest) -> Result<(), Status> {
        inner(self.app.mute_member(self.request(request)).await).map(|_| ())
    }

    pub(crate) async fn unmutes(&self, room: &str, user: &str) -> Result<(), Status> {
        self.unmutes_with(room, user, &key()).await
    }

    pub(crate) async fn unmutes_with(
        &self,
        room: &str,
        user: &str,
        key: &str,
    ) -> Result<(), Status> {
        let request = UnmuteMemberRequest {
            room: room.into(),
            user_id: user.into(),
            key: key.into(),
        };
        inner(self.app.unmute_member(self.request(request)).await).map(|_| ())
    }

    pub(crate) async fn lists_restrictions(
        &self,
        request: ListRestrictionsRequest,
    ) -> Result<ListRestrictionsResponse, Status> {
        inner(self.app.list_restrictions(self.request(request)).await)
    }

    pub(crate) async fn creates_invite(
        &self,
        request: CreateInviteRequest,
    ) -> Result<Invite, Status> {
        let created = inner(self.app.create_invite(self.request(request)).await);
        created.map(|created| created.invite.expect("a code"))
    }

    /// Makes a code with so many uses; 0 for no bound.
    pub(crate) async fn code(&self, room: &str, max_uses: u32) -> String {
        let request = CreateInviteRequest {
            max_uses,
            ..invite(room)
        };
        self.creates_invite(request).await.expect("a code").code
    }

    pub(crate) async fn lists_invites(&self, room: &str) -> Result<Vec<Invite>, Status> {
        let request = ListInvitesRequest { room: room.into() };
        inner(self.app.list_invites(self.request(request)).await).map(|listed| listed.invites)
    }

    pub(crate) async fn revokes(&self, room: &str, code: &str) -> Result<(), Status> {
        self.revokes_with(room, code, &key()).await
    }

    pub(crate) async fn revokes_with(
        &self,
        room: &str,
        code: &str,
        key: &str,
    ) -> Result<(), Status> {
        let request = RevokeInviteRequest {
            room: room.into(),
            code: code.into(),
            key: key.into(),
        };
        inner(self.app.revoke_invite(self.request(request)).await).map(|_| ())
    }

    pub(crate) async fn accepts(&self, code: &str) -> Result<JoinRoomResponse, Status> {
        self.accepts_with(code, &key()).await
    }

    pub(crate) async fn accepts_with(
        &self,
        code: &str,
        key: &str,
    ) -> Result<JoinRoomResponse, Status> {
        let request = AcceptInviteRequest {
            code: code.into(),
            key: key.into(),
        };
        let accepted = inner(self.app.accept_invite(self.request(request)).await);
        accepted.map(|accepted| accepted.joined.expect("a view"))
    }

    pub(crate) async fn opens_direct(&self, user: &str) -> Result<OpenDirectResponse, Status> {
        self.opens_with(user, &key()).await
    }

    pub(crate) async fn opens_with(
        &self,
        user: &str,
        key: &str,
    ) -> Result<OpenDirectResponse, Status> {
        let request = OpenDirectRequest {
            user_id: user.into(),
            key: key.into(),
        };
        inner(self.app.open_direct(self.request(request)).await)
    }

    pub(crate) async fn exports(&self, page: &str) -> Result<ExportUserResponse, Status> {
        let request = ExportUserRequest { page: page.into() };
        inner(self.app.export_user(self.request(request)).await)
    }
}

pub(crate) fn update(room: &str) -> UpdateRoomRequest {
    UpdateRoomRequest {
        room: room.into(),
        key: key(),
        ..UpdateRoomRequest::default()
    }
}

pub(crate) fn rename(room: &str, name: &str) -> UpdateRoomRequest {
    UpdateRoomRequest {
        name: Some(name.into()),
        ..update(room)
    }
}

pub(crate) fn ban(room: &str, user: &str) -> BanMemberRequest {
    BanMemberRequest {
        room: room.into(),
        user_id: user.into(),
        reason: "spam".into(),
        until_ms: 0,
        key: key(),
    }
}

pub(crate) fn mute(room: &str, user: &str) -> MuteMemberRequest {
    MuteMemberRequest {
        room: room.into(),
        user_id: user.into(),
        reason: "too loud".into(),
        until_ms: in_seconds(3_600),
        key: key(),
    }
}

pub(crate) fn invite(room: &str) -> CreateInviteRequest {
    CreateInviteRequest {
        room: room.into(),
        key: key(),
        ..CreateInviteRequest::default()
    }
}

/// A time to come, or one that has passed.
pub(crate) fn in_seconds(seconds: i64) -> i64 {
    (time::OffsetDateTime::now_utc().unix_timestamp() + seconds) * 1_000
}
