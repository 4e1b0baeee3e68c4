//! The table itself.

use super::{Login, Rights};

/// Whoever owns streams appends to them.
const APPEND: Rights = &["select", "insert"];
/// The log holds the present state of a message: who edits and deletes messages, and erases people, changes it.
const REWRITE: Rights = &["select", "insert", "update", "delete"];

/// Every service with a database, in the order of starting.
pub const LOGINS: [Login; 4] = [
    Login {
        service: "auth-svc",
        role: "auth_svc",
        schema: "auth",
        only_reads: &[],
        events: APPEND,
        reads: &["moderation.active_ban"],
        calls: &["moderation.record_act"],
    },
    Login {
        service: "moderation-svc",
        role: "moderation_svc",
        schema: "moderation",
        // `moderation.record_act` writes them: a row that is there stays as it is.
        only_reads: &["audit", "audit_head"],
        events: APPEND,
        reads: &["auth.live_session", "auth.person", "auth.sighting"],
        calls: &[],
    },
    Login {
        service: "social-svc",
        role: "social_svc",
        schema: "social",
        only_reads: &[],
        events: APPEND,
        reads: &[
            "auth.live_session",
            "auth.person",
            "moderation.active_ban",
            "moderation.shadow_ban",
            "room.membership",
        ],
        calls: &[],
    },
    Login {
        service: "room-svc",
        role: "room_svc",
        schema: "room",
        only_reads: &[],
        events: REWRITE,
        reads: &[
            "auth.live_session",
            "auth.person",
            "moderation.active_ban",
            "moderation.active_mute",
            "moderation.shadow_ban",
            "social.block_edge",
        ],
        calls: &["moderation.record_act", "social.may_message"],
    },
];
