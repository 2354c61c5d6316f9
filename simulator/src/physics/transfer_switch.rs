//! The automatic transfer switch: source 1 preferred, source 2 when it is lost.
//!
//! ```text
//!  One ── source 1 lost or a test on load, source 2 good for the transfer delay ──▶ Open ──▶ Two
//!   ▲                                                                                         │
//!   └── Open ◀── no test, source 1 good for the retransfer delay, ────────────────────────────┘
//!                or for the transfer delay while source 2 is lost
//! ```
//! A source is lost outside of [`WINDOW`] and good again within it by [`BACK`]: a choice of ours, as such controllers
//! have it, that lets pass what EN 50160 allows the grid (±10 % in voltage, −6 % to +4 % in frequency). A switch that
//! is stuck stays where it is, open too, until it is repaired.

use hallward_site::{Device, Site};

use super::{
    network::{Supply, Window},
    parameters::parameter,
};

/// How long both sides are open during a transfer, s.
const OPEN_S: f64 = 0.5;

/// A source that is good.
const WINDOW: Window = Window { voltage: (0.85, 1.15), frequency: (0.935, 1.045) };

/// How far inside its window a source is good again, as a share of the nominal.
const BACK: f64 = 0.005;

/// Which source it is closed on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Position {
    One,
    Two,
    Open { toward: Side, left_s: f64 },
}

impl Position {
    /// The vocabulary's word for it.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::One => "1",
            Self::Two => "2",
            Self::Open { .. } => "open",
        }
    }
}

/// One of the two sources.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    One,
    Two,
}

/// One transfer switch.
#[derive(Clone, Debug)]
pub(super) struct TransferSwitch {
    pub(super) position: Position,
    /// Whether its drive is stuck.
    pub(super) stuck: bool,
    /// Whether each source is good.
    pub(super) good: [bool; 2],
    /// Transfers so far.
    pub(super) transfers: u32,
    /// How long source 1 has been lost, s.
    lost_s: f64,
    good_s: [f64; 2],
    /// Whether a test asks for source 2.
    tested: bool,
    transfer_delay_s: f64,
    retransfer_delay_s: f64,
}

impl TransferSwitch {
    pub(super) fn new(site: &Site, device: &Device) -> Self {
        Self {
            position: Position::One,
            stuck: false,
            good: [true, false],
            transfers: 0,
            lost_s: 0.0,
            // Before the start both had been as they are for long.
            good_s: [1e6, 0.0],
            tested: false,
            transfer_delay_s: parameter(site, device, "transfer_delay_s", 2.0),
            retransfer_delay_s: parameter(site, device, "retransfer_delay_s", 10.0),
        }
    }

    /// The input that is closed: 0, 1 or none.
    pub(super) fn selected(&self) -> Option<usize> {
        match self.position {
            Position::One => Some(0),
            Position::Two => Some(1),
            Position::Open { .. } => None,
        }
    }

    /// Whether it asks for a generator whose start delay is `delay_s`.
    pub(super) fn wants_generator(&self, delay_s: f64) -> bool {
        (!self.good[0] && self.lost_s >= delay_s) || self.position != Position::One
    }

    /// Whether it should move and cannot.
    pub(super) fn has_failed(&self) -> bool {
        self.stuck && (matches!(self.position, Position::Open { .. }) || self.due_s() <= 0.0)
    }

    /// The event that the beginning of its state is.
    pub(super) fn code(&self) -> &'static str {
        match self.position {
            _ if self.has_failed() => "switch.failed",
            Position::One => "switch.returned",
            Position::Two => "switch.transferred",
            Position::Open { .. } => "switch.open",
        }
    }

    /// Time until it moves if nothing else happens, s; 0 when it is to move now.
    fn due_s(&self) -> f64 {
        let [one, two] = self.good;
        let [one_s, two_s] = self.good_s;
        let wait_s = match self.position {
            Position::One if two && (!one || self.tested) => self.transfer_delay_s - two_s,
            Position::Two if one && !two => self.transfer_delay_s - one_s,
            Position::Two if one && !self.tested => self.retransfer_delay_s - one_s,
            Position::One | Position::Two => f64::INFINITY,
            Position::Open { left_s, .. } => left_s,
        };
        wait_s.max(0.0)
    }

    /// Time until something timed happens in it, s.
    pub(super) fn next_change_s(&self, start_delay_s: f64) -> f64 {
        let starts_s = start_delay_s - self.lost_s;
        let starts_s = if self.good[0] || starts_s < 0.0 { f64::INFINITY } else { starts_s };
        let moves_s = if self.stuck { f64::INFINITY } else { self.due_s() };
        moves_s.min(starts_s)
    }

    /// One step; `tested`: a generator behind source 2 is tested on load.
    pub(super) fn step(&mut self, dt_s: f64, sources: [Option<Supply>; 2], tested: bool) {
        self.tested = tested;
        for ((good, good_s), source) in self.good.iter_mut().zip(&mut self.good_s).zip(sources) {
            *good = source.is_some_and(|source| WINDOW.takes(source, *good, BACK));
            *good_s = if *good { *good_s + dt_s } else { 0.0 };
        }
        self.lost_s = if self.good[0] { 0.0 } else { self.lost_s + dt_s };
        if self.stuck {
            return;
        }
        let moves = self.due_s() <= 1e-6;
        self.position = match self.position {
            Position::One if moves => Position::Open { toward: Side::Two, left_s: OPEN_S },
            Position::Two if moves => Position::Open { toward: Side::One, left_s: OPEN_S },
            Position::Open { toward, left_s } if left_s <= dt_s => {
                self.transfers += 1;
                match toward {
                    Side::One => Position::One,
                    Side::Two => Position::Two,
                }
            }
            Position::Open { toward, left_s } => Position::Open { toward, left_s: left_s - dt_s },
            Position::One | Position::Two => self.position,
        };
    }
}
