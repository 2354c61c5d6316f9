//! The puzzle of a new device: its display shows 21.4, the profile's register something else. Every reading of the
//! registers around a point, so that the one that is on the display can be picked out.
//!
//! Called by `app` for `hallward read DEVICE POINT --puzzle`, with registers that were read for it. It asks no device
//! and changes nothing: what follows from the pick is for a person to write into a file. Terms: *shift* — how far from
//! the profile's address a reading begins; *form* — how words become a number: type, word order, byte order; *own
//! form* — the profile's.

use std::{collections::BTreeMap, fmt, sync::Arc};

use hallward_profiles::{Encoding, Map, Point};

use super::decode::{Decoder, Words};
use crate::model::{DeviceInfo, PointIx, PointSource, Quality, Value};

/// Documents count addresses from 0 or from 1, and some libraries from 1 again.
const SHIFTS: [i8; 3] = [-1, 0, 1];

/// The types that are tried beside the profile's own.
const TYPES: [Encoding; 5] = [Encoding::U16, Encoding::S16, Encoding::U32, Encoding::S32, Encoding::F32];

/// How words become a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Form {
    /// The type; `None` for the profile's own, with its bits, words and codes.
    pub encoding: Option<Encoding>,
    /// Whether the word at the highest address is the most significant one; `None` for a single word.
    pub little: Option<bool>,
    /// Whether the two bytes of each word change places.
    pub swapped: bool,
}

/// One way to read the registers around a point.
#[derive(Clone, Debug, PartialEq)]
pub struct Candidate {
    /// How far from the profile's address.
    pub shift: i8,
    /// How the words are taken.
    pub form: Form,
    /// The words as they were read, by address.
    pub words: Vec<u16>,
    /// What they then mean, by the profile's scale and in the point's unit.
    pub value: Result<Value, Quality>,
    /// Whether that is within the profile's `valid`; `None` where it names no such span.
    pub believable: Option<bool>,
    /// Whether the profile reads it so.
    pub is_profile: bool,
}

/// The registers that are wanted: from the first address, so many.
#[must_use]
pub fn span(point: &Point) -> (u16, u16) {
    let low = point.addresses.iter().min().copied().unwrap_or_default();
    let high = point.addresses.iter().max().copied().unwrap_or_default();
    // A value of two words that begins one further ends two further.
    let end = if point.area.is_bits() {
        high.saturating_add(1)
    } else {
        high.max(low.saturating_add(1)).saturating_add(1)
    };
    let start = low.saturating_sub(1);
    (start, (end - start).saturating_add(1))
}

/// Every reading of the point for which all words are there; `setting` gives the value of another point of the device.
#[must_use]
pub fn candidates<'s>(
    map: &Arc<Map>,
    info: &DeviceInfo,
    ix: PointIx,
    words: &BTreeMap<u16, u16>,
    setting: impl Fn(PointIx) -> Option<&'s Value>,
) -> Vec<Candidate> {
    let Some(PointSource::Register(n)) = info.point(ix).map(|point| point.source) else { return Vec::new() };
    let Some(point) = map.points.get(n) else { return Vec::new() };
    let mut found = Vec::new();
    for shift in SHIFTS {
        for form in forms(point) {
            let Some(variant) = variant(point, form, shift) else { continue };
            let Some((asked, held)) = held(&variant, form, words) else { continue };
            let is_profile = variant.addresses == point.addresses
                && !form.swapped
                && form.encoding.is_none_or(|encoding| encoding == point.encoding);
            let mut map = Map::clone(map);
            if let Some(point) = map.points.get_mut(n) {
                point.clone_from(&variant);
            }
            let value = Decoder::new(&Arc::new(map), info).decode(ix, &held, &setting);
            let number = value.as_ref().ok().and_then(Value::number);
            let believable = point.valid.map(|span| number.is_some_and(|number| is_within(number, span)));
            found.push(Candidate { shift, form, words: asked, value, believable, is_profile });
        }
    }
    found
}

