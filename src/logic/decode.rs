//! From raw words to values: scale, sign, bits, words, sentinels, believable range. Never a guess: what cannot be
//! decoded has a reason instead of a value.

use std::sync::Arc;

use hallward_profiles::{Area, Encoding, Literal, Map, Point, Ratio};

use crate::model::{DeviceInfo, PointIx, PointSource, Quality, Value};

/// Registers (or bits, as 0 and 1) of one answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Words {
    /// Where they were read.
    pub area: Area,
    /// The first one's address.
    pub start: u16,
    /// The words.
    pub values: Vec<u16>,
}

/// How to decode each point of a device; names are looked up once, when it is made.
#[derive(Clone, Debug)]
pub struct Decoder {
    map: Arc<Map>,
    points: Vec<Option<Place>>,
}

/// A point's place in the map, and what its decoding needs besides.
#[derive(Clone, Debug)]
struct Place {
    point: usize,
    words: Vec<(u64, Arc<str>)>,
    exponent: Option<PointIx>,
    conversion: Option<Box<Conversion>>,
}

/// A point and its place.
#[derive(Clone, Copy)]
struct PointDecoder<'d> {
    point: &'d Point,
    place: &'d Place,
}

/// Applied while the setting `point` has the value `is`.
#[derive(Clone, Debug)]
struct Conversion {
    point: PointIx,
    is: Literal,
    factor: f64,
    offset: f64,
}

impl Words {
    /// The word at `address`.
    #[must_use]
    pub fn at(&self, address: u16) -> Option<u16> {
        self.values.get(usize::from(address.checked_sub(self.start)?)).copied()
    }
}

impl Decoder {
    /// For a device of this map.
    #[must_use]
    pub fn new(map: &Arc<Map>, info: &DeviceInfo) -> Self {
        let points = info.iter().map(|(_, point)| match point.source {
            PointSource::Register(n) => map.points.get(n).map(|point| Place::new(n, point, info)),
            PointSource::Derived(_) => None,
        });
        Self { points: points.collect(), map: Arc::clone(map) }
    }

    /// Whether decoding `ix` needs the value of another point.
    #[must_use]
    pub fn depends(&self, ix: PointIx) -> bool {
        let place = self.points.get(usize::from(ix.0)).and_then(Option::as_ref);
        place.is_some_and(|place| place.exponent.is_some() || place.conversion.is_some())
    }

    /// The value of `ix` in `words`; `setting` gives the last fresh value of another point of the device.
    ///
    /// # Errors
    /// The reason that there is no value.
    pub fn decode<'s>(
        &self,
        ix: PointIx,
        words: &Words,
        setting: impl Fn(PointIx) -> Option<&'s Value>,
    ) -> Result<Value, Quality> {
        let place = self.points.get(usize::from(ix.0)).and_then(Option::as_ref).ok_or(Quality::Disabled)?;
        let point = self.map.points.get(place.point).ok_or(Quality::Disabled)?;
        PointDecoder { point, place }.decode(words, setting)
    }
}

impl Place {
    fn new(n: usize, point: &Point, info: &DeviceInfo) -> Self {
        let conversion = point.unit_if.as_ref().and_then(|unit_if| {
            let (factor, offset) = unit_if.unit.conversion_to(point.unit?)?;
            let setting = info.find(unit_if.point.as_str())?;
            Some(Box::new(Conversion { point: setting, is: unit_if.is.clone(), factor, offset }))
        });
        Self {
            point: n,
            words: point.words.iter().map(|(code, word)| (*code, word.as_str().into())).collect(),
            exponent: point.scale_from.as_ref().and_then(|name| info.find(name.as_str())),
            conversion,
        }
    }
}

