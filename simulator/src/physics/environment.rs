//! Whom the actions of heat, fire and water go to.
//!
//! Who calls it: the dispatch in `act.rs`. What an action means is written at the methods that it ends in.

use std::collections::BTreeMap;

use hallward_site::Site;

use super::{
    Building, NotHere,
    act::{Named, each},
    cooling::CoolingUnit,
    fire::{Detector, Smoke},
    outdoor::Outdoor,
    suppression::Suppression,
    water::Cable,
};

const NO_COOLING: &str = "cooling unit";
const NO_WATER: &str = "cooling unit with chilled water";
const NO_RUNNING_UNIT: &str = "cooling unit that runs";
const NO_DETECTION: &str = "fire detection";
const NO_AGENT: &str = "fire panel that releases an agent";
const NO_LEAK_DETECTION: &str = "leak detection";
const NO_ROOM: &str = "room of that name";

impl Building {
    pub(super) fn cooling(
        &mut self,
        device: Named<'_>,
        act: impl FnMut(&mut CoolingUnit),
    ) -> Result<(), NotHere> {
        each(&self.site, &mut self.plant.cooling, device, NO_COOLING, act)
    }

    pub(super) fn trip_cooling(&mut self, device: Named<'_>) -> Result<(), NotHere> {
        self.running_unit(device)?.trip();
        Ok(())
    }

    pub(super) fn break_fan(&mut self, device: Named<'_>) -> Result<(), NotHere> {
        self.running_unit(device)?.fan_failed = true;
        Ok(())
    }

    pub(super) fn chilled_water(&mut self, device: Named<'_>, supply_c: f64) -> Result<(), NotHere> {
        let mut found = false;
        self.cooling(device, |unit| found |= unit.cold.set_water(supply_c))?;
        found.then_some(()).ok_or(NotHere { missing: NO_WATER })
    }

    /// The unit named, or the first that runs.
    fn running_unit(&mut self, device: Named<'_>) -> Result<&mut CoolingUnit, NotHere> {
        let named = device.as_deref().map(|id| self.site.device(id).map(|(n, _)| n));
        let fits = |n: usize, unit: &CoolingUnit| named.map_or(unit.is_running(), |named| named == Some(n));
        let found = self.plant.cooling.iter_mut().find(|(n, unit)| fits(**n, unit));
        found.map(|(_, unit)| unit).ok_or(NotHere { missing: NO_RUNNING_UNIT })
    }

    pub(super) fn weather(&mut self, act: impl FnOnce(&mut Outdoor)) -> Result<(), NotHere> {
        act(&mut self.outdoor);
        Ok(())
    }

    /// Smoke begins in the room named, or in the first that has fire detection.
    pub(super) fn begin_smoke(&mut self, room: Named<'_>) -> Result<(), NotHere> {
        let room = match room {
            Some(id) => Some(self.room(id)?),
            None => self.detectors.values().find_map(Detector::first_room),
        };
        let smoke = room.and_then(|room| self.smoke.get_mut(room));
        smoke.ok_or(NotHere { missing: NO_DETECTION })?.begin();
        Ok(())
    }

    /// Does `act` to the smoke in the room named, or everywhere.
    pub(super) fn smoke_in(&mut self, room: Named<'_>, act: impl Fn(&mut Smoke)) -> Result<(), NotHere> {
        let wanted = room.as_deref().map(|id| self.room(id)).transpose()?;
        let all = self.smoke.iter_mut().enumerate();
        all.filter(|(n, _)| wanted.is_none_or(|room| room == *n)).for_each(|(_, smoke)| act(smoke));
        Ok(())
    }

    fn room(&self, id: &str) -> Result<usize, NotHere> {
        let found = self.site.rooms.iter().position(|one| one.id.as_str() == id);
        found.ok_or(NotHere { missing: NO_ROOM })
    }

    pub(super) fn detectors(
        &mut self,
        device: Named<'_>,
        act: impl FnMut(&mut Detector),
    ) -> Result<(), NotHere> {
        each(&self.site, &mut self.detectors, device, NO_DETECTION, act)
    }

    pub(super) fn first_detector(
        &mut self,
        device: Named<'_>,
        act: impl FnOnce(&mut Detector),
    ) -> Result<(), NotHere> {
        first(&self.site, &mut self.detectors, device, NO_DETECTION, act)
    }

    pub(super) fn suppression(
        &mut self,
        device: Named<'_>,
        act: impl Fn(&mut Suppression),
    ) -> Result<(), NotHere> {
        let mut found = false;
        self.detectors(device, |one| {
            found |= one.suppression.is_some();
            one.suppression.iter_mut().for_each(&act);
        })?;
        found.then_some(()).ok_or(NotHere { missing: NO_AGENT })
    }

    pub(super) fn cables(&mut self, device: Named<'_>, act: impl FnMut(&mut Cable)) -> Result<(), NotHere> {
        each(&self.site, &mut self.cables, device, NO_LEAK_DETECTION, act)
    }

    pub(super) fn first_cable(
        &mut self,
        device: Named<'_>,
        act: impl FnOnce(&mut Cable),
    ) -> Result<(), NotHere> {
        first(&self.site, &mut self.cables, device, NO_LEAK_DETECTION, act)
    }
}

/// Does `act` to the device named, or to the first.
fn first<T>(
    site: &Site,
    all: &mut BTreeMap<usize, T>,
    device: Named<'_>,
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
