//! Invitation codes, on the wire.

use proto::room::{
    AcceptInviteRequest, AcceptInviteResponse, CreateInviteRequest, CreateInviteResponse,
    Invite as WireInvite, ListInvitesRequest, ListInvitesResponse, RevokeInviteRequest,
    RevokeInviteResponse,
};
use rpc::{Caller, field_invalid};
use tonic::{Request, Response, Status};

use super::{Answer, key, millis, room};
use crate::{
    App,
    invites::{self, Acceptance, Invite, NewInvite, Revocation, USES_MAX, VALID_SECONDS},
};

/// How long a code works when the request does not say: 7 days.
const VALID_SECONDS_DEFAULT: u32 = 604_800;

pub(super) async fn create_invite(
    app: &App,
    request: Request<CreateInviteRequest>,
) -> Answer<CreateInviteResponse> {
    let caller = Caller::of(&request)?;
    let invite = invites::create(app, &caller, request.into_inner().try_into()?).await?;
    Ok(Response::new(CreateInviteResponse {
        invite: Some(invite.into()),
    }))
}

pub(super) async fn list_invites(
    app: &App,
    request: Request<ListInvitesRequest>,
) -> Answer<ListInvitesResponse> {
    let caller = Caller::of(&request)?;
    let listed = invites::list(app, &caller, room(&request.get_ref().room)?).await?;
    Ok(Response::new(ListInvitesResponse {
        invites: listed.into_iter().map(WireInvite::from).collect(),
    }))
}

pub(super) async fn revoke_invite(
    app: &App,
    request: Request<RevokeInviteRequest>,
) -> Answer<RevokeInviteResponse> {
    let caller = Caller::of(&request)?;
    let request = request.into_inner();
    let revocation = Revocation {
        key: key(request.key)?,
        room: room(&request.room)?,
        code: code(request.code)?,
    };
    invites::revoke(app, &caller, revocation).await?;
    Ok(Response::new(RevokeInviteResponse {}))
}

pub(super) async fn accept_invite(
    app: &App,
    request: Request<AcceptInviteRequest>,
) -> Answer<AcceptInviteResponse> {
    let caller = Caller::of(&request)?;
    let request = request.into_inner();
    let acceptance = Acceptance {
        key: key(request.key)?,
        code: code(request.code)?,
    };
    let joined = invites::accept(app, &caller, acceptance).await?;
    Ok(Response::new(AcceptInviteResponse {
        joined: Some(joined.into()),
    }))
}

/// Reads a code. Whether it is one is not told here: what is none does not work.
fn code(text: String) -> Result<String, Status> {
    if text.is_empty() {
        return Err(field_invalid("code", "a code is needed"));
    }
    Ok(text)
}

impl TryFrom<CreateInviteRequest> for NewInvite {
    type Error = Status;

    fn try_from(request: CreateInviteRequest) -> Result<Self, Status> {
        let valid_seconds = match request.valid_seconds {
            0 => VALID_SECONDS_DEFAULT,
            seconds if VALID_SECONDS.contains(&seconds) => seconds,
            _ => {
                let why = "60 to 2,592,000 (30 days)";
                return Err(field_invalid("validSeconds", why));
            }
        };
        if request.max_uses > USES_MAX {
            return Err(field_invalid("maxUses", "at most 1,000; 0 for no bound"));
        }
        Ok(Self {
            key: key(request.key)?,
            room: room(&request.room)?,
            valid_seconds,
            max_uses: request.max_uses,
        })
    }
}

impl From<Invite> for WireInvite {
    fn from(invite: Invite) -> Self {
        Self {
            code: invite.code,
            room_id: invite.room_id.to_string(),
            room_name: invite.room_name,
            created_by: invite.created_by.to_string(),
            expires_at_ms: millis(invite.expires_at),
            max_uses: invite.max_uses,
            uses: invite.uses,
        }
    }
}
