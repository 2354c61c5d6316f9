//! A room: air, what stands in it and its walls as three lumps of heat, and the water in its air.
//!
//! Equations (T in °C, C heat capacity, G conductance, w water per dry air):
//! ```text
//!  C_air  T_air'  = G_eq (T_eq − T_air) + G_in (T_wall − T_air) + G_leak (T_out − T_air) + G_vent (T_vent − T_air)
//!                   + other heat − heat removed
//!  C_eq   T_eq'   = racks − G_eq (T_eq − T_air)
//!  C_wall T_wall' = G_in (T_air − T_wall) + G_out (T_out − T_wall)
//!  m_air  w'      = leaking air (w_out − w) + steam + evaporation − Σ coils air in contact (w − w_coil)
//! ```
//! During a step what comes from outside is constant, and the three temperatures follow by the power series of the exact
//! solution; the books take the mean of each temperature over the step, so that they balance at any step length.
//!
//! A room with cooling units is closed but for leaks; one without is kept by the building's own air. Masses and
//! conductances are choices of ours that scale with the racks' power. They give what Khankari (Rate of Heating Analysis of
//! Data Centers during Power Shutdown, ASHRAE Transactions 117, 2011) describes: without cooling the air warms first as
//! if it were alone, racks / C_air, and slows down exponentially to racks / (C_air + C_eq), a little less with walls.

use std::ops::Add;

use schemars::JsonSchema;
use serde::Serialize;

use super::psychrometry::{AIR_J_PER_KG_K, AIR_KG_PER_M3, moisture, relative_humidity};

/// Room of a rack hall, m³ for each W of racks; and the least room.
const VOLUME_M3_PER_W: f64 = 0.0125;
const LEAST_VOLUME_M3: f64 = 60.0;

/// Racks and what is in them, J/K for each W: with the next, they follow the air within a quarter of an hour.
const EQUIPMENT_J_PER_K_W: f64 = 100.0;
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

/// Air that leaks in, room volumes per hour; so many times more of the building's air.
const LEAK_PER_H: f64 = 0.3;
const BUILDING_LEAK_TIMES: f64 = 10.0;

/// Terms of the power series; the tenth is below rounding for steps of 10 s.
const SERIES_TERMS: u32 = 10;

/// One room's air, equipment and walls.
#[derive(Clone, Debug)]
pub(super) struct Room {
    volume_m3: f64,
    rack_rating_w: f64,
    cooled: bool,
    at: Lumps,
    /// Water per dry air, kg/kg.
    moisture: f64,
    pub(super) heat: HeatBooks,
    pub(super) water: WaterBooks,
}

/// A temperature, or a change of one, of each lump.
#[derive(Clone, Copy, Debug, Default)]
struct Lumps {
    air: f64,
    equipment: f64,
    wall: f64,
}

/// Heat since the start, J.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, JsonSchema)]
pub struct HeatBooks {
    /// From racks, fans and other equipment.
    pub made_j: f64,
    /// Taken out by cooling units.
    pub removed_j: f64,
    /// Through walls, by leaking air and by the building's air, outward.
    pub lost_j: f64,
}

/// Water in and out of a room's air since the start, kg.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, JsonSchema)]
pub struct WaterBooks {
    /// With air from outside or from the building, less what went out.
    pub leaked_in_kg: f64,
    /// Steam of humidifiers.
    pub humidified_kg: f64,
    /// From pools on the floor.
    pub evaporated_kg: f64,
    /// On cooling coils.
    pub condensed_kg: f64,
}

/// Heat into a room during a step.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Heat {
    /// Into the racks, W.
    pub(super) racks_w: f64,
    /// Into the air, W.
    pub(super) other_w: f64,
    /// Out of the air, W.
    pub(super) removed_w: f64,
}

impl Lumps {
    fn times(self, factor: f64) -> Self {
        Self { air: self.air * factor, equipment: self.equipment * factor, wall: self.wall * factor }
    }
}

impl Add for Lumps {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self {
            air: self.air + other.air,
            equipment: self.equipment + other.equipment,
            wall: self.wall + other.wall,
        }
    }
}

