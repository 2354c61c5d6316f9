//! Actions as they are done: who each goes to.
//!
//! Who calls it: `Hall`, with what people, scenarios and the control API do. What an action means is written at the
//! methods that it ends in.

use std::collections::BTreeMap;

use hallward_site::Site;

use super::{
    Action, Building, NotHere, Scenario, generator::Generator, mains::Mains, transfer_switch::TransferSwitch,
    ups::Ups,
};

/// The one that an action names, if it does.
type Named<'a> = &'a Option<String>;

impl Building {
    /// Starts a scenario; time then brings what follows from it.
    ///
    /// # Errors
    /// When the building has not got what the scenario is about.
    pub fn start(&mut self, scenario: Scenario) -> Result<(), NotHere> {
        scenario.actions().iter().try_for_each(|action| self.act(action))
    }

    /// Brings the building up to the present and does something to it.
    ///
    /// # Errors
    /// When the building has not got what it is about.
    pub fn act(&mut self, action: &Action) -> Result<(), NotHere> {
        self.catch_up();
        let done = match action {
            Action::MainsOff { source } => self.mains(source, Mains::lose),
            Action::MainsOn { source } => self.mains(source, Mains::restore),
            Action::MainsSag { source, percent, seconds } => {
                self.mains(source, |mains| mains.sag(*percent, *seconds))
            }
            Action::MainsFrequency { source, hertz } => {
                self.mains(source, |mains| mains.set_frequency(*hertz))
            }
            Action::SwitchSticks { device } => self.switches(device, |one| one.stuck = true),
            Action::SwitchRepair { device } => self.switches(device, |one| one.stuck = false),
            Action::GeneratorCannotStart { device } => self.generators(device, |one| one.can_start = false),
            // Nothing to mend is no fault, unless it was named.
            Action::GeneratorRepair { device: None } if self.plant.generators.is_empty() => Ok(()),
            Action::GeneratorRepair { device } => self.generators(device, Generator::repair),
            Action::GeneratorStarterWeak { device } => self.generators(device, |one| one.starter_weak = true),
            Action::GeneratorTrips { device } => self.generators(device, Generator::trip),
            Action::GeneratorTest { device, seconds, on_load } => {
                self.generators(device, |one| one.begin_test(*seconds, *on_load))
            }
            Action::GeneratorMode { device, mode } => self.generators(device, |one| one.mode = *mode),
            Action::Fuel { device, percent } => self.generators(device, |one| one.set_fuel(*percent)),
            Action::UpsBypass { device, on } => self.upses(device, |ups| ups.set_bypass(*on)),
            Action::UpsTrips { device } => self.upses(device, Ups::trip),
            Action::UpsRepair { device } => self.upses(device, Ups::repair),
            Action::BatteryHealth { device, health } => {
                self.upses(device, |ups| ups.battery.set_health(*health))
            }
            Action::BatteryCharge { device, percent } => {
                self.upses(device, |ups| ups.battery.set_charge(*percent / 100.0))
            }
            Action::ItLoad { percent } => self.racks(*percent),
            Action::CoolingTrip { device } => self.trip_cooling(device.as_deref()),
            Action::Smoke { room } => self.begin_smoke(room.as_deref()),
            Action::Leak { device } => self.begin_leak(device.as_deref()),
            Action::Walk { .. } | Action::Tailgate { .. } => self.people.act(action, self.time.stepped()),
            Action::Badge { .. }
            | Action::Pin { .. }
            | Action::Open { .. }
            | Action::Close { .. }
            | Action::Rex { .. }
            | Action::Force { .. }
            | Action::Prop { .. }
            | Action::LockPower { .. }
            | Action::ReaderTamper { .. }
            | Action::ReaderPowerCycle { .. }
            | Action::ReaderKey { .. } => self.doors.act(action),
        };
        self.note_doors();
        self.watch();
        done
    }

    fn mains(&mut self, source: Named<'_>, act: impl FnMut(&mut Mains)) -> Result<(), NotHere> {
        let ids = self.site.sources.iter().map(|one| one.id.as_str());
        let named = source.as_deref().map(|id| ids.clone().position(|one| one == id));
        if named == Some(None) {
            return Err(NotHere { missing: "source of that name" });
        }
        let each = self.plant.mains.iter_mut().enumerate();
        each.filter(|(n, _)| named.is_none_or(|named| named == Some(*n))).map(|(_, one)| one).for_each(act);
        self.be_alert();
        Ok(())
    }

    fn generators(&mut self, device: Named<'_>, act: impl FnMut(&mut Generator)) -> Result<(), NotHere> {
        self.be_alert();
        each(&self.site, &mut self.plant.generators, device, "generator", act)
    }

    fn switches(&mut self, device: Named<'_>, act: impl FnMut(&mut TransferSwitch)) -> Result<(), NotHere> {
        self.be_alert();
        each(&self.site, &mut self.plant.switches, device, "transfer switch", act)
    }

    fn upses(&mut self, device: Named<'_>, act: impl FnMut(&mut Ups)) -> Result<(), NotHere> {
        self.be_alert();
        each(&self.site, &mut self.plant.upses, device, "UPS", act)
    }

    fn racks(&mut self, percent: f64) -> Result<(), NotHere> {
        self.be_alert();
        self.plant.set_it_load(percent);
        Ok(())
    }

    fn trip_cooling(&mut self, device: Option<&str>) -> Result<(), NotHere> {
        let wanted = self.index(device);
        let mut units = self.plant.cooling.iter_mut();
        let found = units.find(|(n, unit)| wanted.map_or(unit.is_running(), |wanted| **n == wanted));
        found.ok_or(NotHere { missing: "cooling unit that runs" })?.1.trip();
        Ok(())
    }

    fn begin_smoke(&mut self, room: Option<&str>) -> Result<(), NotHere> {
        let named = self.site.rooms.iter().position(|one| Some(one.id.as_str()) == room);
        let detector = self.detectors.values().find(|detector| !detector.rooms.is_empty());
        let watched = detector.and_then(|detector| detector.rooms.first()).copied();
        let smoke = named.or(watched).and_then(|room| self.smoke.get_mut(room));
        smoke.ok_or(NotHere { missing: "fire detection" })?.begin();
        Ok(())
    }

    fn begin_leak(&mut self, device: Option<&str>) -> Result<(), NotHere> {
        let wanted = self.index(device);
        let mut cables = self.cables.iter_mut();
        let found = cables.find(|(n, _)| wanted.is_none_or(|wanted| **n == wanted));
        found.ok_or(NotHere { missing: "leak detection" })?.1.begin();
        Ok(())
    }

    fn index(&self, device: Option<&str>) -> Option<usize> {
        self.site.device(device?).map(|(n, _)| n)
    }
}

/// Does `act` to the named one, or to all of a kind.
fn each<T>(
    site: &Site,
    all: &mut BTreeMap<usize, T>,
    device: Named<'_>,
    missing: &'static str,
    act: impl FnMut(&mut T),
) -> Result<(), NotHere> {
    let wanted = device.as_deref().map(|id| site.device(id).map(|(n, _)| n));
    let mut found = all
        .iter_mut()
        .filter(|(n, _)| wanted.is_none_or(|wanted| wanted == Some(**n)))
        .map(|(_, one)| one)
        .peekable();
    found.peek().ok_or(NotHere { missing })?;
    found.for_each(act);
    Ok(())
}
