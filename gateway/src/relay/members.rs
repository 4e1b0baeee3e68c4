//! Who is in a room, in which role, and who is kept out.

use proto::{
    room::{
        BanMemberRequest, InviteMemberRequest, ListMembersRequest, ListRestrictionsRequest,
        Restriction, SetMemberRoleRequest, TransferRoomRequest, UnbanMemberRequest,
    },
    words::{RestrictionKind, RoomRole},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    Answer, Context, Empty, Failure, ask, change,
    row::{Route, keyed, route},
    user_id,
    view::{self, MemberView, PersonView},
};
use crate::error::Error;

pub(super) const ROUTES: &[Route] = &[
    route!("room.members" => members, Members => MembersView<'_>),
    keyed!("room.invite" => invite, Target => Empty),
    keyed!("room.role" => role, SetRole => Empty),
    keyed!("room.transfer" => transfer, Target => Empty),
    route!("room.bans" => bans, Members => RestrictionsView<'_>),
    keyed!("room.ban" => ban, Ban => Empty),
    keyed!("room.unban" => unban, Target => Empty),
];

/// A page of a room's list.
#[derive(Deserialize, JsonSchema)]
#[schemars(inline)]
struct Members {
    /// The room's id, or `#name`.
    room: String,
    /// `next` of the page before.
    #[serde(default)]
    page: Option<String>,
    /// Most items of the page.
    #[serde(default)]
    #[schemars(range(min = 1, max = 100))]
    limit: Option<u32>,
}

/// A page of members by name.
#[derive(Serialize, JsonSchema)]
#[schemars(inline)]
struct MembersView<'a> {
    /// The members.
    members: Vec<MemberView<'a>>,
    /// `page` of the next page; none if this is the last.
    #[serde(skip_serializing_if = "str::is_empty")]
    next: &'a str,
}

async fn members(
    context: &Context,
    Members { room, page, limit }: Members,
) -> Result<Answer, Failure> {
    let question = ListMembersRequest {
        room,
        page: page.unwrap_or_default(),
        limit: limit.unwrap_or_default(),
    };
    let mut service = context.app.room.clone();
    let answer = ask(context, question, |request| async move {
        service.list_members(request).await
    })
    .await?;
    let members = answer.members.iter().map(MemberView::from).collect();
    Answer::of(&MembersView {
        members,
        next: &answer.next_page,
    })
}

/// A person in a room.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "OfMember")]
struct Target {
    /// The room's id, or `#name`.
    room: String,
    /// The user's id, or `@name`.
    user: String,
}

async fn invite(
    context: &Context,
    key: String,
    Target { room, user }: Target,
) -> Result<Answer, Failure> {
    let message = InviteMemberRequest {
        room,
        user_id: user_id(context, &user).await?,
        key,
    };
    change(context, message, |request| {
        let mut service = context.app.room.clone();
        async move { service.invite_member(request).await }
    })
    .await?;
    Answer::done()
}

/// Gives a member another role.
#[derive(Deserialize, JsonSchema)]
#[schemars(inline)]
struct SetRole {
    /// The room's id, or `#name`.
    room: String,
    /// The user's id, or `@name`.
    user: String,
    /// The new role.
    #[schemars(with = "RoomRole")]
    role: String,
}

async fn role(
    context: &Context,
    key: String,
    SetRole { room, user, role }: SetRole,
) -> Result<Answer, Failure> {
    let role = view::role(&role)
        .ok_or_else(|| Error::field("role", "must be owner, moderator or member"))?;
    let user_id = user_id(context, &user).await?;
    let message = SetMemberRoleRequest {
        room,
        user_id,
        role: role.into(),
        key,
    };
    change(context, message, |request| {
        let mut service = context.app.room.clone();
        async move { service.set_member_role(request).await }
    })
    .await?;
    Answer::done()
}

async fn transfer(
    context: &Context,
    key: String,
    Target { room, user }: Target,
) -> Result<Answer, Failure> {
    let message = TransferRoomRequest {
        room,
        user_id: user_id(context, &user).await?,
        key,
    };
    change(context, message, |request| {
        let mut service = context.app.room.clone();
        async move { service.transfer_room(request).await }
    })
    .await?;
    Answer::done()
}

/// Someone who is kept out of a room, or silent in it.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Restriction")]
struct RestrictionView<'a> {
    /// The person.
    user: PersonView<'a>,
    /// How.
    #[schemars(with = "RestrictionKind")]
    kind: &'a str,
    /// Why, in the moderator's words.
    reason: &'a str,
    /// When it ends, milliseconds since the epoch; none for good.
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<i64>,
    /// Id of the user who did it.
    by: &'a str,
    /// When, milliseconds since the epoch.
    at: i64,
}

impl<'a> From<&'a Restriction> for RestrictionView<'a> {
    fn from(restriction: &'a Restriction) -> Self {
        Self {
            user: PersonView {
                id: &restriction.user_id,
                name: &restriction.name,
            },
            kind: &restriction.kind,
            reason: &restriction.reason,
            until: view::time(restriction.until_ms),
            by: &restriction.by_user_id,
            at: restriction.created_at_ms,
        }
    }
}

/// A page of restrictions.
#[derive(Serialize, JsonSchema)]
#[schemars(inline)]
struct RestrictionsView<'a> {
    /// The restrictions.
    restrictions: Vec<RestrictionView<'a>>,
    /// `page` of the next page; none if this is the last.
    #[serde(skip_serializing_if = "str::is_empty")]
    next: &'a str,
}

async fn bans(
    context: &Context,
    Members { room, page, limit }: Members,
) -> Result<Answer, Failure> {
    let question = ListRestrictionsRequest {
        room,
        page: page.unwrap_or_default(),
        limit: limit.unwrap_or_default(),
    };
    let mut service = context.app.room.clone();
    let answer = ask(context, question, |request| async move {
        service.list_restrictions(request).await
    })
    .await?;
    let restrictions = answer.restrictions.iter();
    Answer::of(&RestrictionsView {
        restrictions: restrictions.map(RestrictionView::from).collect(),
        next: &answer.next_page,
    })
}

/// Keeps a person out of a room.
#[derive(Deserialize, JsonSchema)]
#[schemars(inline)]
struct Ban {
    /// The room's id, or `#name`.
    room: String,
    /// The user's id, or `@name`.
    user: String,
    /// Why, for the person and the log.
    #[schemars(length(max = 500))]
    reason: Option<String>,
    /// When it ends, milliseconds since the epoch; for good if left out.
    until: Option<i64>,
}

async fn ban(
    context: &Context,
    key: String,
    Ban {
        room,
        user,
        reason,
        until,
    }: Ban,
) -> Result<Answer, Failure> {
    let message = BanMemberRequest {
        room,
        user_id: user_id(context, &user).await?,
        reason: reason.unwrap_or_default(),
        until_ms: until.unwrap_or_default(),
        key,
    };
    change(context, message, |request| {
        let mut service = context.app.room.clone();
        async move { service.ban_member(request).await }
    })
    .await?;
    Answer::done()
}

async fn unban(
    context: &Context,
    key: String,
    Target { room, user }: Target,
) -> Result<Answer, Failure> {
    let message = UnbanMemberRequest {
        room,
        user_id: user_id(context, &user).await?,
        key,
    };
    change(context, message, |request| {
        let mut service = context.app.room.clone();
        async move { service.unban_member(request).await }
    })
    .await?;
    Answer::done()
}
