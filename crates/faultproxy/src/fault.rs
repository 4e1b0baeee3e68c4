//! What can be wrong with a connection.

use std::time::Duration;

/// Which of a connection's two byte streams.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Direction {
    /// Both.
    Both,
    /// What the client sends.
    ToUpstream,
    /// What the upstream sends.
    ToClient,
}

/// What is wrong with every connection of a proxy. The default is nothing.
///
/// Each part is made by its own function and parts are put together with [`Fault::and`]:
///
/// ```
/// use std::time::Duration;
/// use faultproxy::Fault;
///
/// let far_and_thin = Fault::latency(Duration::from_millis(80), Duration::from_millis(20)).and(Fault::bandwidth(64_000));
/// assert_ne!(far_and_thin, Fault::default());
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Fault {
    /// See [`Fault::latency`].
    pub latency: Option<Latency>,
    /// See [`Fault::blackhole`].
    pub blackhole: Option<Direction>,
    /// See [`Fault::refuse`].
    pub is_refusing: bool,
    /// See [`Fault::reset`]: the mean life of a connection.
    pub reset_every: Option<Duration>,
    /// See [`Fault::half_close`].
    pub half_close: Option<Direction>,
    /// See [`Fault::bandwidth`]: bytes per second.
    pub bandwidth: Option<u64>,
    /// See [`Fault::slice`].
    pub slice: Option<Slice>,
    /// See [`Fault::drop_after`]: bytes.
    pub drop_after: Option<u64>,
}

/// How much later everything arrives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Latency {
    /// The least delay, one way.
    pub delay: Duration,
    /// The most that is added to it, by dice.
    pub jitter: Duration,
}

/// How small the pieces are in which bytes arrive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slice {
    /// The most bytes of a piece; 0 counts as 1.
    pub bytes: usize,
    /// The least time between two pieces.
    pub gap: Duration,
}

/// One of a connection's two byte streams.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    ToUpstream,
    ToClient,
}

impl Direction {
    pub(crate) fn covers(self, way: Way) -> bool {
        match self {
            Self::Both => true,
            Self::ToUpstream => way == Way::ToUpstream,
            Self::ToClient => way == Way::ToClient,
        }
    }

    /// Returns what two directions cover together.
    fn with(self, other: Self) -> Self {
        if self == other { self } else { Self::Both }
    }
}

impl Fault {
    /// Everything arrives later, in both directions: by `delay`, and by up to `jitter` more as the dice fall.
    ///
    /// Order is kept, as TCP keeps it, and bytes are under way side by side: a delay does not make the line thinner
    /// (up to 16 MiB are under way). A round trip takes twice the delay. When the latency ends, what is still under
    /// way arrives at once. The end of a stream is not delayed more than the bytes before it.
    #[must_use]
    pub fn latency(delay: Duration, jitter: Duration) -> Self {
        let latency = Some(Latency { delay, jitter });
        Self {
            latency,
            ..Self::default()
        }
    }

    /// Nothing arrives in a direction, and nobody is told: neither bytes, nor the end of a stream, nor a reset.
    ///
    /// What is sent meanwhile is held, as a real sender's TCP holds and repeats it: up to 256 KiB here and what the
    /// kernel's buffers take; then the sender's writes wait. After the fault everything held arrives in order, without
    /// a hole. If one side has given up meanwhile, the other learns it only then.
    ///
    /// A connection that comes while either direction is dark is accepted, but the upstream does not see it before
    /// both are open again, and never if the client has gone by then: a handshake needs both directions.
    #[must_use]
    pub fn blackhole(direction: Direction) -> Self {
        Self {
            blackhole: Some(direction),
            ..Self::default()
        }
    }

    /// New connections are reset as soon as they are accepted; those that are there live on.
    #[must_use]
    pub fn refuse() -> Self {
        Self {
            is_refusing: true,
            ..Self::default()
        }
    }

    /// Each connection is reset after a random time with the mean `every` (exponentially distributed, so a connection
    /// that has lived long is as likely to be hit as a new one). The time is counted from when the fault began, or
    /// the connection.
    #[must_use]
    pub fn reset(every: Duration) -> Self {
        Self {
            reset_every: Some(every),
            ..Self::default()
        }
    }

    /// A direction ends as if its sender had finished; the other goes on. What was under way arrives before the end;
    /// what the sender sends afterwards is lost, and it is not told.
    ///
    /// An end cannot be taken back: a connection that was half closed stays so after the fault.
    #[must_use]
    pub fn half_close(direction: Direction) -> Self {
        Self {
            half_close: Some(direction),
            ..Self::default()
        }
    }

    /// At most so many bytes per second arrive, per connection and direction; 0 counts as 1. The sender feels it as
    /// backpressure once 256 KiB wait here.
    #[must_use]
    pub fn bandwidth(bytes_per_second: u64) -> Self {
        Self {
            bandwidth: Some(bytes_per_second),
            ..Self::default()
        }
    }

    /// Everything arrives in pieces of at most `bytes`, one every `gap`. With a `gap` of zero the kernel may put
    /// pieces together again.
    #[must_use]
    pub fn slice(bytes: usize, gap: Duration) -> Self {
        let slice = Some(Slice { bytes, gap });
        Self {
            slice,
            ..Self::default()
        }
    }

    /// A connection is closed when exactly `bytes` bytes have gone through one of its directions since the fault
    /// began: both sides see the end of their stream, or a reset if they were still sending.
    #[must_use]
    pub fn drop_after(bytes: u64) -> Self {
        Self {
            drop_after: Some(bytes),
            ..Self::default()
        }
    }

    /// Returns both faults at once. Of what both set, `other`'s counts; directions add up.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            latency: other.latency.or(self.latency),
            blackhole: together(self.blackhole, other.blackhole),
            is_refusing: self.is_refusing || other.is_refusing,
            reset_every: other.reset_every.or(self.reset_every),
            half_close: together(self.half_close, other.half_close),
            bandwidth: other.bandwidth.or(self.bandwidth),
            slice: other.slice.or(self.slice),
            drop_after: other.drop_after.or(self.drop_after),
        }
    }

    pub(crate) fn is_dark(&self, way: Way) -> bool {
        self.blackhole.is_some_and(|dark| dark.covers(way))
    }

    pub(crate) fn ends(&self, way: Way) -> bool {
        self.half_close.is_some_and(|ended| ended.covers(way))
    }
}

impl Way {
    pub(crate) fn opposite(self) -> Self {
        match self {
            Self::ToUpstream => Self::ToClient,
            Self::ToClient => Self::ToUpstream,
        }
    }
}

fn together(one: Option<Direction>, other: Option<Direction>) -> Option<Direction> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.with(other)),
        (one, other) => one.or(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directions_add_up() {
        let dark =
            Fault::blackhole(Direction::ToClient).and(Fault::blackhole(Direction::ToUpstream));
        assert_eq!(dark.blackhole, Some(Direction::Both));
        let dark = Fault::blackhole(Direction::ToClient).and(Fault::refuse());
        assert!(dark.is_refusing && dark.is_dark(Way::ToClient) && !dark.is_dark(Way::ToUpstream));
    }

    #[test]
    fn the_later_figure_counts() {
        let fault = Fault::bandwidth(10)
            .and(Fault::bandwidth(20))
            .and(Fault::drop_after(5));
        assert_eq!((fault.bandwidth, fault.drop_after), (Some(20), Some(5)));
    }
}
