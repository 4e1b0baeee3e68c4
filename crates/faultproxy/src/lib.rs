//! For tests only: a TCP proxy on loopback that spoils what goes through it.
//!
//! A [`Proxy`] stands between a process and one thing it talks to. It carries bytes faithfully until it is told to
//! [`apply`](Proxy::apply) a [`Fault`], and again after [`heal`](Proxy::heal). A [`Bus`] is a proxy in front of a
//! NATS server: it also reads what clients publish, and loses, delays or repeats single messages.
//!
//! | fault | what it stands for in a real network |
//! |---|---|
//! | [`Fault::latency`] | distance, and queues on the way |
//! | [`Fault::blackhole`] | a partition: a cable pulled, a firewall that drops. Nobody is told; TCP repeats, and what was under way arrives after it |
//! | [`Fault::refuse`] | a port nobody listens at, or a full backlog: new connections fail at once, old ones live |
//! | [`Fault::reset`] | load balancers and connection trackers that forget; peers that crash, seen from outside |
//! | [`Proxy::cut`] | one restart of a middlebox: everything is reset, once |
//! | [`Fault::half_close`] | a peer that has finished sending, or a middlebox that believes so |
//! | [`Fault::bandwidth`] | a thin or crowded line |
//! | [`Fault::slice`] | small segments: whoever takes one read for one message is found out |
//! | [`Fault::drop_after`] | a peer that goes away in the middle of a message |
//! | [`BusFault`] | what a bus that delivers at most once may do: lose, reorder; and what its clients do when they try again: repeat |
//!
//! # What it does not do
//!
//! It speaks loopback only and refuses every other address, so that a mistake in a test stays on the machine. It does
//! not lose single TCP segments: beneath TCP a loss is only a delay, which `latency` gives. A connection that comes
//! during a blackhole is accepted by the kernel before the proxy can prevent it, so its client sees a connection on
//! which nothing ever arrives, where a real partition would leave it connecting; nothing reaches the upstream, not
//! even the connection.
//!
//! # Repeatability
//!
//! Every connection has random generators of its own for each purpose, made from the proxy's seed and the
//! connection's number in order of arrival. So the tenth message published on the third connection meets the same
//! fate in every run with the same seed, whatever happens on other connections. How the kernel cuts a byte stream
//! into reads is not repeatable, so jitter of [`Fault::latency`] is the same sequence laid over other boundaries.
//!
//! # Bounds
//!
//! A direction of a connection holds at most 256 KiB that its receiver has not taken, 16 MiB while latency or late
//! messages need it, and one bus message (8 MiB and its control line) that has not come whole; then it stops reading,
//! and the sender feels it as backpressure.

mod bus;
mod connection;
mod control;
mod dice;
mod fault;
mod line;
mod pace;
mod proxy;
mod pump;
mod reset;
mod stats;

pub use bus::{Bus, BusFault, parser};
pub use fault::{Direction, Fault, Latency, Slice};
pub use proxy::Proxy;
pub use stats::Stats;
