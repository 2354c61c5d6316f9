//! The one vocabulary of point names: what each class of device is expected to tell, each name's unit or words,
//! and its label in English and Vietnamese.
//!
//! The names follow Network UPS Tools' variables, widened in the same style. `{n}` stands for a number from 1;
//! a *phased* name may carry `.l1`, `.l2`, `.l3`, `.n` or a pair such as `.l1-l2`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{PointName, Unit};

/// What kind of device it is; dashboards and alarms speak of classes, never of vendors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Class {
    /// Uninterruptible power supply.
    Ups,
    /// A battery that is watched by itself.
    Battery,
    /// Standby generator.
    Generator,
    /// Automatic transfer switch.
    Ats,
    /// Electricity meter, metered distribution.
    Meter,
    /// Precision air conditioner.
    Cooling,
    /// Temperature and humidity sensor.
    Climate,
    /// Fire, smoke and gas detection.
    Fire,
    /// Water leak detection.
    Leak,
    /// Inputs and outputs that the site file gives a meaning.
    Io,
}

/// What a name's value is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    /// A number in this unit.
    Quantity(Unit),
    /// A plain number: a count, a factor.
    Number,
    /// One of these words.
    Words(&'static [&'static str]),
    /// True or false.
    Flag,
}

/// One name of the vocabulary.
#[derive(Clone, Copy, Debug)]
pub struct Name {
    /// The name, with `{n}` for numbers.
    pub pattern: &'static str,
    /// Whether a phase may follow.
    pub phased: bool,
    /// What its value is.
    pub kind: Kind,
    /// Label in English.
    pub en: &'static str,
    /// Label in Vietnamese.
    pub vi: &'static str,
}

const PHASES: [&str; 10] = ["l1", "l2", "l3", "n", "l1-l2", "l2-l3", "l3-l1", "l1-n", "l2-n", "l3-n"];

const fn name(pattern: &'static str, kind: Kind, en: &'static str, vi: &'static str) -> Name {
    Name { pattern, phased: false, kind, en, vi }
}
const fn phased(pattern: &'static str, unit: Unit, en: &'static str, vi: &'static str) -> Name {
    Name { pattern, phased: true, kind: Kind::Quantity(unit), en, vi }
}
const fn quantity(pattern: &'static str, unit: Unit, en: &'static str, vi: &'static str) -> Name {
    name(pattern, Kind::Quantity(unit), en, vi)
}
const fn flag(pattern: &'static str, en: &'static str, vi: &'static str) -> Name {
    name(pattern, Kind::Flag, en, vi)
}

const UPS_STATUS: Kind = Kind::Words(&["online", "on-battery", "bypass", "off", "fault"]);
const BATTERY_STATUS: Kind = Kind::Words(&["charging", "floating", "resting", "discharging", "low", "fault"]);
const ENGINE_STATE: Kind = Kind::Words(&["stopped", "starting", "running", "cooling-down", "fault"]);
const CONTROL_MODE: Kind = Kind::Words(&["auto", "manual", "off"]);
const POSITION: Kind = Kind::Words(&["1", "2", "open"]);
const UNIT_STATE: Kind = Kind::Words(&["on", "standby", "off", "fault"]);
const RUN_STATE: Kind = Kind::Words(&["on", "off", "fault"]);
const SUPPRESSION: Kind =
    Kind::Words(&["ready", "pre-discharge", "aborted", "discharged", "isolated", "fault"]);

