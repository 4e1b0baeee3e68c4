//! Ten thousand frames of noise, before a hello and after it: nobody dies of it, and others are answered.

use std::{
    panic,
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use futures::{StreamExt, stream};
use rand::{Rng, RngCore, SeedableRng, rngs::StdRng, seq::IndexedRandom};
use serde_json::json;

use crate::{
    peer::{PING, Peer, TEXT, frame, header},
    world::World,
};

/// The noise is the same in every run.
const SEED: u64 = 0x6875_6262_7562;
const FRAMES: usize = 10_000;
/// Frames of one connection: what is wrong ends it, so that there must be many.
const PER_CONNECTION: usize = 5;
/// Noisy connections at a time.
const AT_ONCE: usize = 16;
/// How long a ping of somebody else may take meanwhile, on a machine that does other things too.
const ANSWERED_WITHIN: Duration = Duration::from_secs(3);
/// Pieces of frames that get further than noise does.
const PIECES: [&str; 24] = [
    "{",
    "}",
    "[",
    "]",
    ":",
    ",",
    "\"",
    "\\",
    "\\u0000",
    "null",
    "true",
    "-1",
    "1e309",
    "\"type\"",
    "\"id\":\"1\"",
    "\"data\"",
    "\"key\"",
    "\"hello\"",
    "\"ping\"",
    "\"message.send\"",
    "\"room\"",
    "\"cursors\"",
    "\u{202e}",
    "\u{0}",
];

static PANICS: AtomicUsize = AtomicUsize::new(0);

/// Counts the panics of everything but tests: a task that panics takes only itself away, and nobody would notice.
fn watch_for_panics() {
    let before = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        let file = info.location().map_or("", |location| location.file());
        if !file.contains("tests") {
            PANICS.fetch_add(1, Ordering::SeqCst);
        }
        before(info);
    }));
}

fn text(random: &mut StdRng) -> Vec<u8> {
    let count = random.random_range(1..30);
    let pieces = (0..count).map(|_| *PIECES.choose(random).expect("pieces"));
    pieces.collect::<String>().into_bytes()
}

fn json_frame(random: &mut StdRng) -> Vec<u8> {
    let kinds = [
        "ping",
        "hello",
        "message.send",
        "room.join",
        "history.sync",
        "typing",
        "nonsense",
    ];
    let kind = kinds.choose(random).expect("kinds");
    let data = String::from_utf8(text(random)).expect("text");
    let value = match random.random_range(0..4) {
        0 => json!({"room": data, "body": data}),
        1 => json!([data, 1, null, {"a": data}]),
        2 => json!(random.random::<i64>()),
        _ => json!({"resume": {"cursors": {data: [random.random::<i64>(), "x"]}}}),
    };
    json!({"type": kind, "id": "1", "key": "k", "data": value})
        .to_string()
        .into_bytes()
}

/// One frame, from lawful to absurd.
fn noise(random: &mut StdRng) -> Vec<u8> {
    match random.random_range(0..8) {
        0 => {
            let mut bytes = vec![0; random.random_range(1..200)];
            random.fill_bytes(&mut bytes);
            bytes
        }
        1 => header(random.random(), random.random()),
        2 => {
            let text = text(random);
            frame(random.random(), &text)
        }
        3 => frame(PING, &text(random)[..1]),
        // Parts of a message that never ends.
        4 => frame(
            *[0x01, 0x00, 0x02].choose(random).expect("bytes"),
            &text(random),
        ),
        5 => frame(TEXT, &text(random)),
        6 => {
            // A lawful frame with one bit turned.
            let json = json_frame(random);
            let mut bytes = frame(TEXT, &json);
            let at = random.random_range(0..bytes.len());
            bytes[at] ^= 1 << random.random_range(0..8);
            bytes
        }
        _ => frame(TEXT, &json_frame(random)),
    }
}

async fn storm(world: &World, is_greeted: bool) {
    let mut random = StdRng::seed_from_u64(SEED ^ u64::from(is_greeted));
    let mut bob = world.connect("bob").await;
    let connections = (0..FRAMES / PER_CONNECTION).map(|_| {
        let mut bytes: Vec<u8> = (0..PER_CONNECTION)
            .flat_map(|_| noise(&mut random))
            .collect();
        if is_greeted {
            let hello = br#"{"type":"hello","data":{"token":"ada"}}"#;
            bytes = [frame(TEXT, hello), bytes].concat();
        }
        // A close at last, or the server would rightly wait for the rest of what was begun.
        bytes.extend(frame(0x88, &[]));
        bytes
    });
    let mut done = stream::iter(connections)
        .map(async |bytes| {
            let (mut peer, _) = Peer::upgraded(world, "").await;
            peer.write(&bytes).await;
            peer.finish().await;
        })
        .buffer_unordered(AT_ONCE);
    let mut count = 0;
    while done.next().await.is_some() {
        count += 1;
        if count % 50 == 0 {
            let ping = json!({"n": count});
            let pong = bob.request("ping", None, &ping);
            let pong = tokio::time::timeout(ANSWERED_WITHIN, pong).await;
            assert_eq!(pong.expect("answered in time")["n"], count);
        }
    }
    assert_eq!(count, FRAMES / PER_CONNECTION);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_frames_of_noise_kill_nobody() {
    watch_for_panics();
    let world = World::with(|gateway| {
        gateway.accepts_per_second = 100_000;
        gateway.per_address = 10_000;
        gateway.per_user = 10_000;
        gateway.max_connections = 100_000;
    })
    .await;
    storm(&world, false).await;
    storm(&world, true).await;
    assert_eq!(PANICS.load(Ordering::SeqCst), 0, "see the output");
    let mut late = world.connect("bob").await;
    assert_eq!(late.request("ping", None, &json!({"n": 1})).await["n"], 1);
}
