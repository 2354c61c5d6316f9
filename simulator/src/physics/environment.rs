//! What people and nature do to heat, fire and water: the actions of these domains, each a method.
//!
//! Who calls it: the building's `act`. A device that is not named means all of its kind, unless the action says
//! otherwise.

use std::collections::BTreeMap;

use hallward_site::Site;

use super::{Building, NotHere, fire::Detector, suppression::Suppression, water::Cable};

/// Hottest and coldest weather that can be asked for, K away from the usual.
const OFFSETS_K: (f64, f64) = (-40.0, 40.0);

impl Building {
    /// A cooling unit trips; without a device, the first that runs.
    pub(super) fn trip_cooling(&mut self, device: Option<&str>) -> Result<(), NotHere> {
        let wanted = self.site.device(device.unwrap_or_default()).map(|(n, _)| n);
        let mut units = self.plant.cooling.iter_mut();
        let fits = |n: usize, runs: bool| if device.is_some() { wanted == Some(n) } else { runs };
        let found = units.find(|(n, unit)| fits(**n, unit.is_running()));
        found.ok_or(NotHere { missing: "cooling unit that runs" })?.1.trip();
        Ok(())
    }

    /// Cooling units are mended.
    pub(super) fn repair_cooling(&mut self, device: Option<&str>) -> Result<(), NotHere> {
        each(&self.site, &mut self.plant.cooling, device, "cooling unit", |unit| unit.repair())
    }

    /// The fan of a cooling unit breaks; without a device, of the first that runs.
    pub(super) fn break_fan(&mut self, device: Option<&str>) -> Result<(), NotHere> {
        let running = self.plant.cooling.iter().find(|(_, unit)| unit.is_running()).map(|(n, _)| *n);
        let running = running.and_then(|n| self.site.devices.get(n)).map(|device| device.id.to_string());
        let device = device.map(str::to_owned).or(running);
        let missing = "cooling unit that runs";
        let device = device.ok_or(NotHere { missing })?;
        each(&self.site, &mut self.plant.cooling, Some(&device), missing, |unit| unit.fan_failed = true)
    }

    /// Filters of cooling units are clogged by so much, 0 to 100 %.
    pub(super) fn clog_filter(&mut self, device: Option<&str>, percent: f64) -> Result<(), NotHere> {
        let clogged = (percent / 100.0).clamp(0.0, 1.0);
        each(&self.site, &mut self.plant.cooling, device, "cooling unit", |unit| unit.filter = clogged)
    }

    /// The drains of cooling units are blocked, or free again.
    pub(super) fn block_drain(&mut self, device: Option<&str>, blocked: bool) -> Result<(), NotHere> {
        each(&self.site, &mut self.plant.cooling, device, "cooling unit", |unit| unit.drain_blocked = blocked)
    }

    /// The weather is so much warmer than usual.
    pub(super) fn change_weather(&mut self, offset_k: f64) {
        let (low, high) = OFFSETS_K;
        self.outdoor.offset_k = if offset_k.is_finite() { offset_k.clamp(low, high) } else { 0.0 };
    }

    /// It is so many hours past midnight now.
    pub(super) fn set_hour(&mut self, hour: f64) {
        if hour.is_finite() {
            self.outdoor.set_hour(hour);
        }
    }

    /// A cable begins to smoulder; without a room, in the first that has fire detection.
    pub(super) fn begin_smoke(&mut self, room: Option<&str>) -> Result<(), NotHere> {
        let watched = self.detectors.values().find_map(Detector::first_room);
        let room = match room {
            Some(id) => self.site.rooms.iter().position(|one| one.id.as_str() == id),
            None => watched,
        };
        let smoke = room.and_then(|room| self.smoke.get_mut(room));
        smoke.ok_or(NotHere { missing: "fire detection" })?.begin();
        Ok(())
    }

    /// What smoulders goes out; without a room, everywhere.
    pub(super) fn end_smoke(&mut self, room: Option<&str>) -> Result<(), NotHere> {
        let wanted = room.map(|id| self.site.rooms.iter().position(|one| one.id.as_str() == id));
        if wanted == Some(None) {
            return Err(NotHere { missing: "room of that name" });
        }
        let all = self.smoke.iter_mut().enumerate();
        all.filter(|(n, _)| wanted.is_none_or(|wanted| wanted == Some(*n)))
            .for_each(|(_, smoke)| smoke.end());
        Ok(())
    }