impl PointDecoder<'_> {
    fn decode<'s>(
        &self,
        words: &Words,
        setting: impl Fn(PointIx) -> Option<&'s Value>,
    ) -> Result<Value, Quality> {
        let mut registers =
            self.point.addresses.iter().map(|address| words.at(*address).ok_or(Quality::BadFrame));
        if self.point.encoding == Encoding::Text {
            return Ok(Value::Text(text(&registers.collect::<Result<Vec<_>, _>>()?).into()));
        }
        let whole = registers.try_fold(0_u64, |raw, word| word.map(|word| raw << 16 | u64::from(word)))?;
        let field = self.point.bits.map_or(whole, |(high, low)| whole >> low & mask(high - low + 1));
        if self.is_sentinel(whole, field) {
            return Err(Quality::NotAvailable);
        }
        if self.point.encoding == Encoding::Bool {
            let held =
                if self.point.true_if.is_empty() { field != 0 } else { self.point.true_if.contains(&field) };
            return Ok(Value::Flag(held != self.point.inverted));
        }
        if !self.place.words.is_empty() {
            let word = self.place.words.iter().find(|(code, _)| *code == field);
            return word.map(|(_, word)| Value::Word(Arc::clone(word))).ok_or(Quality::OutOfRange);
        }
        let raw = number(self.point.encoding, self.point.bits.is_some(), field)?;
        self.scaled(raw, setting)
    }

    fn is_sentinel(&self, whole: u64, field: u64) -> bool {
        self.point.not_available.iter().any(|sentinel| match sentinel.mask {
            Some(mask) => whole & mask == sentinel.raw,
            None => field == sentinel.raw,
        })
    }

    fn scaled<'s>(&self, raw: f64, setting: impl Fn(PointIx) -> Option<&'s Value>) -> Result<Value, Quality> {
        let mut value = scaled(raw, self.point.scale, self.point.offset);
        if let Some(exponent) = self.place.exponent {
            let exponent = setting(exponent).and_then(Value::number).ok_or(Quality::NotYetRead)?;
            value *= 10_f64.powf(exponent);
        }
        if let Some(conversion) = &self.place.conversion {
            let setting = setting(conversion.point).ok_or(Quality::NotYetRead)?;
            if equals(setting, &conversion.is) {
                value = value * conversion.factor + conversion.offset;
            }
        }
        let believable = self.point.valid.is_none_or(|(min, max)| (min..=max).contains(&value));
        if believable && value.is_finite() { Ok(Value::Number(value)) } else { Err(Quality::OutOfRange) }
    }
}

/// raw × scale + offset; a scale such as 1/10 divides, so that 234 becomes 23.4 exactly as written.
fn scaled(raw: f64, scale: Ratio, offset: f64) -> f64 {
    scale.times(raw) + offset
}

fn mask(bits: u8) -> u64 {
    1_u64.checked_shl(u32::from(bits)).map_or(u64::MAX, |above| above - 1)
}

/// Characters, two a register, to the first NUL.
fn text(registers: &[u16]) -> String {
    let bytes: Vec<u8> = registers.iter().flat_map(|word| word.to_be_bytes()).collect();
    let end = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
    let text = String::from_utf8_lossy(bytes.get(..end).unwrap_or_default());
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect::<String>().trim().to_owned()
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_precision_loss,
    reason = "each arm takes exactly the bits that its type has; 64-bit counters are shown to 53 bits"
)]
fn number(encoding: Encoding, is_field: bool, raw: u64) -> Result<f64, Quality> {
    let number = match encoding {
        _ if is_field => raw as f64,
        Encoding::S8 => f64::from(raw as u8 as i8),
        Encoding::S16 => f64::from(raw as u16 as i16),
        Encoding::S32 => f64::from(raw as u32 as i32),
        Encoding::S64 => raw as i64 as f64,
        Encoding::F32 => f64::from(f32::from_bits(raw as u32)),
        Encoding::Bcd => bcd(raw).ok_or(Quality::OutOfRange)?,
        Encoding::U16 | Encoding::U32 | Encoding::U64 | Encoding::Bool | Encoding::Text => raw as f64,
    };
    // A device whose float is "not a number" says that it has none.
    if number.is_nan() { Err(Quality::NotAvailable) } else { Ok(number) }
}

fn bcd(raw: u64) -> Option<f64> {
    let digits = (0..16).rev().map(|n| raw >> (4 * n) & 0xF);
    digits.into_iter().try_fold(0.0, |number, digit| {
        let digit = u32::try_from(digit).ok().filter(|digit| *digit <= 9)?;
        Some(number * 10.0 + f64::from(digit))
    })
}

/// What single precision may lose of a number, as a share of it.
const SINGLE_PRECISION: f64 = 1e-6;

/// Whether a value is the one written in a profile, as far as single precision tells them apart.
#[must_use]
pub fn equals(value: &Value, literal: &Literal) -> bool {
    match (value, literal) {
        (Value::Number(a), Literal::Number(b)) => same(*a, *b),
        (Value::Flag(a), Literal::Flag(b)) => a == b,
        (Value::Word(a) | Value::Text(a), Literal::Text(b)) => a.as_ref() == b,
        (Value::Number(_) | Value::Flag(_) | Value::Word(_) | Value::Text(_), _) => false,
    }
}

/// Whole numbers are the same or they are not: the serial number of another device must not pass for the right one.
fn same(found: f64, written: f64) -> bool {
    let difference = (found - written).abs();
    let both_whole = found.fract() == 0.0 && written.fract() == 0.0;
    difference < 1e-9 || (!both_whole && difference <= SINGLE_PRECISION * written.abs())
}

