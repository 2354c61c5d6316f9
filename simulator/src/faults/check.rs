//! Whether a fault can be: its figures, and whether the site has what it is about.

use std::ops::RangeInclusive;

use hallward_profiles::{Encoding, Id, Point};
use hallward_site::{Device, Line, Site, Transport};

use super::{Fault, FaultKind, FaultRequest, Kind, On, Place, Via, WrongFault, standing::Spot};
use crate::{known::instead, spoilt::clock};

/// How long an answer may be held back, ms.
const DELAY_MS: RangeInclusive<u64> = 1..=60_000;

/// Longest time that a device takes to start, s.
const LONGEST_REBOOT_S: i64 = 3600;

/// Most that a clock is off, s: ten years.
const MOST_WRONG_S: i64 = 3653 * 86_400;

impl Fault {
    /// Whether `site` can have it.
    ///
    /// # Errors
    /// What is wrong with it, and what would be right.
    pub fn check(&self, site: &Site) -> Result<(), WrongFault> {
        self.spot(site).map(drop)
    }

    /// Where it is in `site`.
    pub(super) fn spot(&self, site: &Site) -> Result<Spot, WrongFault> {
        self.check_figures()?;
        let kind = self.kind.form();
        let fits = match (&self.place, kind.on) {
            (Place::Device(_) | Place::Unit(..), on) => !matches!(on, On::Line | On::Point),
            (Place::Line(_), on) => matches!(on, On::Line | On::DeviceOrLine),
            (Place::Point(..), on) => matches!(on, On::Point | On::DeviceOrPoint),
        };
        if !fits {
            return Err(WrongFault::Needs { kind: kind.name, needs: kind.on.says().to_owned() });
        }
        let spot = match &self.place {
            Place::Line(id) => Spot { line: line(site, id)?.0, device: None, point: None },
            Place::Device(id) => of(device(site, id)?, None),
            Place::Unit(id, unit) => of(at_unit(site, line(site, id)?, *unit)?, None),
            Place::Point(id, name) => {
                let (n, found) = device(site, id)?;
                let map = &found.map;
                let point = map.points.iter().position(|point| point.name == *name && point.is_read());
                let names =
                    map.points.iter().filter(|point| point.is_read()).map(|point| point.name.as_str());
                let known = || instead(name.as_str(), names, &format!("GET /points?device={id}"));
                let point = point.ok_or_else(|| WrongFault::Unknown {
                    what: "point in the registers of that device,",
                    id: name.to_string(),
                    known: known(),
                })?;
                of((n, found), Some(point))
            }
        };
        if let Some(line) = site.lines.get(spot.line) {
            kind.check_line(line)?;
        }
        if let Some(device) = spot.device.and_then(|n| site.devices.get(n)) {
            self.check_device(device)?;
            let point = spot.point.and_then(|n| device.map.points.get(n));
            point.map_or(Ok(()), |point| self.check_point(device, point))?;
        }
        Ok(spot)
    }

    /// Whether its figures are within their spans.
    pub(super) fn check_figures(&self) -> Result<(), WrongFault> {
        let kind = self.kind.form();
        if kind.name == "reboot" && self.length.is_some() {
            return Err(WrongFault::TakesNo { kind: kind.name, key: "for_s" });
        }
        if kind.name == "reboot" && self.probability < 1.0 {
            return Err(WrongFault::TakesNo { kind: kind.name, key: "probability" });
        }
        let most_s = if kind.name == "reboot" { LONGEST_REBOOT_S } else { MOST_WRONG_S };
        let least_s = if kind.name == "reboot" { 1 } else { -MOST_WRONG_S };
        let longest_s = Self::LONGEST.as_secs();
        let number = || "a number".to_owned();
        let flat = FaultRequest::from(self.clone());
        let finite = |figure: Option<f64>| figure.is_none_or(f64::is_finite);
        let checks = [
            ("ms", flat.ms.is_none_or(|ms| DELAY_MS.contains(&ms)), "1 to 60000".to_owned()),
            ("code", flat.code.is_none_or(|code| (1..=127).contains(&code)), "1 to 127".to_owned()),
            ("per_hour", finite(flat.per_hour), number()),
            ("value", finite(flat.value), number()),
            ("factor", finite(flat.factor), number()),
            (
                "seconds",
                flat.seconds.is_none_or(|s| (least_s..=most_s).contains(&s)),
                format!("{least_s} to {most_s}"),
            ),
            ("after_s", self.after <= Self::LONGEST, format!("0 to {longest_s}")),
            (
                "for_s",
                self.length.is_none_or(|length| !length.is_zero() && length <= Self::LONGEST),
                format!("above 0, to {longest_s}"),
            ),
            ("probability", self.probability > 0.0 && self.probability <= 1.0, "above 0, to 1".to_owned()),
        ];
        let wrong = checks.into_iter().find(|(_, right, _)| !right);
        wrong.map_or(Ok(()), |(key, _, span)| Err(WrongFault::OutOfSpan { key, span }))
    }

