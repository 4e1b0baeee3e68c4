//! Who plays in the tests of blocks: one who acts, one who looks on, and others whom nobody blocks.

use std::time::Duration;

use serde_json::{Value, json};
use testkit::{Frame, Person, Refusal, Socket};

use crate::stage::Stage;

/// What must come comes within this time after the marker; short, so that one failure leaves the others their time.
const WITHIN: Duration = Duration::from_secs(5);

/// What the one who looks on gets to see of what the other does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Seen {
    /// It arrived.
    Shown,
    /// It did not, and what was done after it did.
    Hidden,
    /// It was not done at all.
    Refused,
}

impl Seen {
    /// Reads a cell of the table.
    pub(super) fn read(text: &str) -> Self {
        match text {
            "shown" => Self::Shown,
            "hidden" => Self::Hidden,
            "refused" => Self::Refused,
            other => panic!("{other:?} stands in no cell"),
        }
    }

    /// What several ways of looking found; they must agree.
    pub(super) fn agreed(ways: &[(&str, bool)]) -> Self {
        let shown: Vec<_> = ways.iter().filter(|(_, is_shown)| *is_shown).collect();
        match shown.len() {
            0 => Self::Hidden,
            some if some == ways.len() => Self::Shown,
            _ => panic!("it is seen by {shown:?} alone, of {ways:?}"),
        }
    }
}

/// A person with a connection.
pub(super) struct Player {
    pub(super) person: Person,
    pub(super) socket: Socket,
}

/// Everybody, and where they are.
pub(super) struct Cast {
    stage: Stage,
    /// Acts.
    pub(super) from: Player,
    /// Looks on, from the other gateway.
    pub(super) to: Player,
    /// A friend of both; does the same after the one who acts, so that absence can be told from delay.
    pub(super) eve: Player,
    /// A stranger to all, in the same room.
    pub(super) sam: Player,
    /// A public room that all four are in.
    pub(super) room: String,
    /// The direct conversation of the first two, from the time when they were friends.
    pub(super) direct: String,
    /// What is expected now: where something ought to arrive, it is waited for.
    pub(super) expected: Seen,
    said: u32,
}

/// Who of the two acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Acting {
    /// The blocked one.
    Blocked,
    /// The blocker.
    Blocker,
}

impl Player {
    async fn enter(stage: &Stage, gateway: usize, name: &str) -> Self {
        let person = Person::sign_up(&stage.http(gateway), name).await;
        let socket = person.connect(&stage.ws(gateway)).await;
        Self { person, socket }
    }

    /// Does something that must work.
    pub(super) async fn does(&mut self, kind: &str, data: Value) -> Value {
        let answer = self.socket.send(kind, data.clone()).await;
        answer.unwrap_or_else(|refusal| panic!("{} {kind} {data}: {refusal:?}", self.person.name))
    }

    /// Does something and returns what came of it.
    pub(super) async fn tries(&mut self, kind: &str, data: Value) -> Result<Value, Refusal> {
        self.socket.send(kind, data).await
    }

    /// Says something in a room and returns the message's id.
    pub(super) async fn says(&mut self, room: &str, body: &str) -> String {
        let sent = self
            .does("message.send", json!({"room": room, "body": body}))
            .await;
        id(&sent["message"])
    }

    pub(super) fn name(&self) -> String {
        format!("@{}", self.person.name)
    }

    /// Waits until this connection has come to the end of its user's own feed as of now: whatever it says to the
    /// gateways has been heard.
    pub(super) async fn catches_up(&mut self) {
        let token = uuid::Uuid::now_v7().to_string();
        self.does("presence.set", json!({"status": "online", "text": token}))
            .await;
        let heard = self
            .socket
            .wait(|frame| frame.kind == "presence.updated" && frame.data["text"] == token)
            .await;
        heard.expect("the connection lives");
    }
}

/// Makes two people friends, by requests that cross.
pub(super) async fn befriend(one: &mut Player, other: &mut Player) {
    let (of_one, of_other) = (one.name(), other.name());
    one.does("friend.request", json!({"user": of_other})).await;
    let answer = other.does("friend.request", json!({"user": of_one})).await;
    assert_eq!(answer["state"], "friends", "{answer}");
}

