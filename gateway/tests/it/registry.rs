//! Every frame that any test receives is held against the registry: what clients are told of the wire cannot drift from
//! the bytes.

use std::{
    collections::HashMap,
    sync::{Arc, LazyLock, Mutex},
};

use gateway::contract::{Registry, Told};
use jsonschema::Validator;
use serde_json::Value;

static REGISTRY: LazyLock<Registry> = LazyLock::new(Registry::new);
/// Made when they are needed: all of them take longer than some tests have.
static VALIDATORS: LazyLock<Mutex<HashMap<String, Arc<Validator>>>> = LazyLock::new(Mutex::default);

/// Makes what every test needs, before any clock of a connection runs.
pub(crate) fn prepare() {
    validator("welcome", &told("welcome").frame);
}

/// Holds a frame against the registry; `asked` is the type of what it answers.
pub(crate) fn hold(frame: &Value, asked: Option<&str>) {
    let validator = match frame["type"].as_str().expect("a type") {
        "error" => validator("error", &REGISTRY.error),
        "ok" => {
            // Without an id nobody knows what it answers.
            let Some(asked) = asked.map(native) else {
                return;
            };
            let command = REGISTRY.command(asked);
            let command = command.unwrap_or_else(|| panic!("{asked} is not in the registry"));
            validator(&format!("answer {asked}"), &command.answer_frame)
        }
        kind => validator(kind, &told(kind).frame),
    };
    let errors: Vec<_> = validator
        .iter_errors(frame)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert!(errors.is_empty(), "{asked:?} {frame}: {errors:#?}");
}

fn told(kind: &str) -> &'static Told {
    let told = REGISTRY.event(kind);
    told.unwrap_or_else(|| panic!("{kind} is not in the registry"))
}

fn validator(name: &str, schema: &Value) -> Arc<Validator> {
    let mut validators = VALIDATORS.lock().expect("lock");
    let made = validators.entry(name.into()).or_insert_with(|| {
        let schema = REGISTRY.closed(schema);
        Arc::new(Validator::new(&schema).expect("a schema"))
    });
    made.clone()
}

/// What another name stands for.
fn native(kind: &str) -> &str {
    match kind {
        "join_room" => "room.join",
        "leave_room" => "room.leave",
        "new_chat_message" => "message.send",
        "new_direct_message" => "dm.send",
        // It is confirmed as the client's state is.
        "connection" => "client.state",
        kind => kind,
    }
}
