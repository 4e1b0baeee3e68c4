//! What a user's feed says to the gateways that serve them.

use std::sync::Arc;

use proto::{
    event::{
        FriendEvent, HiddenChanged, Kind, MembershipChanged, ModerationAct, PresenceWithdrawn,
        SessionsRevoked,
    },
    frame::CloseCode,
    id::SessionId,
    stream::Event,
};
use serde::de::DeserializeOwned;

use super::{Hub, Person};
use crate::conn::handle::Control;

impl Hub {
    /// Acts on an event of a user's feed.
    pub(super) fn act(&self, person: &Person, event: &Event) {
        match i16::try_from(event.kind).ok().and_then(Kind::from_number) {
            Some(Kind::MembershipChanged) => {
                if let Some(change) = read::<MembershipChanged>(event) {
                    let change = Arc::new(change);
                    self.tell(person, &Control::Membership(change));
                }
            }
            Some(Kind::SessionsRevoked) => self.revoke(person, event),
            Some(Kind::AccountUpdated) => self.tell(person, &Control::Renamed),
            // A ban from one room has a room; without one it is from everything.
            Some(Kind::Banned)
                if read::<ModerationAct>(event).is_some_and(|act| act.room.is_none()) =>
            {
                let goodbye = Control::Close {
                    code: CloseCode::Banned,
                    retry_after_ms: 0,
                };
                self.tell(person, &goodbye);
            }
            Some(Kind::HiddenChanged) => {
                if let Some(change) = read::<HiddenChanged>(event)
                    && let Ok(user) = change.user.parse()
                {
                    for handle in self.sockets_of(person) {
                        handle.hidden.set(user, change.hidden);
                    }
                }
            }
            Some(Kind::PresenceWithdrawn) => {
                if let Some(change) = read::<PresenceWithdrawn>(event) {
                    self.withdraw_presence(person, &change.user);
                }
            }
            Some(Kind::FriendRemoved) => {
                if let Some(change) = read::<FriendEvent>(event) {
                    self.withdraw_presence(person, &change.user.id);
                }
            }
            _ => {}
        }
    }

    fn tell(&self, person: &Person, control: &Control) {
        for handle in self.sockets_of(person) {
            handle.tell(control.clone());
        }
    }

    fn revoke(&self, person: &Person, event: &Event) {
        let Some(revoked) = read::<SessionsRevoked>(event) else {
            return;
        };
        let ended: Vec<SessionId> = revoked
            .sessions
            .iter()
            .filter_map(|text| text.parse().ok())
            .collect();
        for handle in self.sockets_of(person) {
            let is_ended = handle
                .who
                .get()
                .is_some_and(|who| ended.contains(&who.session));
            if is_ended {
                handle.tell(Control::Close {
                    code: CloseCode::SessionUnknown,
                    retry_after_ms: 0,
                });
            }
        }
    }
}

fn read<T: DeserializeOwned>(event: &Event) -> Option<T> {
    let read = serde_json::from_slice(&event.data);
    if read.is_err() {
        tracing::error!(
            event_id = event.event_id,
            kind = event.kind,
            "a feed's event cannot be read"
        );
    }
    read.ok()
}
