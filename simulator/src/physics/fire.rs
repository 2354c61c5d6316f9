//! Smoke in a room, and what detects it.
//!
//! Equations: obscuration' = emission − obscuration / [`CLEARING_S`], solved exactly over each step. What a detector sees
//! follows the room's smoke as a first-order lag of [`ENTRY_LAG_S`], the time that smoke needs to get into it.
//!
//! An *aspirating* detector (one whose profile measures smoke) watches its own room with one *line*, and warns in stages
//! (alert, action 1, action 2, fire), each at twice the smoke of the one before. A *panel* watches every room with two
//! independent lines, the second at half as much smoke again as the first: one in alarm is a fire alarm, both in
//! *coincidence* call for the release of the agent (`suppression.rs`), so that one bad detector releases nothing. Lines
//! latch in alarm until the panel is reset. A gas detector has no lines. Figures are choices of ours.

use super::{cooling::share, suppression::Suppression};

/// How slowly smoke clears, s.
const CLEARING_S: f64 = 600.0;

/// A cable that smoulders: obscuration added, %/m per s, and for how long, s.
const SMOULDER_PER_S: f64 = 0.05;
const SMOULDER_S: f64 = 240.0;

/// How slowly smoke gets into a detector, s.
const ENTRY_LAG_S: f64 = 5.0;

/// The second line of a room alarms at so many times the smoke of the first.
const SECOND_LINE: f64 = 1.5;

/// A contaminated detector sees so many times its threshold, without smoke.
const CONTAMINATED: f64 = 1.2;

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

    /// What smoulders goes out.
    pub(super) fn end(&mut self) {
        self.left_s = 0.0;
    }

    /// The room is aired.
    pub(super) fn clear(&mut self) {
        self.percent_per_m = 0.0;
    }

    pub(super) fn step(&mut self, dt_s: f64) {
        let fed_s = self.left_s.min(dt_s);
        self.left_s -= fed_s;
        let highest = SMOULDER_PER_S * CLEARING_S;
        self.percent_per_m += (highest - self.percent_per_m) * share(fed_s, CLEARING_S);
        self.percent_per_m -= self.percent_per_m * share(dt_s - fed_s, CLEARING_S);
    }
}

/// How far an aspirating detector has warned, or any device is in alarm.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Stage {
    Normal,
    Alert,
    ActionOne,
    ActionTwo,
    Fire,
}

impl Stage {
    /// Its name in the truth.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Normal => "normal",
            Self::Alert => "alert",
            Self::ActionOne => "action-1",
            Self::ActionTwo => "action-2",
            Self::Fire => "fire",
        }
    }

    /// The event that its beginning is.
    pub(super) fn code(self) -> &'static str {
        match self {
            Self::Normal => "fire.clear",
            Self::Alert => "fire.alert",
            Self::ActionOne => "fire.action-1",
            Self::ActionTwo => "fire.action-2",
            Self::Fire => "fire.alarm",
        }
    }
}

/// What a device of the class is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Aspirating,
    Panel,
    Gas,
}

/// One line of detectors in one room.
#[derive(Clone, Debug)]
pub(super) struct Line {
    room: usize,
    threshold: f64,
    seen: f64,
    contaminated: bool,
    faulty: bool,
    /// Latched until reset.
    pub(super) alarm: bool,
}

impl Line {
    fn new(room: usize, threshold: f64) -> Self {
        Self { room, threshold, seen: 0.0, contaminated: false, faulty: false, alarm: false }
    }

    /// Obscuration that it measures, %/m.
    fn measured(&self) -> f64 {
        match (self.faulty, self.contaminated) {
            (true, _) => 0.0,
            (false, true) => self.seen + CONTAMINATED * self.threshold,
            (false, false) => self.seen,
        }
    }

    fn step(&mut self, dt_s: f64, smoke: &[Smoke]) {
        let around = smoke.get(self.room).map_or(0.0, |smoke| smoke.percent_per_m);
        self.seen += (around - self.seen) * share(dt_s, ENTRY_LAG_S);
        self.alarm |= self.measured() >= self.threshold;
    }
}

