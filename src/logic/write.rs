//! What may be written to a device, and the registers that say it.
//!
//! Called by `app` before a write is sent to a line (is it allowed, is the value one that the point takes) and by the
//! line task (which words, once it knows what stands there). It sends nothing. Nothing is written that both the
//! profile and the site file do not allow.

use hallward_profiles::{Area, Encoding, Point, Unit};
use hallward_site::Device;

use super::decode::Words;
use crate::model::{DeviceInfo, PointIx, Value};

/// Why a value is not written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The device has no such point in its registers.
    #[error("there is no point `{0}` in its registers")]
    NoSuchPoint(String),
    /// The profile or the site file does not allow it.
    #[error("`{0}` may not be written: the site file's `writes` of the device do not name it")]
    NotAllowed(String),
    /// The value is none of those that the point has.
    #[error("`{value}` is no value of `{point}`: {right}")]
    WrongValue {
        /// The point.
        point: String,
        /// The value as it was given.
        value: String,
        /// What it takes.
        right: String,
    },
    /// The point's unit is another.
    #[error("`{point}` is in {right}, not in {given}")]
    WrongUnit {
        /// The point.
        point: String,
        /// The unit as it was given.
        given: String,
        /// Its unit.
        right: String,
    },
    /// The registers cannot hold it, or what they would need to know is not known.
    #[error("{0}")]
    NotEncodable(&'static str),
}

/// The registers of one write: all of them in one request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cells {
    /// Coils or holding registers.
    pub area: Area,
    /// First address.
    pub start: u16,
    /// What is to stand there.
    pub words: Vec<u16>,
}

/// The value that `text` means for `point`, if both profile and site file let it be written there.
///
/// # Errors
/// Why it is not written.
pub fn checked(
    device: &Device,
    name: &str,
    text: &str,
    unit: Option<&str>,
) -> Result<(usize, Value), Refusal> {
    let found = device.map.points.iter().enumerate().find(|(_, point)| point.name.as_str() == name);
    let (n, point) = found.ok_or_else(|| Refusal::NoSuchPoint(name.to_owned()))?;
    let limits = device.writes.get(&point.name).filter(|_| point.is_written());
    let limits = limits.ok_or_else(|| Refusal::NotAllowed(name.to_owned()))?;
    if let Some(given) = unit.filter(|given| Some(*given) != point.unit.map(Unit::symbol)) {
        let right = point.unit.map_or("no unit", Unit::symbol).to_owned();
        return Err(Refusal::WrongUnit { point: name.to_owned(), given: given.to_owned(), right });
    }
    let wrong = |right: String| Refusal::WrongValue { point: name.to_owned(), value: text.to_owned(), right };
    let value = match (point.encoding, point.words.is_empty()) {
        (Encoding::Bool, _) => match text {
            "true" | "on" | "1" => Value::Flag(true),
            "false" | "off" | "0" => Value::Flag(false),
            _ => return Err(wrong("true or false".to_owned())),
        },
        (Encoding::Text, _) => Value::Text(text.into()),
        (_, false) => {
            let words = || point.words.iter().map(|(_, word)| word.as_str());
            let known = words().find(|word| *word == text);
            let right = || format!("one of: {}", words().collect::<Vec<_>>().join(", "));
            Value::Word(known.ok_or_else(|| wrong(right()))?.into())
        }
        (_, true) => {
            let number: f64 = text.parse().map_err(|_| wrong("a number".to_owned()))?;
            let (min, max) = limits.ok_or_else(|| Refusal::NotAllowed(name.to_owned()))?;
            if !(min..=max).contains(&number) {
                return Err(wrong(format!("{min} to {max}")));
            }
            Value::Number(number)
        }
    };
    Ok((n, value))
}

