//! RFC 6455, case by case: Autobahn's suite (the PyPI package `kosoku`) against an echo that upgrades, reads, writes and
//! judges with the very code of the gateway.

use std::{
    collections::{BTreeMap, BTreeSet},
    convert::Infallible,
    future::ready,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::Stdio,
};

use axum::{body::Body, response::Response};
use futures::{SinkExt, StreamExt};
use gateway::conn::{handshake, socket};
use http::{Request, StatusCode};
use hyper::{body::Incoming, server::conn::http1, service::service_fn, upgrade};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::{net::TcpListener, process::Command};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{
        Error, Message,
        protocol::{CloseFrame, WebSocketConfig, frame::coding::CloseCode as WsCloseCode},
    },
};

const PACKAGE: &str = "kosoku==0.1.0";
/// Cases whose one message is longer than a frame may be here; they end with "too large".
const TOO_LONG: [(&str, std::ops::RangeInclusive<u8>); 6] = [
    ("9.1", 2..=6),
    ("9.2", 2..=6),
    ("9.3", 1..=9),
    ("9.4", 1..=9),
    ("9.5", 1..=6),
    ("9.6", 1..=6),
];

/// Cases that ask for the close code 1002 or 1007, where the protocol says 4400.
const OTHER_CODE: [&str; 3] = ["7.3.2", "7.3.6", "7.5.1"];

/// How an echo differs from the gateway, if it does.
#[derive(Clone, Copy)]
struct Ways {
    bounds: WebSocketConfig,
    /// The code that a connection is closed with which broke the rules.
    code: fn(&Error) -> Option<u16>,
}

/// The gateway's own ways.
fn ours() -> Ways {
    Ways {
        bounds: socket::bounds().max_write_buffer_size(usize::MAX),
        code: |error| socket::verdict(error).map(proto::frame::CloseCode::code),
    }
}

/// The same without a bound of messages, and with the codes that the standard proposes.
fn standard() -> Ways {
    let bounds = socket::bounds().max_message_size(None).max_frame_size(None);
    Ways {
        bounds: bounds.max_write_buffer_size(usize::MAX),
        code: |error| match error {
            Error::Utf8(_) => Some(1007),
            error => socket::verdict(error).map(|_| 1002),
        },
    }
}

/// Says back whatever it hears.
async fn echo(upgrading: upgrade::OnUpgrade, ways: Ways) {
    let Ok(upgraded) = upgrading.await else {
        return;
    };
    let mut socket = socket::serve(TokioIo::new(upgraded), ways.bounds).await;
    while let Some(heard) = socket.next().await {
        match heard {
            Ok(message @ (Message::Text(_) | Message::Binary(_))) => {
                if socket.send(message).await.is_err() {
                    return;
                }
            }
            Ok(Message::Close(_)) => return part(&mut socket, None).await,
            Ok(_) => {}
            Err(error) => {
                let Some(code) = (ways.code)(&error) else {
                    return;
                };
                let close = CloseFrame {
                    code: WsCloseCode::from(code),
                    reason: "".into(),
                };
                return part(&mut socket, Some(close)).await;
            }
        }
    }
}

async fn part<T: socket::Io>(
    socket: &mut WebSocketStream<socket::Wire<T>>,
    close: Option<CloseFrame>,
) {
    // That the client is gone already is no fault of anybody.
    let _ = socket::part(socket, close).await;
    socket::linger(socket.get_mut()).await;
}

/// Starts an echo on a port of its own.
async fn serve(ways: Ways) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let service = service_fn(move |request: Request<Incoming>| {
                ready(Ok::<_, Infallible>(switch(request, ways)))
            });
            let connection = http1::Builder::new()
                .serve_connection(TokioIo::new(stream), service)
                .with_upgrades();
            tokio::spawn(connection);
        }
    });
    address
}

fn switch(request: Request<Incoming>, ways: Ways) -> Response {
    let mut request = request.map(Body::new);
    let Some(response) = handshake::accept(&request) else {
        let mut refused = Response::new(Body::empty());
        *refused.status_mut() = StatusCode::UPGRADE_REQUIRED;
        return refused;
    };
    tokio::spawn(echo(upgrade::on(&mut request), ways));
    response
}

