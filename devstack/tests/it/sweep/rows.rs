//! Every command with what it answers to people who have no right to what it names.

use serde_json::{Value, json};

/// What a command may name.
#[derive(Debug, Clone)]
pub(super) struct Names {
    pub(super) room: String,
    pub(super) message: String,
    /// Another message, for what can be done once.
    pub(super) spare: String,
    pub(super) thread: String,
    pub(super) user: String,
    /// An invitation's code.
    pub(super) code: String,
}

/// A command and its refusals; `None` where the command names nothing of the kind, `ok` where it must work.
pub(super) struct Row {
    pub(super) kind: &'static str,
    pub(super) data: fn(&Names) -> Value,
    /// To whoever is not in the room: strangers, those who left, those who were banned from it. The same for a room that
    /// does not exist.
    pub(super) outside: Option<&'static str>,
    /// To the owner of another room, who names their room with a message or thread of this one. The same for one that
    /// does not exist.
    pub(super) foreign: Option<&'static str>,
    /// To the owner of a room, who names somebody who does not exist.
    pub(super) nobody: Option<&'static str>,
    /// To a plain member whom the author of the message and owner of the room blocks. The same for an unblocked one.
    pub(super) blocked: Option<&'static str>,
}

impl Row {
    const fn new(kind: &'static str, data: fn(&Names) -> Value) -> Self {
        Self {
            kind,
            data,
            outside: None,
            foreign: None,
            nobody: None,
            blocked: None,
        }
    }

    const fn outside(mut self, reason: &'static str) -> Self {
        self.outside = Some(reason);
        self
    }

    const fn foreign(mut self, reason: &'static str) -> Self {
        self.foreign = Some(reason);
        self
    }

    const fn nobody(mut self, reason: &'static str) -> Self {
        self.nobody = Some(reason);
        self
    }

    const fn blocked(mut self, reason: &'static str) -> Self {
        self.blocked = Some(reason);
        self
    }

    /// What only administrators do is refused before it is looked whom it names.
    const fn admins(self) -> Self {
        let refused = "ADMIN_REQUIRED";
        self.outside(refused)
            .foreign(refused)
            .nobody(refused)
            .blocked(refused)
    }
}

/// Commands that name no room, message, thread or person.
pub(super) const NAMELESS: &[&str] = &[
    "account.deactivate",
    "account.erase",
    "account.rename",
    "auth.refresh",
    "block.list",
    "client.state",
    "friend.list",
    "notify.list",
    "notify.read",
    "presence.set",
    "room.create",
    "room.list",
    "settings.get",
    "settings.update",
];

const MEMBER: &str = "NOT_A_MEMBER";
const ROLE: &str = "PERMISSION_DENIED";
const NO_MESSAGE: &str = "MESSAGE_NOT_FOUND";
const NO_USER: &str = "USER_NOT_FOUND";
const NO_REQUEST: &str = "REQUEST_NOT_FOUND";
const UNAVAILABLE: &str = "RECIPIENT_UNAVAILABLE";

