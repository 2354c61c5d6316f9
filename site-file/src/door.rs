//! Doors: between rooms that exist, with readers and wires that are there, each used once; all wires of a door end at one
//! module, or at pins, as what is sensed of a door is to be of one moment.

use std::collections::BTreeMap;

use hallward_profiles::{
    Id,
    document::{Document, Entry},
};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    IoPoint, Pin, ReaderLine, Site, Wire,
    file::{DoorEntry, ReaderEntry},
    load::{id, one_of, unique},
    wire::{self, Kind},
};

/// Most doors of one hall.
const MAX_DOORS: usize = 256;

/// A door's inputs, by module: they are read fast.
pub(crate) fn inputs(doors: &[Door]) -> impl Iterator<Item = &IoPoint> {
    let wires =
        doors.iter().flat_map(|door| [&door.contact, &door.exit, &door.fire, &door.tamper, &door.locked]);
    wires.flatten().filter_map(Wire::module)
}

/// The highest address of a reader; 127 means all of them (IEC 60839-11-5).
const HIGHEST_ADDRESS: u8 = 126;

/// A door. Who enters goes from `from` to `to`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Door {
    /// Its id.
    pub id: Id,
    /// Its name, as people say it.
    pub name: String,
    /// Where one enters from.
    pub from: Place,
    /// Where one gets to.
    pub to: Place,
    /// The reader on the side of `from`.
    pub reader: Option<ReaderAt>,
    /// The reader on the side of `to`.
    pub exit_reader: Option<ReaderAt>,
    /// Its lock, if we release it.
    pub lock: Option<Lock>,
    /// The input that is on while it is closed.
    pub contact: Option<Wire>,
    /// The input that is on while the exit button, on the side of `to`, is pressed.
    pub exit: Option<Wire>,
    /// The input that is on while the fire panel does not want the door released; several doors may share it.
    pub fire: Option<Wire>,
    /// The input that is on while nobody is at the hardware.
    pub tamper: Option<Wire>,
    /// The input that is on while the bolt holds the leaf.
    pub locked: Option<Wire>,
}

/// A side of a door.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Place {
    /// Outside of all rooms of the site.
    Outside,
    /// A room: index into [`Site::rooms`].
    Room(usize),
}

/// Where a reader is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReaderAt {
    /// On a line of readers.
    Osdp(OsdpReader),
    /// At pins.
    Wiegand(WiegandReader),
}

/// A reader that speaks OSDP.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OsdpReader {
    /// Its line: index into [`Site::reader_lines`].
    pub line: usize,
    /// Its address there, 0 to 126.
    pub address: u8,
    /// Whether it is believed only once it has been paired. False where the site file says so.
    pub secure: bool,
}

/// A reader with two data wires.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WiegandReader {
    /// The wire whose pulses are zeros.
    pub d0: Pin,
    /// That whose pulses are ones; on the same chip.
    pub d1: Pin,
    /// Its light: on is green.
    pub led: Option<Pin>,
    /// Its buzzer.
    pub buzzer: Option<Pin>,
}

impl ReaderAt {
    /// The reader on a line.
    #[must_use]
    pub fn osdp(&self) -> Option<OsdpReader> {
        match self {
            Self::Osdp(reader) => Some(*reader),
            Self::Wiegand(_) => None,
        }
    }
}

/// A lock that an output releases.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lock {
    /// The output; on, it releases the lock.
    pub strike: Wire,
    /// What makes the module release it for a while and lock it by itself.
    pub pulse: Option<IoPoint>,
    /// What it does without power.
    pub kind: DoorKind,
}

/// What a lock does without power.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum DoorKind {
    /// It is released, as a magnet is.
    FailSafe,
    /// It stays locked, as most strikes do.
    FailSecure,
}

impl Place {
    /// What the site file calls it outside.
    pub const OUTSIDE: &'static str = "outside";

    /// A room is found by its id before `outside` means none.
    pub(crate) fn find<'a>(name: &str, mut rooms: impl Iterator<Item = &'a str>) -> Option<Self> {
        let room = rooms.position(|id| id == name).map(Self::Room);
        room.or((name == Self::OUTSIDE).then_some(Self::Outside))
    }
}

/// All doors of the file; wrong ones become problems.
pub(crate) fn check_doors(
    document: &mut Document<'_>,
    entries: Vec<Entry<DoorEntry>>,
    site: &Site,
) -> Vec<Door> {
    if entries.len() > MAX_DOORS {
        document.problem(0..0, format!("more than {MAX_DOORS} doors"), "split the hall into several");
    }
    let (mut seen, mut used) = (Vec::new(), Used::default());
    let mut doors = Vec::new();
    for entry in entries {
        let Some(door) = check_door(document, &entry, site, &mut used) else { continue };
        unique(document, &mut seen, &door.id, entry.at("id"));
        doors.push(door);
    }
    for (n, line) in site.reader_lines.iter().enumerate() {
        if document.is_sound() && !used.readers.keys().any(|(line, _)| *line == n) {
            let what = format!("no reader is on line `{}`", line.id);
            document.problem(0..0, what, "delete the line, or name it in a door's reader");
        }
    }
    doors
}

