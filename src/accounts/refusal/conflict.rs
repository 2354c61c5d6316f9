//! What stands against something that is there already. Numbers are the most that there may be.

/// It stands against what is there already.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Conflict {
    /// Somebody has this sign-in name.
    #[error("the sign-in name `{0}` is taken")]
    SignInTaken(String),
    /// No more accounts.
    #[error("there are {0} accounts already")]
    Accounts(usize),
    /// No more tokens and displays.
    #[error("there are {0} tokens already: end some")]
    Tokens(usize),
    /// No more links.
    #[error("there are {0} unused links already; they count for a day")]
    Links(usize),
    /// Nobody would be left to administer.
    #[error("this is the last administrator: make another first, or do it at the console")]
    LastAdministrator,
    /// It is to be unlocked.
    #[error("this account is not locked")]
    NotLocked,
    /// It is to be restored.
    #[error("this account is not suspended")]
    NotSuspended,
    /// It is to be restored, and is locked.
    #[error("this account is locked: unlock it first")]
    UnlockFirst,
    /// It is to be restored, and its end has come.
    #[error("this account's end has come: set another first")]
    EndFirst,
    /// Its person is to prove who it is.
    #[error("this account is locked or suspended")]
    Barred,
    /// A second factor is to be set up.
    #[error("there is a second factor already: take it out of use first, with your password")]
    HasFactor,
    /// Its end has come: no link opens it.
    #[error("this account's end has come")]
    Over,
    /// It is locked: no link opens it.
    #[error("this account is locked: an administrator unlocks it at your request")]
    Locked,
    /// It is suspended: no link opens it.
    #[error("this account is suspended: an administrator restores it")]
    Suspended,
    /// Its session or token is over, or it may less than when it was let in.
    #[error("you may no longer do this: sign in again")]
    NoLonger,
    /// A person is to be erased who may still come in.
    #[error("this person's account has not ended: end it first")]
    NotEnded,
    /// No link opens it there.
    #[error("this account may not be used from another machine")]
    Remote,
    /// The card is a badge already.
    #[error("this card is badge {0} already")]
    CardHeld(String),
    /// The person goes through doors already.
    #[error("{0} is there already: change the person instead")]
    HolderThere(String),
    /// The person has ended.
    #[error("this person has ended, for good")]
    PersonEnded,
    /// To be suspended again.
    #[error("this person is suspended already")]
    PersonSuspended,
    /// To be restored.
    #[error("this person is not suspended")]
    PersonGoes,
    /// To be changed, and is over.
    #[error("this badge was given back, for good: issue another")]
    BadgeReturned,
    /// Something goes by a schedule that is to go.
    #[error("{0} goes by it: change that first")]
    Used(String),
    /// No more of them.
    #[error("there are {0} already: end some first")]
    Full(String),
}

impl Conflict {
    /// Its key in the catalogues.
    #[must_use]
    pub fn key(&self) -> &'static str {
        match self {
            Self::SignInTaken(_) => "form-sign-in-taken",
            Self::Accounts(_) => "refused-accounts",
            Self::Tokens(_) => "refused-tokens",
            Self::Links(_) => "refused-links",
            Self::LastAdministrator => "refused-last-administrator",
            Self::NoLonger => "refused-no-longer",
            Self::NotLocked => "refused-not-locked",
            Self::NotSuspended => "refused-not-suspended",
            Self::UnlockFirst => "refused-unlock-first",
            Self::EndFirst => "refused-end-first",
            Self::Barred => "refused-barred",
            Self::HasFactor => "refused-has-factor",
            Self::Over => "refused-over",
            Self::Locked => "sign-in-locked",
            Self::Suspended => "sign-in-suspended",
            Self::NotEnded => "refused-not-ended",
            Self::Remote => "sign-in-remote",
            Self::CardHeld(_) => "refused-card-held",
            Self::HolderThere(_) => "refused-holder-there",
            Self::PersonEnded => "refused-person-ended",
            Self::PersonSuspended => "refused-person-suspended",
            Self::PersonGoes => "refused-person-goes",
            Self::BadgeReturned => "refused-badge-returned",
            Self::Used(_) => "refused-used",
            Self::Full(_) => "refused-full",
        }
    }

    /// What stands in the text for `x`.
    #[must_use]
    pub fn x(&self) -> Option<String> {
        match self {
            Self::CardHeld(x) | Self::HolderThere(x) | Self::Used(x) | Self::Full(x) => Some(x.clone()),
            Self::Accounts(most) | Self::Tokens(most) | Self::Links(most) => Some(most.to_string()),
            Self::SignInTaken(_)
            | Self::LastAdministrator
            | Self::NotLocked
            | Self::NotSuspended
            | Self::UnlockFirst
            | Self::EndFirst
            | Self::Barred
            | Self::HasFactor
            | Self::Over
            | Self::NoLonger
            | Self::Locked
            | Self::Suspended
            | Self::Remote
            | Self::PersonEnded
            | Self::PersonSuspended
            | Self::PersonGoes
            | Self::NotEnded
            | Self::BadgeReturned => None,
        }
    }
}
