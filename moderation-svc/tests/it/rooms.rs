//! room-svc as far as moderation-svc knows it: two methods on the bus.

use std::{
    collections::HashMap,
    future::Future,
    pin::Pin,
    sync::{Arc, Mutex},
};

use proto::{
    event::{MessagePosted, Person},
    id::{EventId, RoomId},
    reason::Reason,
    room::{self as wire, Message, room_service_server::RoomService},
};
use rpc::Caller;
use tonic::{Code, Request, Response, Status};

/// The messages that exist, who sees them, and the tokens that were asked with.
#[derive(Clone, Default)]
pub(crate) struct Rooms {
    messages: Arc<Mutex<HashMap<String, Message>>>,
    pub(crate) tokens: Arc<Mutex<Vec<String>>>,
    /// Who is in no room.
    pub(crate) strangers: Arc<Mutex<Vec<String>>>,
}

impl Rooms {
    /// Posts a message that everyone sees, and returns its id.
    pub(crate) fn post(&self, author: &Caller, body: &str) -> EventId {
        let message_id = EventId::generate();
        let data = MessagePosted {
            key: "k".into(),
            author: Person {
                id: author.user_id.to_string(),
                name: author.name.clone(),
            },
            body: body.into(),
            rev: 1,
            reply_to: None,
            thread: None,
            mentions: Vec::new(),
            edited_at: None,
            deleted: false,
        };
        let message = Message {
            message_id: message_id.to_string(),
            room_id: RoomId::generate().to_string(),
            seq: 7,
            author_id: author.user_id.to_string(),
            data: serde_json::to_vec(&data).expect("JSON").into(),
            ..Message::default()
        };
        let mut messages = self.messages.lock().expect("not poisoned");
        messages.insert(message_id.to_string(), message);
        message_id
    }

    /// Takes a message from everyone's sight.
    pub(crate) fn hide(&self, message_id: EventId) {
        let mut messages = self.messages.lock().expect("not poisoned");
        messages.remove(&message_id.to_string());
    }

    /// A message of the default tenant, as everybody in its room has it but who is named in `strangers`.
    fn explained(
        &self,
        request: &wire::ExplainMessageRequest,
    ) -> Result<wire::ExplainMessageResponse, Status> {
        let messages = self.messages.lock().expect("not poisoned");
        let message = messages.get(&request.message_id).ok_or_else(|| {
            rpc::status(Code::NotFound, Reason::MESSAGE_NOT_FOUND, "no such message")
        })?;
        let strangers = self.strangers.lock().expect("not poisoned");
        Ok(wire::ExplainMessageResponse {
            room_id: message.room_id.clone(),
            seq: message.seq,
            author_id: message.author_id.clone(),
            is_member: !strangers.contains(&request.user_id),
            ..wire::ExplainMessageResponse::default()
        })
    }

    fn find(&self, request: &Request<wire::GetMessageRequest>) -> Result<Message, Status> {
        let token = request
            .metadata()
            .get("authorization")
            .and_then(|value| value.to_str().ok());
        let mut tokens = self.tokens.lock().expect("not poisoned");
        tokens.push(token.unwrap_or_default().into());
        let messages = self.messages.lock().expect("not poisoned");
        let message = messages.get(&request.get_ref().message_id).cloned();
        message.ok_or_else(|| {
            rpc::status(Code::NotFound, Reason::MESSAGE_NOT_FOUND, "no such message")
        })
    }
}

type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<Response<T>, Status>> + Send + 'a>>;

macro_rules! not_asked {
    ($($method:ident($request:ident) -> $response:ident;)*) => {$(
        fn $method<'a, 'b>(&'a self, _: Request<wire::$request>) -> Answer<'b, wire::$response>
        where
            'a: 'b,
            Self: 'b,
        {
            Box::pin(async { Err(Status::unimplemented("moderation-svc does not ask this")) })
        }
    )*};
}

impl RoomService for Rooms {
    fn get_message<'a, 'b>(
        &'a self,
        request: Request<wire::GetMessageRequest>,
    ) -> Answer<'b, wire::GetMessageResponse>
    where
        'a: 'b,
        Self: 'b,
    {
        let found = self.find(&request);
        Box::pin(async {
            Ok(Response::new(wire::GetMessageResponse {
                message: Some(found?),
            }))
        })
    }

    fn explain_message<'a, 'b>(
        &'a self,
        request: Request<wire::ExplainMessageRequest>,
    ) -> Answer<'b, wire::ExplainMessageResponse>
    where
        'a: 'b,
        Self: 'b,
    {
        let found = self.explained(request.get_ref());
        Box::pin(async { found.map(Response::new) })
    }

    not_asked! {
        create_room(CreateRoomRequest) -> CreateRoomResponse;
        list_rooms(ListRoomsRequest) -> ListRoomsResponse;
        get_room(GetRoomRequest) -> GetRoomResponse;
        join_room(JoinRoomRequest) -> JoinRoomResponse;
        leave_room(LeaveRoomRequest) -> LeaveRoomResponse;
        list_members(ListMembersRequest) -> ListMembersResponse;
        invite_member(InviteMemberRequest) -> InviteMemberResponse;
        set_member_role(SetMemberRoleRequest) -> SetMemberRoleResponse;
        list_my_rooms(ListMyRoomsRequest) -> ListMyRoomsResponse;
        send_message(SendMessageRequest) -> SendMessageResponse;
        list_messages(ListMessagesRequest) -> ListMessagesResponse;
        edit_message(EditMessageRequest) -> EditMessageResponse;
        delete_message(DeleteMessageRequest) -> DeleteMessageResponse;
        set_reaction(SetReactionRequest) -> SetReactionResponse;
        pin_message(PinMessageRequest) -> PinMessageResponse;
        list_pins(ListPinsRequest) -> ListPinsResponse;
        search_messages(SearchMessagesRequest) -> SearchMessagesResponse;
        create_thread(CreateThreadRequest) -> CreateThreadResponse;
        list_threads(ListThreadsRequest) -> ListThreadsResponse;
        mark_read(MarkReadRequest) -> MarkReadResponse;
        mark_delivered(MarkDeliveredRequest) -> MarkDeliveredResponse;
        list_receipts(ListReceiptsRequest) -> ListReceiptsResponse;
        update_room(UpdateRoomRequest) -> UpdateRoomResponse;
        delete_room(DeleteRoomRequest) -> DeleteRoomResponse;
        transfer_room(TransferRoomRequest) -> TransferRoomResponse;
        kick_member(KickMemberRequest) -> KickMemberResponse;
        ban_member(BanMemberRequest) -> BanMemberResponse;
        unban_member(UnbanMemberRequest) -> UnbanMemberResponse;
        list_restrictions(ListRestrictionsRequest) -> ListRestrictionsResponse;
        mute_member(MuteMemberRequest) -> MuteMemberResponse;
        unmute_member(UnmuteMemberRequest) -> UnmuteMemberResponse;
        create_invite(CreateInviteRequest) -> CreateInviteResponse;
        list_invites(ListInvitesRequest) -> ListInvitesResponse;
        revoke_invite(RevokeInviteRequest) -> RevokeInviteResponse;
        accept_invite(AcceptInviteRequest) -> AcceptInviteResponse;
        open_direct(OpenDirectRequest) -> OpenDirectResponse;
        export_user(ExportUserRequest) -> ExportUserResponse;
        rename_user(RenameUserRequest) -> RenameUserResponse;
        erase_user(EraseUserRequest) -> EraseUserResponse;
    }
}
