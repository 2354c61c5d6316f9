//! What actions do to doors and their readers.

use std::time::Duration;

use super::{Doors, Leaf, NO_DOOR, NO_READER, Read, wiegand};
use crate::physics::{Action, NotHere};

/// The longest time that an action may ask for.
const LONGEST: Duration = Duration::from_secs(86_400);

const NO_TIME: NotHere = NotHere { missing: "time of that length: 0 to 86400 s" };

impl Doors {
    /// Does what is about doors; other actions are not its own.
    ///
    /// # Errors
    /// When the hall has not got what it is about.
    #[expect(clippy::wildcard_enum_match_arm, reason = "the other actions are not about doors")]
    pub(in crate::physics) fn act(&mut self, action: &Action) -> Result<(), NotHere> {
        match action {
            Action::Badge { door, side, facility, card, bits } => {
                let read = wiegand::card(*facility, *card, *bits).ok_or(NotHere {
                    missing: "card format for these numbers (26 bits: facility to 255, card to 65535; 37 bits: to 65535 and \
                              524287)",
                })?;
                self.read(self.find(door)?, *side, Read::Card(read))
            }
            Action::Pin { door, side, digits } => {
                let keys = |key: char| key.is_ascii_digit() || matches!(key, '*' | '#');
                if !(1..=16).contains(&digits.len()) || !digits.chars().all(keys) {
                    return Err(NotHere { missing: "such keys on its pads: 1 to 16 of 0 to 9, * and #" });
                }
                self.read(self.find(door)?, *side, Read::Keys(digits.clone()))
            }
            Action::Open { door } => {
                let n = self.find(door)?;
                self.open(n, None)
            }
            Action::Close { door } => {
                let n = self.find(door)?;
                self.doors.get_mut(n).into_iter().for_each(|door| door.prop = None);
                self.close(n);
                Ok(())
            }
            Action::Rex { door } => self.press(self.find(door)?),
            Action::Force { door } => {
                let n = self.find(door)?;
                self.doors.get_mut(n).ok_or(NO_DOOR)?.leaf = Leaf::Forced;
                self.tell(n, "door.forced");
                Ok(())
            }
            Action::Prop { door, seconds } => {
                let (n, time) = (self.find(door)?, time(*seconds)?);
                let door = self.doors.get_mut(n).ok_or(NO_DOOR)?;
                door.prop = Some(time);
                if matches!(door.leaf, Leaf::Open { .. } | Leaf::Propped { .. }) {
                    self.prop(n);
                }
                Ok(())
            }
            Action::LockPower { door, on } => {
                let n = self.find(door)?;
                self.doors.get_mut(n).ok_or(NO_DOOR)?.supplied = *on;
                self.settle(n);
                Ok(())
            }
            Action::DoorTamper { door, on } => {
                let n = self.find(door)?;
                self.doors.get_mut(n).ok_or(NO_DOOR)?.tampered = *on;
                Ok(())
            }
            Action::ReaderTamper { door, side, on } => {
                let n = self.find(door)?;
                self.reader(n, *side).ok_or(NO_READER)?.tampered = *on;
                Ok(())
            }
            Action::ReaderPowerCycle { door, side, seconds } => {
                let (n, time, now) = (self.find(door)?, time(*seconds)?, self.now);
                self.reader(n, *side).ok_or(NO_READER)?.cycle_power(now, time);
                Ok(())
            }
            Action::ReaderKey { door, side, key } => {
                let n = self.find(door)?;
                let key = key.as_deref().map(secure_channel_key).transpose()?;
                self.reader(n, *side).ok_or(NO_READER)?.key = key;
                Ok(())
            }
            _ => Ok(()),
        }
    }
}

fn time(seconds: f64) -> Result<Duration, NotHere> {
    Duration::try_from_secs_f64(seconds).ok().filter(|time| *time <= LONGEST).ok_or(NO_TIME)
}

fn secure_channel_key(text: &str) -> Result<[u8; 16], NotHere> {
    let digits = text.len() == 32 && text.bytes().all(|digit| digit.is_ascii_hexdigit());
    let key = u128::from_str_radix(text, 16).ok().filter(|_| digits);
    key.map(u128::to_be_bytes).ok_or(NotHere { missing: "such key: 32 hexadecimal digits" })
}
