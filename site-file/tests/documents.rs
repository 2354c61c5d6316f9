//! The JSON schema and the README say what the code says. The schema is rewritten by
//! `HALLWARD_WRITE=1 cargo test -p hallward-site --test documents`.

#![allow(clippy::expect_used, reason = "a test fails by panicking")]

use std::{collections::BTreeSet, env, fs, path::Path};

use serde_json::Value;

fn file(name: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

#[test]
fn the_schema_is_that_of_the_code() {
    let wanted = serde_json::to_string_pretty(&hallward_site::schema()).expect("a schema is JSON") + "\n";
    if env::var_os("HALLWARD_WRITE").is_some() {
        fs::write(file("site.schema.json"), &wanted).expect("the file can be written");
    }
    let found = fs::read_to_string(file("site.schema.json")).unwrap_or_default();
    assert!(found == wanted, "HALLWARD_WRITE=1 cargo test -p hallward-site --test documents");
}

/// Every key of every table of the schema.
fn keys(value: &Value, found: &mut BTreeSet<String>) {
    if let Some(Value::Object(properties)) = value.get("properties") {
        found.extend(properties.keys().cloned());
    }
    match value {
        Value::Object(map) => map.values().for_each(|value| keys(value, found)),
        Value::Array(list) => list.iter().for_each(|value| keys(value, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[test]
fn the_readme_explains_every_key() {
    let readme = fs::read_to_string(file("README.md")).expect("there is a README");
    let mut all = BTreeSet::new();
    keys(&serde_json::to_value(hallward_site::schema()).expect("a schema is JSON"), &mut all);
    let explained =
        |key: &&String| ["`", "`[", "`[["].iter().any(|mark| readme.contains(&format!("{mark}{key}")));
    let missing: Vec<_> = all.iter().filter(|key| !explained(key)).collect();
    assert!(missing.is_empty(), "the README does not explain {missing:?}");
    assert!(all.len() > 25, "the schema has more keys than {all:?}");
}