impl Cast {
    /// Everybody enters, talks and befriends; then one blocks the other.
    pub(super) async fn assemble(acting: Acting, is_mutual: bool) -> Self {
        let stage = Stage::open().await;
        let mut from = Player::enter(&stage, 0, "from").await;
        let mut eve = Player::enter(&stage, 0, "eve").await;
        let mut sam = Player::enter(&stage, 0, "sam").await;
        let mut to = Player::enter(&stage, 1, "to").await;
        let room = eve.person.creates_room("general").await;
        for player in [&mut from, &mut sam, &mut to] {
            player.does("room.join", json!({"room": room})).await;
        }
        befriend(&mut from, &mut to).await;
        befriend(&mut eve, &mut to).await;
        befriend(&mut eve, &mut from).await;
        let sent = to
            .does("dm.send", json!({"to": "@from", "body": "before"}))
            .await;
        let mut cast = Self {
            direct: id(&sent["room"]),
            stage,
            from,
            to,
            eve,
            sam,
            room,
            expected: Seen::Shown,
            said: 0,
        };
        cast.block(acting, is_mutual).await;
        cast
    }

    async fn block(&mut self, acting: Acting, is_mutual: bool) {
        let (blocker, blocked) = self.sides(acting);
        let user = blocked.name();
        let data = json!({"user": user, "mutual": is_mutual});
        blocker.does("block.add", data).await;
        blocker.catches_up().await;
        blocked.catches_up().await;
        let told = blocked.socket.take_unread();
        let is_told = told.iter().any(|frame| frame.kind.starts_with("block."));
        assert!(!is_told, "the blocked one is told: {told:#?}");
    }

    /// Ends the block.
    pub(super) async fn unblock(&mut self, acting: Acting) {
        let (blocker, blocked) = self.sides(acting);
        let user = blocked.name();
        blocker.does("block.remove", json!({"user": user})).await;
        blocker.catches_up().await;
        blocked.catches_up().await;
    }

    fn sides(&mut self, acting: Acting) -> (&mut Player, &mut Player) {
        match acting {
            Acting::Blocked => (&mut self.to, &mut self.from),
            Acting::Blocker => (&mut self.from, &mut self.to),
        }
    }

    /// Returns a text that was not said yet.
    pub(super) fn words(&mut self) -> String {
        self.said += 1;
        format!("word{}", self.said)
    }

    /// Connects the one who looks on once more.
    pub(super) async fn second_device(&self) -> Socket {
        self.to.person.connect(&self.stage.ws(0)).await
    }

    /// Brings a device back that was closed.
    pub(super) async fn resumes(&self, before: &Socket) -> Socket {
        self.to.person.resume(&self.stage.ws(1), before).await
    }

    /// Signs somebody up who is in no room.
    pub(super) async fn outsider(&self, name: &str) -> Player {
        Player::enter(&self.stage, 0, name).await
    }

    /// Whether the one who looks on hears of something, of which the marker was done after it.
    pub(super) async fn hears(
        &mut self,
        is_it: impl Fn(&Frame) -> bool,
        is_marker: impl Fn(&Frame) -> bool,
    ) -> bool {
        let must_come = self.expected == Seen::Shown;
        hears(&mut self.to.socket, must_come, is_it, is_marker).await
    }
}

/// Whether a connection hears of something, of which the marker was done after it. What must come is waited for; what
/// must not is looked for among all that came before the marker.
pub(super) async fn hears(
    socket: &mut Socket,
    must_come: bool,
    is_it: impl Fn(&Frame) -> bool,
    is_marker: impl Fn(&Frame) -> bool,
) -> bool {
    socket.wait(is_marker).await.expect("the connection lives");
    if socket.take_unread().iter().any(&is_it) {
        return true;
    }
    if must_come {
        let came = socket.wait_within(WITHIN, is_it).await;
        came.expect("the connection lives");
    }
    must_come
}

/// Reads an id.
pub(super) fn id(value: &Value) -> String {
    value
        .as_str()
        .unwrap_or_else(|| panic!("no id: {value}"))
        .to_owned()
}
