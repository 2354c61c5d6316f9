//! A disk that fills up: what is recorded, when the reserve is freed and made again, and what history has to give.
//!
//! Who calls it: `app/disk`, with what it measures each second, and before the journal is opened.
//!
//! Terms: *space* — what the file system of the data folder has; *reserve* — a file there that holds room for the journal; *step* —
//! one of [`STEPS`], entered when the use reaches it and left when the use is [`SLACK`] points below it; *thinning* — history drops
//! its oldest days; *pausing* — history takes nothing, so that what the reserve gave is left to the journal.
//!
//! It measures nothing, touches no file, and never lets anything of the journal go.

use crate::model::{NewRecord, Now, Severity};

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
}

impl Disk {
    /// Takes what happened; what is to be done goes to `out`.
    pub fn handle(&mut self, now: Now, input: Input, out: &mut Vec<Output>) {
        match input {
            Input::Measured(space, held) => {
                self.step(now, space, out);
                self.reserve(space, held, out);
            }
            Input::Freed(bytes) => {
                let record = NewRecord::system(now, "disk.reserve-freed", Severity::Error);
                out.push(Output::Record(Box::new(record.with("bytes", bytes))));
            }
            Input::Made(bytes) if self.spent => {
                self.spent = false;
                let record = NewRecord::system(now, "disk.reserve-restored", Severity::Info);
                out.push(Output::Record(Box::new(record.with("bytes", bytes))));
            }
            Input::Made(_) => {}
        }
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

    /// One record for each rise, of the highest step that was reached, and one when the first step is left.
    fn step(&mut self, now: Now, space: Space, out: &mut Vec<Output>) {
        let percent = space.percent();
        let reached = STEPS.iter().filter(|(from, _)| percent >= *from).count();
        let not_left = STEPS.iter().filter(|(from, _)| percent.saturating_add(SLACK) >= *from).count();
        let before = self.entered;
        self.entered = before.clamp(reached, not_left);
        let (code, severity) = match self.entered.checked_sub(1).and_then(|last| STEPS.get(last)) {
            Some((_, severity)) if self.entered > before => ("disk.filling", *severity),
            None if before > 0 => ("disk.cleared", Severity::Info),
            Some(_) | None => return,
        };
        let record = NewRecord::system(now, code, severity).with("percent", percent);
        out.push(Output::Record(Box::new(record.with("available_bytes", space.available))));
    }

    fn reserve(&mut self, space: Space, held: u64, out: &mut Vec<Output>) {
        let size = space.reserve();
        self.ample = space.available >= size.saturating_mul(AMPLE);
        if space.available < size / SPENT {
            self.spent = true;
            if held > 0 {
                out.push(Output::FreeReserve);
            }
        } else if held >= size {
            // Somebody else has made room before the reserve was touched.
            self.spent = false;
        } else if self.ample {
            out.push(Output::MakeReserve(size));
        } else if held == 0 {
            self.spent = true;
        }
    }
}

#[cfg(test)]
mod tests;
