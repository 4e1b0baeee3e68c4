//! A value that fits a schema, as a first example of it.

use gateway::contract::Registry;
use serde_json::{Map, Value, json};

const ADA: &str = "0192d3a4-0000-7000-8000-00000000ada0";
const ROOM: &str = "0192d3a4-0000-7000-8000-000000000001";
const MESSAGE: &str = "0192d3a4-0000-7000-8000-000000000002";
const THREAD: &str = "0192d3a4-0000-7000-8000-000000000003";
const OTHER: &str = "0192d3a4-0000-7000-8000-000000000004";
/// 15 November 2026.
const TIME: i64 = 1_794_700_800_000;

/// Makes a value with what the schema needs, or with everything it can have.
#[must_use]
pub fn of(schema: &Value, registry: &Registry, is_full: bool) -> Value {
    Sampler { registry, is_full }.value(schema, Place::default())
}

/// Where a value stands.
#[derive(Clone, Copy, Default)]
struct Place<'a> {
    /// The name of the field.
    field: &'a str,
    /// The name of the type that has the field.
    of: &'a str,
}

struct Sampler<'a> {
    registry: &'a Registry,
    is_full: bool,
}

impl Sampler<'_> {
    fn value(&self, schema: &Value, place: Place<'_>) -> Value {
        if let Some(path) = schema["$ref"].as_str() {
            let of = path.rsplit('/').next().unwrap_or(path);
            let target = self.registry.types.get(of);
            let place = Place { of, ..place };
            return target.map_or(Value::Null, |target| self.value(target, place));
        }
        if let Some(only) = schema.get("const") {
            return only.clone();
        }
        if let Some(first) = schema["enum"].as_array().and_then(|words| words.first()) {
            return first.clone();
        }
        let kind = schema["type"]
            .as_array()
            .map_or(&schema["type"], |kinds| &kinds[0]);
        match kind.as_str() {
            Some("object") => self.object(schema, place),
            Some("array") => self.array(schema, place),
            Some("integer" | "number") => number(schema, place.field),
            Some("boolean") => true.into(),
            Some("string") => text(place).into(),
            _ => Value::Null,
        }
    }

    fn object(&self, schema: &Value, place: Place<'_>) -> Value {
        let mut object = Map::new();
        let Some(properties) = schema["properties"].as_object() else {
            match &schema["additionalProperties"] {
                item @ Value::Object(_) if self.is_full => {
                    object.insert(key_of(place.field).into(), self.value(item, place));
                }
                Value::Bool(true) if self.is_full => {
                    object.insert("room".into(), ROOM.into());
                }
                _ => {}
            }
            return object.into();
        };
        let required = schema["required"].as_array();
        for (field, property) in properties {
            let is_required = required.is_some_and(|names| names.iter().any(|each| each == field));
            // What was taken away has no text any more; such an example is written by hand.
            let is_wanted = self.is_full && field != "deleted";
            if is_required || is_wanted {
                let place = Place {
                    field,
                    of: place.of,
                };
                object.insert(field.clone(), self.value(property, place));
            }
        }
        object.into()
    }

    fn array(&self, schema: &Value, place: Place<'_>) -> Value {
        if let Some(items) = schema["prefixItems"].as_array() {
            let fields = ["seq", "cursor"].into_iter().chain(std::iter::repeat(""));
            let items = items.iter().zip(fields);
            return items
                .map(|(item, field)| self.value(item, Place { field, ..place }))
                .collect();
        }
        json!([self.value(&schema["items"], place)])
    }
}

/// The key of a table's one example.
fn key_of(name: &str) -> &'static str {
    match name {
        "fields" => "body",
        "cursors" => ROOM,
        _ => "typing",
    }
}

fn number(schema: &Value, name: &str) -> Value {
    let number = match name {
        "seq" | "head" | "lastSeq" | "read" | "delivered" | "around" | "to" => 42,
        "prev" | "since" | "before" | "after" | "from" => 41,
        "limit" => 50,
        "limits" | "frame" => 65_536,
        "slowModeMs" | "retryAfterMs" => 5_000,
        "intervalMs" => 25_000,
        "timeoutMs" => 20_000,
        "validSeconds" => 86_400,
        "rev" | "n" | "epoch" => 1,
        "at" | "until" | "lastSeen" | "firstSeen" => TIME,
        _ if name.ends_with("At") => TIME,
        _ => 3,
    };
    number
        .max(schema["minimum"].as_i64().unwrap_or(number))
        .into()
}

fn text(place: Place<'_>) -> &'static str {
    match (place.of, place.field) {
        ("Person" | "User" | "Member", "id") => return ADA,
        ("Room" | "WelcomeRoom", "id") => return ROOM,
        ("Thread", "id") => return THREAD,
        ("", "id") => return "1",
        (_, "id") => return OTHER,
        ("Room" | "WelcomeRoom" | "Invite", "name") => return "tea",
        ("ServiceHealth", "name") => return "auth",
        _ => {}
    }
    match place.field {
        "room" | "rooms" => ROOM,
        "user" | "users" | "by" | "peer" | "reporter" | "actor" | "handledBy" | "to" => ADA,
        "mentions" | "stream" => ADA,
        "message" | "cursor" | "replyTo" | "root" => MESSAGE,
        "thread" => THREAD,
        "session" | "ban" | "report" | "ids" | "key" | "connection" | "filter" => OTHER,
        "name" => "ada",
        "body" | "snapshot" => "Good morning.",
        "emoji" => "👍",
        "title" => "Tea",
        "topic" | "query" => "tea",
        "note" | "reason" | "outcome" | "text" => "because of tea",
        "cidr" => "203.0.113.0/24",
        "address" => "203.0.113.7",
        "code" => "AbCdEfGhIjKlMnOpQrStUv",
        "password" => "a long enough secret",
        "token" | "ticket" => "eyJ0b2tlbiI6MX0",
        "tenant" => "default",
        "server" | "gateway" => "gateway-1",
        "caps" => "resume",
        "type" => "room.memberJoined",
        "trace" => "4bf92f3577b34da6a3ce929d0e0e4736",
        "fields" => "is needed",
        "action" => "ban.create",
        "hash" => "9f86d081884c7d65",
        "pattern" => "spam",
        _ => "tea",
    }
}
