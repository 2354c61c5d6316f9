//! Signing in and out: name, password and, where there is one, a code of the second factor.
//!
//! An unknown name takes as long as a known one, and is answered alike; so is an account that is locked, suspended or not
//! for use from there, whatever its person shows. The journal tells which it was.

use std::{fmt, net::IpAddr, sync::PoisonError, time::Duration};

use super::{
    Accounts, Caller, Conflict, NotDone, SESSIONS, Way,
    caller::is_far,
    change::{Change, by},
    secret,
};
use crate::{
    logic::sign_in::{LONGEST_PASSWORD, Standing, Totp, standing, weaknesses, wrong_try},
    model::{Account, NewRecord, Now, PersonId, SecretHash, Session, Severity},
    store::{Registry, Row},
};

/// The longest part of what a browser says of itself that is kept, characters.
const LONGEST_BROWSER: usize = 40;

/// Where somebody signs in from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// The address.
    pub address: IpAddr,
    /// The browser, as it calls itself; shortened.
    pub browser: String,
}

/// What somebody types.
#[derive(Clone)]
pub struct Attempt {
    /// The account's sign-in name.
    pub name: String,
    /// The password.
    pub password: String,
    /// The code of the second factor; empty where there is none.
    pub code: String,
    /// Where from.
    pub from: Origin,
}

/// Somebody has signed in.
#[derive(Clone, PartialEq, Eq)]
pub struct SignedIn {
    /// What its cookie carries.
    pub secret: String,
}

impl fmt::Debug for SignedIn {
    /// Without the secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SignedIn")
    }
}

/// Why somebody may not sign in. A wrong name, a wrong password and an account that is hindered are answered alike, so that
/// nobody learns of names, nor tries passwords out on a locked account.
#[derive(Debug, thiserror::Error)]
pub enum SignInRefused {
    /// Name, password or code are wrong, or the account is hindered.
    #[error("name, password or code are wrong, or the account is locked or suspended")]
    Wrong,
    /// The account has a second factor, and no code was given.
    #[error("this account needs a code too")]
    CodeNeeded,
    /// Too many tries from this address.
    #[error("too many tries: wait {} s", .0.as_secs() + 1)]
    TooMany(Duration),
    /// It could not be done.
    #[error(transparent)]
    NotDone(#[from] NotDone),
}

/// Why no session of an account may begin, whatever its person shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hindrance {
    Locked,
    Suspended,
    Over,
    Remote,
}

impl From<Hindrance> for Conflict {
    fn from(why: Hindrance) -> Self {
        match why {
            Hindrance::Locked => Self::Locked,
            Hindrance::Suspended => Self::Suspended,
            Hindrance::Over => Self::Over,
            Hindrance::Remote => Self::Remote,
        }
    }
}

impl Hindrance {
    /// Its word in records.
    fn as_str(self) -> &'static str {
        match self {
            Self::Locked => "locked",
            Self::Suspended => "suspended",
            Self::Over => "over",
            Self::Remote => "remote",
        }
    }
}

impl Origin {
    /// For people.
    pub(super) fn text(&self) -> String {
        format!("{} {}", self.address, self.short()).trim_end().to_owned()
    }

    /// The browser's name and version, of all that it says of itself; otherwise how that begins.
    fn short(&self) -> String {
        // Others call themselves Chrome too, and all of them Safari: the most particular first.
        let known = ["Edg/", "OPR/", "Firefox/", "Chrome/", "Safari/"];
        let words = || self.browser.split_whitespace();
        let name = known.iter().find_map(|known| words().find(|word| word.contains(known)));
        let plain = name.unwrap_or(&self.browser).chars().filter(|c| !c.is_control());
        plain.take(LONGEST_BROWSER).collect()
    }
}

