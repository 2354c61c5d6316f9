//! Where a cooling unit's cold comes from: compressors of its own, or chilled water from elsewhere.
//!
//! Who asks: the unit (`cooling.rs`). What each makes of it is in `refrigeration.rs` and `chilled_water.rs`. A unit whose
//! profile has a valve's position and nothing of a compressor is of the latter kind.

use hallward_site::{Device, Site};

use super::{
    chilled_water::{RATED_WATER_C, WaterCoil},
    cooling::{Around, share},
    parameters::parameter,
    refrigeration::{Compressors, FROST_C},
};

/// How slowly the cooling of compressors follows its control, s: their expansion valve.
const LAG_S: f64 = 45.0;

/// What makes a unit's coil cold.
#[derive(Clone, Debug)]
pub(super) enum Cold {
    Compressors(Compressors),
    Water(WaterCoil),
}

impl Cold {
    /// That of a unit, by its profile.
    pub(super) fn of(site: &Site, device: &Device, capacity_w: f64) -> Self {
        let has = |start: &str| device.map.points.iter().any(|point| point.name.as_str().starts_with(start));
        if has("valve.position") && !has("compressor.") {
            let supply_c = parameter(site, device, "water_c", RATED_WATER_C);
            Self::Water(WaterCoil::new(capacity_w, supply_c))
        } else {
            Self::Compressors(Compressors::default())
        }
    }

    /// Its compressors; none of a unit with chilled water.
    pub(super) fn compressors(&self) -> Option<&Compressors> {
        match self {
            Self::Compressors(compressors) => Some(compressors),
            Self::Water(_) => None,
        }
    }

    /// Its valve and coil; none of a unit with compressors.
    pub(super) fn water(&self) -> Option<&WaterCoil> {
        match self {
            Self::Compressors(_) => None,
            Self::Water(coil) => Some(coil),
        }
    }

    /// Share of the capacity that can be had, 0 to 1.
    pub(super) fn available(&self) -> f64 {
        self.compressors().map_or(1.0, Compressors::available)
    }

    /// One step of a unit that wants a share of its capacity; returns the duty that comes of it, 0 to 1.
    pub(super) fn step(&mut self, dt_s: f64, duty: f64, wanted: f64, around: Around) -> f64 {
        match self {
            Self::Compressors(compressors) => {
                let duty = duty + (wanted - duty) * share(dt_s, LAG_S);
                compressors.step(duty, around.outdoor_c);
                duty
            }
            Self::Water(coil) => {
                coil.step(dt_s, wanted, around.powered);
                wanted
            }
        }
    }

    /// One step of a unit that does not run.
    pub(super) fn rest(&mut self, dt_s: f64, powered: bool) {
        match self {
            Self::Compressors(compressors) => compressors.stop(),
            Self::Water(coil) => coil.step(dt_s, 0.0, powered),
        }
    }

    /// It has long been at this duty.
    pub(super) fn settle(&mut self, duty: f64) {
        if let Self::Water(coil) = self {
            coil.position = duty;
        }
    }

    /// Heat that the coil would take of air of `air_c` that flows by at `air_kg_per_s`, W; of compressors: that they are
    /// asked for.
    pub(super) fn heat_w(&self, duty: f64, capacity_w: f64, air_kg_per_s: f64, air_c: f64) -> f64 {
        match self {
            Self::Compressors(compressors) if compressors.any_runs() => duty * capacity_w,
            Self::Compressors(_) => 0.0,
            Self::Water(coil) => coil.heat_w(air_kg_per_s, air_c),
        }
    }

    /// Heat that it would take for long at this duty, W.
    pub(super) fn steady_w(&self, duty: f64, capacity_w: f64, air_kg_per_s: f64, air_c: f64) -> f64 {
        match self {
            Self::Compressors(_) => duty * capacity_w,
            Self::Water(coil) => coil.at(duty).heat_w(air_kg_per_s, air_c),
        }
    }

    /// A coil gets no colder than this, °C.
    pub(super) fn coldest_c(&self) -> f64 {
        self.water().map_or(FROST_C, |coil| coil.supply_c)
    }

    /// So much heat has been moved; returns what that draws here, W, for a COP rated at 35 °C outdoors and full load.
    pub(super) fn moved(&mut self, heat_w: f64, rated_cop: f64, duty: f64, outdoor_c: f64) -> f64 {
        match self {
            Self::Compressors(compressors) => heat_w / compressors.cop(rated_cop, duty, outdoor_c),
            Self::Water(coil) => {
                coil.warm(heat_w);
                0.0
            }
        }
    }

    /// Chilled water of another temperature comes; whether it is of use to this unit.
    pub(super) fn set_water(&mut self, supply_c: f64) -> bool {
        match self {
            Self::Compressors(_) => false,
            Self::Water(coil) => {
                coil.set_supply(supply_c);
                true
            }
        }
    }

    /// High-pressure switches are reset.
    pub(super) fn reset(&mut self) {
        if let Self::Compressors(compressors) = self {
            compressors.reset();
        }
    }
}
