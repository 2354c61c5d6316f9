//! Devices: on a line that exists, with points that their profile has, and limits that can be.

use std::{collections::BTreeMap, ops::RangeInclusive, sync::Arc, time::Duration};

use hallward_profiles::{
    Class, Id, Library, Limits, Map, Point, PointName, Profile,
    document::{Document, Entry},
};

use crate::{
    Device, Line,
    duration::Span,
    file::DeviceEntry,
    load::{id, one_of, unique},
};

/// Most devices of one hall.
const MAX_DEVICES: usize = 1000;

/// After how long without being asked a module may turn its outputs off.
const SAFE_STATE: RangeInclusive<Duration> = Duration::from_millis(500)..=Duration::from_secs(60);

/// All devices of the file; wrong ones become problems.
pub(crate) fn check_devices(
    document: &mut Document<'_>,
    entries: Vec<Entry<DeviceEntry>>,
    lines: &[Line],
    rooms: &[(Id, String)],
    library: &Library,
) -> Vec<Device> {
    let mut seen = Vec::new();
    let mut units = BTreeMap::new();
    let mut maps = Maps::new();
    if entries.len() > MAX_DEVICES {
        document.problem(0..0, format!("more than {MAX_DEVICES} devices"), "split the hall into several");
    }
    let mut devices = Vec::new();
    for entry in entries {
        let Some(device) = check_device(document, &entry, lines, rooms, library, &mut maps) else { continue };
        unique(document, &mut seen, &device.id, entry.at("id"));
        if let Some(other) = units.insert((device.line, device.unit), device.id.clone()) {
            let what = format!("unit {} of this line is `{other}` already", device.unit);
            document.problem(entry.at("unit"), what, "each unit id once on a line");
        }
        devices.push(device);
    }
    for line in lines.iter().enumerate().filter(|(n, _)| !devices.iter().any(|device| device.line == *n)) {
        if document.is_sound() {
            let what = format!("no device is on line `{}`", line.1.id);
            document.problem(0..0, what, "delete the line, or put a device on it");
        }
    }
    devices
}

/// Devices of one profile with the same options and address offset share their map.
type Maps = BTreeMap<(Id, BTreeMap<String, u16>, i8), Arc<Map>>;

fn check_device(
    document: &mut Document<'_>,
    entry: &Entry<DeviceEntry>,
    lines: &[Line],
    rooms: &[(Id, String)],
    library: &Library,
    maps: &mut Maps,
) -> Option<Device> {
    let value = &entry.value;
    let device_id = id(document, &value.id, entry.at("id"));
    let line = lines.iter().position(|line| line.id.as_str() == value.line);
    if line.is_none() {
        let known = lines.iter().map(|line| line.id.as_str());
        document.problem(
            entry.at("line"),
            format!("there is no line `{}`", value.line),
            one_of(known, &value.line),
        );
    }
    let room = value.room.as_ref().map(|wanted| {
        let found = rooms.iter().position(|(id, _)| id.as_str() == wanted);
        if found.is_none() {
            let known = rooms.iter().map(|(id, _)| id.as_str());
            document.problem(entry.at("room"), format!("there is no room `{wanted}`"), one_of(known, wanted));
        }
        found
    });
    let every = value.every.map_or(Duration::from_secs(1), |span| span.0);
    if !(Duration::from_millis(100)..=Duration::from_secs(3600)).contains(&every) {
        document.problem(entry.at("every"), "this period cannot be kept", "100ms to 1h");
    }
    let Some(profile) = library.get(&value.profile) else {
        let known = library.iter().map(|profile| profile.id.as_str());
        let what = format!("there is no profile `{}`", value.profile);
        document.problem(entry.at("profile"), what, one_of(known, &value.profile));
        return None;
    };
    let unit = value.unit.or(profile.connection.unit).unwrap_or(1);
    let map = map(document, entry, profile, maps)?;
    let labels = labels(document, entry, profile, &map);
    Some(Device {
        name: value.name.clone().unwrap_or_else(|| value.id.clone()),
        id: device_id?,
        line: line?,
        unit,
        room: room.flatten(),
        fast: fast(document, entry, &map),
        writes: writes(document, entry, &map),
        limits: limits(document, entry, &profile.limits),
        safe_state: safe_state(document, entry, profile, &map),
        profile: Arc::clone(profile),
        map,
        every,
        labels,
        asset: value.asset.clone(),
        address_offset: value.address_offset,
    })
}

/// What the installer has set in the module.
fn safe_state(
    document: &mut Document<'_>,
    entry: &Entry<DeviceEntry>,
    profile: &Profile,
    map: &Map,
) -> Option<Duration> {
    let after = entry.value.safe_state?.0;
    let has_outputs = map.points.iter().any(|point| point.name.as_str().starts_with("output."));
    if profile.class != Class::Io || !has_outputs {
        document.problem(entry.at("safe_state"), "this device has no outputs", "leave it out");
    } else if !SAFE_STATE.contains(&after) {
        let what = "a module turns its outputs off late enough for polls, and soon enough for a door";
        document.problem(entry.at("safe_state"), what, "500ms to 60s, as set in the module");
    }
    Some(after)
}

