//! The TypeScript types: an interface per named type, and the tables of commands, answers and events.

use std::fmt::Write;

use gateway::contract::Registry;
use proto::reason::Reason;
use serde_json::Value;

const HEAD: &str = "/** The commands, answers and events of `hubbub.v1.json`: written by `cargo xtask contract`, not by hand. */\n";

/// Longest line of a type.
const WIDTH: usize = 120;

/// Writes the module.
#[must_use]
pub fn types(registry: &Registry) -> String {
    let mut out = String::from(HEAD);
    for (name, schema) in registry.types.iter().filter(|(name, _)| *name != "Reason") {
        named(&mut out, name, schema);
    }
    table(
        &mut out,
        "Commands",
        "What clients send, by type.",
        registry
            .commands
            .iter()
            .map(|asked| (asked.command.kind, &asked.data, None)),
    );
    table(
        &mut out,
        "Answers",
        "What answers it.",
        registry
            .commands
            .iter()
            .map(|asked| (asked.command.kind, &asked.answer, None)),
    );
    table(
        &mut out,
        "Events",
        "What the server tells, by type.",
        registry
            .events
            .iter()
            .map(|told| (told.event.kind, &told.data, Some(told.event.about))),
    );
    let keyed = registry
        .commands
        .iter()
        .filter(|asked| asked.command.is_keyed);
    list(
        &mut out,
        "KEYED",
        "The commands that need an idempotency key.",
        keyed.map(|asked| asked.command.kind),
    );
    list(
        &mut out,
        "REASONS",
        "Why something is refused.",
        Reason::ALL.iter().map(|reason| reason.as_str()),
    );
    out.push_str("export type Reason = (typeof REASONS)[number];\n");
    out
}

fn named(out: &mut String, name: &str, schema: &Value) {
    out.push('\n');
    comment(out, schema["description"].as_str(), 0);
    if schema["properties"].is_object() {
        let _ = writeln!(out, "export interface {name} {}", shape(schema, 0));
        return;
    }
    let line = format!("export type {name} = {};", shape(schema, 0));
    if line.len() <= WIDTH {
        let _ = writeln!(out, "{line}");
    } else {
        let choices = shape(schema, 0).replace(" | ", "\n  | ");
        let _ = writeln!(out, "export type {name} =\n  | {choices};");
    }
}

fn table<'a>(
    out: &mut String,
    name: &str,
    about: &str,
    rows: impl Iterator<Item = (&'a str, &'a Value, Option<&'a str>)>,
) {
    let _ = write!(out, "\n/** {about} */\nexport interface {name} {{\n");
    for (kind, schema, about) in rows {
        comment(out, about.or(schema["description"].as_str()), 1);
        let key = match kind.strip_suffix('*') {
            Some(prefix) => format!("[kind: `{prefix}${{string}}`]"),
            None => property_name(kind),
        };
        let _ = writeln!(out, "  {key}: {};", shape(schema, 1));
    }
    out.push_str("}\n");
}

fn list<'a>(out: &mut String, name: &str, about: &str, items: impl Iterator<Item = &'a str>) {
    let _ = write!(out, "\n/** {about} */\nexport const {name} = [\n");
    for item in items {
        let _ = writeln!(out, "  \"{item}\",");
    }
    out.push_str("] as const;\n");
}

fn comment(out: &mut String, text: Option<&str>, depth: usize) {
    if let Some(text) = text {
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let _ = writeln!(out, "{}/** {text} */", "  ".repeat(depth));
    }
}

/// Returns the type of a schema.
pub(crate) fn shape(schema: &Value, depth: usize) -> String {
    if let Some(path) = schema["$ref"].as_str() {
        return path.rsplit('/').next().unwrap_or(path).into();
    }
    if let Some(words) = schema["enum"].as_array() {
        return words
            .iter()
            .map(Value::to_string)
            .collect::<Vec<_>>()
            .join(" | ");
    }
    if let Some(choices) = schema["anyOf"].as_array() {
        return choices
            .iter()
            .map(|choice| shape(choice, depth))
            .collect::<Vec<_>>()
            .join(" | ");
    }
    match &schema["type"] {
        Value::Array(kinds) => {
            let kinds = kinds.iter().filter_map(Value::as_str);
            kinds
                .map(|kind| of_kind(kind, schema, depth))
                .collect::<Vec<_>>()
                .join(" | ")
        }
        Value::String(kind) => of_kind(kind, schema, depth),
        _ => "unknown".into(),
    }
}

fn of_kind(kind: &str, schema: &Value, depth: usize) -> String {
    match kind {
        "integer" | "number" => "number".into(),
        "boolean" | "string" | "null" => kind.into(),
        "array" => array(schema, depth),
        "object" => object(schema, depth),
        _ => "unknown".into(),
    }
}

fn array(schema: &Value, depth: usize) -> String {
    if let Some(items) = schema["prefixItems"].as_array() {
        let items: Vec<_> = items.iter().map(|item| shape(item, depth)).collect();
        return format!("readonly [{}]", items.join(", "));
    }
    let item = shape(&schema["items"], depth);
    if item.contains(' ') && !item.starts_with('{') {
        format!("({item})[]")
    } else {
        format!("{item}[]")
    }
}

fn object(schema: &Value, depth: usize) -> String {
    let Some(properties) = schema["properties"].as_object() else {
        return match &schema["additionalProperties"] {
            Value::Object(_) => format!(
                "Readonly<Record<string, {}>>",
                shape(&schema["additionalProperties"], depth)
            ),
            Value::Bool(true) => "Record<string, unknown>".into(),
            _ => "Record<string, never>".into(),
        };
    };
    let required: Vec<_> = schema["required"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    let optional = properties
        .keys()
        .map(String::as_str)
        .filter(|name| !required.contains(name));
    let mut out = String::from("{\n");
    for name in required.iter().copied().chain(optional) {
        let property = &properties[name];
        comment(&mut out, property["description"].as_str(), depth + 1);
        let mark = if required.contains(&name) { "" } else { "?" };
        let indent = "  ".repeat(depth + 1);
        let _ = writeln!(
            out,
            "{indent}{}{mark}: {};",
            property_name(name),
            shape(property, depth + 1)
        );
    }
    out.push_str(&"  ".repeat(depth));
    out.push('}');
    out
}

fn property_name(name: &str) -> String {
    if name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
        name.into()
    } else {
        format!("\"{name}\"")
    }
}
