//! room-svc against a real Postgres and a real bus; a file per RPC.

mod auth;
mod world;

mod accept_invite;
mod ban_member;
mod create_invite;
mod create_room;
mod delete_room;
mod erase_user;
mod export_user;
mod get_room;
mod invite_member;
mod join_room;
mod kick_member;
mod leave_room;
mod list_invites;
mod list_members;
mod list_messages;
mod list_my_rooms;
mod list_restrictions;
mod list_rooms;
mod mute_member;
mod open_direct;
mod rename_user;
mod revoke_invite;
mod send_message;
mod set_member_role;
mod transfer_room;
mod unban_member;
mod unmute_member;
mod update_room;
