//! The physical state of the hall, for people, tests and the control API: not what devices report.

use hallward_site::FeedNode;
use schemars::JsonSchema;
use serde::Serialize;

use super::{
    Books, Building, HeatBooks, WaterBooks,
    chilled_water::WaterCoil,
    cooling::CoolingUnit,
    doors::DoorTruth,
    fire::Detector,
    generator::{Engine, Generator},
    people::PersonTruth,
    refrigeration::Compressor,
    suppression::Suppression,
    transfer_switch::TransferSwitch,
    ups::Ups,
    water::Cable,
};

/// Everything that is true.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[allow(missing_docs, reason = "the names and their units say it")]
pub struct Truth {
    /// Time since the start or reset, s.
    pub elapsed_s: f64,
    pub sources: Vec<SourceTruth>,
    pub transfer_switches: Vec<TransferSwitchTruth>,
    pub generators: Vec<GeneratorTruth>,
    pub upses: Vec<UpsTruth>,
    pub outdoor: OutdoorTruth,
    pub cooling: Vec<CoolingTruth>,
    pub rooms: Vec<RoomTruth>,
    pub fire: Vec<FireTruth>,
    pub leaks: Vec<LeakTruth>,
    /// Condensate that overflowed in rooms without a leak cable, l.
    pub undetected_l: f64,
    /// Power that the racks draw, W.
    pub it_w: f64,
    pub energy: Books,
    pub doors: Vec<DoorTruth>,
    /// People, and so who is in which room.
    pub people: Vec<PersonTruth>,
}

/// A connection to the grid.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[allow(missing_docs, reason = "the names and their units say it")]
pub struct SourceTruth {
    pub id: String,
    pub on: bool,
    /// Between phase and neutral; 0 when nothing is live.
    pub volts: f64,
    pub hertz: f64,
    pub out_w: f64,
}

/// A transfer switch.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[allow(missing_docs, reason = "the names and their units say it")]
pub struct TransferSwitchTruth {
    pub id: String,
    /// `1`, `2` or `open`.
    pub position: &'static str,
    pub source_1_live: bool,
    pub source_2_live: bool,
    /// Whether each is good enough for the switch.
    pub source_1_good: bool,
    pub source_2_good: bool,
    pub stuck: bool,
    pub transfers: u32,
}

/// A generator.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[allow(missing_docs, reason = "the names and their units say it")]
pub struct GeneratorTruth {
    pub id: String,
    /// `stopped`, `cranking`, `resting`, `warming-up`, `running`, `cooling-down` or `fault`.
    pub engine: &'static str,
    /// `auto`, `manual` or `off`.
    pub mode: &'static str,
    pub can_start: bool,
    pub starter_weak: bool,
    pub available: bool,
    pub fuel_l: f64,
    pub coolant_c: f64,
    /// At its terminals; 0 when it stands.
    pub volts: f64,
    pub hertz: f64,
    pub run_h: f64,
    pub out_w: f64,
}

/// A UPS.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[allow(missing_docs, reason = "the names and their units say it")]
pub struct UpsTruth {
    pub id: String,
    /// `online`, `on-battery`, `bypass`, `off` or `fault`.
    pub mode: &'static str,
    /// 0 to 1.
    pub charge: f64,
    /// Share of the battery's capacity that ageing has left, 0.05 to 1.
    pub health: f64,
    /// Energy in the battery, J.
    pub energy_j: f64,
    /// Time that the battery lasts at this load, s.
    pub runtime_s: f64,
    pub battery_c: f64,
    /// Of its output; 0 when it gives nothing.
    pub volts: f64,
    pub hertz: f64,
    pub in_w: f64,
    pub out_w: f64,
    pub battery_w: f64,
}

/// A cooling unit.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[allow(missing_docs, reason = "the names and their units say it")]
pub struct CoolingTruth {
    pub id: String,
    /// `on`, `standby`, `off` or `fault`.
    pub state: &'static str,
    /// 0 to 1.
    pub duty: f64,
    /// Sensible heat removed.
    pub heat_w: f64,
    pub electric_w: f64,
    /// Speed, 0 to 1.
    pub fan: f64,
    /// How far it is clogged, 0 to 1.
    pub filter: f64,
    /// `off`, `on` or `fault`; none of a unit with chilled water.
    pub compressors: Vec<&'static str>,
    /// Of a unit with chilled water.
    pub water: Option<WaterTruth>,
    /// Temperature of the coil's surface.
    pub coil_c: f64,
    /// `fine`, `humidifying` or `drying`.
    pub humidity: &'static str,
    /// Condensate in the pan.
    pub pan_l: f64,
}

