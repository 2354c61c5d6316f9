//! The room's climate: each sensor against the band, each cooling unit with what it does.

use super::{
    super::hall::{BAND_HIGH, BAND_LOW, Live, Sensor, sensors},
    cell::Cell,
    frame::Frame,
};
use crate::model::Class;

/// The temperatures at the ends of a sensor's scale, °C: the band and half of it on both sides.
const SCALE_LOW: f64 = BAND_LOW - 4.5;
const SCALE_HIGH: f64 = BAND_HIGH + 4.5;

/// One sensor.
pub(super) struct SensorView {
    /// Its name.
    pub(super) name: String,
    /// Its device's page.
    pub(super) address: String,
    /// Its temperature.
    pub(super) cell: Cell,
    /// How far outside the band, in words.
    pub(super) deviation: Option<String>,
    /// Whether the band holds for it.
    pub(super) cooled: bool,
    /// Where on a scale of 100 its value stands; the band is from 25 to 75.
    pub(super) at: Option<String>,
}

/// One cooling unit.
pub(super) struct UnitView {
    /// Its name.
    pub(super) name: String,
    /// Its device's page.
    pub(super) address: String,
    /// State, supply, return, duty: those that it has.
    pub(super) cells: [Option<Cell>; 4],
}

/// Every sensor.
pub(super) fn sensor_views(frame: &Frame<'_>, live: &Live<'_>) -> Vec<SensorView> {
    let view = |sensor: &Sensor| {
        let (device, _) = live.plant.device(sensor.device)?;
        let deviation = sensor.deviation().filter(|_| sensor.is_outside());
        let at = |celsius: f64| (celsius - SCALE_LOW) / (SCALE_HIGH - SCALE_LOW) * 100.0;
        Some(SensorView {
            name: device.name.clone(),
            address: format!("/devices/{}", device.id),
            cell: frame.cell(live.snapshot, sensor.point)?,
            deviation: deviation.map(|kelvin| {
                let sign = if kelvin > 0.0 { '+' } else { '−' };
                format!("{sign}{}\u{a0}K", frame.words.number(kelvin.abs(), 1))
            }),
            cooled: sensor.cooled,
            at: sensor.celsius.ok().map(|celsius| format!("{:.1}", at(celsius).clamp(1.0, 99.0))),
        })
    };
    sensors(live).iter().filter_map(view).collect()
}

/// Every cooling unit.
pub(super) fn unit_views(frame: &Frame<'_>, live: &Live<'_>) -> Vec<UnitView> {
    let units = live.plant.iter().filter(|(_, device, _)| device.profile.class == Class::Cooling);
    let view = |(ix, device, _): (_, &hallward_site::Device, _)| {
        let cell = |name: &str| {
            let (point, _, _) = live.points(ix).find(|(_, info, _)| info.name.as_str() == name)?;
            frame.cell(live.snapshot, point)
        };
        let names = ["unit.state", "supply.temperature", "return.temperature", "cooling.duty"];
        UnitView {
            name: device.name.clone(),
            address: format!("/devices/{}", device.id),
            cells: names.map(cell),
        }
    };
    units.map(view).collect()
}
