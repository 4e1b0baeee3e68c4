//! The SQL of this service, a file per table. Other owners' facts are read from their contract views only.

pub(crate) mod blocks;
pub(crate) mod bonds;
pub(crate) mod friends;
pub(crate) mod notifications;
pub(crate) mod people;
pub(crate) mod presence;
pub(crate) mod requests;
pub(crate) mod settings;
pub(crate) mod standings;