/// The registers that tell `value`; `before` are the words that stand there, needed where a point is a part of a
/// register; `setting` gives the last fresh value of another point of the device.
///
/// # Errors
/// Why the registers cannot tell it.
pub fn encode<'s>(
    point: &Point,
    info: &DeviceInfo,
    value: &Value,
    before: Option<&Words>,
    setting: impl Fn(PointIx) -> Option<&'s Value>,
) -> Result<Cells, Refusal> {
    let field = match value {
        Value::Flag(flag) if point.area.is_bits() => {
            let start = point.addresses.first().copied().unwrap_or_default();
            return Ok(Cells { area: point.area, start, words: vec![u16::from(*flag != point.inverted)] });
        }
        Value::Flag(flag) => coded_flag(point, *flag)?,
        Value::Word(word) => {
            let code = point.words.iter().find(|(_, known)| known == word.as_ref()).map(|(code, _)| *code);
            code.ok_or(Refusal::NotEncodable("the device has no code for this word"))?
        }
        Value::Number(number) => raw(point, unscaled(point, info, *number, setting)?)?,
        Value::Text(_) => return Err(Refusal::NotEncodable("texts are not written")),
    };
    let width = point.addresses.len() * 16;
    let whole = match point.bits {
        None if point.encoding == Encoding::S8 => field & 0xFF,
        None => field,
        Some((high, low)) => {
            let mask = (u64::MAX >> (63 - u32::from(high - low))) << low;
            let words = before.ok_or(Refusal::NotEncodable("what stands around these bits is not known"))?;
            let old = point
                .addresses
                .iter()
                .try_fold(0_u64, |all, address| Some(all << 16 | u64::from(words.at(*address)?)));
            old.ok_or(Refusal::NotEncodable("what stands around these bits is not known"))? & !mask
                | field << low & mask
        }
    };
    if width > 64 || width < 64 && whole >> width != 0 {
        return Err(Refusal::NotEncodable("the registers cannot hold this value"));
    }
    cells(point, whole)
}

/// The words at their addresses, which must lie side by side: one request writes all or nothing.
fn cells(point: &Point, whole: u64) -> Result<Cells, Refusal> {
    let count = point.addresses.len();
    let mut placed: Vec<(u16, u16)> = Vec::with_capacity(count);
    for (n, address) in point.addresses.iter().enumerate() {
        let word = whole >> (16 * (count - 1 - n)) & 0xFFFF;
        placed.push((*address, u16::try_from(word).unwrap_or_default()));
    }
    placed.sort_unstable();
    let start = placed.first().map(|(address, _)| *address).unwrap_or_default();
    if !placed.iter().zip(start..).all(|((address, _), expected)| *address == expected) {
        return Err(Refusal::NotEncodable(
            "its registers do not lie side by side: one request cannot write them",
        ));
    }
    Ok(Cells { area: point.area, start, words: placed.into_iter().map(|(_, word)| word).collect() })
}

fn coded_flag(point: &Point, flag: bool) -> Result<u64, Refusal> {
    match (flag != point.inverted, point.true_if.as_slice()) {
        (true, [code, ..]) => Ok(*code),
        (held, []) => Ok(u64::from(held)),
        (false, codes) => {
            (0..=1).find(|code| !codes.contains(code)).ok_or(Refusal::NotEncodable("no code means false"))
        }
    }
}

/// The raw number: unit, exponent, offset and scale taken back.
fn unscaled<'s>(
    point: &Point,
    info: &DeviceInfo,
    mut value: f64,
    setting: impl Fn(PointIx) -> Option<&'s Value>,
) -> Result<f64, Refusal> {
    const UNKNOWN: Refusal =
        Refusal::NotEncodable("a setting of the device that scales the value is not known yet");
    if let Some(unit_if) = &point.unit_if {
        let told = info.find(unit_if.point.as_str()).and_then(&setting).ok_or(UNKNOWN)?;
        let conversion = point.unit.and_then(|unit| unit_if.unit.conversion_to(unit));
        if let (true, Some((factor, offset))) = (super::decode::equals(told, &unit_if.is), conversion) {
            value = (value - offset) / factor;
        }
    }
    if let Some(exponent) = &point.scale_from {
        let exponent =
            info.find(exponent.as_str()).and_then(&setting).and_then(Value::number).ok_or(UNKNOWN)?;
        value /= 10_f64.powf(exponent);
    }
    Ok((value - point.offset) * f64::from(point.scale.denominator) / f64::from(point.scale.numerator))
}

