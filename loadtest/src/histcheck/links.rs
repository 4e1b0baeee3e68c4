//! When a device had a connection.

use super::{Observer, TurnKind};

/// See the module.
pub(super) struct Links {
    /// By time: since when the device was connected then; `u64::MAX` while it was not.
    changes: Vec<(u64, u64)>,
}

impl Links {
    pub(super) fn of(observer: &Observer) -> Self {
        let changes = observer.turns.iter().filter_map(|turn| match turn.what {
            TurnKind::Connected { .. } => Some((turn.at_us, turn.at_us)),
            TurnKind::Disconnected => Some((turn.at_us, u64::MAX)),
            _ => None,
        });
        Self {
            changes: changes.collect(),
        }
    }

    /// Returns since when the device had been connected at a moment: 0 from the beginning, `u64::MAX` not at all.
    pub(super) fn connected_since(&self, at_us: u64) -> u64 {
        let after = self.changes.partition_point(|&(from, _)| from <= at_us);
        let last = after.checked_sub(1).and_then(|last| self.changes.get(last));
        last.map_or(0, |&(_, since)| since)
    }
}
