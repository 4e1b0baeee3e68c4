//! Schemas without what only Rust needs to know: sizes of integers, and `null` for what can be left out.

use serde_json::{Map, Value};

/// Makes a schema plain, with all that is in it.
#[must_use]
pub(super) fn plain(mut schema: Value) -> Value {
    clean(&mut schema);
    schema
}

fn clean(schema: &mut Value) {
    match schema {
        Value::Array(items) => items.iter_mut().for_each(clean),
        Value::Object(object) => {
            let is_number = object.get("type").is_some_and(|kind| {
                kind == "integer"
                    || kind
                        .as_array()
                        .is_some_and(|kinds| kinds.contains(&"integer".into()))
            });
            if is_number {
                object.remove("format");
            }
            if object.get("default").is_some_and(Value::is_null) {
                object.remove("default");
            }
            let required = object.get("required").cloned().unwrap_or_default();
            if let Some(Value::Object(properties)) = object.get_mut("properties") {
                let is_required = |name: &str| {
                    required
                        .as_array()
                        .is_some_and(|names| names.iter().any(|each| each == name))
                };
                for (name, property) in properties.iter_mut() {
                    if let (false, Value::Object(property)) = (is_required(name), property) {
                        forget_null(property);
                    }
                }
            }
            object.values_mut().for_each(clean);
        }
        _ => {}
    }
}

/// Makes every object of a schema refuse fields that are not described.
#[must_use]
pub(super) fn closed(mut schema: Value) -> Value {
    close(&mut schema);
    schema
}

fn close(schema: &mut Value) {
    match schema {
        Value::Array(items) => items.iter_mut().for_each(close),
        Value::Object(object) => {
            let is_table = object.contains_key("additionalProperties");
            if object.get("type").is_some_and(|kind| kind == "object") && !is_table {
                object.insert("additionalProperties".into(), false.into());
            }
            object.values_mut().for_each(close);
        }
        _ => {}
    }
}

/// What is none is left out by the server, and may be left out by clients.
fn forget_null(property: &mut Map<String, Value>) {
    if let Some(Value::Array(kinds)) = property.get_mut("type") {
        kinds.retain(|kind| kind != "null");
        if let [only] = kinds.as_slice() {
            let only = only.clone();
            property.insert("type".into(), only);
        }
    }
    let Some(Value::Array(choices)) = property.get_mut("anyOf") else {
        return;
    };
    choices.retain(|choice| choice["type"] != "null");
    if let [Value::Object(only)] = choices.as_slice() {
        let only = only.clone();
        property.remove("anyOf");
        for (name, value) in only {
            property.entry(name).or_insert(value);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::plain;

    #[test]
    fn what_can_be_left_out_is_never_null() {
        let schema = json!({
            "type": "object",
            "properties": {
                "a": { "type": ["integer", "null"], "format": "int64", "default": null },
                "b": { "description": "b", "anyOf": [{ "$ref": "#/B" }, { "type": "null" }] },
                "c": { "type": ["string", "null"] },
            },
            "required": ["c"],
        });
        let expected = json!({
            "type": "object",
            "properties": {
                "a": { "type": "integer" },
                "b": { "description": "b", "$ref": "#/B" },
                "c": { "type": ["string", "null"] },
            },
            "required": ["c"],
        });
        assert_eq!(plain(schema), expected);
    }
}
