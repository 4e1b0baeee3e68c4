//! Who is in a room, in which role, and who is kept out.

use proto::room::{
    BanMemberRequest, InviteMemberRequest, ListMembersRequest, ListRestrictionsRequest,
    Restriction, SetMemberRoleRequest, TransferRoomRequest, UnbanMemberRequest,
};
use serde::{Deserialize, Serialize};

use super::{
    Answer, Context, Failure, ask, change,
    routes::{Route, route},
    user_id,
    view::{self, MemberView, PersonView},
};
use crate::{error::Error, frame::Frame};

pub(super) const ROUTES: &[Route] = &[
    route!("room.members" => members),
    route!("room.invite" => invite),
    route!("room.role" => role),
    route!("room.transfer" => transfer),
    route!("room.bans" => bans),
    route!("room.ban" => ban),
    route!("room.unban" => unban),
];

#[derive(Deserialize)]
struct Members {
    room: String,
    #[serde(default)]
    page: Option<String>,
    #[serde(default)]
    limit: Option<u32>,
}

#[derive(Serialize)]
struct MembersView<'a> {
    members: Vec<MemberView<'a>>,
    #[serde(skip_serializing_if = "str::is_empty")]
    next: &'a str,
}

async fn members(context: &Context, frame: &Frame) -> Result<Answer, Failure> {
    let Members { room, page, limit } = frame.payload()?;
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

#[derive(Deserialize)]
struct Target {
    room: String,
    user: String,
}

async fn invite(context: &Context, frame: &Frame) -> Result<Answer, Failure> {
    let key = frame.key()?;
    let Target { room, user } = frame.payload()?;
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

#[derive(Deserialize)]
struct SetRole {
    room: String,
    user: String,
    role: String,
}

async fn role(context: &Context, frame: &Frame) -> Result<Answer, Failure> {
    let key = frame.key()?;
    let SetRole { room, user, role } = frame.payload()?;
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

async fn transfer(context: &Context, frame: &Frame) -> Result<Answer, Failure> {
    let key = frame.key()?;
    let Target { room, user } = frame.payload()?;
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

#[derive(Serialize)]
struct RestrictionView<'a> {
    user: PersonView<'a>,
    kind: &'a str,
    reason: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<i64>,
    by: &'a str,
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

#[derive(Serialize)]
struct RestrictionsView<'a> {
    restrictions: Vec<RestrictionView<'a>>,
    #[serde(skip_serializing_if = "str::is_empty")]
    next: &'a str,
}

async fn bans(context: &Context, frame: &Frame) -> Result<Answer, Failure> {
    let Members { room, page, limit } = frame.payload()?;
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

#[derive(Deserialize)]
struct Ban {
    room: String,
    user: String,
    reason: Option<String>,
    until: Option<i64>,
}

async fn ban(context: &Context, frame: &Frame) -> Result<Answer, Failure> {
    let key = frame.key()?;
    let Ban {
        room,
        user,
        reason,
        until,
    } = frame.payload()?;
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

async fn unban(context: &Context, frame: &Frame) -> Result<Answer, Failure> {
    let key = frame.key()?;
    let Target { room, user } = frame.payload()?;
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
