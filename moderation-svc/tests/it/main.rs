//! moderation-svc against a real Postgres, a real Redis and a real bus; a file per RPC.

mod gateway;
mod neighbours;
mod plans;
mod rooms;
mod world;

mod broadcast;
mod create_ban;
mod create_filter;
mod delete_filter;
mod disconnect;
mod erase_user;
mod explain_delivery;
mod export_user;
mod file_alert;
mod is_active;
mod lift_ban;
mod list_audit;
mod list_bans;
mod list_connections;
mod list_enforced;
mod list_filters;
mod list_reports;
mod mute_user;
mod preview_ban;
mod pull_filters;
mod report_connections;
mod report_content;
mod send_to_connection;
mod unmute_user;
mod update_report;
mod verify_audit;
mod warn_user;
