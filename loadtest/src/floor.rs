//! What the machine can do at all at this moment, whatever server runs on it: no server sends for less than a bare send.

use std::{
    fmt,
    io::{self, Read, Write},
    net::{TcpListener, TcpStream},
    thread,
    time::{Duration, Instant},
};

use anyhow::Context;
use nix::time::{ClockId, clock_gettime};
use serde::{Deserialize, Serialize};

/// As long as a small message with its frame.
const SIZE: usize = 200;
/// Connections that are sent to in turn, as a room's members are: what is sent twice in a row over one connection, the
/// kernel puts together.
const CONNECTIONS: usize = 200;
const ROUNDS: usize = 100;
/// As much as Postgres writes of its log for a small commit.
const PAGE: usize = 8 * 1024;
const SYNCS: usize = 50;

/// Two figures that everything else rests on.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Floor {
    /// CPU of sending 200 B over loopback to one of 200 who read at once, µs.
    pub send_us: f64,
    /// Median time until 8 KiB are on the disk, ms.
    pub sync_ms: f64,
}

impl Floor {
    /// Measures it; takes less than a second on a machine that does nothing else.
    ///
    /// # Errors
    /// When sockets or files cannot be had.
    pub fn probe() -> anyhow::Result<Self> {
        Ok(Self {
            send_us: send().context("cannot send to oneself")?.as_secs_f64() * 1e6,
            sync_ms: sync().context("cannot write a file")?.as_secs_f64() * 1e3,
        })
    }
}

impl fmt::Display for Floor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "floor in the same minute: a bare send of {SIZE} B {:.2} µs of CPU, 8 KiB on the disk in {:.2} ms",
            self.send_us, self.sync_ms
        )
    }
}

fn send() -> anyhow::Result<Duration> {
    let listener = TcpListener::bind(("127.0.0.1", 0))?;
    let (mut senders, mut receivers) = (Vec::new(), Vec::new());
    for _ in 0..CONNECTIONS {
        let sender = TcpStream::connect(listener.local_addr()?)?;
        sender.set_nodelay(true)?;
        senders.push(sender);
        receivers.push(listener.accept()?.0);
    }
    let reader = thread::spawn(move || -> io::Result<()> {
        let mut buffer = [0; SIZE];
        for _ in 0..ROUNDS {
            for receiver in &mut receivers {
                receiver.read_exact(&mut buffer)?;
            }
        }
        Ok(())
    });
    let before = own_time()?;
    for _ in 0..ROUNDS {
        for sender in &mut senders {
            sender.write_all(&[1; SIZE])?;
        }
    }
    let used = own_time()?.saturating_sub(before);
    reader
        .join()
        .map_err(|_| anyhow::anyhow!("the reader died"))??;
    Ok(used / u32::try_from(CONNECTIONS * ROUNDS)?)
}

pub(crate) fn own_time() -> nix::Result<Duration> {
    clock_gettime(ClockId::CLOCK_THREAD_CPUTIME_ID).map(Into::into)
}

fn sync() -> io::Result<Duration> {
    let mut file = tempfile::tempfile()?;
    let mut took = Vec::with_capacity(SYNCS);
    for _ in 0..SYNCS {
        let started = Instant::now();
        file.write_all(&[1; PAGE])?;
        file.sync_data()?;
        took.push(started.elapsed());
    }
    took.sort_unstable();
    Ok(took[SYNCS / 2])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sending_and_syncing_take_some_time() {
        let floor = Floor::probe().expect("there are sockets and files");
        assert!(floor.send_us > 0.0 && floor.sync_ms > 0.0, "{floor:?}");
        assert!(floor.to_string().contains("200 B"), "{floor}");
    }
}
