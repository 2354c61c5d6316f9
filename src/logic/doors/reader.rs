//! A reader: what is shown and keyed in there, until it is something to decide on.
//!
//! A card that is read again at once only counts. Where a PIN is asked for, its keys are gathered: `#` ends them, `*` begins anew.
//! Where a PIN alone is enough, a person keys in its number, `*`, the PIN and `#`.

use std::time::Duration;

use super::{Doors, Kept, Turn};
use crate::{
    logic::access::{PinShown, Shown, Why, card_key, read_card, shown},
    model::{
        CardBits, CardKey, Contact, Feedback, Mono, NewRecord, Now, PersonId, Proof, ReaderEvent, ReaderRef,
        Severity, UnknownCard,
    },
};

/// The same card within this time is the same read.
const DUPLICATE: Duration = Duration::from_millis(1500);

/// A PIN must be keyed in within this time,…
const PIN: Duration = Duration::from_secs(10);

/// …and each key within this time after the one before.
const KEY: Duration = Duration::from_secs(5);

/// The most keys of an entry.
const MOST_KEYS: usize = 24;

#[derive(Clone, Debug, Default)]
pub(super) struct Reader {
    pub(super) online: Option<bool>,
    pub(super) secure: bool,
    pub(super) tampered: bool,
    /// The last card, and when.
    last: Option<(CardKey, Mono)>,
    entry: Option<Entry>,
}

/// Keys that are being keyed in.
#[derive(Clone, Debug)]
struct Entry {
    /// Whose card asked for a PIN; none where a PIN alone is enough.
    card: Option<CardKey>,
    keys: String,
    end: Mono,
    next_key: Mono,
}

impl Reader {
    pub(super) fn deadline(&self) -> Option<Mono> {
        self.entry.as_ref().map(|entry| entry.end.min(entry.next_key))
    }

    /// Whether this card was read here just now.
    fn repeats(&mut self, now: Now, key: CardKey) -> bool {
        let again = self.last.is_some_and(|(last, at)| last == key && now.mono.since(at) < DUPLICATE);
        self.last = Some((key, now.mono));
        again
    }
}

impl Doors {
    pub(super) fn told(&mut self, now: Now, reader: ReaderRef, event: ReaderEvent, turn: &mut Turn) {
        if !self.readers.contains_key(&reader) {
            return;
        }
        match event {
            ReaderEvent::Card(card) => self.card(now, reader, &card, turn),
            ReaderEvent::Keys(keys) => keys.chars().for_each(|key| self.key(now, reader, key, turn)),
            event @ (ReaderEvent::Unpaired(_)
            | ReaderEvent::Online { .. }
            | ReaderEvent::Offline
            | ReaderEvent::Unreadable(_)
            | ReaderEvent::Tamper(_)
            | ReaderEvent::Downgrade(_)
            | ReaderEvent::Swapped(_)
            | ReaderEvent::Paired(_)
            | ReaderEvent::PairingFailed(_)) => self.heard(now, reader, event, turn),
        }
    }

    /// What a reader tells of itself.
    fn heard(&mut self, now: Now, reader: ReaderRef, event: ReaderEvent, turn: &mut Turn) {
        let tell = |code, severity| self.at_reader(now, reader, code, severity);
        let record = match &event {
            ReaderEvent::Online { secure, identity } => {
                let record = tell("reader.online", Severity::Info).with("secure", secure);
                identity.iter().fold(record, |record, one| {
                    record
                        .with("serial", one.serial)
                        .with("vendor", &one.vendor)
                        .with("firmware", &one.firmware)
                })
            }
            ReaderEvent::Offline => tell("reader.offline", Severity::Error),
            ReaderEvent::Tamper(on) => {
                let severity = if *on { Severity::Error } else { Severity::Info };
                tell("reader.tamper", severity).with("on", on)
            }
            ReaderEvent::Unreadable(why) => tell("reader.unreadable", Severity::Warning).with("why", why),
            ReaderEvent::Downgrade(why) => tell("reader.downgrade", Severity::Error).with("why", why),
            ReaderEvent::Swapped(one) => tell("reader.swapped", Severity::Error).with("serial", one.serial),
            ReaderEvent::Unpaired(one) => {
                tell("reader.unpaired", Severity::Warning).with("serial", one.serial)
            }
            ReaderEvent::Paired(pairing) => {
                turn.written.kept.push(Kept::Pairing(reader, pairing.clone()));
                tell("reader.paired", Severity::Info).with("serial", pairing.identity.serial)
            }
            ReaderEvent::PairingFailed(why) => {
                tell("reader.pairing_failed", Severity::Warning).with("why", why)
            }
            ReaderEvent::Card(_) | ReaderEvent::Keys(_) => return,
        };
        turn.written.records.push(record);
        self.follow_reader(reader, &event, turn);
    }

    fn follow_reader(&mut self, reader: ReaderRef, event: &ReaderEvent, turn: &mut Turn) {
        let Some(one) = self.readers.get_mut(&reader) else { return };
        match event {
            ReaderEvent::Online { secure, .. } => {
                (one.online, one.secure) = (Some(true), *secure);
                if let Some(stands) = self.door(reader.door).map(crate::logic::door::Door::feedback) {
                    self.show(reader, stands, turn);
                }
            }
            ReaderEvent::Offline => {
                *one = Reader { online: Some(false), tampered: one.tampered, ..Reader::default() };
                self.doubt(reader.door, turn);
            }
            ReaderEvent::Tamper(on) => one.tampered = *on,
            ReaderEvent::Unpaired(_) => one.online = Some(false),
            ReaderEvent::Unreadable(_)
            | ReaderEvent::Downgrade(_)
            | ReaderEvent::Swapped(_)
            | ReaderEvent::Paired(_)
            | ReaderEvent::PairingFailed(_)
            | ReaderEvent::Card(_)
            | ReaderEvent::Keys(_) => {}
        }
    }