/// Which door has what already.
#[derive(Default)]
struct Used {
    /// By line and address.
    readers: BTreeMap<(usize, u8), String>,
    /// By where it ends, without polarity; and with which key.
    wires: BTreeMap<(usize, String), (String, String)>,
}

impl Used {
    /// Takes a wire's end for a door; a problem if it is another's. What the fire panel tells is for all.
    fn take(&mut self, document: &mut Document<'_>, entry: &Entry<DoorEntry>, key: &str, wire: &Wire) {
        let end = match wire {
            Wire::Module(point) => (point.device, point.point.to_string()),
            Wire::Pin(pin) => (usize::MAX, format!("{}/{}", pin.chip, pin.line)),
        };
        let before = self.wires.insert(end, (entry.value.id.clone(), key.to_owned()));
        if let Some((other, of)) = before.filter(|(_, of)| key != "fire" || of != key) {
            let what = format!("this belongs to door `{other}` already, as its {of}");
            document.problem(entry.at(key), what, "each input and output once");
        }
    }
}

fn check_door(
    document: &mut Document<'_>,
    entry: &Entry<DoorEntry>,
    site: &Site,
    used: &mut Used,
) -> Option<Door> {
    let value = &entry.value;
    let door_id = id(document, &value.id, entry.at("id"));
    let from = place(document, entry, "from", &value.from, site);
    let to = place(document, entry, "to", &value.to, site);
    if from.is_some() && from == to {
        document.problem(
            entry.at("to"),
            "both sides of this door are the same place",
            "another room, or outside",
        );
    }
    let reader = reader_at(document, entry, "reader", value.reader.as_ref(), site, used);
    let exit_reader = reader_at(document, entry, "exit_reader", value.exit_reader.as_ref(), site, used);
    let mut end = |document: &mut Document<'_>, key: &str, wanted: Option<&String>, kind| {
        let wire = wire::wire(document, entry, key, wanted?, kind, site)?;
        not_by_hand(document, entry, key, &wire, site);
        used.take(document, entry, key, &wire);
        Some(wire)
    };
    let strike = end(document, "strike", value.strike.as_ref(), Kind::Output);
    let pulse = end(document, "pulse", value.pulse.as_ref(), Kind::Pulse);
    let contact = end(document, "contact", value.contact.as_ref(), Kind::Input);
    let exit = end(document, "exit", value.exit.as_ref(), Kind::Input);
    let fire = end(document, "fire", value.fire.as_ref(), Kind::Input);
    let tamper = end(document, "tamper", value.tamper.as_ref(), Kind::Input);
    let locked = end(document, "locked", value.locked.as_ref(), Kind::Input);
    let wires = [&strike, &pulse, &contact, &exit, &fire, &tamper, &locked];
    together(document, entry, wires.into_iter().flatten());
    if value.pulse.is_some() && value.strike.is_none() {
        document.problem(
            entry.at("pulse"),
            "a pulse of which output?",
            "strike = \"DEVICE/output.0\" beside it",
        );
    }
    match (&value.strike, value.kind) {
        (Some(_), None) => document.problem(
            entry.at("strike"),
            "what does this lock do without power?",
            "kind = \"fail-safe\" (released) or \"fail-secure\" (locked)",
        ),
        (None, Some(_)) => document.problem(
            entry.at("kind"),
            "`kind` means nothing without a lock",
            "strike = \"DEVICE/output.0\"",
        ),
        (None, None) if value.reader.is_some() || value.exit_reader.is_some() || value.exit.is_some() => {
            document.problem(
                entry.at("id"),
                "what does this door release for a badge or its exit button?",
                "strike = \"DEVICE/output.0\"",
            );
        }
        (None, None) if value.contact.is_none() => {
            document.problem(entry.at("id"), "nothing is wired to this door", "contact = \"DEVICE/input.0\"");
        }
        (Some(_), Some(_)) | (None, None) => {}
    }
    Some(Door {
        name: value.name.clone().unwrap_or_else(|| value.id.clone()),
        id: door_id?,
        from: from?,
        to: to?,
        reader,
        exit_reader,
        lock: strike.zip(value.kind).map(|(strike, kind)| Lock {
            strike,
            pulse: pulse.and_then(|pulse| pulse.module().cloned()),
            kind,
        }),
        contact,
        exit,
        fire,
        tamper,
        locked,
    })
}

