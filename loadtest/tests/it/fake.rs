//! A gateway of one process and no store, as small as the bots allow.

use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use futures::{SinkExt, StreamExt};
use loadtest::target::Target;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::mpsc,
    task::JoinSet,
};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{Message, handshake::derive_accept_key, protocol::Role},
};

/// The promise to break, once, at message 30.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    None,
    DropDelivery,
    DoubleDelivery,
    ForgetStored,
    RefuseSend,
    CloseConnection,
}

const AT: usize = 30;

pub(crate) struct Fake {
    address: SocketAddr,
    _server: JoinSet<()>,
}

struct Hub {
    fault: Fault,
    sends: usize,
    rooms: HashMap<String, Room>,
}

#[derive(Default)]
struct Room {
    id: String,
    head: u32,
    users: Vec<String>,
    sockets: Vec<(String, mpsc::UnboundedSender<String>)>,
    messages: Vec<Value>,
}

type SharedHub = Arc<Mutex<Hub>>;

impl Fake {
    pub(crate) async fn start(fault: Fault) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("it is bound");
        let hub = Arc::new(Mutex::new(Hub {
            fault,
            sends: 0,
            rooms: HashMap::new(),
        }));
        let mut server = JoinSet::new();
        server.spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                connections.spawn(serve(stream, hub.clone()));
            }
        });
        Self {
            address,
            _server: server,
        }
    }

    pub(crate) fn targets(&self, count: usize) -> Vec<Target> {
        vec![Target::parse(&format!("http://{}", self.address)).expect("loopback"); count]
    }
}

async fn serve(mut stream: TcpStream, hub: SharedHub) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let Ok(byte) = stream.read_u8().await else {
            return;
        };
        head.push(byte);
    }
    let head = String::from_utf8(head).expect("requests are text");
    let header = |name: &str| {
        let lines = head.lines().filter_map(|line| line.split_once(": "));
        lines
            .filter(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.to_owned())
            .next()
    };
    if let Some(key) = header("sec-websocket-key") {
        let accept = derive_accept_key(key.as_bytes());
        let answer = format!(
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
             Sec-WebSocket-Accept: {accept}\r\nSec-WebSocket-Protocol: hubbub.v1.json\r\n\r\n"
        );
        stream
            .write_all(answer.as_bytes())
            .await
            .expect("the bot is there");
        return talk(stream, hub).await;
    }
    let length = header("content-length").map_or(0, |text| text.parse().expect("a number"));
    let mut body = vec![0; length];
    stream
        .read_exact(&mut body)
        .await
        .expect("the bot sends its body");
    let body: Value = serde_json::from_slice(&body).unwrap_or_default();
    let token = header("authorization")
        .unwrap_or_default()
        .replace("Bearer ", "");
    let path = head.split(' ').nth(1).expect("a request line");
    let answer = rest(&hub, path, &token, &body).to_string();
    let answer = format!(
        "HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{answer}",
        answer.len()
    );
    stream
        .write_all(answer.as_bytes())
        .await
        .expect("the bot is there");
}

fn rest(hub: &SharedHub, path: &str, token: &str, body: &Value) -> Value {
    let mut hub = hub.lock().expect("no test panics with it");
    match path {
        "/signup" => json!({ "token": body["username"] }),
        "/v1/rt/tickets" => json!({ "ticket": token }),
        "/rooms" => {
            let id = fresh_id();
            hub.rooms.insert(
                id.clone(),
                Room {
                    id: id.clone(),
                    head: 2,
                    users: vec![token.to_owned()],
                    ..Room::default()
                },
            );
            json!({ "room": { "id": id } })
        }
        _ => {
            let room = path.split('/').nth(3).expect("a room");
            let after = path
                .split("after=")
                .nth(1)
                .and_then(|rest| rest.split('&').next())
                .expect("a cursor");
            let after: u64 = after.parse().expect("a number");
            let messages = &hub.rooms[room].messages;
            let mut newer = messages
                .iter()
                .filter(|message| message["seq"].as_u64() > Some(after))
                .cloned();
            let page: Vec<Value> = newer.by_ref().take(20).collect();
            json!({ "messages": page, "more": newer.next().is_some() })
        }
    }
}