impl Room {
    /// A room for racks of `rack_rating_w`, held at `air_c` by cooling units (`None`: it has none).
    pub(super) fn new(rack_rating_w: f64, cooled_to_c: Option<f64>) -> Self {
        let air_c = cooled_to_c.unwrap_or(BUILDING_C);
        Self {
            volume_m3: (VOLUME_M3_PER_W * rack_rating_w).max(LEAST_VOLUME_M3),
            rack_rating_w: rack_rating_w.max(100.0),
            cooled: cooled_to_c.is_some(),
            at: Lumps { air: air_c, equipment: air_c, wall: air_c },
            moisture: moisture(BUILDING_C, BUILDING_HUMIDITY),
            heat: HeatBooks::default(),
            water: WaterBooks::default(),
        }
    }

    /// Temperature of the air, °C.
    pub(super) fn air_c(&self) -> f64 {
        self.at.air
    }

    /// Temperature of the racks and what is in them, °C.
    pub(super) fn equipment_c(&self) -> f64 {
        self.at.equipment
    }

    /// Temperature of the walls, °C.
    pub(super) fn wall_c(&self) -> f64 {
        self.at.wall
    }

    /// Water per dry air, kg/kg.
    pub(super) fn moisture(&self) -> f64 {
        self.moisture
    }

    /// Relative humidity of air of `air_c` with this room's water in it, 0 to 1.
    pub(super) fn humidity_at(&self, air_c: f64) -> f64 {
        relative_humidity(air_c, self.moisture)
    }

    /// Heat held by air, equipment and walls, J above 0 °C.
    pub(super) fn held_j(&self) -> f64 {
        let Lumps { air, equipment, wall } = self.capacity();
        air * self.at.air + equipment * self.at.equipment + wall * self.at.wall
    }

    /// Water held by the air, kg.
    pub(super) fn held_kg(&self) -> f64 {
        self.air_kg() * self.moisture
    }

    fn air_kg(&self) -> f64 {
        AIR_KG_PER_M3 * self.volume_m3
    }

    /// Heat capacities, J/K.
    fn capacity(&self) -> Lumps {
        Lumps {
            air: self.air_kg() * AIR_J_PER_KG_K,
            equipment: EQUIPMENT_J_PER_K_W * self.rack_rating_w,
            wall: WALL_J_PER_K_M3 * self.volume_m3,
        }
    }

    /// Conductances to the air outside, through leaks, and to the building's air, W/K.
    fn openings(&self) -> (f64, f64) {
        let leak = LEAK_PER_H / 3600.0 * self.air_kg() * AIR_J_PER_KG_K;
        if self.cooled { (leak, 0.0) } else { (0.0, BUILDING_W_PER_K_M3 * self.volume_m3) }
    }

    /// How fast temperatures `at` change without heat from racks or to cooling units while the air outside has
    /// `outdoor_c` and the building's `building_c`, K/s. Linear in all of them.
    fn drift(&self, at: Lumps, outdoor_c: f64, building_c: f64) -> Lumps {
        let (leak, building) = self.openings();
        let from_equipment_w = EQUIPMENT_PER_K * self.rack_rating_w * (at.equipment - at.air);
        let from_wall_w = WALL_IN_W_PER_K_M3 * self.volume_m3 * (at.wall - at.air);
        let from_outside_w = WALL_OUT_W_PER_K_M3 * self.volume_m3 * (outdoor_c - at.wall);
        let through_openings_w = leak * (outdoor_c - at.air) + building * (building_c - at.air);
        let capacity = self.capacity();
        Lumps {
            air: (from_equipment_w + from_wall_w + through_openings_w) / capacity.air,
            equipment: -from_equipment_w / capacity.equipment,
            wall: (from_outside_w - from_wall_w) / capacity.wall,
        }
    }

