//! Services with the least that a gateway needs: users are their token, rooms and streams are vectors.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, atomic::AtomicU32, atomic::Ordering},
};

use prost::Message as _;
use proto::{
    auth::{auth_service_server::AuthService, *},
    event::Kind,
    id::{RoomId, StreamId, UserId},
    reason::Reason,
    room::{room_service_server::RoomService, *},
    stream::{Event, EventBatch, stream_service_server::StreamService},
    stream::{Head, HeadsRequest, HeadsResponse, RangeRequest, RangeResponse},
    subject::{self, Partition},
};
use tonic::{Code, Request, Response, Status};

type Answer<T> = Result<Response<T>, Status>;

/// The truth behind all services.
#[derive(Default)]
pub(crate) struct Truth {
    logs: Mutex<HashMap<StreamId, Vec<Event>>>,
    members: Mutex<Vec<(RoomId, UserId)>>,
    keys: Mutex<HashMap<String, (i64, String)>>,
    /// So many sends are stored but their answer is lost.
    pub(crate) lost_answers: AtomicU32,
}

/// The services, and the bus they announce on.
#[derive(Clone)]
pub(crate) struct Services {
    pub(crate) truth: Arc<Truth>,
    pub(crate) nats: async_nats::Client,
}

/// Everyone's id follows from their name.
pub(crate) fn user(name: &str) -> UserId {
    let mut bytes = [7; 16];
    bytes[..name.len()].copy_from_slice(name.as_bytes());
    UserId(uuid::Uuid::from_bytes(bytes))
}

/// Every session's id follows from its user.
pub(crate) fn session(name: &str) -> String {
    let mut bytes = *user(name).0.as_bytes();
    bytes[15] = 9;
    uuid::Uuid::from_bytes(bytes).to_string()
}

fn caller<T>(request: &Request<T>) -> UserId {
    let token = request
        .metadata()
        .get("authorization")
        .and_then(|value| value.to_str().ok());
    user(
        token
            .and_then(|token| token.strip_prefix("Bearer "))
            .expect("a caller"),
    )
}

fn stub<T>() -> Answer<T> {
    Err(Status::unimplemented("not in this test"))
}

impl Services {
    /// Commits an event and announces it.
    pub(crate) async fn commit(&self, stream: StreamId, kind: Kind, data: String) -> Event {
        let event = {
            let mut logs = self.truth.logs.lock().expect("lock");
            let log = logs.entry(stream).or_default();
            let event = Event {
                tenant: "default".into(),
                stream_id: stream.to_string(),
                seq: i64::try_from(log.len()).expect("small") + 1,
                event_id: uuid::Uuid::now_v7().to_string(),
                kind: u32::try_from(kind.number()).expect("small"),
                at_ms: 1,
                data: data.into_bytes().into(),
                ..Event::default()
            };
            log.push(event.clone());
            event
        };
        let batch = EventBatch {
            events: vec![event.clone()],
        }
        .encode_to_vec();
        let subject = String::from(subject::events(Partition::of(stream)));
        self.nats
            .publish(subject, batch.into())
            .await
            .expect("published");
        event
    }

    /// Makes a room.
    pub(crate) async fn room(&self, owner: &str) -> RoomId {
        let room = RoomId::generate();
        self.commit(room.into(), Kind::RoomCreated, "{}".into())
            .await;
        self.enter(room, owner).await;
        room
    }

