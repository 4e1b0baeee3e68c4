//! Bans of accounts and address ranges.

use proto::moderation::{Ban, BanMode, CreateBanRequest, LiftBanRequest, PreviewBanRequest};
use serde::{Deserialize, Serialize};

use super::{
    Answer, Context, Failure, ask, change,
    routes::{Route, route},
    view,
};
use crate::{error::Error, frame::Frame};

pub(super) const ROUTES: &[Route] = &[
    route!("mod.ban" => ban),
    route!("mod.unban" => unban),
    route!("mod.preview" => preview),
];

#[derive(Deserialize)]
struct NewBan {
    user: Option<String>,
    cidr: Option<String>,
    reason: String,
    until: Option<i64>,
    mode: Option<String>,
}

#[derive(Serialize)]
struct BanView<'a> {
    id: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    user: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    cidr: &'a str,
    reason: &'a str,
    mode: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<i64>,
}

impl<'a> From<&'a Ban> for BanView<'a> {
    fn from(ban: &'a Ban) -> Self {
        Self {
            id: &ban.ban_id,
            user: &ban.user_id,
            cidr: &ban.cidr,
            reason: &ban.reason,
            mode: view::ban_mode_name(ban.mode()),
            until: view::time(ban.until_ms),
        }
    }
}

#[derive(Serialize)]
struct Hit {
    users: u32,
}

#[derive(Serialize)]
struct Banned<'a> {
    ban: BanView<'a>,
    hit: Hit,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    duplicate: bool,
}

async fn ban(context: &Context, frame: &Frame) -> Result<Answer, Failure> {
    let key = frame.key()?;
    let NewBan {
        user,
        cidr,
        reason,
        until,
        mode,
    } = frame.payload()?;
    let mode = match mode {
        Some(name) => view::ban_mode(&name)
            .ok_or_else(|| Error::field("mode", "must be enforce or shadow"))?,
        None => BanMode::Enforce,
    };
    let message = CreateBanRequest {
        user_id: user.unwrap_or_default(),
        cidr: cidr.unwrap_or_default(),
        reason,
        until_ms: until.unwrap_or_default(),
        mode: mode.into(),
        key,
    };
    let answer = change(context, message, |request| {
        let mut service = context.app.moderation.clone();
        async move { service.create_ban(request).await }
    })
    .await?;
    Answer::of(&Banned {
        ban: BanView::from(answer.ban.as_ref().ok_or_else(Failure::internal)?),
        hit: Hit {
            users: answer.hit_users,
        },
        duplicate: answer.is_duplicate,
    })
}

#[derive(Deserialize)]
struct Unban {
    ban: Option<String>,
    user: Option<String>,
    cidr: Option<String>,
}

#[derive(Serialize)]
struct Lifted {
    lifted: u32,
}

async fn unban(context: &Context, frame: &Frame) -> Result<Answer, Failure> {
    let key = frame.key()?;
    let Unban { ban, user, cidr } = frame.payload()?;
    let message = LiftBanRequest {
        ban_id: ban.unwrap_or_default(),
        user_id: user.unwrap_or_default(),
        cidr: cidr.unwrap_or_default(),
        key,
    };
    let answer = change(context, message, |request| {
        let mut service = context.app.moderation.clone();
        async move { service.lift_ban(request).await }
    })
    .await?;
    Answer::of(&Lifted {
        lifted: answer.lifted,
    })
}

#[derive(Deserialize)]
struct Preview {
    cidr: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Previewed<'a> {
    cidr: &'a str,
    users: u32,
    admins: u32,
    sample: &'a [String],
    live_connections: u32,
    reported_users: u32,
}

async fn preview(context: &Context, frame: &Frame) -> Result<Answer, Failure> {
    let Preview { cidr } = frame.payload()?;
    let mut service = context.app.moderation.clone();
    let answer = ask(context, PreviewBanRequest { cidr }, |request| async move {
        service.preview_ban(request).await
    })
    .await?;
    Answer::of(&Previewed {
        cidr: &answer.cidr,
        users: answer.users,
        admins: answer.admins,
        sample: &answer.sample,
        live_connections: answer.live_connections,
        reported_users: answer.reported_users,
    })
}
