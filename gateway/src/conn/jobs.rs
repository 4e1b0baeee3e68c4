//! What a connection waits for: its requests, and what it reads from the log.

use std::task::{Context, Poll};

use futures::{StreamExt, future::BoxFuture, stream::FuturesUnordered};

/// Futures that end in any order. While there are none it holds no memory: idle connections wait for nothing.
pub(super) struct Jobs<T>(Option<FuturesUnordered<BoxFuture<'static, T>>>);

impl<T> Jobs<T> {
    /// There are none.
    pub(super) fn new() -> Self {
        Self(None)
    }

    /// Waits for one more.
    pub(super) fn push(&mut self, job: BoxFuture<'static, T>) {
        self.0.get_or_insert_default().push(job);
    }

    /// Gives up all.
    pub(super) fn clear(&mut self) {
        self.0 = None;
    }

    /// Returns the end of one that has ended.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<T> {
        let Some(jobs) = &mut self.0 else {
            return Poll::Pending;
        };
        match jobs.poll_next_unpin(cx) {
            Poll::Ready(Some(done)) => Poll::Ready(done),
            Poll::Ready(None) => {
                self.clear();
                Poll::Pending
            }
            Poll::Pending => Poll::Pending,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::task::Waker;

    use tokio::sync::oneshot;

    use super::*;

    #[test]
    fn whoever_ends_first_comes_first_and_then_nothing_is_held() {
        let mut jobs = Jobs::new();
        let mut cx = Context::from_waker(Waker::noop());
        let [(late, first), (soon, second)] = [(); 2].map(|()| oneshot::channel::<u8>());
        jobs.push(Box::pin(first));
        jobs.push(Box::pin(second));
        assert!(jobs.poll(&mut cx).is_pending());
        soon.send(2).expect("waited for");
        assert_eq!(jobs.poll(&mut cx), Poll::Ready(Ok(2)));
        assert!(jobs.poll(&mut cx).is_pending());
        late.send(1).expect("waited for");
        assert_eq!(jobs.poll(&mut cx), Poll::Ready(Ok(1)));
        assert!(jobs.0.is_some());
        assert!(jobs.poll(&mut cx).is_pending());
        assert!(jobs.0.is_none());
    }
}
