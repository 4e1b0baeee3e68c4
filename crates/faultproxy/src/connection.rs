//! One connection from accept to end.

use std::{net::SocketAddr, pin::pin, sync::Arc, time::Duration};

use bytes::BytesMut;
use rand::{Rng, rngs::SmallRng};
use tokio::{
    io::AsyncReadExt,
    net::TcpStream,
    time::{Instant, sleep_until, timeout},
};

use crate::{
    bus::Messages,
    control::{Listening, Orders, until_light},
    dice::{Purpose, dice},
    fault::Way,
    line::after,
    pump::{Ending, Pump},
    reset::reset,
    stats::Counters,
};

/// How much is read of a client that waits for its upstream in the dark. It is read to notice when the client goes.
const EARLY_MAX: usize = 256 << 10;

/// How long a handshake with the upstream that is no longer wanted may take to end.
const HANDSHAKE_MAX: Duration = Duration::from_secs(1);

/// What a connection needs to know.
#[derive(Debug)]
pub(crate) struct Connection {
    /// In order of arrival, from 1.
    pub(crate) number: u64,
    pub(crate) upstream: SocketAddr,
    pub(crate) seed: u64,
    /// Whether the client speaks the NATS protocol.
    pub(crate) is_bus: bool,
    /// How often everything had been cut when this one came.
    pub(crate) cuts: u64,
    pub(crate) orders: Listening,
    pub(crate) counters: Arc<Counters>,
}

impl Connection {
    /// Carries the client's bytes to the upstream and back until the connection ends.
    pub(crate) async fn serve(self, mut client: TcpStream) {
        let dice = self.dice(Purpose::Resets);
        let mut strike = pin!(struck(self.orders.clone(), self.cuts, dice));
        let opened = tokio::select! {
            biased;
            () = &mut strike => return self.hit(client, None),
            opened = self.until_open(&mut client) => opened,
        };
        let Some(early) = opened else {
            return;
        };
        let mut connecting = pin!(TcpStream::connect(self.upstream));
        let connected = tokio::select! {
            biased;
            () = &mut strike => {
                self.lose(early.len());
                self.hit(client, None);
                // The upstream may have seen the connection already. Giving up the attempt would end that in good
                // order, so it is awaited and reset like the other side.
                if let Ok(Ok(upstream)) = timeout(HANDSHAKE_MAX, connecting).await {
                    reset(upstream);
                }
                return;
            }
            connected = &mut connecting => connected,
        };
        let Ok(mut upstream) = connected else {
            self.lose(early.len());
            self.counters.count(|stats| stats.refused += 1);
            return reset(client);
        };
        let ending = tokio::select! {
            biased;
            () = strike => return self.hit(client, Some(upstream)),
            ending = self.carry(&mut client, &mut upstream, early) => ending,
        };
        if ending == Ending::Reset {
            reset(client);
            reset(upstream);
        }
    }

    async fn carry(
        &self,
        client: &mut TcpStream,
        upstream: &mut TcpStream,
        early: BytesMut,
    ) -> Ending {
        // Pieces are to arrive as they were sent. It can fail only on a dead socket, which its pump notices.
        let _ = client.set_nodelay(true);
        let _ = upstream.set_nodelay(true);

        let (from_client, to_client) = client.split();
        let (from_upstream, to_upstream) = upstream.split();
        let messages = self
            .is_bus
            .then(|| Messages::new(self.dice(Purpose::Messages)));
        let mut up = self.pump(Way::ToUpstream, Purpose::JitterToUpstream, messages);
        let down = self.pump(Way::ToClient, Purpose::JitterToClient, None);
        up.take(early);
        let both = tokio::try_join!(
            up.run(from_client, to_upstream),
            down.run(from_upstream, to_client)
        );
        both.err().unwrap_or(Ending::Closed)
    }

    /// Waits until a handshake would get through, and returns what the client has sent by then; `None` if the client
    /// has gone, of which the upstream then never hears.
    async fn until_open(&self, client: &mut TcpStream) -> Option<BytesMut> {
        let mut orders = self.orders.clone();
        let mut early = BytesMut::new();
        loop {
            tokio::select! {
                biased;
                () = until_light(&mut orders, &[Way::ToUpstream, Way::ToClient]) => return Some(early),
                read = client.read_buf(&mut early), if early.len() < EARLY_MAX => {
                    if !matches!(read, Ok(count) if count > 0) {
                        self.lose(early.len());
                        return None;
                    }
                }
            }
        }
    }

    /// Resets what there is because a fault said so.
    fn hit(&self, client: TcpStream, upstream: Option<TcpStream>) {
        self.counters.count(|stats| stats.resets += 1);
        for stream in [Some(client), upstream].into_iter().flatten() {
            reset(stream);
        }
    }

    fn lose(&self, bytes: usize) {
        let lost = bytes as u64;
        self.counters.count(|stats| stats.bytes_dropped += lost);
    }

    fn pump(&self, way: Way, jitter: Purpose, messages: Option<Messages>) -> Pump {
        let counters = Arc::clone(&self.counters);
        Pump::new(
            way,
            self.orders.clone(),
            counters,
            self.dice(jitter),
            messages,
        )
    }

    fn dice(&self, purpose: Purpose) -> SmallRng {
        dice(self.seed, self.number, purpose)
    }
}

/// Waits until the connection is hit: with all others, or by its own dice.
async fn struck(mut orders: Listening, cuts: u64, mut dice: SmallRng) {
    loop {
        let (epoch, every) = {
            let orders = orders.borrow();
            (orders.epoch, orders.fault.reset_every)
        };
        let blow = every.map(|mean| after(Instant::now(), life(mean, dice.random())));
        let is_news = |orders: &Orders| orders.epoch != epoch || orders.cuts != cuts;
        let news = async { orders.wait_for(is_news).await.map(|orders| orders.cuts) };
        tokio::select! {
            Ok(now) = news => {
                if now != cuts {
                    return;
                }
            }
            () = sleep_until(blow.unwrap_or_else(Instant::now)), if blow.is_some() => return,
            else => std::future::pending().await,
        }
    }
}

/// Turns a number from 0 to 1, evenly distributed, into the life of something that does not age.
fn life(mean: Duration, even: f64) -> Duration {
    let seconds = mean.as_secs_f64() * -(1.0 - even).ln();
    Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lives_have_the_mean_asked_for() {
        let mut dice = dice(1, 1, Purpose::Resets);
        let lives = (0..10_000).map(|_| life(Duration::from_secs(10), dice.random()));
        let mean = lives.sum::<Duration>() / 10_000;
        assert!((9..=11).contains(&mean.as_secs()), "{mean:?}");
        assert_eq!(life(Duration::ZERO, 0.5), Duration::ZERO);
        assert!(life(Duration::MAX, 0.999) > Duration::from_secs(1 << 60));
    }
}
