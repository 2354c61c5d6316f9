//! From the file as written to a checked [`Profile`], and from a profile to one device's [`Map`].
//!
//! It reads the tables and checks what points say of one another; `point` and `rules` check one entry each.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Range,
};

use crate::{
    Derivation, Derived, Golden, Id, IdentificationObject, Identity, Limits, Literal, Map, Point, PointName,
    Problems, Profile, Sentinel, Unit,
    document::{Document, Entry},
    file::{DerivedEntry, Head, NotAvailable, PointEntry},
    point::expand_point,
    problem::Wrong,
    rules::expand_derived,
    values::{Known, Values},
    vocabulary,
};

const KNOWN: [&str; 11] = [
    "profile",
    "connection",
    "limits",
    "identity",
    "identification",
    "lacks",
    "options",
    "sentinels",
    "point",
    "derived",
    "golden",
];

/// Most points that one device may have.
pub(crate) const MAX_POINTS: usize = 4000;

/// Reads a whole profile; see [`Profile::parse`].
pub(crate) fn profile(path: &str, text: &str) -> Result<Profile, Problems> {
    let mut document = Document::parse(path, text);
    let head: Option<Entry<Head>> = document.required("profile", "a profile begins with a [profile] table");
    let connection: Option<Entry<crate::Connection>> =
        document.required("connection", "say how the device is wired: [connection]");
    let limits: Option<Entry<Limits>> = document.section("limits");
    if let Some(entry) = &limits {
        check_limits(&mut document, entry);
    }
    let identity: Option<Entry<Identity>> = document.section("identity");
    let mut identification: Vec<Entry<IdentificationObject>> = document.entries("identification");
    check_identification(&mut document, &identification);
    identification.sort_by_key(|entry| entry.value.object);
    let lacks: Option<Entry<BTreeMap<String, String>>> = document.section("lacks");
    let options: Option<Entry<BTreeMap<String, u16>>> = document.section("options");
    let options = options.map(|entry| entry.value).unwrap_or_default();
    let sentinels: Option<Entry<SentinelSets>> = document.section("sentinels");
    let sentinels = sentinels.map(|entry| entry.value).unwrap_or_default();
    let mut points: Vec<Entry<PointEntry>> = document.entries("point");
    points.iter_mut().for_each(|entry| list_sentinels(&mut document, entry, &sentinels));
    let derived: Vec<Entry<DerivedEntry>> = document.entries("derived");
    let golden: Vec<Entry<Golden>> = document.entries("golden");

    let known = known_points(&mut document, &points, &derived, &options);
    let lacks = lacks.map(|entry| check_lacks(&mut document, &entry, &known)).unwrap_or_default();
    check_references(&mut document, &points, identity.as_ref(), &golden, &known);
    let head = head.and_then(|head| check_head(&mut document, head, &known, &lacks));
    document.finish(&KNOWN)?;
    let (Some((id, head)), Some(connection)) = (head, connection) else {
        return Err(Problems::whole_file(path, "the profile is not complete", "see the README"));
    };
    Ok(Profile {
        id,
        name: head.name,
        vendor: head.vendor,
        class: head.class,
        confidence: head.confidence,
        sources: head.sources,
        verify: head.verify,
        connection: connection.value,
        limits: limits.map(|entry| entry.value).unwrap_or_default(),
        identity: identity.map(|entry| entry.value),
        identification: values(identification),
        lacks,
        golden: values(golden),
        options,
        points: values(points),
        derived: values(derived),
    })
}

fn values<T>(entries: Vec<Entry<T>>) -> Vec<T> {
    entries.into_iter().map(|entry| entry.value).collect()
}

type SentinelSets = BTreeMap<String, Vec<Sentinel>>;

/// Puts the set that a point names in its place.
fn list_sentinels(document: &mut Document<'_>, entry: &mut Entry<PointEntry>, sets: &SentinelSets) {
    let NotAvailable::Set(name) = &entry.value.not_available else { return };
    let set = sets.get(name).cloned();
    if set.is_none() {
        document.problem(
            entry.at("not_available"),
            format!("`{name}` is no set of sentinels"),
            "name it under [sentinels], or list the sentinels here",
        );
    }
    entry.value.not_available = NotAvailable::Listed(set.unwrap_or_default());
}

