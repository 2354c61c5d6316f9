//! Doors as those who serve them speak of them: what is read and sensed comes in, what locks and readers are to do goes out.
//!
//! To the doors' task a door's hardware is two bounded channels of these types, served alike by the task of a line (a Modbus
//! door module), of pins, of a reader line, and by the simulated hall. Wiring, polarity and what a lock does without power
//! are settled there; a broken wire has become the worse meaning (open, tampered, fire) by then.

use std::{fmt, time::Duration};

use zeroize::{Zeroize, ZeroizeOnDrop};

/// Index of a door in the site file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DoorIx(pub u16);

/// A side of a door.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Side {
    /// That of `from`: who passes from here enters.
    Entry,
    /// That of `to`: who passes from here leaves.
    Exit,
}

/// A reader: there is one at most on each side of a door.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReaderRef {
    /// Its door.
    pub door: DoorIx,
    /// On which side.
    pub side: Side,
}

/// Whether a leaf is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Contact {
    /// Closed.
    Closed,
    /// Open, or its wire is broken.
    Open,
    /// The contact itself is in fault: it says neither.
    Fault,
}

/// What is sensed of a door, all at one time; `None` where nothing is wired.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DoorInputs {
    /// The leaf.
    pub contact: Option<Contact>,
    /// Whether the exit button is pressed.
    pub exit_button: Option<bool>,
    /// Whether somebody is at the hardware.
    pub tamper: Option<bool>,
    /// Whether the fire panel wants the door released.
    pub fire: Option<bool>,
    /// Whether the bolt is where it holds the leaf.
    pub locked: Option<bool>,
    /// Whether the output that releases the lock is on, as it was read back.
    pub released: Option<bool>,
}

/// What the hardware of a door tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DoorSense {
    /// The inputs as they were just read. The first ones also say that the hardware is there.
    Inputs(DoorInputs),
    /// The hardware no longer answers: nothing is known of the door.
    Lost,
    /// An order was carried out, and read back where it can be.
    Done(LockOrder),
    /// An order was not carried out, or that is not known; why, for people.
    Failed(LockOrder, String),
}

/// What a lock is to do. Whoever carries it out never repeats it by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LockOrder {
    /// Lock, now.
    Lock,
    /// Release for a while. Hardware that can pulse locks by itself afterwards; a [`LockOrder::Lock`] follows all the same.
    ReleaseFor(Duration),
    /// Release until told otherwise.
    Release,
}

/// The bits of a card, as a reader passes them on.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CardBits {
    bits: u8,
    bytes: Vec<u8>,
}

/// How a reader says who it is, when it comes online.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReaderIdentity {
    /// Vendor code, three bytes in hexadecimal.
    pub vendor: String,
    /// Model number.
    pub model: u8,
    /// Serial number.
    pub serial: u32,
    /// Firmware, `1.2.3`.
    pub firmware: String,
}

/// One thing that a reader says it can do, as OSDP counts it (IEC 60839-11-5, annex B).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReaderAbility {
    /// What it is about.
    pub function: u8,
    /// How well.
    pub compliance: u8,
    /// How many of it.
    pub count: u8,
}

/// The key of a reader's encrypted channel. Overwritten in memory when dropped; never shown.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct ReaderKey([u8; 16]);

/// What is known of a reader since it was paired.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pairing {
    /// The key that it was given.
    pub key: ReaderKey,
    /// Who it said it is.
    pub identity: ReaderIdentity,
    /// What it said it can do.
    pub abilities: Vec<ReaderAbility>,
}

/// What a reader tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReaderEvent {
    /// It answers, but was never paired, and the site file does not let it go without: nothing it reads is passed on.
    Unpaired(ReaderIdentity),
    /// It answers and is believed; whether by an encrypted channel, and who it says it is, if it says so.
    Online {
        /// Whether what is said is encrypted and authenticated.
        secure: bool,
        /// Who it says it is; Wiegand readers say nothing.
        identity: Option<ReaderIdentity>,
    },
    /// It answers no more.
    Offline,
    /// A card was read.
    Card(CardBits),
    /// Keys of its pad, in order: `0` to `9`, `*` (clear), `#` (done). Several may come at once.
    Keys(String),
    /// Something was read that is no card: why, for people.
    Unreadable(String),
    /// Whether it is off its wall or open.
    Tamper(bool),
    /// It does not know its key or offers less than when it was paired, and is not believed: why, for people.
    Downgrade(String),
    /// It is another one than was paired, and is not believed.
    Swapped(ReaderIdentity),
    /// It took a new key. Whoever is told keeps it: without it the reader is not believed after a restart.
    Paired(Box<Pairing>),
    /// Nobody could be paired within the time.
    PairingFailed(String),
}

