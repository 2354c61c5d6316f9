//! A badge reader as a thing on a wall: cards and keys go in, a light and a buzzer show what came of it.
//!
//! Who calls it: `Doors`, for people and actions. What was read waits here until a controller's end takes it: the
//! in-memory reader (`Hall::reader`) or the one that speaks OSDP. The reader decides nothing.
//!
//! Terms: *read* — a card or keys, once; *light* — the reader's LED.

use std::{collections::VecDeque, time::Duration};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::CardBits;

/// Reads that wait for whoever takes them; a further one is lost.
const MOST_WAITING: usize = 16;

/// The side of a door.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Side {
    /// That of `from`, where one comes in.
    #[default]
    Entry,
    /// That of `to`.
    Exit,
}

/// What a reader has read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Read {
    /// A card.
    Card(CardBits),
    /// Keys of its pad: `0` to `9`, `*`, `#`.
    Keys(String),
}

/// What a light can show.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs, reason = "the words say it")]
pub enum Colour {
    #[default]
    Off,
    Red,
    Green,
    Amber,
    Blue,
    Magenta,
    Cyan,
    White,
}

/// A light's course: `on` for so long, then `off` for so long, and again. Steady where one of the times is zero.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Flash {
    /// First colour.
    pub on: Colour,
    /// Second colour.
    pub off: Colour,
    /// How long the first one shows.
    pub on_time: Duration,
    /// How long the second one shows.
    pub off_time: Duration,
}

/// What a controller tells a reader to show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Feedback {
    /// From now on.
    Light(Flash),
    /// For so long; then what was told for good.
    LightFor(Flash, Duration),
    /// No more [`Feedback::LightFor`].
    EndLight,
    /// Sounds `on` and rests `off`, so many times; 0 times is for ever.
    Buzz {
        /// How long it sounds.
        on: Duration,
        /// How long it rests.
        off: Duration,
        /// How many times.
        times: u8,
    },
    /// Silence.
    Quiet,
}

impl Flash {
    /// One colour, always.
    #[must_use]
    pub fn steady(colour: Colour) -> Self {
        Self { on: colour, off: colour, ..Self::default() }
    }

    fn at(&self, since: Duration) -> Colour {
        let period = self.on_time + self.off_time;
        if self.off_time.is_zero() || period.is_zero() {
            return self.on;
        }
        if since.as_millis() % period.as_millis().max(1) < self.on_time.as_millis() {
            self.on
        } else {
            self.off
        }
    }
}

/// A buzzer at work.
#[derive(Clone, Copy, Debug)]
struct Buzz {
    since: Duration,
    on: Duration,
    off: Duration,
    times: u8,
}

/// See the module.
#[derive(Clone, Debug, Default)]
pub(crate) struct Reader {
    reads: VecDeque<Read>,
    /// Reads lost: nobody took the ones before.
    pub(crate) lost: u64,
    light: (Flash, Duration),
    for_a_while: Option<(Flash, Duration, Duration)>,
    buzz: Option<Buzz>,
    /// Whether it is off its wall.
    pub(crate) tampered: bool,
    /// Without power until then.
    dark_until: Duration,
    /// How often it has lost its power.
    pub(crate) power_cycles: u32,
    /// Key of the secure channel; without one it is in install mode.
    pub(crate) key: Option<[u8; 16]>,
    /// Whether a controller has it online, and by a secure channel: told by who speaks for it.
    pub(crate) online: bool,
    pub(crate) secure: bool,
}

impl Reader {
    /// Whether it has power.
    pub(crate) fn is_powered(&self, now: Duration) -> bool {
        now >= self.dark_until
    }

    /// Until when it is, or was, without power.
    pub(super) fn dark_until(&self) -> Duration {
        self.dark_until
    }

    /// Something is read; without power nothing is.
    pub(super) fn read(&mut self, read: Read, now: Duration) {
        if !self.is_powered(now) {
            return;
        }
        if self.reads.len() >= MOST_WAITING {
            self.lost += 1;
            return;
        }
        self.reads.push_back(read);
    }

    /// The oldest read that nobody has taken.
    pub(crate) fn take(&mut self) -> Option<Read> {
        self.reads.pop_front()
    }

    /// What waits is lost.
    pub(crate) fn lose(&mut self) {
        self.lost += u64::try_from(self.reads.len()).unwrap_or(u64::MAX);
        self.reads.clear();
    }

