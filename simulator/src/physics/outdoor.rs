//! The air outside: its day, and how humid it is.
//!
//! Equations: temperature = mean + offset + [`SWING_K`] × sin(2π (time of day − 9 h) / 24 h), so that it is warmest at
//! 15:00 and coldest at 03:00. Water per dry air stays the same all day, as far as the air can hold it: that of the
//! mean temperature at [`HUMIDITY`]. The hall starts at 09:00, when the air passes its mean.
//!
//! The mean is the site's `outdoor_c`, the offset is an action (a hot afternoon, a cold week). Swing, humidity and hours
//! are choices of ours for the tropics: some 29 to 37 °C around the usual 33 °C.

use std::f64::consts::TAU;

use super::psychrometry::{dew_point_c, moisture, relative_humidity};

const DAY_S: f64 = 86_400.0;
const HOUR_S: f64 = 3_600.0;

/// The hour of day at which the hall starts, and at which the air passes its mean upward.
const START_HOUR: f64 = 9.0;

/// From the mean to the day's highest and lowest temperature, K.
const SWING_K: f64 = 4.0;

/// How far from the usual the weather can be made, K.
const OFFSETS_K: (f64, f64) = (-40.0, 40.0);

/// Relative humidity at the mean temperature, 0 to 1.
const HUMIDITY: f64 = 0.7;

/// The weather around the building.
#[derive(Clone, Copy, Debug)]
pub(super) struct Outdoor {
    mean_c: f64,
    /// How much warmer than usual it is, K.
    offset_k: f64,
    /// Since midnight, s.
    time_s: f64,
}

impl Outdoor {
    pub(super) fn new(mean_c: f64) -> Self {
        Self { mean_c, offset_k: 0.0, time_s: START_HOUR * HOUR_S }
    }

    pub(super) fn step(&mut self, dt_s: f64) {
        self.time_s = (self.time_s + dt_s) % DAY_S;
    }

    /// It is `hour` o'clock now, 0 to 24.
    pub(super) fn set_hour(&mut self, hour: f64) {
        if hour.is_finite() {
            self.time_s = (hour * HOUR_S).rem_euclid(DAY_S);
        }
    }

    /// It is so much warmer than usual, within [`OFFSETS_K`].
    pub(super) fn set_offset(&mut self, offset_k: f64) {
        let (coldest, warmest) = OFFSETS_K;
        if offset_k.is_finite() {
            self.offset_k = offset_k.clamp(coldest, warmest);
        }
    }

    /// The hour of day, 0 to 24.
    pub(super) fn hour(&self) -> f64 {
        self.time_s / HOUR_S
    }

    /// Temperature, °C.
    pub(super) fn air_c(&self) -> f64 {
        let angle = TAU * (self.time_s - START_HOUR * HOUR_S) / DAY_S;
        self.mean_c + self.offset_k + SWING_K * angle.sin()
    }

    /// Water per dry air, kg/kg.
    pub(super) fn moisture(&self) -> f64 {
        moisture(self.mean_c, HUMIDITY).min(moisture(self.air_c(), 1.0))
    }

    /// Relative humidity, 0 to 1.
    pub(super) fn humidity(&self) -> f64 {
        relative_humidity(self.air_c(), self.moisture())
    }

    /// Dew point, °C.
    pub(super) fn dew_point_c(&self) -> f64 {
        dew_point_c(self.air_c(), self.humidity())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_day_passes_its_mean_at_nine_and_its_peak_at_fifteen() {
        let mut air = Outdoor::new(30.0);
        assert!((air.air_c() - 30.0).abs() < 1e-9);
        (0..6 * 360).for_each(|_| air.step(10.0));
        assert!((air.hour() - 15.0).abs() < 1e-6 && (air.air_c() - 34.0).abs() < 1e-9, "{air:?}");
        air.set_hour(3.0);
        air.set_offset(2.0);
        assert!((air.air_c() - 28.0).abs() < 1e-9, "{air:?}");
    }

    #[test]
    fn the_air_never_holds_more_water_than_it_can() {
        let mut air = Outdoor::new(33.0);
        let dew_c = air.dew_point_c();
        air.set_hour(15.0);
        assert!((air.dew_point_c() - dew_c).abs() < 1e-6, "the same water, whatever the hour");
        air.set_offset(-20.0);
        assert!((air.humidity() - 1.0).abs() < 1e-9, "{}", air.humidity());
    }
}
