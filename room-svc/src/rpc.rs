//! The wire: parse, call, encode. One line per method here, a file per noun below.

mod directs;
mod edits;
mod erasure;
mod explanations;
mod invites;
mod members;
mod messages;
mod pins;
mod reactions;
mod reads;
mod restrictions;
mod rooms;
mod search;
mod threads;
mod updates;

use proto::{
    id,
    room::{self as wire, room_service_server::RoomService},
};
use rpc::{Access, AccessTable, field_invalid};
use time::OffsetDateTime;
use tonic::{Request, Response, Status};

use crate::{
    App,
    names::RoomRef,
    pages::{Paging, Place},
};

/// Who may call what: everyone with a token; the rooms themselves decide the rest.
pub(crate) const ACCESS: AccessTable = &[
    ("/hubbub.room.v1.RoomService/CreateRoom", Access::User),
    ("/hubbub.room.v1.RoomService/ListRooms", Access::User),
    ("/hubbub.room.v1.RoomService/GetRoom", Access::User),
    ("/hubbub.room.v1.RoomService/JoinRoom", Access::User),
    ("/hubbub.room.v1.RoomService/LeaveRoom", Access::User),
    ("/hubbub.room.v1.RoomService/ListMembers", Access::User),
    ("/hubbub.room.v1.RoomService/InviteMember", Access::User),
    ("/hubbub.room.v1.RoomService/SetMemberRole", Access::User),
    ("/hubbub.room.v1.RoomService/ListMyRooms", Access::User),
    ("/hubbub.room.v1.RoomService/SendMessage", Access::User),
    ("/hubbub.room.v1.RoomService/ListMessages", Access::User),
    ("/hubbub.room.v1.RoomService/GetMessage", Access::User),
    ("/hubbub.room.v1.RoomService/EditMessage", Access::User),
    ("/hubbub.room.v1.RoomService/DeleteMessage", Access::User),
    ("/hubbub.room.v1.RoomService/SetReaction", Access::User),
    ("/hubbub.room.v1.RoomService/PinMessage", Access::User),
    ("/hubbub.room.v1.RoomService/ListPins", Access::User),
    ("/hubbub.room.v1.RoomService/SearchMessages", Access::User),
    ("/hubbub.room.v1.RoomService/CreateThread", Access::User),
    ("/hubbub.room.v1.RoomService/ListThreads", Access::User),
    ("/hubbub.room.v1.RoomService/MarkRead", Access::User),
    ("/hubbub.room.v1.RoomService/MarkDelivered", Access::User),
    ("/hubbub.room.v1.RoomService/ListReceipts", Access::User),
    ("/hubbub.room.v1.RoomService/UpdateRoom", Access::User),
    ("/hubbub.room.v1.RoomService/DeleteRoom", Access::User),
    ("/hubbub.room.v1.RoomService/TransferRoom", Access::User),
    ("/hubbub.room.v1.RoomService/KickMember", Access::User),
    ("/hubbub.room.v1.RoomService/BanMember", Access::User),
    ("/hubbub.room.v1.RoomService/UnbanMember", Access::User),
    ("/hubbub.room.v1.RoomService/ListRestrictions", Access::User),
    ("/hubbub.room.v1.RoomService/MuteMember", Access::User),
    ("/hubbub.room.v1.RoomService/UnmuteMember", Access::User),
    ("/hubbub.room.v1.RoomService/CreateInvite", Access::User),
    ("/hubbub.room.v1.RoomService/ListInvites", Access::User),
    ("/hubbub.room.v1.RoomService/RevokeInvite", Access::User),
    ("/hubbub.room.v1.RoomService/AcceptInvite", Access::User),
    ("/hubbub.room.v1.RoomService/OpenDirect", Access::User),
    ("/hubbub.room.v1.RoomService/ExportUser", Access::User),
    ("/hubbub.room.v1.RoomService/RenameUser", Access::Internal),
    ("/hubbub.room.v1.RoomService/EraseUser", Access::Internal),
    (
        "/hubbub.room.v1.RoomService/ExplainMessage",
        Access::Internal,
    ),
];

/// Rows of a page when the request does not say.
const LIMIT_DEFAULT: u32 = 50;
/// Most rows of a page.
const LIMIT_MAX: u32 = 100;

type Answer<T> = Result<Response<T>, Status>;

#[tonic::async_trait]
impl RoomService for App {
    async fn create_room(
        &self,
        request: Request<wire::CreateRoomRequest>,
    ) -> Answer<wire::CreateRoomResponse> {
        rooms::create_room(self, request).await
    }

    async fn list_rooms(
        &self,
        request: Request<wire::ListRoomsRequest>,
    ) -> Answer<wire::ListRoomsResponse> {
        rooms::list_rooms(self, request).await
    }

    async fn get_room(
        &self,
        request: Request<wire::GetRoomRequest>,
    ) -> Answer<wire::GetRoomResponse> {
        rooms::get_room(self, request).await
    }

