//! One direction of a connection.

mod journey;

use std::{io, sync::Arc};

use bytes::BytesMut;
use rand::rngs::SmallRng;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::tcp::{ReadHalf, WriteHalf},
    time::{Instant, sleep_until},
};

use crate::{
    bus::Messages,
    control::{Listening, until_light},
    fault::Way,
    pump::journey::{Journey, Next},
    stats::Counters,
};

/// The most bytes that are taken from the sender at once.
const READ_MAX: usize = 64 << 10;

/// How a connection ends, if not by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    /// Closed in good order as far as the sockets can.
    Closed,
    /// Reset on both sides.
    Reset,
}

/// Carries bytes from one socket to the other.
#[derive(Debug)]
pub(crate) struct Pump {
    way: Way,
    orders: Listening,
    counters: Arc<Counters>,
    journey: Journey,
    buffer: BytesMut,
}

/// What one turn of the pump brought.
enum Turn {
    Ordered,
    Woken,
    Read(io::Result<usize>),
    Written(io::Result<usize>),
}

impl Pump {
    /// `messages` reads the direction as a NATS client's; without it bytes are bytes.
    pub(crate) fn new(
        way: Way,
        mut orders: Listening,
        counters: Arc<Counters>,
        jitter: SmallRng,
        messages: Option<Messages>,
    ) -> Self {
        let current = orders.borrow_and_update().clone();
        let journey = Journey::new(way, current, Arc::clone(&counters), jitter, messages);
        Self {
            way,
            orders,
            counters,
            journey,
            buffer: BytesMut::new(),
        }
    }

    /// Adds bytes that were read before the pump ran.
    pub(crate) fn take(&mut self, early: BytesMut) {
        if !early.is_empty() {
            self.journey.took(early.freeze(), Instant::now());
        }
    }

    /// Runs until the sender has finished and the receiver was told so.
    ///
    /// # Errors
    /// With how the whole connection is to end, when it must.
    pub(crate) async fn run(
        mut self,
        mut from: ReadHalf<'_>,
        mut to: WriteHalf<'_>,
    ) -> Result<(), Ending> {
        loop {
            let next = self.journey.next(Instant::now());
            if let Next::Finished(ended) = next {
                return ended;
            }
            if next == Next::Shut {
                // It can fail only if the receiver is gone; then the other direction tells.
                let _ = to.shutdown().await;
                self.journey.shut();
                continue;
            }
            match self.turn(next, &mut from, &mut to).await {
                Turn::Ordered => {
                    let orders = self.orders.borrow_and_update().clone();
                    self.journey.adopt(orders, Instant::now());
                }
                Turn::Woken => {}
                Turn::Read(Ok(0)) => self.journey.source_ended(Instant::now()),
                Turn::Read(Ok(_)) => {
                    let bytes = self.buffer.split().freeze();
                    self.journey.took(bytes, Instant::now());
                }
                Turn::Read(Err(_)) => self.journey.source_broke(),
                Turn::Written(Ok(count)) if count > 0 => self.arrived(count),
                Turn::Written(_) => return self.receiver_gone().await,
            }
        }
    }

    /// Waits for whatever comes first. Nothing is lost when the others are given up.
    async fn turn(&mut self, next: Next, from: &mut ReadHalf<'_>, to: &mut WriteHalf<'_>) -> Turn {
        let wants_more = self.journey.wants_more();
        let (piece, wake) = match next {
            Next::Write(max) => (&self.journey.front()[..max], None),
            Next::Wait(wake) => (&[][..], wake),
            Next::Shut | Next::Finished(_) => (&[][..], None),
        };
        self.buffer.reserve(READ_MAX);
        let mut room = bytes::BufMut::limit(&mut self.buffer, READ_MAX);
        tokio::select! {
            // Without its handle the proxy is being taken down, and this task with it.
            Ok(()) = self.orders.changed() => Turn::Ordered,
            read = from.read_buf(&mut room), if wants_more => Turn::Read(read),
            written = to.write(piece), if !piece.is_empty() => Turn::Written(written),
            () = sleep_until(wake.unwrap_or_else(Instant::now)), if wake.is_some() => Turn::Woken,
            else => std::future::pending().await,
        }
    }

    fn arrived(&mut self, count: usize) {
        self.journey.arrived(count, Instant::now());
        let bytes = count as u64;
        let way = self.way;
        self.counters.count(|stats| match way {
            Way::ToUpstream => stats.bytes_to_upstream += bytes,
            Way::ToClient => stats.bytes_to_client += bytes,
        });
    }

    /// That the receiver is gone is news for the sender, so it goes the other way and must get through there.
    async fn receiver_gone(&mut self) -> Result<(), Ending> {
        until_light(&mut self.orders, &[self.way.opposite()]).await;
        Err(Ending::Reset)
    }
}

impl Drop for Pump {
    fn drop(&mut self) {
        let lost = self.journey.bytes() as u64;
        self.counters.count(|stats| stats.bytes_dropped += lost);
    }
}
