//! Sockets on both sides of a proxy, and waiting for them.

use std::{future::Future, io::ErrorKind, net::SocketAddr, time::Duration};

use faultproxy::Proxy;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    time::timeout,
};

/// How long something that must happen may take.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// How long something that must not happen is given to happen.
pub(crate) const SILENCE: Duration = Duration::from_millis(250);

/// A proxy and the listener behind it.
pub(crate) struct Behind {
    pub(crate) proxy: Proxy,
    pub(crate) listener: TcpListener,
}

/// Opens a proxy before a listener of the test's own.
pub(crate) async fn behind(seed: u64) -> Behind {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let upstream = listener.local_addr().expect("bound");
    let proxy = Proxy::open(upstream, seed).await.expect("a proxy");
    Behind { proxy, listener }
}

impl Behind {
    /// Connects through the proxy; returns the client's end and the upstream's.
    pub(crate) async fn pair(&self) -> (TcpStream, TcpStream) {
        let client = self.connect().await;
        (client, self.accept().await)
    }

    pub(crate) async fn connect(&self) -> TcpStream {
        let connected = soon(TcpStream::connect(self.proxy.address())).await;
        connected.expect("the proxy listens")
    }

    pub(crate) async fn accept(&self) -> TcpStream {
        let (accepted, _) = soon(self.listener.accept()).await.expect("a connection");
        accepted
    }

    /// Waits until so many connections live.
    pub(crate) async fn connections(&self, count: usize) {
        until("the number of live connections", || {
            self.proxy.connections() == count
        })
        .await;
    }
}

/// Starts a server that sends back what it gets.
pub(crate) async fn echo() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("bound");
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let (mut from, mut to) = stream.split();
                let _ = tokio::io::copy(&mut from, &mut to).await;
                let _ = to.shutdown().await;
            });
        }
    });
    address
}

/// Waits for what must happen.
pub(crate) async fn soon<T>(what: impl Future<Output = T>) -> T {
    timeout(PATIENCE, what).await.expect("in time")
}

/// Waits until a condition holds.
pub(crate) async fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let probe = async || holds().then_some(());
    let waited = devstack::wait::until(what, PATIENCE, probe).await;
    waited.expect("in time");
}

/// Sends a text.
pub(crate) async fn say(stream: &mut TcpStream, text: &str) {
    let written = soon(stream.write_all(text.as_bytes())).await;
    written.expect("written");
}

/// Reads exactly a text.
pub(crate) async fn hear(stream: &mut TcpStream, text: &str) {
    let mut bytes = vec![0; text.len()];
    soon(stream.read_exact(&mut bytes))
        .await
        .expect("all of it");
    assert_eq!(String::from_utf8_lossy(&bytes), text);
}

/// Reads to the end.
pub(crate) async fn hear_out(stream: &mut TcpStream) -> Vec<u8> {
    let mut bytes = Vec::new();
    soon(stream.read_to_end(&mut bytes)).await.expect("an end");
    bytes
}

/// Says that nothing comes: no bytes, no end, no reset.
pub(crate) async fn hears_nothing(stream: &mut TcpStream) {
    let read = timeout(SILENCE, stream.read_u8()).await;
    assert!(read.is_err(), "{read:?}");
}

/// Says that the stream ends with a reset.
pub(crate) async fn is_reset(stream: &mut TcpStream) {
    let mut bytes = Vec::new();
    let read = soon(stream.read_to_end(&mut bytes)).await;
    let kind = read.expect_err("a reset, not an end").kind();
    assert_eq!(kind, ErrorKind::ConnectionReset);
}

/// Closes a stream without a goodbye.
pub(crate) fn vanish(stream: TcpStream) {
    stream.set_zero_linger().expect("a living socket");
    drop(stream);
}

/// Bytes in which a hole, a repeat or a swap would show.
pub(crate) fn pattern(length: usize) -> Vec<u8> {
    (0_u32..)
        .flat_map(|number| number.wrapping_mul(2_654_435_761).to_be_bytes())
        .take(length)
        .collect()
}
