//! What moderators do to members of their rooms, and administrators to accounts, short of banning them.

use proto::{
    moderation::{MuteUserRequest, UnmuteUserRequest, WarnUserRequest},
    room::{KickMemberRequest, MuteMemberRequest, UnmuteMemberRequest},
};
use schemars::JsonSchema;
use serde::Deserialize;

use super::{
    Answer, Context, Empty, Failure, change,
    row::{Route, keyed},
    user_id,
};

pub(super) const ROUTES: &[Route] = &[
    keyed!("mod.kick" => kick, Kick => Empty),
    keyed!("mod.mute" => mute, Mute => Empty),
    keyed!("mod.unmute" => unmute, Unmute => Empty),
    keyed!("mod.warn" => warn, Warn => Empty),
];

/// Puts a member out of a room.
#[derive(Deserialize, JsonSchema)]
#[schemars(inline)]
struct Kick {
    /// The room's id, or `#name`.
    room: String,
    /// The user's id, or `@name`.
    user: String,
    /// Why, for the person and the log.
    #[schemars(length(max = 500))]
    reason: Option<String>,
}

async fn kick(
    context: &Context,
    key: String,
    Kick { room, user, reason }: Kick,
) -> Result<Answer, Failure> {
    let message = KickMemberRequest {
        room,
        user_id: user_id(context, &user).await?,
        reason: reason.unwrap_or_default(),
        key,
    };
    change(context, message, |request| {
        let mut service = context.app.room.clone();
        async move { service.kick_member(request).await }
    })
    .await?;
    Answer::done()
}

/// Silences a person, in a room or everywhere; 28 days at most.
#[derive(Deserialize, JsonSchema)]
#[schemars(inline)]
struct Mute {
    /// The room's id, or `#name`; the whole platform if left out.
    room: Option<String>,
    /// The user's id, or `@name`.
    user: String,
    /// When it ends, milliseconds since the epoch.
    until: i64,
    /// Why; needed without a room.
    #[schemars(length(max = 500))]
    reason: Option<String>,
}

/// In a room it is the room's affair, else the platform's.
async fn mute(
    context: &Context,
    key: String,
    Mute {
        room,
        user,
        until,
        reason,
    }: Mute,
) -> Result<Answer, Failure> {
    let reason = reason.unwrap_or_default();
    if let Some(room) = room {
        let message = MuteMemberRequest {
            room,
            user_id: user_id(context, &user).await?,
            reason,
            until_ms: until,
            key,
        };
        change(context, message, |request| {
            let mut service = context.app.room.clone();
            async move { service.mute_member(request).await }
        })
        .await?;
    } else {
        let message = MuteUserRequest {
            user_id: user,
            reason,
            until_ms: until,
            key,
        };
        change(context, message, |request| {
            let mut service = context.app.moderation.clone();
            async move { service.mute_user(request).await }
        })
        .await?;
    }
    Answer::done()
}

/// Lets a person speak again.
#[derive(Deserialize, JsonSchema)]
#[schemars(inline)]
struct Unmute {
    /// The room's id, or `#name`; the whole platform if left out.
    room: Option<String>,
    /// The user's id, or `@name`.
    user: String,
}

async fn unmute(
    context: &Context,
    key: String,
    Unmute { room, user }: Unmute,
) -> Result<Answer, Failure> {
    if let Some(room) = room {
        let message = UnmuteMemberRequest {
            room,
            user_id: user_id(context, &user).await?,
            key,
        };
        change(context, message, |request| {
            let mut service = context.app.room.clone();
            async move { service.unmute_member(request).await }
        })
        .await?;
    } else {
        change(
            context,
            UnmuteUserRequest { user_id: user, key },
            |request| {
                let mut service = context.app.moderation.clone();
                async move { service.unmute_user(request).await }
            },
        )
        .await?;
    }
    Answer::done()
}

/// Warns a person.
#[derive(Deserialize, JsonSchema)]
#[schemars(inline)]
struct Warn {
    /// The user's id, or `@name`.
    user: String,
    /// Why, for the person and the log.
    #[schemars(length(max = 500))]
    reason: String,
}

async fn warn(
    context: &Context,
    key: String,
    Warn { user, reason }: Warn,
) -> Result<Answer, Failure> {
    let message = WarnUserRequest {
        user_id: user,
        reason,
        key,
    };
    change(context, message, |request| {
        let mut service = context.app.moderation.clone();
        async move { service.warn_user(request).await }
    })
    .await?;
    Answer::done()
}
