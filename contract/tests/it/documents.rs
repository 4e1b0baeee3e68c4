//! The generated files.

use std::fs;

use gateway::contract::Registry;
use serde_json::Value;

use crate::root;

#[test]
fn every_file_is_what_the_code_says() {
    let stale = contract::stale(&root()).expect("the files can be read");
    assert!(stale.is_empty(), "run `cargo xtask contract`: {stale:#?}");
}

#[test]
fn a_stale_file_is_named_and_a_missing_one_is_written() {
    let folder = tempfile::tempdir().expect("a folder");
    contract::write(folder.path()).expect("written");
    assert_eq!(contract::stale(folder.path()).expect("read"), [""; 0]);
    let fixtures = folder.path().join(contract::fixtures::FOLDER);
    fs::write(folder.path().join(contract::TYPESCRIPT), "").expect("written");
    fs::write(folder.path().join(contract::BUS), "{}").expect("written");
    fs::remove_file(fixtures.join("event.typing.json")).expect("removed");
    fs::write(fixtures.join("event.gone.json"), "[]").expect("written");
    let stale = contract::stale(folder.path()).expect("read").join("\n");
    for expected in [
        "sdk/src/gen/protocol.ts is not what the code says",
        "helm/hubbub/files/bus.json is not what the code says",
        "event.typing.json is missing",
        "event.gone.json is of no type there is",
    ] {
        assert!(stale.contains(expected), "{stale}");
    }
    contract::write(folder.path()).expect("written");
    assert_eq!(contract::stale(folder.path()).expect("read"), [""; 0]);
}

#[test]
fn an_example_written_by_hand_is_kept() {
    let folder = tempfile::tempdir().expect("a folder");
    contract::write(folder.path()).expect("written");
    let path = folder
        .path()
        .join(contract::fixtures::FOLDER)
        .join("command.room.get.json");
    let text = r##"[{"type":"room.get","data":{"room":"#by-hand"}}]"##;
    fs::write(&path, text).expect("written");
    contract::write(folder.path()).expect("written");
    assert_eq!(fs::read_to_string(path).expect("read"), text);
    let document = fs::read_to_string(folder.path().join(contract::ASYNCAPI)).expect("read");
    assert!(
        document.contains("#by-hand"),
        "examples stand in the document"
    );
}

#[test]
fn every_type_and_field_is_described() {
    let registry = Registry::new();
    let mut bare = Vec::new();
    for (name, schema) in &registry.types {
        // Two types of one name get a number.
        assert!(
            !name.ends_with(|c: char| c.is_ascii_digit()),
            "{name} stands for two types"
        );
        undescribed(name, schema, &mut bare);
    }
    for asked in &registry.commands {
        undescribed(
            asked.command.kind,
            &asked.frame["properties"]["data"],
            &mut bare,
        );
        undescribed(asked.command.kind, &asked.answer, &mut bare);
    }
    for told in &registry.events {
        undescribed(told.event.kind, &told.data, &mut bare);
    }
    assert!(bare.is_empty(), "{bare:#?}");
}

fn undescribed(place: &str, schema: &Value, bare: &mut Vec<String>) {
    for (name, property) in schema["properties"].as_object().into_iter().flatten() {
        let place = format!("{place}.{name}");
        if property["description"].as_str().is_none_or(str::is_empty) {
            bare.push(place.clone());
        }
        undescribed(&place, property, bare);
    }
}