    /// Loses its power for `time`: what was read and shown is forgotten, the key is not.
    pub(super) fn cycle_power(&mut self, now: Duration, time: Duration) {
        *self = Self {
            lost: self.lost,
            tampered: self.tampered,
            dark_until: now + time,
            power_cycles: self.power_cycles + 1,
            key: self.key,
            ..Self::default()
        };
    }

    /// A controller says what to show.
    pub(crate) fn show(&mut self, feedback: Feedback, now: Duration) {
        match feedback {
            Feedback::Light(flash) => self.light = (flash, now),
            Feedback::LightFor(flash, time) => self.for_a_while = Some((flash, now, now + time)),
            Feedback::EndLight => self.for_a_while = None,
            Feedback::Buzz { on, off, times } => self.buzz = Some(Buzz { since: now, on, off, times }),
            Feedback::Quiet => self.buzz = None,
        }
    }

    /// What the light shows.
    pub(super) fn light(&self, now: Duration) -> Colour {
        let (flash, since) = match self.for_a_while {
            Some((flash, since, until)) if now < until => (flash, since),
            Some(_) | None => self.light,
        };
        if self.is_powered(now) { flash.at(now.saturating_sub(since)) } else { Colour::Off }
    }

    /// Whether it sounds.
    pub(super) fn sounds(&self, now: Duration) -> bool {
        let Some(buzz) = self.buzz.filter(|_| self.is_powered(now)) else { return false };
        let period = buzz.on + buzz.off;
        let since = now.saturating_sub(buzz.since);
        let over = buzz.times > 0 && since >= period * u32::from(buzz.times);
        !over && since.as_millis() % period.as_millis().max(1) < buzz.on.as_millis()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const S: Duration = Duration::from_secs(1);

    fn keys(text: &str) -> Read {
        Read::Keys(text.to_owned())
    }

    #[test]
    fn what_nobody_takes_is_lost_and_counted() {
        let mut reader = Reader::default();
        (0..20).for_each(|n| reader.read(keys(&n.to_string()), S));
        assert_eq!(reader.lost, 4);
        assert_eq!(reader.take(), Some(keys("0")));
        assert_eq!(std::iter::from_fn(|| reader.take()).last(), Some(keys("15")));
    }

    #[test]
    fn without_power_nothing_is_read_or_shown_and_only_the_key_is_kept() {
        let mut reader = Reader { key: Some([7; 16]), ..Reader::default() };
        reader.show(Feedback::Light(Flash::steady(Colour::Green)), S);
        reader.read(keys("1"), S);
        reader.cycle_power(S, 3 * S);
        reader.read(keys("2"), 2 * S);
        assert!(!reader.is_powered(2 * S));
        assert_eq!(reader.take(), None);
        assert!(reader.is_powered(4 * S));
        assert_eq!((reader.light(5 * S), reader.key), (Colour::Off, Some([7; 16])));
    }

    #[test]
    fn a_light_flashes_for_a_while_and_returns() {
        let mut reader = Reader::default();
        reader.show(Feedback::Light(Flash::steady(Colour::Red)), S);
        let flash = Flash { on: Colour::Green, off: Colour::Off, on_time: S, off_time: S };
        reader.show(Feedback::LightFor(flash, 4 * S), 10 * S);
        let seen: Vec<Colour> = (10..15).map(|at| reader.light(at * S)).collect();
        assert_eq!(seen, [Colour::Green, Colour::Off, Colour::Green, Colour::Off, Colour::Red]);
        reader.show(Feedback::LightFor(flash, 4 * S), 20 * S);
        reader.show(Feedback::EndLight, 21 * S);
        assert_eq!(reader.light(21 * S), Colour::Red);
    }

    #[test]
    fn a_buzzer_sounds_so_many_times() {
        let mut reader = Reader::default();
        reader.show(Feedback::Buzz { on: S, off: S, times: 2 }, S);
        let heard: Vec<bool> = (1..7).map(|at| reader.sounds(at * S)).collect();
        assert_eq!(heard, [true, false, true, false, false, false]);
        reader.show(Feedback::Buzz { on: S, off: S, times: 0 }, S);
        assert!(reader.sounds(101 * S));
        reader.show(Feedback::Quiet, S);
        assert!(!reader.sounds(101 * S));
    }
}
