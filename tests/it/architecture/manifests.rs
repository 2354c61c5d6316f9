//! The order of the workspace's crates, as their manifests have it.

use toml::{Table, Value};

/// A member of the workspace, and which of our crates it may know.
const CRATES: &[(&str, &[&str])] = &[
    ("device-profiles", &[]),
    ("site-file", &["hallward-profiles"]),
    ("simulator", &["hallward-profiles", "hallward-site"]),
    (".", &["hallward-profiles", "hallward-site", "hallward-simulator"]),
];

/// The simulator has a Modbus codec of its own, so that one bug cannot hide on both sides of the wire.
const CODEC: &str = "tokio-modbus";

/// What a manifest says against the order.
pub(super) fn breaches(member: &str, manifest: &str) -> Vec<String> {
    let file = if member == "." { "Cargo.toml".to_owned() } else { format!("{member}/Cargo.toml") };
    let manifest: Table = manifest.parse().unwrap();
    let Some((_, may)) = CRATES.iter().find(|(name, _)| *name == member) else {
        return vec![format!(
            "{file}: has no place in the order: give it one in tests/it/architecture/manifests.rs"
        )];
    };
    let mut found = Vec::new();
    for section in ["dependencies", "build-dependencies", "dev-dependencies"] {
        for (key, value) in manifest.get(section).and_then(Value::as_table).into_iter().flatten() {
            let name = value.get("package").and_then(Value::as_str).unwrap_or(key);
            let ours = name == "hallward" || name.starts_with("hallward-");
            let codec = member == "simulator" && name == CODEC && section != "dev-dependencies";
            if (ours && !may.contains(&name)) || codec {
                found.push(format!("{file}: may not know `{name}` ([{section}])"));
            }
            let optional = value.get("optional").and_then(Value::as_bool) == Some(true);
            if name == "hallward-simulator" && section == "dependencies" && !optional {
                found.push(format!("{file}: `{name}` is optional: packages are built without the demo"));
            }
        }
    }
    found
}
