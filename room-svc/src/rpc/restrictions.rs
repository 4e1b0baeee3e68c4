//! Kicks, bans and mutes, on the wire.

use proto::room as wire;
use tonic::{Request, Status};

use super::Answer;
use crate::App;

pub(super) async fn kick_member(
    _app: &App,
    _request: Request<wire::KickMemberRequest>,
) -> Answer<wire::KickMemberResponse> {
    Err(Status::unimplemented("soon"))
}

pub(super) async fn ban_member(
    _app: &App,
    _request: Request<wire::BanMemberRequest>,
) -> Answer<wire::BanMemberResponse> {
    Err(Status::unimplemented("soon"))
}

pub(super) async fn unban_member(
    _app: &App,
    _request: Request<wire::UnbanMemberRequest>,
) -> Answer<wire::UnbanMemberResponse> {
    Err(Status::unimplemented("soon"))
}

pub(super) async fn list_restrictions(
    _app: &App,
    _request: Request<wire::ListRestrictionsRequest>,
) -> Answer<wire::ListRestrictionsResponse> {
    Err(Status::unimplemented("soon"))
}

pub(super) async fn mute_member(
    _app: &App,
    _request: Request<wire::MuteMemberRequest>,
) -> Answer<wire::MuteMemberResponse> {
    Err(Status::unimplemented("soon"))
}

pub(super) async fn unmute_member(
    _app: &App,
    _request: Request<wire::UnmuteMemberRequest>,
) -> Answer<wire::UnmuteMemberResponse> {
    Err(Status::unimplemented("soon"))
}
