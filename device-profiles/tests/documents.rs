//! The JSON schema and the README say what the code says. Both are rewritten, as far as they are made from the code,
//! by `HALLWARD_WRITE=1 cargo test -p hallward-profiles --test documents`.

#![allow(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use std::{
    collections::BTreeSet,
    env, fs,
    path::{Path, PathBuf},
};

use hallward_profiles::{
    Class, Library, Profile, schema,
    vocabulary::{Kind, NAMES},
};
use serde_json::Value;

fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// Compares a file with what it should be, or makes it so.
fn check_file(name: &str, wanted: &str) {
    if env::var_os("HALLWARD_WRITE").is_some() {
        fs::write(file(name), wanted).expect("the file can be written");
    }
    let found = fs::read_to_string(file(name)).unwrap_or_default();
    assert!(
        found == wanted,
        "{name} is not up to date: HALLWARD_WRITE=1 cargo test -p hallward-profiles --test documents"
    );
}

fn readme() -> String {
    fs::read_to_string(file("README.md")).expect("there is a README")
}

#[test]
fn the_schema_is_that_of_the_code() {
    let schema = serde_json::to_string_pretty(&schema()).expect("a schema is JSON");
    check_file("profile.schema.json", &format!("{schema}\n"));
}

#[test]
fn the_readme_lists_vocabulary_and_profiles() {
    let text = replaced(&readme(), "vocabulary", &vocabulary());
    let text = replaced(&text, "classes", &classes());
    check_file("README.md", &replaced(&text, "profiles", &profiles()));
}

/// `text` with what stands between `<!-- name -->` and `<!-- end -->` replaced.
fn replaced(text: &str, name: &str, table: &str) -> String {
    let mark = format!("<!-- {name} -->\n");
    let (before, rest) = text.split_once(&mark).unwrap_or_else(|| panic!("the README has {mark}"));
    let (_, after) = rest.split_once("<!-- end -->").expect("the table has an end");
    format!("{before}{mark}{table}<!-- end -->{after}")
}

fn vocabulary() -> String {
    let rows = NAMES.iter().map(|name| {
        let phase = if name.phased { " (phases)" } else { "" };
        let value = match name.kind {
            Kind::Quantity(unit) => unit.symbol().to_owned(),
            Kind::Number => "a plain number".to_owned(),
            Kind::Flag => "true or false".to_owned(),
            Kind::Words(words) => words.join(", "),
        };
        format!("| `{}`{phase} | {value} | {} | {} |\n", name.pattern, name.en, name.vi)
    });
    format!(
        "| name | unit or words | English | Vietnamese |\n| --- | --- | --- | --- |\n{}",
        rows.collect::<String>()
    )
}

fn classes() -> String {
    let rows = Class::ALL.iter().map(|class| {
        let expected = class.expected().iter().map(|name| format!("`{}`", name.replace('|', "` or `")));
        format!("| `{}` | {} |\n", class.as_str(), expected.collect::<Vec<_>>().join(", "))
    });
    format!("| class | expected |\n| --- | --- |\n{}", rows.collect::<String>())
}

fn profiles() -> String {
    let library = Library::load(None).unwrap_or_else(|wrong| panic!("{wrong:?}"));
    let mut profiles: Vec<_> = library.iter().collect();
    profiles.sort_by_key(|profile| (profile.class, profile.id.clone()));
    let rows = profiles.iter().map(|profile| {
        let confidence = format!("{:?}", profile.confidence).to_lowercase();
        let class = profile.class.as_str();
        format!(
            "| [`{id}`](profiles/{class}/{id}.toml) | {class} | {} | {confidence} |\n",
            profile.name,
            id = profile.id
        )
    });
    format!("| id | class | device | confidence |\n| --- | --- | --- | --- |\n{}", rows.collect::<String>())
}

#[test]
fn the_profile_in_the_readme_is_sound() {
    let readme = readme();
    let example = readme.split("```toml\n").find(|block| block.starts_with("[profile]"));
    let example = example.and_then(|block| block.split("```").next()).expect("the README has a profile");
    Profile::parse("README.md", example).unwrap_or_else(|problems| panic!("{problems}"));
}

#[test]
fn the_readme_explains_every_key_and_no_other() {
    let schema = serde_json::to_value(schema()).expect("a schema is JSON");
    let mut keys = BTreeSet::new();
    collect_keys(&schema, &mut keys);
    let readme = readme();
    let (_, part) = readme.split_once("## The keys").expect("the README has a part on the keys");
    let (part, _) = part.split_once("\n## ").expect("and goes on after it");
    let rows = part.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next());
    let explained: BTreeSet<_> = rows.map(str::to_owned).collect();
    let missing: Vec<_> = keys.difference(&explained).collect();
    assert!(missing.is_empty(), "the README does not explain {missing:?}");
    let unknown: Vec<_> = explained.difference(&keys).collect();
    assert!(unknown.is_empty(), "the README explains {unknown:?}, which no profile may have");
}

/// Every property of every table in the schema.
fn collect_keys(schema: &Value, keys: &mut BTreeSet<String>) {
    match schema {
        Value::Object(object) => {
            let properties = object.get("properties").and_then(Value::as_object);
            keys.extend(properties.into_iter().flat_map(|properties| properties.keys().cloned()));
            object.values().for_each(|value| collect_keys(value, keys));
        }
        Value::Array(list) => list.iter().for_each(|value| collect_keys(value, keys)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
