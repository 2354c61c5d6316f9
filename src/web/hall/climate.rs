//! Temperature sensors against the band that IT equipment is to live in.

use super::Live;
use crate::model::{Class, DeviceIx, PointRef, Quality};

/// ASHRAE's recommended inlet temperatures for IT equipment (thermal guidelines, classes A1 to A4), °C.
pub(in crate::web) const BAND_LOW: f64 = 18.0;
/// See [`BAND_LOW`].
pub(in crate::web) const BAND_HIGH: f64 = 27.0;

/// One sensor.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::web) struct Sensor {
    /// The device.
    pub(in crate::web) device: DeviceIx,
    /// Its temperature point.
    pub(in crate::web) point: PointRef,
    /// Whether it stands in a room that has cooling units: there the band holds.
    pub(in crate::web) cooled: bool,
    /// °C, or why there is none.
    pub(in crate::web) celsius: Result<f64, Quality>,
}

/// Every temperature sensor, in the order of the site file. Where no unit cools any sensor's room, all count as
/// cooled.
pub(in crate::web) fn sensors(live: &Live<'_>) -> Vec<Sensor> {
    let cooled: Vec<_> = live.of(Class::Cooling).map(|(_, device)| device.room).collect();
    let is_cooled = |room| cooled.contains(&room);
    let any = live.of(Class::Climate).any(|(_, device)| is_cooled(device.room));
    let mut sensors = Vec::new();
    for (device, known) in live.of(Class::Climate) {
        let found = live.points(device).find(|(_, info, _)| info.name.as_str() == "temperature");
        let Some((point, _, reading)) = found else { continue };
        let number = reading.fresh().and_then(crate::model::Value::number);
        let cooled = !any || is_cooled(known.room);
        sensors.push(Sensor { device, point, cooled, celsius: number.ok_or(reading.quality()) });
    }
    sensors
}

impl Sensor {
    /// How far outside the band, K; negative below it, 0 within.
    pub(in crate::web) fn deviation(&self) -> Option<f64> {
        let celsius = self.celsius.ok()?;
        Some(celsius - celsius.clamp(BAND_LOW, BAND_HIGH))
    }

    /// Whether it is known to be outside.
    pub(in crate::web) fn is_outside(&self) -> bool {
        self.cooled && self.deviation().is_some_and(|kelvin| kelvin.abs() > 0.0)
    }
}
