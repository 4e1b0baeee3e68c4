//! What leaves for one client, in one order: the frames of its queue, and what the WebSocket library says by itself; and
//! what comes from it.
//!
//! The library would copy every frame into a buffer of the connection, which keeps the size of the longest it ever had.
//! Here frames of the queue are put together in a buffer that all connections of a thread share, and handed to the network
//! in one call; a connection keeps only what the network did not take. The library's own frames (pongs, the close) come
//! through [`AsyncWrite`] and never stand in the middle of another one.
//!
//! Reading is the same the other way round: the library's buffer of each connection is small, and what the network has is
//! read into one of the thread; a connection keeps only what the library has not asked for yet.

use std::{
    cell::RefCell,
    io,
    pin::Pin,
    task::{Context, Poll, ready},
};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::conn::outbound::Outbound;

/// So many bytes are handed over at once, and one frame more.
const AT_ONCE: usize = 16 * 1024;
/// What one thread's buffer may keep.
const KEPT: usize = 64 * 1024;

thread_local! {
    static READ: RefCell<Vec<u8>> = RefCell::new(vec![0; AT_ONCE]);
    static TOGETHER: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// See the module.
pub struct Wire<T> {
    io: T,
    /// The rest of what was handed over and not taken yet. Nothing else leaves before it.
    rest: Vec<u8>,
    /// How much of it was taken.
    taken: usize,
    /// Bytes that the network has taken.
    written: u64,
    /// What was read and not asked for yet: at most [`AT_ONCE`].
    ahead: Vec<u8>,
    /// How much of it was handed over.
    handed: usize,
}

impl<T> Wire<T> {
    /// Takes over a connection on which nothing but frames is written.
    pub fn new(io: T) -> Self {
        Self {
            io,
            rest: Vec::new(),
            taken: 0,
            written: 0,
            ahead: Vec::new(),
            handed: 0,
        }
    }

    /// Returns how many bytes the network has taken.
    pub(super) fn written(&self) -> u64 {
        self.written
    }

    /// Whether something waits for the network.
    pub(super) fn is_waiting(&self) -> bool {
        !self.rest.is_empty()
    }
}

impl<T: AsyncWrite + Unpin> Wire<T> {
    /// Writes as much of the queue as the network takes, and returns how many frames left it.
    pub(super) fn poll_send(
        &mut self,
        cx: &mut Context<'_>,
        outbound: &Outbound,
    ) -> io::Result<u64> {
        let mut frames = 0;
        loop {
            match self.poll_rest(cx) {
                Poll::Ready(ready) => ready?,
                Poll::Pending => return Ok(frames),
            }
            let (taken, is_all) = TOGETHER.with_borrow_mut(|together| {
                let taken = outbound.write_to(together, AT_ONCE);
                let is_all = together.len() < AT_ONCE;
                let handed = self.hand_over(cx, together);
                together.clear();
                if together.capacity() > KEPT {
                    together.shrink_to(AT_ONCE);
                }
                handed.map(|()| (taken, is_all))
            })?;
            frames += taken;
            if is_all && !self.is_waiting() {
                return Ok(frames);
            }
        }
    }

    /// Writes what waits.
    fn poll_rest(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while self.taken < self.rest.len() {
            let polled = Pin::new(&mut self.io).poll_write(cx, &self.rest[self.taken..]);
            let count = ready!(polled)?;
            self.took(count)?;
            self.taken += count;
        }
        // Idle connections hold no memory for it.
        self.rest = Vec::new();
        self.taken = 0;
        Poll::Ready(Ok(()))
    }

    /// Hands bytes to the network while nothing waits, and keeps those that it does not take.
    fn hand_over(&mut self, cx: &mut Context<'_>, bytes: &[u8]) -> io::Result<()> {
        if bytes.is_empty() {
            return Ok(());
        }
        let count = match Pin::new(&mut self.io).poll_write(cx, bytes) {
            Poll::Ready(count) => {
                let count = count?;
                self.took(count)?;
                count
            }
            Poll::Pending => 0,
        };
        self.rest.extend_from_slice(&bytes[count..]);
        Ok(())
    }

    fn took(&mut self, count: usize) -> io::Result<()> {
        if count == 0 {
            return Err(io::ErrorKind::WriteZero.into());
        }
        self.written += count as u64;
        Ok(())
    }
}

impl<T: AsyncRead + Unpin> Wire<T> {
    /// Reads what the network has, hands over as much as there is room for and keeps the rest.
    fn poll_ahead(&mut self, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        READ.with_borrow_mut(|room| {
            let mut read = ReadBuf::new(room);
            ready!(Pin::new(&mut self.io).poll_read(cx, &mut read))?;
            let (now, later) = split(read.filled(), buf.remaining());
            buf.put_slice(now);
            self.ahead.extend_from_slice(later);
            Poll::Ready(Ok(()))
        })
    }
}

impl<T: AsyncRead + Unpin> AsyncRead for Wire<T> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if this.ahead.is_empty() {
            return this.poll_ahead(cx, buf);
        }
        let (now, later) = split(&this.ahead[this.handed..], buf.remaining());
        buf.put_slice(now);
        this.handed += now.len();
        if later.is_empty() {
            // Idle connections hold no memory for it.
            this.ahead = Vec::new();
            this.handed = 0;
        }
        Poll::Ready(Ok(()))
    }
}

fn split(bytes: &[u8], most: usize) -> (&[u8], &[u8]) {
    bytes.split_at(bytes.len().min(most))
}

