//! Temperature and humidity sensors: where each stands between supply and room air, and how slowly it follows.
//!
//! Equations: air felt = supply + mixing × (room − supply); the sensor follows as a first-order lag of [`LAG_S`]. The
//! mixing of an inlet sensor says how much of the exhaust of other racks reaches it; without a parameter it is drawn
//! from the seed, between 0.35 and 0.75.

use super::{
    cooling::share,
    random::{Drift, Random},
    thermal::Room,
};

/// How slowly a sensor follows, s.
const LAG_S: f64 = 20.0;

/// One sensor.
#[derive(Clone, Debug)]
pub(super) struct Sensor {
    mixing: f64,
    pub(super) air_c: f64,
    /// Relative humidity, 0 to 1.
    pub(super) humidity: f64,
    noise: Drift,
}

impl Sensor {
    pub(super) fn new(mixing: f64, room: &Room) -> Self {
        let air_c = room.air_c();
        Self { mixing, air_c, humidity: room.humidity_at(air_c), noise: Drift::default() }
    }

    /// One step, with supply air of `supply_c`.
    pub(super) fn step(&mut self, dt_s: f64, room: &Room, supply_c: f64, random: &mut Random) {
        self.noise.step(dt_s, 60.0, random);
        let felt_c = supply_c + self.mixing * (room.air_c() - supply_c) + 0.1 * self.noise.get();
        let followed = share(dt_s, LAG_S);
        self.air_c += (felt_c - self.air_c) * followed;
        self.humidity += (room.humidity_at(felt_c) - self.humidity) * followed;
    }
}
