//! social-svc against a real Postgres, a real Redis and a real bus; a file per RPC, and one each for what spans them.

mod contracts;
mod world;

mod accept_friend;
mod add_block;
mod cancel_friend;
mod count_relations;
mod decline_friend;
mod erase_user;
mod export_user;
mod friendship_model;
mod get_presence;
mod get_settings;
mod list_blocks;
mod list_friends;
mod list_hidden;
mod list_notifications;
mod may_message;
mod plans;
mod read_notifications;
mod remove_block;
mod remove_friend;
mod report_presence;
mod request_friend;
mod set_presence;
mod update_settings;
