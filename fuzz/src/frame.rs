//! A frame of a client, from its text to what every command's handler reads of it.

use std::sync::LazyLock;

use gateway::{
    contract::{Command, Error, Frame, commands},
    frame,
};
use proto::{
    frame::{DEPTH_MAX, ID_MAX},
    id::is_key,
    reason::Reason,
};
use serde_json::{Value, value::RawValue};

static COMMANDS: LazyLock<Vec<Command>> = LazyLock::new(|| commands().collect());

pub(crate) fn check(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let Ok(frame) = Frame::parse(text) else {
        return;
    };
    check_bounds(&frame);
    // Whether the handler likes its data is its affair; that it returns is ours.
    let _ = (handler(&frame.kind).read)(&frame);
    check_answers(&frame);
    check_round_trip(&frame);
}

/// Returns the command that a frame names. One that nobody knows is read as another's, by the letters of its name: so
/// the engine need not guess words to reach each of them.
fn handler(kind: &str) -> &'static Command {
    let letters: usize = kind.bytes().map(usize::from).sum();
    let named = COMMANDS.iter().find(|command| command.kind == kind);
    named.unwrap_or(&COMMANDS[letters % COMMANDS.len()])
}

fn check_bounds(frame: &Frame) {
    let id_chars = frame.id.as_ref().map_or(0, |id| id.chars().count());
    assert!(id_chars <= ID_MAX, "an id of {id_chars} characters");
    if let Some(data) = &frame.data {
        // A parser that knows nothing of our bounds must agree that this is JSON, and not a deep one.
        let value = serde_json::from_str::<Value>(data.get());
        let depth = value.as_ref().map(depth);
        let is_shallow = depth.as_ref().is_ok_and(|depth| *depth < DEPTH_MAX);
        assert!(is_shallow, "data is accepted: {depth:?}");
    }
    if let Ok(key) = frame.key() {
        assert!(is_key(&key), "a key is accepted: {key:?}");
    }
}

/// How deep brackets nest in a value.
fn depth(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(depth).max().unwrap_or(0),
        Value::Object(fields) => 1 + fields.values().map(depth).max().unwrap_or(0),
        _ => 0,
    }
}

/// Whatever a client wrote into its id, our answer is one object with that id in it.
fn check_answers(frame: &Frame) {
    let refused = Error::new(tonic::Code::Internal, Reason::INTERNAL, "no");
    for answer in [
        frame::error(frame.id.as_deref(), &refused),
        frame::ok(frame.id.as_deref(), &()),
        frame::pong(frame),
    ] {
        let answer = answer.as_str();
        let said = serde_json::from_str::<Value>(answer);
        let id = said.as_ref().ok().map(|said| said["id"].as_str());
        assert_eq!(id, Some(frame.id.as_deref()), "{answer}");
    }
}

/// A frame that is written out again is the same frame.
fn check_round_trip(frame: &Frame) {
    let mut fields = vec![format!("\"type\":{}", Value::from(frame.kind.as_str()))];
    let texts = [("id", &frame.id), ("traceparent", &frame.traceparent)];
    for (name, text) in texts {
        let text = text.as_deref().map(Value::from);
        fields.extend(text.map(|text| format!("\"{name}\":{text}")));
    }
    for (name, raw) in [("key", &frame.key), ("data", &frame.data), ("n", &frame.n)] {
        let raw = raw.as_ref().map(|raw| raw.get());
        fields.extend(raw.map(|raw| format!("\"{name}\":{raw}")));
    }
    let again = Frame::parse(&format!("{{{}}}", fields.join(",")));
    assert!(
        again.as_ref().is_ok_and(|again| is_same(again, frame)),
        "{fields:?} is read as {again:?}"
    );
}

fn is_same(one: &Frame, other: &Frame) -> bool {
    let raw = |raw: &Option<Box<RawValue>>| raw.as_ref().map(|raw| raw.get().to_owned());
    let parts = |frame: &Frame| {
        let texts = (
            frame.kind.clone(),
            frame.id.clone(),
            frame.traceparent.clone(),
        );
        (texts, raw(&frame.key), raw(&frame.data), raw(&frame.n))
    };
    parts(one) == parts(other)
}
