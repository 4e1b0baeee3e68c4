//! Bans, mutes, reports, word filters, the audit log and live connections.
