//! `door/<door>/state`: what the broker has been told of doors, and what it is to be told next.
//!
//! The publisher of `mqtt` asks at each beat. Doors change only when the program starts again, so that those that are gone are
//! known by what the broker has kept of them: it is heard after each connection, and taken back. Sends nothing itself.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use hallward_site::Site;
use serde::Serialize;
use tokio::sync::watch;

use crate::model::{Contact, DoorAlarm, DoorMode, DoorView, DoorsView, Id, PortalState, Wall};

/// The most doors that are gone and still to be taken back; those beyond are heard again at the next connection.
const GONE: usize = 256;

/// See the module.
pub(super) struct DoorTopics {
    view: watch::Receiver<Arc<DoorsView>>,
    told: BTreeMap<Id, Arc<DoorView>>,
    gone: BTreeSet<Id>,
}

#[derive(Serialize)]
struct DoorMessage {
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    simulated: bool,
    mode: DoorMode,
    until: Option<String>,
    lock: &'static str,
    state: PortalState,
    contact: Option<Contact>,
    hardware: Option<bool>,
    readers: Vec<ReaderMessage>,
    alarm: Option<DoorAlarm>,
    tampered: bool,
    changed: String,
}

#[derive(Serialize)]
struct ReaderMessage {
    side: String,
    online: Option<bool>,
}

impl DoorTopics {
    /// Nothing is told yet.
    pub(super) fn new(view: watch::Receiver<Arc<DoorsView>>) -> Self {
        Self { view, told: BTreeMap::new(), gone: BTreeSet::new() }
    }

    /// After a connection everything is told again.
    pub(super) fn forget(&mut self) {
        self.told.clear();
        self.gone.clear();
    }

    /// The broker has kept something of this door.
    pub(super) fn heard(&mut self, door: &str, site: &Site) {
        let known = site.doors.iter().any(|one| one.id.as_str() == door);
        if let (false, true, Ok(door)) = (known, self.gone.len() < GONE, door.parse()) {
            self.gone.insert(door);
        }
    }

    /// Sends what the broker does not know yet, until `send` has no more room; returns how many messages went.
    pub(super) fn send(&mut self, simulated: bool, mut send: impl FnMut(&Id, Vec<u8>) -> bool) -> u64 {
        let mut sent = 0;
        while let Some(door) = self.gone.first() {
            if !send(door, Vec::new()) {
                return sent;
            }
            sent += 1;
            self.gone.pop_first();
        }
        let view = Arc::clone(&self.view.borrow());
        for door in &view.doors {
            if self.told.get(&door.id).is_some_and(|told| told == door) {
                continue;
            }
            if !send(&door.id, message(door, simulated)) {
                return sent;
            }
            sent += 1;
            self.told.insert(door.id.clone(), Arc::clone(door));
        }
        sent
    }
}

