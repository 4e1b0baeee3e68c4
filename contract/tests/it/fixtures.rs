//! The example frames: each fits its schema, and the code reads and writes it.

use contract::fixtures::{self, About, Fixtures};
use gateway::contract::{Command, Frame, Registry, commands, events};
use jsonschema::Validator;
use proto::event::{Kind, Position, PresenceChanged, ReadUpdated, Typing, render_data};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};

use crate::root;

fn all() -> Fixtures {
    fixtures::read(&root()).expect("fixtures")
}

fn frames<'a>(fixtures: &'a Fixtures, about: About<'_>) -> &'a [Value] {
    fixtures.get(&about.file()).map_or(&[], Vec::as_slice)
}

fn parsed(frame: &Value) -> Frame {
    Frame::parse(&frame.to_string()).expect("a frame")
}

#[test]
fn every_type_has_examples_that_fit_its_schema() {
    let (registry, fixtures) = (Registry::new(), all());
    for (about, schema) in fixtures::expected(&registry) {
        let validator = Validator::new(&registry.closed(schema)).expect("a schema");
        let examples = frames(&fixtures, about);
        assert!(!examples.is_empty(), "{about:?} has no example");
        for example in examples {
            let errors: Vec<_> = validator
                .iter_errors(example)
                .map(|error| format!("{}: {error}", error.instance_path()))
                .collect();
            assert!(errors.is_empty(), "{about:?} {example}: {errors:#?}");
        }
    }
}

#[test]
fn every_command_is_read_by_its_handler_and_needs_its_fields() {
    let (registry, fixtures) = (Registry::new(), all());
    for command in commands() {
        let schema = &registry.command(command.kind).expect("a schema").data;
        for example in frames(&fixtures, About::Command(command.kind)) {
            let frame = parsed(example);
            assert_eq!(frame.kind, command.kind);
            (command.read)(&frame).unwrap_or_else(|error| panic!("{example}: {error:?}"));
            assert_eq!(frame.key().is_ok(), command.is_keyed, "{example}");
            for field in required(schema, &registry) {
                refuses_without(command, example, &field);
            }
        }
    }
}

fn required(schema: &Value, registry: &Registry) -> Vec<String> {
    let name = schema["$ref"]
        .as_str()
        .and_then(|path| path.rsplit('/').next());
    let schema = name.map_or(schema, |name| &registry.types[name]);
    serde_json::from_value(schema["required"].clone()).unwrap_or_default()
}

fn refuses_without(command: Command, example: &Value, field: &str) {
    let mut example = example.clone();
    let data = example["data"].as_object_mut().expect("an object");
    data.remove(field).expect("the field");
    let refused = (command.read)(&parsed(&example)).expect_err("refused");
    let (kind, fields) = (command.kind, json!(refused.fields));
    assert_eq!(
        fields,
        json!({ field: "is needed" }),
        "{kind} without {field}"
    );
}

#[test]
fn every_durable_event_is_read_and_written_by_its_type() {
    let fixtures = all();
    for event in events() {
        let Some(kind) = event.durable else { continue };
        for example in frames(&fixtures, About::Event(event.kind)) {
            let mut stored = example["data"].clone();
            let fields = stored.as_object_mut().expect("an object");
            fields.remove("at");
            if kind == Kind::MessagePosted {
                for field in ["message", "room", "seq", "reactions"] {
                    fields.remove(field);
                }
            }
            let written = kind.rewrite(stored.to_string().as_bytes());
            let written = written.unwrap_or_else(|error| panic!("{example}: {error}"));
            let position = Position {
                stream: example["room"].as_str().unwrap_or_default(),
                seq: example["seq"].as_i64().expect("a seq"),
                event_id: example["cursor"].as_str().expect("an id"),
                at_ms: example["data"]["at"].as_i64().expect("a time"),
            };
            let mut out = Vec::new();
            render_data(&mut out, kind, position, &written);
            let told: Value = serde_json::from_slice(&out).expect("JSON");
            assert_eq!(told, example["data"], "{}", event.kind);
        }
    }
}

#[test]
fn what_services_whisper_is_read_and_written_by_its_type() {
    let fixtures = all();
    same::<Typing>(&fixtures, "typing");
    same::<ReadUpdated>(&fixtures, "read.updated");
    same::<PresenceChanged>(&fixtures, "presence.changed");
}

fn same<T: Serialize + DeserializeOwned>(fixtures: &Fixtures, kind: &str) {
    for example in frames(fixtures, About::Event(kind)) {
        let data: T = serde_json::from_value(example["data"].clone()).expect("the event's data");
        assert_eq!(json!(data), example["data"], "{kind}");
    }
}
