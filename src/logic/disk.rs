//! A disk that fills up: what is recorded, when the reserve is freed and made again, and what history has to give.
//!
//! Who calls it: `app/disk`, with what it measures each second, and before the journal is opened.
//!
//! Terms: *space* — what the file system of the data folder has; *reserve* — a file there that holds room for the journal; *step* —
//! one of [`STEPS`], entered when the use reaches it and left when the use is [`SLACK`] points below it; *thinning* — history drops
//! its oldest days; *pausing* — history takes nothing, so that what the reserve gave is left to the journal.
//!
//! It measures nothing, touches no file, and never lets anything of the journal go. What is recorded is decided in [`told`].

mod told;

use crate::model::{NewRecord, Now, Severity};

pub use told::Told;

/// Use at which a step begins, per cent, and how much that matters.
const STEPS: [(u8, Severity); 3] = [(80, Severity::Warning), (90, Severity::Warning), (95, Severity::Error)];

/// A step is left when the use is so many points below where it began.
const SLACK: u8 = 2;

/// The largest reserve, bytes.
const MOST: u64 = 64 * MIB;

/// The smallest reserve, bytes.
const LEAST: u64 = MIB;

const MIB: u64 = 1024 * 1024;

/// The reserve is freed when less than this part of it is available besides.
const SPENT: u64 = 4;

/// It is made when this many times its size are available.
const AMPLE: u64 = 4;

/// What a file system has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Space {
    /// Bytes used by everybody.
    pub used: u64,
    /// Bytes available to this program.
    pub available: u64,
}

impl Space {
    /// Both together: what a user without privileges could fill, bytes.
    #[must_use]
    pub fn total(self) -> u64 {
        self.used.saturating_add(self.available)
    }

    /// The use as `df` tells it: of the total, per cent, rounded up. A file system without any room is full.
    #[must_use]
    pub fn percent(self) -> u8 {
        let (used, total) = (u128::from(self.used), u128::from(self.total()));
        u8::try_from((used * 100).div_ceil(total.max(1))).unwrap_or(100).max(u8::from(total == 0) * 100)
    }

    /// The size of a reserve here, bytes: 64 MiB, or a hundredth of the file system if that is less, but at least 1 MiB.
    #[must_use]
    pub fn reserve(self) -> u64 {
        (self.total() / 100).clamp(LEAST, MOST)
    }
}

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Input {
    /// The space, and the size of the reserve file, bytes; 0 when there is none.
    Measured(Space, u64),
    /// The reserve was freed: it held so many bytes.
    Freed(u64),
    /// The reserve was made: it holds so many bytes.
    Made(u64),
    /// What the journal says. Until then nothing is recorded: it is before the journal is open that the reserve may be needed.
    Told(Told),
}

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// To be recorded.
    Record(Box<NewRecord>),
    /// Free the reserve, and say so when it is done.
    FreeReserve,
    /// Make the reserve of so many bytes, and say so when it is done.
    MakeReserve(u64),
}

/// What is remembered from one measurement to the next.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Disk {
    /// How many of [`STEPS`] are entered.
    entered: usize,
    /// The reserve was needed, or there was no room for one.
    spent: bool,
    /// There is room for one.
    ample: bool,
    /// What was measured last.
    space: Option<Space>,
    /// How many bytes of the reserve were freed, if that is still to be recorded.
    freed: Option<u64>,
    /// How many bytes the reserve holds, if that is enough.
    whole: Option<u64>,
    /// It was made after there was none to be had; still to be recorded.
    missed: bool,
    /// What the journal says, once that is known.
    told: Option<Told>,
}

impl Disk {
    /// Takes what happened; what is to be done goes to `out`.
    pub fn handle(&mut self, now: Now, input: Input, out: &mut Vec<Output>) {
        let mut deed = None;
        match input {
            Input::Measured(space, held) => {
                self.space = Some(space);
                self.step();
                deed = self.reserve(space, held);
            }
            Input::Freed(bytes) => {
                self.freed = Some(bytes);
                self.whole = None;
            }
            Input::Made(bytes) => {
                self.whole = Some(bytes);
                self.missed |= std::mem::take(&mut self.spent);
            }
            Input::Told(told) => {
                self.told = Some(told);
                self.step();
            }
        }
        self.tell(now, out);
        out.extend(deed);
    }

    /// Whether history is to drop its oldest days: in the last step.
    #[must_use]
    pub fn thins(&self) -> bool {
        self.entered == STEPS.len()
    }

    /// Whether history is to take nothing: the reserve is spent, and there is no room for another.
    #[must_use]
    pub fn pauses(&self) -> bool {
        self.spent && !self.ample
    }

    fn step(&mut self) {
        let Some(space) = self.space else { return };
        let percent = space.percent();
        let reached = STEPS.iter().filter(|(from, _)| percent >= *from).count();
        let not_left = STEPS.iter().filter(|(from, _)| percent.saturating_add(SLACK) >= *from).count();
        // A step that a run before has told is left no sooner than one of this run.
        let before = self.told.map_or(0, |told| told.entered).max(self.entered);
        self.entered = before.clamp(reached, not_left);
    }

    /// What is to be done with the reserve.
    fn reserve(&mut self, space: Space, held: u64) -> Option<Output> {
        let size = space.reserve();
        self.ample = space.available >= size.saturating_mul(AMPLE);
        self.whole = (held >= size).then_some(held);
        if space.available < size / SPENT {
            self.spent = true;
            return (held > 0).then_some(Output::FreeReserve);
        }
        if held >= size {
            // Somebody else has made room before the reserve was touched.
            self.spent = false;
            return None;
        }
        self.spent |= held == 0 && !self.ample;
        self.ample.then_some(Output::MakeReserve(size))
    }
}

#[cfg(test)]
mod tests;
