//! PINs, checked before only their keys are kept: four to eight digits, none that anybody would try first.

use crate::{
    accounts::{NotDone, Wrong},
    logic::access::pin_key,
    model::{PersonId, PinKey},
};

/// A person's PIN.
pub(super) fn checked(site: &[u8; 32], person: PersonId, digits: &str) -> Result<PinKey, NotDone> {
    if !(4..=8).contains(&digits.len()) || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Wrong::Pin.into());
    }
    if is_easy(digits.as_bytes()) {
        return Err(Wrong::PinEasy.into());
    }
    Ok(pin_key(site, person, digits))
}

/// A PIN beside a duress PIN: what a reader cannot tell apart would either alarm always or never.
pub(super) fn differ(pin: Option<PinKey>, duress: Option<PinKey>) -> Result<(), NotDone> {
    let same = pin.is_some() && pin == duress;
    if same { Err(Wrong::PinSame.into()) } else { Ok(()) }
}

/// Each digit is the one before plus the same step: 0, 1 or -1.
fn is_easy(digits: &[u8]) -> bool {
    let steps = digits.windows(2).filter_map(|pair| match pair {
        [one, next] => Some(i16::from(*next) - i16::from(*one)),
        _ => None,
    });
    let steps: std::collections::BTreeSet<i16> = steps.collect();
    steps.len() == 1 && steps.iter().all(|step| step.abs() <= 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pins_are_digits_that_nobody_tries_first() {
        let check = |digits: &str, expected: Option<&str>| {
            let person = PersonId::parse("p1").unwrap();
            let refused = checked(&[1; 32], person, digits).err().map(|why| why.to_string());
            assert_eq!(
                refused.as_deref().map(|why| why.contains(expected.unwrap_or("?"))),
                expected.map(|_| true)
            );
        };
        for good in ["2580", "1235", "90217744", "1212"] {
            check(good, None);
        }
        for wrong in ["", "258", "258025802", "25a0", "２５８０"] {
            check(wrong, Some("4 to 8 digits"));
        }
        for easy in ["0000", "1234", "45678", "9876", "3210"] {
            check(easy, Some("too easy"));
        }
    }
}
