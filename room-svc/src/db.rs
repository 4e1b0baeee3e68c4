//! The SQL of this service, a file per table. Other owners' facts are read from their contract views only.

pub(crate) mod invitations;
pub(crate) mod members;
pub(crate) mod rooms;
pub(crate) mod standings;
