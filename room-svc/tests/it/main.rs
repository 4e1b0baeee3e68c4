//! room-svc against a real Postgres and a real bus; a file per RPC.

mod auth;
mod world;

mod create_room;
mod get_room;
mod invite_member;
mod join_room;
mod leave_room;
mod list_members;
mod list_messages;
mod list_my_rooms;
mod list_rooms;
mod send_message;
mod set_member_role;
