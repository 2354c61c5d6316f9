//! What cannot be, whatever is there already. Numbers are the most characters that are taken.

use crate::model::{Right, Role};

/// What was asked for cannot be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Wrong {
    /// A person's name.
    #[error("the person's name: 1 to {0} characters")]
    Name(usize),
    /// A telephone number.
    #[error("the telephone number: 1 to {0} characters")]
    Phone(usize),
    /// What use from other machines is for.
    #[error("what it may be used for from other machines: 1 to {0} characters")]
    Purpose(usize),
    /// A sign-in name that is none.
    #[error("the sign-in name: a-z, 0-9 and `-`, beginning with a letter or digit, 32 at most")]
    SignIn,
    /// A sign-in name that records would mistake.
    #[error("the sign-in name looks like a person's id: take another")]
    SignInLikeId,
    /// A new account that would be over.
    #[error("the account's end is over already")]
    AccountOver,
    /// An inspector's account without an end.
    #[error("an inspector's account needs an end")]
    InspectorEnd,
    /// An account without an end that becomes an inspector's.
    #[error("an inspector's account needs an end: set it first")]
    InspectorEndFirst,
    /// An end that would end the account now.
    #[error("that is over already: end the account instead")]
    EndOver,
    /// No reason.
    #[error("why? A reason of 1 to {0} characters goes into the journal")]
    WhyMissing(usize),
    /// A reason that is too long.
    #[error("the reason has {0} characters at most")]
    WhyLong(usize),
    /// A program or the console does what only people do.
    #[error("this is for people who have signed in with a browser")]
    OnlyPeople,
    /// A code for a second factor that does not wait for one.
    #[error("there is no second factor to confirm")]
    NoFactor,
    /// A code of a second factor.
    #[error("the code is wrong: is your phone's clock right?")]
    Code,
    /// The name of a token or display.
    #[error("a name of 1 to {0} characters, such as `test suite`")]
    TokenName(usize),
    /// A token asks for a token.
    #[error("a token makes no token: sign in with a browser")]
    TokenByToken,
    /// A token of nobody.
    #[error("whose token? Name a person")]
    TokenOfNobody,
    /// A token of another person.
    #[error("a token for somebody else is an administrator's to make")]
    TokenOfOther,
    /// A token that permits nothing.
    #[error("a token needs a right at least")]
    TokenRight,
    /// A token that would be over.
    #[error("`ends` is over already")]
    TokenOver,
    /// A token that would permit more than its account does.
    #[error("`{0}` is beyond what the role {1} permits")]
    BeyondRole(Right, Role),
    /// A token that would permit more than the one that asks for it.
    #[error("`{0}` is beyond what the token that asks permits")]
    BeyondToken(Right),
    /// A group that is no id.
    #[error("`{0}` is no group: a-z, 0-9 and `-`, beginning with a letter or digit, 32 at most")]
    Group(String),
    /// A day or time that is none.
    #[error("`{0}` is no day or time: 2026-12-31, or 2026-12-31T17:00:00+07:00")]
    Moment(String),
    /// It would never hold.
    #[error("it would end before it begins")]
    Span,
    /// A PIN that is none.
    #[error("a PIN has 4 to 8 digits")]
    Pin,
    /// A PIN that anybody tries first.
    #[error("this PIN is too easy: not all digits the same, none that only count up or down")]
    PinEasy,
    /// A duress PIN that could not be told apart.
    #[error("the duress PIN must be another than the PIN")]
    PinSame,
    /// No card, or one that cannot be.
    #[error(
        "which card? Its facility and number, as 26, 34 or 37 bits hold them; or up to 128 raw bits in hexadecimal; or the place of a swiped one"
    )]
    Card,
    /// A word of an enumeration.
    #[error("{0} is none of the words that can stand there")]
    Word(String),
    /// A schedule's times.
    #[error("`{0}` are no times: such as `Mon-Fri 08:00-17:30; Sat 08:00-12:00; holidays none`")]
    Times(String),
    /// A door's setting that is unknown or out of its range.
    #[error("a door is not set so: {0}")]
    Setting(String),
    /// A text that must be said.
    #[error("`{0}` is missing or too long: 1 to 500 characters")]
    Said(String),
    /// A device that a visitor may not carry in so.
    #[error("a device may be carried in only with its authority, need and legal basis")]
    Carried,
    /// A staff list, with every mistake in it.
    #[error("the list is not taken in, nothing was changed: {0}")]
    List(String),
    /// A review up to a record that cannot be.
    #[error("record {0} cannot be reviewed: it is not there yet, or was reviewed before")]
    Reviewed(String),
}

