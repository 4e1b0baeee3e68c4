//! Whether something may have come: a connection that is woken only to write does not look.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, Wake, Waker},
};

use futures::task::AtomicWaker;

/// Stands between the network and the connection's task: what wakes it was asked to by reading.
pub(super) struct Signal {
    is_raised: AtomicBool,
    task: AtomicWaker,
}

impl Signal {
    /// Nobody has looked yet.
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Self {
            is_raised: AtomicBool::new(true),
            task: AtomicWaker::new(),
        })
    }

    /// Has the next look taken, whatever was heard.
    pub(super) fn raise(&self) {
        self.is_raised.store(true, Ordering::Release);
    }

    /// Looks if something may have come since a look that found nothing.
    pub(super) fn poll<T>(
        self: &Arc<Self>,
        cx: &mut Context<'_>,
        look: impl FnOnce(&mut Context<'_>) -> Poll<T>,
    ) -> Poll<T> {
        self.task.register(cx.waker());
        if !self.is_raised.swap(false, Ordering::AcqRel) {
            return Poll::Pending;
        }
        let waker = Waker::from(self.clone());
        let found = look(&mut Context::from_waker(&waker));
        if found.is_ready() {
            // There may be more.
            self.raise();
        }
        found
    }
}

impl Wake for Signal {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.raise();
        self.task.wake();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_looks_again_before_something_comes() {
        let signal = Signal::new();
        let mut cx = Context::from_waker(Waker::noop());
        let mut network = None;
        let mut looks = 0;
        let mut poll = |network: &mut Option<Waker>, found: Poll<()>| {
            looks = 0;
            let polled = signal.poll(&mut cx, |cx| {
                *network = Some(cx.waker().clone());
                looks += 1;
                found
            });
            assert!(looks == 1 || polled.is_pending());
            looks
        };
        assert_eq!(poll(&mut network, Poll::Ready(())), 1, "the first time");
        assert_eq!(poll(&mut network, Poll::Pending), 1, "there may be more");
        assert_eq!(poll(&mut network, Poll::Ready(())), 0, "nothing came");
        network.take().expect("it was asked for").wake();
        assert_eq!(poll(&mut network, Poll::Pending), 1, "something came");
        assert_eq!(poll(&mut network, Poll::Ready(())), 0);
    }
}
