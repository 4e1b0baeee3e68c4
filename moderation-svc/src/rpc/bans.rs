//! Bans on the wire.

use proto::moderation::{
    Ban as WireBan, BanMode, CreateBanRequest, CreateBanResponse, EnforcedRange as WireRange,
    LiftBanRequest, LiftBanResponse, ListBansRequest, ListBansResponse, ListEnforcedRequest,
    ListEnforcedResponse, PreviewBanRequest, PreviewBanResponse, ShadowedUser as WireShadowed,
};
use rpc::{Caller, field_invalid};
use tonic::{Request, Response, Status};

use super::{Answer, count, key, next_page, optional_user, paging, range, read_id, until, user};
use crate::{
    App,
    bans::{self, Ban, Created, Mode, NewBan, Subject, Target},
    enforcement::{self, EnforcedRange, ShadowedUser},
    lifts::{self, Lifting, Which},
    previews::{self, Preview},
    texts,
};

pub(super) async fn create_ban(
    app: &App,
    request: Request<CreateBanRequest>,
) -> Answer<CreateBanResponse> {
    let caller = Caller::of(&request)?;
    let created = bans::create(app, &caller, request.into_inner().try_into()?).await?;
    Ok(Response::new(created.into()))
}

pub(super) async fn lift_ban(
    app: &App,
    request: Request<LiftBanRequest>,
) -> Answer<LiftBanResponse> {
    let caller = Caller::of(&request)?;
    let lifted = lifts::lift(app, &caller, request.into_inner().try_into()?).await?;
    Ok(Response::new(LiftBanResponse { lifted }))
}

pub(super) async fn list_bans(
    app: &App,
    request: Request<ListBansRequest>,
) -> Answer<ListBansResponse> {
    let caller = Caller::of(&request)?;
    let request = request.into_inner();
    let paging = paging(&request.page, request.limit)?;
    let page = bans::list(app, &caller, optional_user(&request.user_id)?, paging).await?;
    Ok(Response::new(ListBansResponse {
        bans: page.rows.into_iter().map(WireBan::from).collect(),
        next_page: next_page(page.next),
    }))
}

pub(super) async fn preview_ban(
    app: &App,
    request: Request<PreviewBanRequest>,
) -> Answer<PreviewBanResponse> {
    let caller = Caller::of(&request)?;
    let preview = previews::preview(app, &caller, range(&request.get_ref().cidr)?).await?;
    Ok(Response::new(preview.into()))
}

pub(super) async fn list_enforced(
    app: &App,
    _request: Request<ListEnforcedRequest>,
) -> Answer<ListEnforcedResponse> {
    let enforced = enforcement::list(app).await?;
    Ok(Response::new(ListEnforcedResponse {
        ranges: enforced.ranges.into_iter().map(WireRange::from).collect(),
        shadowed: enforced
            .shadowed
            .into_iter()
            .map(WireShadowed::from)
            .collect(),
    }))
}

/// Reads whom a request names: an account or a range, never both.
fn target(user_id: &str, cidr: &str) -> Result<Target, Status> {
    match (user_id, cidr) {
        (user_id, "") => Ok(Target::Account(user(user_id)?)),
        ("", cidr) => Ok(Target::Range(range(cidr)?)),
        _ => Err(field_invalid("user", "a user or a range, not both")),
    }
}

impl TryFrom<CreateBanRequest> for NewBan {
    type Error = Status;

    fn try_from(request: CreateBanRequest) -> Result<Self, Status> {
        let mode = match BanMode::try_from(request.mode) {
            Ok(BanMode::Unspecified | BanMode::Enforce) => Mode::Enforce,
            Ok(BanMode::Shadow) => Mode::Shadow,
            Err(_) => return Err(field_invalid("mode", "enforce or shadow")),
        };
        Ok(Self {
            target: target(&request.user_id, &request.cidr)?,
            reason: texts::reason(&request.reason)?,
            until_ms: until(request.until_ms)?,
            mode,
            key: key(request.key)?,
        })
    }
}

impl TryFrom<LiftBanRequest> for Lifting {
    type Error = Status;

    fn try_from(request: LiftBanRequest) -> Result<Self, Status> {
        let which = match (&*request.ban_id, &*request.user_id, &*request.cidr) {
            ("", user_id, cidr) => Which::Of(target(user_id, cidr)?),
            (ban_id, "", "") => Which::Id(read_id("ban", ban_id)?),
            _ => {
                return Err(field_invalid(
                    "ban",
                    "a ban, a user or a range, and only one of them",
                ));
            }
        };
        Ok(Self {
            key: key(request.key)?,
            which,
        })
    }
}

impl From<Mode> for BanMode {
    fn from(mode: Mode) -> Self {
        match mode {
            Mode::Enforce => Self::Enforce,
            Mode::Shadow => Self::Shadow,
        }
    }
}

impl From<Ban> for WireBan {
    fn from(ban: Ban) -> Self {
        let (user_id, cidr) = match ban.subject {
            Subject::Account(user_id) => (user_id.to_string(), String::new()),
            Subject::Range(range) => (String::new(), range.to_string()),
        };
        Self {
            ban_id: ban.ban_id.to_string(),
            user_id,
            cidr,
            reason: ban.reason,
            mode: BanMode::from(ban.mode).into(),
            by_user_id: ban.by.to_string(),
            created_at_ms: ban.created_at_ms,
            until_ms: ban.until_ms.unwrap_or_default(),
        }
    }
}

impl From<Created> for CreateBanResponse {
    fn from(created: Created) -> Self {
        Self {
            ban: Some(created.ban.into()),
            hit_users: count(created.hit_users),
            is_duplicate: created.is_duplicate,
        }
    }
}

impl From<Preview> for PreviewBanResponse {
    fn from(preview: Preview) -> Self {
        Self {
            cidr: preview.range.to_string(),
            users: count(preview.reach.users),
            admins: count(preview.reach.admins),
            sample: preview.sample,
            live_connections: count(preview.live_connections),
            reported_users: count(preview.reach.reported),
        }
    }
}

impl From<EnforcedRange> for WireRange {
    fn from(range: EnforcedRange) -> Self {
        Self {
            tenant: range.tenant,
            ban_id: range.ban_id.to_string(),
            cidr: range.cidr,
            mode: BanMode::from(range.mode).into(),
            until_ms: range.until_ms,
        }
    }
}

impl From<ShadowedUser> for WireShadowed {
    fn from(shadowed: ShadowedUser) -> Self {
        Self {
            tenant: shadowed.tenant,
            user_id: shadowed.user_id.to_string(),
        }
    }
}
