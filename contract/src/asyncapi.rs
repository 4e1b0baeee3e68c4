//! The AsyncAPI 3.0 document: one channel, what clients send on it, and what they receive.

use gateway::contract::{Asked, Registry, Reply, Told};
use proto::frame::SUBPROTOCOL;
use serde_json::{Map, Value, json};

use crate::fixtures::{About, Fixtures};

const ABOUT: &str = "The client protocol of Hubbub, a realtime chat platform: one frame is one JSON object in one text \
    message. Every command is answered by `ok` or `error` with its `id`; without an answer nothing is known, and the \
    same key may be sent again. `docs/protocol.md` tells the whole story.";

/// Makes the document.
#[must_use]
pub fn document(registry: &Registry, fixtures: &Fixtures) -> Value {
    let mut messages = Map::new();
    let mut operations = Map::new();
    for asked in &registry.commands {
        add_command(&mut messages, &mut operations, asked, fixtures);
    }
    for told in &registry.events {
        let name = event_name(told.event.kind);
        messages.insert(name.clone(), event(told, fixtures));
        operations.insert(format!("tell.{name}"), operation("send", &name));
    }
    let refusal = message(
        "error",
        "The request was certainly not done.",
        &registry.error,
        examples(fixtures, About::Error),
    );
    messages.insert("error".into(), refusal);
    operations.insert("tell.error".into(), operation("send", "error"));
    let of_channel: Map<_, _> = messages
        .keys()
        .map(|name| {
            (
                name.clone(),
                json!({ "$ref": format!("#/components/messages/{name}") }),
            )
        })
        .collect();
    let mut document = json!({
        "asyncapi": "3.0.0",
        "info": {
            "title": "Hubbub",
            "version": env!("CARGO_PKG_VERSION"),
            "description": ABOUT,
            "license": { "name": "Apache-2.0", "url": "https://www.apache.org/licenses/LICENSE-2.0" },
        },
        "defaultContentType": "application/json",
        "servers": {
            "development": {
                "host": "localhost:3001",
                "protocol": "ws",
                "description": "What `cargo dev` starts.",
            },
        },
        "channels": {
            "realtime": {
                "address": "/v1/rt",
                "description": format!("A WebSocket with the subprotocol `{SUBPROTOCOL}`."),
                "messages": of_channel,
            },
        },
        "operations": operations,
        "components": { "messages": messages, "schemas": registry.types },
    });
    settle(&mut document["components"]);
    document
}

/// Says in the words of AsyncAPI's schemas (those of JSON Schema's draft 7) what newer ones say shorter: a list of
/// fixed items, and a reference with a description beside it.
fn settle(schema: &mut Value) {
    match schema {
        Value::Array(items) => items.iter_mut().for_each(settle),
        Value::Object(object) => {
            if let Some(items) = object.remove("prefixItems") {
                object.insert("items".into(), items);
            }
            if object.len() > 1 && object.get("$ref").is_some_and(Value::is_string) {
                let target = object.remove("$ref");
                object.insert("allOf".into(), json!([{ "$ref": target }]));
            }
            object.values_mut().for_each(settle);
        }
        _ => {}
    }
}

/// The operations are the server's: it receives commands, and sends everything else.
fn add_command(
    messages: &mut Map<String, Value>,
    operations: &mut Map<String, Value>,
    asked: &Asked,
    fixtures: &Fixtures,
) {
    let kind = asked.command.kind;
    let name = format!("command.{kind}");
    let about = asked.data["description"].as_str();
    let about = about.unwrap_or("A command.");
    let frames = examples(fixtures, About::Command(kind));
    messages.insert(name.clone(), message(kind, about, &asked.frame, frames));
    let mut received = operation("receive", &name);
    let answered = match asked.command.reply {
        Reply::Ok => {
            let name = format!("answer.{kind}");
            let about = asked.answer["description"]
                .as_str()
                .unwrap_or("It was done.");
            let frames = examples(fixtures, About::Answer(kind));
            messages.insert(
                name.clone(),
                message("ok", about, &asked.answer_frame, frames),
            );
            Some(vec![name, "error".into()])
        }
        Reply::Event(event) => Some(vec![event_name(event)]),
        Reply::None => None,
    };
    if let Some(names) = answered {
        let replies: Vec<_> = names.iter().map(|name| of_channel(name)).collect();
        received["reply"] =
            json!({ "channel": { "$ref": "#/channels/realtime" }, "messages": replies });
    }
    operations.insert(format!("take.{kind}"), received);
}

fn event(told: &Told, fixtures: &Fixtures) -> Value {
    let frames = examples(fixtures, About::Event(told.event.kind));
    message(told.event.kind, told.event.about, &told.frame, frames)
}

/// Keys of components are letters, digits, dots, dashes and underscores.
fn event_name(kind: &str) -> String {
    format!("event.{}", kind.trim_end_matches(".*").replace('/', "."))
}

fn of_channel(name: &str) -> Value {
    json!({ "$ref": format!("#/channels/realtime/messages/{name}") })
}

fn operation(action: &str, message: &str) -> Value {
    json!({
        "action": action,
        "channel": { "$ref": "#/channels/realtime" },
        "messages": [of_channel(message)],
    })
}

fn message(name: &str, about: &str, frame: &Value, frames: &[Value]) -> Value {
    let examples: Vec<_> = frames
        .iter()
        .map(|frame| json!({ "payload": frame }))
        .collect();
    json!({ "name": name, "summary": about, "payload": frame, "examples": examples })
}

fn examples<'a>(fixtures: &'a Fixtures, about: About<'_>) -> &'a [Value] {
    fixtures.get(&about.file()).map_or(&[], Vec::as_slice)
}
