//! For tests only: stores of one's own, and a person who talks to a gateway.
//!
//! Nothing here knows a service's inside; that is what the crates' own `tests/it` harnesses are for. A waiter that
//! waits in vain panics with what it saw instead: the panic is the test's failure.

mod database;
mod person;
mod socket;
mod stores;
pub mod tls;

pub use database::database;
pub use person::{Account, PASSWORD, Person, User};
pub use socket::{Closed, Frame, PATIENCE, Refusal, SUBPROTOCOL, Socket};
pub use stores::{Nats, Redis, nats, observe, redis};
