//! A client below HTTP and WebSocket: bytes out, bytes in.

use std::time::Duration;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::world::World;

/// Whatever the server is to do, it does within this.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);
/// What masks our frames; that it is always the same is nobody's business but ours.
const MASK: [u8; 4] = [0x37, 0xfa, 0x21, 0x3d];

/// The first byte of a whole text message.
pub(crate) const TEXT: u8 = 0x81;
/// The first byte of a ping.
pub(crate) const PING: u8 = 0x89;

pub(crate) struct Peer {
    stream: TcpStream,
}

impl Peer {
    /// Connects and says nothing.
    pub(crate) async fn dial(world: &World) -> Self {
        let stream = TcpStream::connect(&world.url).await.expect("connected");
        Self { stream }
    }

    /// Connects and switches to WebSocket, with more lines in the head; returns the head of the answer too.
    pub(crate) async fn upgraded(world: &World, more: &str) -> (Self, String) {
        let mut peer = Self::dial(world).await;
        peer.write(upgrade(&world.url, "hubbub.v1.json", more).as_bytes())
            .await;
        let head = peer.head().await;
        assert!(head.starts_with("HTTP/1.1 101 "), "{head}");
        (peer, head)
    }

    /// Sends bytes; answers whether the server still took them.
    pub(crate) async fn write(&mut self, bytes: &[u8]) -> bool {
        let written = tokio::time::timeout(PATIENCE, self.stream.write_all(bytes)).await;
        matches!(written, Ok(Ok(())))
    }

    /// Reads the head of an answer.
    pub(crate) async fn head(&mut self) -> String {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let byte = tokio::time::timeout(PATIENCE, self.stream.read_u8()).await;
            let Ok(Ok(byte)) = byte else {
                panic!("no head: {:?}", String::from_utf8_lossy(&head))
            };
            head.push(byte);
        }
        String::from_utf8(head).expect("a head is text")
    }

    /// Reads until the server hangs up. A connection that is reset has been hung up too.
    pub(crate) async fn rest(&mut self) -> Vec<u8> {
        let mut rest = Vec::new();
        let read = tokio::time::timeout(PATIENCE, self.stream.read_to_end(&mut rest)).await;
        assert!(
            read.is_ok(),
            "the server did not hang up: {:?}",
            frames(&rest)
        );
        rest
    }

    /// Reads until the server hangs up and returns the code of its close frame.
    pub(crate) async fn close_code(&mut self) -> Option<u16> {
        close_code(&frames(&self.rest().await))
    }

    /// Says that nothing more will come, and reads until the server hangs up.
    pub(crate) async fn finish(&mut self) -> Vec<u8> {
        // A server that has hung up already is as good.
        let _ = self.stream.shutdown().await;
        self.rest().await
    }

    /// Hangs up rudely: with a reset.
    pub(crate) fn reset(self) {
        self.stream.set_zero_linger().expect("a socket");
    }
}

/// Writes the head of an upgrade.
pub(crate) fn upgrade(host: &str, protocols: &str, more: &str) -> String {
    format!(
        "GET /v1/rt HTTP/1.1\r\nhost: {host}\r\nconnection: upgrade\r\nupgrade: websocket\r\n\
         sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
         sec-websocket-protocol: {protocols}\r\n{more}\r\n"
    )
}

/// Writes a masked frame with any first byte.
pub(crate) fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut frame = header(first, payload.len() as u64);
    let masked = payload.iter().zip(MASK.iter().cycle());
    frame.extend(masked.map(|(byte, mask)| byte ^ mask));
    frame
}

/// Writes the header of a masked frame that declares any length.
pub(crate) fn header(first: u8, length: u64) -> Vec<u8> {
    let mut header = vec![first];
    match length {
        0..=125 => header.push(0x80 | u8::try_from(length).expect("small")),
        126..=0xffff => {
            header.push(0x80 | 126);
            header.extend(u16::try_from(length).expect("small").to_be_bytes());
        }
        _ => {
            header.push(0x80 | 127);
            header.extend(length.to_be_bytes());
        }
    }
    header.extend(MASK);
    header
}

/// Takes the server's bytes apart: first byte and payload of every whole frame.
pub(crate) fn frames(mut bytes: &[u8]) -> Vec<(u8, Vec<u8>)> {
    let mut frames = Vec::new();
    while let [first, short, after @ ..] = bytes {
        let (length, after) = match (short, after) {
            (126, [a, b, after @ ..]) => (u64::from(u16::from_be_bytes([*a, *b])), after),
            (127, [a, b, c, d, e, f, g, h, after @ ..]) => {
                (u64::from_be_bytes([*a, *b, *c, *d, *e, *f, *g, *h]), after)
            }
            (126 | 127, _) => break,
            (short, after) => (u64::from(*short), after),
        };
        let Some((payload, after)) = usize::try_from(length)
            .ok()
            .and_then(|length| after.split_at_checked(length))
        else {
            break;
        };
        frames.push((*first, payload.to_vec()));
        bytes = after;
    }
    frames
}

/// Returns the code of the close frame, if there is one.
pub(crate) fn close_code(frames: &[(u8, Vec<u8>)]) -> Option<u16> {
    let (_, payload) = frames.iter().find(|(first, _)| *first == 0x88)?;
    let code = payload.first_chunk::<2>()?;
    Some(u16::from_be_bytes(*code))
}
