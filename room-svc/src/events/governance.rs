//! Events of governing a room: its changes and its end, acts on its members, departures, direct conversations.

use proto::{
    event::{
        Kind, MemberLeft, MembershipChanged, MessageDeleted, ModerationAct, ModerationNoted,
        Notified, Person, RoleChanged, RoomCreated, RoomDeleted, RoomInvited, RoomUpdated,
    },
    id::{EventId, RoomId, StreamId, Tenant, UserId},
};
use rpc::Caller;
use serde::Serialize;
use stream::Append;

use super::{append, person};
use crate::{
    members::RoomRole,
    mutation::Keyed,
    rooms::RoomKind,
    users::{DELETED_USER, User},
};

/// In whose name an event is written.
#[derive(Clone, Copy)]
pub(crate) enum Author<'a> {
    /// A person's.
    Caller(&'a Caller),
    /// Nobody's: an erased person leaves no other trace.
    Erased(&'a Tenant, UserId),
}

impl Author<'_> {
    fn append(
        self,
        stream_id: StreamId,
        kind: Kind,
        data: &impl Serialize,
        keyed: Option<&Keyed>,
    ) -> Append {
        match self {
            Self::Caller(caller) => append(caller, stream_id, kind, data, keyed),
            Self::Erased(tenant, _) => Append {
                tenant: tenant.clone(),
                stream_id,
                actor: None,
                session: None,
                key: None,
                kind,
                data: super::json(data),
                fingerprint: stream::fingerprint(&[]),
            },
        }
    }

    fn person(self) -> Person {
        match self {
            Self::Caller(caller) => person(caller),
            Self::Erased(_, user_id) => erased(user_id),
        }
    }
}

/// What is left of an erased person.
pub(crate) fn erased(user_id: UserId) -> Person {
    Person {
        id: user_id.to_string(),
        name: DELETED_USER.into(),
    }
}

/// The room has another name, topic or slow mode.
pub(crate) fn room_updated(
    caller: &Caller,
    room_id: RoomId,
    changed: &RoomUpdated,
    keyed: &Keyed,
) -> Append {
    append(
        caller,
        room_id.into(),
        Kind::RoomUpdated,
        changed,
        Some(keyed),
    )
}

/// The last event of a room.
pub(crate) fn room_deleted(author: Author<'_>, room_id: RoomId, keyed: Option<&Keyed>) -> Append {
    let data = RoomDeleted {
        by: author.person(),
    };
    author.append(room_id.into(), Kind::RoomDeleted, &data, keyed)
}

/// A member has another role as a consequence of something else, which carries the key.
pub(crate) fn role_passed(
    author: Author<'_>,
    room_id: RoomId,
    user: Person,
    role: RoomRole,
) -> Append {
    let data = RoleChanged {
        user,
        role: role.as_str().into(),
    };
    author.append(room_id.into(), Kind::RoleChanged, &data, None)
}

/// A person is no longer in the room; not by a request of their own to leave it.
pub(crate) fn member_gone(
    author: Author<'_>,
    room_id: RoomId,
    user: Person,
    reason: &str,
) -> Append {
    let data = MemberLeft {
        user,
        reason: reason.into(),
    };
    author.append(room_id.into(), Kind::MemberLeft, &data, None)
}

/// Tells the gateways that serve a person that they are now in a room, or no longer, by the caller's doing.
pub(crate) fn membership_of(
    caller: &Caller,
    user_id: UserId,
    room_id: RoomId,
    name: &str,
    kind: RoomKind,
    joined: bool,
) -> Append {
    let data = MembershipChanged {
        room: room_id.to_string(),
        name: name.into(),
        kind: kind.as_str().into(),
        joined,
    };
    append(caller, user_id.into(), Kind::MembershipChanged, &data, None)
}

/// Tells a person what a moderator of a room did to them. Carries the moderator's key.
pub(crate) fn moderated(
    caller: &Caller,
    user_id: UserId,
    kind: Kind,
    act: &ModerationAct,
    keyed: &Keyed,
) -> Append {
    append(caller, user_id.into(), kind, act, Some(keyed))
}

/// Remembers a key whose doing nobody is told of, or not everybody: in the caller's own feed, invisible to clients.
pub(crate) fn noted(caller: &Caller, action: &str, subject: &str, keyed: &Keyed) -> Append {
    let data = ModerationNoted {
        action: action.into(),
        subject: subject.into(),
    };
    append(
        caller,
        caller.user_id.into(),
        Kind::ModerationNoted,
        &data,
        Some(keyed),
    )
}

/// Tells a person that they may enter a room: the event itself, and the notification that keeps.
pub(crate) fn room_invited(
    caller: &Caller,
    invited: UserId,
    room_id: RoomId,
    name: &str,
) -> [Append; 2] {
    let data = RoomInvited {
        room: room_id.to_string(),
        name: name.into(),
        by: person(caller),
    };
    let notified = Notified {
        kind: "room.invited".into(),
        title: format!("{} invites you to a room", caller.name),
        body: name.into(),
        data: serde_json::json!({
            "room": room_id.to_string(),
            "by": caller.user_id.to_string(),
        }),
    };
    let feed = StreamId::from(invited);
    [
        append(caller, feed, Kind::RoomInvited, &data, None),
        append(caller, feed, Kind::Notified, &notified, None),
    ]
}

/// The first event of a direct conversation, and what tells both people's gateways; each sees it named after the other.
pub(crate) fn direct_created(
    caller: &Caller,
    peer: &User,
    room_id: RoomId,
    keyed: &Keyed,
) -> [Append; 3] {
    let kind = RoomKind::Direct;
    let data = RoomCreated {
        name: String::new(),
        kind: kind.as_str().into(),
        by: person(caller),
    };
    [
        append(
            caller,
            room_id.into(),
            Kind::RoomCreated,
            &data,
            Some(keyed),
        ),
        membership_of(caller, caller.user_id, room_id, &peer.name, kind, true),
        membership_of(caller, peer.user_id, room_id, &caller.name, kind, true),
    ]
}

/// Tells whoever has read an erased person's message that it is gone.
pub(crate) fn message_erased(author: Author<'_>, stream_id: StreamId, message: EventId) -> Append {
    let data = MessageDeleted {
        message: message.to_string(),
        by: author.person(),
    };
    author.append(stream_id, Kind::MessageDeleted, &data, None)
}