/// What is done in rooms, the blocked member's departure last.
pub(super) const ROOMS: &[Row] = &[
    Row::new("room.get", |of| json!({"room": of.room}))
        .outside("ROOM_NOT_FOUND")
        .blocked("ok"),
    Row::new("room.join", |of| json!({"room": of.room}))
        .outside("ROOM_NOT_FOUND")
        .blocked("ok"),
    Row::new("join_room", |of| json!({"room": of.room}))
        .outside("ROOM_NOT_FOUND")
        .blocked("ok"),
    Row::new("room.members", |of| json!({"room": of.room}))
        .outside(MEMBER)
        .blocked("ok"),
    Row::new("room.update", |of| json!({"room": of.room, "topic": "x"}))
        .outside(MEMBER)
        .blocked(ROLE),
    Row::new("room.delete", |of| json!({"room": of.room}))
        .outside(MEMBER)
        .blocked(ROLE),
    Row::new(
        "room.transfer",
        |of| json!({"room": of.room, "user": of.user}),
    )
    .outside(MEMBER)
    .nobody(NO_USER)
    .blocked(ROLE),
    Row::new(
        "room.role",
        |of| json!({"room": of.room, "user": of.user, "role": "member"}),
    )
    .outside(MEMBER)
    .nobody(NO_USER)
    .blocked(ROLE),
    Row::new(
        "room.invite",
        |of| json!({"room": of.room, "user": of.user}),
    )
    .outside(MEMBER)
    .nobody(NO_USER)
    .blocked(ROLE),
    Row::new("room.bans", |of| json!({"room": of.room}))
        .outside(MEMBER)
        .blocked(ROLE),
    Row::new("room.ban", |of| json!({"room": of.room, "user": of.user}))
        .outside(MEMBER)
        .nobody(NO_USER)
        .blocked(ROLE),
    // What was laid on somebody can be lifted when their account is gone.
    Row::new("room.unban", |of| json!({"room": of.room, "user": of.user}))
        .outside(MEMBER)
        .nobody("ok")
        .blocked(ROLE),
    Row::new("mod.kick", |of| json!({"room": of.room, "user": of.user}))
        .outside(MEMBER)
        .nobody(NO_USER)
        .blocked(ROLE),
    Row::new(
        "mod.mute",
        |of| json!({"room": of.room, "user": of.user, "until": soon()}),
    )
    .outside(MEMBER)
    .nobody(NO_USER)
    .blocked(ROLE),
    Row::new("mod.unmute", |of| json!({"room": of.room, "user": of.user}))
        .outside(MEMBER)
        .nobody("ok")
        .blocked(ROLE),
    Row::new("invite.create", |of| json!({"room": of.room}))
        .outside(MEMBER)
        .blocked(ROLE),
    Row::new("invite.list", |of| json!({"room": of.room}))
        .outside(MEMBER)
        .blocked(ROLE),
    // A code of another room is no code of this one, and ended already.
    Row::new(
        "invite.revoke",
        |of| json!({"room": of.room, "code": of.code}),
    )
    .outside(MEMBER)
    .foreign("ok")
    .blocked(ROLE),
    Row::new("typing", |of| json!({"room": of.room, "on": true}))
        .outside(MEMBER)
        .blocked("ok"),
    // Rooms that are not one's own are left out.
    Row::new("ack", |of| json!({"cursors": {&of.room: [1, &of.message]}}))
        .outside("ok")
        .blocked("ok"),
    Row::new("read.mark", |of| json!({"room": of.room, "seq": 1}))
        .outside(MEMBER)
        .blocked("ok"),
    Row::new(
        "read.mark",
        |of| json!({"room": of.room, "seq": 1, "thread": of.thread}),
    )
    .outside(MEMBER)
    .foreign("FIELD_INVALID")
    .blocked("ok"),
    Row::new("read.list", |of| json!({"room": of.room}))
        .outside(MEMBER)
        .blocked("ok"),
    Row::new("presence.watch", |of| json!({"room": of.room}))
        .outside(MEMBER)
        .blocked("ok"),
    Row::new("thread.create", |of| json!({"room": of.room, "title": "x"}))
        .outside(MEMBER)
        .blocked("ok"),
    Row::new("thread.list", |of| json!({"room": of.room}))
        .outside(MEMBER)
        .blocked("ok"),
    Row::new("history.get", |of| json!({"room": of.room}))
        .outside(MEMBER)
        .blocked("ok"),
    Row::new(
        "history.get",
        |of| json!({"room": of.room, "thread": of.thread}),
    )
    .outside(MEMBER)
    .foreign("ok")
    .blocked("ok"),
    Row::new("history.sync", |of| json!({"room": of.room, "after": 0}))
        .outside(MEMBER)
        .blocked("ok"),
    Row::new(
        "message.search",
        |of| json!({"query": "secret", "room": of.room}),
    )
    .outside(MEMBER)
    .blocked("ok"),
    Row::new("message.pins", |of| json!({"room": of.room}))
        .outside(MEMBER)
        .blocked("ok"),
];