/// Every name, in the order in which pages list them.
pub const NAMES: &[Name] = &[
    name("ups.status", UPS_STATUS, "Status", "Trạng thái"),
    name("engine.state", ENGINE_STATE, "Engine", "Động cơ"),
    name("position", POSITION, "Position", "Vị trí"),
    name("unit.state", UNIT_STATE, "Unit", "Trạng thái máy"),
    flag("fire.alarm", "Fire alarm", "Báo cháy"),
    flag("fire.fault", "Fire panel fault", "Lỗi hệ thống báo cháy"),
    flag("leak.alarm", "Water leak", "Rò nước"),
    name("control.mode", CONTROL_MODE, "Control mode", "Chế độ điều khiển"),
    quantity("temperature", Unit::Celsius, "Temperature", "Nhiệt độ"),
    quantity("humidity", Unit::Percent, "Humidity", "Độ ẩm"),
    quantity("dew-point", Unit::Celsius, "Dew point", "Điểm sương"),
    quantity("battery.charge", Unit::Percent, "Battery charge", "Mức ắc quy"),
    quantity("battery.runtime", Unit::Second, "Battery runtime", "Thời gian ắc quy còn lại"),
    quantity("battery.voltage", Unit::Volt, "Battery voltage", "Điện áp ắc quy"),
    quantity("battery.current", Unit::Ampere, "Battery current", "Dòng ắc quy"),
    quantity("battery.temperature", Unit::Celsius, "Battery temperature", "Nhiệt độ ắc quy"),
    name("battery.status", BATTERY_STATUS, "Battery", "Trạng thái ắc quy"),
    phased("input.voltage", Unit::Volt, "Input voltage", "Điện áp vào"),
    phased("input.current", Unit::Ampere, "Input current", "Dòng vào"),
    quantity("input.frequency", Unit::Hertz, "Input frequency", "Tần số vào"),
    phased("bypass.voltage", Unit::Volt, "Bypass voltage", "Điện áp nhánh vòng"),
    quantity("bypass.frequency", Unit::Hertz, "Bypass frequency", "Tần số nhánh vòng"),
    phased("output.load", Unit::Percent, "Load", "Tải"),
    phased("output.voltage", Unit::Volt, "Output voltage", "Điện áp ra"),
    phased("output.current", Unit::Ampere, "Output current", "Dòng ra"),
    phased("output.power", Unit::Watt, "Output power", "Công suất ra"),
    quantity("output.apparent-power", Unit::VoltAmpere, "Output apparent power", "Công suất biểu kiến ra"),
    quantity("output.frequency", Unit::Hertz, "Output frequency", "Tần số ra"),
    quantity("output.energy", Unit::KilowattHour, "Output energy", "Điện năng ra"),
    quantity("fuel.level", Unit::Percent, "Fuel level", "Mức nhiên liệu"),
    quantity("coolant.temperature", Unit::Celsius, "Coolant temperature", "Nhiệt độ nước làm mát"),
    quantity("oil.pressure", Unit::Kilopascal, "Oil pressure", "Áp suất dầu"),
    quantity("oil.temperature", Unit::Celsius, "Oil temperature", "Nhiệt độ dầu"),
    quantity("starter-battery.voltage", Unit::Volt, "Starter battery", "Ắc quy đề"),
    quantity("engine.speed", Unit::Rpm, "Engine speed", "Tốc độ động cơ"),
    quantity("engine.hours", Unit::Hour, "Engine hours", "Giờ chạy máy"),
    name("engine.starts", Kind::Number, "Engine starts", "Số lần khởi động"),
    flag("source.{n}.available", "Source {n} available", "Nguồn {n} sẵn sàng"),
    phased("source.{n}.voltage", Unit::Volt, "Source {n} voltage", "Điện áp nguồn {n}"),
    quantity("source.{n}.frequency", Unit::Hertz, "Source {n} frequency", "Tần số nguồn {n}"),
    name("transfers", Kind::Number, "Transfers", "Số lần chuyển nguồn"),
    phased("voltage", Unit::Volt, "Voltage", "Điện áp"),
    phased("current", Unit::Ampere, "Current", "Dòng điện"),
    phased("power", Unit::Watt, "Power", "Công suất"),
    phased("apparent-power", Unit::VoltAmpere, "Apparent power", "Công suất biểu kiến"),
    phased("reactive-power", Unit::Var, "Reactive power", "Công suất phản kháng"),
    Name { phased: true, ..name("power-factor", Kind::Number, "Power factor", "Hệ số công suất") },
    quantity("frequency", Unit::Hertz, "Frequency", "Tần số"),
    phased("energy", Unit::KilowattHour, "Energy", "Điện năng"),
    quantity("return.temperature", Unit::Celsius, "Return air", "Nhiệt độ gió hồi"),
    quantity("supply.temperature", Unit::Celsius, "Supply air", "Nhiệt độ gió cấp"),
    quantity("setpoint.temperature", Unit::Celsius, "Set point", "Nhiệt độ đặt"),
    quantity("return.humidity", Unit::Percent, "Return humidity", "Độ ẩm gió hồi"),
    quantity("setpoint.humidity", Unit::Percent, "Humidity set point", "Độ ẩm đặt"),
    quantity("fan.speed", Unit::Percent, "Fan speed", "Tốc độ quạt"),
    name("compressor.{n}.state", RUN_STATE, "Compressor {n}", "Máy nén {n}"),
    quantity("valve.position", Unit::Percent, "Valve position", "Độ mở van"),
    quantity("cooling.duty", Unit::Percent, "Cooling duty", "Mức làm lạnh"),
    quantity("smoke.obscuration", Unit::PercentPerMetre, "Smoke obscuration", "Độ mờ khói"),
    quantity("gas.concentration", Unit::Percent, "Gas concentration", "Nồng độ khí"),
    flag("zone.{n}.alarm", "Zone {n} alarm", "Báo động vùng {n}"),
    name("suppression.state", SUPPRESSION, "Suppression", "Hệ thống chữa cháy"),
    flag("isolated", "Isolated", "Bị cô lập"),
    quantity("leak.distance", Unit::Metre, "Leak distance", "Khoảng cách rò"),
    flag("cable.fault", "Cable fault", "Lỗi cáp"),
    flag("input.{n}", "Input {n}", "Đầu vào {n}"),
    flag("output.{n}", "Output {n}", "Đầu ra {n}"),
];

impl Class {
    /// Every class, in the order of pages and reports.
    pub const ALL: [Self; 10] = [
        Self::Ups,
        Self::Battery,
        Self::Generator,
        Self::Ats,
        Self::Meter,
        Self::Cooling,
        Self::Climate,
        Self::Fire,
        Self::Leak,
        Self::Io,
    ];

