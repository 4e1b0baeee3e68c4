//! `cargo dev` as a person runs it.

use std::process::Stdio;
use std::time::Duration;

use devstack::binaries;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};

use crate::state::State;

/// A fresh stack with migrations, in an unoptimised build beside other tests.
const PATIENCE: Duration = Duration::from_secs(120);

struct Running {
    child: Child,
    output: Lines<BufReader<ChildStdout>>,
}

impl Running {
    fn start(state: &State, args: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_devstack"));
        command
            .args(args)
            .env("HUBBUB_STATE", state.path())
            .stdout(Stdio::piped())
            .kill_on_drop(true);
        let mut child = command.spawn().expect("started");
        let output = BufReader::new(child.stdout.take().expect("piped")).lines();
        Self { child, output }
    }

    /// Reads on until a line contains `text`, and returns that line.
    async fn says(&mut self, text: &str) -> String {
        let find = async {
            while let Some(line) = self.output.next_line().await.expect("read") {
                if line.contains(text) {
                    return line;
                }
            }
            panic!("it ended without saying {text:?}");
        };
        tokio::time::timeout(PATIENCE, find)
            .await
            .unwrap_or_else(|_| panic!("it never said {text:?}"))
    }

    fn signal(&self, signal: Signal) {
        let pid = self.child.id().expect("running").try_into().expect("a pid");
        kill(Pid::from_raw(pid), signal).expect("delivered");
    }

    async fn ends(&mut self) -> Option<i32> {
        let ended = tokio::time::timeout(PATIENCE, self.child.wait())
            .await
            .expect("it ends");
        ended.expect("waited").code()
    }
}

#[tokio::test]
async fn ctrl_c_and_sigterm_leave_nothing_behind() {
    let state = State::new();
    for signal in [Signal::SIGINT, Signal::SIGTERM] {
        let mut running = Running::start(&state, &["stores"]);
        running.says("Ctrl-C").await;
        assert!(!state.processes().is_empty());
        running.signal(signal);
        assert_eq!(running.ends().await, Some(0), "{signal}");
        assert_eq!(state.processes(), [0; 0], "{signal}");
    }
}

#[tokio::test]
async fn a_second_start_in_the_same_checkout_is_refused() {
    let state = State::new();
    let mut first = Running::start(&state, &["stores"]);
    first.says("Ctrl-C").await;
    let mut second = Running::start(&state, &["stores"]);
    assert_eq!(second.ends().await, Some(1));
    first.signal(Signal::SIGINT);
    assert_eq!(first.ends().await, Some(0));
}

#[tokio::test]
async fn children_die_with_a_killed_parent() {
    let state = State::new();
    let mut running = Running::start(&state, &["stores"]);
    running.says("Ctrl-C").await;
    running.signal(Signal::SIGKILL);
    assert_eq!(running.ends().await, None);
    if devstack::tools::on_path("setpriv").is_some() {
        state.is_deserted().await;
    }
    let mut again = Running::start(&state, &["stores"]);
    again.says("Ctrl-C").await;
    again.signal(Signal::SIGINT);
    assert_eq!(again.ends().await, Some(0));
    state.is_deserted().await;
}

#[tokio::test]
async fn everything_comes_up_twice_and_goes_away() {
    binaries::build().await.expect("the services compile");
    let state = State::new();
    let mut first = Running::start(&state, &["--gateways", "2"]);
    first.says("Hubbub is up").await;
    let url = first
        .says("gateway 2")
        .await
        .split_whitespace()
        .last()
        .expect("a URL")
        .to_owned();
    let wscat = first.says("wscat").await;
    assert!(
        wscat.contains("/v1/rt?session=") && wscat.contains("hubbub.v1.json"),
        "{wscat}"
    );
    let (name, password) = devstack::seed::USERS[0];
    testkit::Person::log_in(&url, name, password).await;
    first.signal(Signal::SIGINT);
    first.says("stopped").await;
    assert_eq!(first.ends().await, Some(0));
    assert_eq!(state.processes(), [0; 0]);

    let mut second = Running::start(&state, &["up", "--exit-after-ready"]);
    let line = second.says("gateway 2").await;
    assert!(line.ends_with(&url), "{line}");
    assert_eq!(second.ends().await, Some(0));
    assert_eq!(state.processes(), [0; 0]);
}