impl Accounts {
    /// Signs somebody in.
    ///
    /// # Errors
    /// Why not. Wrong tries are recorded, and lock the account when they are too many.
    pub async fn sign_in(&self, attempt: Attempt) -> Result<SignedIn, SignInRefused> {
        let mono = self.now().mono;
        let address = source(attempt.from.address);
        let may = self.state.write().unwrap_or_else(PoisonError::into_inner).attempts.take(mono, &address);
        may.map_err(SignInRefused::TooMany)?;
        let known = self.read().registry.by_sign_in(&attempt.name).cloned();
        let password: String = attempt.password.clone();
        let fits = password.len() <= LONGEST_PASSWORD;
        let hash = known.and_then(|account| account.password).filter(|_| fits);
        let password = if fits { password } else { String::new() };
        let right = self.hasher.is_right(password, hash.clone()).await?;
        let fresh = secret::fresh().map_err(NotDone::Store)?;
        let hashed = secret::hash(&fresh);
        let decided = self.change(|registry, now| {
            let found = registry.by_sign_in(&attempt.name);
            let Some(account) = found else { return Ok(unknown(&attempt.from, now)) };
            // The password may have been changed meanwhile.
            let right = right && account.password == hash;
            Ok(decide(registry, account, right, &attempt, now, hashed))
        });
        decided.await?.map(|()| SignedIn { secret: fresh })
    }

    /// Ends the caller's session.
    ///
    /// # Errors
    /// It cannot be recorded.
    pub async fn sign_out(&self, caller: &Caller) -> Result<(), NotDone> {
        let Way::Session { id, .. } = caller.way else { return Ok(()) };
        self.change(|_, now| {
            let record = by(caller, now, "account.signed-out", Severity::Info).with("session", id);
            Ok((Change::one(record, vec![Row::SessionOver(id)]), ()))
        })
        .await
    }
}

/// Whose tries are counted together: an address; of the newer kind a network, in which one machine has any number.
fn source(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}")
        }
    }
}

type Decided = (Change, Result<(), SignInRefused>);

fn refused(from: &Origin, now: Now, why: &str) -> NewRecord {
    NewRecord::system(now, "account.refused", Severity::Warning).with("from", from.text()).with("why", why)
}

/// The name is not recorded: people type passwords into the wrong field.
fn unknown(from: &Origin, now: Now) -> Decided {
    (Change::one(refused(from, now, "unknown-name"), Vec::new()), Err(SignInRefused::Wrong))
}

fn decide(
    registry: &Registry,
    account: &Account,
    right: bool,
    attempt: &Attempt,
    now: Now,
    hash: SecretHash,
) -> Decided {
    let place = account.person.to_string();
    let no = |why: &str, answer: SignInRefused| {
        let record = refused(&attempt.from, now, why).at(place.as_str());
        (Change::one(record, Vec::new()), Err(answer))
    };
    let wrong =
        |account: &Account| (wrong(registry, account, Some(&attempt.from), now), Err(SignInRefused::Wrong));
    // Whether the password was right is not looked at then, and no try is counted: nobody from afar locks an account that
    // is not for use from there.
    if let Some(hindrance) = hindrance(registry, account, &attempt.from, now) {
        return no(hindrance.as_str(), SignInRefused::Wrong);
    }
    if !right {
        return wrong(account);
    }
    let mut account = account.clone();
    if let Some(totp) = account.totp.as_deref().and_then(Totp::new) {
        if attempt.code.trim().is_empty() {
            return no("code-needed", SignInRefused::CodeNeeded);
        }
        match totp.step(&attempt.code, now.wall, account.totp_step) {
            Some(step) => account.totp_step = step,
            None => return wrong(&account),
        }
    }
    // The rules, the role or the name may have become others since it was chosen.
    let person = registry.person(account.person);
    account.must_change |= person
        .is_some_and(|person| !weaknesses(&attempt.password, person, &account, &registry.rules).is_empty());
    (begin(registry, account, &attempt.from, now, hash), Ok(()))
}

