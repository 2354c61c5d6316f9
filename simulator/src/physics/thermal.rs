//! A room: air, what stands in it and its walls as three lumps of heat, and the water in its air.
//!
//! Equations (T in °C, C heat capacity, G conductance):
//! ```text
//!  C_air  T_air'  = G_eq (T_eq − T_air) + G_in (T_wall − T_air) + other heat − heat removed + G_vent (T_vent − T_air)
//!  C_eq   T_eq'   = racks − G_eq (T_eq − T_air)
//!  C_wall T_wall' = G_in (T_air − T_wall) + G_out (T_out − T_wall)
//!  m_air  w'      = leaking air (w_out − w) − Σ coils air · contact · (w − w_coil)
//! ```
//! A room with cooling units is closed but for leaks; one without is kept by the building's own air. Saturation
//! pressure is the Magnus formula with the coefficients of WMO-No. 8 (17.62, 243.12 °C, 611.2 Pa). Air: 1.2 kg/m³,
//! 1005 J/(kg·K). Masses and conductances are choices of ours that scale with the racks' power: a hall that loses
//! its cooling gains about 5 K in two minutes and then some tenths a minute.

use schemars::JsonSchema;
use serde::Serialize;

/// Room of a rack hall, m³ for each W of racks; and the least room.
const VOLUME_M3_PER_W: f64 = 0.0125;
const LEAST_VOLUME_M3: f64 = 60.0;

const AIR_J_PER_M3_K: f64 = 1.2 * 1005.0;

/// Racks and what is in them, J/K for each W.
const EQUIPMENT_J_PER_K_W: f64 = 250.0;
/// From racks to air, W/K for each W: 8 K at full power.
const EQUIPMENT_PER_K: f64 = 1.0 / 8.0;

/// Walls, per m³ of room: heat capacity, conductance to the air inside and to the air outside.
const WALL_J_PER_K_M3: f64 = 50_000.0;
const WALL_IN_W_PER_K_M3: f64 = 4.0;
const WALL_OUT_W_PER_K_M3: f64 = 0.5;

/// The building's own air in rooms without cooling units.
const BUILDING_C: f64 = 24.0;
const BUILDING_HUMIDITY: f64 = 0.5;
const BUILDING_W_PER_K_M3: f64 = 10.0;

/// Air that leaks in, room volumes per hour.
const LEAK_PER_H: f64 = 0.3;
const OUTDOOR_HUMIDITY: f64 = 0.7;

/// Where a cooling coil condenses water, and how much of its air touches it.
const COIL_C: f64 = 10.0;
const COIL_CONTACT: f64 = 0.1;

const PRESSURE_PA: f64 = 101_325.0;

/// One room's air, equipment and walls.
#[derive(Clone, Debug)]
pub(super) struct Room {
    volume_m3: f64,
    rack_rating_w: f64,
    cooled: bool,
    outdoor_c: f64,
    pub(super) air_c: f64,
    pub(super) equipment_c: f64,
    pub(super) wall_c: f64,
    /// Water per dry air, kg/kg.
    pub(super) moisture: f64,
    pub(super) heat: HeatBooks,
}

/// Heat since the start, J.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, JsonSchema)]
pub struct HeatBooks {
    /// From racks and other equipment.
    pub made_j: f64,
    /// Taken out by cooling units.
    pub removed_j: f64,
    /// Through walls and by the building's air, outward.
    pub lost_j: f64,
}

/// What acts on a room during a step.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Heat {
    /// Into the racks, W.
    pub(super) racks_w: f64,
    /// Into the air, W.
    pub(super) other_w: f64,
    /// Out of the air, W.
    pub(super) removed_w: f64,
    /// Air through cooling coils that are cold, kg/s.
    pub(super) coil_kg_per_s: f64,
}

impl Room {
    /// A room for racks of `rack_rating_w`, held at `air_c` by cooling units (`None`: it has none).
    pub(super) fn new(rack_rating_w: f64, cooled_to_c: Option<f64>, outdoor_c: f64) -> Self {
        let air_c = cooled_to_c.unwrap_or(BUILDING_C);
        let wall_c = (WALL_IN_W_PER_K_M3 * air_c + WALL_OUT_W_PER_K_M3 * outdoor_c)
            / (WALL_IN_W_PER_K_M3 + WALL_OUT_W_PER_K_M3);
        Self {
            volume_m3: (VOLUME_M3_PER_W * rack_rating_w).max(LEAST_VOLUME_M3),
            rack_rating_w: rack_rating_w.max(100.0),
            cooled: cooled_to_c.is_some(),
            outdoor_c,
            air_c,
            equipment_c: air_c + 1.0 / EQUIPMENT_PER_K * f64::from(u8::from(rack_rating_w > 0.0)),
            wall_c,
            moisture: moisture(BUILDING_C, BUILDING_HUMIDITY),
            heat: HeatBooks::default(),
        }
    }

    /// Heat held by air, equipment and walls, J above 0 °C.
    pub(super) fn held_j(&self) -> f64 {
        self.air_j_per_k() * self.air_c
            + self.equipment_j_per_k() * self.equipment_c
            + WALL_J_PER_K_M3 * self.volume_m3 * self.wall_c
    }

