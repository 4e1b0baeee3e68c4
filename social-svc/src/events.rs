//! What is written into private feeds: the caller's own, and those of the people concerned.

use proto::{
    event::{
        self, BlockUpdated, FriendEvent, FriendRequested, HiddenChanged, Kind, NotificationsRead,
        Notified, PresenceSet, PresenceWithdrawn, SettingsUpdated,
    },
    id::{EventId, Tenant, UserId},
};
use rpc::Caller;
use serde::{Deserialize, Serialize};
use serde_json::json;
use stream::{Append, Stored};

use crate::{
    Error, bonds::Reach, mutation::Keyed, people::Person, presence::NewPresence,
    settings::DirectFrom,
};

/// The caller asked someone to be friends.
pub(crate) fn friend_sent(caller: &Caller, other: &Person, keyed: &Keyed) -> Append {
    friend_event(caller, caller.user_id, Kind::FriendSent, other, Some(keyed))
}

/// Someone is asked to be friends.
pub(crate) fn friend_requested(caller: &Caller, other: &Person, note: &str) -> Append {
    let data = FriendRequested {
        from: (&Person::of(caller)).into(),
        note: note.into(),
    };
    append(caller, other.user_id, Kind::FriendRequested, &data, None)
}

/// Two people are friends: told to `feed` of the other one.
pub(crate) fn friend_accepted(
    caller: &Caller,
    feed: UserId,
    user: &Person,
    keyed: Option<&Keyed>,
) -> Append {
    friend_event(caller, feed, Kind::FriendAccepted, user, keyed)
}

/// The caller declined a request. The asker is not told.
pub(crate) fn friend_declined(caller: &Caller, other: &Person, keyed: Option<&Keyed>) -> Append {
    friend_event(caller, caller.user_id, Kind::FriendDeclined, other, keyed)
}

/// A request of the caller's was taken back: told to `feed` of the other one.
pub(crate) fn friend_cancelled(
    caller: &Caller,
    feed: UserId,
    user: &Person,
    keyed: Option<&Keyed>,
) -> Append {
    friend_event(caller, feed, Kind::FriendCancelled, user, keyed)
}

/// A friendship ended: told to `feed` of the other one.
pub(crate) fn friend_removed(
    caller: &Caller,
    feed: UserId,
    user: &Person,
    keyed: Option<&Keyed>,
) -> Append {
    friend_event(caller, feed, Kind::FriendRemoved, user, keyed)
}

/// A friend is no more. Their name went with them.
pub(crate) fn friend_erased(tenant: &Tenant, friend: UserId, erased: UserId) -> Append {
    let user = event::Person {
        id: erased.to_string(),
        name: String::new(),
    };
    Append {
        tenant: tenant.clone(),
        stream_id: friend.into(),
        actor: None,
        session: None,
        key: None,
        kind: Kind::FriendRemoved,
        data: text(&FriendEvent { user }),
        fingerprint: stream::fingerprint(&[]),
    }
}

/// The notification of a friend request.
pub(crate) fn notified_of_request(caller: &Caller, other: &Person, note: &str) -> Append {
    let data = Notified {
        kind: "friend.requested".into(),
        title: format!("{} asks to be friends", caller.name),
        body: note.into(),
        data: json!({"user": caller.user_id}),
    };
    append(caller, other.user_id, Kind::Notified, &data, None)
}

/// The notification of a new friend.
pub(crate) fn notified_of_friend(caller: &Caller, other: &Person) -> Append {
    let data = Notified {
        kind: "friend.accepted".into(),
        title: format!("{} is your friend now", caller.name),
        body: String::new(),
        data: json!({"user": caller.user_id}),
    };
    append(caller, other.user_id, Kind::Notified, &data, None)
}

/// The caller blocked someone, or no longer; `None` for the latter.
pub(crate) fn block_updated(
    caller: &Caller,
    other: &Person,
    reach: Option<Reach>,
    keyed: &Keyed,
) -> Append {
    let data = BlockUpdated {
        user: other.into(),
        blocked: reach.is_some(),
        mutual: reach.is_some_and(Reach::is_mutual),
    };
    append(
        caller,
        caller.user_id,
        Kind::BlockUpdated,
        &data,
        Some(keyed),
    )
}

