//! One file per method, and one for the background work; each test has its own database, Redis and bus.

mod world;

mod authenticate;
mod change_password;
mod get_keys;
mod get_user;
mod issue_ticket;
mod issue_token;
mod list_sessions;
mod log_in;
mod log_out;
mod revoke_session;
mod set_role;
mod sign_up;
mod sweep;