#[cfg(test)]
pub(crate) mod tests {
    use hallward_profiles::{Library, Profile};
    use hallward_site::Site;
    use proptest::prelude::*;

    use super::*;
    use crate::model::Plant;

    /// The map of a device whose points `p0`, `p1`, … are written so, and its numbering.
    pub(crate) fn device(points: &[String]) -> (Arc<Map>, DeviceInfo) {
        let points =
            points.iter().enumerate().map(|(n, point)| format!("[[point]]\nname = \"p{n}\"\n{point}\n"));
        device_of(&points.collect::<String>())
    }

    /// The map of a device with these `[[point]]` and `[[derived]]` tables, and its numbering.
    pub(crate) fn device_of(tables: &str) -> (Arc<Map>, DeviceInfo) {
        let head = "[profile]\nid = \"test\"\nname = \"t\"\nvendor = \"t\"\nclass = \"io\"\nconfidence = \"low\"\n\
                    sources = [\"test\"]\n[connection]\n[lacks]\n\"input.0\" = \"test\"\n";
        let profile =
            Profile::parse("test.toml", &format!("{head}{tables}")).unwrap_or_else(|e| panic!("{e}"));
        let library = Library::from_iter([profile]);
        let site = "[site]\nid = \"s\"\nname = \"s\"\ntime_zone = \"UTC\"\n[[line]]\nid = \"l\"\ntcp = \"h:502\"\n\
                    [[device]]\nid = \"d\"\nline = \"l\"\nprofile = \"test\"\n";
        let site = Site::parse("site.toml", site, &library).unwrap_or_else(|e| panic!("{e}"));
        let map = Arc::clone(&site.devices[0].map);
        (map, Plant::new(site, false).devices.remove(0))
    }

    fn decode(point: &str, words: &[u16]) -> Result<Value, Quality> {
        decode_with(&[point], words, None)
    }

    fn decode_with(points: &[&str], words: &[u16], setting: Option<Value>) -> Result<Value, Quality> {
        let points: Vec<_> = points.iter().map(|point| (*point).to_owned()).collect();
        let (map, info) = device(&points);
        let words = Words { area: Area::Holding, start: 10, values: words.to_vec() };
        Decoder::new(&map, &info).decode(PointIx(0), &words, |_| setting.as_ref())
    }

    fn number(value: f64) -> Result<Value, Quality> {
        Ok(Value::Number(value))
    }

    fn word(word: &str) -> Result<Value, Quality> {
        Ok(Value::Word(word.into()))
    }

    const HERE: &str = "area = \"holding\"\naddress = 10\n";

    fn here(rest: &str) -> String {
        format!("{HERE}{rest}")
    }

    #[test]
    fn numbers_are_scaled_and_signed() {
        let check =
            |rest: &str, words: &[u16], expected| assert_eq!(decode(&here(rest), words), expected, "{rest}");
        check("type = \"u16\"\nscale = \"1/512\"", &[0xC800], number(100.0));
        check("type = \"s16\"\nscale = 0.1", &[0xFFF1], number(-1.5));
        check("type = \"s16\"\nscale = 0.1\noffset = -50", &[234], number(23.4 - 50.0));
        check("type = \"u32\"", &[1, 2], number(65_538.0));
        check("type = \"u32\"\norder = \"little\"", &[1, 2], number(131_073.0));
        check("type = \"s32\"", &[0xFFFF, 0xFFFE], number(-2.0));
        check("type = \"s8\"", &[0x00F6], number(-10.0));
        check("type = \"f32\"", &[0x4366, 0x0000], number(230.0));
        check("type = \"f32\"", &[0x7FC0, 0], Err(Quality::NotAvailable));
        check("type = \"f32\"", &[0x7F80, 0], Err(Quality::OutOfRange));
        check("type = \"bcd\"\nregisters = 2", &[0x0012, 0x3456], number(123_456.0));
        check("type = \"bcd\"\nregisters = 1", &[0x00A0], Err(Quality::OutOfRange));
        check("type = \"u16\"\nbits = \"11:8\"", &[0x0A00], number(10.0));
        check("type = \"u16\"\nvalid = { min = 0, max = 100 }", &[101], Err(Quality::OutOfRange));
        check("type = \"u32\"", &[1], Err(Quality::BadFrame));
    }

    #[test]
    fn numbers_equal_what_is_written_as_far_as_single_precision_goes() {
        let check = |found: f64, written: f64, expected| {
            assert_eq!(
                equals(&Value::Number(found), &Literal::Number(written)),
                expected,
                "{found}, {written}"
            );
        };
        check(f64::from(230.4_f32), 230.4, true);
        check(f64::from(-1234.56_f32), -1234.56, true);
        check(120_000.03, 120_000.0, true);
        check(230.41, 230.4, false);
        check(1.000_002, 1.0, false);
        check(0.1 + 0.2, 0.3, true);
        check(1e-12, 0.0, true);
        check(12_345_678.0, 12_345_678.0, true);
        check(12_345_678.0, 12_345_679.0, false);
    }

