//! Where an answer lies among received bytes: pure functions over bytes, without I/O or state.
//!
//! Called by the wrappers around a line's stream, `rtu` and `mbap`; they let only what is found here through to the
//! Modbus client, so that it never sees anything but an answer to its last request. Nothing here panics, whatever the
//! bytes (fuzzed).

/// Modbus TCP: transaction id, protocol id and length, the part of the header before the unit id.
pub const MBAP_PREFIX: usize = 6;

/// The longest Modbus TCP frame: prefix, unit id and a PDU of 253 bytes.
pub const MBAP_LONGEST: usize = MBAP_PREFIX + 1 + 253;

/// The longest RTU frame.
pub const RTU_LONGEST: usize = 256;

/// Length of the whole Modbus TCP frame that `bytes` begins with, once its prefix is there.
#[must_use]
pub fn mbap_length(bytes: &[u8]) -> Option<usize> {
    let length = bytes.get(4..MBAP_PREFIX)?.first_chunk().copied()?;
    Some(MBAP_PREFIX + usize::from(u16::from_be_bytes(length)))
}

/// Of a Modbus TCP answer to a read (functions 1 to 4): whether its byte count is what follows it.
#[must_use]
pub fn mbap_counts_agree(frame: &[u8]) -> bool {
    match frame.get(MBAP_PREFIX + 1..) {
        Some([1..=4, count, data @ ..]) => usize::from(*count) == data.len(),
        Some([1..=4]) | None => false,
        Some(_) => true,
    }
}

/// Where the RTU answer to `request` lies in `received`: start and length. Whatever stands before it is noise. Unit,
/// function, length and CRC must fit; an answer to a write must repeat what was asked.
#[must_use]
pub fn rtu_answer(request: &[u8], received: &[u8]) -> Option<(usize, usize)> {
    (0..received.len()).find_map(|start| {
        let candidate = received.get(start..)?;
        let length = rtu_length(request, candidate)?;
        let frame = candidate.get(..length)?;
        crc_fits(frame).then_some((start, length))
    })
}

/// How long an answer to `request` is that begins so; `None` if it is none, or that cannot be told yet.
fn rtu_length(request: &[u8], candidate: &[u8]) -> Option<usize> {
    let ([unit, function, asked @ ..], [from, answered, rest @ ..]) = (request, candidate) else {
        return None;
    };
    if unit != from {
        return None;
    }
    if *answered == function | 0x80 {
        return Some(5);
    }
    if answered != function {
        return None;
    }
    let count = || asked.get(2..4)?.first_chunk().map(|count| usize::from(u16::from_be_bytes(*count)));
    match function {
        1 | 2 => counted(count()?.div_ceil(8), rest),
        3 | 4 => counted(count()? * 2, rest),
        // Address and value, or address and count, come back.
        5 | 6 | 15 | 16 => (rest.get(..4)? == asked.get(..4)?).then_some(8),
        0x2B => identification_length(rest),
        _ => None,
    }
}

fn counted(expected: usize, rest: &[u8]) -> Option<usize> {
    (usize::from(*rest.first()?) == expected).then_some(expected + 5)
}

/// Function 43/14: type, code, conformity, more, next, number of objects; then each object's id, length and bytes.
fn identification_length(rest: &[u8]) -> Option<usize> {
    let mut at = 6;
    for _ in 0..*rest.get(5)? {
        at += 2 + usize::from(*rest.get(at + 1)?);
    }
    let length = 2 + at + 2;
    (*rest.first()? == 14 && length <= RTU_LONGEST).then_some(length)
}

/// Whether a frame ends with its CRC.
#[must_use]
pub fn crc_fits(frame: &[u8]) -> bool {
    let Some((body, sent)) = frame.split_last_chunk::<2>() else { return false };
    crc(body) == u16::from_le_bytes(*sent)
}

