//! The socket of one connection: reads messages, writes the queue, and knows when the network last took a byte.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use futures::{Sink, SinkExt, Stream};
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use proto::frame::{CloseCode, FRAME_MAX};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf},
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

use crate::conn::outbound::Outbound;

/// Small on purpose: tungstenite's default is 128 KiB per connection.
const READ_BUFFER: usize = 4 * 1024;
const WRITE_BUFFER: usize = 4 * 1024;
/// The buffer holds one write buffer and one frame at most, because nothing is fed while it is blocked. The longest
/// frame is a page of messages.
const WRITE_BUFFER_MAX: usize = 8 * 1024 * 1024;
/// How long a client may take to answer our close.
const LINGER: Duration = Duration::from_secs(2);
/// How long the last frames may take to leave.
const FAREWELL: Duration = Duration::from_secs(1);

/// Counts what the network takes.
pub struct Wire {
    io: TokioIo<Upgraded>,
    written: u64,
}

impl AsyncRead for Wire {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().io).poll_read(cx, buf)
    }
}

impl AsyncWrite for Wire {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let polled = Pin::new(&mut this.io).poll_write(cx, buf);
        if let Poll::Ready(Ok(count)) = &polled {
            this.written += *count as u64;
        }
        polled
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().io).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().io).poll_shutdown(cx)
    }
}

/// See the module.
pub struct Socket {
    ws: WebSocketStream<Wire>,
    needs_flush: bool,
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
pub async fn serve(upgraded: Upgraded, bounds: WebSocketConfig) -> WebSocketStream<Wire> {
    let wire = Wire {
        io: TokioIo::new(upgraded),
        written: 0,
    };
    WebSocketStream::from_raw_socket(wire, Role::Server, Some(bounds)).await
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
pub async fn part(ws: &mut WebSocketStream<Wire>, close: Option<CloseFrame>) -> Result<(), Error> {
    match close {
        Some(close) => ws.close(Some(close)).await,
        // The library has the answer ready and refuses any other frame; this only sends it.
        None => SinkExt::close(ws).await,
    }
}

/// Says that nothing more will come and waits for the client to hang up: closing with unread input would reset the
/// connection, and the client might lose the last frames.
pub async fn linger(wire: &mut Wire) {
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
        Self {
            ws: serve(upgraded, bounds()).await,
            needs_flush: false,
            seen_written: 0,
            progress: Instant::now(),
            frames_out: 0,
        }
    }

    /// Writes as much of the queue as the network takes: feeds all, flushes once.
    ///
    /// # Errors
    /// When the connection is gone.
    pub fn poll_write(&mut self, cx: &mut Context<'_>, outbound: &Outbound) -> Result<(), Error> {
        let was_waiting = self.needs_flush;
        loop {
            match Pin::new(&mut self.ws).poll_ready(cx) {
                Poll::Ready(ready) => ready?,
                Poll::Pending => break,
            }
            let Some(frame) = outbound.pop() else { break };
            Pin::new(&mut self.ws).start_send(Message::Text(frame))?;
            self.needs_flush = true;
            self.frames_out += 1;
        }
        if self.needs_flush
            && let Poll::Ready(flushed) = Pin::new(&mut self.ws).poll_flush(cx)
        {
            flushed?;
            self.needs_flush = false;
        }
        let written = self.ws.get_ref().written;
        if written != self.seen_written || !was_waiting {
            self.seen_written = written;
            self.progress = Instant::now();
        }
        Ok(())
    }

    /// Reads the next message.
    pub fn poll_read(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Message, Error>>> {
        Pin::new(&mut self.ws).poll_next(cx)
    }

    /// Returns when the network last took a byte, and whether something waits for it.
    #[must_use]
    pub fn writing(&self) -> crate::session::Writing {
        crate::session::Writing {
            progress: self.progress,
            is_waiting: self.needs_flush,
        }
    }

    /// Writes what is queued and a close frame, then waits for the client to hang up.
    pub async fn close(mut self, outbound: &Outbound, close: Option<CloseFrame>) {
        let said = tokio::time::timeout(FAREWELL, async {
            std::future::poll_fn(|cx| match self.poll_write(cx, outbound) {
                Ok(()) if self.needs_flush || !outbound.is_empty() => Poll::Pending,
                _ => Poll::Ready(()),
            })
            .await;
            let _ = part(&mut self.ws, close).await;
        })
        .await;
        if said.is_ok() {
            linger(self.ws.get_mut()).await;
        }
    }
}
