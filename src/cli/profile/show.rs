//! `hallward profile show`: a profile for whoever installs its device: how far it is to be trusted and why, what to
//! verify, how the device is reached, what it can take, and every point with its registers.

use anyhow::anyhow;
use hallward_profiles::{Access, Area, Encoding, Map, Parity, Point, Profile, Unit};
use serde_json::{Value as Json, json};

use super::super::Outcome;

/// What stands at the head of a profile.
pub(super) fn summary(profile: &Profile) -> Json {
    json!({
        "id": profile.id, "name": profile.name, "vendor": profile.vendor, "class": profile.class,
        "confidence": profile.confidence, "sources": profile.sources, "verify": profile.verify,
        "lacks": profile.lacks,
    })
}

/// Prints a profile.
pub(super) fn show(profile: &Profile, json: bool) -> anyhow::Result<Outcome> {
    let map = profile.map(&profile.options).map_err(|what| anyhow!(what))?;
    if json {
        say!("{}", whole(profile, &map));
    } else {
        print(profile, &map);
    }
    Ok(Outcome::Done)
}

fn whole(profile: &Profile, map: &Map) -> Json {
    let points: Vec<Json> = map.points.iter().map(point_json).collect();
    let derived = map.derived.iter().map(|derived| {
        json!({ "point": derived.name, "unit": derived.unit.map(Unit::symbol), "text": derived.label(false) })
    });
    let more = json!({
        "options": profile.options, "connection": profile.connection, "limits": profile.limits,
        "identity": profile.identity, "points": points, "derived": derived.collect::<Vec<_>>(),
    });
    let mut all = summary(profile);
    if let (Some(all), Json::Object(more)) = (all.as_object_mut(), more) {
        all.extend(more);
    }
    all
}

fn point_json(point: &Point) -> Json {
    let written = point.is_written().then(|| {
        let (min, max) = point.set.unzip();
        json!({ "min": min, "max": max, "words": words(point) })
    });
    json!({
        "point": point.name, "area": point.area, "addresses": point.addresses, "type": point.encoding,
        "unit": point.unit.map(Unit::symbol), "text": point.label(false), "access": point.access,
        "write": written,
    })
}

fn print(profile: &Profile, map: &Map) {
    say!("{} — {} ({})", profile.id, profile.name, profile.vendor);
    say!(
        "class {}, confidence {}",
        profile.class.as_str(),
        format!("{:?}", profile.confidence).to_lowercase()
    );
    list("Sources", &profile.sources);
    list("Verify on the unit", &profile.verify);
    list("Does not measure", profile.lacks.iter().map(|(point, why)| format!("{point}: {why}")));
    list("Connection", connection(profile));
    list("Limits", limits(profile));
    list("Identity", [identity(profile, map)]);
    list("Options", profile.options.iter().map(|(name, value)| format!("{name} = {value}")));
    let writable = map.points.iter().filter(|point| point.is_written());
    list("May be written where the site file allows it", writable.map(|point| aligned(point, &span(point))));
    list("Points", map.points.iter().map(|point| aligned(point, &point.label(false))));
    let derived = map.derived.iter();
    list(
        "Worked out from them",
        derived.map(|derived| format!("{:<34} {}", derived.name, derived.label(false))),
    );
}

fn list(title: &str, lines: impl IntoIterator<Item = impl AsRef<str>>) {
    let mut lines = lines.into_iter().peekable();
    if lines.peek().is_some() {
        say!("\n{title}");
        lines.for_each(|line| say!("  {}", line.as_ref()));
    }
}

fn connection(profile: &Profile) -> Vec<String> {
    let connection = &profile.connection;
    let tcp = connection.tcp_port.map(|port| format!("Modbus TCP on port {port}"));
    let serial = connection.baud.map(|baud| {
        let parity = match connection.parity {
            Parity::None => "no parity",
            Parity::Even => "even parity",
            Parity::Odd => "odd parity",
        };
        let stop = connection.stop_bits.map(|bits| format!(", stop bits {bits}")).unwrap_or_default();
        format!("Modbus RTU at {baud} baud, {parity}{stop}")
    });
    let unit = connection.unit.map(|unit| format!("unit id {unit}"));
    [tcp, serial, unit].into_iter().flatten().collect()
}

fn limits(profile: &Profile) -> Vec<String> {
    let limits = &profile.limits;
    let mut lines = vec![
        format!("at most {} registers or {} bits in one request", limits.max_registers, limits.max_bits),
        format!(
            "answers after {} ms as a rule, is given up after {} ms; a late answer may come up to {} ms after that",
            limits.answer_ms, limits.timeout_ms, limits.late_max_ms
        ),
    ];
    lines.extend(
        (!limits.read_over_gaps).then(|| "reads keep to addresses that the profile names".to_owned()),
    );
    lines.extend((limits.pause_ms > 0).then(|| format!("rests {} ms between two requests", limits.pause_ms)));
    lines.extend(
        limits.write_multiple.then(|| "single values, too, are written by functions 15 and 16".to_owned()),
    );
    lines
}

/// What proves that the right device answers.
fn identity(profile: &Profile, map: &Map) -> String {
    let Some(identity) = &profile.identity else {
        return "no register proves which device answers".to_owned();
    };
    let values: Vec<String> = identity.is.values().iter().map(ToString::to_string).collect();
    let register = map.points.iter().find(|point| point.name == identity.point);
    let place = register.map(|point| format!(" ({} {})", area(point.area), first(point))).unwrap_or_default();
    format!("{}{place} is {}; else another device answers", identity.point, values.join(" or "))
}

/// Name, area, address and unit in columns, then `rest`.
fn aligned(point: &Point, rest: &str) -> String {
    let unit = point.unit.map_or("", Unit::symbol);
    format!("{:<34} {:<8} {:>5}  {unit:<4} {rest}", point.name, area(point.area), first(point))
}

/// What may be written to a point.
fn span(point: &Point) -> String {
    let values = match (point.encoding, point.set) {
        (Encoding::Bool, _) => "true or false".to_owned(),
        _ if !point.words.is_empty() => words(point).join(", "),
        (_, Some((min, max))) => format!("{min} to {max}"),
        (_, None) => "limits come from the site file".to_owned(),
    };
    if point.access == Access::Write { format!("{values}; cannot be read back") } else { values }
}

fn words(point: &Point) -> Vec<&str> {
    point.words.iter().map(|(_, word)| word.as_str()).collect()
}

fn area(area: Area) -> &'static str {
    match area {
        Area::Coil => "coil",
        Area::Discrete => "discrete",
        Area::Holding => "holding",
        Area::Input => "input",
    }
}

fn first(point: &Point) -> u16 {
    point.addresses.iter().min().copied().unwrap_or_default()
}
