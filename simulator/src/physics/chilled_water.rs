//! The cold side of a cooling unit without compressors: a coil with chilled water in it, and the valve before it.
//!
//! Equations (C capacity rate of a flow, W/K; x the valve's position, 0 to 1):
//! ```text
//!  x             follows the demand, a full stroke in STROKE_S; without power it stays where it is
//!  opening       = (R^x − 1) / (R − 1)                         equal percentage, with R the rangeability; tight when shut
//!  C_water       = full C_water / √(1 − N + N / opening²)      with N the valve's authority
//!  NTU, r        = UA / C_min, C_min / C_max
//!  effectiveness = (1 − e^(−NTU (1 − r))) / (1 − r e^(−NTU (1 − r)))                            counterflow
//!  heat          = effectiveness · C_min · (return air − water supply)
//!  water return  = water supply + heat, sensible and latent, / C_water
//! ```
//! The effectiveness is that of counterflow heat exchangers (Kays and London, Compact Heat Exchangers), with which the
//! Engineering Reference of EnergyPlus has the dry part of a chilled-water coil too; UA follows from the rating point, as it
//! does there. A valve of equal percentage before such a coil makes heat about proportional to the stroke (Hegberg, Control
//! Valve Selection for Hydronic Systems, ASHRAE Journal, November 2000), so that a proportional control is enough. Its
//! rangeability is a usual one (Wang, Handbook of Air Conditioning and Refrigeration). Authority, stroke and rating point are
//! choices of ours.
//!
//! It does not: make the water cold (the chiller stands outside of the hall, and draws no power of it), or let latent heat
//! take of the sensible.

use super::{psychrometry::AIR_J_PER_KG_K, refrigeration::full_flow_kg_per_s};

/// The chilled water that comes where nobody says otherwise, and for which capacities are rated, °C.
pub(super) const RATED_WATER_C: f64 = 10.0;

/// Temperatures at which chilled water can come, °C.
pub(super) const WATER_C: (f64, f64) = (2.0, 40.0);

/// Return air for which capacities are rated, °C; and by how much the water then warms, K.
const RATED_AIR_C: f64 = 24.0;
const RATED_WARMING_K: f64 = 5.0;

/// The largest flow through the valve for the least that it can hold.
const RANGEABILITY: f64 = 50.0;

/// Share of the pressure drop of coil, pipes and open valve that the valve has.
const AUTHORITY: f64 = 0.5;

/// From shut to open, s.
const STROKE_S: f64 = 90.0;

/// A coil with its valve.
#[derive(Clone, Copy, Debug)]
pub(super) struct WaterCoil {
    /// How far the valve is open, 0 to 1.
    pub(super) position: f64,
    /// Temperature of the water that comes, °C.
    pub(super) supply_c: f64,
    /// Temperature of the water that goes, °C; that which comes while none flows.
    pub(super) return_c: f64,
    /// Capacity rate of the water through an open valve, W/K.
    full_w_per_k: f64,
    /// Conductance from air to water, W/K.
    ua_w_per_k: f64,
}

impl WaterCoil {
    /// A coil that takes `capacity_w` at its rating point, with water of `supply_c`.
    pub(super) fn new(capacity_w: f64, supply_c: f64) -> Self {
        let full_w_per_k = capacity_w / RATED_WARMING_K;
        let air_w_per_k = full_flow_kg_per_s(capacity_w) * AIR_J_PER_KG_K;
        let (least, most) = (air_w_per_k.min(full_w_per_k), air_w_per_k.max(full_w_per_k));
        let ratio = least / most;
        let effectiveness = capacity_w / (least * (RATED_AIR_C - RATED_WATER_C));
        let ntu = ((1.0 - ratio * effectiveness) / (1.0 - effectiveness)).ln() / (1.0 - ratio);
        Self { position: 0.0, supply_c, return_c: supply_c, full_w_per_k, ua_w_per_k: ntu * least }
    }

    /// The same with its valve at another position.
    pub(super) fn at(self, position: f64) -> Self {
        Self { position, ..self }
    }

    /// Water of another temperature comes; what it can be is kept to.
    pub(super) fn set_supply(&mut self, supply_c: f64) {
        let (low, high) = WATER_C;
        self.supply_c = supply_c.clamp(low, high);
    }