fn check_limits(document: &mut Document<'_>, limits: &Entry<Limits>) {
    let Limits { max_registers, max_bits, timeout_ms, .. } = limits.value;
    for (key, value, most) in [
        ("max_registers", max_registers, 125),
        ("max_bits", max_bits, 2000),
        ("timeout_ms", timeout_ms, u16::MAX),
    ] {
        if !(1..=most).contains(&value) {
            document.problem(limits.at(key), format!("`{key}` cannot be {value}"), format!("1 to {most}"));
        }
    }
}

fn check_identification(document: &mut Document<'_>, objects: &[Entry<IdentificationObject>]) {
    let mut seen = BTreeSet::new();
    for entry in objects {
        let IdentificationObject { object, simulate, .. } = &entry.value;
        if *object < 0x80 {
            document.problem(
                entry.at("object"),
                format!("object {object} is not the vendor's to define"),
                "0x80 to 0xFF",
            );
        }
        if !seen.insert(*object) {
            document.problem(
                entry.at("object"),
                format!("object {object} is there twice"),
                "keep one of them",
            );
        }
        if entry.value.bytes().is_none() {
            document.problem(
                entry.at("simulate"),
                format!("an object cannot tell {simulate}"),
                format!(
                    "a text of ASCII, at most {} bytes, or a whole number of 32 bits",
                    IdentificationObject::LONGEST_TEXT
                ),
            );
        }
    }
}

/// Every point of the file with what it can be; wrong ones become problems.
fn known_points(
    document: &mut Document<'_>,
    points: &[Entry<PointEntry>],
    derived: &[Entry<DerivedEntry>],
    options: &BTreeMap<String, u16>,
) -> Known {
    let mut known = Known::new();
    for entry in points {
        match expand_point(&entry.value, options) {
            Ok(points) => {
                for point in points {
                    let values = Values::of_point(&point);
                    add_name(document, &mut known, point.name, values, entry.at("name"));
                }
            }
            Err((key, what, right)) => {
                document.problem(entry.at(key), what, right);
                known.extend(entry.value.name.parse().map(|name| (name, Values::Unknown)));
            }
        }
    }
    for entry in derived {
        match expand_derived(&entry.value, &known) {
            Ok(point) => {
                let values = Values::of_derived(&point);
                add_name(document, &mut known, point.name, values, entry.at("name"));
            }
            Err((key, what, right)) => {
                document.problem(entry.at(key), what, right);
                known.extend(entry.value.name.parse().map(|name| (name, Values::Unknown)));
            }
        }
    }
    known
}

fn add_name(
    document: &mut Document<'_>,
    known: &mut Known,
    name: PointName,
    values: Values,
    at: Range<usize>,
) {
    if known.contains_key(&name) {
        document.problem(at, format!("`{name}` is there twice"), "give each point a name of its own");
    } else if known.len() == MAX_POINTS {
        document.problem(at, format!("more than {MAX_POINTS} points"), "leave out what nobody needs");
    } else {
        known.insert(name, values);
    }
}

fn check_lacks(
    document: &mut Document<'_>,
    lacks: &Entry<BTreeMap<String, String>>,
    known: &Known,
) -> BTreeMap<PointName, String> {
    let mut lacking = BTreeMap::new();
    for (name, why) in &lacks.value {
        match name.parse::<PointName>() {
            Ok(point) if known.contains_key(&point) => {
                let what = format!("`{name}` is both lacking and a point");
                document.problem(lacks.at(name), what, "delete one of the two");
            }
            Ok(point) => drop(lacking.insert(point, why.clone())),
            Err(what) => document.problem(lacks.at(name), what, "name what the device cannot supply"),
        }
    }
    lacking
}