/// What is done with messages.
pub(super) const MESSAGES: &[Row] = &[
    Row::new("message.send", |of| json!({"room": of.room, "body": "x"}))
        .outside(MEMBER)
        .blocked("ok"),
    Row::new(
        "message.send",
        |of| json!({"room": of.room, "body": "x", "replyTo": of.message}),
    )
    .outside(MEMBER)
    .foreign(NO_MESSAGE)
    .blocked("ok"),
    Row::new(
        "message.send",
        |of| json!({"room": of.room, "body": "x", "thread": of.thread}),
    )
    .outside(MEMBER)
    .foreign(NO_MESSAGE)
    .blocked("ok"),
    Row::new(
        "message.send",
        |of| json!({"room": of.room, "body": "x", "thread": of.message}),
    )
    .outside(MEMBER)
    .foreign(NO_MESSAGE)
    .blocked("ok"),
    Row::new(
        "new_chat_message",
        |of| json!({"room": of.room, "body": "x"}),
    )
    .outside(MEMBER)
    .blocked("ok"),
    Row::new("message.get", |of| json!({"message": of.message}))
        .outside(NO_MESSAGE)
        .foreign(NO_MESSAGE)
        .blocked("ok"),
    Row::new(
        "message.edit",
        |of| json!({"room": of.room, "message": of.message, "body": "x", "rev": 1}),
    )
    .outside(MEMBER)
    .foreign(NO_MESSAGE)
    .blocked(ROLE),
    Row::new(
        "message.delete",
        |of| json!({"room": of.room, "message": of.message, "scope": "everyone"}),
    )
    .outside(MEMBER)
    .foreign(NO_MESSAGE)
    .blocked(ROLE),
    Row::new(
        "message.delete",
        |of| json!({"room": of.room, "message": of.spare, "scope": "me"}),
    )
    .outside(MEMBER)
    .foreign(NO_MESSAGE)
    .blocked("ok"),
    Row::new(
        "reaction.add",
        |of| json!({"room": of.room, "message": of.message, "emoji": "👍"}),
    )
    .outside(MEMBER)
    .foreign(NO_MESSAGE)
    .blocked("ok"),
    Row::new(
        "reaction.remove",
        |of| json!({"room": of.room, "message": of.message, "emoji": "👍"}),
    )
    .outside(MEMBER)
    .foreign(NO_MESSAGE)
    .blocked("ok"),
    Row::new(
        "message.pin",
        |of| json!({"room": of.room, "message": of.message}),
    )
    .outside(MEMBER)
    .foreign(NO_MESSAGE)
    .blocked(ROLE),
    Row::new(
        "message.unpin",
        |of| json!({"room": of.room, "message": of.message}),
    )
    .outside(MEMBER)
    .foreign(NO_MESSAGE)
    .blocked(ROLE),
    Row::new(
        "mod.report",
        |of| json!({"message": of.message, "category": "other"}),
    )
    .outside(NO_MESSAGE)
    .foreign(NO_MESSAGE)
    .blocked("ok"),
    Row::new("invite.accept", |of| json!({"code": of.code}))
        .outside("INVITE_INVALID")
        .foreign("INVITE_INVALID"),
];

