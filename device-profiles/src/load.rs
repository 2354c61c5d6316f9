//! From the file as written to a checked [`Profile`], and from a profile to one device's [`Map`].

use std::{collections::BTreeMap, ops::Range};

use crate::{
    Access, Area, Condition, Derivation, Derived, Encoding, Id, Literal, Map, Point, PointName, Problems,
    Profile, Ratio, Rule, Sentinel, Test, Unit, WordOrder,
    document::{Document, Entry},
    file::{Addresses, DerivedEntry, End, Head, NotAvailable, PointEntry, RuleEntry, Scale},
    map::fixed_unit,
    vocabulary::{self, Kind},
};

const KNOWN: [&str; 10] = [
    "profile",
    "connection",
    "limits",
    "identity",
    "lacks",
    "options",
    "sentinels",
    "point",
    "derived",
    "golden",
];

/// Most points that one device may have.
const MAX_POINTS: usize = 4000;

/// Reads a whole profile; see [`Profile::parse`].
pub(crate) fn profile(path: &str, text: &str) -> Result<Profile, Problems> {
    let mut document = Document::parse(path, text);
    let head: Option<Entry<Head>> = document.required("profile", "a profile begins with a [profile] table");
    let connection = document.required("connection", "say how the device is wired: [connection]");
    let limits: Option<Entry<crate::Limits>> = document.section("limits");
    let identity: Option<Entry<crate::Identity>> = document.section("identity");
    let lacks: Option<Entry<BTreeMap<String, String>>> = document.section("lacks");
    let options: Option<Entry<BTreeMap<String, u16>>> = document.section("options");
    let sentinels: Option<Entry<SentinelSets>> = document.section("sentinels");
    let mut points: Vec<Entry<PointEntry>> = document.entries("point");
    let derived: Vec<Entry<DerivedEntry>> = document.entries("derived");
    let golden: Vec<Entry<crate::Golden>> = document.entries("golden");

    let sets = sentinels.map(|entry| entry.value).unwrap_or_default();
    points.iter_mut().for_each(|entry| list_sentinels(&mut document, entry, &sets));
    let mut names = BTreeMap::new();
    let option_values = options.as_ref().map(|entry| entry.value.clone()).unwrap_or_default();
    for entry in &points {
        match expand_point(&entry.value, &option_values) {
            Ok(expanded) => {
                for point in expanded {
                    add_name(&mut document, &mut names, &point.name, entry.at("name"), point.is_read());
                }
            }
            Err((key, what, right)) => document.problem(entry.at(key), what, right),
        }
    }
    for entry in &derived {
        match expand_derived(&entry.value, &names.keys().cloned().collect::<Vec<_>>()) {
            Ok(point) => add_name(&mut document, &mut names, &point.name, entry.at("name"), true),
            Err((key, what, right)) => document.problem(entry.at(key), what, right),
        }
    }
    let mut lacking = BTreeMap::new();
    for (name, why) in lacks.iter().flat_map(|entry| &entry.value) {
        let at = lacks.as_ref().map_or(0..0, |entry| entry.at(name));
        match name.parse::<PointName>() {
            Ok(point) if names.contains_key(&point) => {
                document.problem(
                    at,
                    format!("`{name}` is both lacking and a point"),
                    "delete one of the two",
                );
            }
            Ok(point) => drop(lacking.insert(point, why.clone())),
            Err(what) => document.problem(at, what, "name what the device cannot supply"),
        }
    }
    check_references(&mut document, &points, identity.as_ref(), &golden, &names);
    let head = head.and_then(|head| check_head(&mut document, head, &names, &lacking));
    document.finish(&KNOWN)?;
    let (Some((id, head)), Some(connection)) = (head, connection) else {
        return Err(Problems::whole_file(path, "the profile is not complete", "see the README"));
    };
    let connection: Entry<crate::Connection> = connection;
    let profile = Profile {
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
        lacks: lacking,
        golden: values(golden),
        options: option_values,
        points: values(points),
        derived: values(derived),
    };
    Ok(profile)
}

fn values<T>(entries: Vec<Entry<T>>) -> Vec<T> {
    entries.into_iter().map(|entry| entry.value).collect()
}