/// CRC-16/MODBUS (Modbus over serial line, section 6.2.2).
#[must_use]
pub fn crc(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0xFFFF, |crc, byte| {
        (0..8).fold(crc ^ u16::from(*byte), |crc, _| if crc & 1 == 1 { crc >> 1 ^ 0xA001 } else { crc >> 1 })
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn framed(bytes: &[u8]) -> Vec<u8> {
        [bytes, &crc(bytes).to_le_bytes()].concat()
    }

    fn check(request: &[u8], received: &[u8], expected: Option<(usize, usize)>) {
        assert_eq!(rtu_answer(&framed(request), received), expected, "{request:?} {received:?}");
    }

    const READ: [u8; 6] = [7, 3, 0, 10, 0, 2];

    #[test]
    fn the_checksum_is_that_of_the_specification() {
        // The usual worked example: 02 07 gives 41 12 on the wire.
        assert_eq!(crc(&[2, 7]), 0x1241);
        assert_eq!(crc(b"123456789"), 0x4B37);
    }

    #[test]
    fn an_answer_is_found_behind_noise_and_echo() {
        let answer = framed(&[7, 3, 4, 0, 1, 0, 2]);
        check(&READ, &answer, Some((0, 9)));
        check(&READ, &[&[0], answer.as_slice()].concat(), Some((1, 9)));
        check(&READ, &[framed(&READ), answer.clone()].concat(), Some((8, 9)));
        check(&READ, &[answer.as_slice(), &[1, 2, 3]].concat(), Some((0, 9)));
        check(&READ, &framed(&[7, 0x83, 2]), Some((0, 5)));
    }

    #[test]
    fn what_is_no_answer_to_the_request_is_not_found() {
        for wrong in [
            framed(&[8, 3, 4, 0, 1, 0, 2]),
            framed(&[7, 4, 4, 0, 1, 0, 2]),
            framed(&[7, 3, 2, 0, 1]),
            framed(&[7, 3, 6, 0, 1, 0, 2, 0, 3]),
            framed(&[7, 0x84, 2]),
            vec![7, 3, 4, 0, 1, 0, 2, 0, 0],
        ] {
            check(&READ, &wrong, None);
        }
        let answer = framed(&[7, 3, 4, 0, 1, 0, 2]);
        check(&READ, &answer[..8], None);
    }

    #[test]
    fn a_write_is_answered_by_what_was_written() {
        check(&[7, 6, 0, 1, 0, 9], &framed(&[7, 6, 0, 1, 0, 9]), Some((0, 8)));
        check(&[7, 6, 0, 1, 0, 9], &framed(&[7, 6, 0, 1, 0, 8]), None);
        check(&[7, 16, 0, 1, 0, 1, 2, 0, 9], &framed(&[7, 16, 0, 1, 0, 1]), Some((0, 8)));
    }

    #[test]
    fn an_identification_has_as_many_objects_as_it_says() {
        let answer = framed(&[7, 0x2B, 14, 1, 1, 0, 0, 2, 0, 2, b'a', b'b', 1, 1, b'c']);
        check(&[7, 0x2B, 14, 1, 0], &answer, Some((0, answer.len())));
    }

    proptest! {
        #[test]
        fn whatever_is_found_fits(request in prop::collection::vec(any::<u8>(), 0..12), received in prop::collection::vec(any::<u8>(), 0..300)) {
            if let Some((start, length)) = rtu_answer(&request, &received) {
                let frame = &received[start..start + length];
                prop_assert!(crc_fits(frame) && frame[0] == request[0] && frame[1] & 0x7F == request[1] & 0x7F);
            }
        }

        #[test]
        fn any_answer_is_found_behind_any_noise(noise in prop::collection::vec(any::<u8>(), 0..40), words in prop::collection::vec(any::<u16>(), 1..125)) {
            let count = u8::try_from(words.len()).unwrap();
            let request = framed(&[9, 3, 0, 0, 0, count]);
            let mut answer = vec![9, 3, count * 2];
            words.iter().for_each(|word| answer.extend(word.to_be_bytes()));
            let received = [noise.clone(), framed(&answer)].concat();
            prop_assert_eq!(rtu_answer(&request, &received), Some((noise.len(), answer.len() + 2)));
        }
    }
}