fn check_head(
    document: &mut Document<'_>,
    head: Entry<Head>,
    known: &Known,
    lacking: &BTreeMap<PointName, String>,
) -> Option<(Id, Head)> {
    for expected in head.value.class.expected() {
        let told = known.iter().filter(|(_, values)| !matches!(values, Values::Unread)).map(|(name, _)| name);
        if !told.chain(lacking.keys()).any(|name| vocabulary::satisfies(name, expected)) {
            let what =
                format!("class `{}` expects `{expected}`, which is no point", head.value.class.as_str());
            let right = "add the point, or name it under [lacks] with the reason";
            document.problem(head.at("class"), what, right);
        }
    }
    if head.value.sources.is_empty() {
        document.problem(head.at("sources"), "no source is named", "say where the registers come from");
    }
    match head.value.id.parse() {
        Ok(id) => Some((id, head.value)),
        Err(what) => {
            document.problem(head.at("id"), what, "for example: apc-smart-ups");
            None
        }
    }
}

fn check_references(
    document: &mut Document<'_>,
    points: &[Entry<PointEntry>],
    identity: Option<&Entry<Identity>>,
    golden: &[Entry<Golden>],
    known: &Known,
) {
    let mut check = |name: &str, is: Option<&Literal>, at: Range<usize>| match (known.get(name), is) {
        (None, _) => document.problem(
            at,
            format!("`{name}` is no point of this profile"),
            "name a point that is defined here",
        ),
        (Some(values), Some(is)) if !values.fits(is) => {
            document.problem(at, format!("`{name}` is never {is}"), values.say());
        }
        (Some(_), _) => {}
    };
    for entry in points {
        if let Some(name) = &entry.value.scale_from {
            check(name, None, entry.at("scale_from"));
        }
        if let Some(unit_if) = &entry.value.unit_if {
            check(unit_if.point.as_str(), Some(&unit_if.is), entry.at("unit_if"));
        }
    }
    if let Some(entry) = identity {
        for is in entry.value.is.values() {
            check(entry.value.point.as_str(), Some(is), entry.at("is"));
        }
    }
    for entry in golden {
        for (name, value) in &entry.value.expect {
            check(name.as_str(), Some(value), entry.at("expect"));
        }
        for name in &entry.value.not_available {
            check(name.as_str(), None, entry.at("not_available"));
        }
    }
}

/// See [`Profile::map`].
pub(crate) fn map(profile: &Profile, options: &BTreeMap<String, u16>) -> Result<Map, String> {
    let mut values = profile.options.clone();
    for (name, value) in options {
        match values.get_mut(name) {
            Some(known) => *known = *value,
            None if profile.options.is_empty() => {
                return Err(format!("profile `{}` has no options", profile.id));
            }
            None => {
                let known = profile.options.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
                return Err(format!("option `{name}` is unknown; profile `{}` has: {known}", profile.id));
            }
        }
    }
    let sentence = |(_, what, right): Wrong| format!("{what}; {right}");
    let mut map = Map::default();
    for entry in &profile.points {
        map.points.extend(expand_point(entry, &values).map_err(sentence)?);
    }
    if map.points.len() > MAX_POINTS {
        return Err(format!("these options make more than {MAX_POINTS} points"));
    }
    let of_points = map.points.iter().map(|point| (point.name.clone(), Values::of_point(point)));
    let mut known: Known = of_points.collect();
    for entry in &profile.derived {
        let derived = expand_derived(entry, &known).map_err(sentence)?;
        known.insert(derived.name.clone(), Values::of_derived(&derived));
        map.derived.push(derived);
    }
    if profile.class == crate::Class::Climate {
        map.derived.extend(dew_point(&map.points));
    }
    Ok(map)
}

/// A climate sensor that measures temperature and humidity has a dew point, told by itself or computed.
fn dew_point(points: &[Point]) -> Option<Derived> {
    let find = |wanted: &str| points.iter().find(|point| point.name.as_str() == wanted && point.is_read());
    let (temperature, humidity) = (find("temperature")?, find("humidity")?);
    let name: PointName = "dew-point".parse().ok().filter(|_| find("dew-point").is_none())?;
    let how = Derivation::DewPoint { temperature: temperature.name.clone(), humidity: humidity.name.clone() };
    Some(Derived { name, how, unit: Some(Unit::Celsius), text: None, priority: None })
}
