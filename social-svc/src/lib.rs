//! Friends, blocks, presence and notifications.
