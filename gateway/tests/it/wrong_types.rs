//! Every field of every command with every wrong type of JSON. The registry says what is wrong: whatever a schema
//! refuses, the server must refuse too, before any service hears of it.

use std::path::Path;

use gateway::contract::{Registry, Reply};
use jsonschema::Validator;
use serde_json::{Value, json};

use crate::world::{Client, World};

/// What a schema says beyond types: words, lengths, ranges. The services look after those.
const BOUNDS: [&str; 9] = [
    "const",
    "enum",
    "maximum",
    "maxItems",
    "maxLength",
    "minimum",
    "minItems",
    "minLength",
    "pattern",
];
/// Answered whatever they carry: they are signs of life.
const SIGNS: [&str; 2] = ["ping", "pong"];

/// One of every type, and of the numbers that parsers like to get wrong.
fn values() -> Vec<Value> {
    vec![
        json!(null),
        json!(true),
        json!(-1),
        json!(1.5),
        json!(u64::MAX),
        json!(1e300),
        json!(""),
        json!("7"),
        json!([]),
        json!([null]),
        json!([[]]),
        json!({}),
        json!({"type": "Buffer", "data": [0]}),
        json!({"_placeholder": true, "num": 0}),
    ]
}

/// The places of a value and of everything in it, as JSON pointers; of a list only the first.
fn places(value: &Value, at: &str, found: &mut Vec<String>) {
    found.push(at.to_owned());
    match value {
        Value::Object(fields) => {
            for (name, field) in fields {
                let name = name.replace('~', "~0").replace('/', "~1");
                places(field, &format!("{at}/{name}"), found);
            }
        }
        Value::Array(items) => {
            if let Some(first) = items.first() {
                places(first, &format!("{at}/0"), found);
            }
        }
        _ => {}
    }
}

/// The examples that all tests of the wire share.
fn examples(kind: &str) -> Vec<Value> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../proto/fixtures");
    let file = folder.join(format!("command.{}.json", kind.replace('/', ".")));
    let text = std::fs::read_to_string(&file).unwrap_or_else(|_| panic!("{}", file.display()));
    serde_json::from_str(&text).expect("a list of frames")
}

/// Where a field may be left out, null says that it is.
fn without_nulls(value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            let fields = fields.iter().filter(|(_, field)| !field.is_null());
            fields
                .map(|(name, field)| (name.clone(), without_nulls(field)))
                .collect()
        }
        value => value.clone(),
    }
}

/// Leaves nothing of a schema but the types.
fn only_types(schema: &mut Value) {
    match schema {
        Value::Object(fields) => {
            if fields.get("type").is_some_and(Value::is_string) {
                fields.retain(|name, _| !BOUNDS.contains(&name.as_str()));
            }
            fields.values_mut().for_each(only_types);
        }
        Value::Array(items) => items.iter_mut().for_each(only_types),
        _ => {}
    }
}

/// Whether a place may hold anything: nothing depends on a device, and cursors that could not be true are not taken,
/// or are answered with a reset.
fn is_free(kind: &str, place: &str, value: &Value) -> bool {
    let table = match kind {
        "hello" | "connection" if place.starts_with("/device") => return true,
        "hello" | "connection" => "/resume/cursors",
        "ack" => "/cursors",
        _ => return false,
    };
    let rest = place.strip_prefix(table);
    rest.is_some_and(|rest| !rest.is_empty() || value.is_object())
}

/// Every frame of a command that has one value of a type that its schema refuses, with the place of it.
fn wrong(registry: &Registry, kind: &str) -> Vec<(String, Value)> {
    let asked = registry.command(kind).expect("a command");
    let mut schema = registry.whole(&asked.frame);
    only_types(&mut schema);
    let validator = Validator::new(&schema).expect("a schema");
    let mut wrong = Vec::new();
    for example in examples(kind) {
        assert!(validator.is_valid(&example), "{example}");
        let mut found = Vec::new();
        places(&example["data"], "", &mut found);
        for place in found {
            for value in values() {
                if is_free(kind, &place, &value) {
                    continue;
                }
                let mut frame = example.clone();
                let data = &mut frame["data"];
                *data.pointer_mut(&place).expect("a place of the example") = value;
                if !validator.is_valid(&frame) && !validator.is_valid(&without_nulls(&frame)) {
                    wrong.push((place.clone(), frame));
                }
            }
        }
    }
    wrong
}

