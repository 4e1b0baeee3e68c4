//! One file per method, and those for the background work; each test has its own database, Redis and bus.

mod moderation;
mod neighbours;
mod world;

mod authenticate;
mod change_name;
mod change_password;
mod crowd;
mod deactivate_account;
mod erase_account;
mod export_account;
mod forge;
mod get_keys;
mod get_user;
mod issue_ticket;
mod issue_token;
mod jobs;
mod list_addresses;
mod list_names;
mod list_sessions;
mod list_users;
mod log_in;
mod log_out;
mod revoke_session;
mod revoke_user_sessions;
mod set_role;
mod sign_up;
mod sweep;
mod token_table;
