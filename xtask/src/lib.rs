//! House rules, checked: `cargo xtask tidy`; and what is generated: `cargo xtask prepare` for the offline SQL cache,
//! `cargo xtask contract` for what clients are made from.
//!
//! Owns nothing that runs in production. The rules read files as text: they need no compiler, so they also judge a
//! tree that does not build. Each rule is one small file under `tidy/`, and `tests/it/tidy.rs` plants a violation of
//! every one of them.

pub mod contract;
pub mod prepare;
pub mod source;
pub mod tidy;
pub mod tree;
