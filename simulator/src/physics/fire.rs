//! Smoke in a room, and detectors that latch.
//!
//! Equations: obscuration' = emission − obscuration / [`CLEARING_S`]. A detector alarms when the obscuration of a
//! room that it watches passes its threshold, and stays in alarm until the hall is reset, as panels do. An aspirating
//! detector (one whose profile measures smoke) watches its own room, a panel all of them, each room as a zone.

/// How slowly smoke clears, s.
const CLEARING_S: f64 = 600.0;

/// A cable that smoulders: obscuration added, %/m per s, and for how long, s.
const SMOULDER_PER_S: f64 = 0.05;
const SMOULDER_S: f64 = 240.0;

/// The smoke in one room.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Smoke {
    pub(super) percent_per_m: f64,
    left_s: f64,
}

impl Smoke {
    /// Something begins to smoulder.
    pub(super) fn begin(&mut self) {
        self.left_s = SMOULDER_S;
    }

    pub(super) fn step(&mut self, dt_s: f64) {
        let emission = if self.left_s > 0.0 { SMOULDER_PER_S } else { 0.0 };
        self.left_s = (self.left_s - dt_s).max(0.0);
        self.percent_per_m += (emission - self.percent_per_m / CLEARING_S) * dt_s;
    }
}

/// One detector or panel.
#[derive(Clone, Debug)]
pub(super) struct Detector {
    /// Rooms that it watches, each a zone, from zone 1.
    pub(super) rooms: Vec<usize>,
    /// Zones in alarm.
    pub(super) zones: Vec<bool>,
    /// Highest obscuration that it sees, %/m.
    pub(super) percent_per_m: f64,
    pub(super) threshold: f64,
}

impl Detector {
    pub(super) fn new(rooms: Vec<usize>, threshold: f64) -> Self {
        Self { zones: vec![false; rooms.len()], rooms, percent_per_m: 0.0, threshold }
    }

    /// Whether any zone is in alarm.
    pub(super) fn alarm(&self) -> bool {
        self.zones.iter().any(|zone| *zone)
    }

    /// The event that the beginning of its state is.
    pub(super) fn code(&self) -> &'static str {
        if self.alarm() { "fire.alarm" } else { "fire.clear" }
    }

    /// Looks at the smoke of all rooms.
    pub(super) fn step(&mut self, smoke: &[Smoke]) {
        let seen = |room: &usize| smoke.get(*room).map_or(0.0, |smoke| smoke.percent_per_m);
        self.percent_per_m = self.rooms.iter().map(seen).fold(0.0, f64::max);
        for (zone, room) in self.zones.iter_mut().zip(&self.rooms) {
            *zone |= seen(room) >= self.threshold;
        }
    }
}
