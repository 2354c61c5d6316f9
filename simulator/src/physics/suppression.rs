//! The gas that puts a fire out: when a panel releases it, and how long it stays.
//!
//! ```text
//!            both lines of a room in alarm            countdown over
//!   Ready ───────────────────────────────▶ Counting ────────────────▶ Released ── reset ──▶ Ready, without agent
//!     ▲              isolated, reset           │ held: begins anew
//!     └────────────────────────────────────────┘
//! ```
//! Equations: the agent flows evenly for [`DISCHARGE_S`] and makes the room's concentration [`DESIGN_PERCENT`]; the
//! concentration falls as e^(−t/τ), so that 85 % of it are left after ten minutes. Above [`DESIGN_PERCENT`] /
//! [`SAFETY_FACTOR`] nothing smoulders any more.
//!
//! Sources: ISO 14520-1 (TCVN 7161-1), general requirements: halocarbons are discharged within 10 s, hold for at least
//! 10 min, and are designed with a safety factor of 1.3; ISO 14520-5: FK-5-1-12 at 5.3 % for surface fires of class A. The
//! countdown of 30 s is the usual setting. That a held abort button starts it anew is a choice of ours; panels differ.

use super::cooling::share;

/// How long the agent flows, s.
const DISCHARGE_S: f64 = 10.0;

/// What one discharge makes of a room's air, % of volume.
const DESIGN_PERCENT: f64 = 5.3;
const SAFETY_FACTOR: f64 = 1.3;

/// How slowly the agent leaks out, s: −600 s / ln 0.85.
const HOLD_S: f64 = 3_692.0;

/// The agent in one room.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Agent {
    /// % of volume.
    pub(super) percent: f64,
}

impl Agent {
    /// One step in which agent flows in for `flowing_s`.
    pub(super) fn step(&mut self, dt_s: f64, flowing_s: f64) {
        self.percent -= self.percent * share(dt_s, HOLD_S);
        self.percent += DESIGN_PERCENT * flowing_s / DISCHARGE_S;
    }

    /// Whether it puts a fire out.
    pub(super) fn extinguishes(&self) -> bool {
        self.percent >= DESIGN_PERCENT / SAFETY_FACTOR
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Phase {
    Ready,
    Counting { room: usize, left_s: f64 },
    Released { room: usize },
}

/// The release of one panel.
#[derive(Clone, Debug)]
pub(super) struct Suppression {
    phase: Phase,
    countdown_s: f64,
    /// Whether somebody holds the abort button.
    pub(super) held: bool,
    isolated: bool,
    /// Share of the agent left, 0 to 1.
    pub(super) agent: f64,
}

impl Suppression {
    /// With a countdown of so long, and a share of the agent, 0 to 1.
    pub(super) fn new(countdown_s: f64, agent: f64) -> Self {
        Self { phase: Phase::Ready, countdown_s, held: false, isolated: false, agent }
    }

    /// The vocabulary's word for its state.
    pub(super) fn word(&self) -> &'static str {
        match self.phase {
            Phase::Released { .. } => "discharged",
            _ if self.isolated => "isolated",
            Phase::Counting { .. } if self.held => "aborted",
            Phase::Counting { .. } => "pre-discharge",
            Phase::Ready if self.agent <= 0.0 => "fault",
            Phase::Ready => "ready",
        }
    }

    /// The event that the beginning of its state is.
    pub(super) fn code(&self) -> &'static str {
        match self.word() {
            "discharged" => "suppression.discharged",
            "isolated" => "suppression.isolated",
            "aborted" => "suppression.aborted",
            "pre-discharge" => "suppression.pre-discharge",
            "fault" => "suppression.fault",
            _ => "suppression.ready",
        }
    }

    /// Time until the agent is released, while it counts down, s.
    pub(super) fn left_s(&self) -> Option<f64> {
        match self.phase {
            Phase::Counting { left_s, .. } => Some(left_s),
            Phase::Ready | Phase::Released { .. } => None,
        }
    }

    /// The panel is reset.
    pub(super) fn reset(&mut self) {
        self.phase = Phase::Ready;
    }

    /// The cylinders are filled.
    pub(super) fn refill(&mut self) {
        self.agent = 1.0;
    }

    /// One step; `called` is a room where both lines are in alarm. Returns the room into which agent flows, and for how
    /// long of the step, s.
    pub(super) fn step(&mut self, dt_s: f64, called: Option<usize>, isolated: bool) -> Option<(usize, f64)> {
        self.isolated = isolated;
        let mut over_s = dt_s;
        match (self.phase, called) {
            (Phase::Ready, Some(room)) if self.agent > 0.0 => {
                self.phase = Phase::Counting { room, left_s: self.countdown_s };
            }
            (Phase::Counting { .. }, _) if isolated => self.phase = Phase::Ready,
            (Phase::Counting { room, .. }, _) if self.held => {
                self.phase = Phase::Counting { room, left_s: self.countdown_s };
            }
            (Phase::Counting { room, left_s }, _) if left_s > dt_s => {
                self.phase = Phase::Counting { room, left_s: left_s - dt_s };
            }
            (Phase::Counting { room, left_s }, _) => {
                self.phase = Phase::Released { room };
                over_s = dt_s - left_s;
            }
            (Phase::Ready | Phase::Released { .. }, _) => {}
        }
        let Phase::Released { room } = self.phase else { return None };
        let flowing_s = over_s.min(self.agent * DISCHARGE_S);
        self.agent = (self.agent - flowing_s / DISCHARGE_S).max(0.0);
        Some((room, flowing_s))
    }
}
