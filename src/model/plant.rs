//! The plant: what the site file wires, with every device and point numbered. Made once, then shared.

use std::{sync::Arc, time::Duration};

use hallward_profiles::{Derivation, Literal, Map, Period, Point};
use hallward_site::{Device, IoPoint, Site, Wire};

use super::{Column, PointName, Unit};

/// Index of a device in the site file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DeviceIx(pub u16);

/// A device's name between a line and the owner of the live state. It stays when the site file is read again and the
/// device's line has not changed, though its index may; it is never given to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DeviceKey(pub u32);

/// Index of a point of its device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PointIx(pub u16);

/// One point of the plant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PointRef {
    /// Its device.
    pub device: DeviceIx,
    /// The point of that device.
    pub point: PointIx,
}

/// A hall with every point numbered.
#[derive(Clone, Debug)]
pub struct Plant {
    /// The checked site file.
    pub site: Site,
    /// One for each of `site.devices`.
    pub devices: Vec<DeviceInfo>,
    /// One for each of `site.devices`.
    pub keys: Vec<DeviceKey>,
    /// The first key that no device of this run ever had.
    pub next_key: u32,
    /// Whether the hall is simulated: every page, topic, record and report then says so.
    pub simulated: bool,
}

/// A device's points: first the ones in registers, then the derived ones. Cheap to clone, and shared by devices
/// that are alike.
#[derive(Clone, Debug)]
pub struct DeviceInfo {
    /// Its points.
    pub points: Arc<[PointInfo]>,
}

/// What is known about a point before it is read.
#[derive(Clone, Debug)]
pub struct PointInfo {
    /// Its name.
    pub name: PointName,
    /// Label in English: the site file's, else the profile's, else the vocabulary's.
    pub en: String,
    /// Label in Vietnamese.
    pub vi: String,
    /// Its unit.
    pub unit: Option<Unit>,
    /// What its values are.
    pub kind: ValueKind,
    /// Where it comes from.
    pub source: PointSource,
    /// Which of its device's turns reads it.
    pub pace: Pace,
    /// How often it should be new.
    pub period: Duration,
    /// Proposed alarm priority.
    pub priority: Option<u8>,
}

/// How often a point is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Pace {
    /// Each [`FAST`], before all others: the inputs of doors and fire.
    Fast,
    /// Each period of its device.
    Normal,
    /// Each minute.
    Slow,
}

/// The period of fast points: with an exchange of others in between, they are new each 100 ms.
pub const FAST: Duration = Duration::from_millis(50);

/// What a point's values are.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ValueKind {
    /// Numbers, kept in history as this column.
    Number(Column),
    /// Flags, words or texts, kept in history on change.
    State,
}

/// Where a point comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PointSource {
    /// Registers: index into the map's points.
    Register(usize),
    /// Rules: index into the map's derived points.
    Derived(usize),
}

/// The least period of points that are read slowly.
pub const SLOW: Duration = Duration::from_secs(60);

impl Plant {
    /// Numbers the points of `site`.
    #[must_use]
    pub fn new(site: Site, simulated: bool) -> Self {
        let mut devices: Vec<DeviceInfo> = Vec::with_capacity(site.devices.len());
        for (n, device) in site.devices.iter().enumerate() {
            let alike = |other: &Device| {
                Arc::ptr_eq(&other.map, &device.map)
                    && other.every == device.every
                    && other.labels == device.labels
                    && other.fast == device.fast
            };
            let known = site.devices.iter().take(n).position(alike).and_then(|other| devices.get(other));
            devices.push(known.cloned().unwrap_or_else(|| DeviceInfo::new(device)));
        }
        let keys: Vec<_> = (0..).map(DeviceKey).take(devices.len()).collect();
        let next_key = u32::try_from(keys.len()).unwrap_or(u32::MAX);
        Self { site, devices, keys, next_key, simulated }
    }