    fn check_device(&self, device: &Device) -> Result<(), WrongFault> {
        let lacks = |what: &str| {
            let (profile, what) = (device.profile.id.to_string(), what.to_owned());
            Err(WrongFault::NotInProfile { kind: self.kind.name(), profile, what })
        };
        if self.kind == FaultKind::Identity && device.profile.identity.is_none() {
            return lacks("identity");
        }
        if matches!(self.kind, FaultKind::ClockWrong { .. }) && !clock::is_told(&device.map) {
            return lacks("clock");
        }
        Ok(())
    }

    fn check_point(&self, device: &Device, point: &Point) -> Result<(), WrongFault> {
        let other = |needs: String| {
            let (profile, point) = (device.profile.id.to_string(), point.name.to_string());
            Err(WrongFault::OtherPoint { kind: self.kind.name(), needs, profile, point })
        };
        let of_numbers = matches!(self.kind, FaultKind::Drift { .. } | FaultKind::Spike(_));
        if of_numbers && !point.is_number() {
            return other("a number".to_owned());
        }
        if self.kind == FaultKind::Sentinel && point.not_available.is_empty() {
            return other("a raw value that means \"not available\"".to_owned());
        }
        if let FaultKind::StuckBit { bit, .. } = self.kind
            && (point.encoding == Encoding::Text || u32::from(bit) >= point.width())
        {
            return other(format!("a bit {bit}"));
        }
        Ok(())
    }
}

fn known<T: ToString>(ids: impl Iterator<Item = T>) -> String {
    ids.map(|id| id.to_string()).collect::<Vec<_>>().join(", ")
}

fn line<'s>(site: &'s Site, id: &Id) -> Result<(usize, &'s Line), WrongFault> {
    let found = site.lines.iter().enumerate().find(|(_, line)| line.id == *id);
    let known = || instead(id.as_str(), site.lines.iter().map(|line| line.id.as_str()), "GET /devices");
    found.ok_or_else(|| WrongFault::Unknown { what: "line", id: id.to_string(), known: known() })
}

fn device<'s>(site: &'s Site, id: &Id) -> Result<(usize, &'s Device), WrongFault> {
    let devices = || site.devices.iter().map(|device| device.id.as_str());
    let known = || instead(id.as_str(), devices(), "GET /devices");
    site.device(id.as_str()).ok_or_else(|| WrongFault::Unknown {
        what: "device",
        id: id.to_string(),
        known: known(),
    })
}

fn at_unit<'s>(
    site: &'s Site,
    (n, line): (usize, &Line),
    unit: u8,
) -> Result<(usize, &'s Device), WrongFault> {
    let on_line = || site.devices.iter().enumerate().filter(|(_, device)| device.line == n);
    on_line().find(|(_, device)| device.unit == unit).ok_or_else(|| WrongFault::NoSuchUnit {
        line: line.id.to_string(),
        unit,
        known: known(on_line().map(|(_, device)| device.unit)),
    })
}

fn of((n, device): (usize, &Device), point: Option<usize>) -> Spot {
    Spot { line: device.line, device: Some(n), point }
}

impl Kind {
    fn check_line(&self, line: &Line) -> Result<(), WrongFault> {
        let transport = &line.transport;
        let (right, needs) = match self.via {
            Via::Any => (true, ""),
            Via::Rtu => (transport.is_rtu(), "serial lines"),
            Via::Mbap => (!transport.is_rtu(), "Modbus TCP"),
            Via::Connections => (!matches!(transport, Transport::Serial(_)), "connections"),
        };
        if right {
            return Ok(());
        }
        Err(WrongFault::OtherLine { kind: self.name, needs, line: line.id.to_string() })
    }
}
