//! What moderators do to members of their rooms, and administrators to accounts, short of banning them.

use proto::{
    moderation::{MuteUserRequest, UnmuteUserRequest, WarnUserRequest},
    room::{KickMemberRequest, MuteMemberRequest, UnmuteMemberRequest},
};
use serde::Deserialize;

use super::{
    Answer, Context, Failure, change,
    routes::{Route, route},
    user_id,
};
use crate::frame::Frame;

pub(super) const ROUTES: &[Route] = &[
    route!("mod.kick" => kick),
    route!("mod.mute" => mute),
    route!("mod.unmute" => unmute),
    route!("mod.warn" => warn),
];

#[derive(Deserialize)]
struct Kick {
    room: String,
    user: String,
    reason: Option<String>,
}

async fn kick(context: &Context, frame: &Frame) -> Result<Answer, Failure> {
    let key = frame.key()?;
    let Kick { room, user, reason } = frame.payload()?;
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

#[derive(Deserialize)]
struct Mute {
    room: Option<String>,
    user: String,
    until: i64,
    reason: Option<String>,
}

/// In a room it is the room's affair, else the platform's.
async fn mute(context: &Context, frame: &Frame) -> Result<Answer, Failure> {
    let key = frame.key()?;
    let Mute {
        room,
        user,
        until,
        reason,
    } = frame.payload()?;
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

#[derive(Deserialize)]
struct Unmute {
    room: Option<String>,
    user: String,
}

async fn unmute(context: &Context, frame: &Frame) -> Result<Answer, Failure> {
    let key = frame.key()?;
    let Unmute { room, user } = frame.payload()?;
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

#[derive(Deserialize)]
struct Warn {
    user: String,
    reason: String,
}

async fn warn(context: &Context, frame: &Frame) -> Result<Answer, Failure> {
    let key = frame.key()?;
    let Warn { user, reason } = frame.payload()?;
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