/// Within a span, and not the dust that whole numbers are when they are read as floats.
fn is_within(number: f64, (min, max): (f64, f64)) -> bool {
    (min..=max).contains(&number) && (number == 0.0 || number.abs() > 1e-9)
}

/// The forms that are tried: those of plain numbers where the point is one, and the point's own.
fn forms(point: &Point) -> Vec<Form> {
    let plain = point.is_number() && point.bits.is_none();
    let own = (!plain || !TYPES.contains(&point.encoding)).then_some(None);
    let types = TYPES.into_iter().filter(|_| point.is_number()).map(Some);
    let mut forms = Vec::new();
    for encoding in own.into_iter().chain(types) {
        let registers = encoding.map_or(Some(point.encoding), Some).and_then(Encoding::registers);
        let several =
            registers.map_or(point.addresses.len(), usize::from) > 1 && point.encoding != Encoding::Text;
        let orders: &[Option<bool>] = if several { &[Some(false), Some(true)] } else { &[None] };
        let swaps: &[bool] = if point.area.is_bits() { &[false] } else { &[false, true] };
        for little in orders {
            forms.extend(swaps.iter().map(|swapped| Form { encoding, little: *little, swapped: *swapped }));
        }
    }
    forms
}

/// The point as it would be in this form, without what would hide a value: its sentinels and believable span.
fn variant(point: &Point, form: Form, shift: i8) -> Option<Point> {
    let mut variant = Point { not_available: Vec::new(), valid: None, ..point.clone() };
    if let Some(encoding) = form.encoding {
        (variant.encoding, variant.bits) = (encoding, None);
    }
    let count = variant.encoding.registers().map_or(point.addresses.len(), usize::from);
    variant.addresses.sort_unstable();
    if variant.addresses.len() != count {
        let low = variant.addresses.first().copied()?;
        let addresses = (0..u16::try_from(count).ok()?).map(|n| low.checked_add(n));
        variant.addresses = addresses.collect::<Option<_>>()?;
    }
    let shifted = variant.addresses.iter().map(|address| address.checked_add_signed(i16::from(shift)));
    variant.addresses = shifted.collect::<Option<_>>()?;
    if form.little == Some(true) {
        variant.addresses.reverse();
    }
    Some(variant)
}

/// The variant's words by address, and the same as its decoder wants them; `None` where one was not read.
fn held(variant: &Point, form: Form, words: &BTreeMap<u16, u16>) -> Option<(Vec<u16>, Words)> {
    let (low, high) = variant.addresses.iter().min().zip(variant.addresses.iter().max())?;
    let mut addresses = variant.addresses.clone();
    addresses.sort_unstable();
    let asked: Vec<u16> =
        addresses.iter().map(|address| words.get(address).copied()).collect::<Option<_>>()?;
    let turned = |word: u16| if form.swapped { word.swap_bytes() } else { word };
    let values = (*low..=*high).map(|address| turned(words.get(&address).copied().unwrap_or_default()));
    Some((asked, Words { area: variant.area, start: *low, values: values.collect() }))
}

impl Candidate {
    /// What a person would write down for it; `offset` is the `address_offset` that the device has now.
    #[must_use]
    pub fn consequence(&self, point: &Point, offset: i8) -> String {
        if self.is_profile {
            return "as the profile".to_owned();
        }
        let mut keys = Vec::new();
        match offset.checked_add(self.shift) {
            _ if self.shift == 0 => {}
            Some(total @ -1..=1) => keys.push(format!("address_offset = {total}")),
            Some(_) | None => keys.push("another address in a profile of your own".to_owned()),
        }
        let mut own = Vec::new();
        if let Some(encoding) = self.form.encoding.filter(|e| point.bits.is_some() || *e != point.encoding) {
            own.push(format!("type = \"{}\"", name(encoding)));
        }
        if let Some(little) = self.form.little.filter(|little| *little != is_little(point)) {
            own.push(format!("order = \"{}\"", if little { "little" } else { "big" }));
        }
        if !own.is_empty() {
            keys.push(format!("{} in a profile of your own", own.join(", ")));
        }
        if self.form.swapped {
            keys.push("the device's own setting for the byte order".to_owned());
        }
        keys.join(", and ")
    }
}

