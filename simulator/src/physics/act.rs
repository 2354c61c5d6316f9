//! Actions as they are done: who each goes to.
//!
//! Who calls it: `Hall`, with what people, scenarios and the control API do. What an action means is written at the
//! methods that it ends in.

use std::collections::BTreeMap;

use hallward_site::Site;

use super::{
    Action, Building, NotHere,
    cooling::CoolingUnit,
    fire::{Detector, Smoke},
    generator::Generator,
    mains::Mains,
    suppression::Suppression,
    transfer_switch::TransferSwitch,
    ups::Ups,
    water::Cable,
};

/// The one that an action names, if it does.
pub(super) type Named<'a> = &'a Option<String>;

impl Building {
    /// Brings the building up to the present and does something to it.
    ///
    /// # Errors
    /// When the building has not got what it is about.
    pub fn act(&mut self, action: &Action) -> Result<(), NotHere> {
        self.catch_up();
        self.changes += 1;
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
            Action::CoolingTrip { device } => self.trip_cooling(device),
            Action::CoolingRepair { device } => self.cooling(device, CoolingUnit::repair),
            Action::CoolingFanFails { device } => self.break_fan(device),
            Action::ChilledWater { device, celsius } => self.chilled_water(device, *celsius),
            Action::Filter { device, percent } => self.cooling(device, |unit| unit.clog(*percent)),
            Action::DrainBlocked { device } => self.cooling(device, |unit| unit.drain_blocked = true),
            Action::DrainRepair { device } => self.cooling(device, |unit| unit.drain_blocked = false),
            Action::Outdoor { offset_k } => self.weather(|outdoor| outdoor.set_offset(*offset_k)),
            Action::TimeOfDay { hour } => self.weather(|outdoor| outdoor.set_hour(*hour)),
            Action::Smoke { room } => self.begin_smoke(room),
            Action::SmokeEnds { room } => self.smoke_in(room, Smoke::end),
            Action::Ventilate { room } => self.smoke_in(room, Smoke::clear),
            Action::FalseAlarm { device } => self.first_detector(device, Detector::contaminate),
            Action::DetectorFault { device } => self.first_detector(device, Detector::break_line),
            Action::DetectorRepair { device } => self.detectors(device, Detector::repair),
            Action::FireReset { device } => self.detectors(device, Detector::reset),
            Action::FireIsolate { device, on } => self.detectors(device, |one| one.isolated = *on),
            Action::FireAbort { device, hold } => self.suppression(device, |one| one.held = *hold),
            Action::AgentRefill { device } => self.suppression(device, Suppression::refill),
            Action::Leak { device } => self.first_cable(device, Cable::begin),
            Action::LeakEnds { device } => self.cables(device, Cable::end),
            Action::Mop { device } => self.cables(device, Cable::mop),
            Action::CableBroken { device } => self.first_cable(device, |cable| cable.broken = true),
            Action::CableRepair { device } => self.cables(device, |cable| cable.broken = false),
            Action::Walk { .. } | Action::Tailgate { .. } => self.people.act(action, self.time.stepped()),
            Action::Badge { .. }
            | Action::Pin { .. }
            | Action::Open { .. }
            | Action::Close { .. }
            | Action::Rex { .. }
            | Action::Force { .. }
            | Action::Prop { .. }
            | Action::LockPower { .. }
            | Action::DoorTamper { .. }
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
}

/// Does `act` to the named one, or to all of a kind.
pub(super) fn each<T>(
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
