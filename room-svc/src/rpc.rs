//! The wire: parse, call, encode. One line per method here, a file per noun below.

mod members;
mod messages;
mod rooms;

use proto::{
    id,
    room::{self as wire, room_service_server::RoomService},
};
use rpc::{Access, AccessTable, field_invalid};
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
