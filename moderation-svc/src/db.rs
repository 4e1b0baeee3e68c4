//! The SQL of this service, a file per table. Other owners' facts are read from their contract views only.

pub(crate) mod audit;
pub(crate) mod bans;
pub(crate) mod clock;
pub(crate) mod filters;
pub(crate) mod mutes;
pub(crate) mod persons;
pub(crate) mod reports;
pub(crate) mod sightings;
pub(crate) mod standings;
