//! The automatic transfer switch: source 1 preferred, source 2 when it is lost.
//!
//! ```text
//!  One ── source 1 lost, source 2 good for the transfer delay ──▶ Open ──▶ Two
//!   ▲                                                                       │
//!   └── Open ◀── source 1 good for the retransfer delay, ───────────────────┘
//!                or for the transfer delay while source 2 is lost
//! ```

use hallward_site::{Device, Site};

use super::parameters::parameter;

/// How long both sides are open during a transfer, s.
const OPEN_S: f64 = 0.5;

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
    /// Transfers so far.
    pub(super) transfers: u32,
    /// How long source 1 has been lost, s.
    pub(super) lost_s: f64,
    good_s: [f64; 2],
    transfer_delay_s: f64,
    retransfer_delay_s: f64,
}

impl TransferSwitch {
    pub(super) fn new(site: &Site, device: &Device) -> Self {
        Self {
            position: Position::One,
            transfers: 0,
            lost_s: 0.0,
            // Before the start both had been as they are for long.
            good_s: [1e6, 0.0],
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
        self.lost_s >= delay_s || self.position != Position::One
    }

    pub(super) fn step(&mut self, dt_s: f64, live: [bool; 2]) {
        for (good_s, live) in self.good_s.iter_mut().zip(live) {
            *good_s = if live { *good_s + dt_s } else { 0.0 };
        }
        self.lost_s = if live[0] { 0.0 } else { self.lost_s + dt_s };
        let [good_1_s, good_2_s] = self.good_s;
        let back_after_s = if live[1] { self.retransfer_delay_s } else { self.transfer_delay_s };
        self.position = match self.position {
            Position::One if !live[0] && live[1] && good_2_s >= self.transfer_delay_s => {
                Position::Open { toward: Side::Two, left_s: OPEN_S }
            }
            Position::Two if live[0] && good_1_s >= back_after_s => {
                Position::Open { toward: Side::One, left_s: OPEN_S }
            }
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
