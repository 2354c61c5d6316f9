//! What cannot be read, in our own words: what is wrong, where, and what would be right. Serde speaks to whoever has written
//! a type; a message is for whoever has written a request or a step of a scenario.
//!
//! Who calls it: the control API for bodies and queries, scenarios for their actions. What our own types say of a value
//! passes as it is.

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::known::instead;

/// Where all that can be written is described.
const DESCRIBED: &str = "GET /openapi.json";

/// Most keys of an object of which each is suspected.
const SUSPECTS: usize = 32;

/// Reads a value that somebody has written.
///
/// # Errors
/// What is wrong with it, where, and what would be right.
pub(crate) fn read<T: DeserializeOwned>(value: &Value) -> Result<T, String> {
    serde_path_to_error::deserialize(value).map_err(|wrong| {
        if !value.is_object() && takes_objects::<T>() {
            return of_type("it", &format!("invalid type: {}, expected a map", kind(value)))
                .unwrap_or_default();
        }
        let place = wrong.path().to_string();
        let said = wrong.into_inner().to_string();
        match place.as_str() {
            "." => sentence(culprit::<T>(value, &said), &said),
            place => sentence(Some(place), &said),
        }
    })
}

/// Whether it is written as an object: an empty one misses something, or nothing.
fn takes_objects<T: DeserializeOwned>() -> bool {
    let empty = serde_json::from_value::<T>(Value::Object(serde_json::Map::new()));
    empty.map_or_else(|wrong| wrong.to_string().starts_with("missing field"), |_| true)
}

/// What a value is, as serde would say it.
fn kind(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(flag) => format!("boolean `{flag}`"),
        Value::Number(number) => format!("integer `{number}`"),
        Value::String(text) => format!("string {text:?}"),
        Value::Array(_) => "sequence".to_owned(),
        Value::Object(_) => "map".to_owned(),
    }
}

/// The key of an object whose value is wrong, where serde has lost it (in enums with a tag): without it, it says
/// something else.
fn culprit<'v, T: DeserializeOwned>(value: &'v Value, said: &str) -> Option<&'v str> {
    let object = value.as_object().filter(|object| object.len() <= SUSPECTS)?;
    if said.starts_with("missing") || said.starts_with("unknown") {
        return None;
    }
    let suspects = object.iter().filter(|(_, value)| mentions(said, value)).map(|(key, _)| key.as_str());
    suspects.into_iter().find(|key| {
        let mut others = object.clone();
        others.remove(*key);
        let now = serde_json::from_value::<T>(Value::Object(others));
        now.map_or_else(|wrong| wrong.to_string() != said, |_| true)
    })
}

/// Whether it may be this value that serde speaks of.
fn mentions(said: &str, value: &Value) -> bool {
    match value {
        Value::Null => said.contains("null"),
        Value::Bool(_) | Value::Number(_) => said.contains(&value.to_string()),
        Value::String(text) => said.contains(text),
        Value::Array(_) => said.contains("sequence"),
        Value::Object(_) => said.contains("map"),
    }
}

/// Our sentence for what serde says of a place in what was written.
pub(crate) fn sentence(place: Option<&str>, said: &str) -> String {
    let (kind, rest) = said.split_once('`').unwrap_or((said, ""));
    let (name, expected) = rest.split_once('`').unwrap_or((rest, ""));
    let at = |name: &str| place.map_or_else(|| format!("`{name}`"), |place| format!("`{place}.{name}`"));
    // Of a key that is not wanted, the place is the key's own.
    let foreign = place.map_or_else(|| format!("`{name}`"), |place| format!("`{place}`"));
    let known = || expected.split('`').skip(1).step_by(2);
    match kind {
        "missing field " => format!("{} is missing", at(name)),
        "duplicate field " => format!("{} is there twice", at(name)),
        "unknown field " if known().next().is_none() => format!("{foreign} is not wanted: no keys are"),
        "unknown field " => format!("{foreign} is no key here; {}", instead(name, known(), DESCRIBED)),
        "unknown variant " => {
            let place = place.map(|place| format!("`{place}`: ")).unwrap_or_default();
            format!("{place}`{name}` is not known here; {}", instead(name, known(), DESCRIBED))
        }
        _ => {
            let subject = place.map_or_else(|| "it".to_owned(), |place| format!("`{place}`"));
            of_type(&subject, said).unwrap_or_else(|| match place {
                Some(place) => format!("`{place}`: {said}"),
                None => said.to_owned(),
            })
        }
    }
}

