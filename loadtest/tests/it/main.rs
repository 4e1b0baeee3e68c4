//! Whole runs against a small gateway that can be told to break one promise.

mod fake;
mod rooms;