type SentinelSets = BTreeMap<String, Vec<Sentinel>>;

/// Puts the set that a point names in its place.
fn list_sentinels(document: &mut Document<'_>, entry: &mut Entry<PointEntry>, sets: &SentinelSets) {
    let NotAvailable::Set(name) = &entry.value.not_available else { return };
    let listed = match sets.get(name) {
        Some(set) => set.clone(),
        None => {
            document.problem(
                entry.at("not_available"),
                format!("`{name}` is no set of sentinels"),
                "name it under [sentinels], or list the sentinels here",
            );
            Vec::new()
        }
    };
    entry.value.not_available = NotAvailable::Listed(listed);
}

type Names = BTreeMap<PointName, bool>;

fn add_name(document: &mut Document<'_>, names: &mut Names, name: &PointName, at: Range<usize>, read: bool) {
    if names.insert(name.clone(), read).is_some() {
        document.problem(at, format!("`{name}` is there twice"), "give each point a name of its own");
    } else if names.len() == MAX_POINTS + 1 {
        document.problem(at, format!("more than {MAX_POINTS} points"), "leave out what nobody needs");
    }
}

fn check_head(
    document: &mut Document<'_>,
    head: Entry<Head>,
    names: &Names,
    lacking: &BTreeMap<PointName, String>,
) -> Option<(Id, Head)> {
    for expected in head.value.class.expected() {
        let told = names.iter().filter(|(_, read)| **read).map(|(name, _)| name).chain(lacking.keys());
        if !told.into_iter().any(|name| vocabulary::satisfies(name, expected)) {
            let what =
                format!("class `{}` expects `{expected}`, which is no point", head.value.class.as_str());
            document.problem(
                head.at("class"),
                what,
                "add the point, or name it under [lacks] with the reason",
            );
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
    identity: Option<&Entry<crate::Identity>>,
    golden: &[Entry<crate::Golden>],
    names: &Names,
) {
    let mut unknown = |name: &str, at: Range<usize>| {
        if !names.keys().any(|known| known.as_str() == name) {
            document.problem(
                at,
                format!("`{name}` is no point of this profile"),
                "name a point that is defined here",
            );
        }
    };
    for entry in points {
        if let Some(name) = &entry.value.scale_from {
            unknown(name, entry.at("scale_from"));
        }
        if let Some(unit_if) = &entry.value.unit_if {
            unknown(unit_if.point.as_str(), entry.at("unit_if"));
        }
    }
    if let Some(entry) = identity {
        unknown(entry.value.point.as_str(), entry.at("point"));
    }
    for entry in golden {
        entry.value.expect.keys().for_each(|name| unknown(name.as_str(), entry.at("expect")));
        entry.value.not_available.iter().for_each(|name| unknown(name.as_str(), entry.at("not_available")));
    }
}

/// The key that is wrong, what is wrong, what would be right.
type Wrong = (&'static str, String, String);

fn wrong<T>(key: &'static str, what: impl Into<String>, right: impl Into<String>) -> Result<T, Wrong> {
    Err((key, what.into(), right.into()))
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
    for entry in &profile.derived {
        let known =
            map.points.iter().map(|point| &point.name).chain(map.derived.iter().map(|derived| &derived.name));
        let derived = expand_derived(entry, &known.cloned().collect::<Vec<_>>()).map_err(sentence)?;
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

fn expand_point(entry: &PointEntry, options: &BTreeMap<String, u16>) -> Result<Vec<Point>, Wrong> {
    let Some(each) = &entry.each else { return Ok(vec![point(entry, None)?]) };
    let to = match &each.to {
        End::Number(to) => *to,
        End::Option(name) => match options.get(name) {
            Some(to) => *to,
            None => {
                return wrong(
                    "each",
                    format!("`{name}` is no option"),
                    "name it under [options] with its default",
                );
            }
        },
    };
    if !entry.name.contains("{n}") {
        return wrong("name", "a range needs `{n}` in its name", "for example zone.{n}.alarm");
    }
    if let Some(max) = each.max.filter(|max| to > *max) {
        return wrong("each", format!("{to} is too many for `{}`", entry.name), format!("at most {max}"));
    }
    let count = to.saturating_sub(each.from).saturating_add(1);
    if to < each.from && to != 0 || usize::from(count) > MAX_POINTS {
        return wrong("each", format!("{} to {to} is no range", each.from), "from must not be above to");
    }
    (each.from..=to).map(|n| point(entry, Some((n, n - each.from)))).collect()
}

/// One point; `number` is its `{n}` and how many came before it.
fn point(entry: &PointEntry, number: Option<(u16, u16)>) -> Result<Point, Wrong> {
    let text = number.map_or_else(|| entry.name.clone(), |(n, _)| entry.name.replace("{n}", &n.to_string()));
    let name: PointName =
        text.parse().map_err(|what| ("name", what, "for example battery.charge".to_owned()))?;
    let steps = number.map_or(0, |(_, steps)| steps);
    let each = entry.each.as_ref();
    let bit_shift = u16::from(each.map_or(0, |each| each.bit_step)).saturating_mul(steps);
    let addresses = addresses(entry, each.map_or(0, |each| each.address_step).checked_mul(steps))?;
    let bits = bits(entry, bit_shift, addresses.len())?;
    let scale = scale(entry.scale.as_ref())?;
    let words = words(entry)?;
    if let Some(fixed) = fixed_unit(&name)
        && fixed != entry.unit
    {
        let symbol = fixed.map_or("no unit", Unit::symbol);
        return wrong("unit", format!("`{name}` is in {symbol} everywhere"), "scale to it, or use unit_if");
    }
    if let Some(unit_if) = &entry.unit_if {
        let possible = entry.unit.and_then(|unit| unit_if.unit.conversion_to(unit));
        if possible.is_none() {
            return wrong("unit_if", "this unit cannot be converted to the point's", "for example °F to °C");
        }
    }
    check_words(&name, &words)?;
    if !words.is_empty() && entry.encoding == Encoding::F32 {
        return wrong("words", "a float has no words", "use an integer type");
    }
    if entry.priority.is_some_and(|priority| !(1..=4).contains(&priority)) {
        return wrong("priority", "there is no such priority", "1 (act now) to 4 (upkeep)");
    }
    if name.as_str().starts_with("alarm.") && entry.text.is_none() {
        return wrong("name", format!("`{name}` has no text"), "text = { en = \"…\", vi = \"…\" }");
    }
    if entry.area.is_bits() && entry.encoding != Encoding::Bool {
        return wrong("type", "coils and discrete inputs hold one bit", "type = \"bool\"");
    }
    if entry.encoding == Encoding::Bool && !entry.area.is_bits() && bits.is_none() {
        return wrong("type", "which bit of the register?", "bits = \"0\" (the lowest) to \"15\"");
    }
    if matches!(entry.area, Area::Discrete | Area::Input) && entry.access != Access::Read {
        return wrong("access", "this area cannot be written", "holding registers and coils can");
    }
    let text = entry.text.clone().map(|mut text| {
        let n = number.map(|(n, _)| n.to_string()).unwrap_or_default();
        text.en = text.en.replace("{n}", &n);
        text.vi = text.vi.replace("{n}", &n);
        text
    });
    let scale_from = entry.scale_from.as_ref().map(|name| name.parse()).transpose();
    Ok(Point {
        name,
        area: entry.area,
        addresses,
        encoding: entry.encoding,
        bits,
        true_if: entry.true_if.clone().unwrap_or_default(),
        inverted: entry.inverted,
        scale,
        offset: entry.offset,
        scale_from: scale_from.map_err(|what| ("scale_from", what, "name a point".to_owned()))?,
        unit: entry.unit,
        unit_if: entry.unit_if.clone(),
        words,
        not_available: sentinels(&entry.not_available),
        valid: entry.valid.map(|valid| (valid.min, valid.max)),
        access: entry.access,
        period: entry.period,
        simulate: entry.simulate.clone(),
        text,
        priority: entry.priority,
        order: entry.order,
    })
}

fn addresses(entry: &PointEntry, step: Option<u16>) -> Result<Vec<u16>, Wrong> {
    let count = match (entry.encoding.registers(), entry.registers) {
        (Some(count), None) => count,
        (None, Some(count @ 1..=64)) => count,
        (None, _) => return wrong("type", "how many registers?", "registers = 1 to 64"),
        (Some(_), Some(_)) => {
            return wrong("registers", "the type already says how many", "delete `registers`");
        }
    };
    let too_high =
        || ("address", "the address runs over 65535".to_owned(), "addresses are 0-based".to_owned());
    let step = step.ok_or_else(too_high)?;
    let mut addresses = match &entry.address {
        Addresses::First(first) => (0..count)
            .map(|n| first.checked_add(step).and_then(|first| first.checked_add(n)))
            .collect::<Option<Vec<_>>>()
            .ok_or_else(too_high)?,
        Addresses::Each(list) if list.len() == usize::from(count) => {
            list.iter().map(|a| a.checked_add(step)).collect::<Option<Vec<_>>>().ok_or_else(too_high)?
        }
        Addresses::Each(list) => {
            return wrong("address", format!("{} addresses for {count} registers", list.len()), "one each");
        }
    };
    if entry.order == WordOrder::Little {
        addresses.reverse();
    }
    Ok(addresses)
}

fn bits(entry: &PointEntry, shift: u16, registers: usize) -> Result<Option<(u8, u8)>, Wrong> {
    let Some(text) = &entry.bits else { return Ok(None) };
    let (high, low) = text.split_once(':').unwrap_or((text, text));
    let read = |text: &str| text.trim().parse::<u16>().ok().and_then(|bit| bit.checked_add(shift));
    let width = registers * 16;
    match (read(high), read(low)) {
        (Some(high), Some(low)) if low <= high && usize::from(high) < width && width <= 64 => {
            Ok(u8::try_from(high).ok().zip(u8::try_from(low).ok()))
        }
        _ => wrong("bits", format!("`{text}` are no bits of {width}"), "bits = \"15:12\" or \"3\""),
    }
}

fn scale(scale: Option<&Scale>) -> Result<Ratio, Wrong> {
    let parsed = match scale {
        None => Some(Ratio::ONE),
        Some(Scale::Number(number)) => decimal(*number),
        Some(Scale::Fraction(text)) => text.split_once('/').and_then(|(numerator, denominator)| {
            let numerator = numerator.trim().parse().ok().filter(|n| *n > 0)?;
            let denominator = denominator.trim().parse().ok().filter(|n| *n > 0)?;
            Some(Ratio { numerator, denominator })
        }),
    };
    parsed
        .map_or_else(|| wrong("scale", "this is no scale", "a number above 0 such as 0.1, or \"1/512\""), Ok)
}

/// 0.1 → 1/10; exact for up to nine decimals.
fn decimal(number: f64) -> Option<Ratio> {
    let denominators = std::iter::successors(Some(1_u32), |power| power.checked_mul(10)).take(10);
    denominators.into_iter().find_map(|denominator| {
        let scaled = number * f64::from(denominator);
        let whole = scaled.round();
        let fits = (scaled - whole).abs() < 1e-6 && (1.0..=f64::from(u32::MAX)).contains(&whole);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the range was checked")]
        fits.then_some(Ratio { numerator: whole as u32, denominator })
    })
}

fn words(entry: &PointEntry) -> Result<Vec<(u64, String)>, Wrong> {
    entry
        .words
        .iter()
        .map(|(code, word)| {
            let hexadecimal = code.strip_prefix("0x").map(|digits| u64::from_str_radix(digits, 16));
            match hexadecimal.unwrap_or_else(|| code.parse()) {
                Ok(code) => Ok((code, word.clone())),
                Err(_) => {
                    wrong("words", format!("`{code}` is no raw code"), "2 = \"online\" or 0x10 = \"auto\"")
                }
            }
        })
        .collect()
}

fn sentinels(listed: &NotAvailable) -> Vec<Sentinel> {
    match listed {
        NotAvailable::Listed(list) => list.clone(),
        NotAvailable::Set(_) => Vec::new(), // resolved on loading
    }
}

fn check_words(name: &PointName, words: &[(u64, String)]) -> Result<(), Wrong> {
    let Some(Kind::Words(allowed)) = vocabulary::find(name).map(|found| found.kind) else { return Ok(()) };
    match words.iter().find(|(_, word)| !allowed.contains(&word.as_str())) {
        Some((_, word)) => {
            wrong("words", format!("`{name}` cannot be `{word}`"), format!("one of: {}", allowed.join(", ")))
        }
        None if words.is_empty() => wrong("name", format!("`{name}` is a word"), "give its words"),
        None => Ok(()),
    }
}

fn expand_derived(entry: &DerivedEntry, known: &[PointName]) -> Result<Derived, Wrong> {
    let name: PointName =
        entry.name.parse().map_err(|what| ("name", what, "for example ups.status".to_owned()))?;
    if name.as_str().starts_with("alarm.") && entry.text.is_none() {
        return wrong("name", format!("`{name}` has no text"), "text = { en = \"…\", vi = \"…\" }");
    }
    let rules = entry.rules.iter().map(|rule| expand_rule(rule, known)).collect::<Result<Vec<_>, _>>()?;
    for rule in &rules {
        let fits = match vocabulary::find(&name).map(|found| found.kind) {
            None => true,
            Some(Kind::Words(allowed)) => {
                matches!(&rule.is, Literal::Text(word) if allowed.contains(&word.as_str()))
            }
            Some(Kind::Flag) => matches!(rule.is, Literal::Flag(_)),
            Some(Kind::Quantity(_) | Kind::Number) => matches!(rule.is, Literal::Number(_)),
        };
        if !fits {
            return wrong(
                "rules",
                format!("`{name}` cannot be {:?}", rule.is),
                "see the vocabulary in the README",
            );
        }
    }
    Ok(Derived {
        name,
        how: Derivation::Rules(rules),
        unit: None,
        text: entry.text.clone(),
        priority: entry.priority,
    })
}

fn expand_rule(entry: &RuleEntry, known: &[PointName]) -> Result<Rule, Wrong> {
    if let Some(otherwise) = &entry.otherwise {
        return Ok(Rule { conditions: Vec::new(), is: otherwise.clone() });
    }
    let Some(is) = entry.is.clone() else {
        return wrong("rules", "a rule gives no value", "is = …, or else = …");
    };
    let mut conditions = Vec::new();
    let mut next = Some(entry);
    while let Some(entry) = next {
        conditions.push(condition(entry, known)?);
        next = entry.and.as_deref();
    }
    Ok(Rule { conditions, is })
}

fn condition(entry: &RuleEntry, known: &[PointName]) -> Result<Condition, Wrong> {
    let (pattern, all) = match (&entry.one, &entry.any, &entry.all) {
        (Some(name), None, None) => (name, true),
        (None, Some(pattern), None) => (pattern, false),
        (None, None, Some(pattern)) => (pattern, true),
        _ => {
            return wrong(
                "rules",
                "a condition names one of `if`, `any`, `all`",
                "{ if = \"point\", is = … }",
            );
        }
    };
    let points: Vec<_> = known.iter().filter(|name| like(name.as_str(), pattern)).cloned().collect();
    if points.is_empty() && !pattern.contains('*') {
        return wrong("rules", format!("`{pattern}` is no point defined before"), "define it first");
    }
    let test = match (&entry.equals, &entry.among, entry.above, entry.below) {
        (None, None, None, None) => Test::Among(vec![Literal::Flag(true)]),
        (Some(value), None, None, None) => Test::Among(vec![value.clone()]),
        (None, Some(values), None, None) => Test::Among(values.clone()),
        (None, None, Some(limit), None) => Test::Above(limit),
        (None, None, None, Some(limit)) => Test::Below(limit),
        _ => return wrong("rules", "a condition has one test", "one of equals, in, above, below"),
    };
    Ok(Condition { points, all, test })
}

/// Whether `name` is like `pattern`, in which `*` stands for one part or the end of one.
fn like(name: &str, pattern: &str) -> bool {
    let (mut parts, mut wanted) = (name.split('.'), pattern.split('.'));
    loop {
        match (parts.next(), wanted.next()) {
            (None, None) => return true,
            (Some(part), Some(want)) => match want.split_once('*') {
                Some((start, end)) if part.starts_with(start) && part.ends_with(end) => {}
                None if part == want => {}
                _ => return false,
            },
            _ => return false,
        }
    }
}
