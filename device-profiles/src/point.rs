//! From a `[[point]]` entry to the points that it stands for, checked one by one. [`crate::load`] calls it, on loading
//! with the profile's own options, and for a device's map with those of the site.
//!
//! It looks at one entry at a time; what points say of one another is `load`'s and `rules`' business.

use std::collections::BTreeMap;

use crate::{
    Access, Area, Encoding, Point, PointName, Ratio, Sentinel, Unit, UnitIf, WordOrder,
    file::{Addresses, End, NotAvailable, PointEntry, Scale},
    load::MAX_POINTS,
    map::fixed_unit,
    problem::{Wrong, wrong},
    values::Values,
    vocabulary::{self, Kind},
};

/// The points that an entry stands for; `options` give the ends of its ranges.
pub(crate) fn expand_point(entry: &PointEntry, options: &BTreeMap<String, u16>) -> Result<Vec<Point>, Wrong> {
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
    check_unit(entry, &name)?;
    check_type(entry, &name, bits, &words)?;
    let text = entry.text.clone().map(|mut text| {
        let n = number.map(|(n, _)| n.to_string()).unwrap_or_default();
        text.en = text.en.replace("{n}", &n);
        text.vi = text.vi.replace("{n}", &n);
        text
    });
    let scale_from = entry.scale_from.as_ref().map(|name| name.parse()).transpose();
    let point = Point {
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
        set: entry.set.map(|set| (set.min, set.max)),
        period: entry.period,
        simulate: entry.simulate.clone(),
        text,
        priority: entry.priority,
        order: entry.order,
    };
    if let Some(simulate) = point.simulate.as_ref().filter(|value| !Values::of_point(&point).fits(value)) {
        let right = Values::of_point(&point).say();
        return wrong("simulate", format!("`{}` is never {simulate}", point.name), right);
    }
    Ok(point)
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

fn check_unit(entry: &PointEntry, name: &PointName) -> Result<(), Wrong> {
    if let Some(fixed) = fixed_unit(name)
        && fixed != entry.unit
    {
        let symbol = fixed.map_or("no unit", Unit::symbol);
        return wrong("unit", format!("`{name}` is in {symbol} everywhere"), "scale to it, or use unit_if");
    }
    let converts = |unit_if: &UnitIf| entry.unit.and_then(|unit| unit_if.unit.conversion_to(unit)).is_some();
    if entry.unit_if.as_ref().is_some_and(|unit_if| !converts(unit_if)) {
        return wrong("unit_if", "this unit cannot be converted to the point's", "for example °F to °C");
    }
    if entry.valid.is_some_and(|valid| valid.min > valid.max) {
        return wrong("valid", "no value is between these", "min must not be above max");
    }
    if entry.set.is_some_and(|set| set.min > set.max) {
        return wrong("set", "no value is between these", "min must not be above max");
    }
    if entry.set.is_some() && entry.access == Access::Read {
        return wrong("set", "this point is not written", "access = \"read-write\", or delete `set`");
    }
    if entry.priority.is_some_and(|priority| !(1..=4).contains(&priority)) {
        return wrong("priority", "there is no such priority", "1 (act now) to 4 (upkeep)");
    }
    if name.as_str().starts_with("alarm.") && entry.text.is_none() {
        return wrong("name", format!("`{name}` has no text"), "text = { en = \"…\", vi = \"…\" }");
    }
    Ok(())
}

fn check_type(
    entry: &PointEntry,
    name: &PointName,
    bits: Option<(u8, u8)>,
    words: &[(u64, String)],
) -> Result<(), Wrong> {
    let flag = entry.encoding == Encoding::Bool;
    if entry.area.is_bits() && !flag {
        return wrong("type", "coils and discrete inputs hold one bit", "type = \"bool\"");
    }
    if flag && entry.area.is_bits() == bits.is_some() {
        return wrong(
            "type",
            "which bit of the register?",
            "bits = \"0\" (the lowest) to \"15\"; none for coils and discrete inputs",
        );
    }
    if matches!(entry.area, Area::Discrete | Area::Input) && entry.access != Access::Read {
        return wrong("access", "this area cannot be written", "holding registers and coils can");
    }
    if !words.is_empty() && matches!(entry.encoding, Encoding::Bool | Encoding::F32 | Encoding::Text) {
        return wrong("words", "only whole numbers have words", "use an integer type");
    }
    let number = !flag && words.is_empty() && entry.encoding != Encoding::Text;
    match vocabulary::find(name).map(|found| found.kind) {
        Some(Kind::Flag) if !flag => wrong("type", format!("`{name}` is true or false"), "type = \"bool\""),
        Some(Kind::Quantity(_) | Kind::Number) if !number => {
            wrong("type", format!("`{name}` is a number"), "use a number's type, and no words")
        }
        Some(Kind::Words(_)) if words.is_empty() => {
            wrong("name", format!("`{name}` is a word"), "give its words")
        }
        Some(Kind::Words(allowed)) => {
            match words.iter().find(|(_, word)| !allowed.contains(&word.as_str())) {
                Some((_, word)) => wrong(
                    "words",
                    format!("`{name}` cannot be `{word}`"),
                    format!("one of: {}", allowed.join(", ")),
                ),
                None => Ok(()),
            }
        }
        Some(_) | None => Ok(()),
    }
}