    /// A detector is dusty and alarms without smoke, on one line; without a device, the first.
    pub(super) fn contaminate_detector(&mut self, device: Option<&str>) -> Result<(), NotHere> {
        first(&self.site, &mut self.detectors, device, "fire detection", Detector::contaminate)
    }

    /// A detector breaks; without a device, the first.
    pub(super) fn break_detector(&mut self, device: Option<&str>) -> Result<(), NotHere> {
        first(&self.site, &mut self.detectors, device, "fire detection", Detector::break_line)
    }

    /// Detectors are cleaned and mended.
    pub(super) fn repair_detector(&mut self, device: Option<&str>) -> Result<(), NotHere> {
        each(&self.site, &mut self.detectors, device, "fire detection", Detector::repair)
    }

    /// Panels and detectors are reset.
    pub(super) fn reset_fire(&mut self, device: Option<&str>) -> Result<(), NotHere> {
        each(&self.site, &mut self.detectors, device, "fire detection", Detector::reset)
    }

    /// The bypass key is turned.
    pub(super) fn isolate_fire(&mut self, device: Option<&str>, on: bool) -> Result<(), NotHere> {
        each(&self.site, &mut self.detectors, device, "fire detection", |one| one.isolated = on)
    }

    /// Somebody holds the abort button, or lets go.
    pub(super) fn hold_abort(&mut self, device: Option<&str>, hold: bool) -> Result<(), NotHere> {
        self.suppression(device, |one| one.held = hold)
    }

    /// The agent's cylinders are filled.
    pub(super) fn refill_agent(&mut self, device: Option<&str>) -> Result<(), NotHere> {
        self.suppression(device, Suppression::refill)
    }

    fn suppression(&mut self, device: Option<&str>, act: impl Fn(&mut Suppression)) -> Result<(), NotHere> {
        let missing = "fire panel that releases an agent";
        let releases = |one: &&Detector| one.suppression.is_some();
        self.detectors.values().find(releases).ok_or(NotHere { missing })?;
        each(&self.site, &mut self.detectors, device, missing, |one| {
            one.suppression.iter_mut().for_each(&act);
        })
    }

    /// Water begins to run onto a leak cable; without a device, the first.
    pub(super) fn begin_leak(&mut self, device: Option<&str>) -> Result<(), NotHere> {
        first(&self.site, &mut self.cables, device, "leak detection", Cable::begin)
    }

    /// Water stops running.
    pub(super) fn end_leak(&mut self, device: Option<&str>) -> Result<(), NotHere> {
        each(&self.site, &mut self.cables, device, "leak detection", Cable::end)
    }

    /// A leak cable breaks, without a device the first; or cables are whole again.
    pub(super) fn break_cable(&mut self, device: Option<&str>, broken: bool) -> Result<(), NotHere> {
        let act = |cable: &mut Cable| cable.broken = broken;
        if broken {
            return first(&self.site, &mut self.cables, device, "leak detection", act);
        }
        each(&self.site, &mut self.cables, device, "leak detection", act)
    }
}

/// Does `act` to the device named, or to all.
fn each<T>(
    site: &Site,
    all: &mut BTreeMap<usize, T>,
    device: Option<&str>,
    missing: &'static str,
    act: impl FnMut(&mut T),
) -> Result<(), NotHere> {
    let wanted = device.map(|id| site.device(id).map(|(n, _)| n));
    let fits = |n: usize| wanted.is_none_or(|wanted| wanted == Some(n));
    let mut found = all.iter_mut().filter(|(n, _)| fits(**n)).map(|(_, one)| one).peekable();
    found.peek().is_some().then_some(()).ok_or(NotHere { missing })?;
    found.for_each(act);
    Ok(())
}

/// Does `act` to the device named, or to the first.
fn first<T>(
    site: &Site,
    all: &mut BTreeMap<usize, T>,
    device: Option<&str>,
    missing: &'static str,
    act: impl FnOnce(&mut T),
) -> Result<(), NotHere> {
    let wanted = match device {
        Some(id) => site.device(id).map(|(n, _)| n),
        None => all.keys().next().copied(),
    };
    act(wanted.and_then(|n| all.get_mut(&n)).ok_or(NotHere { missing })?);
    Ok(())
}