    /// The name used in files, topics and pages' addresses.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ups => "ups",
            Self::Battery => "battery",
            Self::Generator => "generator",
            Self::Ats => "ats",
            Self::Meter => "meter",
            Self::Cooling => "cooling",
            Self::Climate => "climate",
            Self::Fire => "fire",
            Self::Leak => "leak",
            Self::Io => "io",
        }
    }

    /// What a device of this class must tell or declare as lacking. `a|b` asks for one of several; a phased name
    /// is satisfied by any of its phases, a numbered one by any number.
    #[must_use]
    pub fn expected(self) -> &'static [&'static str] {
        match self {
            Self::Ups => &["ups.status", "battery.charge", "input.voltage", "output.load"],
            Self::Battery => &["battery.voltage"],
            Self::Generator => &["engine.state", "control.mode"],
            Self::Ats => &["source.1.available", "source.2.available", "position"],
            Self::Meter => &["voltage", "power"],
            Self::Cooling => &["unit.state", "return.temperature|supply.temperature"],
            Self::Climate => &["temperature"],
            Self::Fire => &["fire.alarm", "fire.fault"],
            Self::Leak => &["leak.alarm"],
            Self::Io => &["input.{n}|output.{n}"],
        }
    }
}

impl Name {
    /// Whether `point` is this name, and with which number.
    fn matches(&self, point: &str) -> Option<Option<u16>> {
        let mut number = None;
        let mut wanted = self.pattern.split('.');
        let mut given = point.split('.');
        loop {
            match (wanted.next(), given.next()) {
                (None, None) => return Some(number),
                (None, Some(phase)) if self.phased && PHASES.contains(&phase) && given.next().is_none() => {
                    return Some(number);
                }
                (Some("{n}"), Some(digits)) => number = Some(digits.parse().ok()?),
                (Some(a), Some(b)) if a == b => {}
                _ => return None,
            }
        }
    }

    /// The label in the given language (`true`: Vietnamese), with number and phase filled in.
    #[must_use]
    pub fn label(&self, point: &PointName, vietnamese: bool) -> String {
        let label = if vietnamese { self.vi } else { self.en };
        let number = self.matches(point.as_str()).flatten().map(|n| n.to_string()).unwrap_or_default();
        let mut label = label.replace("{n}", &number);
        let phase = point.as_str().rsplit('.').next().filter(|last| self.phased && PHASES.contains(last));
        if let Some(phase) = phase {
            label.push(' ');
            label.push_str(&phase.to_uppercase());
        }
        label
    }
}

/// The vocabulary's entry for `point`, if it is one of its names.
#[must_use]
pub fn find(point: &PointName) -> Option<&'static Name> {
    NAMES.iter().find(|name| name.matches(point.as_str()).is_some())
}

/// Whether `point` is (a phase or number of) the expected name `pattern` of [`Class::expected`].
#[must_use]
pub fn satisfies(point: &PointName, pattern: &str) -> bool {
    pattern.split('|').any(|wanted| {
        NAMES.iter().any(|name| {
            name.matches(point.as_str()).is_some()
                && (name.pattern == wanted || name.matches(wanted).is_some())
                && (name.pattern == wanted
                    || point.as_str() == wanted
                    || point.as_str().starts_with(&format!("{wanted}.")))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(name: &str) -> PointName {
        name.parse().expect("a point name")
    }

    #[test]
    fn names_are_found_with_phase_and_number() {
        let label = |name: &str| find(&point(name)).map(|found| found.label(&point(name), false));
        assert_eq!(label("input.voltage.l1-l2").as_deref(), Some("Input voltage L1-L2"));
        assert_eq!(label("source.2.available").as_deref(), Some("Source 2 available"));
        assert_eq!(label("source.2.voltage.l3").as_deref(), Some("Source 2 voltage L3"));
        assert_eq!(label("input.3").as_deref(), Some("Input 3"));
        assert_eq!(label("battery.charge.l1"), None);
        assert_eq!(label("vendor.thing"), None);
    }

    #[test]
    fn expected_names_accept_phases_and_alternatives() {
        assert!(satisfies(&point("input.voltage.l1"), "input.voltage"));
        assert!(satisfies(&point("output.load.l3"), "output.load"));
        assert!(satisfies(&point("supply.temperature"), "return.temperature|supply.temperature"));
        assert!(satisfies(&point("source.1.available"), "source.1.available"));
        assert!(!satisfies(&point("source.2.available"), "source.1.available"));
        assert!(satisfies(&point("output.4"), "input.{n}|output.{n}"));
        assert!(!satisfies(&point("output.voltage"), "output.load"));
    }

    #[test]
    fn every_expected_name_is_in_the_vocabulary() {
        for class in Class::ALL {
            for pattern in class.expected().iter().flat_map(|names| names.split('|')) {
                let known =
                    NAMES.iter().any(|name| name.pattern == pattern || name.matches(pattern).is_some());
                assert!(known, "{class:?} expects {pattern}");
            }
        }
    }
}