    async fn join_room(
        &self,
        request: Request<wire::JoinRoomRequest>,
    ) -> Answer<wire::JoinRoomResponse> {
        rooms::join_room(self, request).await
    }

    async fn leave_room(
        &self,
        request: Request<wire::LeaveRoomRequest>,
    ) -> Answer<wire::LeaveRoomResponse> {
        rooms::leave_room(self, request).await
    }

    async fn list_members(
        &self,
        request: Request<wire::ListMembersRequest>,
    ) -> Answer<wire::ListMembersResponse> {
        members::list_members(self, request).await
    }

    async fn invite_member(
        &self,
        request: Request<wire::InviteMemberRequest>,
    ) -> Answer<wire::InviteMemberResponse> {
        members::invite_member(self, request).await
    }

    async fn set_member_role(
        &self,
        request: Request<wire::SetMemberRoleRequest>,
    ) -> Answer<wire::SetMemberRoleResponse> {
        members::set_member_role(self, request).await
    }

    async fn list_my_rooms(
        &self,
        request: Request<wire::ListMyRoomsRequest>,
    ) -> Answer<wire::ListMyRoomsResponse> {
        rooms::list_my_rooms(self, request).await
    }

    async fn send_message(
        &self,
        request: Request<wire::SendMessageRequest>,
    ) -> Answer<wire::SendMessageResponse> {
        messages::send_message(self, request).await
    }

    async fn list_messages(
        &self,
        request: Request<wire::ListMessagesRequest>,
    ) -> Answer<wire::ListMessagesResponse> {
        messages::list_messages(self, request).await
    }

    async fn get_message(
        &self,
        request: Request<wire::GetMessageRequest>,
    ) -> Answer<wire::GetMessageResponse> {
        messages::get_message(self, request).await
    }

    async fn edit_message(
        &self,
        request: Request<wire::EditMessageRequest>,
    ) -> Answer<wire::EditMessageResponse> {
        edits::edit_message(self, request).await
    }

    async fn delete_message(
        &self,
        request: Request<wire::DeleteMessageRequest>,
    ) -> Answer<wire::DeleteMessageResponse> {
        edits::delete_message(self, request).await
    }

    async fn set_reaction(
        &self,
        request: Request<wire::SetReactionRequest>,
    ) -> Answer<wire::SetReactionResponse> {
        reactions::set_reaction(self, request).await
    }

    async fn pin_message(
        &self,
        request: Request<wire::PinMessageRequest>,
    ) -> Answer<wire::PinMessageResponse> {
        pins::pin_message(self, request).await
    }

    async fn list_pins(
        &self,
        request: Request<wire::ListPinsRequest>,
    ) -> Answer<wire::ListPinsResponse> {
        pins::list_pins(self, request).await
    }

    async fn search_messages(
        &self,
        request: Request<wire::SearchMessagesRequest>,
    ) -> Answer<wire::SearchMessagesResponse> {
        search::search_messages(self, request).await
    }

    async fn create_thread(
        &self,
        request: Request<wire::CreateThreadRequest>,
    ) -> Answer<wire::CreateThreadResponse> {
        threads::create_thread(self, request).await
    }

    async fn list_threads(
        &self,
        request: Request<wire::ListThreadsRequest>,
    ) -> Answer<wire::ListThreadsResponse> {
        threads::list_threads(self, request).await
    }

    async fn mark_read(
        &self,
        request: Request<wire::MarkReadRequest>,
    ) -> Answer<wire::MarkReadResponse> {
        reads::mark_read(self, request).await
    }

    async fn mark_delivered(
        &self,
        request: Request<wire::MarkDeliveredRequest>,
    ) -> Answer<wire::MarkDeliveredResponse> {
        reads::mark_delivered(self, request).await
    }

    async fn list_receipts(
        &self,
        request: Request<wire::ListReceiptsRequest>,
    ) -> Answer<wire::ListReceiptsResponse> {
        reads::list_receipts(self, request).await
    }

    async fn update_room(
        &self,
        request: Request<wire::UpdateRoomRequest>,
    ) -> Answer<wire::UpdateRoomResponse> {
        updates::update_room(self, request).await
    }

    async fn delete_room(
        &self,
        request: Request<wire::DeleteRoomRequest>,
    ) -> Answer<wire::DeleteRoomResponse> {
        updates::delete_room(self, request).await
    }

    async fn transfer_room(
        &self,
        request: Request<wire::TransferRoomRequest>,
    ) -> Answer<wire::TransferRoomResponse> {
        updates::transfer_room(self, request).await
    }

    async fn kick_member(
        &self,
        request: Request<wire::KickMemberRequest>,
    ) -> Answer<wire::KickMemberResponse> {
        restrictions::kick_member(self, request).await
    }