/// Why no session of this account may begin there now, if none may.
pub(super) fn hindrance(
    registry: &Registry,
    account: &Account,
    from: &Origin,
    now: Now,
) -> Option<Hindrance> {
    match standing(account, &registry.rules, now.wall) {
        Standing::Locked => Some(Hindrance::Locked),
        Standing::Suspended => Some(Hindrance::Suspended),
        Standing::Over => Some(Hindrance::Over),
        Standing::Active => is_far(account, from.address).then_some(Hindrance::Remote),
    }
}

/// One more wrong try; perhaps the one that locks, and then ends the sessions: one of them may be whoever guesses.
pub(super) fn wrong(registry: &Registry, account: &Account, from: Option<&Origin>, now: Now) -> Change {
    let mut account = account.clone();
    let locks = wrong_try(&mut account, &registry.rules, now.wall);
    let person = account.person;
    let from = from.map_or_else(|| "a session".to_owned(), Origin::text);
    let told =
        |code| NewRecord::system(now, code, Severity::Warning).at(person.to_string()).with("from", &from);
    let mut change =
        Change::one(told("account.refused").with("why", "wrong"), vec![Row::Account(Box::new(account))]);
    if locks {
        change.records.push(told("account.locked"));
        let sessions = registry.sessions.iter().filter(|session| session.person == person);
        change.rows.extend(sessions.map(|session| Row::SessionOver(session.id)));
    }
    change
}

/// A session of this person begins.
pub(super) fn begin(
    registry: &Registry,
    account: Account,
    from: &Origin,
    now: Now,
    hash: SecretHash,
) -> Change {
    let person = account.person;
    let [_, newest, _] = registry.newest;
    let id = i64::from(newest) + 1;
    let session = Session { id, hash, person, made: now.wall, used: now.wall, from: from.text() };
    let record = NewRecord {
        actor: person.to_string(),
        ..NewRecord::system(now, "account.signed-in", Severity::Info)
    };
    let record = record.with("session", id).with("from", from.text());
    let account = Account { wrong: Vec::new(), used: now.wall, ..account };
    let mut change = Change::one(record, vec![Row::Account(Box::new(account)), Row::Session(session)]);
    if let Some(oldest) = too_many(registry, person) {
        let record = NewRecord::system(now, "account.session-ended", Severity::Info).at(person.to_string());
        change.records.push(record.with("session", oldest).with("why", "too-many"));
        change.rows.push(Row::SessionOver(oldest));
    }
    change
}

/// The person's oldest session, if a new one is one too many.
fn too_many(registry: &Registry, person: PersonId) -> Option<i64> {
    let own = || registry.sessions.iter().filter(|session| session.person == person);
    if own().count() < SESSIONS { None } else { own().map(|session| session.id).min() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tries_of_a_network_of_the_newer_kind_are_counted_together() {
        let source = |text: &str| source(text.parse().unwrap());
        assert_eq!(source("2001:db8::1"), source("2001:db8::ffff:1"));
        assert_ne!(source("2001:db8::1"), source("2001:db8:0:1::1"));
        assert_eq!(source("::ffff:192.0.2.1"), "192.0.2.1");
    }

    #[test]
    fn of_a_browser_its_name_and_version_are_kept() {
        let text = |browser: &str| {
            let address = "127.0.0.1".parse().unwrap();
            Origin { address, browser: browser.to_owned() }.text()
        };
        let webkit = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko)";
        assert_eq!(text(&format!("{webkit} Chrome/156.0.0.0 Safari/537.36")), "127.0.0.1 Chrome/156.0.0.0");
        assert_eq!(
            text(&format!("{webkit} Chrome/156.0.0.0 Safari/537.36 Edg/156.0")),
            "127.0.0.1 Edg/156.0"
        );
        assert_eq!(text("curl/8.5.0"), "127.0.0.1 curl/8.5.0");
        assert_eq!(text(&"x\n".repeat(200)), format!("127.0.0.1 {}", "x".repeat(40)));
        assert_eq!(text(""), "127.0.0.1");
    }
}
