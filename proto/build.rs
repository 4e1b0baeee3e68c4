//! Compiles the contracts without `protoc` and keeps the descriptor set for gRPC reflection.
use std::{env, fs, path::PathBuf};

use anyhow::Context;
use prost::Message;

const FILES: [&str; 7] = [
    "hubbub/auth/v1/auth.proto",
    "hubbub/gateway/v1/gateway.proto",
    "hubbub/moderation/v1/moderation.proto",
    "hubbub/room/v1/messages.proto",
    "hubbub/room/v1/room.proto",
    "hubbub/social/v1/social.proto",
    "hubbub/stream/v1/stream.proto",
];

fn main() -> anyhow::Result<()> {
    println!("cargo:rerun-if-changed=hubbub");
    let descriptors = protox::compile(FILES, ["."])?;
    let out = PathBuf::from(env::var_os("OUT_DIR").context("cargo sets OUT_DIR")?);
    fs::write(out.join("hubbub.bin"), descriptors.encode_to_vec())?;
    tonic_prost_build::configure()
        .bytes(".")
        .compile_fds(descriptors)?;
    Ok(())
}