impl Wrong {
    /// Its key in the catalogues.
    #[must_use]
    pub fn key(&self) -> &'static str {
        match self {
            Self::Name(_) => "refused-name",
            Self::Phone(_) => "refused-phone",
            Self::Purpose(_) => "refused-purpose",
            Self::SignIn => "form-sign-in-wrong",
            Self::SignInLikeId => "refused-sign-in-like-id",
            Self::AccountOver => "refused-account-over",
            Self::InspectorEnd => "form-inspector-end",
            Self::InspectorEndFirst => "refused-inspector-end-first",
            Self::EndOver => "refused-end-over",
            Self::WhyMissing(_) => "form-why-missing",
            Self::WhyLong(_) => "refused-why-long",
            Self::OnlyPeople => "refused-only-people",
            Self::NoFactor => "refused-no-factor",
            Self::Code => "second-factor-code-wrong",
            Self::TokenName(_) => "refused-token-name",
            Self::TokenByToken => "refused-token-by-token",
            Self::TokenOfNobody => "refused-token-of-nobody",
            Self::TokenOfOther => "refused-token-of-other",
            Self::TokenRight => "token-right-missing",
            Self::TokenOver => "form-day-over",
            Self::BeyondRole(..) => "refused-beyond-role",
            Self::BeyondToken(_) => "refused-beyond-token",
            Self::Group(_) => "refused-group",
            Self::Moment(_) => "refused-moment",
            Self::Span => "refused-span",
            Self::Pin => "refused-pin",
            Self::PinEasy => "refused-pin-easy",
            Self::PinSame => "refused-pin-same",
            Self::Card => "refused-card",
            Self::Word(_) => "refused-word",
            Self::Times(_) => "refused-times",
            Self::Setting(_) => "refused-setting",
            Self::Said(_) => "refused-said",
            Self::Carried => "refused-carried",
            Self::List(_) => "refused-list",
            Self::Reviewed(_) => "refused-reviewed",
        }
    }

    /// What stands in the text for `x`.
    #[must_use]
    pub fn x(&self) -> Option<String> {
        match self {
            Self::Group(x)
            | Self::Moment(x)
            | Self::Word(x)
            | Self::Times(x)
            | Self::Setting(x)
            | Self::Said(x)
            | Self::List(x)
            | Self::Reviewed(x) => Some(x.clone()),
            Self::Name(most)
            | Self::Phone(most)
            | Self::Purpose(most)
            | Self::WhyMissing(most)
            | Self::WhyLong(most)
            | Self::TokenName(most) => Some(most.to_string()),
            Self::BeyondRole(right, _) | Self::BeyondToken(right) => Some(right.to_string()),
            Self::SignIn
            | Self::SignInLikeId
            | Self::AccountOver
            | Self::InspectorEnd
            | Self::InspectorEndFirst
            | Self::EndOver
            | Self::OnlyPeople
            | Self::NoFactor
            | Self::Code
            | Self::TokenByToken
            | Self::TokenOfNobody
            | Self::TokenOfOther
            | Self::TokenRight
            | Self::TokenOver
            | Self::Span
            | Self::Pin
            | Self::PinEasy
            | Self::PinSame
            | Self::Card
            | Self::Carried => None,
        }
    }
}