/// What a reader is to show. Light and sound are the reader task's choice; why somebody was denied is never shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Feedback {
    /// From now on: a card may be shown.
    Idle,
    /// For a moment: come in.
    Granted,
    /// For a moment: no.
    Denied,
    /// From now on, until another is told: a PIN is waited for.
    Pin,
    /// From now on: the door must be closed soon.
    HeldWarning,
    /// From now on: the door was held or forced open.
    Held,
    /// From now on: locked down.
    Lockdown,
    /// From now on: stands free, nobody needs a card.
    Free,
    /// From now on: the door's hardware cannot be reached.
    Fault,
}

/// What a reader is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReaderOrder {
    /// Show this.
    Show(Feedback),
    /// Pair within this time: give a new key to whoever is at its address in install mode.
    Pair(Duration),
}

/// Everything that comes to the doors' task from hardware.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DoorReport {
    /// Of a door's inputs and lock.
    Door(DoorIx, DoorSense),
    /// Of a reader.
    Reader(ReaderRef, ReaderEvent),
}

impl CardBits {
    /// The longest card, bits.
    pub const MOST_BITS: u8 = 128;

    /// So many bits, the first one highest; what is left of the last byte does not count.
    #[must_use]
    pub fn new(bits: u8, bytes: &[u8]) -> Option<Self> {
        let length = usize::from(bits.div_ceil(8));
        if bits == 0 || bits > Self::MOST_BITS {
            return None;
        }
        let mut bytes = bytes.get(..length)?.to_vec();
        if let Some(last) = bytes.last_mut().filter(|_| !bits.is_multiple_of(8)) {
            *last &= u8::MAX << (8 - bits % 8);
        }
        Some(Self { bits, bytes })
    }

    /// How many there are.
    #[must_use]
    pub fn count(&self) -> u8 {
        self.bits
    }

    /// The bits, the first one highest; what is left of the last byte is 0.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The bit at this place, from 0; `false` behind the end.
    #[must_use]
    pub fn bit(&self, at: u8) -> bool {
        at < self.bits
            && self.bytes.get(usize::from(at / 8)).is_some_and(|byte| byte & (0x80 >> (at % 8)) != 0)
    }
}

impl ReaderKey {
    /// Of these bytes.
    #[must_use]
    pub fn new(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// Its bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

impl fmt::Debug for ReaderKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ReaderKey(…)")
    }
}

impl ReaderIdentity {
    /// Whether it is the same one: its firmware may have been renewed.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        (self.vendor.as_str(), self.model, self.serial) == (other.vendor.as_str(), other.model, other.serial)
    }
}

impl Side {
    /// Its word in API, records and topics.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Entry => "entry",
            Self::Exit => "exit",
        }
    }

    /// The other one.
    #[must_use]
    pub fn other(self) -> Self {
        match self {
            Self::Entry => Self::Exit,
            Self::Exit => Self::Entry,
        }
    }
}

impl fmt::Display for Side {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_behind_the_last_bit_does_not_count() {
        let one = CardBits::new(26, &[0x95, 0x02, 0x69, 0x3F]).unwrap();
        assert_eq!(one, CardBits::new(26, &[0x95, 0x02, 0x69, 0x00, 0xFF]).unwrap());
        assert_eq!((one.count(), one.bytes()), (26, [0x95, 0x02, 0x69, 0x00].as_slice()));
        assert_eq!((one.bit(0), one.bit(1), one.bit(24), one.bit(26)), (true, false, false, false));
    }

    #[test]
    fn a_key_is_not_shown() {
        let key = ReaderKey::new([0xAB; 16]);
        assert_eq!(format!("{key:?}"), "ReaderKey(…)");
        assert_eq!(key.bytes(), &[0xAB; 16]);
    }

    #[test]
    fn cards_of_no_bits_too_many_or_too_few_bytes_are_none() {
        assert_eq!(CardBits::new(0, &[0]), None);
        assert_eq!(CardBits::new(129, &[0; 17]), None);
        assert_eq!(CardBits::new(26, &[0; 3]), None);
    }
}