/// "invalid type: string "x", expected f64", said of `subject`.
fn of_type(subject: &str, said: &str) -> Option<String> {
    if said.contains("invalid digit") || said.contains("cannot parse integer") {
        return Some(format!("{subject} must be a whole number"));
    }
    let rest = said.strip_prefix("invalid type: ").or_else(|| said.strip_prefix("invalid value: "))?;
    let (is, expected) = rest.rsplit_once(", expected ")?;
    let must = match expected {
        "f64" | "f32" => "a number".to_owned(),
        "u8" => "a whole number from 0 to 255".to_owned(),
        "u16" => "a whole number from 0 to 65535".to_owned(),
        "u32" | "u64" | "usize" => "a whole number, 0 or more".to_owned(),
        "i8" | "i16" | "i32" | "i64" => "a whole number".to_owned(),
        "a boolean" => "true or false".to_owned(),
        "a string" | "a borrowed string" => "a text".to_owned(),
        "a sequence" => "a list".to_owned(),
        "a map" => "an object".to_owned(),
        typed if typed.starts_with("struct ") || typed.contains("tagged enum ") => "an object".to_owned(),
        other => other.to_owned(),
    };
    let (kind, value) = is.split_once(' ').unwrap_or((is, ""));
    let is = match kind {
        "string" => format!("the text {value}"),
        "integer" => format!("the number {}", value.trim_matches('`')),
        "floating" => format!("the number {}", value.trim_start_matches("point ").trim_matches('`')),
        "boolean" => value.trim_matches('`').to_owned(),
        "map" => "an object".to_owned(),
        "sequence" => "a list".to_owned(),
        _ => is.to_owned(),
    };
    Some(format!("{subject} is {is}, and must be {must}"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{Action, Condition, FaultRequest};

    fn check<T: DeserializeOwned>(written: &Value, said: &str) {
        let told = read::<T>(written).err().unwrap_or_default();
        assert_eq!(told, said, "{written}");
    }

    #[test]
    fn an_action_that_cannot_be_read_is_told_with_what_would_be_right() {
        let sag = |percent: Value| json!({ "do": "mains-sag", "percent": percent, "seconds": 3 });
        check::<Action>(&json!({}), "`do` is missing");
        check::<Action>(&json!([1]), "it is a list, and must be an object");
        check::<Action>(&sag(json!("much")), "`percent` is the text \"much\", and must be a number");
        check::<Action>(&sag(json!(400)), "`percent`: 400 is not from 0 to 150");
        check::<Action>(&json!({ "do": "mains-sag", "percent": 50 }), "`seconds` is missing");
        check::<Action>(&json!({ "do": "leak", "devise": "x" }), "`devise` is no key here; one of: device");
        let told = read::<Action>(&json!({ "do": "main-off" })).unwrap_err();
        let began =
            "`do`: `main-off` is not known here; did you mean mains-off? GET /openapi.json lists all ";
        assert!(told.starts_with(began), "{told}");
    }

    #[test]
    fn what_is_deeper_is_told_with_its_place() {
        let all = |test: Value| json!({ "all": [{ "truth": "it_w", "above": 0 }, test] });
        check::<Condition>(
            &all(json!({ "truth": 5, "is": 1 })),
            "`all[1].truth` is the number 5, and must be a text",
        );
        check::<Condition>(
            &all(json!({ "truth": "it_w", "abve": 1 })),
            "`all[1].abve` is no key here; one of: all, any, truth, point, is, not, above, below, quality",
        );
        check::<FaultRequest>(&json!({ "device": "ups-a" }), "`kind` is missing");
        check::<FaultRequest>(
            &json!({ "kind": "exception", "code": 300 }),
            "`code` is the number 300, and must be a whole number from 0 to 255",
        );
        check::<FaultRequest>(
            &json!({ "kind": "stuck-bit", "on": "yes" }),
            "`on` is the text \"yes\", and must be true or false",
        );
    }
}