fn map(
    document: &mut Document<'_>,
    entry: &Entry<DeviceEntry>,
    profile: &Profile,
    maps: &mut Maps,
) -> Option<Arc<Map>> {
    let value = &entry.value;
    if !(-1..=1).contains(&value.address_offset) {
        document.problem(entry.at("address_offset"), "documents differ by one at most", "-1, 0 or 1");
        return None;
    }
    let key = (profile.id.clone(), value.options.clone(), value.address_offset);
    if let Some(map) = maps.get(&key) {
        return Some(Arc::clone(map));
    }
    let map = profile.map(&value.options).map_err(|what| {
        document.problem(entry.at("options"), what, "see `hallward profile show`");
    });
    let Some(map) = shifted(map.ok()?, value.address_offset) else {
        document.problem(entry.at("address_offset"), "an address would run over 0 or 65535", "leave it out");
        return None;
    };
    Some(Arc::clone(maps.entry(key).or_insert(Arc::new(map))))
}

/// The same points, all addresses moved.
fn shifted(mut map: Map, offset: i8) -> Option<Map> {
    for address in map.points.iter_mut().flat_map(|point| &mut point.addresses) {
        *address = address.checked_add_signed(i16::from(offset))?;
    }
    Some(map)
}

fn labels(
    document: &mut Document<'_>,
    entry: &Entry<DeviceEntry>,
    profile: &Profile,
    map: &Map,
) -> BTreeMap<PointName, String> {
    let mut labels = BTreeMap::new();
    for (point, label) in &entry.value.labels {
        let names = map.points.iter().map(|p| &p.name).chain(map.derived.iter().map(|d| &d.name));
        match names.clone().find(|name| name.as_str() == point) {
            Some(name) => drop(labels.insert(PointName::clone(name), label.clone())),
            None => {
                let what = format!("profile `{}` has no point `{point}`", profile.id);
                document.problem(entry.at("labels"), what, one_of(names.map(PointName::as_str), point));
            }
        }
    }
    labels
}

/// The point in registers with this name, among those for which `fits` holds; a problem at `key` if there is none.
fn find<'a>(
    document: &mut Document<'_>,
    entry: &Entry<DeviceEntry>,
    key: &str,
    map: &'a Map,
    wanted: &str,
    fits: impl Fn(&Point) -> bool,
) -> Option<&'a Point> {
    let fitting = || map.points.iter().filter(|point| fits(point));
    let found = fitting().find(|point| point.name.as_str() == wanted);
    if found.is_none() {
        let what = match map.points.iter().any(|point| point.name.as_str() == wanted) {
            true => format!("`{wanted}` cannot be in `{key}`"),
            false => format!("there is no point `{wanted}` in its registers"),
        };
        document.problem(entry.at(key), what, one_of(fitting().map(|point| point.name.as_str()), wanted));
    }
    found
}

fn fast(document: &mut Document<'_>, entry: &Entry<DeviceEntry>, map: &Map) -> Vec<PointName> {
    let wanted = entry.value.fast.iter();
    let found = wanted.filter_map(|name| find(document, entry, "fast", map, name, Point::is_read));
    found.map(|point| point.name.clone()).collect()
}

fn writes(
    document: &mut Document<'_>,
    entry: &Entry<DeviceEntry>,
    map: &Map,
) -> BTreeMap<PointName, Option<(f64, f64)>> {
    let mut writes = BTreeMap::new();
    for (name, wanted) in &entry.value.writes {
        let Some(point) = find(document, entry, "writes", map, name, Point::is_written) else { continue };
        if !point.is_number() {
            if wanted.min.is_some() || wanted.max.is_some() {
                document.problem(
                    entry.at("writes"),
                    format!("`{name}` is no number"),
                    format!("\"{name}\" = {{}}"),
                );
            }
            writes.insert(point.name.clone(), None);
            continue;
        }
        let (low, high) = point.set.or(point.valid).unzip();
        match (wanted.min.or(low), wanted.max.or(high)) {
            (Some(min), Some(max))
                if min <= max && low.is_none_or(|low| low <= min) && high.is_none_or(|high| max <= high) =>
            {
                writes.insert(point.name.clone(), Some((min, max)));
            }
            (Some(_), Some(_)) => {
                let right = format!("within {} to {}", low.unwrap_or(f64::MIN), high.unwrap_or(f64::MAX));
                document.problem(entry.at("writes"), format!("`{name}` does not take these limits"), right);
            }
            _ => {
                let what = format!("which values may be written to `{name}`?");
                document.problem(entry.at("writes"), what, format!("\"{name}\" = {{ min = …, max = … }}"));
            }
        }
    }
    writes
}

fn limits(document: &mut Document<'_>, entry: &Entry<DeviceEntry>, usual: &Limits) -> Limits {
    let own = &entry.value.limits;
    let mut wrong = None;
    let mut ms = |span: Option<Span>, usual: u16| match span.map(|span| u16::try_from(span.0.as_millis())) {
        None => usual,
        Some(Ok(ms)) => ms,
        Some(Err(_)) => {
            wrong = Some("no device takes longer than 65 s");
            usual
        }
    };
    let mut limits = Limits {
        max_registers: own.max_registers.unwrap_or(usual.max_registers),
        read_over_gaps: own.read_over_gaps.unwrap_or(usual.read_over_gaps),
        pause_ms: ms(own.pause, usual.pause_ms),
        timeout_ms: ms(own.timeout, usual.timeout_ms),
        late_max_ms: ms(own.late_max, usual.late_max_ms),
        answer_ms: ms(own.answer, usual.answer_ms),
        ..usual.clone()
    };
    if !(1..=125).contains(&limits.max_registers) {
        wrong = Some("a request holds 1 to 125 registers");
        limits.max_registers = usual.max_registers;
    }
    if let Some(what) = wrong {
        document.problem(entry.at("limits"), what, "for example { timeout = \"300ms\", max_registers = 50 }");
    }
    limits
}
