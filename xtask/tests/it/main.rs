//! Tests of the house tools.

mod mini_tree;
mod tidy;
