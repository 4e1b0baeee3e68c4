//! The transport, against a real NATS server.

mod double;
mod identity;
mod trace;
mod transport;
