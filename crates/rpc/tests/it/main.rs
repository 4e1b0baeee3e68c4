//! The transport, against a real NATS server.

mod double;
mod hostile;
mod identity;
mod together;
mod trace;
mod transport;