/// A world that refuses nobody for their haste.
async fn busy() -> World {
    World::with(|gateway| {
        for rate in [
            &mut gateway.rate_per_connection,
            &mut gateway.burst_per_connection,
            &mut gateway.rate_per_user,
            &mut gateway.burst_per_user,
            &mut gateway.rate_per_address,
            &mut gateway.burst_per_address,
            &mut gateway.accepts_per_second,
        ] {
            *rate = 1_000_000;
        }
    })
    .await
}

async fn answers(client: &mut Client) {
    let pong = client.request("ping", None, &json!({})).await;
    assert_eq!(pong["type"], "pong");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_type_in_any_field_of_any_command_is_refused_with_a_reason() {
    let world = busy().await;
    let registry = Registry::new();
    let mut client = world.connect("root").await;
    let (mut commands, mut cells, mut accepted) = (0, 0, Vec::new());
    for asked in &registry.commands {
        let kind = asked.command.kind;
        if asked.command.reply != Reply::Ok || SIGNS.contains(&kind) {
            continue;
        }
        commands += 1;
        for (place, frame) in wrong(&registry, kind) {
            cells += 1;
            let key = frame["key"].as_str().map(ToOwned::to_owned);
            let data = &frame["data"];
            let answer = client.request(kind, key.as_deref(), data).await;
            if answer["error"]["reason"] != "FIELD_INVALID" {
                accepted.push(format!("{kind} {place} {data} → {answer}"));
            }
        }
        answers(&mut client).await;
    }
    assert!(
        accepted.is_empty(),
        "{} of {cells}: {accepted:#?}",
        accepted.len()
    );
    assert!(commands > 70 && cells > 2_000, "{commands} and {cells}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_type_in_any_field_of_a_hello_ends_the_connection() {
    let world = busy().await;
    let registry = Registry::new();
    let mut bob = world.connect("bob").await;
    for kind in ["hello", "connection"] {
        let cells = wrong(&registry, kind);
        assert!(cells.len() > 20, "{}", cells.len());
        for (place, mut frame) in cells {
            if frame["data"]["token"].is_string() {
                frame["data"]["token"] = "ada".into();
            }
            let mut client = world.open().await;
            client.say(&frame).await;
            let answer = client
                .wait(|frame| ["welcome", "bye"].iter().any(|kind| frame["type"] == *kind))
                .await;
            assert_eq!(answer["data"]["code"], 4400, "{place} {frame}");
        }
    }
    answers(&mut bob).await;
}

#[tokio::test]
async fn a_wrong_key_is_refused_by_every_command_that_needs_one() {
    let world = busy().await;
    let registry = Registry::new();
    let mut client = world.connect("root").await;
    for asked in registry
        .commands
        .iter()
        .filter(|asked| asked.command.is_keyed)
    {
        for mut frame in examples(asked.command.kind) {
            for key in [
                json!(null),
                json!(7),
                json!([]),
                json!({}),
                json!(""),
                json!("a b"),
                json!("x".repeat(65)),
                json!("1 0\r\nPUB x 0\r\n"),
                json!("a.b"),
                json!("*"),
                json!(">"),
            ] {
                frame["key"] = key;
                client.say(&frame).await;
                let answer = client.wait(|answer| answer["id"] == frame["id"]).await;
                assert_eq!(answer["error"]["reason"], "FIELD_INVALID", "{frame}");
                let named = &answer["error"]["fields"]["key"];
                assert!(named.is_string(), "{frame}: {answer}");
            }
        }
    }
}
