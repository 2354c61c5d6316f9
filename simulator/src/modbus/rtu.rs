//! RTU: a unit id, function and data, a CRC; where a request ends is known from its function, or from the silence after it.

use super::Frame;

/// Longest request or answer.
pub(crate) const LONGEST: usize = 256;

/// Bytes of the CRC.
const CRC: usize = 2;

/// The request at the start of `bytes` and its length, if its function tells the length, all of it is there and the
/// CRC is right.
pub(super) fn request(bytes: &[u8]) -> Option<(Frame, usize)> {
    let length = match bytes.get(1)? {
        1..=6 => 8,
        15 | 16 => 9 + usize::from(*bytes.get(6)?),
        43 => 7,
        _ => return None,
    };
    whole(bytes.get(..length)?).map(|frame| (frame, length))
}

/// The frame that `bytes` are from the first to the last, if the CRC is right.
pub(super) fn whole(bytes: &[u8]) -> Option<Frame> {
    let (said, &[low, high]) = bytes.split_last_chunk::<CRC>()?;
    let (unit, pdu) = said.split_first()?;
    let right = !pdu.is_empty() && bytes.len() <= LONGEST && crc(said) == u16::from_le_bytes([low, high]);
    right.then(|| Frame { transaction: 0, unit: *unit, pdu: pdu.to_vec() })
}

/// The bytes on the wire.
pub(super) fn bytes(frame: &Frame) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(1 + frame.pdu.len() + CRC);
    bytes.push(frame.unit);
    bytes.extend(&frame.pdu);
    bytes.extend(crc(&bytes).to_le_bytes());
    bytes
}

/// CRC-16/MODBUS: reflected polynomial 0x8005, from all ones.
fn crc(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0xFFFF, |crc, byte| {
        let [low, high] = crc.to_le_bytes();
        u16::from(high) ^ CRC_OF_BYTE.get(usize::from(low ^ byte)).copied().unwrap_or_default()
    })
}

/// The CRC of each byte, from 0.
static CRC_OF_BYTE: [u16; 256] = crc_of_byte();

#[expect(clippy::indexing_slicing, clippy::cast_possible_truncation, reason = "both run from 0 to 255")]
const fn crc_of_byte() -> [u16; 256] {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < table.len() {
        let mut crc = byte as u16;
        let mut bit = 0;
        while bit < 8 {
            crc = if crc & 1 == 1 { crc >> 1 ^ 0xA001 } else { crc >> 1 };
            bit += 1;
        }
        table[byte] = crc;
        byte += 1;
    }
    table
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// `crc` is as on the wire, low byte first.
    fn framed(body: &[u8]) -> Vec<u8> {
        [body, &crc(body).to_le_bytes()].concat()
    }

    #[test]
    fn the_crc_is_the_one_of_the_specification() {
        // The check value of CRC-16/MODBUS in the catalogues of CRCs.
        assert_eq!(crc(b"123456789"), 0x4B37);
    }

    #[test]
    fn a_request_is_read_only_when_whole() {
        for body in [
            &[7, 3, 0, 130, 0, 1][..],
            &[1, 5, 0, 3, 0xFF, 0],
            &[1, 16, 0, 11, 0, 2, 4, 0, 1, 0, 2],
            &[1, 15, 0, 1, 0, 2, 1, 3],
            &[1, 43, 14, 1, 0],
        ] {
            let (bytes, frame) =
                (framed(body), Frame { transaction: 0, unit: body[0], pdu: body[1..].to_vec() });
            assert_eq!(request(&bytes), Some((frame, bytes.len())), "{body:?}");
            for length in 0..bytes.len() {
                assert_eq!(request(&bytes[..length]), None, "{length} bytes of {body:?}");
            }
            let more = [&bytes[..], &[1, 2, 3]].concat();
            assert_eq!(request(&more).map(|(_, length)| length), Some(bytes.len()), "{body:?}");
        }
    }

    #[test]
    fn other_functions_end_with_silence_alone() {
        let bytes = framed(&[7, 17]);
        assert_eq!(request(&bytes), None);
        assert_eq!(whole(&bytes), Some(Frame { transaction: 0, unit: 7, pdu: vec![17] }));
    }

    #[test]
    fn a_wrong_bit_anywhere_is_noticed() {
        let right = framed(&[7, 3, 0, 130, 0, 1]);
        for bit in 0..right.len() * 8 {
            let mut bytes = right.clone();
            bytes[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(whole(&bytes), None, "bit {bit}");
        }
    }

    proptest! {
        #[test]
        fn what_is_said_is_heard(unit: u8, pdu in prop::collection::vec(any::<u8>(), 1..254)) {
            let frame = Frame { transaction: 0, unit, pdu };
            prop_assert_eq!(whole(&bytes(&frame)), Some(frame));
        }

        #[test]
        fn any_bytes_are_survived(heard in prop::collection::vec(any::<u8>(), 0..300)) {
            prop_assert_eq!(request(&heard).is_some_and(|(_, length)| length > heard.len()), false);
            prop_assert!(whole(&heard).is_none_or(|frame| bytes(&frame) == heard));
        }
    }
}
