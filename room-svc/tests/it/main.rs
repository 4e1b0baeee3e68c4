//! room-svc against a real Postgres and a real bus; a file per RPC.

mod auth;
mod moderation;
mod neighbours;
mod world;

mod create_room;
mod create_thread;
mod delete_message;
mod edit_message;
mod get_message;
mod get_room;
mod invite_member;
mod join_room;
mod leave_room;
mod list_members;
mod list_messages;
mod list_my_rooms;
mod list_pins;
mod list_receipts;
mod list_rooms;
mod list_threads;
mod mark_delivered;
mod mark_read;
mod pin_message;
mod search_messages;
mod send_message;
mod set_member_role;
mod set_reaction;

mod counters;
mod filters;
mod plans;
