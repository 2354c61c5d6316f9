//! A UPS's battery: sealed lead-acid cells in series.
//!
//! Equations: with P drawn, E the energy of the full battery and P₅ₕ = E / 5 h, the charge falls by
//! P / E × max(1, P / P₅ₕ)^([`PEUKERT`] − 1) each second (Peukert 1897): what a fast discharge leaves behind stays in
//! the battery, so that less has to be put back. Charging fills charge and energy alike, with the charger's
//! power up to [`TAPER`] below full and less in proportion to what is missing from there on. Health scales E. It falls
//! by a fifth in the battery's life at 25 °C (the usual end of life: IEEE 1188 has a battery replaced at 80 %), twice
//! as fast for each 10 K more, the usual rule of makers. Cell voltage is 2.25 V floating and, discharging, 1.75 V (empty) to 2.05 V
//! (full), the usual figures of lead-acid cells, less what the resistance of an aged one takes.
//!
//! The exponent is our fit to the runtimes that APC's manual of the Smart-UPS 1400 tells (see the tests of `ups`).
//! Left out: recovery at rest, losses in the cells, ageing by use.

use super::random::follow;

/// Peukert's exponent.
const PEUKERT: f64 = 1.4;

/// A discharge of this length or longer gives all of the energy, s.
const SLOW_S: f64 = 5.0 * 3600.0;

/// Missing share of the energy below which charging slows down.
const TAPER: f64 = 0.05;

/// Missing share of the energy with which it counts as full.
const FULL: f64 = 1e-4;

/// The health of a battery, 0 to 1: at worst.
const LEAST_HEALTH: f64 = 0.05;

/// Health lost within the battery's life.
const LOST_IN_LIFE: f64 = 0.2;

/// How slowly its temperature follows, s.
const WARMING_S: f64 = 1800.0;

/// Longest runtime that it tells, s.
const LONGEST_RUNTIME_S: f64 = 4.0 * 3600.0;

const S_PER_YEAR: f64 = 365.25 * 86_400.0;

/// One battery.
#[derive(Clone, Debug)]
pub(super) struct Battery {
    /// Share of the runtime that is left, 0 to 1.
    charge: f64,
    energy_j: f64,
    /// Energy when full and new, J.
    new_j: f64,
    /// What its UPS draws at full load, W.
    full_load_w: f64,
    charger_w: f64,
    cells: f64,
    life_s: f64,
    pub(super) health: f64,
    pub(super) temperature_c: f64,
    /// Power into it (negative: out of it) in the last step, W.
    pub(super) power_w: f64,
    /// Energy that came or went without having been charged or drawn, J: set from outside, or lost by ageing.
    pub(super) adjusted_j: f64,
}

impl Battery {
    /// A battery that lasts `runtime_s` at `full_load_w`, with `charge`, of which `charge_per_h` of a full one can be
    /// charged in an hour, and that lives `life_y` years.
    pub(super) fn new(
        full_load_w: f64,
        runtime_s: f64,
        charge: f64,
        charge_per_h: f64,
        cells: f64,
        life_y: f64,
    ) -> Self {
        let given = (runtime_s / SLOW_S).min(1.0).powf(1.0 - 1.0 / PEUKERT);
        let new_j = full_load_w * runtime_s / given;
        Self {
            charge,
            energy_j: new_j * charge,
            new_j,
            full_load_w,
            charger_w: new_j * charge_per_h / 3600.0,
            cells,
            life_s: life_y * S_PER_YEAR,
            health: 1.0,
            temperature_c: 25.0,
            power_w: 0.0,
            adjusted_j: 0.0,
        }
    }

    /// Charge, 0 to 1.
    pub(super) fn charge(&self) -> f64 {
        self.charge
    }

    /// Energy in it, J.
    pub(super) fn energy_j(&self) -> f64 {
        self.energy_j
    }

    /// Whether it can give nothing.
    pub(super) fn is_empty(&self) -> bool {
        self.charge <= 0.0
    }

    /// Whether it has come to the end of its life.
    pub(super) fn is_to_be_replaced(&self) -> bool {
        self.health < 1.0 - LOST_IN_LIFE
    }

    fn full_j(&self) -> f64 {
        self.new_j * self.health
    }

    fn missing(&self) -> f64 {
        1.0 - self.energy_j / self.full_j()
    }

    /// Charge that `watts` take in a second.
    fn drain_per_s(&self, watts: f64) -> f64 {
        let share = watts / self.full_j();
        share * (share * SLOW_S).max(1.0).powf(PEUKERT - 1.0)
    }

    /// How long it gives `watts`, s.
    pub(super) fn runtime_s(&self, watts: f64) -> f64 {
        let least = self.charge / LONGEST_RUNTIME_S;
        self.charge / self.drain_per_s(watts).max(least).max(f64::MIN_POSITIVE)
    }

