//! Finds out what is on a line that nobody has described yet: at which speed, under which unit ids, which devices, and
//! what is wrong with the wires.
//!
//! `hallward scan` drives it: [`Scan::ask`] says what to ask, [`Scan::hear`] takes what came, until there is nothing
//! left to ask; [`Scan::conclude`] has the answer. It opens no line, knows no time, and only ever reads. Terms: *knock*
//! — one short read by which a unit shows that it is there, be it with an exception; *setting* — speed and parity;
//! *sweep* — knocking at every setting, until a unit answers at one: a line has only one.
//!
//! ```text
//! knock at likely ids at each setting ─▶ knock at all ids ─▶ recognise each unit that answered ─▶ conclude
//!        (a unit answers: all other settings are dropped)
//! ```

mod fault;
mod recognise;
mod stanzas;
#[cfg(test)]
mod tests;

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    fmt,
    ops::RangeInclusive,
    sync::Arc,
};

use hallward_profiles::{Area, Parity, Profile};
use hallward_site::Baud;
use serde::{Deserialize, Serialize};

pub use fault::Fault;
pub use recognise::Candidate;
use recognise::Recognition;
pub use stanzas::{Place, stanzas};

use super::timing::Timing;

/// Unit ids that devices come with or that people give first; the profiles' own are added.
const LIKELY: [u8; 8] = [1, 2, 3, 4, 5, 10, 100, 247];

/// How often a garbled answer is asked for again.
const RETRIES: u8 = 2;

/// So many ids asked, and all of them answered: one device that does not look at the id.
const EVERY_ID: usize = 64;

/// What to ask a unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Question {
    /// Registers or bits.
    Read {
        /// Which of the four address spaces.
        area: Area,
        /// First address.
        start: u16,
        /// How many.
        count: u16,
    },
    /// Function 43/14: who it says that it is.
    Identify,
}

/// What came.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Heard {
    /// Registers, or bits as 0 and 1.
    Words(Vec<u16>),
    /// What the device calls itself: object id and text.
    Identity(Vec<(u8, String)>),
    /// An exception with this code.
    Exception(u8),
    /// Nothing.
    Silence,
    /// Bytes that are no answer.
    Garbage(String),
    /// The connection was closed, or could not be made.
    Down(String),
}

/// Speed and parity of a serial line; eight data bits, one stop bit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Setting {
    /// Speed.
    pub baud: Baud,
    /// Parity.
    pub parity: Parity,
}

/// What is to be asked next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Next {
    /// At which setting; `None` where the line's own is not touched.
    pub setting: Option<Setting>,
    /// Whom.
    pub unit: u8,
    /// What.
    pub question: Question,
}

/// A unit that answers.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// Its id.
    pub unit: u8,
    /// What it calls itself: object id and text.
    pub identity: Vec<(u8, String)>,
    /// The profiles that may be its own, best first.
    pub candidates: Vec<Candidate>,
}

/// What a scan found out.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// The setting at which units answer, where settings were swept.
    pub setting: Option<Setting>,
    /// The units that answer, by id.
    pub units: Vec<Found>,
    /// What seems to be wrong.
    pub faults: Vec<Fault>,
}

/// A unit to knock at.
#[derive(Clone, Copy, Debug)]
struct Knock {
    setting: usize,
    unit: u8,
    tries: u8,
}

/// What was heard at one setting.
#[derive(Clone, Debug, Default)]
struct Tally {
    knocks: usize,
    garbled: BTreeSet<u8>,
}

/// A scan of one line.
pub struct Scan {
    /// One `None` where the line's own is not touched.
    settings: Vec<Option<Setting>>,
    profiles: Vec<Arc<Profile>>,
    timing: Timing,
    knocks: VecDeque<Knock>,
    asked: usize,
    answered: BTreeSet<u8>,
    /// The setting at which the first unit answered.
    decided: Option<usize>,
    tallies: BTreeMap<usize, Tally>,
    echoed: bool,
    /// Exceptions 0x0A and 0x0B of a gateway.
    gateway: (usize, usize),
    down: Option<String>,
    every_id: bool,
    recognising: Option<(u8, Recognition)>,
    recognised: Vec<Found>,
}

impl Scan {
    /// Of these unit ids. Without `settings` the line's own is used, which is `timing`'s.
    #[must_use]
    pub fn new(
        settings: Vec<Setting>,
        units: RangeInclusive<u8>,
        profiles: Vec<Arc<Profile>>,
        timing: Timing,
    ) -> Self {
        let settings: Vec<_> =
            if settings.is_empty() { vec![None] } else { settings.into_iter().map(Some).collect() };
        let mut likely: BTreeSet<u8> = LIKELY.into();
        likely.extend(profiles.iter().filter_map(|profile| profile.connection.unit));
        let sweep = settings.len() > 1;
        let mut knocks = VecDeque::new();
        for first in [true, false] {
            for setting in 0..settings.len() {
                let wanted = units.clone().filter(|unit| (sweep && likely.contains(unit)) == first);
                knocks.extend(wanted.map(|unit| Knock { setting, unit, tries: 0 }));
            }
        }
        Self {
            settings,
            profiles,
            timing,
            knocks,
            asked: 0,
            answered: BTreeSet::new(),
            decided: None,
            tallies: BTreeMap::new(),
            echoed: false,
            gateway: (0, 0),
            down: None,
            every_id: false,
            recognising: None,
            recognised: Vec::new(),
        }
    }