/// The bits of a raw number.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "each range is checked before its cast"
)]
fn raw(point: &Point, number: f64) -> Result<u64, Refusal> {
    const OUTSIDE: Refusal = Refusal::NotEncodable("the registers cannot hold this value");
    let whole = number.round();
    let signed = |bits: u32| {
        let half = 2_f64.powi(i32::try_from(bits).unwrap_or(63) - 1);
        let mask = u64::MAX >> (64 - bits);
        if (-half..half).contains(&whole) { Ok((whole as i64).cast_unsigned() & mask) } else { Err(OUTSIDE) }
    };
    let unsigned = |bits: u32| {
        let most = 2_f64.powi(i32::try_from(bits).unwrap_or(63));
        if (0.0..most).contains(&whole) { Ok(whole as u64) } else { Err(OUTSIDE) }
    };
    match point.encoding {
        _ if point.bits.is_some() => unsigned(point.width()),
        Encoding::S8 => signed(8),
        Encoding::S16 => signed(16),
        Encoding::S32 => signed(32),
        Encoding::S64 => signed(64),
        Encoding::F32 => Ok(u64::from((number as f32).to_bits())),
        Encoding::U16 | Encoding::U32 | Encoding::U64 | Encoding::Bool => unsigned(point.width()),
        Encoding::Bcd | Encoding::Text => Err(Refusal::NotEncodable("this kind of value is not written")),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::logic::decode::{Decoder, tests::device};

    /// Encodes, decodes again, and gives both: the words written, and the value that they mean.
    fn round(text: &str, value: &Value, before: &[u16]) -> Result<(Vec<u16>, Value), Refusal> {
        let (map, info) = device(&[text.to_owned()]);
        let point = &map.points[0];
        let start = *point.addresses.iter().min().unwrap();
        let old = Words { area: point.area, start, values: before.to_vec() };
        let cells = encode(point, &info, value, Some(&old), |_| None)?;
        let words = Words { area: cells.area, start: cells.start, values: cells.words.clone() };
        let back = Decoder::new(&map, &info).decode(PointIx(0), &words, |_| None).unwrap();
        Ok((cells.words, back))
    }

    fn check(text: &str, value: Value, before: &[u16], words: &[u16]) {
        let (found, back) = round(text, &value, before).unwrap_or_else(|why| panic!("{text}: {why}"));
        assert_eq!((found.as_slice(), &back), (words, &value), "{text}");
    }

    const HOLDING: &str = "area = \"holding\"\naccess = \"read-write\"\naddress = 10\n";

    #[test]
    fn values_become_the_words_that_mean_them() {
        let holding = |rest: &str| format!("{HOLDING}{rest}");
        check(&holding("type = \"u16\"\nscale = 0.1"), Value::Number(23.4), &[0], &[234]);
        check(&holding("type = \"s16\"\nscale = 0.1"), Value::Number(-1.5), &[0], &[0xFFF1]);
        check(&holding("type = \"u32\""), Value::Number(70_000.0), &[0, 0], &[1, 4464]);
        check(&holding("type = \"u32\"\norder = \"little\""), Value::Number(70_000.0), &[0, 0], &[4464, 1]);
        check(&holding("type = \"f32\""), Value::Number(0.5), &[0, 0], &[0x3F00, 0]);
        check(&holding("type = \"u16\"\nwords = { 2 = \"auto\" }"), Value::Word("auto".into()), &[0], &[2]);
        check(&holding("type = \"bool\"\nbits = \"3\""), Value::Flag(true), &[0x8001], &[0x8009]);
        check(&holding("type = \"u16\"\nbits = \"7:4\""), Value::Number(5.0), &[0xFFFF], &[0xFF5F]);
        check(
            "area = \"coil\"\naccess = \"read-write\"\naddress = 4\ntype = \"bool\"\ninverted = true",
            Value::Flag(true),
            &[0],
            &[0],
        );
    }

    #[test]
    fn what_the_registers_cannot_hold_is_refused() {
        let refused = |rest: &str, number: f64| {
            round(&format!("{HOLDING}{rest}"), &Value::Number(number), &[0, 0]).is_err()
        };
        assert!(refused("type = \"u16\"", -1.0) && refused("type = \"u16\"", 65_536.0));
        assert!(refused("type = \"s16\"", 32_768.0) && refused("type = \"u16\"\nbits = \"3:0\"", 16.0));
        let split = "area = \"holding\"\naccess = \"read-write\"\naddress = [10, 20]\ntype = \"u32\"";
        assert!(round(split, &Value::Number(1.0), &[0; 11]).is_err());
    }

    proptest! {
        #[test]
        fn what_is_written_means_what_was_asked(number in -3000_i32..3000, kind in 0..4_usize) {
            let kind = ["type = \"s16\"", "type = \"s32\"", "type = \"s32\"\norder = \"little\"", "type = \"s64\""][kind];
            let value = Value::Number(f64::from(number) / 10.0);
            let (_, back) = round(&format!("{HOLDING}{kind}\nscale = 0.1"), &value, &[0; 4]).unwrap();
            prop_assert_eq!(back, value);
        }
    }
}
