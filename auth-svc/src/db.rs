//! SQL on the schema `auth`, one file per table, and on the contracts of moderation-svc.

pub(crate) mod accounts;
pub(crate) mod addresses;
pub(crate) mod departures;
pub(crate) mod found;
pub(crate) mod jobs;
pub(crate) mod login_delays;
pub(crate) mod moderation;
pub(crate) mod sessions;
pub(crate) mod signing_keys;
pub(crate) mod tickets;