async fn talk(stream: TcpStream, hub: SharedHub) {
    let mut socket = WebSocketStream::from_raw_socket(stream, Role::Server, None).await;
    let (out, mut queue) = mpsc::unbounded_channel();
    let mut user = String::new();
    loop {
        tokio::select! {
            Some(text) = queue.recv() => {
                if text == "close" || socket.send(Message::text(text)).await.is_err() {
                    return;
                }
            }
            frame = socket.next() => {
                let Some(Ok(Message::Text(text))) = frame else { return };
                let frame: Value = serde_json::from_str(&text).expect("bots speak JSON");
                hub.lock().expect("no test panics with it").hear(&frame, &mut user, &out);
            }
        }
    }
}

impl Hub {
    fn hear(&mut self, frame: &Value, user: &mut String, out: &mpsc::UnboundedSender<String>) {
        let (id, data) = (&frame["id"], &frame["data"]);
        let room_id = data["room"].as_str().unwrap_or_default().to_owned();
        // A bot that is gone reads no answers.
        let say = |value: Value| drop(out.send(value.to_string()));
        match frame["type"].as_str().expect("frames have types") {
            "hello" => {
                data["ticket"].as_str().expect("a ticket").clone_into(user);
                let mut rooms = Vec::new();
                for (id, room) in self
                    .rooms
                    .iter_mut()
                    .filter(|(_, room)| room.users.contains(user))
                {
                    room.sockets.push((user.clone(), out.clone()));
                    rooms.push(json!({ "id": id, "head": room.head }));
                }
                say(json!({ "type": "welcome", "data": { "rooms": rooms } }));
            }
            "room.join" => {
                let room = self.rooms.get_mut(&room_id).expect("it was made");
                room.users.push(user.clone());
                room.sockets.push((user.clone(), out.clone()));
                room.tell("room.memberJoined", &fresh_id(), &json!({ "user": user }));
                say(json!({ "type": "ok", "id": id, "data": { "head": room.head } }));
            }
            "message.send" => self.store(frame, out),
            _ => {}
        }
    }

    fn store(&mut self, frame: &Value, out: &mpsc::UnboundedSender<String>) {
        let (id, data) = (&frame["id"], &frame["data"]);
        let say = |value: Value| drop(out.send(value.to_string()));
        let room_id = data["room"].as_str().unwrap_or_default();
        self.sends += 1;
        let fault = if self.sends == AT {
            self.fault
        } else {
            Fault::None
        };
        let room = self.rooms.get_mut(room_id).expect("it was made");
        match fault {
            Fault::RefuseSend => {
                let error = json!({ "code": "RESOURCE_EXHAUSTED", "reason": "RATE_LIMITED" });
                return say(json!({ "type": "error", "id": id, "error": error }));
            }
            Fault::CloseConnection => return drop(out.send("close".to_owned())),
            Fault::DropDelivery => room.sockets.rotate_left(1),
            _ => {}
        }
        let message = fresh_id();
        let data = json!({ "message": message, "seq": room.head + 1, "body": data["body"] });
        let skipped = (fault == Fault::DropDelivery)
            .then(|| room.sockets.pop())
            .flatten();
        room.tell("message.new", &message, &data);
        room.sockets.extend(skipped);
        if fault == Fault::DoubleDelivery {
            room.head -= 1;
            let others = room.sockets.split_off(1);
            room.tell("message.new", &message, &data);
            room.sockets.extend(others);
        }
        if fault != Fault::ForgetStored {
            room.messages.push(data);
        }
        say(json!({ "type": "ok", "id": id, "data": { "message": message, "seq": room.head } }));
    }
}

impl Room {
    fn tell(&mut self, kind: &str, cursor: &str, data: &Value) {
        let prev = self.head;
        self.head += 1;
        for (_, socket) in &self.sockets {
            let (room, seq) = (&self.id, self.head);
            let frame = json!({ "type": kind, "room": room, "seq": seq, "prev": prev, "cursor": cursor, "data": data });
            // A bot that is gone hears nothing.
            let _ = socket.send(frame.to_string());
        }
    }
}

fn fresh_id() -> String {
    proto::id::RoomId::generate().to_string()
}