    async fn ban_member(
        &self,
        request: Request<wire::BanMemberRequest>,
    ) -> Answer<wire::BanMemberResponse> {
        restrictions::ban_member(self, request).await
    }

    async fn unban_member(
        &self,
        request: Request<wire::UnbanMemberRequest>,
    ) -> Answer<wire::UnbanMemberResponse> {
        restrictions::unban_member(self, request).await
    }

    async fn list_restrictions(
        &self,
        request: Request<wire::ListRestrictionsRequest>,
    ) -> Answer<wire::ListRestrictionsResponse> {
        restrictions::list_restrictions(self, request).await
    }

    async fn mute_member(
        &self,
        request: Request<wire::MuteMemberRequest>,
    ) -> Answer<wire::MuteMemberResponse> {
        restrictions::mute_member(self, request).await
    }

    async fn unmute_member(
        &self,
        request: Request<wire::UnmuteMemberRequest>,
    ) -> Answer<wire::UnmuteMemberResponse> {
        restrictions::unmute_member(self, request).await
    }

    async fn create_invite(
        &self,
        request: Request<wire::CreateInviteRequest>,
    ) -> Answer<wire::CreateInviteResponse> {
        invites::create_invite(self, request).await
    }

    async fn list_invites(
        &self,
        request: Request<wire::ListInvitesRequest>,
    ) -> Answer<wire::ListInvitesResponse> {
        invites::list_invites(self, request).await
    }

    async fn revoke_invite(
        &self,
        request: Request<wire::RevokeInviteRequest>,
    ) -> Answer<wire::RevokeInviteResponse> {
        invites::revoke_invite(self, request).await
    }

    async fn accept_invite(
        &self,
        request: Request<wire::AcceptInviteRequest>,
    ) -> Answer<wire::AcceptInviteResponse> {
        invites::accept_invite(self, request).await
    }

    async fn open_direct(
        &self,
        request: Request<wire::OpenDirectRequest>,
    ) -> Answer<wire::OpenDirectResponse> {
        directs::open_direct(self, request).await
    }

    async fn export_user(
        &self,
        request: Request<wire::ExportUserRequest>,
    ) -> Answer<wire::ExportUserResponse> {
        erasure::export_user(self, request).await
    }

    async fn rename_user(
        &self,
        request: Request<wire::RenameUserRequest>,
    ) -> Answer<wire::RenameUserResponse> {
        erasure::rename_user(self, request).await
    }

    async fn erase_user(
        &self,
        request: Request<wire::EraseUserRequest>,
    ) -> Answer<wire::EraseUserResponse> {
        erasure::erase_user(self, request).await
    }

    async fn explain_message(
        &self,
        request: Request<wire::ExplainMessageRequest>,
    ) -> Answer<wire::ExplainMessageResponse> {
        explanations::explain_message(self, request).await
    }
}

/// Reads an idempotency key.
fn key(text: String) -> Result<String, Status> {
    if id::is_key(&text) {
        Ok(text)
    } else {
        Err(field_invalid(
            "key",
            "1 to 64 letters, digits, - and _; a new one for every new request",
        ))
    }
}

/// Reads how a request names a room.
fn room(text: &str) -> Result<RoomRef, Status> {
    if text.is_empty() {
        return Err(field_invalid("room", "an id or #name is needed"));
    }
    Ok(RoomRef::parse(text))
}

/// Reads the size of a page.
fn limit(limit: u32) -> Result<u32, Status> {
    match limit {
        0 => Ok(LIMIT_DEFAULT),
        1..=LIMIT_MAX => Ok(limit),
        _ => Err(field_invalid("limit", "1 to 100")),
    }
}

/// Reads which page is meant.
fn paging(page: &str, rows: u32) -> Result<Paging, Status> {
    let after = match page {
        "" => None,
        token => Some(
            Place::decode(token).ok_or_else(|| field_invalid("page", "not a page of this list"))?,
        ),
    };
    Ok(Paging {
        after,
        limit: limit(rows)? as usize,
    })
}

/// Writes where the next page begins; empty when there is none.
fn next_page(next: Option<Place>) -> String {
    next.map(|place| place.encode()).unwrap_or_default()
}

/// Writes a time.
fn millis(at: OffsetDateTime) -> i64 {
    at.unix_timestamp() * 1_000 + i64::from(at.millisecond())
}

#[cfg(test)]
mod tests {
    use super::ACCESS;

    #[test]
    fn every_method_of_the_contract_has_its_permission_row() {
        let contract = include_str!("../../proto/hubbub/room/v1/room.proto");
        let methods = contract
            .lines()
            .filter_map(|line| line.trim().strip_prefix("rpc ")?.split('(').next());
        let methods: Vec<String> = methods
            .map(|method| format!("/hubbub.room.v1.RoomService/{method}"))
            .collect();
        let rows: Vec<&str> = ACCESS.iter().map(|(path, _)| *path).collect();
        assert_eq!(rows, methods);
    }
}
