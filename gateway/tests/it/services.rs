//! Services with the least that a gateway needs: users are their token, rooms and streams are vectors.

use std::{
    collections::HashMap,
    future::ready,
    sync::{Arc, Mutex, atomic::AtomicU32, atomic::Ordering},
};

use prost::Message as _;
use proto::{
    auth::{AuthenticateRequest, AuthenticateResponse, Role, User, authenticate_request},
    event::Kind,
    id::{RoomId, StreamId, UserId},
    reason::Reason,
    room::{
        JoinRoomRequest, JoinRoomResponse, ListMyRoomsRequest, ListMyRoomsResponse, MyRoom, Room,
        SendMessageRequest, SendMessageResponse,
    },
    stream::{Event, EventBatch, Head, HeadsRequest, HeadsResponse, RangeRequest, RangeResponse},
    subject::{self, Partition},
};
use tonic::{Code, Status};

use crate::script::Script;

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
        let data = format!(
            r#"{{"key":"k","author":{{"id":"u","name":"x"}},"body":"{body}","rev":1,"mentions":[]}}"#
        );
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

impl Services {
    /// Answers what every test needs, unless the script says otherwise.
    pub(crate) fn stand_behind(&self, script: &Script) {
        script.handles("auth/Authenticate", |_, asked| async {
            authenticate(asked)
        });
        let services = self.clone();
        script.handles("room/ListMyRooms", move |caller, _: ListMyRoomsRequest| {
            ready(Ok(services.my_rooms(user(&caller))))
        });
        let services = self.clone();
        script.handles("room/JoinRoom", move |caller, asked| {
            services.clone().join(user(&caller), asked)
        });
        let services = self.clone();
        script.handles("room/SendMessage", move |caller, asked| {
            services.clone().send(user(&caller), asked)
        });
        let services = self.clone();
        script.handles("stream/Range", move |_, asked| {
            ready(Ok(services.range(asked)))
        });
        let services = self.clone();
        script.handles("stream/Heads", move |_, asked| {
            ready(Ok(services.heads(asked)))
        });
    }

    fn my_rooms(&self, id: UserId) -> ListMyRoomsResponse {
        let mine: Vec<_> = self.truth.members.lock().expect("lock").clone();
        let mine = mine.into_iter().filter(|(_, member)| *member == id);
        let rooms = mine.map(|(room, _)| {
            let (head, head_id) = self.head(room.into());
            MyRoom {
                room: Some(view(room)),
                head,
                head_id,
                counter: None,
            }
        });
        ListMyRoomsResponse {
            rooms: rooms.collect(),
        }
    }

    async fn join(self, id: UserId, asked: JoinRoomRequest) -> Result<JoinRoomResponse, Status> {
        let room: RoomId = asked.room.parse().expect("a room");
        if !self.is_member(room, id) {
            let name = String::from_utf8_lossy(&id.0.as_bytes()[..3]).into_owned();
            self.enter(room, &name).await;
        }
        let (head, head_id) = self.head(room.into());
        Ok(JoinRoomResponse {
            room: Some(view(room)),
            head,
            head_id,
            ..JoinRoomResponse::default()
        })
    }

    async fn send(
        self,
        id: UserId,
        asked: SendMessageRequest,
    ) -> Result<SendMessageResponse, Status> {
        let SendMessageRequest {
            room, key, body, ..
        } = asked;
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
        Ok(SendMessageResponse {
            message_id,
            seq,
            at_ms: 1,
            is_duplicate,
            room_id: room.to_string(),
        })
    }

    fn range(&self, asked: RangeRequest) -> RangeResponse {
        let RangeRequest {
            stream,
            after,
            after_id,
            limit,
        } = asked;
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
        RangeResponse {
            events,
            head,
            is_continuous: is_known && after <= head,
            ..RangeResponse::default()
        }
    }

    pub(crate) fn heads(&self, asked: HeadsRequest) -> HeadsResponse {
        let heads = asked.streams.into_iter().map(|stream| {
            let (seq, event_id) = self.head(stream.stream_id.parse().expect("an id"));
            Head {
                tenant: stream.tenant,
                stream_id: stream.stream_id,
                seq,
                event_id,
                ..Head::default()
            }
        });
        HeadsResponse {
            heads: heads.collect(),
        }
    }
}

fn authenticate(asked: AuthenticateRequest) -> Result<AuthenticateResponse, Status> {
    use authenticate_request::Credential;
    let name = match asked.credential.expect("a credential") {
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
    let role = if name == "root" {
        Role::Admin
    } else {
        Role::User
    };
    let lifetime_ms = if name == "brief" { 1_500 } else { 900_000 };
    Ok(AuthenticateResponse {
        user: Some(User {
            user_id: user(&name).to_string(),
            name: name.clone(),
            role: role.into(),
        }),
        tenant: "default".into(),
        session_id: session(&name),
        assertion: name,
        assertion_expires_at_ms: gateway::app::now_ms() + 600_000,
        credential_expires_at_ms: gateway::app::now_ms() + lifetime_ms,
    })
}
