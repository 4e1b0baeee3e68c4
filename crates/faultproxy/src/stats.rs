//! What was let through and what was spoilt.

use std::fmt;

use parking_lot::Mutex;

/// What a proxy has done since it was opened.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Stats {
    /// Connections accepted, refused ones among them.
    pub accepted: u64,
    /// Connections refused by [`Fault::refuse`](crate::Fault::refuse), or because the upstream was not there.
    pub refused: u64,
    /// Connections reset by [`Fault::reset`](crate::Fault::reset) and [`Proxy::cut`](crate::Proxy::cut).
    pub resets: u64,
    /// Bytes handed to the upstream.
    pub bytes_to_upstream: u64,
    /// Bytes handed to the client.
    pub bytes_to_client: u64,
    /// Bytes that were taken from one side and will never reach the other.
    pub bytes_dropped: u64,
    /// Bytes that latency made wait.
    pub bytes_delayed: u64,
    /// Messages read from the clients of a bus, touched or not.
    pub messages: u64,
    /// Messages dropped.
    pub messages_dropped: u64,
    /// Copies of messages that were made late.
    pub messages_delayed: u64,
    /// Messages sent twice.
    pub messages_doubled: u64,
}

/// The counters behind [`Stats`].
#[derive(Debug, Default)]
pub(crate) struct Counters(Mutex<Stats>);

impl Counters {
    pub(crate) fn count(&self, change: impl FnOnce(&mut Stats)) {
        change(&mut self.0.lock());
    }

    pub(crate) fn read(&self) -> Stats {
        *self.0.lock()
    }
}

impl fmt::Display for Stats {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            accepted,
            refused,
            resets,
            bytes_to_upstream,
            bytes_to_client,
            bytes_dropped,
            bytes_delayed,
            messages,
            messages_dropped,
            messages_delayed,
            messages_doubled,
        } = self;
        write!(
            f,
            "{accepted} connections ({refused} refused, {resets} reset), {bytes_to_upstream} B up, \
             {bytes_to_client} B down ({bytes_dropped} B dropped, {bytes_delayed} B delayed)"
        )?;
        if *messages > 0 {
            write!(
                f,
                ", {messages} messages ({messages_dropped} dropped, {messages_delayed} delayed, \
                 {messages_doubled} doubled)"
            )?;
        }
        Ok(())
    }
}
