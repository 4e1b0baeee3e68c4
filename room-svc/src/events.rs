//! What is written into streams: the room's, and the private feeds of the people concerned.

pub(crate) mod governance;
pub(crate) mod messages;

use proto::{
    event::{Kind, MemberJoined, MemberLeft, MembershipChanged, Person, RoleChanged, RoomCreated},
    id::{RoomId, StreamId},
};
use rpc::Caller;
use serde::Serialize;
use stream::Append;

use crate::{
    members::RoomRole,
    mutation::Keyed,
    rooms::{NewRoom, RoomKind},
};

/// The first event of a room.
pub(crate) fn room_created(
    caller: &Caller,
    room_id: RoomId,
    new_room: &NewRoom,
    keyed: &Keyed,
) -> Append {
    let data = RoomCreated {
        name: new_room.name.as_str().into(),
        kind: new_room.kind.as_str().into(),
        by: person(caller),
    };
    append(
        caller,
        room_id.into(),
        Kind::RoomCreated,
        &data,
        Some(keyed),
    )
}

/// The caller is in the room from here on.
pub(crate) fn member_joined(
    caller: &Caller,
    room_id: RoomId,
    role: RoomRole,
    keyed: Option<&Keyed>,
) -> Append {
    let data = MemberJoined {
        user: person(caller),
        role: role.as_str().into(),
    };
    append(caller, room_id.into(), Kind::MemberJoined, &data, keyed)
}

/// The caller is no longer in the room.
pub(crate) fn member_left(caller: &Caller, room_id: RoomId, keyed: &Keyed) -> Append {
    let data = MemberLeft {
        user: person(caller),
        reason: "left".into(),
    };
    append(caller, room_id.into(), Kind::MemberLeft, &data, Some(keyed))
}

/// Tells the gateways that serve the caller that they are now in a room, or no longer.
pub(crate) fn membership_changed(
    caller: &Caller,
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
    append(
        caller,
        caller.user_id.into(),
        Kind::MembershipChanged,
        &data,
        None,
    )
}

/// A member has another role.
pub(crate) fn role_changed(
    caller: &Caller,
    room_id: RoomId,
    user: Person,
    role: RoomRole,
    keyed: &Keyed,
) -> Append {
    let data = RoleChanged {
        user,
        role: role.as_str().into(),
    };
    append(
        caller,
        room_id.into(),
        Kind::RoleChanged,
        &data,
        Some(keyed),
    )
}

fn person(caller: &Caller) -> Person {
    Person {
        id: caller.user_id.to_string(),
        name: caller.name.clone(),
    }
}

fn append(
    caller: &Caller,
    stream_id: StreamId,
    kind: Kind,
    data: &impl Serialize,
    keyed: Option<&Keyed>,
) -> Append {
    Append {
        tenant: caller.tenant.clone(),
        stream_id,
        actor: Some(caller.user_id),
        session: Some(caller.session_id),
        key: keyed.map(|keyed| keyed.key.clone()),
        kind,
        data: json(data),
        fingerprint: keyed.map_or_else(|| stream::fingerprint(&[]), |keyed| keyed.fingerprint),
    }
}

fn json(data: &impl Serialize) -> String {
    serde_json::to_string(data).expect("texts, numbers and lists are always JSON")
}
