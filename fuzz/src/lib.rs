//! For tests only: what must hold of every reader of strangers' bytes.
//!
//! Each target takes any bytes at all and panics when a property does not hold: no panic in what it reads, bounds kept,
//! what is accepted is canonical, what is written is read back. `tests/it` replays the corpus in every test run; the
//! binary lets libFuzzer look for more ([testing](../../docs/testing.md)).

mod address;
mod bus;
mod credential;
mod cursor;
mod frame;
mod journal;
mod names;
mod origin;
mod resume;
mod token;

/// Checks that a target's properties hold of some bytes; panics when they do not.
pub type Check = fn(&[u8]);

/// Something that reads strangers' bytes.
#[derive(Debug, Clone, Copy)]
pub struct Target {
    /// Its name, and that of its folder in `corpus/`.
    pub name: &'static str,
    /// What must hold.
    pub check: Check,
}

/// Every target, by name.
pub const TARGETS: &[Target] = &[
    Target {
        name: "address",
        check: address::check,
    },
    Target {
        name: "bus",
        check: bus::check,
    },
    Target {
        name: "credential",
        check: credential::check,
    },
    Target {
        name: "cursor",
        check: cursor::check,
    },
    Target {
        name: "frame",
        check: frame::check,
    },
    Target {
        name: "journal",
        check: journal::check,
    },
    Target {
        name: "names",
        check: names::check,
    },
    Target {
        name: "origin",
        check: origin::check,
    },
    Target {
        name: "resume",
        check: resume::check,
    },
    Target {
        name: "token",
        check: token::check,
    },
];
