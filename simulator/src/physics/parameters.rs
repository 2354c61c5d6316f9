//! The physical parameters that `[simulation.device.<id>]` may set, with their spans. The README lists the same.

use hallward_profiles::Class;
use hallward_site::{Device, Site};

use super::{chilled_water::WATER_C, cooling::SETPOINTS_C};

/// One parameter of one class of device.
#[derive(Clone, Copy, Debug)]
pub struct Parameter {
    /// Whose it is.
    pub class: Class,
    /// Its name, the unit last.
    pub name: &'static str,
    /// Lowest value.
    pub low: f64,
    /// Highest value.
    pub high: f64,
    /// What it is, and what holds when it is not set.
    pub what: &'static str,
}

const fn of(class: Class, name: &'static str, (low, high): (f64, f64), what: &'static str) -> Parameter {
    Parameter { class, name, low, high, what }
}

/// Every parameter.
pub const PARAMETERS: &[Parameter] = &[
    of(Class::Ups, "rated_w", (100.0, 1e7), "rated output; so that one UPS carries the racks at 80 %"),
    of(Class::Ups, "runtime_s", (10.0, 86_400.0), "battery at full load, new; 600"),
    of(Class::Ups, "charge", (0.0, 1.0), "charge at the start; 1"),
    of(Class::Ups, "charge_per_h", (0.01, 4.0), "share of the battery charged in an hour; 0.3"),
    of(Class::Ups, "efficiency", (0.5, 0.99), "double conversion at half load; 0.94"),
    of(Class::Ups, "battery_cells", (3.0, 600.0), "lead-acid cells in series; 96"),
    of(Class::Ups, "battery_health", (0.05, 1.0), "share of its capacity that an aged battery has left; 1"),
    of(Class::Ups, "battery_life_y", (1.0, 30.0), "years at 25 °C until it has lost a fifth; 10"),
    of(Class::Generator, "rated_w", (500.0, 1e8), "rated output; 1.6 times what the hall draws"),
    of(Class::Generator, "tank_l", (5.0, 1e6), "tank; 400"),
    of(Class::Generator, "fuel", (0.0, 1.0), "fill of the tank at the start; 0.8"),
    of(Class::Generator, "start_delay_s", (0.0, 600.0), "wait after the mains is lost; 3"),
    of(Class::Generator, "crank_s", (0.5, 60.0), "cranking until it fires; 4"),
    of(Class::Generator, "warm_up_s", (0.0, 600.0), "running until it takes load; 3"),
    of(Class::Generator, "cool_down_s", (0.0, 3600.0), "running without load before it stops; 20"),
    of(Class::Ats, "transfer_delay_s", (0.0, 600.0), "source 2 good until transfer; 2"),
    of(Class::Ats, "retransfer_delay_s", (0.0, 7200.0), "source 1 good until transfer back; 10"),
    of(
        Class::Cooling,
        "capacity_w",
        (100.0, 1e7),
        "sensible cooling; so that n − 1 units hold the room at some 70 %",
    ),
    of(Class::Cooling, "setpoint_c", SETPOINTS_C, "return air wanted; 24"),
    of(Class::Cooling, "restart_s", (0.0, 1800.0), "from power back to cooling; 30"),
    of(
        Class::Cooling,
        "cop",
        (1.0, 20.0),
        "heat moved per electricity of the compressors, at 35 °C outdoors; 3.2",
    ),
    of(
        Class::Cooling,
        "water_c",
        WATER_C,
        "chilled water that comes, of a unit with a valve and no compressor; 10",
    ),
    of(Class::Cooling, "filter", (0.0, 1.0), "how far the filter is clogged at the start; 0"),
    of(
        Class::Climate,
        "mixing",
        (0.0, 1.0),
        "0 feels supply air, 1 room air; spread by seed, 1 for a lone sensor",
    ),
    of(
        Class::Fire,
        "alarm_percent_per_m",
        (0.01, 50.0),
        "smoke that alarms; 0.5 if it measures smoke, else 4",
    ),
    of(
        Class::Fire,
        "pre_discharge_s",
        (0.0, 120.0),
        "from coincidence to the release of a panel's agent; 30",
    ),
    of(Class::Fire, "agent", (0.0, 1.0), "share of a panel's agent at the start; 1"),
    of(Class::Io, "pulse_s", (0.1, 60.0), "how long a pulse of an output lasts; 5"),
    of(Class::Leak, "distance_m", (0.0, 1000.0), "where along the cable the water comes; by seed"),
];

/// The value of a device's parameter: as set (kept within its span), or `usual`.
pub(super) fn parameter(site: &Site, device: &Device, name: &str, usual: f64) -> f64 {
    let set = site.simulation.device.get(device.id.as_str()).and_then(|set| set.get(name));
    let known = PARAMETERS.iter().find(|known| known.class == device.profile.class && known.name == name);
    match (set, known) {
        (Some(value), Some(known)) if value.is_finite() => value.clamp(known.low, known.high),
        _ => usual,
    }
}

/// What is wrong in a site's `[simulation]`, a sentence each.
#[must_use]
pub fn wrong_parameters(site: &Site) -> Vec<String> {
    let mut wrong = Vec::new();
    for (id, name, value) in site
        .simulation
        .device
        .iter()
        .flat_map(|(id, set)| set.iter().map(move |(name, value)| (id, name, *value)))
    {
        let Some((_, device)) = site.device(id) else { continue };
        let mut known = PARAMETERS.iter().filter(|known| known.class == device.profile.class);
        match known.clone().find(|known| known.name == name) {
            Some(known) if (known.low..=known.high).contains(&value) => {}
            Some(known) => {
                wrong.push(format!(
                    "[simulation.device.{id}] {name} = {value}: it must be {} to {}",
                    known.low, known.high
                ));
            }
            None if known.next().is_none() => {
                wrong.push(format!("[simulation.device.{id}] {name}: this device has no parameters"));
            }
            None => {
                let names = PARAMETERS.iter().filter(|known| known.class == device.profile.class);
                let names = names.map(|known| known.name).collect::<Vec<_>>().join(", ");
                wrong.push(format!("[simulation.device.{id}] {name} is unknown; one of: {names}"));
            }
        }
    }
    wrong
}
