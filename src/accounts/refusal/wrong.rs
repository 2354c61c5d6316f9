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
        }
    }

    /// What stands in the text for `x`.
    #[must_use]
    pub fn x(&self) -> Option<String> {
        match self {
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
            | Self::TokenOver => None,
        }
    }
}
