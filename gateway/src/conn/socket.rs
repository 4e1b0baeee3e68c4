//! The socket of one connection: reads messages, writes the queue, and knows when the network last took a byte.

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use futures::{SinkExt, Stream};
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use proto::frame::{CloseCode, FRAME_MAX};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    time::Instant,
};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{
        Error, Message,
        error::{CapacityError, ProtocolError},
        protocol::{CloseFrame, Role, WebSocketConfig},
    },
};

pub use crate::conn::wire::Wire;

use crate::conn::{outbound::Outbound, signal::Signal};

/// Small on purpose: tungstenite's default is 128 KiB per connection. Most of what clients say to stay connected fits, and
/// what does not is read ahead by [`Wire`].
const READ_BUFFER: usize = 128;
/// The library writes pongs and closes alone, each at once, and keeps the latest of them while it cannot.
const WRITE_BUFFER: usize = 0;
const WRITE_BUFFER_MAX: usize = 1024;
/// How long a client may take to answer our close.
const LINGER: Duration = Duration::from_secs(2);
/// How long the last frames may take to leave.
const FAREWELL: Duration = Duration::from_secs(1);

/// What bytes come and go on.
pub trait Io: AsyncRead + AsyncWrite + Unpin {}

impl<T: AsyncRead + AsyncWrite + Unpin> Io for T {}

/// See the module.
pub struct Socket<T = TokioIo<Upgraded>> {
    ws: WebSocketStream<Wire<T>>,
    signal: Arc<Signal>,
    seen_written: u64,
    progress: Instant,
    /// Frames written since the last look.
    pub frames_out: u64,
}

/// Returns the bounds within which every socket reads and writes.
#[must_use]
pub fn bounds() -> WebSocketConfig {
    WebSocketConfig::default()
        .read_buffer_size(READ_BUFFER)
        .write_buffer_size(WRITE_BUFFER)
        .max_write_buffer_size(WRITE_BUFFER_MAX)
        .max_message_size(Some(FRAME_MAX))
        .max_frame_size(Some(FRAME_MAX))
}

/// Speaks the server's part of WebSocket on an upgraded connection.
pub async fn serve<T: Io>(io: T, bounds: WebSocketConfig) -> WebSocketStream<Wire<T>> {
    WebSocketStream::from_raw_socket(Wire::new(io), Role::Server, Some(bounds)).await
}

/// Returns what a client is told that broke the rules of the wire; `None` when nobody is left to be told.
#[must_use]
pub fn verdict(error: &Error) -> Option<CloseCode> {
    match error {
        Error::Capacity(CapacityError::MessageTooLong { .. }) => Some(CloseCode::FrameTooLarge),
        Error::Protocol(ProtocolError::ResetWithoutClosingHandshake) => None,
        Error::Utf8(_) | Error::Protocol(_) => Some(CloseCode::BadFrame),
        _ => None,
    }
}

/// Closes with a code, or answers the client's own close frame.
///
/// # Errors
/// When the connection is gone.
pub async fn part<T: Io>(
    ws: &mut WebSocketStream<Wire<T>>,
    close: Option<CloseFrame>,
) -> Result<(), Error> {
    match close {
        Some(close) => ws.close(Some(close)).await,
        // The library has the answer ready and refuses any other frame; this only sends it.
        None => SinkExt::close(ws).await,
    }
}

/// Says that nothing more will come and waits for the client to hang up: closing with unread input would reset the
/// connection, and the client might lose the last frames.
pub async fn linger<T: Io>(wire: &mut Wire<T>) {
    let _ = tokio::time::timeout(LINGER, async {
        let _ = wire.shutdown().await;
        let mut discarded = [0; 1024];
        while matches!(wire.read(&mut discarded).await, Ok(count) if count > 0) {}
    })
    .await;
}

impl Socket {
    /// Takes over an upgraded connection.
    pub async fn new(upgraded: Upgraded) -> Self {
        Self::over(TokioIo::new(upgraded)).await
    }
}

impl<T: Io> Socket<T> {
    /// Takes over whatever bytes come and go on.
    pub(super) async fn over(io: T) -> Self {
        Self {
            ws: serve(io, bounds()).await,
            signal: Signal::new(),
            seen_written: 0,
            progress: Instant::now(),
            frames_out: 0,
        }
    }

    #[cfg(test)]
    pub(super) fn wire(&self) -> &Wire<T> {
        self.ws.get_ref()
    }

    /// Writes as much of the queue as the network takes, many frames at once.
    ///
    /// # Errors
    /// When the connection is gone.
    pub fn poll_write(&mut self, cx: &mut Context<'_>, outbound: &Outbound) -> Result<(), Error> {
        let wire = self.ws.get_mut();
        let was_waiting = wire.is_waiting();
        if was_waiting {
            // A pong of the library may wait for its turn; reading writes it.
            self.signal.raise();
        }
        self.frames_out += wire.poll_send(cx, outbound)?;
        let written = wire.written();
        if written != self.seen_written || !was_waiting {
            self.seen_written = written;
            self.progress = Instant::now();
        }
        Ok(())
    }

    /// Reads the next message.
    pub fn poll_read(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Message, Error>>> {
        let ws = &mut self.ws;
        self.signal.poll(cx, |cx| Pin::new(ws).poll_next(cx))
    }

    /// Returns when the network last took a byte, and whether something waits for it.
    #[must_use]
    pub fn writing(&self) -> crate::session::Writing {
        crate::session::Writing {
            progress: self.progress,
            is_waiting: self.ws.get_ref().is_waiting(),
        }
    }

    /// Says goodbye: writes what is queued and a close frame, or answers the client's own, after which nothing may follow.
    /// Then waits for the client to hang up.
    pub async fn close(mut self, outbound: &Outbound, close: Option<CloseFrame>) {
        let said = tokio::time::timeout(FAREWELL, async {
            if close.is_some() {
                std::future::poll_fn(|cx| match self.poll_write(cx, outbound) {
                    Ok(()) if self.writing().is_waiting => Poll::Pending,
                    _ => Poll::Ready(()),
                })
                .await;
            }
            let _ = part(&mut self.ws, close).await;
        })
        .await;
        if said.is_ok() {
            linger(self.ws.get_mut()).await;
        }
    }
}
