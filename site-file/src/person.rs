//! The people of the simulated hall: who they are and what they carry. Real people never stand in a site file.

use std::collections::BTreeSet;

use hallward_profiles::{
    Id,
    document::{Document, Entry},
};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{Place, Simulation, Site, load::one_of};

/// Most people of one simulated hall.
const MAX_PEOPLE: usize = 1000;

/// Someone who walks through the simulated hall.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "PersonEntry")]
pub struct Person {
    /// Its id.
    pub id: Id,
    /// Its name.
    pub name: String,
    /// The room in which the person is at the start, or `outside`; that when absent.
    pub room: String,
    /// The card that the person carries.
    pub card: Option<Card>,
    /// The digits that the person knows, 1 to 16.
    pub pin: Option<String>,
}

/// What a card tells: 26 bits (HID H10301) where the numbers fit them, else 37 (H10304).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a table such as { facility = 42, card = 1234 }")]
pub struct Card {
    /// Facility code, 0 to 65 535.
    pub facility: u32,
    /// Card number, 0 to 524 287.
    pub card: u32,
}

/// As written.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "Person")]
#[serde(deny_unknown_fields)]
pub(crate) struct PersonEntry {
    id: String,
    /// The id when absent.
    name: Option<String>,
    /// Where the person is at the start: a room, or `outside`; that when absent.
    room: Option<String>,
    card: Option<Card>,
    /// 1 to 16 digits.
    pin: Option<String>,
}

impl TryFrom<PersonEntry> for Person {
    type Error = String;

    /// A mistake is what is wrong and, on the next line, what would be right.
    fn try_from(entry: PersonEntry) -> Result<Self, String> {
        let id: Id = entry.id.parse().map_err(|what| format!("{what}\nfor example binh"))?;
        if entry.card.is_some_and(|card| card.facility > 0xFFFF || card.card > 0x7_FFFF) {
            return Err(format!(
                "no card of 37 bits holds the numbers of `{id}`\nfacility to 65535, card to 524287"
            ));
        }
        let digits =
            |pin: &String| (1..=16).contains(&pin.len()) && pin.bytes().all(|key| key.is_ascii_digit());
        if entry.pin.as_ref().is_some_and(|pin| !digits(pin)) {
            return Err(format!("the pin of `{id}` cannot be keyed in\n1 to 16 digits, such as \"2580\""));
        }
        Ok(Self {
            name: entry.name.unwrap_or(entry.id),
            id,
            room: entry.room.unwrap_or_else(|| Place::OUTSIDE.to_owned()),
            card: entry.card,
            pin: entry.pin,
        })
    }
}

/// Everyone once, and in a room that exists.
pub(crate) fn check_people(document: &mut Document<'_>, entry: &Entry<Simulation>, site: &Site) {
    let people = &entry.value.person;
    if people.len() > MAX_PEOPLE {
        document.problem(entry.at("person"), format!("more than {MAX_PEOPLE} people"), "leave some out");
    }
    let mut seen = BTreeSet::new();
    for person in people {
        if !seen.insert(&person.id) {
            let what = format!("person `{}` is there twice", person.id);
            document.problem(entry.at("person"), what, "give each one an id of its own");
        }
        if site.place(&person.room).is_none() {
            let known = site.rooms.iter().map(|room| room.id.as_str()).chain([Place::OUTSIDE]);
            let what = format!("there is no room `{}` for person `{}`", person.room, person.id);
            document.problem(entry.at("person"), what, one_of(known, &person.room));
        }
    }
}
