//! NATS as a tonic transport: one contract, served from the same value over NATS and over HTTP/2.
//!
//! Owns deadlines, caller identity, permission by method, trace context and the typed view of a refusal.
//! Business rules, SQL and events do not belong here.
//!
//! - Callers: [`NatsChannel`] goes into any generated client; [`with_token`] says on whose behalf.
//! - Services: [`Gate`] wraps a generated server with identity, permissions and tracing; [`serve`] runs it over NATS.

mod access;
mod caller;
mod channel;
mod envelope;
mod gate;
mod gathering;
mod keyring;
mod post;
mod refusal;
mod server;
pub mod trace;
mod wire;

pub use access::{Access, AccessTable, Wire};
pub use caller::{Caller, Claims, with_token};
pub use channel::{DEFAULT_DEADLINE, NatsChannel};
pub use gate::Gate;
pub use keyring::{AUDIENCE_ACCESS, AUDIENCE_INTERNAL, ISSUER, Keyring, LIFETIME_MAX_S};
pub use refusal::{Refusal, field_invalid, retry_later, status};
pub use server::{ServeOptions, serve};
