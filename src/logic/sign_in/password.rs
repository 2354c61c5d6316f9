//! What a password must be (R-PASSWORD, 15.1): long enough; lower, upper, digit, special; without the person's name,
//! birth date or telephone number. Everything that is wrong with it is told at once.

use chrono::{Datelike, NaiveDate};
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

use super::{Rule, Rules};
use crate::model::{Account, Person, Role};

/// The longest password that is taken, bytes.
pub const LONGEST_PASSWORD: usize = 256;

/// A part of a name that is shorter may be in a password by chance.
const SHORTEST_NAME: usize = 3;

/// So many digits in a row of a telephone number are too many.
const PHONE_DIGITS: usize = 5;

/// What is wrong with a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weakness {
    /// It has fewer characters than this.
    Short(u32),
    /// It is longer than [`LONGEST_PASSWORD`] bytes.
    Long,
    /// No lower-case letter.
    NoLower,
    /// No upper-case letter.
    NoUpper,
    /// No digit.
    NoDigit,
    /// Nothing but letters and digits.
    NoSpecial,
    /// The person's name, or what it types at sign-in, is in it.
    Name,
    /// The person's birth date is in it.
    BirthDate,
    /// The person's telephone number is in it.
    Phone,
    /// It is the one that it replaces.
    Same,
}

impl Weakness {
    /// Its key in the catalogues and in answers.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Short(_) => "password-short",
            Self::Long => "password-long",
            Self::NoLower => "password-no-lower",
            Self::NoUpper => "password-no-upper",
            Self::NoDigit => "password-no-digit",
            Self::NoSpecial => "password-no-special",
            Self::Name => "password-name",
            Self::BirthDate => "password-birth-date",
            Self::Phone => "password-phone",
            Self::Same => "password-same",
        }
    }
}

/// What is wrong with `password` for this person's account; that it is another one than before is for whoever can
/// compare hashes.
#[must_use]
pub fn weaknesses(password: &str, person: &Person, account: &Account, rules: &Rules) -> Vec<Weakness> {
    let length = rules.get(match account.role {
        Role::Administrator => Rule::AdministratorPasswordLength,
        Role::Viewer | Role::Operator | Role::SecurityReviewer | Role::Inspector => Rule::PasswordLength,
    });
    let lacks = |wanted: fn(char) -> bool| !password.chars().any(wanted);
    let digits = digits(password);
    let found = [
        (password.chars().count() < usize::try_from(length).unwrap_or(usize::MAX), Weakness::Short(length)),
        (password.len() > LONGEST_PASSWORD, Weakness::Long),
        (lacks(char::is_lowercase), Weakness::NoLower),
        (lacks(char::is_uppercase), Weakness::NoUpper),
        (lacks(|c| c.is_ascii_digit()), Weakness::NoDigit),
        (!password.chars().any(|c| !c.is_alphanumeric() && !c.is_control()), Weakness::NoSpecial),
        (has_name(password, person, account), Weakness::Name),
        (person.born.is_some_and(|born| has_date(&digits, born)), Weakness::BirthDate),
        (person.phone.as_deref().is_some_and(|phone| has_phone(&digits, phone)), Weakness::Phone),
    ];
    found.into_iter().filter_map(|(holds, weakness)| holds.then_some(weakness)).collect()
}

/// Letters without marks and case: `Nguyễn` and `nguyen` are the same name, and so are `Đức` and `duc`.
fn plain(text: &str) -> String {
    let unmarked = text.nfd().filter(|c| !is_combining_mark(*c));
    unmarked.flat_map(char::to_lowercase).map(|c| if c == 'đ' { 'd' } else { c }).collect()
}

fn has_name(password: &str, person: &Person, account: &Account) -> bool {
    let password = plain(password);
    let names = person.name.split_whitespace().chain(account.sign_in.split('-'));
    names.map(plain).any(|name| name.chars().count() >= SHORTEST_NAME && password.contains(&name))
}

