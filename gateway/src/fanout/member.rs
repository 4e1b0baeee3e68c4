//! One connection in one stream: what it was told, and what it is told next.

use std::sync::Arc;

use proto::id::{StreamId, UserId};

use super::{
    notices::reset_frame,
    rendered::{Rendered, Scope},
};
use crate::conn::{
    handle::{Control, Handle},
    outbound::Place,
};

/// Where a member begins.
#[derive(Debug, Clone)]
pub struct Start {
    /// The seq the client knows.
    pub told: i64,
    /// Id of the event at that seq, to be checked against the log before anything is delivered. Empty: no need.
    pub told_id: String,
    /// Events up to this seq are marked as replayed.
    pub replay_to: i64,
}

/// One connection in one stream.
pub(super) struct Member {
    pub(super) handle: Arc<Handle>,
    pub(super) user: UserId,
    /// The last seq the client was told of: the next frame's `prev`.
    pub(super) told: i64,
    /// The last seq that was decided for this client. Ahead of `told` by what it may not or need not see.
    pub(super) at: i64,
    /// What should stand at `at` in the log; checked by the first read.
    pub(super) at_id: Option<Box<str>>,
    /// Live members get events as they come; others are behind and read the log at their own pace.
    pub(super) is_live: bool,
    /// Between the user's own departure and return nothing is told.
    pub(super) is_muted: bool,
    /// Let go of the room when the user's own departure has been told.
    pub(super) is_leaving: bool,
    pub(super) replay_to: i64,
}

impl Member {
    /// Returns the id that should stand in the log where the member is, empty when that is not to be checked.
    pub(super) fn at_id(&self) -> &str {
        self.at_id.as_deref().unwrap_or_default()
    }

    /// Offers the next event. `false`: the queue did not take it, and nothing changed.
    pub(super) fn offer(&mut self, stream: StreamId, event: &Rendered, is_pulled: bool) -> bool {
        let seq = event.event.seq;
        if seq <= self.at {
            return true;
        }
        let own = event
            .subject
            .filter(|(user, _)| *user == self.user)
            .map(|(_, is_member)| is_member)
            .or(event.is_end.then_some(false));
        let is_muted = self.is_muted && own != Some(true);
        let is_told = !is_muted
            && event.kind.is_some()
            && !event.is_hidden_from(self.user, &self.handle.hidden);
        if is_told && !self.send(stream, event, is_pulled) {
            return false;
        }
        self.at = seq;
        self.at_id = None;
        self.is_muted = is_muted || own == Some(false);
        if own == Some(false) && self.is_leaving {
            self.handle.tell(Control::Left(stream));
        }
        true
    }

    fn send(&mut self, stream: StreamId, event: &Rendered, is_pulled: bool) -> bool {
        let seq = event.event.seq;
        let own;
        let is_replayed = seq <= self.replay_to;
        let ready = if self.told != seq - 1 {
            &None
        } else if is_replayed {
            event.repeated.get_or_init(|| event.frame(seq - 1, true))
        } else {
            &event.shared
        };
        let frame = match ready {
            Some(ready) => ready,
            None => match event.frame(self.told, is_replayed) {
                Some(frame) => {
                    own = frame;
                    &own
                }
                None => return true,
            },
        };
        let place = Place {
            prev: self.told,
            seq,
        };
        let outbound = &self.handle.outbound;
        let is_taken = if is_pulled {
            outbound.pulled(stream, place, frame)
        } else {
            outbound.durable(stream, place, frame)
        };
        if is_taken {
            self.told = seq;
        }
        is_taken
    }

    /// Tells the client to begin anew after `head`.
    pub(super) fn restart(&mut self, scope: Scope, stream: StreamId, head: i64) {
        self.handle.outbound.reply(reset_frame(scope, stream, head));
        (self.told, self.at, self.replay_to) = (head, head, 0);
        self.at_id = None;
    }
}
