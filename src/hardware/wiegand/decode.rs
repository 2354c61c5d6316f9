//! From pulses on two wires to cards and keys. Pure: edges with their times come in, in order.
//!
//! A frame ends when no pulse has come for [`END`]. Frames of the formats that `logic::access` knows are cards; one of another
//! length, or whose parity is wrong, is told as unreadable: a pulse was lost or one too many came.

use std::time::Duration;

use crate::{
    logic::access::{Card, read_card},
    model::{CardBits, ReaderEvent},
};

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
                let card = u8::try_from(bits).ok().and_then(|count| CardBits::new(count, &bytes));
                match card.map(|card| (read_card(&card), card)) {
                    Some((Ok(Card::Numbered { .. }), card)) => Some(ReaderEvent::Card(card)),
                    Some((Err(_), _)) => unreadable(format!("a card of {bits} bits whose parity is wrong")),
                    Some((Ok(Card::Plain), _)) | None => {
                        unreadable(format!("{bits} bits: no card has so many"))
                    }
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
    use crate::logic::access::card_of;

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

    #[test]
    fn a_published_card_of_26_bits_is_read() {
        // Facility 42, card 1234, as the simulated hall's reader sends it.
        let sent = bits("1 00101010 0000010011010010 0");
        let events = told(&sent);
        let [ReaderEvent::Card(read)] = events.as_slice() else { panic!("{events:?}") };
        assert_eq!((read.count(), read.bytes()), (26, [0x95, 0x02, 0x69, 0x00].as_slice()));
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
        fn every_card_is_read_as_it_was_sent_and_one_wrong_bit_is_seen(
            which in 0..3_usize, facility: u8, number: u16, flip: prop::sample::Index,
        ) {
            let card = card_of([26, 34, 37][which], facility.into(), number.into()).unwrap();
            let mut sent: Vec<bool> = (0..card.count()).map(|at| card.bit(at)).collect();
            prop_assert_eq!(told(&sent), [ReaderEvent::Card(card)]);
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