fn digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

/// Day, month and year in any usual order, with two digits or four of the year; whatever stands between them.
fn has_date(digits: &str, born: NaiveDate) -> bool {
    let (day, month, year) = (born.day(), born.month(), born.year());
    let short = year.rem_euclid(100);
    [
        format!("{day:02}{month:02}{year:04}"),
        format!("{month:02}{day:02}{year:04}"),
        format!("{year:04}{month:02}{day:02}"),
        format!("{day:02}{month:02}{short:02}"),
        format!("{short:02}{month:02}{day:02}"),
        format!("{day}{month}{year}"),
    ]
    .iter()
    .any(|date| digits.contains(date.as_str()))
}

fn has_phone(in_password: &str, phone: &str) -> bool {
    let phone = digits(phone);
    let starts = 0..(phone.len() + 1).saturating_sub(PHONE_DIGITS);
    starts.filter_map(|start| phone.get(start..start + PHONE_DIGITS)).any(|part| in_password.contains(part))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::logic::sign_in::testing::{account, person};

    fn check(role: Role, password: &str, expected: &[Weakness]) {
        let person = Person {
            name: "Nguyễn Thị Đức Hạnh".to_owned(),
            born: NaiveDate::from_ymd_opt(1984, 3, 9),
            phone: Some("+84 912 345 678".to_owned()),
            ..person()
        };
        let account = Account { role, sign_in: "hanh-nt".to_owned(), ..account(role) };
        assert_eq!(weaknesses(password, &person, &account, &Rules::default()), expected, "{password}");
    }

    #[test]
    fn r_password_lengths_differ_for_administrators_and_others() {
        check(Role::Viewer, "Ab1$xyz", &[Weakness::Short(8)]);
        check(Role::Viewer, "Ab1$xyzw", &[]);
        check(Role::Operator, "Ab1$xyzw", &[]);
        check(Role::Administrator, "Ab1$xyzwvu", &[Weakness::Short(11)]);
        check(Role::Administrator, "Ab1$xyzwvut", &[]);
        check(Role::Viewer, &format!("Ab1${}", "x".repeat(253)), &[Weakness::Long]);
    }

    #[test]
    fn r_password_needs_lower_upper_digit_and_special_and_all_is_told_at_once() {
        check(Role::Viewer, "ABCDEF1$", &[Weakness::NoLower]);
        check(Role::Viewer, "abcdef1$", &[Weakness::NoUpper]);
        check(Role::Viewer, "Abcdefg$", &[Weakness::NoDigit]);
        check(Role::Viewer, "Abcdefg1", &[Weakness::NoSpecial]);
        check(Role::Viewer, "Đường đi 7", &[]);
        let all = [
            Weakness::Short(8),
            Weakness::NoLower,
            Weakness::NoUpper,
            Weakness::NoDigit,
            Weakness::NoSpecial,
        ];
        check(Role::Viewer, "", &all);
    }

    #[test]
    fn r_password_contains_no_name_birth_date_or_telephone_number() {
        for name in ["Xx1$NGUYEN", "Xx1$nguyễn", "Ab1$duc99xX", "Ab1$Hanh12"] {
            check(Role::Viewer, name, &[Weakness::Name]);
        }
        // "Thị" has three letters and is a name; "nt" of the sign-in is too short to be one.
        check(Role::Viewer, "Ab1$nt__x", &[]);
        for date in ["Ab$x09031984", "Ab$x19840309", "Ab$x090384", "Ab$09/03/84", "Ab$x931984"] {
            check(Role::Viewer, date, &[Weakness::BirthDate]);
        }
        for phone in ["Ab$x12345", "Ab$x-912-34", "Ab$0912345678x"] {
            check(Role::Viewer, phone, &[Weakness::Phone]);
        }
        check(Role::Viewer, "Ab$x1984", &[]);
    }
}