    fn air_j_per_k(&self) -> f64 {
        AIR_J_PER_M3_K * self.volume_m3
    }

    fn equipment_j_per_k(&self) -> f64 {
        EQUIPMENT_J_PER_K_W * self.rack_rating_w
    }

    /// Relative humidity of air of `air_c` with this room's water in it, 0 to 1.
    pub(super) fn humidity_at(&self, air_c: f64) -> f64 {
        let vapour_pa = self.moisture * PRESSURE_PA / (0.622 + self.moisture);
        (vapour_pa / saturation_pa(air_c)).clamp(0.0, 1.0)
    }

    pub(super) fn step(&mut self, dt_s: f64, heat: Heat) {
        let from_equipment_w = EQUIPMENT_PER_K * self.rack_rating_w * (self.equipment_c - self.air_c);
        let from_wall_w = WALL_IN_W_PER_K_M3 * self.volume_m3 * (self.wall_c - self.air_c);
        let building_w_per_k = if self.cooled { 0.0 } else { BUILDING_W_PER_K_M3 * self.volume_m3 };
        let from_building_w = building_w_per_k * (BUILDING_C - self.air_c);
        let from_outside_w = WALL_OUT_W_PER_K_M3 * self.volume_m3 * (self.outdoor_c - self.wall_c);
        let air_w = from_equipment_w + from_wall_w + from_building_w + heat.other_w - heat.removed_w;
        self.air_c += air_w * dt_s / self.air_j_per_k();
        self.equipment_c += (heat.racks_w - from_equipment_w) * dt_s / self.equipment_j_per_k();
        self.wall_c += (from_outside_w - from_wall_w) * dt_s / (WALL_J_PER_K_M3 * self.volume_m3);
        self.heat.made_j += (heat.racks_w + heat.other_w) * dt_s;
        self.heat.removed_j += heat.removed_w * dt_s;
        self.heat.lost_j -= (from_building_w + from_outside_w) * dt_s;
        self.step_moisture(dt_s, heat.coil_kg_per_s);
    }

    fn step_moisture(&mut self, dt_s: f64, coil_kg_per_s: f64) {
        let air_kg = 1.2 * self.volume_m3;
        let (leak_per_h, leaking_in) = if self.cooled {
            (LEAK_PER_H, moisture(self.outdoor_c, OUTDOOR_HUMIDITY))
        } else {
            (10.0 * LEAK_PER_H, moisture(BUILDING_C, BUILDING_HUMIDITY))
        };
        let leaking = air_kg * leak_per_h / 3600.0 * (leaking_in - self.moisture);
        let condensing = coil_kg_per_s * COIL_CONTACT * (self.moisture - moisture(COIL_C, 1.0)).max(0.0);
        self.moisture = (self.moisture + (leaking - condensing) * dt_s / air_kg).max(0.0);
    }
}

/// Pressure of saturated vapour over water, Pa.
fn saturation_pa(air_c: f64) -> f64 {
    611.2 * (17.62 * air_c / (243.12 + air_c)).exp()
}

/// Water per dry air at a relative humidity of 0 to 1, kg/kg.
fn moisture(air_c: f64, humidity: f64) -> f64 {
    let vapour_pa = humidity * saturation_pa(air_c);
    0.622 * vapour_pa / (PRESSURE_PA - vapour_pa)
}

/// Dew point of air of `air_c` at a relative humidity of 0 to 1, °C.
pub(super) fn dew_point_c(air_c: f64, humidity: f64) -> f64 {
    let gamma = humidity.max(0.001).ln() + 17.62 * air_c / (243.12 + air_c);
    243.12 * gamma / (17.62 - gamma)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heat_books_balance() {
        let mut room = Room::new(16_000.0, Some(24.0), 33.0);
        let before_j = room.held_j();
        for _ in 0..36_000 {
            room.step(
                0.1,
                Heat { racks_w: 16_000.0, other_w: 500.0, removed_w: 9_000.0, coil_kg_per_s: 1.0 },
            );
        }
        let HeatBooks { made_j, removed_j, lost_j } = room.heat;
        let gained_j = room.held_j() - before_j;
        assert!(
            (made_j - removed_j - lost_j - gained_j).abs() < made_j * 0.001,
            "{:?} {gained_j}",
            room.heat
        );
    }

    #[test]
    fn without_cooling_the_air_jumps_and_then_creeps() {
        let mut room = Room::new(16_000.0, Some(24.0), 33.0);
        let mut run = |minutes: u32| {
            let before_c = room.air_c;
            (0..minutes * 600).for_each(|_| room.step(0.1, Heat { racks_w: 16_000.0, ..Heat::default() }));
            room.air_c - before_c
        };
        let (first, next) = (run(2), run(1));
        assert!((3.0..8.0).contains(&first), "{first} K in two minutes");
        assert!((0.1..1.0).contains(&next), "{next} K in the third");
    }

    #[test]
    fn dew_point_is_below_the_air_and_at_it_when_saturated() {
        assert!((dew_point_c(24.0, 0.5) - 12.9).abs() < 0.1);
        assert!((dew_point_c(24.0, 1.0) - 24.0).abs() < 1e-9);
    }
}
