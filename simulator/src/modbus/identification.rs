//! Function 43/14: who a device says it is. The basic objects alone: vendor, product (the profile's id), revision.

use super::function::{Exception, refusal};

/// The function, and its kind that reads an identification.
pub(crate) const FUNCTION: u8 = 43;
const READ_IDENTIFICATION: u8 = 14;

/// The basic objects, as a stream and one by one.
const CONFORMITY: u8 = 0x81;

/// Longest text of an object, bytes: three of them fit into one answer.
const LONGEST_TEXT: usize = 64;

/// The answer to a request with this `data`, from a device with these objects.
pub(crate) fn answer(data: &[u8], objects: [&str; 3]) -> Vec<u8> {
    let listed = match *data {
        [READ_IDENTIFICATION, 1..=3, first] => {
            // Where there is no such object the stream begins anew.
            let first = if usize::from(first) < objects.len() { first } else { 0 };
            (first..).zip(objects.iter().skip(usize::from(first))).collect()
        }
        [READ_IDENTIFICATION, 4, only] => match objects.get(usize::from(only)) {
            Some(object) => vec![(only, object)],
            None => return refusal(FUNCTION, Exception::IllegalAddress as u8),
        },
        [READ_IDENTIFICATION, ..] => return refusal(FUNCTION, Exception::IllegalValue as u8),
        _ => return refusal(FUNCTION, Exception::IllegalFunction as u8),
    };
    let code = data.get(1).copied().unwrap_or(1);
    let count = u8::try_from(listed.len()).unwrap_or(0);
    let mut answer = vec![FUNCTION, READ_IDENTIFICATION, code, CONFORMITY, 0, 0, count];
    for (number, text) in listed {
        let text = text.as_bytes().get(..LONGEST_TEXT).unwrap_or(text.as_bytes());
        answer.extend([number, u8::try_from(text.len()).unwrap_or(0)]);
        answer.extend(text);
    }
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(data: &[u8], expected: &[u8]) {
        assert_eq!(answer(data, ["AB", "c", "1.0"]), expected, "{data:?}");
    }

    #[test]
    fn objects_are_told_as_a_stream_or_one_by_one() {
        let all = [43, 14, 1, 0x81, 0, 0, 3, 0, 2, b'A', b'B', 1, 1, b'c', 2, 3, b'1', b'.', b'0'];
        check(&[14, 1, 0], &all);
        check(&[14, 1, 9], &all);
        check(&[14, 2, 1], &[43, 14, 2, 0x81, 0, 0, 2, 1, 1, b'c', 2, 3, b'1', b'.', b'0']);
        check(&[14, 4, 1], &[43, 14, 4, 0x81, 0, 0, 1, 1, 1, b'c']);
    }

    #[test]
    fn what_it_has_not_got_is_refused() {
        check(&[14, 4, 3], &[0xAB, 2]);
        check(&[14, 5, 0], &[0xAB, 3]);
        check(&[14, 1], &[0xAB, 3]);
        check(&[13, 1, 0], &[0xAB, 1]);
        check(&[], &[0xAB, 1]);
    }

    #[test]
    fn long_texts_are_cut() {
        let long = "x".repeat(300);
        assert_eq!(answer(&[14, 1, 0], [&long; 3]).len(), 7 + 3 * (2 + 64));
    }
}