    /// Makes someone a member.
    pub(crate) async fn enter(&self, room: RoomId, name: &str) {
        let id = user(name);
        self.truth.members.lock().expect("lock").push((room, id));
        let data = format!(r#"{{"user":{{"id":"{id}","name":"{name}"}},"role":"member"}}"#);
        self.commit(room.into(), Kind::MemberJoined, data).await;
        self.membership(room, id, true).await;
    }

    /// Ends a membership.
    pub(crate) async fn leave(&self, room: RoomId, name: &str) {
        let id = user(name);
        self.truth
            .members
            .lock()
            .expect("lock")
            .retain(|each| *each != (room, id));
        let data = format!(r#"{{"user":{{"id":"{id}","name":"{name}"}},"reason":"left"}}"#);
        self.commit(room.into(), Kind::MemberLeft, data).await;
        self.membership(room, id, false).await;
    }

    async fn membership(&self, room: RoomId, id: UserId, joined: bool) {
        let data =
            format!(r#"{{"room":"{room}","name":"room","kind":"channel","joined":{joined}}}"#);
        self.commit(id.into(), Kind::MembershipChanged, data).await;
    }

    /// Posts a message and returns its event.
    pub(crate) async fn post(&self, room: RoomId, body: &str) -> Event {
        let data =
            format!(r#"{{"key":"k","author":{{"id":"u","name":"x"}},"body":"{body}","rev":1}}"#);
        self.commit(room.into(), Kind::MessagePosted, data).await
    }

    /// Returns the cursor of a seq.
    pub(crate) fn cursor(&self, room: RoomId, seq: usize) -> serde_json::Value {
        let logs = self.truth.logs.lock().expect("lock");
        serde_json::json!([seq, logs[&StreamId::from(room)][seq - 1].event_id])
    }

    fn head(&self, stream: StreamId) -> (i64, String) {
        let logs = self.truth.logs.lock().expect("lock");
        let last = logs.get(&stream).and_then(|log| log.last());
        last.map_or_else(
            || (0, String::new()),
            |event| (event.seq, event.event_id.clone()),
        )
    }

    fn is_member(&self, room: RoomId, id: UserId) -> bool {
        self.truth
            .members
            .lock()
            .expect("lock")
            .contains(&(room, id))
    }
}

fn view(room: RoomId) -> Room {
    Room {
        room_id: room.to_string(),
        name: "room".into(),
        kind: "channel".into(),
        is_joined: true,
        ..Room::default()
    }
}

fn refuse(code: Code, reason: Reason) -> Status {
    rpc::status(code, reason, "no")
}

#[tonic::async_trait]
impl AuthService for Services {
    async fn authenticate(
        &self,
        request: Request<AuthenticateRequest>,
    ) -> Answer<AuthenticateResponse> {
        use authenticate_request::Credential;
        let name = match request.into_inner().credential.expect("a credential") {
            Credential::Ticket(text)
            | Credential::AccessToken(text)
            | Credential::SessionToken(text) => text,
        };
        match name.as_str() {
            "expired" => return Err(refuse(Code::Unauthenticated, Reason::TOKEN_EXPIRED)),
            "forged" => return Err(refuse(Code::Unauthenticated, Reason::SIGNATURE_INVALID)),
            "gone" | "" => return Err(refuse(Code::Unauthenticated, Reason::TOKEN_INVALID)),
            _ => {}
        }
        let lifetime_ms = if name == "brief" { 1_500 } else { 900_000 };
        Ok(Response::new(AuthenticateResponse {
            user: Some(User {
                user_id: user(&name).to_string(),
                name: name.clone(),
                role: Role::User.into(),
            }),
            tenant: "default".into(),
            session_id: session(&name),
            assertion: name,
            assertion_expires_at_ms: gateway::app::now_ms() + 600_000,
            credential_expires_at_ms: gateway::app::now_ms() + lifetime_ms,
        }))
    }

    async fn get_keys(&self, _: Request<GetKeysRequest>) -> Answer<GetKeysResponse> {
        Ok(Response::new(GetKeysResponse::default()))
    }

    async fn sign_up(&self, _: Request<SignUpRequest>) -> Answer<SignUpResponse> {
        stub()
    }
    async fn log_in(&self, _: Request<LogInRequest>) -> Answer<LogInResponse> {
        stub()
    }
    async fn log_out(&self, _: Request<LogOutRequest>) -> Answer<LogOutResponse> {
        stub()
    }
    async fn issue_token(&self, _: Request<IssueTokenRequest>) -> Answer<IssueTokenResponse> {
        stub()
    }
    async fn issue_ticket(&self, _: Request<IssueTicketRequest>) -> Answer<IssueTicketResponse> {
        stub()
    }
    async fn list_sessions(&self, _: Request<ListSessionsRequest>) -> Answer<ListSessionsResponse> {
        stub()
    }
    async fn revoke_session(
        &self,
        _: Request<RevokeSessionRequest>,
    ) -> Answer<RevokeSessionResponse> {
        stub()
    }
    async fn change_password(
        &self,
        _: Request<ChangePasswordRequest>,
    ) -> Answer<ChangePasswordResponse> {
        stub()
    }
    async fn get_user(&self, _: Request<GetUserRequest>) -> Answer<GetUserResponse> {
        stub()
    }
    async fn set_role(&self, _: Request<SetRoleRequest>) -> Answer<SetRoleResponse> {
        stub()
    }
}

#[tonic::async_trait]
impl RoomService for Services {
    async fn list_my_rooms(
        &self,
        request: Request<ListMyRoomsRequest>,
    ) -> Answer<ListMyRoomsResponse> {
        let id = caller(&request);
        let mine: Vec<_> = self.truth.members.lock().expect("lock").clone();
        let mine = mine.into_iter().filter(|(_, member)| *member == id);
        let rooms = mine.map(|(room, _)| {
            let (head, head_id) = self.head(room.into());
            MyRoom {
                room: Some(view(room)),
                head,
                head_id,
            }
        });
        Ok(Response::new(ListMyRoomsResponse {
            rooms: rooms.collect(),
        }))
    }

    async fn join_room(&self, request: Request<JoinRoomRequest>) -> Answer<JoinRoomResponse> {
        let id = caller(&request);
        let room: RoomId = request.into_inner().room.parse().expect("a room");
        if !self.is_member(room, id) {
            let name = String::from_utf8_lossy(&id.0.as_bytes()[..3]).into_owned();
            self.enter(room, &name).await;
        }
        let (head, head_id) = self.head(room.into());
        Ok(Response::new(JoinRoomResponse {
            room: Some(view(room)),
            head,
            head_id,
            ..JoinRoomResponse::default()
        }))
    }

    async fn send_message(
        &self,
        request: Request<SendMessageRequest>,
    ) -> Answer<SendMessageResponse> {
        let id = caller(&request);
        let SendMessageRequest {
            room, key, body, ..
        } = request.into_inner();
        let room = room
            .parse::<RoomId>()
            .ok()
            .filter(|room| self.is_member(*room, id));
        let room = room.ok_or_else(|| refuse(Code::PermissionDenied, Reason::NOT_A_MEMBER))?;
        let found = self.truth.keys.lock().expect("lock").get(&key).cloned();
        let is_duplicate = found.is_some();
        let (seq, message_id) = match found {
            Some(found) => found,
            None => {
                let event = self.post(room, &body).await;
                let stored = (event.seq, event.event_id);
                self.truth
                    .keys
                    .lock()
                    .expect("lock")
                    .insert(key, stored.clone());
                stored
            }
        };
        let lost = &self.truth.lost_answers;
        if lost
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, |left| {
                left.checked_sub(1)
            })
            .is_ok()
        {
            return Err(Status::unknown("the answer is lost"));
        }
        Ok(Response::new(SendMessageResponse {
            message_id,
            seq,
            at_ms: 1,
            is_duplicate,
            room_id: room.to_string(),
        }))
    }

    async fn create_room(&self, _: Request<CreateRoomRequest>) -> Answer<CreateRoomResponse> {
        stub()
    }
    async fn list_rooms(&self, _: Request<ListRoomsRequest>) -> Answer<ListRoomsResponse> {
        stub()
    }
    async fn get_room(&self, _: Request<GetRoomRequest>) -> Answer<GetRoomResponse> {
        stub()
    }
    async fn leave_room(&self, _: Request<LeaveRoomRequest>) -> Answer<LeaveRoomResponse> {
        stub()
    }
    async fn list_members(&self, _: Request<ListMembersRequest>) -> Answer<ListMembersResponse> {
        stub()
    }
    async fn invite_member(&self, _: Request<InviteMemberRequest>) -> Answer<InviteMemberResponse> {
        stub()
    }
    async fn set_member_role(
        &self,
        _: Request<SetMemberRoleRequest>,
    ) -> Answer<SetMemberRoleResponse> {
        stub()
    }
    async fn list_messages(&self, _: Request<ListMessagesRequest>) -> Answer<ListMessagesResponse> {
        stub()
    }
}

#[tonic::async_trait]
impl StreamService for Services {
    async fn range(&self, request: Request<RangeRequest>) -> Answer<RangeResponse> {
        let RangeRequest {
            stream,
            after,
            after_id,
            limit,
        } = request.into_inner();
        let stream: StreamId = stream.expect("a stream").stream_id.parse().expect("an id");
        let logs = self.truth.logs.lock().expect("lock");
        let log = logs.get(&stream).map(Vec::as_slice).unwrap_or_default();
        let head = i64::try_from(log.len()).expect("small");
        let there = usize::try_from(after - 1)
            .ok()
            .and_then(|index| log.get(index));
        let is_known = after_id.is_empty() || there.is_none_or(|event| event.event_id == after_id);
        // As much as one answer may carry.
        let mut room = 512 * 1024;
        let fits = |event: &&Event| {
            let is_fitting = room >= event.data.len();
            room = room.saturating_sub(event.data.len());
            is_fitting
        };
        let newer = log.iter().filter(|event| event.seq > after);
        let events = newer
            .take(limit as usize)
            .take_while(fits)
            .cloned()
            .collect();
        Ok(Response::new(RangeResponse {
            events,
            head,
            is_continuous: is_known && after <= head,
        }))
    }

    async fn heads(&self, request: Request<HeadsRequest>) -> Answer<HeadsResponse> {
        let heads = request.into_inner().streams.into_iter().map(|stream| {
            let (seq, event_id) = self.head(stream.stream_id.parse().expect("an id"));
            Head {
                tenant: stream.tenant,
                stream_id: stream.stream_id,
                seq,
                event_id,
            }
        });
        Ok(Response::new(HeadsResponse {
            heads: heads.collect(),
        }))
    }
}