    /// The plant of a site file that was read again. A device whose line and wiring are the same keeps its key; all
    /// others get keys that nobody had.
    #[must_use]
    pub fn succeed(&self, site: Site) -> Self {
        let mut next = self.next_key;
        let mut plant = Self::new(site, self.simulated);
        let kept: Vec<bool> =
            (0..plant.site.lines.len()).map(|line| self.same_line(&plant, line).is_some()).collect();
        let keys = plant.site.devices.iter().map(|device| {
            let keeps = kept.get(device.line).copied().unwrap_or(false);
            let old =
                keeps.then(|| self.find_device(device.id.as_str()).and_then(|ix| self.key(ix))).flatten();
            old.unwrap_or_else(|| {
                next = next.saturating_add(1);
                DeviceKey(next - 1)
            })
        });
        plant.keys = keys.collect();
        plant.next_key = next;
        plant
    }

    /// The index here of a line that `other` has with the same wiring: id, transport, and devices in all that matters
    /// to whoever polls them, and the doors wired to them. Names, rooms and labels do not.
    #[must_use]
    pub fn same_line(&self, other: &Self, line: usize) -> Option<usize> {
        let wanted = other.site.lines.get(line)?;
        let here = self.site.lines.iter().position(|line| line == wanted)?;
        let on = |plant: &Self, line: usize| {
            let devices = plant.site.devices.iter().filter(|device| device.line == line);
            devices.cloned().collect::<Vec<Device>>()
        };
        let (old, new) = (on(self, here), on(other, line));
        let same = doors_on(self, here) == doors_on(other, line)
            && old.len() == new.len()
            && old.iter().zip(&new).all(|(old, new)| same_wiring(old, new));
        same.then_some(here)
    }

    /// The device that lines call by this key.
    #[must_use]
    pub fn by_key(&self, key: DeviceKey) -> Option<DeviceIx> {
        let n = self.keys.iter().position(|known| *known == key)?;
        u16::try_from(n).ok().map(DeviceIx)
    }

    /// What lines call this device.
    #[must_use]
    pub fn key(&self, ix: DeviceIx) -> Option<DeviceKey> {
        self.keys.get(usize::from(ix.0)).copied()
    }

    /// The device with this index, as the site file has it.
    #[must_use]
    pub fn device(&self, ix: DeviceIx) -> Option<(&Device, &DeviceInfo)> {
        let n = usize::from(ix.0);
        self.site.devices.get(n).zip(self.devices.get(n))
    }

    /// Every device with its index.
    pub fn iter(&self) -> impl Iterator<Item = (DeviceIx, &Device, &DeviceInfo)> {
        let pairs = self.site.devices.iter().zip(&self.devices);
        pairs.zip(0_u16..).map(|((device, info), n)| (DeviceIx(n), device, info))
    }

    /// The device with this id.
    #[must_use]
    pub fn find_device(&self, id: &str) -> Option<DeviceIx> {
        self.iter().find(|(_, device, _)| device.id.as_str() == id).map(|(ix, _, _)| ix)
    }

    /// The point with this name, written `device/point`.
    #[must_use]
    pub fn find(&self, path: &str) -> Option<PointRef> {
        let (device, point) = path.split_once('/')?;
        let device = self.find_device(device)?;
        let (_, info) = self.device(device)?;
        Some(PointRef { device, point: info.find(point)? })
    }

    /// What is known about a point.
    #[must_use]
    pub fn point(&self, at: PointRef) -> Option<&PointInfo> {
        self.device(at.device)?.1.point(at.point)
    }
}

/// Whether a device is polled alike.
fn same_wiring(one: &Device, other: &Device) -> bool {
    one.id == other.id
        && one.unit == other.unit
        && one.every == other.every
        && one.fast == other.fast
        && one.limits == other.limits
        && one.map == other.map
        && one.profile.identity == other.profile.identity
}

impl DeviceInfo {
    /// Numbers the points of a device, also of one that is on no site file.
    #[must_use]
    pub fn new(device: &Device) -> Self {
        let mut points = points(&device.map, device.every, &device.fast);
        for point in &mut points {
            if let Some(label) = device.labels.get(&point.name) {
                point.en.clone_from(label);
                point.vi.clone_from(label);
            }
        }
        Self { points: points.into() }
    }

