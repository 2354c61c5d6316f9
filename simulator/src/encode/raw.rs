//! One value to the raw bits of one point's field, and what of a value can be expressed there at all.
//!
//! The inverse of what a gateway does, written from the profile's definitions alone. Nothing here knows other
//! points: an exponent or a foreign unit is handed in as [`Settings`].

use hallward_profiles::{Encoding, Literal, Point, Sentinel, Unit};

/// What other points of the device say about this one.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Settings {
    /// Exponent of ten of the scale (`scale_from`).
    pub(super) exponent: i32,
    /// Unit that the registers hold (`unit_if`), when it is not the point's own.
    pub(super) unit: Option<Unit>,
}

/// What a point's registers hold for one value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Raw {
    /// A field of the registers, right-aligned.
    Field(u64),
    /// Whole registers, in the order of the point's addresses.
    Words(Vec<u16>),
}

/// `value` in `point`'s registers; numbers beyond what fits become the nearest that does. `None` if the point
/// cannot hold such a value: a word that it does not have, a text in a number.
pub(super) fn raw(point: &Point, value: &Literal, settings: Settings) -> Option<Raw> {
    match (point.encoding, value) {
        (Encoding::Text, Literal::Text(text)) => Some(Raw::Words(text_words(text, point.addresses.len()))),
        (Encoding::Bool, Literal::Flag(flag)) => code_of_flag(point, *flag).map(Raw::Field),
        (_, Literal::Text(word)) => code_of_word(point, word).map(Raw::Field),
        (Encoding::Text | Encoding::Bool, Literal::Number(_) | Literal::Flag(_)) => None,
        (_, Literal::Flag(_)) => None,
        (_, Literal::Number(_)) if !point.words.is_empty() => None,
        (_, Literal::Number(number)) => number_raw(point, *number, settings),
    }
}

/// Whether `number` can be told by `point` as it is: within its field, its believable span and no sentinel.
pub(super) fn holds_number(point: &Point, number: f64) -> bool {
    let believable = point.valid.is_none_or(|(low, high)| (low..=high).contains(&number));
    let (low, high) = limits(point);
    #[expect(clippy::cast_possible_truncation, reason = "saturates, and then lies outside the field")]
    let whole = counts(point, number, Settings::default()).round() as i128;
    believable && (point.encoding == Encoding::F32 || (low..=high).contains(&whole))
}

fn text_words(text: &str, registers: usize) -> Vec<u16> {
    let bytes: Vec<u8> = text.bytes().chain(std::iter::repeat(0)).take(registers * 2).collect();
    bytes.chunks(2).map(|pair| pair.iter().fold(0, |word, byte| word << 8 | u16::from(*byte))).collect()
}

fn code_of_flag(point: &Point, flag: bool) -> Option<u64> {
    let stored = flag != point.inverted;
    let highest = mask(point.width());
    match (point.true_if.first(), stored) {
        (Some(code), true) => Some(*code),
        (Some(_), false) => (0..=highest.min(1024)).find(|code| !point.true_if.contains(code)),
        (None, true) => Some(1),
        (None, false) => Some(0),
    }
}

fn code_of_word(point: &Point, word: &str) -> Option<u64> {
    let mut codes = point.words.iter().filter(|(_, name)| name == word).map(|(code, _)| *code);
    codes.find(|code| !is_sentinel(&point.not_available, *code))
}

fn number_raw(point: &Point, number: f64, settings: Settings) -> Option<Raw> {
    let counts = counts(point, number, settings);
    if !counts.is_finite() {
        return None;
    }
    if point.encoding == Encoding::F32 {
        #[expect(clippy::cast_possible_truncation, reason = "a float register has single precision")]
        return Some(Raw::Field(u64::from((counts as f32).to_bits())));
    }
    let (low, high) = limits(point);
    #[expect(clippy::cast_possible_truncation, reason = "saturates, and is then limited to the field")]
    let whole = (counts.round() as i128).clamp(low, high);
    if point.encoding == Encoding::Bcd {
        return Some(Raw::Words(bcd_words(whole, point.addresses.len())));
    }
    // A profile may have a device say at rest that there is no value.
    if point.simulate == Some(Literal::Number(number)) {
        return Some(Raw::Field(field(whole, point.width())));
    }
    let toward_zero = if whole > 0 { -1 } else { 1 };
    let mut candidates = std::iter::successors(Some(whole), |n| Some(n + toward_zero));
    let fields = candidates.by_ref().take(point.not_available.len() + 1).map(|n| field(n, point.width()));
    fields.into_iter().find(|field| !is_sentinel(&point.not_available, *field)).map(Raw::Field)
}

/// The number in steps of the register, not yet rounded.
fn counts(point: &Point, number: f64, settings: Settings) -> f64 {
    let own = point.unit.zip(settings.unit).and_then(|(own, told)| told.conversion_to(own));
    let told = own.map_or(number, |(factor, offset)| (number - offset) / factor);
    let scale = point.scale;
    let exponent = 10_f64.powi(settings.exponent);
    (told - point.offset) * f64::from(scale.denominator) / f64::from(scale.numerator) / exponent
}

/// Lowest and highest whole number that the field holds.
fn limits(point: &Point) -> (i128, i128) {
    let bits = point.width().clamp(1, 64);
    match point.encoding {
        Encoding::S16 | Encoding::S32 | Encoding::S64 | Encoding::S8 => {
            (-(1 << (bits - 1)), (1 << (bits - 1)) - 1)
        }
        Encoding::Bcd => (0, 10_i128.pow(bits / 4) - 1),
        Encoding::Bool | Encoding::U16 | Encoding::U32 | Encoding::U64 | Encoding::F32 | Encoding::Text => {
            (0, (1 << bits) - 1)
        }
    }
}

/// Two's complement in `width` bits.
fn field(whole: i128, width: u32) -> u64 {
    let low_bits = whole.rem_euclid(1_i128 << width.min(64));
    u64::try_from(low_bits).unwrap_or(u64::MAX)
}

fn bcd_words(whole: i128, registers: usize) -> Vec<u16> {
    let mut rest = whole;
    let mut words: Vec<u16> = (0..registers)
        .map(|_| {
            let mut word = 0;
            for digit in 0..4 {
                word |= u16::try_from(rest % 10).unwrap_or(0) << (4 * digit);
                rest /= 10;
            }
            word
        })
        .collect();
    words.reverse();
    words
}

/// All bits of a field of `width`.
pub(super) fn mask(width: u32) -> u64 {
    u64::MAX.checked_shr(64 - width.clamp(1, 64)).unwrap_or(u64::MAX)
}

/// Whether a raw value means "not available"; sentinels with a mask are those of whole registers.
fn is_sentinel(sentinels: &[Sentinel], raw: u64) -> bool {
    sentinels.iter().any(|sentinel| {
        let mask = sentinel.mask.unwrap_or(u64::MAX);
        raw & mask == sentinel.raw & mask
    })
}
