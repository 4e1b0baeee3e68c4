//! The stores a test gets are its own and go with it.

mod stores;
