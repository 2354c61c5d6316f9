//! Which records go out as events, and what is in them.
//!
//! Who hears events is not known here, and need not be one who may read the journal. So nothing of accounts, and nothing of who
//! somebody is, comes, stays and goes as staff or visitor; people are ids, as in every record; and what people typed stays here,
//! since they may have typed a name.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::model::Record;

/// Beginnings of codes that stay here.
const WITHHELD: [&str; 5] = ["account.", "people.", "person.", "visit.", "delivery."];

/// The actor whose texts are the program's own.
const PROGRAM: &str = "system";

/// A longer message goes without its body: a broker may refuse it, and nothing would ever come after it. Bytes.
const LONGEST: usize = 256 * 1024;

/// Keys of a body with texts that people typed, or that name them at the console.
const NAMING: [&str; 3] = ["why", "name", "who"];

#[derive(Serialize)]
struct EventMessage<'r> {
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    simulated: bool,
    log: &'r str,
    seq: u64,
    previous: Option<u64>,
    time: String,
    code: &'r str,
    place: &'r str,
    actor: &'r str,
    severity: &'static str,
    body: BTreeMap<&'r str, &'r str>,
    /// The body was too long.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    cut: bool,
}

/// Whether this one goes out.
pub(super) fn goes_out(record: &Record) -> bool {
    let withheld = WITHHELD.iter().any(|begin| record.code.starts_with(begin));
    !withheld && !Record::OF_THE_LOG.contains(&record.code.as_str())
}

/// A record of the log with that id, after the one that went out before it.
pub(super) fn message(log: &str, previous: Option<u64>, record: &Record, simulated: bool) -> Vec<u8> {
    let names = |key: &str| record.actor != PROGRAM && NAMING.contains(&key);
    let body = record.body.iter().map(|(key, value)| (key.as_str(), value.as_str()));
    let mut message = EventMessage {
        simulated,
        log,
        seq: record.seq,
        previous,
        time: record.wall.rfc3339(),
        code: &record.code,
        place: &record.place,
        actor: &record.actor,
        severity: record.severity.as_str(),
        body: body.filter(|(key, _)| !names(key)).collect(),
        cut: false,
    };
    // Only maps with odd keys cannot be written, and these are texts.
    let bytes = |message: &EventMessage<'_>| serde_json::to_vec(message).unwrap_or_default();
    let whole = bytes(&message);
    if whole.len() <= LONGEST {
        return whole;
    }
    message.body.clear();
    message.cut = true;
    bytes(&message)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::model::{Mono, Severity, Trust, Wall};

    fn record(code: &str, actor: &str, body: &[(&str, &str)]) -> Record {
        Record {
            seq: 19,
            run: [7; 16],
            mono: Mono(0),
            wall: Wall(1_795_392_000_000_000),
            trust: Trust::Synchronised,
            severity: Severity::Warning,
            code: code.to_owned(),
            place: "hall".to_owned(),
            actor: actor.to_owned(),
            body: body.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect(),
            commitment: Some([1; 32]),
        }
    }

    #[test]
    fn what_people_are_stays_here() {
        let rows = [
            ("door.forced", true),
            ("access.granted", true),
            ("access.denied.unknown_credential", true),
            ("badge.changed", true),
            ("device.offline", true),
            ("log.rollback_suspected", true),
            ("account.locked", false),
            ("person.added", false),
            ("people.imported", false),
            ("visit.registered", false),
            ("delivery.recorded", false),
            ("log.exported", false),
            ("log.read", false),
        ];
        for (code, expected) in rows {
            assert_eq!(goes_out(&record(code, "p7", &[])), expected, "{code}");
        }
    }

    #[test]
    fn an_event_names_the_log_and_the_one_before() {
        let granted = record("access.granted", "p7", &[("badge", "b3"), ("side", "entry")]);
        let read = |bytes: Vec<u8>| -> Value { serde_json::from_slice(&bytes).unwrap() };
        let expected = json!({
            "log": "hallward/one/0a0b0c0d", "seq": 19, "previous": 17, "time": "2026-11-23T00:00:00.000Z",
            "code": "access.granted", "place": "hall", "actor": "p7", "severity": "warning",
            "body": { "badge": "b3", "side": "entry" },
        });
        assert_eq!(read(message("hallward/one/0a0b0c0d", Some(17), &granted, false)), expected);
        let first = read(message("x", None, &granted, true));
        assert_eq!((&first["previous"], &first["simulated"]), (&Value::Null, &json!(true)));
    }

    #[test]
    fn a_body_that_is_too_long_is_left_out() {
        let text = "x".repeat(LONGEST);
        let cut = message("x", None, &record("site.refused", "system", &[("why", &text)]), false);
        let cut: Value = serde_json::from_slice(&cut).unwrap();
        assert_eq!((&cut["cut"], &cut["body"]), (&json!(true), &json!({})));
    }

    #[test]
    fn what_people_typed_stays_here_and_what_the_program_says_goes_out() {
        let body = |actor| -> Value {
            let record =
                record("door.mode", actor, &[("why", "for Mrs Lan"), ("who", "lan (uid 7)"), ("after", "x")]);
            serde_json::from_slice::<Value>(&message("x", None, &record, false)).unwrap()["body"].take()
        };
        assert_eq!(body("p7"), json!({ "after": "x" }));
        assert_eq!(body("system"), json!({ "why": "for Mrs Lan", "who": "lan (uid 7)", "after": "x" }));
    }
}