async fn run(command: &mut Command) -> Result<(), String> {
    let what = format!("{:?}", command.as_std());
    let output = command.stdin(Stdio::null()).kill_on_drop(true).output();
    let output = output.await.map_err(|error| format!("{what}: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    Err(format!("{what} failed:\n{text}"))
}

/// Installs the suite into a virtual environment of this checkout, unless it is there.
async fn suite() -> PathBuf {
    let tools = Path::new(env!("CARGO_MANIFEST_DIR")).join("../.hubbub/tools");
    std::fs::create_dir_all(&tools).expect("the folder of the tools");
    let venv = tools.join("conformance");
    let program = venv.join("bin/kosoku");
    // Another test process may be at it.
    let lock = std::fs::File::create(tools.join("conformance.lock")).expect("a lock");
    let lock = tokio::task::spawn_blocking(move || lock.lock().map(|()| lock)).await;
    let _lock = lock.expect("waited").expect("locked");
    if program.exists() {
        return program;
    }
    let made = async {
        let mut python = Command::new("python3");
        run(python.args(["-m", "venv", "--clear"]).arg(&venv)).await?;
        let mut pip = Command::new(venv.join("bin/pip"));
        pip.args([
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "--no-input",
        ]);
        run(pip.arg(PACKAGE)).await
    };
    if let Err(error) = made.await {
        panic!("{PACKAGE} cannot be installed (it needs python3 with venv, and PyPI): {error}");
    }
    program
}

/// What a case came to: the talk, and the way it ended.
type Verdicts = BTreeMap<String, (String, String)>;

async fn judge(address: SocketAddr) -> Verdicts {
    let program = suite().await;
    let report = tempfile::tempdir().expect("a folder");
    let mut command = Command::new(program);
    command.args(["--mode", "fuzzingclient", "--parallelism", "8", "--outdir"]);
    command.arg(report.path()).arg(format!("ws://{address}"));
    // It fails when a case does; which ones may is ours to say.
    let said = run(&mut command).await;
    let index = std::fs::read_to_string(report.path().join("index.json"));
    let index = index.unwrap_or_else(|error| panic!("no report ({error}): {said:?}"));
    let index: Value = serde_json::from_str(&index).expect("a report");
    let agents = index.as_object().expect("agents").values();
    let cases = agents.flat_map(|cases| cases.as_object().expect("cases"));
    let word = |case: &Value, name: &str| case[name].as_str().expect("a verdict").to_owned();
    cases
        .map(|(id, case)| {
            (
                id.clone(),
                (word(case, "behavior"), word(case, "behaviorClose")),
            )
        })
        .collect()
}

fn with(verdicts: &Verdicts, wanted: &str) -> BTreeSet<String> {
    let found = verdicts.iter().filter(|(_, (talk, _))| talk == wanted);
    found.map(|(id, _)| id.clone()).collect()
}

fn too_long() -> BTreeSet<String> {
    let ids = TOO_LONG.iter().cloned();
    ids.flat_map(|(group, numbers)| numbers.map(move |n| format!("{group}.{n}")))
        .collect()
}

fn other_codes(verdicts: &Verdicts) -> usize {
    let ends = verdicts.values().map(|(_, end)| end);
    ends.filter(|end| *end == "WRONG CODE").count()
}

fn set(ids: &[&str]) -> BTreeSet<String> {
    ids.iter().map(|id| (*id).to_owned()).collect()
}

/// What holds whatever the bounds and the codes.
fn assert_alike(verdicts: &Verdicts) {
    assert_eq!(verdicts.len(), 517, "all cases");
    assert_eq!(
        with(verdicts, "NON-STRICT"),
        set(&["6.4.3", "6.4.4"]),
        "bad text is found at the end of its frame, not in the middle"
    );
    assert_eq!(with(verdicts, "INFORMATIONAL").len(), 3);
    let deflate = with(verdicts, "UNIMPLEMENTED");
    assert_eq!(deflate.len(), 216);
    let is_deflate = |id: &String| id.starts_with("12.") || id.starts_with("13.");
    assert!(
        deflate.iter().all(is_deflate),
        "compression, and nothing else, is not spoken"
    );
    for (id, (_, end)) in verdicts {
        assert!(
            !["UNCLEAN", "FAILED BY CLIENT"].contains(&end.as_str()),
            "{id}: {end}"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_case_of_the_suite_has_the_verdict_it_should_have() {
    let verdicts = judge(serve(ours()).await).await;
    assert_alike(&verdicts);
    let failed: BTreeSet<_> = too_long().into_iter().chain(set(&OTHER_CODE)).collect();
    assert_eq!(with(&verdicts, "FAILED"), failed, "and no others");
    assert_eq!(with(&verdicts, "OK").len(), 253);
    assert_eq!(other_codes(&verdicts), 108, "closed with a code of our own");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_bound_of_frames_and_our_close_codes_are_all_that_fails() {
    let verdicts = judge(serve(standard()).await).await;
    assert_alike(&verdicts);
    assert_eq!(with(&verdicts, "FAILED"), BTreeSet::new());
    assert_eq!(with(&verdicts, "OK").len(), 296);
    assert_eq!(other_codes(&verdicts), 0);
}