    /// One step of heat.
    pub(super) fn step(&mut self, dt_s: f64, heat: Heat, outdoor_c: f64) {
        let capacity = self.capacity();
        let forced = Lumps {
            air: (heat.other_w - heat.removed_w) / capacity.air,
            equipment: heat.racks_w / capacity.equipment,
            wall: 0.0,
        };
        let mut term = (self.drift(self.at, outdoor_c, BUILDING_C) + forced).times(dt_s);
        let (mut change, mut mean) = (Lumps::default(), self.at);
        for power in 1..=SERIES_TERMS {
            let next = 1.0 / f64::from(power + 1);
            change = change + term;
            mean = mean + term.times(next);
            term = self.drift(term, 0.0, 0.0).times(dt_s * next);
        }
        self.at = self.at + change;
        let (leak, building) = self.openings();
        let lost_w = leak * (mean.air - outdoor_c)
            + building * (mean.air - BUILDING_C)
            + WALL_OUT_W_PER_K_M3 * self.volume_m3 * (mean.wall - outdoor_c);
        self.heat.made_j += (heat.racks_w + heat.other_w) * dt_s;
        self.heat.removed_j += heat.removed_w * dt_s;
        self.heat.lost_j += lost_w * dt_s;
    }

    /// Goes to where nothing changes any more, with racks and other heat as given and `removed_w` taken out at an air
    /// temperature. Found by halving: the warmer the air, the more heat leaves.
    pub(super) fn settle(&mut self, heat: Heat, outdoor_c: f64, removed_w: impl Fn(f64) -> f64) {
        let (leak, building) = self.openings();
        let walls = self.volume_m3 / (1.0 / WALL_IN_W_PER_K_M3 + 1.0 / WALL_OUT_W_PER_K_M3);
        let gained_w = |air_c: f64| {
            heat.racks_w + heat.other_w - removed_w(air_c)
                + (walls + leak) * (outdoor_c - air_c)
                + building * (BUILDING_C - air_c)
        };
        let (mut low, mut high) = (-50.0, 150.0);
        for _ in 0..50 {
            let middle = f64::midpoint(low, high);
            if gained_w(middle) > 0.0 { low = middle } else { high = middle }
        }
        let inside = WALL_IN_W_PER_K_M3 / (WALL_IN_W_PER_K_M3 + WALL_OUT_W_PER_K_M3);
        self.at = Lumps {
            air: low,
            equipment: low + heat.racks_w / (EQUIPMENT_PER_K * self.rack_rating_w),
            wall: inside * low + (1.0 - inside) * outdoor_c,
        };
    }

    /// Air comes in from outside, or from the building, and as much goes out.
    pub(super) fn leak(&mut self, dt_s: f64, outdoor_moisture: f64) {
        let (per_h, incoming) = if self.cooled {
            (LEAK_PER_H, outdoor_moisture)
        } else {
            (BUILDING_LEAK_TIMES * LEAK_PER_H, moisture(BUILDING_C, BUILDING_HUMIDITY))
        };
        let exchanged = 1.0 - (-per_h / 3600.0 * dt_s).exp();
        let change = (incoming - self.moisture) * exchanged;
        self.moisture += change;
        self.water.leaked_in_kg += change * self.air_kg();
    }

    /// Air in contact with a coil of `surface_c` leaves some of its water there; returns how much, kg.
    pub(super) fn condense(&mut self, dt_s: f64, contact_kg_per_s: f64, surface_c: f64) -> f64 {
        let above = (self.moisture - moisture(surface_c, 1.0)).max(0.0);
        let touched = 1.0 - (-contact_kg_per_s * dt_s / self.air_kg()).exp();
        self.moisture -= above * touched;
        let condensed_kg = above * touched * self.air_kg();
        self.water.condensed_kg += condensed_kg;
        condensed_kg
    }

    /// Steam comes in.
    pub(super) fn humidify(&mut self, steam_kg: f64) {
        self.moisture += steam_kg / self.air_kg();
        self.water.humidified_kg += steam_kg;
    }

    /// Water evaporates from the floor.
    pub(super) fn evaporate(&mut self, vapour_kg: f64) {
        self.moisture += vapour_kg / self.air_kg();
        self.water.evaporated_kg += vapour_kg;
    }
}
