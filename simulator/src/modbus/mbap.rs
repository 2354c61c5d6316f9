//! The MBAP header of Modbus TCP: where a request begins and ends in a stream of bytes.

use super::{Frame, NotModbus};

/// Bytes before the function code.
pub(crate) const HEADER: usize = 7;

/// Longest request or answer, header included.
const LONGEST: usize = 260;

/// The frame at the start of `bytes` and its length; `None` while more bytes are needed.
pub(super) fn parse(bytes: &[u8]) -> Result<Option<(Frame, usize)>, NotModbus> {
    let Some((header, rest)) = bytes.split_first_chunk::<HEADER>() else { return Ok(None) };
    let [t1, t2, p1, p2, l1, l2, unit] = *header;
    // The length counts the unit id too.
    let length = usize::from(u16::from_be_bytes([l1, l2]));
    if (p1, p2) != (0, 0) || !(2..=LONGEST - HEADER + 1).contains(&length) {
        return Err(NotModbus);
    }
    let Some(pdu) = rest.get(..length - 1) else { return Ok(None) };
    let frame = Frame { transaction: u16::from_be_bytes([t1, t2]), unit, pdu: pdu.to_vec() };
    Ok(Some((frame, HEADER + length - 1)))
}

/// The bytes on the wire.
pub(super) fn bytes(frame: &Frame) -> Vec<u8> {
    let length = u16::try_from(frame.pdu.len() + 1).unwrap_or(u16::MAX);
    let mut bytes = Vec::with_capacity(HEADER + frame.pdu.len());
    bytes.extend(frame.transaction.to_be_bytes());
    bytes.extend([0, 0]);
    bytes.extend(length.to_be_bytes());
    bytes.push(frame.unit);
    bytes.extend(&frame.pdu);
    bytes
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const READ: [u8; 12] = [0x12, 0x34, 0, 0, 0, 6, 7, 3, 0, 130, 0, 1];

    #[test]
    fn a_request_is_read_only_when_whole() {
        let frame = Frame { transaction: 0x1234, unit: 7, pdu: vec![3, 0, 130, 0, 1] };
        assert_eq!(parse(&READ), Ok(Some((frame, 12))));
        for length in 0..READ.len() {
            assert_eq!(parse(&READ[..length]), Ok(None), "{length} bytes");
        }
    }

    #[test]
    fn what_is_not_modbus_is_refused() {
        for (at, byte) in [(2, 1), (3, 1), (4, 2), (5, 1)] {
            let mut bytes = READ;
            bytes[at] = byte;
            assert_eq!(parse(&bytes), Err(NotModbus), "byte {at}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_survived(heard in prop::collection::vec(any::<u8>(), 0..300)) {
            if let Ok(Some((frame, length))) = parse(&heard) {
                prop_assert_eq!(bytes(&frame), &heard[..length]);
            }
        }
    }
}
