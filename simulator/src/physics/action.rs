//! What can be done to the building from outside, as data: the steps of scenarios, the orders of the control API and
//! the moves of simulated people are all of these.
//!
//! Who calls it: `Building::act`. An action that names no device or source means all of its kind, unless it says
//! otherwise. What is written here is what a person or nature does, never what a device reports.

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, de::Error};

use super::ControlMode;

use super::doors::Side;

/// One thing that is done to the building.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "do", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Action {
    /// The grid is lost.
    MainsOff {
        /// The source.
        source: Option<String>,
    },
    /// The grid is back, at its nominal voltage and frequency.
    MainsOn {
        /// The source.
        source: Option<String>,
    },
    /// The grid's voltage becomes a share of the nominal for a while: a sag, a brown-out, a swell. Under 5 % nothing
    /// is left.
    MainsSag {
        /// The source.
        source: Option<String>,
        /// What is left, 0 to 150 % of the nominal voltage.
        #[serde(deserialize_with = "within::<_, 0, 150>")]
        percent: f64,
        /// For how long, 0 to 604 800 s.
        #[serde(deserialize_with = "within::<_, 0, 604_800>")]
        seconds: f64,
    },
    /// The grid's frequency leaves its mark, until the grid is switched on again.
    MainsFrequency {
        /// The source.
        source: Option<String>,
        /// 40 to 60 Hz.
        #[serde(deserialize_with = "within::<_, 40, 60>")]
        hertz: f64,
    },
    /// A transfer switch's drive is stuck: it stays where it is, open too.
    SwitchSticks {
        /// The transfer switch.
        device: Option<String>,
    },
    /// A transfer switch's drive is mended.
    SwitchRepair {
        /// The transfer switch.
        device: Option<String>,
    },
    /// A generator's starter turns but the engine never fires.
    GeneratorCannotStart {
        /// The generator.
        device: Option<String>,
    },
    /// The generator is mended and its controller reset.
    GeneratorRepair {
        /// The generator.
        device: Option<String>,
    },
    /// A generator's starter battery is too weak to turn the engine fast enough, until the generator is repaired.
    GeneratorStarterWeak {
        /// The generator.
        device: Option<String>,
    },
    /// A generator loses its oil pressure: it stops at once, and its controller locks it out until it is repaired.
    GeneratorTrips {
        /// The generator.
        device: Option<String>,
    },
    /// A test run of a generator begins. It ends by itself, or with a fault.
    GeneratorTest {
        /// The generator.
        device: Option<String>,
        /// For how long it runs, 1 to 86 400 s.
        #[serde(deserialize_with = "within::<_, 1, 86_400>")]
        seconds: f64,
        /// Whether the transfer switch gives it the load.
        on_load: bool,
    },
    /// A generator's mode switch is turned.
    GeneratorMode {
        /// The generator.
        device: Option<String>,
        /// `auto`, `manual` (it stays as it is) or `off`.
        mode: ControlMode,
    },
    /// A generator's tank is filled or emptied.
    Fuel {
        /// The generator.
        device: Option<String>,
        /// How full it is then, 0 to 100 %.
        #[serde(deserialize_with = "within::<_, 0, 100>")]
        percent: f64,
    },
    /// A UPS is switched to bypass, or back.
    UpsBypass {
        /// The UPS.
        device: Option<String>,
        /// To bypass.
        on: bool,
    },
    /// A UPS trips and drops its load, until it is repaired.
    UpsTrips {
        /// The UPS.
        device: Option<String>,
    },
    /// A tripped UPS is mended; it starts once its input has been good for 10 s.
    UpsRepair {
        /// The UPS.
        device: Option<String>,
    },
    /// A UPS's battery has aged, or is a new one; its charge stays.
    BatteryHealth {
        /// The UPS.
        device: Option<String>,
        /// Share of its capacity that is left, 0.05 to 1.
        #[serde(deserialize_with = "health")]
        health: f64,
    },
    /// A UPS's battery is charged or emptied at once.
    BatteryCharge {
        /// The UPS.
        device: Option<String>,
        /// Its charge then, 0 to 100 %.
        #[serde(deserialize_with = "within::<_, 0, 100>")]
        percent: f64,
    },
    /// The racks draw more or less.
    ItLoad {
        /// Share of the site's `it_load_w`, 0 to 300 %.
        #[serde(deserialize_with = "within::<_, 0, 300>")]
        percent: f64,
    },
    /// A cooling unit trips; without a device, the first that runs.
    CoolingTrip {
        /// The cooling unit.
        device: Option<String>,
    },
    /// Cooling units are mended: fan, drain, pressure switches and the fault itself. A filter stays as it is.
    CoolingRepair {
        /// The cooling unit.
        device: Option<String>,
    },
    /// The fan of a cooling unit breaks; without a device, of the first that runs.
    CoolingFanFails {
        /// The cooling unit.
        device: Option<String>,
    },
    /// The chilled water of cooling units that have no compressors comes at this temperature: a chiller that fails, or is back.
    ChilledWater {
        /// The cooling unit.
        device: Option<String>,
        /// 2 to 40 °C; 10 is usual.
        #[serde(deserialize_with = "within::<_, 2, 40>")]
        celsius: f64,
    },
    /// The filters of cooling units are as dirty as this.
    Filter {
        /// The cooling unit.
        device: Option<String>,
        /// How far they are clogged, 0 (new) to 100 %.
        percent: f64,
    },
    /// The drains of cooling units are blocked: condensate fills the pan, then overflows onto the floor.
    DrainBlocked {
        /// The cooling unit.
        device: Option<String>,
    },
    /// The drains of cooling units are free again.
    DrainRepair {
        /// The cooling unit.
        device: Option<String>,
    },
    /// The weather is warmer or colder than usual.
    Outdoor {
        /// Away from the site's `outdoor_c`, −40 to 40 K.
        offset_k: f64,
    },
    /// It is this time of day; the weather follows from it.
    TimeOfDay {
        /// Hours past midnight, 0 to 24.
        hour: f64,
    },
    /// A cable begins to smoulder; without a room, in the first that has fire detection.
    Smoke {
        /// The room.
        room: Option<String>,
    },
    /// What smoulders goes out; without a room, everywhere.
    SmokeEnds {
        /// The room.
        room: Option<String>,
    },
    /// A room is aired: its smoke is gone at once, what smoulders goes on; without a room, every one.
    Ventilate {
        /// The room.
        room: Option<String>,
    },
    /// Dust in a detector: it alarms without smoke, on one line; without a device, the first.
    FalseAlarm {
        /// The fire panel or detector.
        device: Option<String>,
    },
    /// A detector breaks; without a device, the first.
    DetectorFault {
        /// The fire panel or detector.
        device: Option<String>,
    },
    /// Detectors are cleaned and mended.
    DetectorRepair {
        /// The fire panel or detector.
        device: Option<String>,
    },
    /// Fire panels and detectors are reset; what still sees smoke alarms again.
    FireReset {
        /// The fire panel or detector.
        device: Option<String>,
    },
    /// The bypass key is turned: smoke is detected, no agent released.
    FireIsolate {
        /// The fire panel or detector.
        device: Option<String>,
        /// Whether it isolates.
        on: bool,
    },
    /// Somebody holds the abort button, or lets go: while it is held no agent is released.
    FireAbort {
        /// The fire panel.
        device: Option<String>,
        /// Whether it is held.
        hold: bool,
    },
    /// The cylinders of a panel's agent are filled.
    AgentRefill {
        /// The fire panel.
        device: Option<String>,
    },
    /// Water begins to run onto a leak cable; without a device, the first.
    Leak {
        /// The leak cable's device.
        device: Option<String>,
    },
    /// Water stops running onto leak cables.
    LeakEnds {
        /// The leak cable's device.
        device: Option<String>,
    },
    /// The water on leak cables is wiped up; what runs onto them goes on.
    Mop {
        /// The leak cable's device.
        device: Option<String>,
    },
    /// A leak cable breaks; without a device, the first.
    CableBroken {
        /// The leak cable's device.
        device: Option<String>,
    },
    /// Leak cables are whole again.
    CableRepair {
        /// The leak cable's device.
        device: Option<String>,
    },
    /// A card is held to a reader.
    Badge {
        /// The door.
        door: String,
        /// The side of the door on which the reader is; the entry when absent.
        #[serde(default)]
        side: Side,
        /// Facility code: 0 to 255 on a card of 26 bits, to 65 535 on one of 37.
        facility: u32,
        /// Card number: 0 to 65 535 on a card of 26 bits, to 524 287 on one of 37.
        card: u32,
        /// 26 or 37; the shorter format that holds the numbers when absent.
        bits: Option<u8>,
    },
    /// Keys are pressed on a reader's pad.
    Pin {
        /// The door.
        door: String,
        /// The side of the door on which the reader is; the entry when absent.
        #[serde(default)]
        side: Side,
        /// 1 to 16 of `0` to `9`, `*` and `#`.
        digits: String,
    },
    /// An unlocked door is opened, and stays so until it is closed.
    Open {
        /// The door.
        door: String,
    },
    /// A door is closed, whatever kept it open.
    Close {
        /// The door.
        door: String,
    },
    /// The exit button is pressed, for half a second.
    Rex {
        /// The door.
        door: String,
    },
    /// A door is broken open, and stays so until it is closed.
    Force {
        /// The door.
        door: String,
    },
    /// A door is kept from closing: at once if it is open, else when it next opens.
    Prop {
        /// The door.
        door: String,
        /// For how long it then stays open, s.
        seconds: f64,
    },
    /// The supply of a door's lock fails or is back.
    LockPower {
        /// The door.
        door: String,
        /// Whether it has power.
        on: bool,
    },
    /// Somebody is at a door's hardware: its box is open.
    DoorTamper {
        /// The door.
        door: String,
        /// Whether it is open.
        on: bool,
    },
    /// A reader is taken off its wall, or put back.
    ReaderTamper {
        /// The door.
        door: String,
        /// The side of the door on which the reader is; the entry when absent.
        #[serde(default)]
        side: Side,
        /// Whether it is off the wall.
        on: bool,
    },
    /// A reader loses its power for a while.
    ReaderPowerCycle {
        /// The door.
        door: String,
        /// The side of the door on which the reader is; the entry when absent.
        #[serde(default)]
        side: Side,
        /// For how long, s.
        seconds: f64,
    },
    /// A reader is given a key of the secure channel, as by its installer, or loses it: then it is in install mode and
    /// takes the default key that everyone knows.
    ReaderKey {
        /// The door.
        door: String,
        /// The side of the door on which the reader is; the entry when absent.
        #[serde(default)]
        side: Side,
        /// 32 hexadecimal digits; none for install mode.
        key: Option<String>,
    },
    /// A person goes to a room, through whatever doors lead there.
    Walk {
        /// The person.
        person: String,
        /// The room, or `outside`.
        to: String,
    },
    /// A person slips through the next doors right behind another, on that one's card.
    Tailgate {
        /// The person.
        person: String,
        /// Who goes first.
        behind: String,
    },
}

/// A number from `LOW` to `HIGH`. Physics keeps what Rust code gives within the same bounds.
fn within<'de, D: Deserializer<'de>, const LOW: u32, const HIGH: u32>(from: D) -> Result<f64, D::Error> {
    bounded(from, f64::from(LOW), f64::from(HIGH))
}

fn health<'de, D: Deserializer<'de>>(from: D) -> Result<f64, D::Error> {
    bounded(from, 0.05, 1.0)
}

fn bounded<'de, D: Deserializer<'de>>(from: D, low: f64, high: f64) -> Result<f64, D::Error> {
    let number = f64::deserialize(from)?;
    let fits = (low..=high).contains(&number);
    fits.then_some(number).ok_or_else(|| D::Error::custom(format!("{number} is not from {low} to {high}")))
}