/// A lock is released by the doors' rules alone, never by a write to its output.
fn not_by_hand(document: &mut Document<'_>, entry: &Entry<DoorEntry>, key: &str, wire: &Wire, site: &Site) {
    let Some(point) = wire.module() else { return };
    let device = site.devices.get(point.device).filter(|device| device.writes.contains_key(&point.point));
    if let Some(device) = device {
        let what = format!("`{}/{}` could be written past the door", device.id, point.point);
        document.problem(entry.at(key), what, format!("delete it from the `writes` of `{}`", device.id));
    }
}

/// What is sensed of a door is told all at once: by one module, or by the computer's pins.
fn together<'w>(
    document: &mut Document<'_>,
    entry: &Entry<DoorEntry>,
    mut wires: impl Iterator<Item = &'w Wire>,
) {
    let module = |wire: &Wire| wire.module().map(|point| point.device);
    let Some(first) = wires.next().map(module) else { return };
    if wires.any(|wire| module(wire) != first) {
        document.problem(
            entry.at("id"),
            "the wires of this door end at different places",
            "all of them at one module, or all at pins",
        );
    }
}

fn place(
    document: &mut Document<'_>,
    entry: &Entry<DoorEntry>,
    key: &str,
    wanted: &str,
    site: &Site,
) -> Option<Place> {
    let found = site.place(wanted);
    if found.is_none() {
        let known = site.rooms.iter().map(|room| room.id.as_str()).chain([Place::OUTSIDE]);
        document.problem(entry.at(key), format!("there is no room `{wanted}`"), one_of(known, wanted));
    }
    found
}

fn reader_at(
    document: &mut Document<'_>,
    entry: &Entry<DoorEntry>,
    key: &str,
    wanted: Option<&ReaderEntry>,
    site: &Site,
    used: &mut Used,
) -> Option<ReaderAt> {
    let wanted = wanted?;
    match wanted {
        ReaderEntry {
            line: Some(line),
            address: Some(address),
            secure,
            d0: None,
            d1: None,
            led: None,
            buzzer: None,
        } => osdp_at(document, entry, key, line, *address, secure.unwrap_or(true), site, used)
            .map(ReaderAt::Osdp),
        ReaderEntry { line: None, address: None, secure: None, d0: Some(d0), d1: Some(d1), led, buzzer } => {
            let mut pin = |text: &String| {
                let found = wire::pin(text);
                match &found {
                    Some(pin) => used.take(document, entry, key, &Wire::Pin(pin.clone())),
                    None => {
                        let what = format!("`{text}` is no pin");
                        document.problem(entry.at(key), what, "pin:gpiochip0/17");
                    }
                }
                found
            };
            let (d0, d1) = (pin(d0), pin(d1));
            let (led, buzzer) = (led.as_ref().and_then(&mut pin), buzzer.as_ref().and_then(&mut pin));
            let (d0, d1) = d0.zip(d1)?;
            if d0.chip != d1.chip {
                let what =
                    "the two data wires of a reader end at one chip, so that their pulses have one order";
                document.problem(entry.at(key), what, format!("d1 = \"pin:{}/…\"", d0.chip));
            }
            Some(ReaderAt::Wiegand(WiegandReader { d0, d1, led, buzzer }))
        }
        ReaderEntry { .. } => {
            let right = "{ line = \"readers\", address = 0 }, or { d0 = \"pin:gpiochip0/5\", d1 = \"pin:gpiochip0/6\" }";
            document.problem(entry.at(key), "this is neither a reader on a line nor one at pins", right);
            None
        }
    }
}

#[expect(clippy::too_many_arguments, reason = "what was written, where, and what is known")]
fn osdp_at(
    document: &mut Document<'_>,
    entry: &Entry<DoorEntry>,
    key: &str,
    wanted: &str,
    address: u8,
    secure: bool,
    site: &Site,
    used: &mut Used,
) -> Option<OsdpReader> {
    let mut known = site.reader_lines.iter().map(|line: &ReaderLine| line.id.as_str());
    let Some(line) = known.position(|id| id == wanted) else {
        let known = site.reader_lines.iter().map(|line| line.id.as_str());
        let what = format!("there is no line of mode `osdp` called `{wanted}`");
        document.problem(entry.at(key), what, one_of(known, wanted));
        return None;
    };
    if address > HIGHEST_ADDRESS {
        let right = format!("0 to {HIGHEST_ADDRESS}");
        document.problem(entry.at(key), "no reader has such an address", right);
        return None;
    }
    if let Some(other) = used.readers.insert((line, address), entry.value.id.clone()) {
        let what = format!("address {address} of this line is a reader of door `{other}` already");
        document.problem(entry.at(key), what, "each address once on a line");
    }
    Some(OsdpReader { line, address, secure })
}
