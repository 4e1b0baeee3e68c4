//! Invitation codes, on the wire.

use proto::room as wire;
use tonic::{Request, Status};

use super::Answer;
use crate::App;

pub(super) async fn create_invite(
    _app: &App,
    _request: Request<wire::CreateInviteRequest>,
) -> Answer<wire::CreateInviteResponse> {
    Err(Status::unimplemented("soon"))
}

pub(super) async fn list_invites(
    _app: &App,
    _request: Request<wire::ListInvitesRequest>,
) -> Answer<wire::ListInvitesResponse> {
    Err(Status::unimplemented("soon"))
}

pub(super) async fn revoke_invite(
    _app: &App,
    _request: Request<wire::RevokeInviteRequest>,
) -> Answer<wire::RevokeInviteResponse> {
    Err(Status::unimplemented("soon"))
}

pub(super) async fn accept_invite(
    _app: &App,
    _request: Request<wire::AcceptInviteRequest>,
) -> Answer<wire::AcceptInviteResponse> {
    Err(Status::unimplemented("soon"))
}
