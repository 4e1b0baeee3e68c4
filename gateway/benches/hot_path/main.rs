//! What a message costs inside the gateway, step by step: written once, queued for everyone, put on a socket; and what
//! keeps a stream in order.

mod crowd;

use std::{
    hint::black_box,
    io::{self, Read, Write},
    sync::Arc,
    time::Duration,
};

use criterion::{BatchSize, Criterion, Throughput};
use gateway::{
    conn::{said, socket},
    enforced::Enforced,
    fanout::{Rendered, Scope},
};
use serde_json::value::RawValue;
use tokio::time::Instant;
use tokio_tungstenite::tungstenite::{Message, WebSocket, protocol::Role};

use crowd::Crowd;

/// Streams in the cursors of one `hello`.
const CURSORS: usize = 50;
/// Events that come in a row.
const EVENTS: usize = 100;

/// A connection to nobody: takes everything and says nothing.
struct Nowhere;

impl Read for Nowhere {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        Err(io::ErrorKind::WouldBlock.into())
    }
}

impl Write for Nowhere {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        Ok(black_box(bytes).len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn encode(criterion: &mut Criterion) {
    let event = Crowd::of(0).message();
    let enforced = Enforced::default();
    let render = || Rendered::new(event.clone(), Scope::Room, &enforced);
    criterion.bench_function("encode an event", |bencher| bencher.iter(render));
    let frame = render().frame(0, false).expect("clients are told");
    let mut socket = WebSocket::from_raw_socket(Nowhere, Role::Server, Some(socket::bounds()));
    criterion.bench_function("put a frame on a socket", |bencher| {
        bencher.iter(|| {
            socket.write(Message::Text(frame.clone()))?;
            socket.flush()
        });
    });
}

fn fan_out(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("fan-out");
    for members in [100, 1_000] {
        let crowd = Crowd::of(members);
        group.throughput(Throughput::Elements(members as u64));
        group.bench_function(format!("a message to {members}"), |bencher| {
            bencher.iter_batched(
                || {
                    crowd.drain();
                    [crowd.message()]
                },
                |event| crowd.deliver(&event),
                BatchSize::PerIteration,
            );
        });
        group.bench_function(format!("a whisper to {members}"), |bencher| {
            bencher.iter_batched(
                || {
                    crowd.drain();
                    crowd.whisper()
                },
                |whisper| crowd.hear(whisper),
                BatchSize::PerIteration,
            );
        });
    }
}

fn cursors(criterion: &mut Criterion) {
    let entry = |seq| {
        let [stream, event] = [(); 2].map(|()| uuid::Uuid::now_v7());
        format!(r#""{stream}":[{seq},"{event}"]"#)
    };
    let entries: Vec<String> = (1..=CURSORS).map(entry).collect();
    let resume = format!(r#"{{"session":"s","cursors":{{{}}}}}"#, entries.join(","));
    let resume = RawValue::from_string(resume).expect("JSON");
    criterion.bench_function("read the cursors of a hello with 50 streams", |bencher| {
        bencher.iter(|| {
            let resume = said::parse_resume(Some(&resume)).expect("well-formed");
            let cursors = resume.expect("there").cursors;
            let read = cursors.values().map(|raw| said::parse_cursor(raw));
            read.collect::<Vec<_>>()
        });
    });
    let crowd = Crowd::of(0);
    let events: Vec<Arc<_>> = (0..EVENTS).map(|_| crowd.message()).collect();
    criterion.bench_function("order 100 events of a stream", |bencher| {
        let now = Instant::now();
        bencher.iter(|| {
            let (mut cursor, mut out) = (stream::Cursor::default(), Vec::with_capacity(EVENTS));
            cursor.start(0, "", now, &mut out);
            for event in &events {
                cursor.event(event.clone(), now, &mut out);
            }
            out
        });
    });
}

fn main() {
    let mut criterion = Criterion::default()
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_secs(1))
        .configure_from_args();
    encode(&mut criterion);
    fan_out(&mut criterion);
    cursors(&mut criterion);
    criterion.final_summary();
}
