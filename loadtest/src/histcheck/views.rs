//! What a device is to see of one room: its memberships, and how far it is.

/// A part of a room's order that a device was to be told, as far as it can be told.
#[derive(Debug, Clone, Copy)]
pub(super) struct Part {
    /// Begins after this place.
    pub(super) after: u32,
    /// The device was told something later than everything up to here.
    pub(super) passed: u32,
    /// The last place of it.
    pub(super) upto: u32,
    /// What the device was to have when.
    pub(super) end: End,
}

/// The end of a device's time in a room: what was not on its way to it for long enough need not have reached it.
#[derive(Debug, Clone, Copy)]
pub(super) struct End {
    /// When it ended; `u64::MAX` for never.
    pub(super) at_us: u64,
    /// Since when, at that moment, nothing had stood in the way of deliveries.
    pub(super) calm_us: u64,
}

impl End {
    /// Nothing excuses that something is missing.
    pub(super) const NEVER: Self = Self {
        at_us: u64::MAX,
        calm_us: 0,
    };
}

/// The latest membership.
#[derive(Debug)]
struct Stay {
    /// Its first place is the one after this.
    since: u32,
    /// What was not told yet begins after this place: the beginning, or the last restart.
    after: u32,
    /// The last place that was told.
    at: u32,
    /// What `prev` may also be for the first delivery: the last place of the stay before.
    also: Option<u32>,
    /// The last place that belongs to it.
    upto: u32,
    end: Option<End>,
}

/// See the module.
#[derive(Debug, Default)]
pub(super) struct View {
    stay: Option<Stay>,
    /// First (exclusive) and last place of each stay before.
    earlier: Vec<(u32, u32)>,
    parts: Vec<Part>,
}

impl View {
    /// The view of somebody who is a member from before the run on. Where the membership begins is not known, only where
    /// the view does.
    pub(super) fn started(seq: u32) -> Self {
        let mut view = Self::default();
        view.join(seq, End::NEVER);
        if let Some(stay) = &mut view.stay {
            stay.since = 0;
        }
        view
    }

    /// A stay begins; `end` is that of the one before, if nobody noted it.
    pub(super) fn join(&mut self, seq: u32, end: End) {
        let also = self.stay.as_ref().map(|stay| stay.at);
        self.close(seq, end);
        self.stay = Some(Stay {
            since: seq,
            after: seq,
            at: seq,
            also,
            upto: u32::MAX,
            end: None,
        });
    }

    /// The stay ends at a place; what is on its way up to there may still come.
    pub(super) fn leave(&mut self, seq: u32, end: End) {
        if let Some(stay) = &mut self.stay {
            stay.upto = stay.upto.min(seq);
            stay.end.get_or_insert(end);
        }
    }

    /// What was not told until now is given up, up to a place.
    pub(super) fn restart(&mut self, seq: u32) {
        let Some(stay) = &mut self.stay else { return };
        self.parts.push(Part {
            after: stay.after,
            passed: stay.at,
            upto: stay.at,
            end: End::NEVER,
        });
        (stay.after, stay.at, stay.also) = (seq, seq, None);
    }

    /// Returns everything that the device was to be told; `end` is that of a stay that never ended.
    pub(super) fn finish(mut self, end: End) -> Vec<Part> {
        self.close(u32::MAX, end);
        self.parts
    }

    fn close(&mut self, upto: u32, end: End) {
        let Some(stay) = self.stay.take() else { return };
        let upto = stay.upto.min(upto);
        self.earlier.push((stay.since, upto));
        self.parts.push(Part {
            after: stay.after,
            passed: stay.at,
            upto: upto.max(stay.at),
            end: stay.end.unwrap_or(end),
        });
    }

    /// Whether the device is a member now.
    pub(super) fn is_open(&self) -> bool {
        self.stay.as_ref().is_some_and(|stay| stay.end.is_none())
    }

    /// The last place that was told.
    pub(super) fn at(&self) -> u32 {
        self.stay.as_ref().map_or(0, |stay| stay.at)
    }

    /// Whether a place is in any of the memberships so far.
    pub(super) fn covers(&self, seq: u32) -> bool {
        let stay = self.stay.as_ref().map(|stay| (stay.since, stay.upto));
        let mut stays = stay.iter().chain(&self.earlier);
        stays.any(|&(since, upto)| since < seq && seq <= upto)
    }

    /// Whether the server may say that it told `prev` last.
    pub(super) fn follows(&self, prev: u32) -> bool {
        let stay = self.stay.as_ref();
        stay.is_some_and(|stay| prev == stay.at || stay.also == Some(prev))
    }

    /// Something was told.
    pub(super) fn advance(&mut self, seq: u32) {
        if let Some(stay) = &mut self.stay {
            stay.at = stay.at.max(seq);
            stay.also = None;
        }
    }
}
