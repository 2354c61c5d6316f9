//! What the hall page says, worked out from the live state alone: pure, without HTTP, history or clock.
//!
//! `pages::hall` calls it. Every statement is a [`Phrase`] (a key of the catalogue and what fills it), so that it
//! can be tested without a language. Where a value is missing the phrase says whose, and why: never a guess.
//!
//! Terms: *tile* — one of the five answers at the top; *energy* — whether a node of the power path is live;
//! *abnormal* — what a person should look at, with its priority from 1 (most urgent) to 4.

pub(super) mod abnormal;
mod autonomy;
mod climate;
mod cooling;
pub(super) mod diagram;
mod inlets;
mod live;
mod phrase;
pub(super) mod power;
mod power_path;
mod safety;
#[cfg(test)]
mod tests;

pub(super) use climate::{BAND_HIGH, BAND_LOW, Sensor, sensors};
pub(super) use inlets::hottest;
pub(super) use live::{LOAD, Live};
pub(super) use phrase::{Arg, Phrase};

/// One of the five answers.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Tile {
    /// What it is about: the end of a key, `tile-power`.
    pub(super) name: &'static str,
    /// The answer.
    pub(super) big: Phrase,
    /// A word or two beside it.
    pub(super) small: Option<Phrase>,
    /// More of it, most important first.
    pub(super) more: Vec<Phrase>,
    /// Priority, if it is abnormal.
    pub(super) priority: Option<u8>,
    /// What makes it so and no single point tells, with its own priority.
    pub(super) raised: Vec<(u8, Phrase)>,
}

impl Tile {
    fn new(name: &'static str, big: Phrase) -> Self {
        Self { name, big, small: None, more: Vec::new(), priority: None, raised: Vec::new() }
    }

    fn small(mut self, phrase: Phrase) -> Self {
        self.small = Some(phrase);
        self
    }

    fn more(mut self, phrase: impl Into<Option<Phrase>>) -> Self {
        self.more.extend(phrase.into());
        self
    }

    /// Abnormal by a statement of its own, not by a point that is abnormal itself.
    fn raise(mut self, priority: u8, phrase: Phrase) -> Self {
        self.raised.push((priority, phrase));
        self.priority(priority)
    }

    /// Raises the priority to at least `priority`.
    fn priority(mut self, priority: impl Into<Option<u8>>) -> Self {
        let given = priority.into();
        self.priority = match (self.priority, given) {
            (Some(mine), Some(given)) => Some(mine.min(given)),
            (mine, given) => mine.or(given),
        };
        self
    }
}

/// The five tiles, in their order.
pub(super) fn tiles(live: &Live<'_>) -> [Tile; 5] {
    [
        power_path::tile(live),
        autonomy::tile(live),
        inlets::tile(live),
        cooling::tile(live),
        safety::tile(live),
    ]
}