/// What is done to people.
pub(super) const PEOPLE: &[Row] = &[
    Row::new("dm.open", |of| json!({"user": of.user}))
        .nobody(UNAVAILABLE)
        .blocked(UNAVAILABLE),
    Row::new("dm.send", |of| json!({"to": of.user, "body": "x"}))
        .nobody(UNAVAILABLE)
        .blocked(UNAVAILABLE),
    Row::new(
        "new_direct_message",
        |of| json!({"to": of.user, "body": "x"}),
    )
    .nobody(UNAVAILABLE)
    .blocked(UNAVAILABLE),
    Row::new("friend.accept", |of| json!({"user": of.user}))
        .nobody(NO_REQUEST)
        .blocked(NO_REQUEST),
    Row::new("friend.decline", |of| json!({"user": of.user}))
        .nobody(NO_REQUEST)
        .blocked(NO_REQUEST),
    Row::new("friend.request", |of| json!({"user": of.user}))
        .nobody(NO_USER)
        .blocked("ok"),
    Row::new("friend.cancel", |of| json!({"user": of.user}))
        .nobody(NO_REQUEST)
        .blocked("ok"),
    Row::new("friend.remove", |of| json!({"user": of.user}))
        .nobody(NO_USER)
        .blocked("ok"),
    Row::new("block.add", |of| json!({"user": of.user}))
        .nobody(NO_USER)
        .blocked("ok"),
    Row::new("block.remove", |of| json!({"user": of.user}))
        .nobody(NO_USER)
        .blocked("ok"),
    Row::new("user.list", |of| json!({"users": [of.user]}))
        .nobody("ok")
        .blocked("ok"),
    Row::new("presence.watch", |of| json!({"users": [of.user]}))
        .nobody("ok")
        .blocked("ok"),
    Row::new(
        "mod.report",
        |of| json!({"user": of.user, "category": "other"}),
    )
    .nobody(NO_USER)
    .blocked("ok"),
];

/// What administrators do, tried by others.
pub(super) const ADMINISTRATION: &[Row] = &[
    Row::new("mod.ban", |of| json!({"user": of.user, "reason": "x"})).admins(),
    Row::new("mod.unban", |of| json!({"user": of.user})).admins(),
    Row::new("mod.preview", |_| json!({"cidr": "203.0.113.0/24"})).admins(),
    Row::new("mod.mute", |of| json!({"user": of.user, "until": soon()})).admins(),
    Row::new("mod.unmute", |of| json!({"user": of.user})).admins(),
    Row::new("mod.warn", |of| json!({"user": of.user, "reason": "x"})).admins(),
    Row::new("mod.reports", |_| json!({})).admins(),
    // Any id will do: nobody who asks here has reports.
    Row::new(
        "mod.reportUpdate",
        |of| json!({"report": of.message, "state": "in_review"}),
    )
    .admins(),
    Row::new("mod.audit", |_| json!({})).admins(),
    Row::new("mod.users", |_| json!({})).admins(),
    Row::new("mod.addresses", |of| json!({"user": of.user})).admins(),
    Row::new("mod.bans", |of| json!({"user": of.user})).admins(),
    Row::new("mod.connections", |of| json!({"user": of.user})).admins(),
    // Any id will do here too.
    Row::new("mod.disconnect", |of| json!({"connection": of.message})).admins(),
    Row::new(
        "mod.explain",
        |of| json!({"message": of.message, "user": of.user}),
    )
    .admins(),
    Row::new("mod.filters", |_| json!({})).admins(),
    Row::new(
        "mod.filterAdd",
        |_| json!({"pattern": "x", "action": "alert"}),
    )
    .admins(),
    Row::new("mod.filterRemove", |of| json!({"filter": of.message})).admins(),
    Row::new("mod.health", |_| json!({})).admins(),
];

/// What ends the sweep, because afterwards nothing is as before.
pub(super) const DEPARTURES: &[Row] = &[
    Row::new("room.leave", |of| json!({"room": of.room}))
        .outside("ROOM_NOT_FOUND")
        .blocked("ok"),
    Row::new("leave_room", |of| json!({"room": of.room}))
        .outside("ROOM_NOT_FOUND")
        .blocked("ROOM_NOT_FOUND"),
];

/// Returns every row, in the order of the sweep.
pub(super) fn all() -> impl Iterator<Item = &'static Row> {
    [ROOMS, MESSAGES, PEOPLE, ADMINISTRATION, DEPARTURES]
        .into_iter()
        .flatten()
}

/// In a minute, milliseconds since the epoch.
pub(super) fn soon() -> i64 {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let now = now.expect("after 1970").as_millis();
    i64::try_from(now).expect("before the year 292 million") + 60_000
}
