//! Cards and PINs: what their bits say, and what they are known by.
//!
//! | format | bits | facility | number | parity |
//! | --- | --- | --- | --- | --- |
//! | HID H10301 | 26 | 8 | 16 | even over the first 12 bits behind it, odd over the 12 before it |
//! | 34 bits | 34 | 16 | 16 | the same over 16 each |
//! | HID H10304 | 37 | 16 | 19 | the same over 18 each; the middle one counts in both |
//!
//! H10301 and H10304 as HID's "Understanding Card Data Formats" has them; 34 bits as readers of the 26-bit kind widen it. Cards of
//! other lengths (serial numbers of 32 or 56 bits) have neither numbers nor parity: all of their bits are the number.
//! 26-bit numbers can be guessed, so that not even their plain hash is kept, but an HMAC with a key of the site.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::model::{CardBits, CardKey, PersonId, PinKey};

struct Format {
    bits: u8,
    facility_bits: u8,
    number_bits: u8,
    /// How many bits each parity covers.
    covered: u8,
}

const FORMATS: [Format; 3] = [
    Format { bits: 26, facility_bits: 8, number_bits: 16, covered: 12 },
    Format { bits: 34, facility_bits: 16, number_bits: 16, covered: 16 },
    Format { bits: 37, facility_bits: 16, number_bits: 19, covered: 18 },
];

/// What the bits of a card say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Card {
    /// A facility and a number.
    Numbered {
        /// The facility code.
        facility: u32,
        /// The card's number.
        number: u32,
    },
    /// Bits of no format that is known here.
    Plain,
}

/// A card whose parity does not hold: it was read badly.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the parity of {bits} bits does not hold")]
pub struct BadParity {
    /// How many there were.
    pub bits: u8,
}

/// Reads the numbers of a card.
///
/// # Errors
/// Its parity does not hold.
pub fn read_card(card: &CardBits) -> Result<Card, BadParity> {
    let bits = card.count();
    let Some(format) = FORMATS.iter().find(|format| format.bits == bits) else { return Ok(Card::Plain) };
    let ones = |from: u8, to: u8| (from..to).filter(|at| card.bit(*at)).count();
    let even = ones(0, format.covered + 1).is_multiple_of(2);
    let odd = !ones(bits - format.covered - 1, bits).is_multiple_of(2);
    if !(even && odd) {
        return Err(BadParity { bits });
    }
    let number =
        |from: u8, count: u8| (from..from + count).fold(0_u32, |sum, at| sum << 1 | u32::from(card.bit(at)));
    let facility = number(1, format.facility_bits);
    Ok(Card::Numbered { facility, number: number(1 + format.facility_bits, format.number_bits) })
}

/// The bits of a card with these numbers in the format of so many bits; `None` where there is no such format, or a number is
/// too large for it.
#[must_use]
pub fn card_of(bits: u8, facility: u32, number: u32) -> Option<CardBits> {
    let format = FORMATS.iter().find(|format| format.bits == bits)?;
    let fits = |value: u32, width: u8| value.checked_shr(u32::from(width)).is_none_or(|rest| rest == 0);
    if !fits(facility, format.facility_bits) || !fits(number, format.number_bits) {
        return None;
    }
    let data = u64::from(facility) << format.number_bits | u64::from(number);
    let width = format.facility_bits + format.number_bits;
    let mask = (1_u64 << format.covered) - 1;
    let even = u64::from((data >> (width - format.covered) & mask).count_ones() % 2);
    let odd = u64::from((data & mask).count_ones().is_multiple_of(2));
    let all = even << (width + 1) | data << 1 | odd;
    CardBits::new(bits, &(all << (64 - u32::from(bits))).to_be_bytes())
}

/// The card as people may see it: enough to recognise one's own, too little to make another.
#[must_use]
pub fn shown(card: &CardBits) -> String {
    match read_card(card) {
        Ok(Card::Numbered { facility, number }) => format!("FC {facility} / CN …{:02}", number % 100),
        Ok(Card::Plain) | Err(BadParity { .. }) => {
            let last = card.bytes().last().copied().unwrap_or(0);
            format!("{} bits …{last:02x}", card.count())
        }
    }
}

