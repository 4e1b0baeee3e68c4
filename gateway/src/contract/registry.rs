//! The schemas of all frames, made once from the types.

use std::collections::BTreeMap;

use proto::frame::ID_MAX;
use schemars::{
    Schema, SchemaGenerator,
    generate::{Contract, SchemaSettings},
};
use serde_json::{Map, Value, json};

use super::{Beside, Command, Event, commands, durable_frame, events, plain, refusal};

/// Where references point to.
const DEFINITIONS: &str = "/components/schemas";

/// A command with its schemas.
#[derive(Debug)]
pub struct Asked {
    /// The row.
    pub command: Command,
    /// The data of the request.
    pub data: Value,
    /// The data of the answer.
    pub answer: Value,
    /// The whole frame.
    pub frame: Value,
    /// The whole frame of the answer.
    pub answer_frame: Value,
}

/// An event with its schemas.
#[derive(Debug)]
pub struct Told {
    /// The row.
    pub event: Event,
    /// The data.
    pub data: Value,
    /// The whole frame.
    pub frame: Value,
}

/// See the module.
#[derive(Debug)]
pub struct Registry {
    /// The types that have a name.
    pub types: BTreeMap<String, Value>,
    /// What clients send, by type.
    pub commands: Vec<Asked>,
    /// What the server tells, by type.
    pub events: Vec<Told>,
    /// The `error` frame.
    pub error: Value,
}

impl Default for Registry {
    fn default() -> Self {
        Self::new()
    }
}

impl Registry {
    /// Makes the schemas.
    ///
    /// # Panics
    /// When one name stands for two types; tests make the registry, so that nobody else meets it.
    #[must_use]
    pub fn new() -> Self {
        let mut read = generator(Contract::Deserialize);
        let mut written = generator(Contract::Serialize);
        let mut commands: Vec<_> = commands()
            .map(|command| asked(command, &mut read, &mut written))
            .collect();
        commands.sort_by_key(|asked| asked.command.kind);
        let mut events: Vec<_> = events().map(|event| told(event, &mut written)).collect();
        events.sort_by_key(|told| told.event.kind);
        let error = error(value(refusal(&mut written)));
        durable_frame(&mut written);
        let mut types = BTreeMap::new();
        for (name, schema) in [read, written]
            .into_iter()
            .flat_map(|mut generator| generator.take_definitions(true))
        {
            let schema = plain::plain(schema);
            let before = types.insert(name.clone(), schema.clone());
            assert!(
                before.is_none_or(|before| before == schema),
                "`{name}` stands for two types"
            );
        }
        Self {
            types,
            commands,
            events,
            error,
        }
    }

    /// Makes a schema stand alone: with the types it refers to.
    #[must_use]
    pub fn whole(&self, schema: &Value) -> Value {
        let mut schema = schema.clone();
        schema["components"] = json!({ "schemas": self.types });
        schema
    }

    /// Makes a schema stand alone that refuses what is not described. Clients must not be so strict: new fields are no
    /// break. It is for those who watch that nothing is left undescribed.
    #[must_use]
    pub fn closed(&self, schema: &Value) -> Value {
        plain::closed(self.whole(schema))
    }

    /// Finds a command by its type.
    #[must_use]
    pub fn command(&self, kind: &str) -> Option<&Asked> {
        self.commands
            .iter()
            .find(|asked| asked.command.kind == kind)
    }

    /// Finds an event by its type.
    #[must_use]
    pub fn event(&self, kind: &str) -> Option<&Told> {
        let is_it = |told: &&Told| match told.event.kind.strip_suffix('*') {
            Some(prefix) => kind.starts_with(prefix),
            None => told.event.kind == kind,
        };
        self.events.iter().find(is_it)
    }
}

fn generator(contract: Contract) -> SchemaGenerator {
    let settings = SchemaSettings::draft2020_12().with(|settings| {
        settings.definitions_path = DEFINITIONS.into();
        settings.contract = contract;
        settings.meta_schema = None;
    });
    settings.into_generator()
}

fn value(schema: Schema) -> Value {
    plain::plain(schema.to_value())
}

