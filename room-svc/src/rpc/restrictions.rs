//! Kicks, bans and mutes, on the wire.

use proto::room::{
    BanMemberRequest, BanMemberResponse, KickMemberRequest, KickMemberResponse,
    ListRestrictionsRequest, ListRestrictionsResponse, MuteMemberRequest, MuteMemberResponse,
    Restriction as WireRestriction, UnbanMemberRequest, UnbanMemberResponse, UnmuteMemberRequest,
    UnmuteMemberResponse,
};
use rpc::{Caller, field_invalid};
use time::OffsetDateTime;
use tonic::{Request, Response, Status};

use super::{
    Answer, key,
    members::{token, user},
    millis, next_page, paging, room,
};
use crate::{
    App,
    restrictions::{self, Deed, Order, REASON_MAX_CHARS, Restriction},
};

/// The fields that requests to act on a person share.
struct Fields {
    room: String,
    user_id: String,
    key: String,
    reason: String,
    until_ms: i64,
}

pub(super) async fn kick_member(
    app: &App,
    request: Request<KickMemberRequest>,
) -> Answer<KickMemberResponse> {
    act(app, request, Deed::Kick).await?;
    Ok(Response::new(KickMemberResponse {}))
}

pub(super) async fn ban_member(
    app: &App,
    request: Request<BanMemberRequest>,
) -> Answer<BanMemberResponse> {
    act(app, request, Deed::Ban).await?;
    Ok(Response::new(BanMemberResponse {}))
}

pub(super) async fn unban_member(
    app: &App,
    request: Request<UnbanMemberRequest>,
) -> Answer<UnbanMemberResponse> {
    act(app, request, Deed::Unban).await?;
    Ok(Response::new(UnbanMemberResponse {}))
}

pub(super) async fn mute_member(
    app: &App,
    request: Request<MuteMemberRequest>,
) -> Answer<MuteMemberResponse> {
    act(app, request, Deed::Mute).await?;
    Ok(Response::new(MuteMemberResponse {}))
}

pub(super) async fn unmute_member(
    app: &App,
    request: Request<UnmuteMemberRequest>,
) -> Answer<UnmuteMemberResponse> {
    act(app, request, Deed::Unmute).await?;
    Ok(Response::new(UnmuteMemberResponse {}))
}

pub(super) async fn list_restrictions(
    app: &App,
    request: Request<ListRestrictionsRequest>,
) -> Answer<ListRestrictionsResponse> {
    let caller = Caller::of(&request)?;
    let request = request.into_inner();
    let paging = paging(&request.page, request.limit)?;
    let page = restrictions::list(app, &caller, room(&request.room)?, paging).await?;
    Ok(Response::new(ListRestrictionsResponse {
        restrictions: page.rows.into_iter().map(WireRestriction::from).collect(),
        next_page: next_page(page.next),
    }))
}

async fn act<T: Into<Fields>>(app: &App, request: Request<T>, deed: Deed) -> Result<(), Status> {
    let caller = Caller::of(&request)?;
    let token = token(request.metadata());
    let fields: Fields = request.into_inner().into();
    let order = Order {
        key: key(fields.key)?,
        room: room(&fields.room)?,
        user: user(&fields.user_id)?,
        deed,
        reason: reason(&fields.reason)?,
        until: until(fields.until_ms)?,
        token,
    };
    Ok(restrictions::act(app, &caller, order).await?)
}

fn reason(text: &str) -> Result<String, Status> {
    let reason = text.trim();
    if reason.chars().count() > REASON_MAX_CHARS || reason.contains('\0') {
        return Err(field_invalid(
            "reason",
            "at most 500 characters, none of them NUL",
        ));
    }
    Ok(reason.into())
}

fn until(millis: i64) -> Result<Option<OffsetDateTime>, Status> {
    if millis == 0 {
        return Ok(None);
    }
    let until = OffsetDateTime::from_unix_timestamp_nanos(i128::from(millis) * 1_000_000);
    until
        .map(Some)
        .map_err(|_| field_invalid("until", "not a time"))
}

impl From<KickMemberRequest> for Fields {
    fn from(request: KickMemberRequest) -> Self {
        Self {
            room: request.room,
            user_id: request.user_id,
            key: request.key,
            reason: request.reason,
            until_ms: 0,
        }
    }
}

impl From<BanMemberRequest> for Fields {
    fn from(request: BanMemberRequest) -> Self {
        Self {
            room: request.room,
            user_id: request.user_id,
            key: request.key,
            reason: request.reason,
            until_ms: request.until_ms,
        }
    }
}

impl From<UnbanMemberRequest> for Fields {
    fn from(request: UnbanMemberRequest) -> Self {
        Self {
            room: request.room,
            user_id: request.user_id,
            key: request.key,
            reason: String::new(),
            until_ms: 0,
        }
    }
}

impl From<MuteMemberRequest> for Fields {
    fn from(request: MuteMemberRequest) -> Self {
        Self {
            room: request.room,
            user_id: request.user_id,
            key: request.key,
            reason: request.reason,
            until_ms: request.until_ms,
        }
    }
}

impl From<UnmuteMemberRequest> for Fields {
    fn from(request: UnmuteMemberRequest) -> Self {
        Self {
            room: request.room,
            user_id: request.user_id,
            key: request.key,
            reason: String::new(),
            until_ms: 0,
        }
    }
}

impl From<Restriction> for WireRestriction {
    fn from(restriction: Restriction) -> Self {
        Self {
            user_id: restriction.user_id.to_string(),
            name: restriction.name,
            kind: restriction.kind.as_str().into(),
            reason: restriction.reason,
            until_ms: restriction.until.map_or(0, millis),
            by_user_id: restriction.by.to_string(),
            created_at_ms: millis(restriction.created_at),
        }
    }
}
