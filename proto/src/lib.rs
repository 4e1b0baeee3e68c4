//! The contracts: protobuf services, client events, typed ids, subjects and who may use them, rights in the database,
//! error reasons and the words of the wire.
//!
//! Owns every name that two crates must agree on. Holds no behaviour beyond parsing and printing those names.

pub mod bus;
pub mod database;
pub mod event;
pub mod frame;
pub mod id;
pub mod reason;
pub mod subject;
pub mod words;

/// Generated code of `hubbub.auth.v1`.
#[expect(
    missing_docs,
    clippy::all,
    clippy::allow_attributes,
    clippy::too_many_lines,
    reason = "generated"
)]
pub mod auth {
    tonic::include_proto!("hubbub.auth.v1");
}

/// Generated code of `hubbub.room.v1`.
#[expect(
    missing_docs,
    clippy::all,
    clippy::allow_attributes,
    clippy::too_many_lines,
    reason = "generated"
)]
pub mod room {
    tonic::include_proto!("hubbub.room.v1");
}

/// Generated code of `hubbub.stream.v1`.
#[expect(
    missing_docs,
    clippy::allow_attributes,
    clippy::too_many_lines,
    reason = "generated"
)]
pub mod stream {
    tonic::include_proto!("hubbub.stream.v1");
}

/// Generated code of `hubbub.gateway.v1`.
#[expect(
    missing_docs,
    clippy::allow_attributes,
    clippy::too_many_lines,
    reason = "generated"
)]
pub mod gateway {
    tonic::include_proto!("hubbub.gateway.v1");
}

/// Generated code of `hubbub.moderation.v1`.
#[expect(
    missing_docs,
    clippy::all,
    clippy::allow_attributes,
    clippy::too_many_lines,
    reason = "generated"
)]
pub mod moderation {
    tonic::include_proto!("hubbub.moderation.v1");
}

/// Generated code of `hubbub.social.v1`.
#[expect(
    missing_docs,
    clippy::all,
    clippy::allow_attributes,
    clippy::too_many_lines,
    reason = "generated"
)]
pub mod social {
    tonic::include_proto!("hubbub.social.v1");
}

/// The descriptor set of every contract, for gRPC reflection.
pub const DESCRIPTORS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/hubbub.bin"));
