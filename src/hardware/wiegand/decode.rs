//! From pulses on two wires to cards and keys. Pure: edges with their times come in, in order.
//!
//! A frame ends when no pulse has come for [`END`]. What a frame of a length means stands in one table; a frame of another
//! length, or whose parity is wrong, is told as unreadable: a pulse was lost or one too many came.

use std::{ops::Range, time::Duration};

use crate::model::{CardBits, ReaderEvent};

/// Silence that ends a frame. Readers send a bit each 1 to 3 ms.
pub const END: Duration = Duration::from_millis(30);

/// The wire of a pulse.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Data {
    /// D0: a zero.
    Zero,
    /// D1: a one.
    One,
}

/// A card format: which bits are what. Ranges count from the first bit sent, 0.
struct Format {
    bits: u8,
    /// Bits of which an even number is set, the parity bit among them.
    even: Range<u8>,
    /// Bits of which an odd number is set.
    odd: Range<u8>,
    facility: Range<u8>,
    card: Range<u8>,
}

/// Known formats: H10301, the usual one of 34 bits, H10304.
const FORMATS: [Format; 3] = [
    Format { bits: 26, even: 0..13, odd: 13..26, facility: 1..9, card: 9..25 },
    Format { bits: 34, even: 0..17, odd: 17..34, facility: 1..17, card: 17..33 },
    Format { bits: 37, even: 0..19, odd: 18..37, facility: 1..17, card: 17..36 },
];

/// Facility code and card number of a card whose format is known and whose parity is right.
#[must_use]
pub fn numbers(card: &CardBits) -> Option<(u32, u32)> {
    let format = FORMATS.iter().find(|format| format.bits == card.count())?;
    let number = |range: &Range<u8>| range.clone().fold(0, |all, at| all << 1 | u32::from(card.bit(at)));
    format.is_right(card).then(|| (number(&format.facility), number(&format.card)))
}

impl Format {
    fn is_right(&self, card: &CardBits) -> bool {
        let set = |range: &Range<u8>| range.clone().filter(|at| card.bit(*at)).count();
        set(&self.even).is_multiple_of(2) && !set(&self.odd).is_multiple_of(2)
    }
}

/// The frame that is coming in.
#[derive(Debug, Default)]
pub struct Decoder {
    bytes: Vec<u8>,
    bits: u16,
    /// When the last pulse came, ns.
    last_ns: u64,
    /// Whether the kernel has dropped pulses of it.
    gap: bool,
}

impl Decoder {
    /// A pulse; what it ends, if it begins a new frame. `at_ns` never goes back.
    pub fn pulse(&mut self, data: Data, at_ns: u64) -> Option<ReaderEvent> {
        let quiet = Duration::from_nanos(at_ns.saturating_sub(self.last_ns));
        let ended = if quiet >= END { self.silence() } else { None };
        self.last_ns = at_ns;
        // Longer frames than any card are counted and not kept.
        if self.bits < u16::from(CardBits::MOST_BITS) {
            if self.bits.is_multiple_of(8) {
                self.bytes.push(0);
            }
            if let (Data::One, Some(last)) = (data, self.bytes.last_mut()) {
                *last |= 0x80 >> (self.bits % 8);
            }
        }
        self.bits = self.bits.saturating_add(1);
        ended
    }

    /// Pulses were lost between the last one and the next.
    pub fn lost(&mut self) {
        self.gap = true;
    }

    /// No pulse has come for [`END`]: the frame, if there is one, is whole.
    pub fn silence(&mut self) -> Option<ReaderEvent> {
        let Self { bytes, bits, gap, .. } = std::mem::take(self);
        let unreadable = |why: String| Some(ReaderEvent::Unreadable(why));
        match (bits, bytes.as_slice()) {
            (0, _) => None,
            _ if gap => unreadable("pulses were lost".to_owned()),
            (4, [byte]) => key(byte >> 4),
            (8, [byte]) if byte >> 4 == !byte & 0x0F => key(byte & 0x0F),
            (8, _) => unreadable("a key that contradicts itself".to_owned()),
            _ => {
                let format = FORMATS.iter().find(|format| u16::from(format.bits) == bits);
                let card = format.and_then(|format| CardBits::new(format.bits, &bytes));
                match format.zip(card) {
                    Some((format, card)) if format.is_right(&card) => Some(ReaderEvent::Card(card)),
                    Some(_) => unreadable(format!("a card of {bits} bits whose parity is wrong")),
                    None => unreadable(format!("{bits} bits: no card has so many")),
                }
            }
        }
    }
}