/// A number as people read it: up to six digits that count; very large and very small ones as powers of ten.
#[must_use]
pub fn number(number: f64) -> String {
    let size = number.abs();
    if size != 0.0 && !(1e-4..1e10).contains(&size) {
        return format!("{number:.3e}");
    }
    let decimals = if size < 1.0 {
        6
    } else if size < 1000.0 {
        3
    } else {
        1
    };
    let text = format!("{number:.decimals$}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn is_little(point: &Point) -> bool {
    point.addresses.len() > 1 && !point.addresses.is_sorted()
}

/// As profiles write it.
fn name(encoding: Encoding) -> String {
    format!("{encoding:?}").to_lowercase()
}

impl fmt::Display for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let encoding = self.encoding.map_or("own type".to_owned(), name);
        let order = match self.little {
            None => "",
            Some(false) => ", big",
            Some(true) => ", little",
        };
        f.pad(&format!("{encoding}{order}{}", if self.swapped { ", bytes swapped" } else { "" }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::logic::decode::tests::device;

    const HERE: &str = "area = \"holding\"\naddress = 10\n";

    /// The readings of a point at 10, with these registers from 9 on.
    fn readings(rest: &str, words: &[u16]) -> (Vec<Candidate>, Point) {
        let (map, info) = device(&[format!("{HERE}{rest}")]);
        let words = (9..).zip(words.iter().copied()).collect();
        (candidates(&map, &info, PointIx(0), &words, |_| None), map.points[0].clone())
    }

    /// The one reading that gives this number: its shift, form and what follows from it.
    fn check(rest: &str, words: &[u16], number: f64, expected: (i8, &str, &str)) {
        let (found, point) = readings(rest, words);
        let fits = |candidate: &&Candidate| {
            candidate.value.as_ref().ok().and_then(Value::number).is_some_and(|n| (n - number).abs() < 1e-3)
        };
        let fitting: Vec<_> = found.iter().filter(fits).collect();
        let said: Vec<_> =
            fitting.iter().map(|c| (c.shift, c.form.to_string(), c.consequence(&point, 0))).collect();
        let expected = (expected.0, expected.1.to_owned(), expected.2.to_owned());
        assert!(said.contains(&expected), "{rest}: {said:?}");
    }

    #[test]
    fn the_number_on_the_display_is_found_with_what_to_write() {
        let tenths = "type = \"u16\"\nscale = 0.1";
        check(tenths, &[7, 214, 9, 9], 21.4, (0, "u16", "as the profile"));
        check(tenths, &[7, 9, 214, 9], 21.4, (1, "u16", "address_offset = 1"));
        check(tenths, &[214, 9, 9, 9], 21.4, (-1, "u16", "address_offset = -1"));
        check(tenths, &[0, 0xFFF1, 9, 9], -1.5, (0, "s16", "type = \"s16\" in a profile of your own"));
        let swapped = "the device's own setting for the byte order";
        check(tenths, &[0, 0xD600, 9, 9], 21.4, (0, "u16, bytes swapped", swapped));
        check(
            "type = \"f32\"",
            &[0, 0, 0x4366, 0],
            230.0,
            (0, "f32, little", "order = \"little\" in a profile of your own"),
        );
        check("type = \"f32\"", &[0, 0, 0x4366, 0], 230.0, (1, "f32, big", "address_offset = 1"));
        check(
            "type = \"u32\"\norder = \"little\"",
            &[0, 2, 1, 0],
            65_538.0,
            (0, "u32, little", "as the profile"),
        );
        check("type = \"u64\"", &[0, 0, 0, 0, 5, 0], 5.0, (0, "own type, big", "as the profile"));
    }

    #[test]
    fn an_offset_that_the_device_has_already_counts() {
        let (found, point) = readings("type = \"u16\"", &[1, 2, 3, 4]);
        let at = |shift| found.iter().find(|c| c.shift == shift).unwrap();
        assert_eq!(at(1).consequence(&point, -1), "address_offset = 0");
        assert_eq!(at(1).consequence(&point, 1), "another address in a profile of your own");
    }

    #[test]
    fn words_and_flags_are_read_in_the_profiles_own_form() {
        let (found, _) = readings("type = \"u16\"\nwords = { 2 = \"online\" }", &[0, 0, 2, 9]);
        let told: Vec<_> =
            found.iter().filter(|c| !c.form.swapped).map(|c| (c.shift, c.value.clone())).collect();
        let no = Err(Quality::OutOfRange);
        assert_eq!(told, [(-1, no.clone()), (0, no), (1, Ok(Value::Word("online".into())))]);
        let (found, _) = readings("type = \"bool\"\nbits = \"3\"", &[0, 8, 0, 0]);
        assert!(found.iter().any(|c| c.shift == 0 && c.is_profile && c.value == Ok(Value::Flag(true))));
    }

    #[test]
    fn a_believable_span_is_shown_and_hides_nothing() {
        let (found, _) = readings("type = \"u16\"\nvalid = { min = 0, max = 100 }", &[0, 500, 50, 0]);
        let plain = |shift| found.iter().find(|c| c.shift == shift && c.form.to_string() == "u16").unwrap();
        assert_eq!((plain(0).value.clone(), plain(0).believable), (Ok(Value::Number(500.0)), Some(false)));
        assert_eq!(plain(1).believable, Some(true));
        assert_eq!(found.iter().filter(|c| c.is_profile).count(), 1);
    }

    #[test]
    fn dust_is_not_believed() {
        let (found, _) =
            readings("type = \"f32\"\nvalid = { min = 0, max = 100 }", &[0, 0x00D6, 0x0249, 0, 0]);
        let read = found.iter().find(|c| c.is_profile).unwrap();
        assert!(read.value.is_ok() && read.believable == Some(false), "{read:?}");
    }

    #[test]
    fn numbers_are_short() {
        let shown = [21.4, 0.0, -1.5, 65_538.0, 230.123_456, 0.000_5, 1.4e-45, 3.3e38].map(number);
        assert_eq!(shown, ["21.4", "0", "-1.5", "65538", "230.123", "0.0005", "1.400e-45", "3.300e38"]);
    }

    #[test]
    fn words_that_were_refused_leave_their_readings_out() {
        let (map, info) = device(&[format!("{HERE}type = \"u16\"")]);
        let found = candidates(&map, &info, PointIx(0), &[(10, 5)].into(), |_| None);
        assert!(found.iter().all(|c| c.shift == 0 && c.words == [5]) && found.len() == 4, "{found:?}");
    }

    #[test]
    fn the_span_has_a_word_on_each_side_and_what_a_second_word_needs() {
        let span_of = |text: &str| span(&device(&[text.to_owned()]).0.points[0]);
        assert_eq!(span_of(&format!("{HERE}type = \"u16\"")), (9, 4));
        assert_eq!(span_of(&format!("{HERE}type = \"u32\"")), (9, 4));
        assert_eq!(span_of("area = \"holding\"\naddress = 0\ntype = \"u16\""), (0, 3));
        assert_eq!(span_of("area = \"input\"\naddress = 65535\ntype = \"u16\""), (65_534, 2));
        assert_eq!(span_of("area = \"coil\"\naddress = 4\ntype = \"bool\""), (3, 3));
    }
}
