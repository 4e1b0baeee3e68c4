//! Codes that let people into rooms.

use proto::room::{
    AcceptInviteRequest, CreateInviteRequest, Invite, ListInvitesRequest, RevokeInviteRequest,
};
use serde::{Deserialize, Serialize};

use super::{
    Answer, Context, Failure, ask, change, rooms,
    routes::{Route, route},
};
use crate::frame::Frame;

pub(super) const ROUTES: &[Route] = &[
    route!("invite.create" => create),
    route!("invite.list" => list),
    route!("invite.revoke" => revoke),
    route!("invite.accept" => accept).heavy().entering(),
];

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct InviteView<'a> {
    code: &'a str,
    room: &'a str,
    name: &'a str,
    expires_at: i64,
    max_uses: u32,
    uses: u32,
}

impl<'a> From<&'a Invite> for InviteView<'a> {
    fn from(invite: &'a Invite) -> Self {
        Self {
            code: &invite.code,
            room: &invite.room_id,
            name: &invite.room_name,
            expires_at: invite.expires_at_ms,
            max_uses: invite.max_uses,
            uses: invite.uses,
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Create {
    room: String,
    valid_seconds: Option<u32>,
    max_uses: Option<u32>,
}

#[derive(Serialize)]
struct Created<'a> {
    invite: InviteView<'a>,
}

async fn create(context: &Context, frame: &Frame) -> Result<Answer, Failure> {
    let key = frame.key()?;
    let Create {
        room,
        valid_seconds,
        max_uses,
    } = frame.payload()?;
    let message = CreateInviteRequest {
        room,
        valid_seconds: valid_seconds.unwrap_or_default(),
        max_uses: max_uses.unwrap_or_default(),
        key,
    };
    let answer = change(context, message, |request| {
        let mut service = context.app.room.clone();
        async move { service.create_invite(request).await }
    })
    .await?;
    Answer::of(&Created {
        invite: InviteView::from(answer.invite.as_ref().ok_or_else(Failure::internal)?),
    })
}

#[derive(Deserialize)]
struct List {
    room: String,
}

#[derive(Serialize)]
struct Listed<'a> {
    invites: Vec<InviteView<'a>>,
}

async fn list(context: &Context, frame: &Frame) -> Result<Answer, Failure> {
    let List { room } = frame.payload()?;
    let mut service = context.app.room.clone();
    let answer = ask(context, ListInvitesRequest { room }, |request| async move {
        service.list_invites(request).await
    })
    .await?;
    Answer::of(&Listed {
        invites: answer.invites.iter().map(InviteView::from).collect(),
    })
}

#[derive(Deserialize)]
struct Revoke {
    room: String,
    code: String,
}

async fn revoke(context: &Context, frame: &Frame) -> Result<Answer, Failure> {
    let key = frame.key()?;
    let Revoke { room, code } = frame.payload()?;
    change(
        context,
        RevokeInviteRequest { room, code, key },
        |request| {
            let mut service = context.app.room.clone();
            async move { service.revoke_invite(request).await }
        },
    )
    .await?;
    Answer::done()
}

#[derive(Deserialize)]
struct Accept {
    code: String,
}

async fn accept(context: &Context, frame: &Frame) -> Result<Answer, Failure> {
    let key = frame.key()?;
    let Accept { code } = frame.payload()?;
    let answer = change(context, AcceptInviteRequest { code, key }, |request| {
        let mut service = context.app.room.clone();
        async move { service.accept_invite(request).await }
    })
    .await?;
    let joined = answer.joined.ok_or_else(Failure::internal)?;
    rooms::entered(context, &joined, 0).await
}