/// A key's code: digits, 10 is `*`, 11 is `#`.
fn key(code: u8) -> Option<ReaderEvent> {
    let key = match code {
        0..=9 => char::from(b'0' + code),
        10 => '*',
        11 => '#',
        _ => return Some(ReaderEvent::Unreadable(format!("key {code}"))),
    };
    Some(ReaderEvent::Keys(key.to_string()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const BIT_NS: u64 = 2_000_000;

    /// What pulses of these bits, and then silence, tell.
    fn told(bits: &[bool]) -> Vec<ReaderEvent> {
        let mut decoder = Decoder::default();
        let mut at = 1_000_000_000;
        let mut events = Vec::new();
        for bit in bits {
            at += BIT_NS;
            events.extend(decoder.pulse(if *bit { Data::One } else { Data::Zero }, at));
        }
        events.extend(decoder.silence());
        assert_eq!(decoder.silence(), None, "told once");
        events
    }

    fn bits(text: &str) -> Vec<bool> {
        text.chars().filter(|c| !c.is_whitespace()).map(|c| c == '1').collect()
    }

    /// A card of a format, parity and all.
    fn card(format: &Format, facility: u32, number: u32) -> Vec<bool> {
        let mut bits = vec![false; usize::from(format.bits)];
        let mut put = |range: &Range<u8>, value: u32| {
            for (n, at) in range.clone().rev().enumerate() {
                bits[usize::from(at)] = value >> n & 1 == 1;
            }
        };
        put(&format.facility, facility);
        put(&format.card, number);
        let set =
            |bits: &[bool], range: &Range<u8>| range.clone().filter(|at| bits[usize::from(*at)]).count();
        bits[0] = !set(&bits, &format.even).is_multiple_of(2);
        let last = bits.len() - 1;
        bits[last] = set(&bits, &format.odd).is_multiple_of(2);
        bits
    }

    #[test]
    fn a_published_card_of_26_bits_is_read() {
        // Facility 42, card 1234, as the simulated hall's reader sends it.
        let sent = bits("1 00101010 0000010011010010 0");
        let events = told(&sent);
        let [ReaderEvent::Card(read)] = events.as_slice() else { panic!("{events:?}") };
        assert_eq!((read.count(), read.bytes()), (26, [0x95, 0x02, 0x69, 0x00].as_slice()));
        assert_eq!(numbers(read), Some((42, 1234)));
    }

    #[test]
    fn what_is_no_card_is_told_as_what_it_is() {
        let unreadable = |text: &str, why: &str| {
            let events = told(&bits(text));
            assert!(
                matches!(events.as_slice(), [ReaderEvent::Unreadable(told)] if told.contains(why)),
                "{text}: {events:?}"
            );
        };
        unreadable("0 00101010 0000010011010010 0", "parity is wrong");
        unreadable("1 00101010 0000010011010010 1", "parity is wrong");
        unreadable("1 00101010 000001001101001", "24 bits: no card");
        unreadable(&"1".repeat(300), "300 bits");
        unreadable("10011001", "contradicts itself");
        unreadable("1100", "key 12");
        assert_eq!(told(&bits("0111")), [ReaderEvent::Keys("7".to_owned())]);
        assert_eq!(told(&bits("01011010")), [ReaderEvent::Keys("*".to_owned())]);
        assert_eq!(told(&bits("1011")), [ReaderEvent::Keys("#".to_owned())]);
    }

    #[test]
    fn silence_parts_frames_and_lost_pulses_spoil_one() {
        let mut decoder = Decoder::default();
        let digit = |decoder: &mut Decoder, from: u64| {
            (0..4).filter_map(|n| decoder.pulse(Data::Zero, from + n * BIT_NS)).collect::<Vec<_>>()
        };
        assert_eq!(digit(&mut decoder, 1_000_000_000), []);
        assert_eq!(digit(&mut decoder, 1_100_000_000), [ReaderEvent::Keys("0".to_owned())]);
        decoder.lost();
        assert!(matches!(decoder.silence(), Some(ReaderEvent::Unreadable(_))));
        assert_eq!(digit(&mut decoder, 1_300_000_000), []);
        assert_eq!(decoder.silence(), Some(ReaderEvent::Keys("0".to_owned())));
    }

    proptest! {
        #[test]
        fn every_card_of_a_known_format_is_read_and_one_wrong_bit_is_seen(
            which in 0..FORMATS.len(), facility: u32, number: u32, flip: prop::sample::Index,
        ) {
            let format = &FORMATS[which];
            let within = |range: &Range<u8>, value: u32| value & (u32::MAX >> (32 - (range.end - range.start)));
            let (facility, number) = (within(&format.facility, facility), within(&format.card, number));
            let mut sent = card(format, facility, number);
            let events = told(&sent);
        let [ReaderEvent::Card(read)] = events.as_slice() else { panic!("{events:?}") };
            prop_assert_eq!(numbers(read), Some((facility, number)));
            let at = flip.index(sent.len());
            sent[at] = !sent[at];
            prop_assert!(matches!(told(&sent).as_slice(), [ReaderEvent::Unreadable(_)]));
        }

        #[test]
        fn any_pulses_tell_one_thing_a_frame(sent in prop::collection::vec(any::<bool>(), 1..400)) {
            prop_assert_eq!(told(&sent).len(), 1);
        }
    }
}
