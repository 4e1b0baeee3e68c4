//! SQL on the schema `auth`, one file per table.

pub(crate) mod accounts;
pub(crate) mod login_delays;
pub(crate) mod sessions;
pub(crate) mod signing_keys;
pub(crate) mod tickets;
