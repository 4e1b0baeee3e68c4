//! How far one connection has got with one event, for whoever asks why a message has not come.

use proto::gateway::Progress;

use super::Channel;
use crate::conn::handle::Handle;

/// Where a connection stands in a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// How far it has got with the event that was asked about.
    pub progress: Progress,
    /// The last seq the client was told of; 0 for one that does not follow.
    pub told: i64,
    /// The last seq that was delivered to this gateway.
    pub heard: i64,
}

impl Channel {
    /// Says how far a connection has got with the event at a seq.
    #[must_use]
    pub fn standing(&self, handle: &Handle, seq: i64) -> Standing {
        let state = self.state.lock();
        let heard = state.cursor;
        let Some(member) = state.members.get(handle.id) else {
            return Standing {
                progress: Progress::NotFollowing,
                told: 0,
                heard,
            };
        };
        let outbound = &handle.outbound;
        let progress = if outbound.waits_for(self.stream, seq) {
            Progress::Queued
        } else if member.at >= seq && !outbound.has_dropped(self.stream, seq) {
            Progress::Passed
        } else if self.is_frozen() {
            Progress::Frozen
        } else if heard < seq {
            Progress::NotHeard
        } else {
            Progress::Behind
        };
        Standing {
            progress,
            told: member.told,
            heard,
        }
    }
}
