//! What a caller may do: rights, and the roles that are sets of them. The one table; the manual repeats it, and a test
//! compares them.

use std::fmt;

/// What somebody is permitted to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Right {
    /// See the hall: pages, points, lines, trends, metrics, and what happened to devices and to the program.
    HallRead,
    /// Read the whole journal, also who signed in, was refused, and changed what.
    JournalRead,
    /// See the names behind persons' ids.
    PersonRead,
    /// Write to the points that the site file's `writes` name.
    PointWrite,
    /// Let something happen in a simulated hall.
    HallSimulate,
    /// Make, change, lock and end accounts, their sessions, tokens and displays; set the rules of signing in.
    AccountManage,
    /// Order doors: unlock, hold, lock, lock down, reset after a fire, pair readers; see who is where.
    DoorOperate,
    /// Make, change and end persons, badges, rules, schedules and door settings; register visitors and deliveries.
    AccessManage,
    /// Sign that the journal was reviewed.
    JournalReview,
    /// Give records to others as a file (R-EXPORT).
    Export,
    /// Decide what is kept: holds, pruning of old records, erasing a person.
    LogKeep,
}

impl Right {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::HallRead,
        Self::JournalRead,
        Self::PersonRead,
        Self::PointWrite,
        Self::HallSimulate,
        Self::AccountManage,
        Self::DoorOperate,
        Self::AccessManage,
        Self::JournalReview,
        Self::Export,
        Self::LogKeep,
    ];

    /// Its name in API, records and manual.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::HallRead => "hall.read",
            Self::JournalRead => "journal.read",
            Self::PersonRead => "person.read",
            Self::PointWrite => "point.write",
            Self::HallSimulate => "hall.simulate",
            Self::AccountManage => "account.manage",
            Self::DoorOperate => "door.operate",
            Self::AccessManage => "access.manage",
            Self::JournalReview => "journal.review",
            Self::Export => "export",
            Self::LogKeep => "log.keep",
        }
    }

    /// The right of this name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|right| right.as_str() == text)
    }

    fn bit(self) -> u16 {
        1 << self as u16
    }
}

impl fmt::Display for Right {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A set of rights.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rights(u16);

impl Rights {
    /// Whether `right` is among them.
    #[must_use]
    pub fn has(self, right: Right) -> bool {
        self.0 & right.bit() != 0
    }

    /// Those that are in both.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Each of them, in the table's order.
    pub fn iter(self) -> impl Iterator<Item = Right> {
        Right::ALL.into_iter().filter(move |right| self.has(*right))
    }
}

impl FromIterator<Right> for Rights {
    fn from_iter<I: IntoIterator<Item = Right>>(rights: I) -> Self {
        Self(rights.into_iter().fold(0, |bits, right| bits | right.bit()))
    }
}

/// What an account is for (R-ACCOUNT). A wall display is no account: it is paired ([`Token`](super::Token)).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Looks.
    Viewer,
    /// Is on duty.
    Operator,
    /// Reads the journal and who is who.
    SecurityReviewer,
    /// Manages accounts.
    Administrator,
    /// Comes from outside to read, until a day that is set (31.2).
    Inspector,
}

impl Role {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::Viewer, Self::Operator, Self::SecurityReviewer, Self::Administrator, Self::Inspector];

    /// Its name in API, records and manual.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Operator => "operator",
            Self::SecurityReviewer => "security",
            Self::Administrator => "administrator",
            Self::Inspector => "inspector",
        }
    }

    /// The role of this name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == text)
    }

    /// What it permits.
    #[must_use]
    pub fn rights(self) -> Rights {
        use Right::{
            AccessManage, AccountManage, DoorOperate, Export, HallRead, HallSimulate, JournalRead,
            JournalReview, LogKeep, PersonRead, PointWrite,
        };
        let rights: &[Right] = match self {
            Self::Viewer => &[HallRead],
            Self::Operator => &[HallRead, PointWrite, HallSimulate, DoorOperate],
            Self::SecurityReviewer => &[HallRead, JournalRead, PersonRead, JournalReview, Export],
            Self::Inspector => &[HallRead, JournalRead, PersonRead],
            Self::Administrator => &[
                HallRead,
                JournalRead,
                PersonRead,
                HallSimulate,
                AccountManage,
                DoorOperate,
                AccessManage,
                Export,
                LogKeep,
            ],
        };
        rights.iter().copied().collect()
    }

    /// Whether an account of it must have an end.
    #[must_use]
    pub fn must_end(self) -> bool {
        self == Self::Inspector
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// What a wall display may: look.
#[must_use]
pub fn display_rights() -> Rights {
    [Right::HallRead].into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_back_to_what_they_name() {
        for right in Right::ALL {
            assert_eq!(Right::parse(right.as_str()), Some(right));
        }
        for role in Role::ALL {
            assert_eq!(Role::parse(role.as_str()), Some(role));
        }
    }

    #[test]
    fn the_manual_has_this_table() {
        let row = |name: &str, rights: Rights| {
            let marks = Right::ALL.map(|right| if rights.has(right) { "x" } else { "" });
            format!("| {name} | {} |", marks.join(" | "))
        };
        let mut rows: Vec<String> = Role::ALL.iter().map(|role| row(role.as_str(), role.rights())).collect();
        rows.push(row("wall display", display_rights()));
        let manual = include_str!("../../docs/manual/accounts.md");
        let table: Vec<&str> = manual.lines().filter(|line| line.starts_with("| ")).collect();
        for row in rows {
            assert!(table.contains(&row.as_str()), "the manual lacks the row\n{row}");
        }
        let head = format!("| role | {} |", Right::ALL.map(|right| format!("`{right}`")).join(" | "));
        assert!(table.contains(&head.as_str()), "the manual lacks the head\n{head}");
    }

    #[test]
    fn only_administrators_manage_and_nobody_who_looks_can_act() {
        let acting = [
            Right::PointWrite,
            Right::HallSimulate,
            Right::AccountManage,
            Right::DoorOperate,
            Right::AccessManage,
        ];
        let acting: Rights = acting.into_iter().collect();
        for role in [Role::Viewer, Role::SecurityReviewer, Role::Inspector] {
            assert_eq!(role.rights().and(acting), Rights::default(), "{role}");
        }
        for managing in [Right::AccountManage, Right::AccessManage] {
            let who = Role::ALL.into_iter().filter(|role| role.rights().has(managing));
            assert_eq!(who.collect::<Vec<_>>(), [Role::Administrator], "{managing}");
        }
    }
}