    /// The valve follows a demand of 0 to 1 while it has power.
    pub(super) fn step(&mut self, dt_s: f64, demand: f64, powered: bool) {
        if powered {
            let most = dt_s / STROKE_S;
            self.position += (demand - self.position).clamp(-most, most);
        }
    }

    /// Capacity rate of the water, W/K.
    fn water_w_per_k(&self) -> f64 {
        let opening = (RANGEABILITY.powf(self.position) - 1.0) / (RANGEABILITY - 1.0);
        let flow = if opening > 0.0 {
            1.0 / (1.0 - AUTHORITY + AUTHORITY / (opening * opening)).sqrt()
        } else {
            0.0
        };
        self.full_w_per_k * flow
    }

    /// Heat that it takes from air of `air_c` that flows by at `air_kg_per_s`, W.
    pub(super) fn heat_w(&self, air_kg_per_s: f64, air_c: f64) -> f64 {
        let (air, water) = (air_kg_per_s * AIR_J_PER_KG_K, self.water_w_per_k());
        let (least, most) = (air.min(water), air.max(water));
        if least < 1e-6 * self.full_w_per_k {
            return 0.0;
        }
        // Two equal flows are the limit of the formula, which has none for them.
        let ratio = (least / most).min(1.0 - 1e-6);
        let passed = (-(self.ua_w_per_k / least) * (1.0 - ratio)).exp();
        let effectiveness = (1.0 - passed) / (1.0 - ratio * passed);
        (effectiveness * least * (air_c - self.supply_c)).max(0.0)
    }

    /// It has taken so much heat, of evaporation too, and the water goes as warm as that makes it.
    pub(super) fn warm(&mut self, heat_w: f64) {
        let water = self.water_w_per_k();
        let flows = water > 1e-6 * self.full_w_per_k;
        self.return_c = self.supply_c + if flows { heat_w / water } else { 0.0 };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CAPACITY_W: f64 = 20_000.0;

    fn at(position: f64) -> WaterCoil {
        WaterCoil::new(CAPACITY_W, RATED_WATER_C).at(position)
    }

    fn share(coil: &WaterCoil, air_share: f64) -> f64 {
        coil.heat_w(air_share * full_flow_kg_per_s(CAPACITY_W), RATED_AIR_C) / CAPACITY_W
    }

    #[test]
    fn it_takes_its_capacity_at_the_rating_point_and_warms_the_water_by_five_kelvin() {
        let mut coil = at(1.0);
        assert!((share(&coil, 1.0) - 1.0).abs() < 1e-9, "{}", share(&coil, 1.0));
        coil.warm(CAPACITY_W);
        assert!((coil.return_c - 15.0).abs() < 1e-9, "{coil:?}");
    }

    #[test]
    fn heat_is_about_proportional_to_the_stroke() {
        for tenths in 0..=10 {
            let position = f64::from(tenths) / 10.0;
            let share = share(&at(position), 1.0);
            assert!((share - position).abs() < 0.15, "{share} of the heat at {position}");
        }
    }

    #[test]
    fn water_never_leaves_warmer_than_the_air_that_warms_it() {
        for hundredths in 0..=100 {
            for air_share in [0.0, 0.1, 0.5, 1.0] {
                let mut coil = at(f64::from(hundredths) / 100.0);
                coil.warm(share(&coil, air_share) * CAPACITY_W);
                assert!((RATED_WATER_C..=RATED_AIR_C).contains(&coil.return_c), "{coil:?}");
            }
        }
    }

    #[test]
    fn warm_water_takes_less_and_water_as_warm_as_the_air_nothing() {
        let by = |supply_c: f64| share(&WaterCoil { supply_c, ..at(1.0) }, 1.0);
        assert!((by(17.0) - 0.5).abs() < 1e-9, "{}", by(17.0));
        assert!(by(24.0).abs() < 1e-12 && by(30.0).abs() < 1e-12);
    }

    #[test]
    fn the_valve_takes_its_time_and_stays_without_power() {
        let mut coil = at(0.0);
        coil.step(45.0, 1.0, true);
        assert!((coil.position - 0.5).abs() < 1e-9, "{coil:?}");
        coil.step(45.0, 0.0, false);
        assert!((coil.position - 0.5).abs() < 1e-9, "{coil:?}");
        (0..60).for_each(|_| coil.step(1.0, 0.2, true));
        assert!((coil.position - 0.2).abs() < 1e-9, "{coil:?}");
    }
}