/// Tells the gateways that serve `viewer` whose doings are hidden from them now, or no longer.
pub(crate) fn hidden_changed(
    caller: &Caller,
    viewer: UserId,
    hidden: UserId,
    is_hidden: bool,
) -> Append {
    let data = HiddenChanged {
        user: hidden.to_string(),
        hidden: is_hidden,
    };
    append(caller, viewer, Kind::HiddenChanged, &data, None)
}

/// Tells the gateways that serve `viewer` to say no more of someone's presence.
pub(crate) fn presence_withdrawn(caller: &Caller, viewer: UserId, user_id: UserId) -> Append {
    let data = PresenceWithdrawn {
        user: user_id.to_string(),
    };
    append(caller, viewer, Kind::PresenceWithdrawn, &data, None)
}

/// The caller chose how to be seen.
pub(crate) fn presence_set(caller: &Caller, chosen: &NewPresence, keyed: &Keyed) -> Append {
    let data = PresenceSet {
        status: chosen.mood.as_str().into(),
        text: chosen.text.clone(),
        until: chosen.until_ms,
    };
    append(
        caller,
        caller.user_id,
        Kind::PresenceSet,
        &data,
        Some(keyed),
    )
}

/// The caller changed their settings.
pub(crate) fn settings_updated(caller: &Caller, direct_from: DirectFrom, keyed: &Keyed) -> Append {
    let data = SettingsUpdated {
        direct_from: direct_from.as_str().into(),
    };
    append(
        caller,
        caller.user_id,
        Kind::SettingsUpdated,
        &data,
        Some(keyed),
    )
}

/// The caller read notifications; without ids all there were.
pub(crate) fn notifications_read(
    caller: &Caller,
    ids: &[EventId],
    unread: i64,
    keyed: &Keyed,
) -> Append {
    let data = NotificationsRead {
        ids: ids.iter().map(ToString::to_string).collect(),
        unread,
    };
    append(
        caller,
        caller.user_id,
        Kind::NotificationsRead,
        &data,
        Some(keyed),
    )
}

/// Returns the kind of a stored event.
pub(crate) fn kind_of(stored: &Stored) -> Option<Kind> {
    let number = i16::try_from(stored.event.kind).ok()?;
    Kind::from_number(number)
}

/// Reads whom a stored event is about.
pub(crate) fn person_in(stored: &Stored) -> Result<Person, Error> {
    let FriendEvent { user } = read(stored)?;
    let user_id = user
        .id
        .parse()
        .map_err(|_| Error::Internal("an event of somebody without an id"))?;
    Ok(Person {
        user_id,
        name: user.name,
    })
}

/// Reads the setting in a stored event.
pub(crate) fn direct_from_in(stored: &Stored) -> Result<DirectFrom, Error> {
    let SettingsUpdated { direct_from } = read(stored)?;
    DirectFrom::parse(&direct_from).ok_or(Error::Internal("an event of an unknown setting"))
}

/// Reads how many notifications were left unread when an event was stored.
pub(crate) fn unread_in(stored: &Stored) -> Result<i64, Error> {
    let NotificationsRead { unread, .. } = read(stored)?;
    Ok(unread)
}

fn read<T: for<'a> Deserialize<'a>>(stored: &Stored) -> Result<T, Error> {
    serde_json::from_slice(&stored.event.data)
        .map_err(|_| Error::Internal("a stored event cannot be read"))
}

fn friend_event(
    caller: &Caller,
    feed: UserId,
    kind: Kind,
    user: &Person,
    keyed: Option<&Keyed>,
) -> Append {
    append(
        caller,
        feed,
        kind,
        &FriendEvent { user: user.into() },
        keyed,
    )
}

fn append(
    caller: &Caller,
    feed: UserId,
    kind: Kind,
    data: &impl Serialize,
    keyed: Option<&Keyed>,
) -> Append {
    Append {
        tenant: caller.tenant.clone(),
        stream_id: feed.into(),
        actor: Some(caller.user_id),
        session: Some(caller.session_id),
        key: keyed.map(|keyed| keyed.key.clone()),
        kind,
        data: text(data),
        fingerprint: keyed.map_or_else(|| stream::fingerprint(&[]), |keyed| keyed.fingerprint),
    }
}

fn text(data: &impl Serialize) -> String {
    serde_json::to_string(data).expect("texts, numbers and lists are always JSON")
}
