//! What was in force when: faults, denials and blocks, each with the slack that a fair reading gives it.

use std::collections::{HashMap, HashSet};

use super::{Block, Bounds, Denial, History, Scope, spans::Spans};

/// Two readings of one no: when it held for certain, and when it may have held.
#[derive(Default)]
struct No {
    /// From the answer until the undoing was asked for.
    accepted: Spans,
    /// The same, but beginning only after the grace.
    told: Spans,
    /// From the question until the undoing was certainly done.
    perhaps: Spans,
}

/// Collects the times of one [`No`].
#[derive(Default)]
struct Times {
    accepted: Vec<(u64, u64)>,
    told: Vec<(u64, u64)>,
    perhaps: Vec<(u64, u64)>,
}

impl Times {
    fn add(&mut self, rules: &Rules, no: &Held) {
        // The moments of question and answer themselves may go either way.
        let end = no.lifted_us.map_or(u64::MAX, |at| at.saturating_sub(1));
        let undone = no.lifted_us.map_or(u64::MAX, |at| {
            rules.answered_by(at).saturating_add(no.grace_us)
        });
        let begin = no.acked_us.saturating_add(1);
        self.accepted.push((begin, end));
        self.told.push((begin.saturating_add(no.grace_us), end));
        self.perhaps.push((no.asked_us, undone));
    }

    fn finish(self) -> No {
        No {
            accepted: Spans::new(self.accepted),
            told: Spans::new(self.told),
            perhaps: Spans::new(self.perhaps),
        }
    }
}

/// The times that a denial and a block have in common.
struct Held {
    asked_us: u64,
    acked_us: u64,
    lifted_us: Option<u64>,
    grace_us: u64,
}

/// Everything about times that the checks ask.
pub(super) struct Rules {
    bounds: Bounds,
    /// The faults themselves.
    faults: Spans,
    /// The faults, each as long as it may be felt by a send.
    felt: Spans,
    /// When the last fault was over; `None` without faults.
    last_heal_us: Option<u64>,
    denials: HashMap<(u32, Scope), No>,
    /// By who must not see and who is not seen.
    blocks: HashMap<(u32, u32), No>,
    blockers: HashSet<u32>,
}

impl Rules {
    pub(super) fn new(history: &History) -> Self {
        let faults = &history.faults;
        let answer_us = history.settings.answer_us;
        let felt = |healed_us: u64| healed_us.saturating_add(answer_us);
        let mut rules = Self {
            bounds: history.settings,
            faults: Spans::new(faults.iter().map(|it| (it.from_us, it.healed_us)).collect()),
            felt: Spans::new(
                faults
                    .iter()
                    .map(|it| (it.from_us, felt(it.healed_us)))
                    .collect(),
            ),
            last_heal_us: faults.iter().map(|it| it.healed_us).max(),
            denials: HashMap::new(),
            blocks: HashMap::new(),
            blockers: history.blocks.iter().map(|block| block.by).collect(),
        };
        let denials = history
            .denials
            .iter()
            .map(|no| ((no.user, no.scope), no.into()));
        rules.denials = rules.collect(denials);
        let blocks = history.blocks.iter().map(|no| ((no.by, no.of), no.into()));
        rules.blocks = rules.collect(blocks);
        rules
    }

    fn collect<K: Eq + std::hash::Hash>(
        &self,
        all: impl Iterator<Item = (K, Held)>,
    ) -> HashMap<K, No> {
        let mut times: HashMap<K, Times> = HashMap::new();
        for (key, no) in all {
            times.entry(key).or_default().add(self, &no);
        }
        let finished = times.into_iter().map(|(key, times)| (key, times.finish()));
        finished.collect()
    }

    pub(super) fn bounds(&self) -> &Bounds {
        &self.bounds
    }

    /// When the last fault was over; `None` without faults.
    pub(super) fn last_heal_us(&self) -> Option<u64> {
        self.last_heal_us
    }

    /// When the last fault that began before `at_us` was over; 0 without one.
    pub(super) fn healed_before(&self, at_us: u64) -> u64 {
        self.faults.last_before(at_us).map_or(0, |(_, to)| to)
    }

    /// Until when whatever was asked for at `asked_us` is answered: in time, or in time after the faults in its way.
    pub(super) fn answered_by(&self, asked_us: u64) -> u64 {
        let in_time = asked_us.saturating_add(self.bounds.answer_us);
        self.felt_until(in_time)
    }

    fn felt_until(&self, limit_us: u64) -> u64 {
        self.felt.around(limit_us).map_or(limit_us, |(_, to)| to)
    }

    /// Until when a send is resolved. Who is denied may have to wait for the end of that.
    pub(super) fn resolved_by(&self, user: Option<u32>, room: u32, invoked_us: u64) -> u64 {
        let limit = self.answered_by(invoked_us);
        let denied = user.and_then(|user| {
            let denials = self.denials_of(user, room);
            denials
                .filter_map(|no| no.perhaps.last_before(limit))
                .map(|(_, to)| to.saturating_add(self.bounds.answer_us))
                .max()
        });
        denied.map_or(limit, |denied| self.felt_until(limit.max(denied)))
    }

    fn denials_of(&self, user: u32, room: u32) -> impl Iterator<Item = &No> {
        let scopes = [Scope::Everything, Scope::Room(room)];
        scopes
            .into_iter()
            .filter_map(move |scope| self.denials.get(&(user, scope)))
    }

    /// Whether nothing that the user sent to the room between two moments can have been accepted.
    pub(super) fn is_refused(&self, user: u32, room: u32, from_us: u64, to_us: u64) -> bool {
        self.denials_of(user, room)
            .any(|no| no.accepted.covers(from_us, to_us))
    }

    /// Whether nothing of the room may reach the user at a moment.
    pub(super) fn is_cut_off(&self, user: u32, room: u32, at_us: u64) -> bool {
        self.denials_of(user, room)
            .any(|no| no.told.around(at_us).is_some())
    }

    /// Since when a denial may have been in force that may hold at a moment.
    pub(super) fn denied_since(&self, user: u32, room: u32, at_us: u64) -> Option<u64> {
        self.denials_of(user, room)
            .filter_map(|no| no.perhaps.around(at_us))
            .map(|(from, _)| from)
            .min()
    }

    /// Whether the user must not see some people at some time.
    pub(super) fn has_blocks(&self, user: u32) -> bool {
        self.blockers.contains(&user)
    }

    /// Whether the author was hidden from the viewer from the first moment to the last.
    pub(super) fn is_hidden(&self, viewer: u32, author: u32, from_us: u64, to_us: u64) -> bool {
        self.has_blocks(viewer)
            && self
                .blocks
                .get(&(viewer, author))
                .is_some_and(|no| no.told.covers(from_us, to_us))
    }

    /// Whether the author may have been hidden from the viewer at any time between two moments.
    pub(super) fn may_be_hidden(&self, viewer: u32, author: u32, from_us: u64, to_us: u64) -> bool {
        self.has_blocks(viewer)
            && self
                .blocks
                .get(&(viewer, author))
                .is_some_and(|no| no.perhaps.touches(from_us, to_us))
    }
}

impl From<&Denial> for Held {
    fn from(no: &Denial) -> Self {
        Self {
            asked_us: no.asked_us,
            acked_us: no.acked_us,
            lifted_us: no.lifted_us,
            grace_us: no.grace_us,
        }
    }
}

impl From<&Block> for Held {
    fn from(no: &Block) -> Self {
        Self {
            asked_us: no.asked_us,
            acked_us: no.acked_us,
            lifted_us: no.lifted_us,
            grace_us: no.grace_us,
        }
    }
}
