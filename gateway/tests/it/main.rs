//! The gateway in one process between a real bus and services that are made up: what a client sees of it.

mod accounts;
mod bad_input;
mod conversation;
mod direct;
mod documents;
mod export;
mod lifetime;
mod messages;
mod moderation;
mod operator;
mod people;
mod relayed;
mod rooms;
mod routes;
mod script;
mod services;
mod world;
