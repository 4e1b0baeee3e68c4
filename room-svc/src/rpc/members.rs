//! Members, roles and invitations, on the wire.

use proto::room::{
    InviteMemberRequest, InviteMemberResponse, ListMembersRequest, ListMembersResponse,
    Member as WireMember, RoomRole as WireRole, SetMemberRoleRequest, SetMemberRoleResponse,
};
use rpc::{Caller, field_invalid};
use tonic::{Request, Response, Status, metadata::MetadataMap};

use super::{Answer, key, next_page, paging, room};
use crate::{
    App,
    invitations::{self, NewInvitation},
    members::{self, Member, NewRole, RoomRole},
    users::UserRef,
};

pub(super) async fn list_members(
    app: &App,
    request: Request<ListMembersRequest>,
) -> Answer<ListMembersResponse> {
    let caller = Caller::of(&request)?;
    let request = request.into_inner();
    let paging = paging(&request.page, request.limit)?;
    let page = members::list(app, &caller, room(&request.room)?, paging).await?;
    Ok(Response::new(ListMembersResponse {
        members: page.rows.into_iter().map(WireMember::from).collect(),
        next_page: next_page(page.next),
    }))
}

pub(super) async fn invite_member(
    app: &App,
    request: Request<InviteMemberRequest>,
) -> Answer<InviteMemberResponse> {
    let caller = Caller::of(&request)?;
    let token = token(request.metadata());
    let request = request.into_inner();
    let invitation = NewInvitation {
        key: key(request.key)?,
        room: room(&request.room)?,
        user: user(&request.user_id)?,
        token,
    };
    invitations::invite(app, &caller, invitation).await?;
    Ok(Response::new(InviteMemberResponse {}))
}

pub(super) async fn set_member_role(
    app: &App,
    request: Request<SetMemberRoleRequest>,
) -> Answer<SetMemberRoleResponse> {
    let caller = Caller::of(&request)?;
    members::set_role(app, &caller, request.into_inner().try_into()?).await?;
    Ok(Response::new(SetMemberRoleResponse {}))
}

/// The token the request came with; the serving layer has verified it.
pub(super) fn token(metadata: &MetadataMap) -> String {
    let header = metadata
        .get("authorization")
        .and_then(|value| value.to_str().ok());
    let token = header
        .and_then(|value| value.split_once(' '))
        .map(|(_, token)| token);
    token.unwrap_or_default().trim().into()
}

/// Reads how a request names a person.
pub(super) fn user(text: &str) -> Result<UserRef, Status> {
    if text.is_empty() || text.len() > 256 || text.contains('\0') {
        return Err(field_invalid("user", "an id or @name is needed"));
    }
    Ok(UserRef::parse(text))
}

impl TryFrom<SetMemberRoleRequest> for NewRole {
    type Error = Status;

    fn try_from(request: SetMemberRoleRequest) -> Result<Self, Status> {
        let role = match request.role() {
            WireRole::Member => RoomRole::Member,
            WireRole::Moderator => RoomRole::Moderator,
            WireRole::Owner => RoomRole::Owner,
            WireRole::Unspecified => {
                return Err(field_invalid("role", "owner, moderator or member"));
            }
        };
        Ok(Self {
            key: key(request.key)?,
            room: room(&request.room)?,
            user: user(&request.user_id)?,
            role,
        })
    }
}

impl From<RoomRole> for WireRole {
    fn from(role: RoomRole) -> Self {
        match role {
            RoomRole::Member => Self::Member,
            RoomRole::Moderator => Self::Moderator,
            RoomRole::Owner => Self::Owner,
        }
    }
}

impl From<Member> for WireMember {
    fn from(member: Member) -> Self {
        Self {
            user_id: member.user_id.to_string(),
            name: member.name,
            role: WireRole::from(member.role).into(),
        }
    }
}
