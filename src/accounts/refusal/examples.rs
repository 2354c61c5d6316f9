//! One of every sentence, for tests: of accounts, that none is left out; of `web`, that pages say each in both languages.

use super::{Conflict, NoSuch, NotDone, Wrong};
use crate::model::{PersonId, Right, Role};

/// One of every sentence.
pub(crate) fn all() -> Vec<NotDone> {
    let no_such = no_such().into_iter().map(NotDone::NoSuch);
    let wrong = wrong().into_iter().map(NotDone::Wrong);
    no_such.chain(wrong).chain(conflict().into_iter().map(NotDone::Conflict)).collect()
}

fn no_such() -> Vec<NoSuch> {
    let person = PersonId::parse("p7").unwrap();
    vec![
        NoSuch::Account(person),
        NoSuch::Session("31".to_owned()),
        NoSuch::Token("t31".to_owned()),
        NoSuch::Link,
        NoSuch::Person("x".to_owned()),
        NoSuch::Holder("x".to_owned()),
        NoSuch::Badge("x".to_owned()),
        NoSuch::AccessRule("x".to_owned()),
        NoSuch::Schedule("x".to_owned()),
        NoSuch::Holiday("x".to_owned()),
        NoSuch::Door("x".to_owned()),
        NoSuch::Room("x".to_owned()),
        NoSuch::Swiped("x".to_owned()),
    ]
}

fn wrong() -> Vec<Wrong> {
    vec![
        Wrong::Name(100),
        Wrong::Phone(40),
        Wrong::Purpose(200),
        Wrong::SignIn,
        Wrong::SignInLikeId,
        Wrong::AccountOver,
        Wrong::InspectorEnd,
        Wrong::InspectorEndFirst,
        Wrong::EndOver,
        Wrong::WhyMissing(500),
        Wrong::WhyLong(500),
        Wrong::OnlyPeople,
        Wrong::NoFactor,
        Wrong::Code,
        Wrong::TokenName(60),
        Wrong::TokenByToken,
        Wrong::TokenOfNobody,
        Wrong::TokenOfOther,
        Wrong::TokenRight,
        Wrong::TokenOver,
        Wrong::BeyondRole(Right::PointWrite, Role::Viewer),
        Wrong::BeyondToken(Right::PointWrite),
        Wrong::Group("x".to_owned()),
        Wrong::Moment("x".to_owned()),
        Wrong::Span,
        Wrong::Pin,
        Wrong::PinEasy,
        Wrong::PinSame,
        Wrong::Card,
        Wrong::Word("x".to_owned()),
        Wrong::Times("x".to_owned()),
        Wrong::Setting("x".to_owned()),
        Wrong::Said("x".to_owned()),
        Wrong::Carried,
        Wrong::List("x".to_owned()),
        Wrong::Reviewed("x".to_owned()),
    ]
}

fn conflict() -> Vec<Conflict> {
    vec![
        Conflict::SignInTaken("lan".to_owned()),
        Conflict::Accounts(1000),
        Conflict::Tokens(1000),
        Conflict::Links(1000),
        Conflict::LastAdministrator,
        Conflict::NoLonger,
        Conflict::NotLocked,
        Conflict::NotSuspended,
        Conflict::UnlockFirst,
        Conflict::EndFirst,
        Conflict::Barred,
        Conflict::HasFactor,
        Conflict::Over,
        Conflict::Locked,
        Conflict::Suspended,
        Conflict::NotEnded,
        Conflict::Remote,
        Conflict::CardHeld("x".to_owned()),
        Conflict::HolderThere("x".to_owned()),
        Conflict::PersonEnded,
        Conflict::PersonSuspended,
        Conflict::PersonGoes,
        Conflict::BadgeReturned,
        Conflict::Used("x".to_owned()),
        Conflict::Full("x".to_owned()),
    ]
}

/// The keys in the one arm that each variant has; the compiler sees to it that none is without.
fn keys_in(source: &'static str) -> Vec<&'static str> {
    source.split("=> \"").skip(1).filter_map(|rest| rest.split('"').next()).collect()
}

#[test]
fn none_is_left_out() {
    assert_eq!(no_such().iter().map(NoSuch::key).collect::<Vec<_>>(), keys_in(include_str!("no_such.rs")));
    assert_eq!(wrong().iter().map(Wrong::key).collect::<Vec<_>>(), keys_in(include_str!("wrong.rs")));
    assert_eq!(
        conflict().iter().map(Conflict::key).collect::<Vec<_>>(),
        keys_in(include_str!("conflict.rs"))
    );
}