fn asked(command: Command, read: &mut SchemaGenerator, written: &mut SchemaGenerator) -> Asked {
    let data = value((command.asked)(read));
    let answer = value((command.answered)(written));
    let mut properties = Map::new();
    properties.insert("type".into(), json!({ "const": command.kind }));
    properties.insert("id".into(), id());
    let mut required = vec!["type"];
    if command.is_keyed {
        let description = "The idempotency key: the same key gives the first answer, for ever.";
        let key = json!({
            "type": "string",
            "description": description,
            "pattern": "^[A-Za-z0-9_-]{1,64}$",
        });
        properties.insert("key".into(), key);
        required.push("key");
    }
    properties.insert("data".into(), data.clone());
    if needs_data(&data, read) {
        required.push("data");
    }
    Asked {
        command,
        frame: object(&properties, &required),
        answer_frame: ok(&answer),
        data,
        answer,
    }
}

/// A missing `data` is an empty object, which is not enough where a field is needed.
fn needs_data(data: &Value, read: &SchemaGenerator) -> bool {
    let name = data["$ref"]
        .as_str()
        .and_then(|path| path.rsplit('/').next());
    let data = name
        .and_then(|name| read.definitions().get(name))
        .unwrap_or(data);
    data["required"]
        .as_array()
        .is_some_and(|fields| !fields.is_empty())
}

fn ok(answer: &Value) -> Value {
    let mut properties = Map::new();
    properties.insert("type".into(), json!({ "const": "ok" }));
    properties.insert("id".into(), id());
    properties.insert("data".into(), answer.clone());
    object(&properties, &["type", "data"])
}

fn error(refusal: Value) -> Value {
    let mut properties = Map::new();
    properties.insert("type".into(), json!({ "const": "error" }));
    properties.insert("id".into(), id());
    properties.insert("error".into(), refusal);
    object(&properties, &["type", "error"])
}

fn told(event: Event, written: &mut SchemaGenerator) -> Told {
    let data = value(event.describe(written));
    let kind = match event.kind.strip_suffix('*') {
        Some(prefix) => {
            json!({ "type": "string", "pattern": format!("^{}", prefix.replace('.', "\\.")) })
        }
        None => json!({ "const": event.kind }),
    };
    let mut properties = Map::new();
    properties.insert("type".into(), kind);
    let mut required = vec!["type"];
    let beside: &[&'static str] = match event.beside {
        Beside::PlaceInRoom => &["room", "seq", "prev", "cursor", "replayed"],
        Beside::PlaceInFeed => &["stream", "seq", "prev", "cursor", "replayed"],
        Beside::Room => &["room"],
        Beside::Stream => &["room", "stream"],
        Beside::Number => &["id", "n"],
        Beside::Nothing => &[],
    };
    for name in beside.iter().copied() {
        properties.insert(name.into(), envelope(name));
        let is_optional = matches!(name, "replayed" | "id" | "n") || event.beside == Beside::Stream;
        if !is_optional {
            required.push(name);
        }
    }
    if event.beside != Beside::Number {
        properties.insert("data".into(), data.clone());
        required.push("data");
    }
    Told {
        event,
        data,
        frame: object(&properties, &required),
    }
}

/// Describes what stands beside the data of an event.
fn envelope(name: &str) -> Value {
    let (kind, description) = match name {
        "room" => ("string", "The room's id."),
        "stream" => ("string", "The id of the user's own feed."),
        "seq" => ("integer", "Place in the stream, from 1."),
        "prev" => (
            "integer",
            "The seq this connection was last told of in that stream.",
        ),
        "cursor" => ("string", "The event's id."),
        "replayed" => ("boolean", "Whether it was missed and is told again."),
        "n" => ("integer", "A number that comes back."),
        _ => return id(),
    };
    json!({ "type": kind, "description": description })
}

fn id() -> Value {
    json!({
        "type": "string",
        "description": "Tells which request it belongs to.",
        "maxLength": ID_MAX,
    })
}

fn object(properties: &Map<String, Value>, required: &[&str]) -> Value {
    json!({ "type": "object", "properties": properties, "required": required })
}
