//! The history checker: decides from what every client saw whether the service kept its promises.
//!
//! Knows nothing of sockets; JSON only in [`journal`]. Memory is linear in the number of observations, and so is time but
//! for the logarithm of a sort or a search. A check that could not decide anything passes: it only ever reports what is
//! provably wrong.

mod check;
mod device;
pub mod journal;
mod ledger;
mod links;
mod missing;
mod model;
mod order;
mod restore;
mod rules;
mod sends;
mod snapshot;
mod spans;
mod stored;
#[cfg(test)]
mod tests;
mod verdict;
mod views;

pub use check::check;
pub use model::{
    Block, Bounds, Delivery, Denial, Entry, FOREIGN, History, Id, Look, NOT_A_MESSAGE, Observer,
    Outcome, Restore, Scope, Send, Start, Turn, TurnKind, Window,
};
pub use verdict::{Check, Finding, Verdict};
