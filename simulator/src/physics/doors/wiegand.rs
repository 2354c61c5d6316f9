//! The bits of a card, as readers pass them on.
//!
//! The formats are HID's: H10301, 26 bits (even parity over the 12 bits after it, 8 of facility code, 16 of card number,
//! odd parity over the 12 before it), and H10304, 37 bits (16 of facility code, 19 of card number; each parity over 18
//! bits, the middle one counts in both), as HID's "Understanding Card Data Formats" describes them.

/// What a reader reads from a card.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CardBits {
    /// How many bits there are.
    pub bits: u8,
    /// The bits, the first one highest; what is left of the last byte is 0.
    pub bytes: Vec<u8>,
}

struct Format {
    bits: u8,
    facility_bits: u8,
    card_bits: u8,
    /// How many bits each parity covers.
    covered: u8,
}

const FORMATS: [Format; 2] = [
    Format { bits: 26, facility_bits: 8, card_bits: 16, covered: 12 },
    Format { bits: 37, facility_bits: 16, card_bits: 19, covered: 18 },
];

/// The card with these numbers, in the format of `bits`, else the shortest that holds them. `None` if none does.
pub(super) fn card(facility: u32, card: u32, bits: Option<u8>) -> Option<CardBits> {
    let fits = |format: &&Format| {
        bits.is_none_or(|bits| bits == format.bits)
            && facility >> format.facility_bits == 0
            && card >> format.card_bits == 0
    };
    let format = FORMATS.iter().find(fits)?;
    let numbers = u64::from(facility) << format.card_bits | u64::from(card);
    let data_bits = format.facility_bits + format.card_bits;
    let mask = (1_u64 << format.covered) - 1;
    let even = u64::from((numbers >> (data_bits - format.covered) & mask).count_ones() % 2);
    let odd = u64::from((numbers & mask).count_ones().is_multiple_of(2));
    let all = even << (data_bits + 1) | numbers << 1 | odd;
    let bytes = (all << (64 - u32::from(format.bits))).to_be_bytes();
    Some(CardBits {
        bits: format.bits,
        bytes: bytes.into_iter().take(usize::from(format.bits.div_ceil(8))).collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The bits as a string.
    fn bits(card: &CardBits) -> String {
        let all: String = card.bytes.iter().map(|byte| format!("{byte:08b}")).collect();
        all[..usize::from(card.bits)].to_owned()
    }

    #[test]
    fn twenty_six_bits_have_parity_at_both_ends() {
        let read = |facility, number| bits(&card(facility, number, None).unwrap());
        assert_eq!(read(0, 0), "0".to_owned() + &"0".repeat(24) + "1");
        assert_eq!(read(42, 1234), "1001010100000010011010010".to_owned() + "0");
        assert_eq!(read(255, 65_535), "0".to_owned() + &"1".repeat(24) + "1");
    }

    #[test]
    fn larger_numbers_take_thirty_seven() {
        let long = card(256, 1, None).unwrap();
        assert_eq!((long.bits, long.bytes.len()), (37, 5));
        let all = bits(&long);
        let ones = |part: &str| part.matches('1').count();
        assert_eq!(ones(&all[..19]) % 2, 0, "even over the first 19 with its own bit: {all}");
        assert_eq!(ones(&all[18..]) % 2, 1, "odd over the last 19: {all}");
        assert_eq!(u64::from_str_radix(&all[1..17], 2).unwrap(), 256);
        assert_eq!(u64::from_str_radix(&all[17..36], 2).unwrap(), 1);
        assert_eq!(card(42, 1234, Some(37)).map(|card| card.bits), Some(37));
        assert_eq!(card(256, 1, Some(26)), None);
        assert_eq!(card(1 << 16, 0, None), None);
        assert_eq!(card(0, 1 << 19, None), None);
    }
}
