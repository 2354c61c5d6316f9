//! The cold side of an air conditioner: its fan, its coil and, unless chilled water does it, its two compressors.
//!
//! Equations:
//! ```text
//!  air flow       = full flow · speed / √(2/3 + 1/3 · 1/(1 − clogged)²)      fan laws; a clean filter is a third of the
//!                                                                           resistance, that of a clogged one grows as the
//!                                                                           square of the air's speed in what is left open
//!  fan power      = full power · speed³                                     fan laws
//!  bypass         = BYPASS^(full flow / air flow)                           share of the air that the coil does not touch
//!  surface        = return air − heat / (air flow · c_p · (1 − bypass))     no colder than FROST_C, or the water in it
//!  condensing     = outdoor + APPROACH_K · load of the circuit
//!  COP            = rated COP · carnot(condensing) / carnot(rated)          with a constant share of Carnot's
//! ```
//! The bypass by flow is that of direct expansion coils in the Engineering Reference of EnergyPlus (coil bypass factor,
//! from the number of transfer units); fan laws and Carnot's limit as in ASHRAE Fundamentals. COPs are rated at 35 °C
//! outdoors, as AHRI 210/240 and 1360 do. Below [`LEAST_CONDENSING_C`] head pressure control holds the condenser. The
//! remaining figures are choices of ours: they are usual for R-410A, whose pressure switches open at about 4.2 MPa.

use super::psychrometry::AIR_J_PER_KG_K;

/// Difference of return and supply air at full capacity and full air flow, K.
const FULL_RISE_K: f64 = 10.0;

/// Share of the air that bypasses the coil at full flow.
const BYPASS: f64 = 0.1;

/// A coil gets no colder than this, °C: the controller unloads the compressor before it freezes.
pub(super) const FROST_C: f64 = 2.0;

/// Condensing above outdoor temperature with the circuit fully loaded, K.
const APPROACH_K: f64 = 15.0;
const LEAST_CONDENSING_C: f64 = 30.0;
/// At this condensing temperature the high-pressure switch opens, °C.
const CUT_OUT_C: f64 = 65.0;

const EVAPORATING_C: f64 = 8.0;
const RATED_OUTDOOR_C: f64 = 35.0;
const KELVIN: f64 = 273.15;

/// Duties at which the second compressor starts and stops; and the first.
const SECOND_ON: f64 = 0.55;
const SECOND_OFF: f64 = 0.45;
const FIRST_ON: f64 = 0.05;
const FIRST_OFF: f64 = 0.02;

/// Air flow at full speed through a clean filter, kg/s.
pub(super) fn full_flow_kg_per_s(capacity_w: f64) -> f64 {
    capacity_w / (FULL_RISE_K * AIR_J_PER_KG_K)
}

/// Share of the full air flow at a fan speed of 0 to 1 through a filter clogged by 0 to 1.
pub(super) fn flow_share(speed: f64, clogged: f64) -> f64 {
    let open = (1.0 - clogged).max(0.01);
    speed / (2.0 / 3.0 + 1.0 / 3.0 / (open * open)).sqrt()
}

/// Share of the coil's air that touches it, at a share of the full flow.
fn contact(flow_share: f64) -> f64 {
    1.0 - BYPASS.powf(1.0 / flow_share.max(0.01))
}

/// What the coil does to the air.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Coil {
    /// Sensible heat removed, W.
    pub(super) heat_w: f64,
    /// Temperature of its surface, °C.
    pub(super) surface_c: f64,
    /// Air that touches it, kg/s.
    pub(super) contact_kg_per_s: f64,
    /// Temperature of the air behind it, °C.
    pub(super) supply_c: f64,
}

impl Coil {
    /// A coil asked for `wanted_w` with air of `return_c`, at a share of its full flow, that gets no colder than `coldest_c`.
    pub(super) fn new(
        wanted_w: f64,
        full_kg_per_s: f64,
        flow_share: f64,
        return_c: f64,
        coldest_c: f64,
    ) -> Self {
        if flow_share < 0.01 {
            return Self { surface_c: return_c, supply_c: return_c, ..Self::default() };
        }
        let flow_kg_per_s = full_kg_per_s * flow_share;
        let contact_kg_per_s = flow_kg_per_s * contact(flow_share);
        let w_per_k = contact_kg_per_s * AIR_J_PER_KG_K;
        let heat_w = wanted_w.min(w_per_k * (return_c - coldest_c)).max(0.0);
        Self {
            heat_w,
            surface_c: return_c - heat_w / w_per_k,
            contact_kg_per_s,
            supply_c: return_c - heat_w / (flow_kg_per_s * AIR_J_PER_KG_K),
        }
    }
}

/// What a compressor does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Compressor {
    #[default]
    Off,
    On,
    /// Its high-pressure switch has opened; somebody must reset it.
    HighPressure,
}

impl Compressor {
    /// The vocabulary's word for it.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::On => "on",
            Self::HighPressure => "fault",
        }
    }
}

