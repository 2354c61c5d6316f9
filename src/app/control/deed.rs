//! What is asked of accounts and tokens over the control socket, and what is answered. Everything is text as a person
//! typed it; the service checks it, because it alone knows what there is.

use serde::{Deserialize, Serialize};

/// A deed about an account. `who` is a person's id (`p7`) or what the person types at sign-in.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "deed", rename_all = "kebab-case", deny_unknown_fields)]
pub enum AccountDeed {
    /// Tell them.
    List {
        /// Also those that have ended.
        ended: bool,
    },
    /// Make one.
    Add {
        /// The person's name.
        name: String,
        /// What it types at sign-in.
        sign_in: String,
        /// What the account is for.
        role: String,
        /// The birth date, `1990-02-01`.
        born: Option<String>,
        /// The telephone number.
        phone: Option<String>,
        /// Its last day, or its end as RFC 3339.
        ends: Option<String>,
        /// What it may be used for from other machines, if it may.
        remote: Option<String>,
    },
    /// Make a fresh link by which the person chooses a password.
    Link {
        /// Whose.
        who: String,
        /// Why.
        why: String,
    },
    /// Give it another role.
    Role {
        /// Whose.
        who: String,
        /// Which.
        role: String,
        /// Why.
        why: String,
    },
    /// Set or take away its end.
    EndDate {
        /// Whose.
        who: String,
        /// The last day, or the end as RFC 3339; none for no end.
        ends: Option<String>,
        /// Why.
        why: String,
    },
    /// Say what it may be used for from other machines.
    Remote {
        /// Whose.
        who: String,
        /// What for; none if it may not.
        purpose: Option<String>,
        /// Why.
        why: String,
    },
    /// Unlock it at its owner's request.
    Unlock {
        /// Whose.
        who: String,
        /// Who asked, when and how.
        request: String,
    },
    /// Suspend it.
    Suspend {
        /// Whose.
        who: String,
        /// Why.
        why: String,
    },
    /// Restore it.
    Restore {
        /// Whose.
        who: String,
        /// Why.
        why: String,
    },
    /// End it for good.
    End {
        /// Whose.
        who: String,
        /// Why.
        why: String,
    },
    /// New passwords, of all who have a role or of all.
    ChangeAll {
        /// Which role.
        role: Option<String>,
        /// Why.
        why: String,
    },
}

/// A deed about a token or wall display.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "deed", rename_all = "kebab-case", deny_unknown_fields)]
pub enum TokenDeed {
    /// Tell them.
    List,
    /// Make one.
    Add {
        /// What it is for.
        name: String,
        /// Whose: a person's id or sign-in name.
        who: String,
        /// What it permits.
        rights: Vec<String>,
        /// Its last day, or its end as RFC 3339.
        ends: Option<String>,
    },
    /// Make a wall display.
    Display {
        /// Where it hangs.
        name: String,
    },
    /// End one.
    End {
        /// Its id.
        token: String,
        /// Why.
        why: String,
    },
}

/// An account, as an administrator sees it.
#[derive(Debug, Serialize, Deserialize)]
pub struct AccountLine {
    /// The person's id.
    pub person: String,
    /// The person's name.
    pub name: String,
    /// What it types at sign-in.
    pub sign_in: String,
    /// What the account is for.
    pub role: String,
    /// `active`, `locked`, `suspended`, `over` or `ended`.
    pub standing: String,
    /// Whether a password has been chosen.
    pub password: bool,
    /// Whether the next sign-in leads to choosing another.
    pub must_change: bool,
    /// Whether there is a second factor.
    pub second_factor: bool,
    /// When it was made; RFC 3339, UTC.
    pub made: String,
    /// When it was last used, made or restored.
    pub used: String,
    /// When it ends, if that is set.
    pub ends: Option<String>,
    /// What it may be used for from other machines, if it may.
    pub remote: Option<String>,
    /// How many browsers are signed in.
    pub sessions: usize,
}

/// A token or display.
#[derive(Debug, Serialize, Deserialize)]
pub struct TokenLine {
    /// Its id.
    pub token: String,
    /// `token`, or `display`.
    pub kind: String,
    /// What it is for.
    pub name: String,
    /// Whose.
    pub person: Option<String>,
    /// What it permits, as far as the person's role does.
    pub rights: Vec<String>,
    /// When it was made; RFC 3339, UTC.
    pub made: String,
    /// When it ends, if that is set.
    pub ends: Option<String>,
    /// Whether anybody can have its secret: a display's only once it is paired.
    pub in_use: bool,
}

/// What was made. Secrets are here and nowhere else.
#[derive(Serialize, Deserialize)]
pub struct Made {
    /// The person's or token's id.
    pub id: String,
    /// The one-time link to hand over or to open.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
    /// The token to give to the program.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
}

/// What was done.
#[derive(Debug, Serialize, Deserialize)]
pub struct Did {
    /// The person's or token's id; empty for all.
    pub id: String,
    /// How many accounts or tokens are concerned.
    pub count: usize,
}

impl std::fmt::Debug for Made {
    /// Without the secrets.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Made").field("id", &self.id).finish_non_exhaustive()
    }
}
