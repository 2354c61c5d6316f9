//! Doors: between rooms that exist, with readers on reader lines and wires on io devices, each used once.

use std::collections::BTreeMap;

use hallward_profiles::{
    Class, Id, PointName,
    document::{Document, Entry},
};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    ReaderLine, Site,
    file::{DoorEntry, ReaderEntry},
    load::{id, one_of, unique},
};

/// Most doors of one hall.
const MAX_DOORS: usize = 256;

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
    pub contact: Option<IoPoint>,
    /// The input that is on while the exit button, on the side of `to`, is pressed.
    pub exit: Option<IoPoint>,
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReaderAt {
    /// Its line: index into [`Site::reader_lines`].
    pub line: usize,
    /// Its address there, 0 to 126.
    pub address: u8,
}

/// A lock that an output releases.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lock {
    /// The output; on, it releases the lock.
    pub strike: IoPoint,
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

/// An input or output of an io device.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct IoPoint {
    /// Index into [`Site::devices`].
    pub device: usize,
    /// Its point there.
    pub point: PointName,
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
        if document.is_sound() && !used.readers.keys().any(|reader| reader.line == n) {
            let what = format!("no reader is on line `{}`", line.id);
            document.problem(0..0, what, "delete the line, or name it in a door's reader");
        }
    }
    doors
}

/// Which door has what already.
#[derive(Default)]
struct Used {
    readers: BTreeMap<ReaderAt, String>,
    points: BTreeMap<IoPoint, String>,
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
    let strike = point(document, entry, "strike", value.strike.as_ref(), site, used);
    let contact = point(document, entry, "contact", value.contact.as_ref(), site, used);
    let exit = point(document, entry, "exit", value.exit.as_ref(), site, used);
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
        lock: strike.zip(value.kind).map(|(strike, kind)| Lock { strike, kind }),
        contact,
        exit,
    })
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
    let mut known = site.reader_lines.iter().map(|line: &ReaderLine| line.id.as_str());
    let Some(line) = known.position(|id| id == wanted.line) else {
        let known = site.reader_lines.iter().map(|line| line.id.as_str());
        let what = format!("there is no line of mode `osdp` called `{}`", wanted.line);
        document.problem(entry.at(key), what, one_of(known, &wanted.line));
        return None;
    };
    if wanted.address > HIGHEST_ADDRESS {
        let right = format!("0 to {HIGHEST_ADDRESS}");
        document.problem(entry.at(key), "no reader has such an address", right);
        return None;
    }
    let at = ReaderAt { line, address: wanted.address };
    if let Some(other) = used.readers.insert(at, entry.value.id.clone()) {
        let what = format!("address {} of this line is a reader of door `{other}` already", at.address);
        document.problem(entry.at(key), what, "each address once on a line");
    }
    Some(at)
}

/// An input, or for `strike` an output, written as `DEVICE/POINT`.
fn point(
    document: &mut Document<'_>,
    entry: &Entry<DoorEntry>,
    key: &str,
    wanted: Option<&String>,
    site: &Site,
    used: &mut Used,
) -> Option<IoPoint> {
    let wanted = wanted?;
    let kind = if key == "strike" { "output" } else { "input" };
    let Some((device, name)) = wanted.split_once('/') else {
        let what = format!("`{wanted}` is no point of a device");
        document.problem(entry.at(key), what, format!("DEVICE/{kind}.0, such as door-io/{kind}.0"));
        return None;
    };
    let Some((n, found)) = site.device(device).filter(|(_, device)| device.profile.class == Class::Io) else {
        let known = site.devices.iter().filter(|device| device.profile.class == Class::Io);
        let what = format!("there is no device `{device}` of class io");
        document.problem(entry.at(key), what, one_of(known.map(|device| device.id.as_str()), device));
        return None;
    };
    let number =
        |name: &str| name.strip_prefix(kind).and_then(|rest| rest.strip_prefix('.')).is_some_and(is_number);
    let fitting = || found.map.points.iter().map(|point| &point.name).filter(|name| number(name.as_str()));
    let Some(point) = fitting().find(|point| point.as_str() == name) else {
        let what = format!("`{device}` has no {kind} `{name}`");
        document.problem(entry.at(key), what, one_of(fitting().map(PointName::as_str), name));
        return None;
    };
    let point = IoPoint { device: n, point: point.clone() };
    if let Some(other) = used.points.insert(point.clone(), entry.value.id.clone()) {
        let what = format!("`{wanted}` belongs to door `{other}` already");
        document.problem(entry.at(key), what, format!("each {kind} once"));
    }
    Some(point)
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|digit| digit.is_ascii_digit())
}
