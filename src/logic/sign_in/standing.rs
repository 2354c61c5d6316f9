//! What an account and a session are worth at a moment: whether they count, and why not.

use std::time::Duration;

use super::{Rule, Rules, totp::newest_step};
use crate::model::{Account, Role, Session, Wall};

/// The last administrator is warned so long before its account is suspended.
const WARNED_BEFORE: Duration = Duration::from_secs(7 * 86_400);

/// A clock is corrected by so much without anybody minding. What was written more than this after now was written by a
/// clock that was wrong.
pub const SET_BACK: Duration = Duration::from_secs(60);

/// Whether an account counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It does.
    Active,
    /// Locked after wrong tries, until an administrator unlocks it at its owner's request.
    Locked,
    /// Suspended: not used for long, or by an administrator.
    Suspended,
    /// Its end has come.
    Over,
}

impl Standing {
    /// Its key in API and catalogues.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Locked => "locked",
            Self::Suspended => "suspended",
            Self::Over => "over",
        }
    }
}

/// What an account is worth now. One that was idle for too long is suspended before anybody has written it down.
#[must_use]
pub fn standing(account: &Account, rules: &Rules, now: Wall) -> Standing {
    if account.ended.is_some() || account.ends.is_some_and(|end| end <= now) {
        Standing::Over
    } else if account.locked.is_some() {
        Standing::Locked
    } else if account.suspended.is_some() || now.since(account.used) >= rules.span(Rule::Idle) {
        Standing::Suspended
    } else {
        Standing::Active
    }
}

/// The last administrator's account will be suspended soon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Warning {
    /// When.
    pub at: Wall,
}

/// Whether the last administrator is to be warned that its account will be suspended for not being used.
#[must_use]
pub fn idle_warning(account: &Account, rules: &Rules, now: Wall) -> Option<Warning> {
    let at = account.used + rules.span(Rule::Idle);
    let soon = at <= now + WARNED_BEFORE && standing(account, rules, now) == Standing::Active;
    soon.then_some(Warning { at })
}

/// Whether the password must be chosen anew: it is too old, or somebody ordered it (15.1, 29.2).
#[must_use]
pub fn password_is_aged(account: &Account, rules: &Rules, now: Wall) -> bool {
    let rule = match account.role {
        Role::Operator | Role::Administrator => Rule::ActingPasswordAge,
        Role::Viewer | Role::SecurityReviewer | Role::Inspector => Rule::PasswordAge,
    };
    let aged = account.password_set.is_some_and(|set| now.since(set) >= rules.span(rule));
    account.must_change || aged
}

/// The account with its times no later than now, if a clock that was set back left some: otherwise it would neither be
/// idle nor its password age until those come.
#[must_use]
pub fn set_back(account: &Account, now: Wall) -> Option<Account> {
    let newest =
        account.password_set.into_iter().chain(account.wrong.iter().copied()).chain([account.used]).max()?;
    let step = account.totp_step.min(newest_step(now));
    (newest > now + SET_BACK || step != account.totp_step).then(|| Account {
        used: account.used.min(now),
        password_set: account.password_set.map(|set| set.min(now)),
        wrong: account.wrong.iter().map(|then| (*then).min(now)).collect(),
        totp_step: step,
        ..account.clone()
    })
}

/// Counts a wrong try; true if it locks the account: the fifth in a row, all within the time of the rule.
#[must_use]
pub fn wrong_try(account: &mut Account, rules: &Rules, now: Wall) -> bool {
    let within = rules.span(Rule::TriesWithin);
    // What a clock set back left in the future counts as of now.
    account.wrong.retain(|then| now.since(*then) < within);
    account.wrong.push(now);
    let most = usize::try_from(rules.get(Rule::Tries)).unwrap_or(usize::MAX);
    let locks = account.wrong.len() >= most;
    if locks {
        account.locked = Some(now);
        account.wrong.clear();
    }
    locks
}

/// Why a session no longer counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SessionEnd {
    /// Nobody used it for too long.
    Idle,
    /// It has lasted long enough.
    Length,
    /// It began or was used at a time that is yet to come: the clock was set back, and how old it is nobody knows.
    Clock,
}

impl SessionEnd {
    /// Its word in records.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Idle => "idle",
            Self::Length => "length",
            Self::Clock => "clock",
        }
    }
}

