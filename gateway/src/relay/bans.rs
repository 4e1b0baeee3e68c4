//! Bans of accounts and address ranges.

use proto::{
    moderation::{
        Ban, BanMode, CreateBanRequest, LiftBanRequest, ListBansRequest, PreviewBanRequest,
    },
    words,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    Answer, Context, Failure, ask, change,
    row::{Route, keyed, route},
    view,
};
use crate::error::Error;

pub(super) const ROUTES: &[Route] = &[
    keyed!("mod.ban" => ban, NewBan => Banned<'_>),
    keyed!("mod.unban" => unban, Unban => Lifted),
    route!("mod.bans" => list, List => Bans<'_>),
    route!("mod.preview" => preview, Preview => Previewed<'_>),
];

/// Bans an account, or an address range.
#[derive(Deserialize, JsonSchema)]
#[schemars(inline)]
struct NewBan {
    /// The account: its id, or `@name`. Either this or a range.
    user: Option<String>,
    /// The address range, as in `203.0.113.0/24`. Either this or an account.
    cidr: Option<String>,
    /// Why, for the person and the log.
    #[schemars(length(max = 500))]
    reason: String,
    /// When it ends, milliseconds since the epoch; for good if left out.
    until: Option<i64>,
    /// What it does; `enforce` if left out.
    #[schemars(with = "Option<words::BanMode>")]
    mode: Option<String>,
}

/// A ban.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Ban")]
struct BanView<'a> {
    /// Its id.
    id: &'a str,
    /// Id of the banned user.
    #[serde(skip_serializing_if = "str::is_empty")]
    user: &'a str,
    /// The banned range.
    #[serde(skip_serializing_if = "str::is_empty")]
    cidr: &'a str,
    /// Why, in the moderator's words.
    reason: &'a str,
    /// What it does.
    #[schemars(with = "words::BanMode")]
    mode: &'static str,
    /// When it ends, milliseconds since the epoch; none for good.
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

/// Whom a ban met.
#[derive(Serialize, JsonSchema)]
#[schemars(inline)]
struct Hit {
    /// How many users.
    users: u32,
}

/// A ban that was made.
#[derive(Serialize, JsonSchema)]
#[schemars(inline)]
struct Banned<'a> {
    /// The ban.
    ban: BanView<'a>,
    /// Whom it met.
    hit: Hit,
    /// Whether the key was seen before: this is the first answer again.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    duplicate: bool,
}

async fn ban(
    context: &Context,
    key: String,
    NewBan {
        user,
        cidr,
        reason,
        until,
        mode,
    }: NewBan,
) -> Result<Answer, Failure> {
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

/// Which bans to lift: one by its id, or all of an account or a range.
#[derive(Deserialize, JsonSchema)]
#[schemars(inline)]
struct Unban {
    /// The ban's id.
    ban: Option<String>,
    /// The user's id, or `@name`.
    user: Option<String>,
    /// The address range, as in `203.0.113.0/24`.
    cidr: Option<String>,
}

/// How many bans were lifted.
#[derive(Serialize, JsonSchema)]
#[schemars(inline)]
struct Lifted {
    /// How many.
    lifted: u32,
}

async fn unban(
    context: &Context,
    key: String,
    Unban { ban, user, cidr }: Unban,
) -> Result<Answer, Failure> {
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

/// A range to look at before it is banned.
#[derive(Deserialize, JsonSchema)]
#[schemars(inline)]
struct Preview {
    /// The address range, as in `203.0.113.0/24`.
    cidr: String,
}

/// Whom a ban of the range would meet.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
struct Previewed<'a> {
    /// The range in its shortest form.
    cidr: &'a str,
    /// Users seen from there lately.
    users: u32,
    /// Administrators among them.
    admins: u32,
    /// Some of their names.
    sample: &'a [String],
    /// Connections open now.
    live_connections: u32,
    /// Users among them with open reports.
    reported_users: u32,
}

async fn preview(context: &Context, Preview { cidr }: Preview) -> Result<Answer, Failure> {
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

/// Everyone's, or one person's.
#[derive(Deserialize, JsonSchema)]
#[schemars(inline)]
struct List {
    /// Only this user's.
    user: Option<String>,
    /// `next` of the page before.
    page: Option<String>,
    /// Most items of the page.
    #[schemars(range(min = 1, max = 100))]
    limit: Option<u32>,
}

/// A ban in the list of them.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "BanRow")]
struct BanRow<'a> {
    #[serde(flatten)]
    ban: BanView<'a>,
    /// Id of the user who did it.
    by: &'a str,
    /// When, milliseconds since the epoch.
    at: i64,
}

impl<'a> From<&'a Ban> for BanRow<'a> {
    fn from(ban: &'a Ban) -> Self {
        Self {
            ban: BanView::from(ban),
            by: &ban.by_user_id,
            at: ban.created_at_ms,
        }
    }
}

/// A page of bans, newest first.
#[derive(Serialize, JsonSchema)]
#[schemars(inline)]
struct Bans<'a> {
    /// The bans.
    bans: Vec<BanRow<'a>>,
    /// `page` of the next page; none if this is the last.
    #[serde(skip_serializing_if = "str::is_empty")]
    next: &'a str,
}

async fn list(context: &Context, List { user, page, limit }: List) -> Result<Answer, Failure> {
    let question = ListBansRequest {
        user_id: user.unwrap_or_default(),
        page: page.unwrap_or_default(),
        limit: limit.unwrap_or_default(),
    };
    let mut service = context.app.moderation.clone();
    let answer = ask(context, question, |request| async move {
        service.list_bans(request).await
    })
    .await?;
    Answer::of(&Bans {
        bans: answer.bans.iter().map(BanRow::from).collect(),
        next: &answer.next_page,
    })
}