/// Two compressors, each with a circuit of its own and half of the capacity.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Compressors {
    pub(super) each: [Compressor; 2],
}

impl Compressors {
    /// Share of the capacity that can be had.
    pub(super) fn available(&self) -> f64 {
        let whole = self.each.iter().filter(|one| **one != Compressor::HighPressure).count();
        f64::from(u8::try_from(whole).unwrap_or(2)) / 2.0
    }

    /// Starts and stops them for a duty of 0 to 1, and trips those whose condenser is too hot.
    pub(super) fn step(&mut self, duty: f64, outdoor_c: f64) {
        let alone = self.available() < 1.0;
        let [first, second] = &mut self.each;
        follow(first, duty, FIRST_ON, FIRST_OFF);
        let (on, off) = if alone { (FIRST_ON, FIRST_OFF) } else { (SECOND_ON, SECOND_OFF) };
        follow(second, duty, on, off);
        if condensing_c(outdoor_c, self.circuit_load(duty)) >= CUT_OUT_C {
            let last = self.each.iter_mut().rev().find(|one| **one == Compressor::On);
            last.into_iter().for_each(|one| *one = Compressor::HighPressure);
        }
    }

    /// All stop; what has tripped stays so.
    pub(super) fn stop(&mut self) {
        self.each.iter_mut().filter(|one| **one == Compressor::On).for_each(|one| *one = Compressor::Off);
    }

    /// High-pressure switches are reset.
    pub(super) fn reset(&mut self) {
        self.each = [Compressor::Off; 2];
    }

    /// Whether any runs.
    pub(super) fn any_runs(&self) -> bool {
        self.each.contains(&Compressor::On)
    }

    /// Load of each circuit that runs, 0 to 1.
    fn circuit_load(&self, duty: f64) -> f64 {
        let running = self.each.iter().filter(|one| **one == Compressor::On).count();
        match running {
            0 => 0.0,
            1 => (2.0 * duty).min(1.0),
            _ => duty,
        }
    }

    /// Heat moved per electricity at a duty, for a COP rated at 35 °C outdoors and full load.
    pub(super) fn cop(&self, rated: f64, duty: f64, outdoor_c: f64) -> f64 {
        let carnot = |condensing_c: f64| (EVAPORATING_C + KELVIN) / (condensing_c - EVAPORATING_C);
        let now_c = condensing_c(outdoor_c, self.circuit_load(duty));
        rated * carnot(now_c) / carnot(condensing_c(RATED_OUTDOOR_C, 1.0))
    }
}

fn condensing_c(outdoor_c: f64, load: f64) -> f64 {
    (outdoor_c + APPROACH_K * load).max(LEAST_CONDENSING_C)
}

fn follow(compressor: &mut Compressor, duty: f64, on: f64, off: f64) {
    *compressor = match compressor {
        Compressor::Off if duty > on => Compressor::On,
        Compressor::On if duty < off => Compressor::Off,
        Compressor::Off | Compressor::On | Compressor::HighPressure => *compressor,
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hotter_day_costs_two_percent_a_kelvin() {
        let mut both = Compressors::default();
        both.step(1.0, 35.0);
        assert!((both.cop(3.2, 1.0, 35.0) - 3.2).abs() < 1e-9);
        let hot = both.cop(3.2, 1.0, 40.0);
        assert!((0.87..0.93).contains(&(hot / 3.2)), "{hot} at 40 °C");
    }

    #[test]
    fn a_condenser_too_hot_trips_the_last_compressor_first() {
        let mut both = Compressors::default();
        both.step(1.0, 45.0);
        assert_eq!(both.each, [Compressor::On; 2]);
        both.step(1.0, 50.0);
        assert_eq!(both.each, [Compressor::On, Compressor::HighPressure]);
        both.step(0.5, 49.0);
        assert_eq!(both.each, [Compressor::On, Compressor::HighPressure], "it stays tripped");
        both.reset();
        assert!((both.available() - 1.0).abs() < 1e-12);
    }

    #[test]
    fn a_clogged_filter_takes_air_and_then_heat() {
        assert!((flow_share(1.0, 0.0) - 1.0).abs() < 1e-12);
        let half = flow_share(1.0, 0.5);
        assert!((half - 0.5_f64.sqrt()).abs() < 1e-9, "{half}");
        let full = full_flow_kg_per_s(10_000.0);
        let clean = Coil::new(10_000.0, full, 1.0, 24.0, FROST_C);
        assert!((clean.heat_w - 10_000.0).abs() < 1e-6 && (clean.supply_c - 14.0).abs() < 1e-9, "{clean:?}");
        let blocked = Coil::new(10_000.0, full, flow_share(1.0, 0.9), 24.0, FROST_C);
        assert!(blocked.heat_w < 5_000.0 && blocked.surface_c >= FROST_C - 1e-9, "{blocked:?}");
    }
}