    /// What to ask next; `None` when everything is known that can be.
    pub fn ask(&mut self) -> Option<Next> {
        if let Some(knock) = self.knocks.front() {
            let setting = self.settings.get(knock.setting).copied().flatten();
            return Some(Next { setting, unit: knock.unit, question: KNOCK });
        }
        self.merge_ids();
        loop {
            if let Some((unit, recognition)) = &mut self.recognising
                && let Some(question) = recognition.ask()
            {
                let setting = self.decided.and_then(|n| self.settings.get(n).copied().flatten());
                return Some(Next { setting, unit: *unit, question });
            }
            if let Some((unit, recognition)) = self.recognising.take() {
                let (identity, candidates) = recognition.conclude();
                self.recognised.push(Found { unit, identity, candidates });
            }
            let unit = self.answered.pop_first()?;
            self.recognising = Some((unit, Recognition::new(&self.profiles, self.timing())));
        }
    }

    /// Takes what came of the last question; `echoed` where the request itself came back as well.
    pub fn hear(&mut self, heard: Heard, echoed: bool) {
        self.asked += 1;
        self.echoed |= echoed;
        match (self.knocks.pop_front(), &mut self.recognising) {
            (Some(knock), _) => self.hear_knock(knock, heard),
            (None, Some((_, recognition))) => recognition.hear(heard),
            (None, None) => {}
        }
    }

    fn hear_knock(&mut self, knock: Knock, heard: Heard) {
        let tally = self.tallies.entry(knock.setting).or_default();
        tally.knocks += usize::from(knock.tries == 0);
        match heard {
            Heard::Exception(0x0A) => self.gateway.0 += 1,
            Heard::Exception(0x0B) => self.gateway.1 += 1,
            Heard::Words(_) | Heard::Identity(_) | Heard::Exception(_) => {
                self.answered.insert(knock.unit);
                if self.decided.is_none() {
                    self.decided = Some(knock.setting);
                    self.knocks.retain(|other| other.setting == knock.setting);
                }
            }
            Heard::Garbage(_) => {
                tally.garbled.insert(knock.unit);
                if knock.tries < RETRIES {
                    self.knocks.push_front(Knock { tries: knock.tries + 1, ..knock });
                }
            }
            Heard::Down(why) => self.down = Some(why),
            Heard::Silence => {}
        }
    }

    /// A device that answers under every id is one device.
    fn merge_ids(&mut self) {
        let asked = self.decided.and_then(|setting| self.tallies.get(&setting)).map_or(0, |t| t.knocks);
        if self.recognised.is_empty() && asked >= EVERY_ID && self.answered.len() == asked {
            self.every_id = true;
            self.answered = self.answered.first().copied().into_iter().collect();
        }
    }

    fn timing(&self) -> Timing {
        let setting = self.decided.and_then(|n| self.settings.get(n).copied().flatten());
        setting.map_or(self.timing, |setting| Timing::at(setting.baud))
    }

    /// What was found out.
    #[must_use]
    pub fn conclude(self) -> Report {
        let setting = self.decided.and_then(|n| self.settings.get(n).copied().flatten());
        let faults = self.faults();
        Report { setting, units: self.recognised, faults }
    }
}

/// One register: a unit that has none at 0 shows itself by its exception.
const KNOCK: Question = Question::Read { area: Area::Holding, start: 0, count: 1 };

/// How far it is, for people who wait.
impl fmt::Display for Scan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.recognising, self.knocks.front()) {
            (_, Some(knock)) => {
                if let Some(Some(setting)) = self.settings.get(knock.setting) {
                    write!(f, "{setting}, ")?;
                }
                write!(f, "unit {}, {} to ask, {} found", knock.unit, self.knocks.len(), self.answered.len())
            }
            (Some((unit, _)), None) => write!(f, "who is unit {unit}? {} questions asked", self.asked),
            (None, None) => write!(f, "{} questions asked", self.asked),
        }
    }
}

impl Setting {
    /// What devices use, the most usual first.
    #[must_use]
    pub fn usual() -> Vec<Self> {
        use Parity::{Even, None, Odd};
        let usual = [
            (9600, None),
            (19_200, Even),
            (9600, Even),
            (19_200, None),
            (38_400, None),
            (115_200, None),
            (4800, None),
            (57_600, None),
            (2400, None),
            (9600, Odd),
            (19_200, Odd),
            (38_400, Even),
            (115_200, Even),
            (4800, Even),
            (57_600, Even),
            (2400, Even),
            (1200, None),
        ];
        let setting = |(baud, parity)| Some(Self { baud: Baud::new(baud)?, parity });
        usual.into_iter().filter_map(setting).collect()
    }
}

impl fmt::Display for Setting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parity = match self.parity {
            Parity::None => 'N',
            Parity::Even => 'E',
            Parity::Odd => 'O',
        };
        write!(f, "{} 8{parity}1", self.baud.get())
    }
}