/// The chilled water of a cooling unit.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[allow(missing_docs, reason = "the names and their units say it")]
pub struct WaterTruth {
    /// How far the valve is open, 0 to 1.
    pub valve: f64,
    pub supply_c: f64,
    pub return_c: f64,
}

/// The air outside.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[allow(missing_docs, reason = "the names and their units say it")]
pub struct OutdoorTruth {
    /// Since midnight, 0 to 24 h.
    pub hour: f64,
    pub air_c: f64,
    /// Relative, 0 to 1.
    pub humidity: f64,
}

/// A fire panel or detector.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[allow(missing_docs, reason = "the names and their units say it")]
pub struct FireTruth {
    pub id: String,
    /// `normal`, `alert`, `action-1`, `action-2` or `fire`.
    pub stage: &'static str,
    /// Alarm of each zone.
    pub zones: Vec<bool>,
    pub faulty: bool,
    pub isolated: bool,
    /// `ready`, `pre-discharge`, `aborted`, `discharged`, `isolated` or `fault`; none without an agent.
    pub suppression: Option<&'static str>,
    /// Time until the agent is released, while it counts down, s.
    pub release_in_s: Option<f64>,
    /// Share of the agent left, 0 to 1.
    pub agent: Option<f64>,
}

/// A room.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[allow(missing_docs, reason = "the names and their units say it")]
pub struct RoomTruth {
    pub id: String,
    pub air_c: f64,
    pub equipment_c: f64,
    pub wall_c: f64,
    /// Relative, 0 to 1.
    pub humidity: f64,
    pub smoke_percent_per_m: f64,
    /// Agent in the air, % of volume.
    pub agent_percent: f64,
    /// Heat in air, equipment and walls, J above 0 °C.
    pub held_j: f64,
    pub heat: HeatBooks,
    /// Water in the air, kg.
    pub held_kg: f64,
    pub water: WaterBooks,
}

/// Water on a leak cable.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[allow(missing_docs, reason = "the names and their units say it")]
pub struct LeakTruth {
    pub id: String,
    pub litres: f64,
    pub distance_m: f64,
    pub broken: bool,
    /// Water that came onto the floor since the start, and where it went.
    pub came_l: f64,
    pub drained_l: f64,
    pub evaporated_l: f64,
}

/// The truth about `hall`.
pub(super) fn of(hall: &Building) -> Truth {
    let id = |n: &usize| hall.site.devices.get(*n).map(|device| device.id.to_string()).unwrap_or_default();
    let plant = &hall.plant;
    Truth {
        elapsed_s: hall.elapsed().as_secs_f64(),
        sources: sources(hall),
        transfer_switches: plant
            .switches
            .iter()
            .map(|(n, switch)| transfer_switch(hall, *n, id(n), switch))
            .collect(),
        generators: plant.generators.iter().map(|(n, one)| generator(hall, *n, id(n), one)).collect(),
        upses: plant.upses.iter().map(|(n, one)| ups(hall, *n, id(n), one)).collect(),
        cooling: plant
            .cooling
            .iter()
            .map(|(n, unit)| cooling(id(n), unit, unit.drawn(plant.flow(*n).incoming).total_w()))
            .collect(),
        outdoor: OutdoorTruth {
            hour: hall.outdoor.hour(),
            air_c: hall.outdoor.air_c(),
            humidity: hall.outdoor.humidity(),
        },
        rooms: rooms(hall),
        fire: hall.detectors.iter().map(|(n, detector)| fire(id(n), detector)).collect(),
        leaks: hall.cables.iter().map(|(n, cable)| leak(id(n), cable)).collect(),
        undetected_l: hall.undetected_l,
        it_w: plant.it_w(),
        energy: plant.books,
        doors: hall.doors.truth(),
        people: hall.people.truth(),
    }
}

fn sources(hall: &Building) -> Vec<SourceTruth> {
    let each = hall.plant.mains.iter().enumerate().map(|(n, mains)| SourceTruth {
        id: hall.site.sources.get(n).map_or_else(|| "mains".to_owned(), |source| source.id.to_string()),
        on: mains.on,
        volts: mains.supply().map_or(0.0, |supply| supply.volts),
        hertz: mains.supply().map_or(0.0, |supply| supply.hertz),
        out_w: hall.plant.network.flow(FeedNode::Source(n)).out_w,
    });
    each.collect()
}