impl<T: AsyncWrite + Unpin> AsyncWrite for Wire<T> {
    /// Takes all or, while something waits, nothing: a frame that has begun is whole before another one begins.
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        ready!(this.poll_rest(cx))?;
        this.hand_over(cx, buf)?;
        Poll::Ready(Ok(buf.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        ready!(this.poll_rest(cx))?;
        Pin::new(&mut this.io).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        ready!(this.poll_rest(cx))?;
        Pin::new(&mut this.io).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use futures::{SinkExt, StreamExt};
    use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
    use tokio_tungstenite::{
        WebSocketStream,
        tungstenite::{Message, Utf8Bytes, protocol::Role},
    };

    use super::*;
    use crate::conn::socket::Socket;

    /// A client and its socket here, with so many bytes of network between them.
    async fn pair(bytes: usize) -> (WebSocketStream<DuplexStream>, Socket<DuplexStream>) {
        let (ours, theirs) = duplex(bytes);
        let client = WebSocketStream::from_raw_socket(theirs, Role::Client, None).await;
        (client, Socket::over(ours).await)
    }

    /// Writes the queue and reads until the client is gone, as a connection's task does.
    async fn serve(mut socket: Socket<DuplexStream>, outbound: &Outbound) {
        poll_fn(|cx| {
            loop {
                if socket.poll_write(cx, outbound).is_err() {
                    return Poll::Ready(());
                }
                match socket.poll_read(cx) {
                    Poll::Ready(Some(Ok(_))) => {}
                    Poll::Ready(_) => return Poll::Ready(()),
                    Poll::Pending if outbound.is_empty() || socket.writing().is_waiting => {
                        return Poll::Pending;
                    }
                    Poll::Pending => {}
                }
            }
        })
        .await;
    }

    #[tokio::test]
    async fn frames_of_any_length_come_whole_and_in_order_between_pongs() {
        // A byte more or less at every border of the length's three forms, and more than is handed over at once.
        let lengths = [
            1, 125, 126, 127, 65_535, 65_536, 65_537, 3, AT_ONCE, 200_000,
        ];
        for network in [13, 64, 4_096, 1 << 20] {
            let outbound = Outbound::new(1_000, 10_000_000);
            let (mut client, socket) = pair(network).await;
            for (nth, length) in lengths.iter().enumerate() {
                let text = nth.to_string().repeat(*length);
                outbound.reply(text[..*length].into());
            }
            let talk = async {
                let mut pongs = 0;
                for (nth, length) in lengths.iter().enumerate() {
                    client
                        .send(Message::Ping("still there?".into()))
                        .await
                        .expect("sent");
                    let text = loop {
                        match client.next().await.expect("open").expect("well-formed") {
                            Message::Text(text) => break text,
                            Message::Pong(data) => {
                                assert_eq!(&data[..], b"still there?");
                                pongs += 1;
                            }
                            other => panic!("nobody said {other:?}"),
                        }
                    };
                    let digit = nth.to_string();
                    assert_eq!(text.len(), *length, "frame {nth} through {network} B");
                    assert!(text.as_str().chars().all(|each| digit.contains(each)));
                }
                // The library answers the latest ping, and may leave out those before it.
                while pongs == 0 {
                    let heard = client.next().await.expect("open").expect("well-formed");
                    pongs += u32::from(heard.is_pong());
                }
                drop(client);
            };
            tokio::join!(talk, serve(socket, &outbound));
        }
    }

    #[tokio::test]
    async fn what_the_network_does_not_take_waits_and_then_holds_no_memory() {
        let outbound = Outbound::new(10, 1_000_000);
        let (mut client, mut socket) = pair(10).await;
        let frame = Utf8Bytes::from("x".repeat(1_000));
        outbound.reply(frame.clone());
        outbound.reply(frame.clone());
        poll_fn(|cx| {
            socket.poll_write(cx, &outbound).expect("it is open");
            Poll::Ready(())
        })
        .await;
        let writing = socket.writing();
        assert!(writing.is_waiting && outbound.is_empty());
        assert_eq!(socket.wire().written(), 10);
        let wait = poll_fn(|cx| {
            socket.poll_write(cx, &outbound).expect("it is open");
            if socket.writing().is_waiting {
                Poll::Pending
            } else {
                Poll::Ready(())
            }
        });
        let read = async {
            for _ in 0..2 {
                let heard = client.next().await.expect("open").expect("well-formed");
                assert_eq!(heard, Message::Text(frame.clone()));
            }
        };
        tokio::join!(wait, read);
        assert_eq!(socket.wire().written(), 2 * (1_000 + 4));
        assert_eq!(socket.wire().rest.capacity(), 0);
    }

    #[tokio::test]
    async fn what_comes_at_once_is_read_at_once_whatever_the_library_asks_for() {
        let (ours, mut theirs) = duplex(1 << 20);
        let sent: Vec<u8> = (0..50_000_u32).map(|nth| nth.to_le_bytes()[0]).collect();
        theirs.write_all(&sent).await.expect("room");
        let mut wire = Wire::new(ours);
        let (mut heard, mut asked) = (Vec::new(), [0; 100]);
        while heard.len() < sent.len() {
            let count = wire.read(&mut asked).await.expect("open");
            heard.extend_from_slice(&asked[..count]);
            assert!(wire.ahead.len() < AT_ONCE);
        }
        assert_eq!(heard, sent);
        assert_eq!(wire.ahead.capacity(), 0);
        theirs.write_all(b"once more").await.expect("room");
        assert_eq!(wire.read(&mut asked).await.expect("open"), 9);
        drop(theirs);
        assert_eq!(wire.read(&mut asked).await.expect("the end"), 0);
    }
}