/// What a card is found by.
#[must_use]
pub fn card_key(site: &[u8; 32], card: &CardBits) -> CardKey {
    CardKey(keyed(site, &[b"card", &[card.count()], card.bytes()]))
}

/// What a person's PIN is compared with.
#[must_use]
pub fn pin_key(site: &[u8; 32], person: PersonId, digits: &str) -> PinKey {
    PinKey(keyed(site, &[b"pin", &person.0.get().to_be_bytes(), digits.as_bytes()]))
}

/// HMAC-SHA-256. The parts before the last have fixed lengths, so that no two inputs look alike.
fn keyed(site: &[u8; 32], parts: &[&[u8]]) -> [u8; 32] {
    // An HMAC takes keys of every length.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(site) else { return [0; 32] };
    parts.iter().for_each(|part| mac.update(part));
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn cards_are_read_as_their_formats_say() {
        let read = |bits, bytes: &[u8]| read_card(&CardBits::new(bits, bytes).unwrap());
        // Facility 42, number 1234: 1 00101010 0000010011010010 0.
        let card = Card::Numbered { facility: 42, number: 1234 };
        assert_eq!(read(26, &[0b1001_0101, 0b0000_0010, 0b0110_1001, 0]), Ok(card));
        assert_eq!(read(26, &[0b0001_0101, 0b0000_0010, 0b0110_1001, 0]), Err(BadParity { bits: 26 }));
        assert_eq!(read(26, &[0b1001_0101, 0b0000_0010, 0b0110_1000, 0]), Err(BadParity { bits: 26 }));
        assert_eq!(read(32, &[1, 2, 3, 4]), Ok(Card::Plain));
    }

    #[test]
    fn a_card_shows_little_of_itself() {
        assert_eq!(shown(&card_of(26, 42, 1245).unwrap()), "FC 42 / CN …45");
        assert_eq!(shown(&CardBits::new(32, &[1, 2, 3, 0xAB]).unwrap()), "32 bits …ab");
    }

    #[test]
    fn keys_tell_sites_lengths_and_persons_apart() {
        let (one, other) = ([1; 32], [2; 32]);
        let card = card_of(26, 42, 1234).unwrap();
        assert_eq!(card_key(&one, &card), card_key(&one, &card));
        assert_ne!(card_key(&one, &card), card_key(&other, &card));
        let longer = CardBits::new(32, card.bytes()).unwrap();
        assert_ne!(card_key(&one, &card), card_key(&one, &longer));
        let person = |text| PersonId::parse(text).unwrap();
        assert_ne!(pin_key(&one, person("p1"), "2580"), pin_key(&one, person("p2"), "2580"));
    }

    proptest! {
        #[test]
        fn numbers_survive_and_every_single_error_is_seen(
            format in 0..3_usize, facility: u16, number in 0..1_u32 << 19, flip in 0..37_u8,
        ) {
            let format = &FORMATS[format];
            let facility = u32::from(facility) & ((1 << format.facility_bits) - 1);
            let number = number & ((1 << format.number_bits) - 1);
            let card = card_of(format.bits, facility, number).unwrap();
            prop_assert_eq!(read_card(&card), Ok(Card::Numbered { facility, number }));
            let flip = flip % format.bits;
            let mut bytes = card.bytes().to_vec();
            bytes[usize::from(flip / 8)] ^= 0x80 >> (flip % 8);
            let flipped = CardBits::new(format.bits, &bytes).unwrap();
            // The bit in the middle of 37 counts in both parities.
            prop_assert!(read_card(&flipped).is_err());
        }

        #[test]
        fn numbers_that_do_not_fit_make_no_card(facility in 256_u32.., number in 65_536_u32..) {
            prop_assert_eq!(card_of(26, facility, 1), None);
            prop_assert_eq!(card_of(26, 1, number), None);
        }
    }
}
