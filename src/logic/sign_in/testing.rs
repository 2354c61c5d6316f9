//! A person and an account for the tests.

use std::num::NonZeroU32;

use crate::model::{Account, Person, PersonId, Role, Wall};

/// Somebody of whom only the name is known.
pub(super) fn person() -> Person {
    Person { id: PersonId(NonZeroU32::MIN), name: "Anna".to_owned(), born: None, phone: None }
}

/// An account that was just made, with a password.
pub(super) fn account(role: Role) -> Account {
    Account {
        person: PersonId(NonZeroU32::MIN),
        sign_in: "anna".to_owned(),
        role,
        made: Wall(0),
        ends: None,
        password: Some("hash".to_owned()),
        password_set: Some(Wall(0)),
        must_change: false,
        wrong: Vec::new(),
        locked: None,
        suspended: None,
        used: Wall(0),
        totp: None,
        totp_step: 0,
        remote: None,
        ended: None,
    }
}