    fn card(&mut self, now: Now, reader: ReaderRef, card: &CardBits, turn: &mut Turn) {
        if let Err(bad) = read_card(card) {
            let record = self.at_reader(now, reader, "reader.unreadable", Severity::Warning);
            turn.written.records.push(record.with("why", bad));
            return self.show_for_a_moment(reader, Feedback::Denied, turn);
        }
        let key = card_key(&self.site_key, card);
        let Some(one) = self.readers.get_mut(&reader) else { return };
        if one.repeats(now, key) {
            return;
        }
        one.entry = None;
        if self.book.badge(&key).is_none() {
            self.keep_unknown(now, reader, key, card);
        }
        self.attempt(now, reader, Shown::Card(key), PinShown::NotYet, turn);
    }

    /// For whoever enrols it.
    fn keep_unknown(&mut self, now: Now, reader: ReaderRef, key: CardKey, card: &CardBits) {
        let Some(door) = self.plan.door(reader.door).map(|door| door.id.clone()) else { return };
        self.unknown.retain(|one| one.key != key);
        if self.unknown.len() >= super::UNKNOWN {
            self.unknown.remove(0);
        }
        self.unknown.push(UnknownCard { door, side: reader.side, at: now.wall, key, shown: shown(card) });
    }

    /// A PIN is asked for.
    pub(super) fn ask_pin(&mut self, now: Now, reader: ReaderRef, card: CardKey, turn: &mut Turn) {
        if let Some(one) = self.readers.get_mut(&reader) {
            let (end, next_key) = (now.mono + PIN, now.mono + PIN);
            one.entry = Some(Entry { card: Some(card), keys: String::new(), end, next_key });
        }
        self.show(reader, Feedback::Pin, turn);
    }

    fn key(&mut self, now: Now, reader: ReaderRef, key: char, turn: &mut Turn) {
        let alone = self.door(reader.door).is_some_and(|door| door.settings().proof == Proof::Pin);
        let Some(one) = self.readers.get_mut(&reader) else { return };
        if one.entry.is_none() && alone {
            let (end, next_key) = (now.mono + PIN, now.mono + KEY);
            one.entry = Some(Entry { card: None, keys: String::new(), end, next_key });
        }
        // Keys that nobody asked for.
        let Some(entry) = &mut one.entry else { return };
        entry.next_key = now.mono + KEY;
        match key {
            '#' => self.keyed(now, reader, turn),
            '*' if entry.card.is_some() || entry.keys.is_empty() || entry.keys.contains('*') => {
                entry.keys.clear();
            }
            _ if entry.keys.len() < MOST_KEYS => entry.keys.push(key),
            _ => {}
        }
    }

    /// An entry is complete.
    fn keyed(&mut self, now: Now, reader: ReaderRef, turn: &mut Turn) {
        let Some(entry) = self.readers.get_mut(&reader).and_then(|one| one.entry.take()) else { return };
        match (entry.card, entry.keys.split_once('*')) {
            (Some(card), _) => {
                self.attempt(now, reader, Shown::Card(card), PinShown::Digits(&entry.keys), turn);
            }
            (None, Some((number, pin))) => match PersonId::parse(&format!("p{number}")) {
                Some(person) => self.attempt(now, reader, Shown::Number(person), PinShown::Digits(pin), turn),
                None => self.no_such_number(now, reader, turn),
            },
            (None, None) => self.no_such_number(now, reader, turn),
        }
    }

    fn no_such_number(&self, now: Now, reader: ReaderRef, turn: &mut Turn) {
        let record = self.at_reader(now, reader, Why::UnknownCredential.code(), Severity::Warning);
        turn.written.records.push(record.with("detail", "number"));
        self.show_for_a_moment(reader, Feedback::Denied, turn);
    }

    /// Entries that nobody ended in time.
    pub(super) fn expire_entries(&mut self, now: Now, turn: &mut Turn) {
        let due = |one: &Reader| one.deadline().is_some_and(|due| due <= now.mono);
        let over: Vec<ReaderRef> =
            self.readers.iter().filter(|(_, one)| due(one)).map(|(reader, _)| *reader).collect();
        for reader in over {
            let Some(entry) = self.readers.get_mut(&reader).and_then(|one| one.entry.take()) else {
                continue;
            };
            let badge = entry.card.and_then(|card| self.book.badge(&card));
            let mut record = self.at_reader(now, reader, Why::InvalidPin.code(), Severity::Warning);
            if let Some(badge) = badge {
                record.actor = badge.person.to_string();
                record = record.with("badge", badge.id);
            }
            turn.written.records.push(record.with("detail", "time"));
            self.show_for_a_moment(reader, Feedback::Denied, turn);
        }
    }

    /// A record of what happened at a reader.
    pub(super) fn at_reader(
        &self,
        now: Now,
        reader: ReaderRef,
        code: &'static str,
        severity: Severity,
    ) -> NewRecord {
        let place = self.plan.door(reader.door).map(|door| door.id.to_string()).unwrap_or_default();
        NewRecord::system(now, code, severity).at(place).with("side", reader.side)
    }

    /// Whether a leaf stands open.
    pub(super) fn stands_open(&self, reader: ReaderRef) -> bool {
        self.door(reader.door).and_then(crate::logic::door::Door::contact) == Some(Contact::Open)
    }
}