/// One detector or panel.
#[derive(Clone, Debug)]
pub(super) struct Detector {
    kind: Kind,
    /// Its zones, from zone 1: of a panel two for each room.
    pub(super) lines: Vec<Line>,
    /// Whether its key is turned: it detects, and releases nothing.
    pub(super) isolated: bool,
    /// What a panel releases.
    pub(super) suppression: Option<Suppression>,
}

impl Detector {
    /// A device of `kind` that watches `rooms`, at a smoke of `threshold` %/m.
    pub(super) fn new(kind: Kind, rooms: &[usize], threshold: f64, suppression: Suppression) -> Self {
        let lines_of = |room: &usize| match kind {
            Kind::Aspirating => vec![Line::new(*room, threshold)],
            Kind::Panel => vec![Line::new(*room, threshold), Line::new(*room, SECOND_LINE * threshold)],
            Kind::Gas => Vec::new(),
        };
        Self {
            kind,
            lines: rooms.iter().flat_map(lines_of).collect(),
            isolated: false,
            suppression: (kind == Kind::Panel).then_some(suppression),
        }
    }

    /// The first room that it watches.
    pub(super) fn first_room(&self) -> Option<usize> {
        self.lines.first().map(|line| line.room)
    }

    /// Whether any line is in alarm.
    pub(super) fn alarm(&self) -> bool {
        self.lines.iter().any(|line| line.alarm)
    }

    /// Whether any line is faulty.
    pub(super) fn is_faulty(&self) -> bool {
        self.lines.iter().any(|line| line.faulty)
    }

    /// Highest obscuration that it measures, %/m.
    pub(super) fn percent_per_m(&self) -> f64 {
        self.lines.iter().map(Line::measured).fold(0.0, f64::max)
    }

    /// The event that the beginning of its state is.
    pub(super) fn code(&self) -> &'static str {
        self.stage().code()
    }

    /// The event that a line that breaks is, or that all are whole again.
    pub(super) fn fault_code(&self) -> &'static str {
        if self.is_faulty() { "fire.fault" } else { "fire.whole" }
    }

    /// How far it has come.
    pub(super) fn stage(&self) -> Stage {
        let reached = |share: f64| self.lines.iter().any(|line| line.measured() >= share * line.threshold);
        match self.kind {
            _ if self.alarm() => Stage::Fire,
            Kind::Aspirating if reached(0.5) => Stage::ActionTwo,
            Kind::Aspirating if reached(0.25) => Stage::ActionOne,
            Kind::Aspirating if reached(0.125) => Stage::Alert,
            Kind::Aspirating | Kind::Panel | Kind::Gas => Stage::Normal,
        }
    }

    /// The first room where both lines are in alarm.
    fn coincidence(&self) -> Option<usize> {
        let pairs = self.lines.chunks(2);
        let mut both = pairs.filter(|pair| pair.len() == 2 && pair.iter().all(|line| line.alarm));
        both.find_map(|pair| pair.first().map(|line| line.room))
    }

    /// Dust in its first detector: an alarm without smoke, on that line alone.
    pub(super) fn contaminate(&mut self) {
        self.lines.first_mut().into_iter().for_each(|line| line.contaminated = true);
    }

    /// Its first line breaks: it detects nothing there and says so.
    pub(super) fn break_line(&mut self) {
        self.lines.first_mut().into_iter().for_each(|line| line.faulty = true);
    }

    /// Its detectors are cleaned and whole again.
    pub(super) fn repair(&mut self) {
        for line in &mut self.lines {
            line.contaminated = false;
            line.faulty = false;
        }
    }

    /// Somebody resets it: what is still in alarm latches again with the next step.
    pub(super) fn reset(&mut self) {
        self.lines.iter_mut().for_each(|line| line.alarm = false);
        self.suppression.iter_mut().for_each(Suppression::reset);
    }

    /// One step; returns the room into which agent flows, and for how long of it, s.
    pub(super) fn step(&mut self, dt_s: f64, smoke: &[Smoke]) -> Option<(usize, f64)> {
        self.lines.iter_mut().for_each(|line| line.step(dt_s, smoke));
        let called = self.coincidence().filter(|_| !self.isolated);
        self.suppression.as_mut()?.step(dt_s, called, self.isolated)
    }
}
