//! The raw bits of one point's registers to its value: what a client means by what it wrote. The inverse of `raw`.

use hallward_profiles::{Encoding, Literal, Point};

use super::raw::{Settings, mask};

/// The value of `point` while its registers hold `words`, in the order of its addresses. `None` where they tell none:
/// a code without a word, or no number.
pub(super) fn value(point: &Point, words: &[u16], settings: Settings) -> Option<Literal> {
    if point.encoding == Encoding::Text {
        return Some(Literal::Text(text(words)));
    }
    if point.encoding == Encoding::Bcd {
        return bcd(words).map(|number| scaled(point, number, settings));
    }
    let whole = words.iter().fold(0_u64, |all, word| all << 16 | u64::from(*word));
    let width = point.width();
    let field = whole >> point.bits.map_or(0, |(_, low)| low) & mask(width);
    if point.encoding == Encoding::Bool {
        let set = if point.true_if.is_empty() { field != 0 } else { point.true_if.contains(&field) };
        return Some(Literal::Flag(set != point.inverted));
    }
    if !point.words.is_empty() {
        let word = point.words.iter().find(|(code, _)| *code == field);
        return word.map(|(_, word)| Literal::Text(word.clone()));
    }
    let number = match point.encoding {
        Encoding::F32 => f64::from(f32::from_bits(u32::try_from(field).ok()?)),
        Encoding::S8 | Encoding::S16 | Encoding::S32 | Encoding::S64 => signed(field, width),
        Encoding::Bool | Encoding::U16 | Encoding::U32 | Encoding::U64 | Encoding::Bcd | Encoding::Text => {
            unsigned(field)
        }
    };
    number.is_finite().then(|| scaled(point, number, settings))
}

/// The inverse of `raw::counts`.
fn scaled(point: &Point, counts: f64, settings: Settings) -> Literal {
    let told = point.scale.times(counts) * 10_f64.powi(settings.exponent) + point.offset;
    let own = point.unit.zip(settings.unit).and_then(|(own, told)| told.conversion_to(own));
    Literal::Number(own.map_or(told, |(factor, offset)| told * factor + offset))
}

#[expect(clippy::cast_precision_loss, reason = "nobody writes numbers of more than 53 bits")]
fn unsigned(field: u64) -> f64 {
    field as f64
}

/// Two's complement in `width` bits.
#[expect(clippy::cast_precision_loss, reason = "nobody writes numbers of more than 53 bits")]
fn signed(field: u64, width: u32) -> f64 {
    let negative = field >> (width.clamp(1, 64) - 1) & 1 == 1;
    (i128::from(field) - if negative { 1 << width } else { 0 }) as f64
}

fn text(words: &[u16]) -> String {
    let bytes = words.iter().flat_map(|word| word.to_be_bytes());
    String::from_utf8_lossy(&bytes.take_while(|byte| *byte != 0).collect::<Vec<_>>()).trim().to_owned()
}

fn bcd(words: &[u16]) -> Option<f64> {
    let digits: String = words.iter().map(|word| format!("{word:04x}")).collect();
    digits.parse().ok()
}
