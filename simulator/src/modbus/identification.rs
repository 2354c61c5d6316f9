//! Function 43/14: who a device says it is. The basic objects (vendor, product, revision: the profile's id and this
//! crate's version), and after them those of its profile.
//!
//! Terms: *conformity* — how much a device tells, and whether its objects can be asked for one by one.

use super::function::{Exception, refusal};

/// The function, and its kind that reads an identification.
pub(crate) const FUNCTION: u8 = 43;
const READ_IDENTIFICATION: u8 = 14;

/// The basic objects, as a stream and one by one.
const BASIC: u8 = 0x81;

/// Extended objects, as a stream alone.
const EXTENDED_STREAM: u8 = 0x03;

/// Longest text of a basic object, bytes.
const LONGEST_TEXT: usize = 64;

/// Longest answer, bytes; what does not fit is asked for by the next request.
const LONGEST_ANSWER: usize = 253;

/// An object's number and what it tells.
pub(crate) type Object = (u8, Vec<u8>);

/// The objects of a device: three basic ones and `more`, which follow in ascending order.
pub(crate) fn objects(basic: [&str; 3], more: impl IntoIterator<Item = Object>) -> Vec<Object> {
    let basic = (0..).zip(basic).map(|(number, text)| {
        let text = text.as_bytes();
        (number, text.get(..LONGEST_TEXT).unwrap_or(text).to_vec())
    });
    basic.chain(more).collect()
}

/// The answer to a request with this `data`, from a device with these objects.
pub(crate) fn answer(data: &[u8], objects: &[Object]) -> Vec<u8> {
    let conformity = if objects.len() > 3 { EXTENDED_STREAM } else { BASIC };
    let (code, listed) = match *data {
        [READ_IDENTIFICATION, code @ 1..=3, first] => {
            let last = match code {
                1 => 2,
                2 => 0x7F,
                _ => 0xFF,
            };
            (code, stream(objects, first, last))
        }
        [READ_IDENTIFICATION, code @ 4, only] if conformity == BASIC => {
            match objects.iter().find(|(number, _)| *number == only) {
                Some(object) => (code, vec![object]),
                None => return refusal(FUNCTION, Exception::IllegalAddress as u8),
            }
        }
        [READ_IDENTIFICATION, ..] => return refusal(FUNCTION, Exception::IllegalValue as u8),
        _ => return refusal(FUNCTION, Exception::IllegalFunction as u8),
    };
    let mut room = LONGEST_ANSWER - 7;
    let fitting = listed.iter().take_while(|(_, told)| {
        let needed = told.len() + 2;
        room.checked_sub(needed).map(|left| room = left).is_some()
    });
    let fitting = fitting.count();
    let (more, next) = listed.get(fitting).map_or((0, 0), |(number, _)| (0xFF, *number));
    let count = u8::try_from(fitting).unwrap_or(u8::MAX);
    let mut answer = vec![FUNCTION, READ_IDENTIFICATION, code, conformity, more, next, count];
    for (number, told) in listed.into_iter().take(fitting) {
        answer.extend([*number, u8::try_from(told.len()).unwrap_or(u8::MAX)]);
        answer.extend(told);
    }
    answer
}

/// The objects from `first` to `last`; where there is no `first`, the stream begins anew.
fn stream(objects: &[Object], first: u8, last: u8) -> Vec<&Object> {
    let known = objects.iter().any(|(number, _)| *number == first && first <= last);
    let first = if known { first } else { 0 };
    objects.iter().filter(|(number, _)| (first..=last).contains(number)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(data: &[u8], more: &[Object], expected: &[u8]) {
        assert_eq!(answer(data, &objects(["AB", "c", "1.0"], more.iter().cloned())), expected, "{data:?}");
    }

    #[test]
    fn objects_are_told_as_a_stream_or_one_by_one() {
        let all = [43, 14, 1, 0x81, 0, 0, 3, 0, 2, b'A', b'B', 1, 1, b'c', 2, 3, b'1', b'.', b'0'];
        check(&[14, 1, 0], &[], &all);
        check(&[14, 1, 9], &[], &all);
        check(&[14, 2, 1], &[], &[43, 14, 2, 0x81, 0, 0, 2, 1, 1, b'c', 2, 3, b'1', b'.', b'0']);
        check(&[14, 4, 1], &[], &[43, 14, 4, 0x81, 0, 0, 1, 1, 1, b'c']);
    }

    #[test]
    fn objects_of_the_vendor_follow_the_basic_ones_and_are_told_as_a_stream_alone() {
        let more = [(0x87, vec![0, 0, 0, 1]), (0x88, b"x".to_vec())];
        let vendor = [0x87, 4, 0, 0, 0, 1, 0x88, 1, b'x'];
        check(&[14, 3, 0x87], &more, &[&[43, 14, 3, 3, 0, 0, 2], &vendor[..]].concat());
        let basic = [0, 2, b'A', b'B', 1, 1, b'c', 2, 3, b'1', b'.', b'0'];
        check(&[14, 3, 0], &more, &[&[43, 14, 3, 3, 0, 0, 5], &basic[..], &vendor[..]].concat());
        check(&[14, 1, 0x87], &more, &[&[43, 14, 1, 3, 0, 0, 3], &basic[..]].concat());
        check(&[14, 4, 0x87], &more, &[0xAB, 3]);
    }

    #[test]
    fn what_does_not_fit_is_told_by_the_next_answer() {
        let more = [(0x80, vec![1; 150]), (0x81, vec![2; 150])];
        let objects = objects(["A", "B", "C"], more);
        let first = answer(&[14, 3, 0], &objects);
        assert_eq!((&first[4..7], first.len()), (&[0xFF, 0x81, 4][..], 7 + 3 * 3 + 152));
        let second = answer(&[14, 3, 0x81], &objects);
        assert_eq!((&second[4..7], second.len()), (&[0, 0, 1][..], 7 + 152));
    }

    #[test]
    fn what_it_has_not_got_is_refused() {
        check(&[14, 4, 3], &[], &[0xAB, 2]);
        check(&[14, 5, 0], &[], &[0xAB, 3]);
        check(&[14, 1], &[], &[0xAB, 3]);
        check(&[13, 1, 0], &[], &[0xAB, 1]);
        check(&[], &[], &[0xAB, 1]);
    }

    #[test]
    fn long_texts_are_cut() {
        let long = "x".repeat(300);
        assert_eq!(answer(&[14, 1, 0], &objects([&long; 3], [])).len(), 7 + 3 * (2 + 64));
    }
}
