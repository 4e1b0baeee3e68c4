//! The handle, and the task that accepts.

use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::{
    net::{TcpListener, TcpStream},
    sync::watch,
    task::{AbortHandle, JoinSet},
    time::sleep,
};

use crate::{
    bus::BusFault,
    connection::Connection,
    control::{Listening, Orders},
    fault::Fault,
    reset::reset,
    stats::{Counters, Stats},
};

/// How long accepting rests after it failed: the process is out of file descriptors, and trying at once only burns.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// A proxy in front of one address.
///
/// Dropping it ends its tasks, closes its connections and frees its port, as soon as the runtime comes to it.
#[derive(Debug)]
pub struct Proxy {
    address: SocketAddr,
    upstream: SocketAddr,
    /// Every connection listens to it; the proxy alone speaks.
    orders: watch::Sender<Orders>,
    counters: Arc<Counters>,
    live: Arc<AtomicUsize>,
    /// The accepting task owns the tasks of the connections: they end with it.
    acceptor: AbortHandle,
}

/// Accepts and starts connections.
struct Acceptor {
    listener: TcpListener,
    upstream: SocketAddr,
    seed: u64,
    is_bus: bool,
    orders: Listening,
    counters: Arc<Counters>,
    live: Arc<AtomicUsize>,
}

/// Counts a connection while it lives.
struct Live(Arc<AtomicUsize>);

impl Proxy {
    /// Opens a proxy on a free port of 127.0.0.1. The upstream need not listen yet.
    ///
    /// # Errors
    /// Fails when `upstream` is not a loopback address or no port is free.
    pub async fn open(upstream: SocketAddr, seed: u64) -> io::Result<Self> {
        Self::listen((Ipv4Addr::LOCALHOST, 0).into(), upstream, seed).await
    }

    /// Opens a proxy that listens on `on`; port 0 is any free one.
    ///
    /// # Errors
    /// Fails when one of the addresses is not a loopback address or `on` is taken.
    pub async fn listen(on: SocketAddr, upstream: SocketAddr, seed: u64) -> io::Result<Self> {
        Self::start(on, upstream, seed, false).await
    }

    pub(crate) async fn start(
        on: SocketAddr,
        upstream: SocketAddr,
        seed: u64,
        is_bus: bool,
    ) -> io::Result<Self> {
        for address in [on, upstream] {
            if !address.ip().is_loopback() {
                let message = format!("{address} is not a loopback address");
                return Err(io::Error::new(io::ErrorKind::InvalidInput, message));
            }
        }
        let listener = TcpListener::bind(on).await?;
        let address = listener.local_addr()?;
        let (orders, listening) = watch::channel(Orders::default());
        let (counters, live) = (Arc::default(), Arc::default());
        let acceptor = Acceptor {
            listener,
            upstream,
            seed,
            is_bus,
            orders: listening,
            counters: Arc::clone(&counters),
            live: Arc::clone(&live),
        };
        Ok(Self {
            address,
            upstream,
            orders,
            counters,
            live,
            acceptor: tokio::spawn(acceptor.run()).abort_handle(),
        })
    }

    /// Returns where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns where it leads.
    #[must_use]
    pub fn upstream(&self) -> SocketAddr {
        self.upstream
    }

    /// Puts a fault in force instead of the one before, for connections that are there and those that come.
    /// Applying the same fault again begins it anew.
    pub fn apply(&self, fault: Fault) {
        self.orders.send_modify(|orders| {
            orders.fault = fault;
            orders.epoch += 1;
        });
    }

    /// Ends the fault in force. What it held arrives; what it ended stays ended.
    pub fn heal(&self) {
        self.apply(Fault::default());
    }

    /// Resets every live connection, once, on both sides, whatever fault is in force.
    pub fn cut(&self) {
        self.orders.send_modify(|orders| orders.cuts += 1);
    }

    /// Returns how many connections live, those that wait for their upstream included.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.live.load(Ordering::SeqCst)
    }

    /// Returns what was let through and what was spoilt since the proxy was opened.
    #[must_use]
    pub fn stats(&self) -> Stats {
        self.counters.read()
    }

    /// Puts in force what is wrong with single messages.
    pub(crate) fn disturb(&self, fault: Option<BusFault>) {
        let fault = fault.map(Arc::new);
        self.orders.send_modify(|orders| orders.bus = fault);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.acceptor.abort();
    }
}

impl Acceptor {
    async fn run(self) {
        let mut connections = JoinSet::new();
        let mut number = 0;
        loop {
            tokio::select! {
                accepted = self.listener.accept() => match accepted {
                    Ok((client, _)) => {
                        number += 1;
                        self.start(&mut connections, client, number);
                    }
                    Err(_) => sleep(ACCEPT_PAUSE).await,
                },
                Some(_) = connections.join_next() => {}
            }
        }
    }

    fn start(&self, connections: &mut JoinSet<()>, client: TcpStream, number: u64) {
        let (is_refusing, cuts) = {
            let orders = self.orders.borrow();
            (orders.fault.is_refusing, orders.cuts)
        };
        self.counters.count(|stats| {
            stats.accepted += 1;
            stats.refused += u64::from(is_refusing);
        });
        if is_refusing {
            return reset(client);
        }
        let connection = Connection {
            number,
            upstream: self.upstream,
            seed: self.seed,
            is_bus: self.is_bus,
            cuts,
            orders: self.orders.clone(),
            counters: Arc::clone(&self.counters),
        };
        let live = Live::new(&self.live);
        connections.spawn(async move {
            connection.serve(client).await;
            drop(live);
        });
    }
}

impl Live {
    fn new(count: &Arc<AtomicUsize>) -> Self {
        count.fetch_add(1, Ordering::SeqCst);
        Self(Arc::clone(count))
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}