    #[test]
    fn sentinels_never_become_numbers() {
        let with = |rest: &str| here(&format!("type = \"u16\"\nscale = 0.1\nnot_available = [{rest}]"));
        let sentinel = with("{ raw = 0x7FFF, why = \"not measured\" }");
        assert_eq!(decode(&sentinel, &[0x7FFF]), Err(Quality::NotAvailable));
        assert_eq!(decode(&sentinel, &[0x7FFE]), number(3276.6));
        let masked = with("{ raw = 0x00FF, mask = 0x00FF, why = \"no such point\" }");
        assert_eq!(decode(&masked, &[0x12FF]), Err(Quality::NotAvailable));
        let masked_bit = here(
            "type = \"bool\"\nbits = \"11\"\nnot_available = [{ raw = 0x00FF, mask = 0x00FF, why = \"absent\" }]",
        );
        assert_eq!(decode(&masked_bit, &[0x08FF]), Err(Quality::NotAvailable));
        assert_eq!(decode(&masked_bit, &[0x0810]), Ok(Value::Flag(true)));
        let nibble = here(
            "type = \"bool\"\nbits = \"15:12\"\ntrue_if = [2, 3]\nnot_available = [{ raw = 15, why = \"unimplemented\" }]",
        );
        assert_eq!(decode(&nibble, &[0xF000]), Err(Quality::NotAvailable));
        assert_eq!(decode(&nibble, &[0x3000]), Ok(Value::Flag(true)));
        assert_eq!(decode(&nibble, &[0x1000]), Ok(Value::Flag(false)));
    }

    #[test]
    fn codes_become_words_and_unknown_codes_are_out_of_range() {
        let point = here("type = \"u16\"\nwords = { 2 = \"online\", 0x10 = \"auto\" }");
        assert_eq!(decode(&point, &[2]), word("online"));
        assert_eq!(decode(&point, &[16]), word("auto"));
        assert_eq!(decode(&point, &[3]), Err(Quality::OutOfRange));
    }

    #[test]
    fn values_that_depend_on_a_setting_wait_for_it() {
        let exponent = [&*here("type = \"s16\"\nscale_from = \"p1\""), &*here("type = \"s16\"")];
        assert_eq!(decode_with(&exponent, &[1234], None), Err(Quality::NotYetRead));
        assert_eq!(decode_with(&exponent, &[1234], Some(Value::Number(-2.0))), number(12.34));
        let unit = [
            &*here(
                "type = \"s16\"\nscale = 0.1\nunit = \"°C\"\nunit_if = { point = \"p1\", is = false, unit = \"°F\" }",
            ),
            &*here("type = \"bool\"\nbits = \"0\""),
        ];
        assert_eq!(decode_with(&unit, &[320], Some(Value::Flag(true))), number(32.0));
        let celsius = decode_with(&unit, &[320], Some(Value::Flag(false))).unwrap().number().unwrap();
        assert!(celsius.abs() < 1e-9, "{celsius}");
    }

    #[test]
    fn texts_end_at_the_first_nul_and_carry_no_control_characters() {
        let point = here("type = \"text\"\nregisters = 3");
        assert_eq!(decode(&point, &[0x534F, 0x434F, 0x0041]), Ok(Value::Text("SOCO".into())));
        assert_eq!(decode(&point, &[0x0A41, 0x0D42, 0x2020]), Ok(Value::Text("A B".into())));
    }

    proptest! {
        #[test]
        fn no_words_panic_and_no_number_is_infinite(
            words in proptest::collection::vec(any::<u16>(), 0..6),
            kind in 0..11_usize, little: bool, exponent in -400.0..400.0_f64,
        ) {
            let kinds = ["u16", "s16", "u32", "s32", "u64", "s64", "f32", "s8", "bcd", "text", "bool"];
            let rest = match kinds[kind] {
                "bcd" | "text" => "registers = 3\n",
                "bool" => "bits = \"9\"\n",
                _ => "scale_from = \"p1\"\n",
            };
            let order = if little { "little" } else { "big" };
            let point = here(&format!("type = \"{}\"\norder = \"{order}\"\n{rest}", kinds[kind]));
            let second = here("type = \"s16\"");
            if let Ok(Value::Number(value)) = decode_with(&[&point, &second], &words, Some(Value::Number(exponent))) {
                prop_assert!(value.is_finite());
            }
        }
    }
}
