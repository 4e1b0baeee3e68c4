//! A proxy in front of a NATS server, which knows one message from the next.

mod messages;
pub mod parser;

use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
    time::Duration,
};

use crate::proxy::Proxy;

pub(crate) use messages::Messages;

/// What is wrong with the messages that clients publish. The default is nothing.
///
/// Each message is judged by itself, by dice; probabilities are from 0 to 1. A message that is not dropped may be
/// doubled, and each of its copies may be late.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct BusFault {
    /// Only messages whose subject starts with one of these are touched; with none, no message is. Leave out the
    /// prefixes of requests and of `_INBOX` if these are to stay whole.
    pub prefixes: Vec<String>,
    /// How likely a message is lost.
    pub drop: f64,
    /// How likely a copy of a message is late. What is published after it overtakes it, requests and pings included.
    pub delay: f64,
    /// The most by which a copy is late; the dice choose evenly from nothing to this. Messages that are still late
    /// when the fault ends arrive then.
    pub delay_max: Duration,
    /// How likely a message is sent twice.
    pub duplicate: f64,
}

/// A proxy in front of a NATS server.
///
/// It reads `PUB` and `HPUB` with their payloads in what clients send and passes on everything else as it is. It is
/// stricter than it has to be for a healthy client: a control line of more than 4 KiB, a payload of more than 8 MiB or
/// a publish that is not well formed closes the connection. Encrypted connections cannot be read and are closed too.
#[derive(Debug)]
pub struct Bus {
    proxy: Proxy,
}

impl Bus {
    /// Opens a bus on a free port of 127.0.0.1. The server need not listen yet.
    ///
    /// # Errors
    /// Fails when `upstream` is not a loopback address or no port is free.
    pub async fn open(upstream: SocketAddr, seed: u64) -> io::Result<Self> {
        Self::listen((Ipv4Addr::LOCALHOST, 0).into(), upstream, seed).await
    }

    /// Opens a bus that listens on `on`; port 0 is any free one.
    ///
    /// # Errors
    /// Fails when one of the addresses is not a loopback address or `on` is taken.
    pub async fn listen(on: SocketAddr, upstream: SocketAddr, seed: u64) -> io::Result<Self> {
        let proxy = Proxy::start(on, upstream, seed, true).await?;
        Ok(Self { proxy })
    }

    /// Returns the proxy beneath: its faults are about bytes and connections and add to those about messages.
    #[must_use]
    pub fn proxy(&self) -> &Proxy {
        &self.proxy
    }

    /// Puts in force what is wrong with messages, instead of what was before, for connections that are there and those
    /// that come.
    pub fn disturb(&self, fault: BusFault) {
        self.proxy.disturb(Some(fault));
    }

    /// Ends every fault, of messages and of the proxy beneath.
    pub fn heal(&self) {
        self.proxy.disturb(None);
        self.proxy.heal();
    }
}

impl BusFault {
    fn touches(&self, subject: &[u8]) -> bool {
        let is_prefix = |prefix: &String| subject.starts_with(prefix.as_bytes());
        self.prefixes.iter().any(is_prefix)
    }
}