/// Whether a session has ended by itself, and why.
#[must_use]
pub fn session_end(session: &Session, rules: &Rules, now: Wall) -> Option<SessionEnd> {
    if session.made.max(session.used) > now + SET_BACK {
        Some(SessionEnd::Clock)
    } else if now.since(session.made) >= rules.span(Rule::SessionLength) {
        Some(SessionEnd::Length)
    } else if now.since(session.used) >= rules.span(Rule::SessionIdle) {
        Some(SessionEnd::Idle)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{logic::sign_in::testing::account, model::PersonId};

    const MINUTE: Duration = Duration::from_secs(60);
    const DAY: Duration = Duration::from_secs(86_400);
    const START: Wall = Wall(1_780_290_000_000_000);

    fn fresh(role: Role) -> Account {
        Account { used: START, made: START, password_set: Some(START), ..account(role) }
    }

    #[test]
    fn r_lockout_five_wrong_tries_within_thirty_minutes_lock_and_no_timer_unlocks() {
        let rules = Rules::default();
        let tries = |minutes: [u32; 5]| {
            let mut account = fresh(Role::Viewer);
            let locked = minutes.map(|at| wrong_try(&mut account, &rules, START + MINUTE * at));
            (locked, account)
        };
        let (locked, account) = tries([0, 1, 2, 3, 29]);
        assert_eq!(locked, [false, false, false, false, true]);
        assert_eq!(standing(&account, &rules, START + MINUTE * 30), Standing::Locked);
        assert_eq!(standing(&account, &rules, START + DAY * 3650), Standing::Locked, "no timer unlocks");
        let (locked, account) = tries([0, 1, 2, 3, 30]);
        assert!(!locked[4], "the first is thirty minutes ago");
        assert_eq!(account.wrong.len(), 4);
    }

    #[test]
    fn r_lockout_a_clock_set_back_forgets_no_try() {
        let rules = Rules::default();
        let mut account = fresh(Role::Viewer);
        for _ in 0..4 {
            assert!(!wrong_try(&mut account, &rules, START));
        }
        assert!(wrong_try(&mut account, &rules, Wall(START.0 - 3_600_000_000)));
    }

    #[test]
    fn r_session_and_r_idle_a_clock_set_back_keeps_nothing_alive() {
        let (rules, person) = (Rules::default(), PersonId(std::num::NonZeroU32::MIN));
        let session = |at| Session { id: 1, hash: [0; 32], person, made: at, used: at, from: String::new() };
        assert_eq!(session_end(&session(START + MINUTE), &rules, START), None, "a clock that is corrected");
        assert_eq!(session_end(&session(START + MINUTE * 2), &rules, START), Some(SessionEnd::Clock));
        let later = START + DAY * 365;
        let account = Account { used: later, password_set: Some(later), ..fresh(Role::Viewer) };
        assert_eq!(set_back(&account, later), None);
        let account =
            set_back(&Account { totp_step: u64::MAX, wrong: vec![later], ..account }, START).unwrap();
        assert_eq!((account.used, account.password_set), (START, Some(START)));
        assert_eq!((account.wrong, account.totp_step), (vec![START], newest_step(START)));
    }

    #[test]
    fn r_idle_expired_and_unused_accounts_no_longer_count() {
        let rules = Rules::default();
        let account = Account { ends: Some(START + DAY * 2), ..fresh(Role::Inspector) };
        assert_eq!(standing(&account, &rules, START + DAY), Standing::Active);
        assert_eq!(standing(&account, &rules, START + DAY * 2), Standing::Over);
        let account = fresh(Role::Viewer);
        assert_eq!(standing(&account, &rules, START + DAY * 30 - MINUTE), Standing::Active);
        assert_eq!(standing(&account, &rules, START + DAY * 30), Standing::Suspended);
    }

    #[test]
    fn r_idle_the_last_administrator_is_warned_a_week_before() {
        let (rules, account) = (Rules::default(), fresh(Role::Administrator));
        assert_eq!(idle_warning(&account, &rules, START + DAY * 22), None);
        let warning = idle_warning(&account, &rules, START + DAY * 23);
        assert_eq!(warning, Some(Warning { at: START + DAY * 30 }));
        assert_eq!(idle_warning(&account, &rules, START + DAY * 30), None, "it is too late");
    }

    #[test]
    fn r_password_ages_after_60_days_for_who_acts_and_90_for_others() {
        let rules = Rules::default();
        for (role, days) in [
            (Role::Operator, 60),
            (Role::Administrator, 60),
            (Role::Viewer, 90),
            (Role::SecurityReviewer, 90),
            (Role::Inspector, 90),
        ] {
            let account = fresh(role);
            assert!(!password_is_aged(&account, &rules, START + DAY * days - MINUTE), "{role}");
            assert!(password_is_aged(&account, &rules, START + DAY * days), "{role}");
        }
        let ordered = Account { must_change: true, ..fresh(Role::Viewer) };
        assert!(password_is_aged(&ordered, &rules, START));
    }

    #[test]
    fn r_session_ends_when_unused_and_after_its_length() {
        let rules = Rules::default();
        let person = PersonId(std::num::NonZeroU32::MIN);
        let session = Session { id: 1, hash: [0; 32], person, made: START, used: START, from: String::new() };
        assert_eq!(session_end(&session, &rules, START + MINUTE * 14), None);
        assert_eq!(session_end(&session, &rules, START + MINUTE * 15), Some(SessionEnd::Idle));
        let busy = |minutes| Session { used: START + MINUTE * minutes, ..session.clone() };
        assert_eq!(session_end(&busy(719), &rules, START + MINUTE * 719), None);
        assert_eq!(session_end(&busy(719), &rules, START + MINUTE * 720), Some(SessionEnd::Length));
    }
}
