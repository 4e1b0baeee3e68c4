//! Whole runs against a small gateway that can be told to break one promise.

mod comparison;
mod fake;
mod faultlab;
mod faultlab_soak;
mod gateways;
mod rooms;
mod scenarios;
mod storm;
mod waiting;
