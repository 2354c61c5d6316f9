//! Who may command doors over MQTT: nobody, unless the site file says so.

use std::collections::BTreeSet;

use data_encoding::BASE64;
use ed25519_dalek::VerifyingKey;
use hallward_profiles::{
    Id,
    document::{Document, Entry},
};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    Site,
    load::{id, one_of, unique},
};

/// A system that may command doors over MQTT.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Commander {
    /// Its id, by which its topic and the records name it.
    pub id: Id,
    /// Its public key, Ed25519; a sound one.
    pub key: [u8; 32],
    /// What it may order.
    pub orders: BTreeSet<CommandOrder>,
    /// Of which doors; each is one of the site's.
    pub doors: BTreeSet<Id>,
}

/// What may be ordered over MQTT. To end a lockdown takes a person at the hall.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum CommandOrder {
    /// To unlock a door once.
    Unlock,
    /// To lock doors down.
    Lockdown,
}

impl CommandOrder {
    /// As it is written.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unlock => "unlock",
            Self::Lockdown => "lockdown",
        }
    }
}

/// As written.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CommanderEntry {
    pub(crate) id: String,
    /// Its public key for Ed25519: base64 of the 32 bytes.
    pub(crate) key: String,
    /// What it may order.
    pub(crate) orders: BTreeSet<CommandOrder>,
    /// The doors that it may order it of.
    pub(crate) doors: Vec<String>,
}

/// Once doors and broker are known.
pub(crate) fn check_commanders(
    document: &mut Document<'_>,
    entries: Vec<Entry<CommanderEntry>>,
    site: &Site,
) -> Vec<Commander> {
    let mut seen = Vec::new();
    let mut read = Vec::new();
    for entry in entries {
        if site.mqtt.is_none() {
            document.problem(entry.at("id"), "commands come over a broker", "add [mqtt] with its broker");
        }
        let id = id(document, &entry.value.id, entry.at("id"));
        if let Some(id) = &id {
            unique(document, &mut seen, id, entry.at("id"));
        }
        let key = key(&entry.value.key);
        if key.is_none() {
            let advice = "base64 of the 32 bytes of an Ed25519 public key, as `command.py key` prints it";
            document.problem(entry.at("key"), "this is no public key", advice);
        }
        if entry.value.orders.is_empty() {
            document.problem(
                entry.at("orders"),
                "there is nothing that it may order",
                "orders = [\"lockdown\"]",
            );
        }
        let doors = doors(document, &entry, site);
        if let (Some(id), Some(key)) = (id, key) {
            read.push(Commander { id, key, orders: entry.value.orders, doors });
        }
    }
    read
}

/// One that can be signed with: points of small order would let anybody sign.
fn key(text: &str) -> Option<[u8; 32]> {
    let bytes: [u8; 32] = BASE64.decode(text.as_bytes()).ok()?.try_into().ok()?;
    VerifyingKey::from_bytes(&bytes).ok().filter(|key| !key.is_weak()).map(|_| bytes)
}

fn doors(document: &mut Document<'_>, entry: &Entry<CommanderEntry>, site: &Site) -> BTreeSet<Id> {
    let mut doors = BTreeSet::new();
    if entry.value.doors.is_empty() {
        document.problem(
            entry.at("doors"),
            "there is no door that it may command",
            "doors = [\"hall-front\"]",
        );
    }
    for wanted in &entry.value.doors {
        let found = site.doors.iter().find(|door| door.id.as_str() == wanted);
        match found.filter(|door| door.lock.is_some()) {
            Some(door) => drop(doors.insert(door.id.clone())),
            None => {
                let known = site.doors.iter().filter(|door| door.lock.is_some()).map(|door| door.id.as_str());
                let what = format!("there is no door `{wanted}` with a lock");
                document.problem(entry.at("doors"), what, one_of(known, wanted));
            }
        }
    }
    doors
}
