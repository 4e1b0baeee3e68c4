//! The threads that passwords are hashed on. They step back behind everything else on the machine: a hash keeps a core
//! busy for a hundredth of a second, and whoever sends a message meanwhile must not wait for it.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Mutex, PoisonError},
    thread,
};

use anyhow::Context;
use argon2::Params;
use tokio::sync::{mpsc, oneshot};

use super::memory::Memory;

/// How far they step back: 0 is what everything else has, 19 gets a core only where nobody wants it. With 10 a thread has
/// a tenth of a core that everybody wants: log-ins become slow on a machine that is full, and do not end.
const NICE: i32 = 10;

type Job = Box<dyn FnOnce(&mut Memory) + Send>;

/// Threads with a memory each. They end when it is dropped.
pub(super) struct Threads {
    jobs: mpsc::Sender<Job>,
}

impl Threads {
    /// Starts so many threads, for which no more jobs than that wait. Takes the memory of hashes with these parameters.
    pub(super) fn start(params: &Params, threads: usize, queue: usize) -> anyhow::Result<Self> {
        let (sender, jobs) = mpsc::channel(queue.max(1));
        let jobs = Arc::new(Mutex::new(jobs));
        for _ in 0..threads {
            let (jobs, params) = (jobs.clone(), params.clone());
            let thread = thread::Builder::new().name("password-hash".to_owned());
            let started = thread.spawn(move || work(&jobs, &params));
            started.context("no thread for password hashes")?;
        }
        Ok(Self { jobs: sender })
    }

    /// Runs a job on one of them. Giving up the answer does not give up the job.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Memory) -> anyhow::Result<T> + Send + 'static,
    ) -> anyhow::Result<T> {
        let (answer, answered) = oneshot::channel();
        let job: Job = Box::new(move |memory| {
            // Nobody may be left to hear it.
            let _ = answer.send(job(memory));
        });
        let sent = self.jobs.send(job).await;
        sent.ok().context("no thread hashes passwords any more")?;
        answered.await.context("a password hash panicked")?
    }
}

fn work(jobs: &Mutex<mpsc::Receiver<Job>>, params: &Params) {
    step_back();
    let mut memory = Memory::new(params);
    loop {
        let next = jobs
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .blocking_recv();
        let Some(job) = next else { return };
        if catch_unwind(AssertUnwindSafe(|| job(&mut memory))).is_err() {
            memory = Memory::new(params);
        }
    }
}

/// Elsewhere than on Linux the call would be about the whole process.
#[cfg(target_os = "linux")]
fn step_back() {
    if let Err(error) = rustix::process::setpriority_process(None, NICE) {
        tracing::warn!(%error, "password hashes compete with everything else");
    }
}

#[cfg(not(target_os = "linux"))]
fn step_back() {}

#[cfg(test)]
mod tests {
    use super::*;

    fn threads(threads: usize) -> Threads {
        let params = Params::new(8, 1, 1, None).expect("valid");
        Threads::start(&params, threads, 8).expect("started")
    }

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn they_and_nobody_else_step_back() {
        let nice = || rustix::process::getpriority_process(None).context("no priority");
        let before = nice().expect("known");
        let theirs = threads(1).run(move |_| nice()).await.expect("known");
        assert_eq!(theirs, NICE.max(before));
        assert_eq!(nice().expect("known"), before);
    }

    #[tokio::test]
    async fn a_job_that_panics_takes_nobody_along() {
        let threads = threads(1);
        let panicked = threads.run::<()>(|_| panic!("on purpose")).await;
        assert!(panicked.is_err());
        assert_eq!(threads.run(|_| Ok(7)).await.expect("it goes on"), 7);
    }
}
