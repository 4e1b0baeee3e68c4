//! Hostile input against the whole product, and secrets that must be found nowhere.

mod collector;
mod hostile;
mod outcomes;
mod page;
mod revocation;
mod secrets;
mod supply;
mod written;
