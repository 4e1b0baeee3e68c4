//! Codes that let people into rooms.

use proto::room::{
    AcceptInviteRequest, CreateInviteRequest, Invite, ListInvitesRequest, RevokeInviteRequest,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    Answer, Context, Empty, Failure, ask, change,
    entering::{self, JoinedView},
    row::{Route, keyed, route},
};

pub(super) const ROUTES: &[Route] = &[
    keyed!("invite.create" => create, Create => Created<'_>),
    route!("invite.list" => list, List => Listed<'_>),
    keyed!("invite.revoke" => revoke, Revoke => Empty),
    keyed!("invite.accept" => accept, Accept => JoinedView<'_>)
        .heavy()
        .entering(),
];

/// A code that lets people into a room.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Invite")]
struct InviteView<'a> {
    /// The code.
    code: &'a str,
    /// The room's id.
    room: &'a str,
    /// The room's name.
    name: &'a str,
    /// When it ends, milliseconds since the epoch.
    expires_at: i64,
    /// How many people it lets in.
    max_uses: u32,
    /// How many it has let in.
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

/// Makes a code.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
struct Create {
    /// The room's id, or `#name`.
    room: String,
    /// How long it is good.
    valid_seconds: Option<u32>,
    /// How many people it lets in.
    #[schemars(range(max = 1_000))]
    max_uses: Option<u32>,
}

/// The code that was made.
#[derive(Serialize, JsonSchema)]
#[schemars(inline)]
struct Created<'a> {
    /// The code.
    invite: InviteView<'a>,
}

async fn create(
    context: &Context,
    key: String,
    Create {
        room,
        valid_seconds,
        max_uses,
    }: Create,
) -> Result<Answer, Failure> {
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

/// The room whose codes are asked for.
#[derive(Deserialize, JsonSchema)]
#[schemars(inline)]
struct List {
    /// The room's id, or `#name`.
    room: String,
}

/// The room's codes.
#[derive(Serialize, JsonSchema)]
#[schemars(inline)]
struct Listed<'a> {
    /// The codes.
    invites: Vec<InviteView<'a>>,
}

async fn list(context: &Context, List { room }: List) -> Result<Answer, Failure> {
    let mut service = context.app.room.clone();
    let answer = ask(context, ListInvitesRequest { room }, |request| async move {
        service.list_invites(request).await
    })
    .await?;
    Answer::of(&Listed {
        invites: answer.invites.iter().map(InviteView::from).collect(),
    })
}

/// Ends a code.
#[derive(Deserialize, JsonSchema)]
#[schemars(inline)]
struct Revoke {
    /// The room's id, or `#name`.
    room: String,
    /// The code.
    code: String,
}

async fn revoke(
    context: &Context,
    key: String,
    Revoke { room, code }: Revoke,
) -> Result<Answer, Failure> {
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

/// The code to enter with.
#[derive(Deserialize, JsonSchema)]
#[schemars(inline)]
struct Accept {
    /// The code.
    code: String,
}

async fn accept(
    context: &Context,
    key: String,
    Accept { code }: Accept,
) -> Result<Answer, Failure> {
    let answer = change(context, AcceptInviteRequest { code, key }, |request| {
        let mut service = context.app.room.clone();
        async move { service.accept_invite(request).await }
    })
    .await?;
    let joined = answer.joined.ok_or_else(Failure::internal)?;
    entering::entered(context, &joined, 0).await
}