/// A door as it is now.
fn message(door: &DoorView, simulated: bool) -> Vec<u8> {
    let readers = door
        .readers
        .iter()
        .map(|reader| ReaderMessage { side: reader.side.to_string(), online: reader.online });
    let message = DoorMessage {
        simulated,
        mode: door.mode,
        until: door.until.map(Wall::rfc3339),
        lock: if door.released { "released" } else { "locked" },
        state: door.state,
        contact: door.contact,
        hardware: door.hardware,
        readers: readers.collect(),
        alarm: door.alarm,
        tampered: door.tampered,
        changed: door.changed.rfc3339(),
    };
    // Only maps with odd keys cannot be written, and these are texts.
    serde_json::to_vec(&message).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::model::{ReaderView, Side};

    fn door(id: &str) -> DoorView {
        DoorView {
            id: id.parse().unwrap(),
            mode: DoorMode::Controlled,
            until: None,
            state: PortalState::Secure,
            released: false,
            contact: Some(Contact::Closed),
            hardware: Some(true),
            readers: vec![ReaderView { side: Side::Entry, online: None, secure: false, tampered: false }],
            alarm: None,
            tampered: false,
            changed: Wall(1_795_392_000_000_000),
        }
    }

    /// Topics of doors, and those who see them change.
    fn topics(doors: &[DoorView]) -> (DoorTopics, watch::Sender<Arc<DoorsView>>) {
        let (view, seen) = watch::channel(Arc::default());
        show(&view, doors);
        (DoorTopics::new(seen), view)
    }

    fn show(view: &watch::Sender<Arc<DoorsView>>, doors: &[DoorView]) {
        let doors = doors.iter().cloned().map(Arc::new).collect();
        view.send_replace(Arc::new(DoorsView { doors, ..DoorsView::default() }));
    }

    /// Checks of which doors something goes, with room for so many messages; nothing in a message is marked by `-`.
    fn check(topics: &mut DoorTopics, room: usize, expected: &[&str]) {
        let mut went = Vec::new();
        let sent = topics.send(false, |door, message| {
            let room = went.len() < room;
            if room {
                went.push(format!("{}{door}", if message.is_empty() { "-" } else { "" }));
            }
            room
        });
        assert_eq!(
            (went.len() as u64, went.iter().map(String::as_str).collect::<Vec<_>>()),
            (sent, expected.to_vec())
        );
    }

    fn site(door: &str) -> Site {
        let text = format!(
            "[site]\nid = \"x\"\nname = \"X\"\ntime_zone = \"UTC\"\n[[room]]\nid = \"a\"\nname = \"A\"\n\
             [[line]]\nid = \"io\"\ntcp = \"h:502\"\n\
             [[device]]\nid = \"door-io\"\nline = \"io\"\nprofile = \"moxa-iologik-e1214\"\n\
             [[door]]\nid = \"{door}\"\nfrom = \"outside\"\nto = \"a\"\nkind = \"fail-secure\"\n\
             strike = \"door-io/output.0\"\n"
        );
        Site::parse("x", &text, &hallward_profiles::Library::load(None).unwrap())
            .unwrap_or_else(|wrong| panic!("{wrong}"))
    }

    #[test]
    fn a_door_is_told_when_it_changes_and_again_after_a_connection() {
        let (mut topics, view) = topics(&[door("d1"), door("d2"), door("d3")]);
        check(&mut topics, 2, &["d1", "d2"]);
        check(&mut topics, 9, &["d3"]);
        check(&mut topics, 9, &[]);
        show(&view, &[door("d1"), DoorView { released: true, ..door("d2") }, door("d3")]);
        check(&mut topics, 0, &[]);
        check(&mut topics, 9, &["d2"]);
        topics.forget();
        check(&mut topics, 9, &["d1", "d2", "d3"]);
    }

    #[test]
    fn what_the_broker_keeps_of_a_door_that_is_gone_is_taken_back() {
        let (mut topics, _view) = topics(&[door("d1")]);
        let site = site("d1");
        ["d1", "old", "older", "no id/"].iter().for_each(|door| topics.heard(door, &site));
        check(&mut topics, 1, &["-old"]);
        check(&mut topics, 9, &["-older", "d1"]);
        (0..300).for_each(|n| topics.heard(&format!("d-{n}"), &site));
        assert_eq!(topics.gone.len(), GONE);
    }

    #[test]
    fn a_message_says_how_the_door_is() {
        let mut forced = door("d1");
        (forced.alarm, forced.contact, forced.state) =
            (Some(DoorAlarm::Forced), Some(Contact::Open), PortalState::Forced);
        let read = |bytes: Vec<u8>| -> Value { serde_json::from_slice(&bytes).unwrap() };
        let expected = json!({
            "mode": "controlled", "until": null, "lock": "locked", "state": "forced", "contact": "open", "hardware": true,
            "readers": [{ "side": "entry", "online": null }], "alarm": "forced", "tampered": false,
            "changed": "2026-11-23T00:00:00.000Z",
        });
        assert_eq!(read(message(&forced, false)), expected);
        let unknown = DoorView { released: true, contact: None, hardware: None, ..door("d1") };
        let told = read(message(&unknown, true));
        assert_eq!(
            (&told["simulated"], &told["lock"], &told["contact"]),
            (&json!(true), &json!("released"), &Value::Null)
        );
        assert_eq!(told["hardware"], Value::Null);
    }
}