    /// The points of a device of this map, without a site: read each second, none of them fast.
    #[must_use]
    pub fn of_map(map: &Map) -> Self {
        Self { points: points(map, Duration::from_secs(1), &[]).into() }
    }

    /// The point with this index.
    #[must_use]
    pub fn point(&self, ix: PointIx) -> Option<&PointInfo> {
        self.points.get(usize::from(ix.0))
    }

    /// The point with this name.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<PointIx> {
        self.iter().find(|(_, point)| point.name.as_str() == name).map(|(ix, _)| ix)
    }

    /// Every point with its index.
    pub fn iter(&self) -> impl Iterator<Item = (PointIx, &PointInfo)> {
        (0_u16..).map(PointIx).zip(self.points.iter())
    }
}

/// The doors of a line: their numbers, and where their wires end.
fn doors_on(plant: &Plant, line: usize) -> Vec<(usize, [Option<String>; 7])> {
    let end = |point: &IoPoint| {
        let device = plant.site.devices.get(point.device).filter(|device| device.line == line)?;
        Some(format!("{}/{}", device.id, point.point))
    };
    let wire = |wire: &Option<Wire>| wire.as_ref().and_then(Wire::module).and_then(end);
    let doors = plant.site.doors.iter().enumerate().map(|(n, door)| {
        let lock = door.lock.as_ref();
        let strike = lock.and_then(|lock| lock.strike.module()).and_then(end);
        let pulse = lock.and_then(|lock| lock.pulse.as_ref()).and_then(end);
        let inputs = [&door.contact, &door.exit, &door.fire, &door.tamper, &door.locked].map(wire);
        let [contact, exit, fire, tamper, locked] = inputs;
        (n, [strike, pulse, contact, exit, fire, tamper, locked])
    });
    doors.filter(|(_, ends)| ends.iter().any(Option::is_some)).collect()
}

/// The points of a map with the pace at which each is read.
fn points(map: &Map, every: Duration, fast: &[PointName]) -> Vec<PointInfo> {
    let slow = every.max(SLOW);
    let registers = map.points.iter().enumerate().filter(|(_, point)| point.is_read());
    let pace = |point: &Point| match point.period {
        _ if fast.contains(&point.name) => Pace::Fast,
        Period::Normal => Pace::Normal,
        Period::Slow => Pace::Slow,
    };
    let period = |pace| match pace {
        Pace::Fast => FAST,
        Pace::Normal => every,
        Pace::Slow => slow,
    };
    let registers = registers.map(|(n, point)| PointInfo {
        name: point.name.clone(),
        pace: pace(point),
        en: point.label(false),
        vi: point.label(true),
        unit: point.unit,
        kind: if point.is_number() { ValueKind::Number(Column::of(point)) } else { ValueKind::State },
        source: PointSource::Register(n),
        period: period(pace(point)),
        priority: point.priority,
    });
    let derived = map.derived.iter().enumerate().map(|(n, derived)| PointInfo {
        name: derived.name.clone(),
        en: derived.label(false),
        vi: derived.label(true),
        unit: derived.unit,
        kind: match &derived.how {
            Derivation::DewPoint { .. } => ValueKind::Number(Column::tenths()),
            Derivation::Rules(rules) if rules.iter().all(|rule| matches!(rule.is, Literal::Number(_))) => {
                ValueKind::Number(Column::Float)
            }
            Derivation::Rules(_) => ValueKind::State,
        },
        source: PointSource::Derived(n),
        pace: Pace::Normal,
        period: every,
        priority: derived.priority,
    });
    registers.chain(derived).collect()
}

impl PointInfo {
    /// Its label.
    #[must_use]
    pub fn label(&self, vietnamese: bool) -> &str {
        if vietnamese { &self.vi } else { &self.en }
    }
}
