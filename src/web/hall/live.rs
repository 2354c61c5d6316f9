//! The live state by names: what each device's points read now, and why not.

use std::time::Duration;

use hallward_profiles::vocabulary;
use hallward_site::Device;

use super::Phrase;
use crate::model::{
    Class, DeviceIx, DeviceState, Plant, PointInfo, PointRef, Quality, Reading, Snapshot, Value,
};

/// Below this, V, a conductor counts as dead (the upper limit of extra-low voltage, IEC 61140).
const DEAD_BELOW: f64 = 50.0;

/// How much a device carries, %.
pub(in crate::web) const LOAD: &str = "output.load";

/// Plant and snapshot together.
#[derive(Clone, Copy)]
pub(in crate::web) struct Live<'s> {
    /// What is wired.
    pub(in crate::web) plant: &'s Plant,
    /// What it reads.
    pub(in crate::web) snapshot: &'s Snapshot,
}

impl<'s> Live<'s> {
    /// The devices of a class.
    pub(super) fn of(self, class: Class) -> impl Iterator<Item = (DeviceIx, &'s Device)> {
        let devices = self.plant.iter().filter(move |(_, device, _)| device.profile.class == class);
        devices.map(|(ix, device, _)| (ix, device))
    }

    /// A device's name.
    pub(super) fn name(self, device: DeviceIx) -> &'s str {
        self.plant.device(device).map_or("", |(device, _)| &device.name)
    }

    /// A device's points with what they read.
    pub(in crate::web) fn points(
        self,
        device: DeviceIx,
    ) -> impl Iterator<Item = (PointRef, &'s PointInfo, &'s Reading)> {
        let info = self.plant.device(device).map(|(_, info)| info);
        let state = self.snapshot.device(device);
        let both = info.zip(state).into_iter();
        both.flat_map(move |(info, state): (_, &DeviceState)| {
            info.iter().filter_map(move |(point, known)| {
                Some((PointRef { device, point }, known, state.reading(point)?))
            })
        })
    }

    /// What the point with this name reads; `None` if the device has no such point.
    pub(in crate::web) fn reading(self, device: DeviceIx, point: &str) -> Option<&'s Reading> {
        let (_, info) = self.plant.device(device)?;
        self.snapshot.device(device)?.reading(info.find(point)?)
    }

    fn fresh(self, device: DeviceIx, point: &str) -> Option<&'s Value> {
        self.reading(device, point)?.fresh()
    }

    /// A fresh number.
    pub(super) fn number(self, device: DeviceIx, point: &str) -> Option<f64> {
        self.fresh(device, point)?.number()
    }

    /// A fresh word.
    pub(super) fn word(self, device: DeviceIx, point: &str) -> Option<&'s str> {
        self.fresh(device, point)?.word()
    }

    /// A fresh flag.
    pub(super) fn flag(self, device: DeviceIx, point: &str) -> Option<bool> {
        self.fresh(device, point)?.flag()
    }

    /// A fresh span of seconds.
    pub(super) fn span(self, device: DeviceIx, point: &str) -> Option<Duration> {
        Duration::try_from_secs_f64(self.number(device, point)?).ok()
    }

    /// The point that tells how much a device carries: `output.load`, or the phase that carries most. A phase that does
    /// not tell comes first, since it may be that one; one that is not there (`not-available`) does not count.
    pub(in crate::web) fn load_point(self, device: DeviceIx) -> Option<PointRef> {
        let phases = self.points(device).filter(|(_, info, _)| vocabulary::satisfies(&info.name, LOAD));
        let there = phases.filter(|(_, info, reading)| {
            info.name.as_str() == LOAD || reading.quality() != Quality::NotAvailable
        });
        let load = |reading: &Reading| reading.fresh().and_then(Value::number).unwrap_or(f64::INFINITY);
        there.max_by(|(_, _, a), (_, _, b)| load(a).total_cmp(&load(b))).map(|(point, _, _)| point)
    }

    /// How much a device carries, %; of three phases, the one that carries most.
    pub(super) fn load(self, device: DeviceIx) -> Option<f64> {
        self.snapshot.reading(self.load_point(device)?)?.fresh()?.number()
    }

    /// Whether any phase of `name` has a voltage; `None` if no phase tells.
    pub(super) fn is_energised(self, device: DeviceIx, name: &str) -> Option<bool> {
        let phases = self.points(device).filter(|(_, info, _)| vocabulary::satisfies(&info.name, name));
        let volts = phases.filter_map(|(_, _, reading)| reading.fresh()?.number());
        volts.reduce(f64::max).map(|volts| volts >= DEAD_BELOW)
    }

    /// Whether the device answers.
    pub(in crate::web) fn online(self, device: DeviceIx) -> Option<bool> {
        self.snapshot.device(device)?.online
    }

    /// Whether another device than its profile's answers, so that nothing of what it tells is believed.
    pub(in crate::web) fn is_wrong(self, device: DeviceIx) -> bool {
        let state = self.snapshot.device(device);
        state.is_some_and(|state| {
            let mut readings = state.readings.iter();
            !state.readings.is_empty() && readings.all(|reading| reading.quality() == Quality::WrongDevice)
        })
    }

    /// Why the point cannot be told: "not known: UPS A does not answer".
    pub(super) fn why_not(self, device: DeviceIx, point: &str) -> Phrase {
        let why = self.reading(device, point).map_or(Quality::NotAvailable, Reading::quality);
        Phrase::not_known(self.name(device), why)
    }
}