fn transfer_switch(hall: &Building, n: usize, id: String, switch: &TransferSwitch) -> TransferSwitchTruth {
    let [one, two] = hall.plant.network.inputs(FeedNode::Device(n));
    TransferSwitchTruth {
        id,
        position: switch.position.word(),
        source_1_live: one.is_some(),
        source_2_live: two.is_some(),
        source_1_good: switch.good[0],
        source_2_good: switch.good[1],
        stuck: switch.stuck,
        transfers: switch.transfers,
    }
}

fn generator(hall: &Building, n: usize, id: String, generator: &Generator) -> GeneratorTruth {
    let terminals = generator.terminals();
    GeneratorTruth {
        id,
        engine: engine(generator.engine),
        mode: generator.mode.word(),
        can_start: generator.can_start,
        starter_weak: generator.starter_weak,
        available: generator.supply().is_some(),
        fuel_l: generator.fuel_l,
        coolant_c: generator.coolant_c,
        volts: terminals.map_or(0.0, |supply| supply.volts),
        hertz: terminals.map_or(0.0, |supply| supply.hertz),
        run_h: generator.run_s / 3600.0,
        out_w: hall.plant.flow(n).out_w,
    }
}

fn ups(hall: &Building, n: usize, id: String, ups: &Ups) -> UpsTruth {
    let flow = hall.plant.flow(n);
    UpsTruth {
        id,
        mode: ups.mode.word(),
        charge: ups.battery.charge(),
        health: ups.battery.health,
        energy_j: ups.battery.energy_j(),
        runtime_s: ups.runtime_s(flow.out_w),
        battery_c: ups.battery.temperature_c,
        volts: flow.outgoing.map_or(0.0, |supply| supply.volts),
        hertz: flow.outgoing.map_or(0.0, |supply| supply.hertz),
        in_w: flow.in_w,
        out_w: flow.out_w,
        battery_w: ups.battery.power_w,
    }
}

fn engine(engine: Engine) -> &'static str {
    match engine {
        Engine::Stopped => "stopped",
        Engine::Cranking { .. } => "cranking",
        Engine::Resting { .. } => "resting",
        Engine::WarmingUp { .. } => "warming-up",
        Engine::Running => "running",
        Engine::CoolingDown { .. } => "cooling-down",
        Engine::Fault(_) => "fault",
    }
}

fn cooling(id: String, unit: &CoolingUnit, electric_w: f64) -> CoolingTruth {
    let compressors = unit.cold.compressors().into_iter().flat_map(|compressors| compressors.each);
    let water = |coil: &WaterCoil| WaterTruth {
        valve: coil.position,
        supply_c: coil.supply_c,
        return_c: coil.return_c,
    };
    CoolingTruth {
        id,
        state: unit.state.word(),
        duty: unit.duty,
        heat_w: unit.coil.heat_w,
        electric_w,
        fan: unit.fan,
        filter: unit.filter,
        compressors: compressors.map(Compressor::word).collect(),
        water: unit.cold.water().map(water),
        coil_c: unit.coil.surface_c,
        humidity: unit.humidity.word(),
        pan_l: unit.pan_l,
    }
}

fn fire(id: String, detector: &Detector) -> FireTruth {
    let suppression = detector.suppression.as_ref();
    FireTruth {
        id,
        stage: detector.stage().word(),
        zones: detector.lines.iter().map(|line| line.alarm).collect(),
        faulty: detector.is_faulty(),
        isolated: detector.isolated,
        suppression: suppression.map(Suppression::word),
        release_in_s: suppression.and_then(Suppression::left_s),
        agent: suppression.map(|one| one.agent),
    }
}

fn leak(id: String, cable: &Cable) -> LeakTruth {
    LeakTruth {
        id,
        litres: cable.litres,
        distance_m: cable.distance_m,
        broken: cable.broken,
        came_l: cable.came_l,
        drained_l: cable.drained_l,
        evaporated_l: cable.evaporated_l,
    }
}

fn rooms(hall: &Building) -> Vec<RoomTruth> {
    let each = hall.rooms.iter().zip(hall.smoke.iter().zip(&hall.agents)).enumerate().map(
        |(n, (room, (smoke, agent)))| RoomTruth {
            id: hall.site.rooms.get(n).map_or_else(|| "room".to_owned(), |room| room.id.to_string()),
            air_c: room.air_c(),
            equipment_c: room.equipment_c(),
            wall_c: room.wall_c(),
            humidity: room.humidity_at(room.air_c()),
            smoke_percent_per_m: smoke.percent_per_m,
            agent_percent: agent.percent,
            held_j: room.held_j(),
            heat: room.heat,
            held_kg: room.held_kg(),
            water: room.water,
        },
    );
    each.collect()
}