    /// What it takes while its charger works, W.
    pub(super) fn charging_w(&self) -> f64 {
        let missing = self.missing();
        if missing < FULL { 0.0 } else { self.charger_w * (missing / TAPER).min(1.0) }
    }

    /// Someone has put in one of another health, as full as this one.
    pub(super) fn set_health(&mut self, health: f64) {
        let health = health.clamp(LEAST_HEALTH, 1.0);
        self.set_energy(self.energy_j * health / self.health);
        self.health = health;
    }

    /// Someone has charged or emptied it.
    pub(super) fn set_charge(&mut self, charge: f64) {
        self.charge = charge.clamp(0.0, 1.0);
        self.set_energy(self.full_j() * self.charge);
    }

    fn set_energy(&mut self, energy_j: f64) {
        self.adjusted_j += energy_j - self.energy_j;
        self.energy_j = energy_j;
    }

    /// One step with `power_w` flowing into it (negative: out of it), in a room of `room_c`.
    pub(super) fn step(&mut self, dt_s: f64, power_w: f64, room_c: f64) {
        self.power_w = power_w;
        let moved_j = power_w * dt_s;
        if moved_j > 0.0 {
            let missing_j = (self.full_j() - self.energy_j).max(moved_j);
            self.charge += (1.0 - self.charge) * moved_j / missing_j;
        } else if moved_j < 0.0 {
            self.charge = (self.charge - self.drain_per_s(-power_w) * dt_s).max(0.0);
        }
        self.energy_j += moved_j;
        let warm_c = room_c + 1.5 + 4.0 * (power_w.abs() / self.full_load_w);
        self.temperature_c = follow(self.temperature_c, warm_c, dt_s, WARMING_S);
        self.age(dt_s);
    }

    fn age(&mut self, dt_s: f64) {
        let speed = 2_f64.powf((self.temperature_c - 25.0) / 10.0);
        self.health = (self.health - LOST_IN_LIFE * speed * dt_s / self.life_s).max(LEAST_HEALTH);
        if self.energy_j > self.full_j() {
            self.set_energy(self.full_j());
        }
    }

    /// Voltage of all cells, V.
    pub(super) fn volts(&self, floating: bool) -> f64 {
        let taken = (-self.power_w).max(0.0) / self.full_load_w;
        let aged = 0.04 * taken * (1.0 / self.health - 1.0);
        let cell = if floating { 2.13 + 0.12 * self.charge } else { 1.75 + 0.3 * self.charge };
        self.cells * (cell - aged).max(1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY_S: f64 = 86_400.0;

    /// Health after so many years in a room that keeps the battery at `battery_c`.
    fn health_after(years: f64, battery_c: f64) -> f64 {
        let mut battery = Battery::new(10_000.0, 600.0, 1.0, 0.3, 96.0, 10.0);
        let days = (0..).map(f64::from).take_while(|day| day * DAY_S < years * S_PER_YEAR);
        days.for_each(|_| battery.step(DAY_S, 0.0, battery_c - 1.5));
        battery.health
    }

    #[test]
    fn it_loses_a_fifth_in_its_life_and_twice_as_fast_when_10_k_warmer() {
        assert!((health_after(10.0, 25.0) - 0.8).abs() < 1e-3);
        assert!((health_after(5.0, 35.0) - 0.8).abs() < 1e-3);
    }

    #[test]
    fn a_fast_discharge_leaves_energy_behind_which_need_not_be_put_back() {
        let mut battery = Battery::new(10_000.0, 600.0, 1.0, 0.3, 96.0, 10.0);
        let full_j = battery.energy_j();
        let mut lasted_s = 0.0;
        while !battery.is_empty() {
            battery.step(1.0, -10_000.0, 25.0);
            lasted_s += 1.0;
        }
        assert!((lasted_s - 600.0_f64).abs() <= 1.0, "{lasted_s} s");
        let drawn_j = full_j - battery.energy_j();
        assert!((drawn_j - 6e6).abs() < 2e4 && drawn_j < 0.5 * full_j, "{drawn_j} J of {full_j} J");
        let before_j = battery.energy_j();
        let mut charged_j = 0.0;
        while battery.charging_w() > 0.0 {
            charged_j += battery.charging_w();
            battery.step(1.0, battery.charging_w(), 25.0);
        }
        assert!(battery.charge() > 0.999 && (charged_j - (battery.energy_j() - before_j)).abs() < 1e3);
    }

    #[test]
    fn an_aged_battery_sags_under_load() {
        let volts = |health: f64| {
            let mut battery = Battery::new(10_000.0, 600.0, 1.0, 0.3, 96.0, 10.0);
            battery.set_health(health);
            battery.step(0.1, -10_000.0, 25.0);
            battery.volts(false)
        };
        assert!(volts(1.0) - volts(0.3) > 5.0, "{} V, {} V", volts(1.0), volts(0.3));
    }
}
