//! One-time links: whoever opens one chooses a password, or pairs a display; in a demo, signs in.
//!
//! So nobody ever gets a password from somebody else: who makes an account, or resets one, gets a link to hand over.

use std::time::Duration;

use super::{
    Accounts, Conflict, MOST, NoSuch, NotDone, Origin, SignedIn,
    change::{Change, living},
    own, secret, sign_in, token,
};
use crate::{
    logic::sign_in::SET_BACK,
    model::{Account, Link, NewRecord, Now, PersonId, Purpose, SecretHash, Severity, Token, TokenId, Wall},
    store::{Registry, Row},
};

/// How long a link counts.
pub(super) const COUNTS_FOR: Duration = Duration::from_secs(86_400);

/// What a link is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LinkFor {
    /// The person of this sign-in name chooses a password.
    ChoosePassword(String),
    /// Signs in at once.
    Enter,
    /// Pairs the display of this name.
    Pair(String),
}

/// A fresh link: its secret, and its row.
pub(super) fn fresh(registry: &Registry, purpose: Purpose, now: Now, shown: &str) -> Result<Row, NotDone> {
    if registry.links.len() >= MOST {
        return Err(Conflict::Links(MOST).into());
    }
    Ok(Row::Link(Link { hash: secret::hash(shown), purpose, ends: now.wall + COUNTS_FOR }))
}

impl Accounts {
    /// What the link with this secret is for, if it counts.
    #[must_use]
    pub fn link(&self, shown: &str) -> Option<LinkFor> {
        let hash = secret::hash(shown);
        let state = self.read();
        let registry = &state.registry;
        match find(registry, &hash, self.now().wall)?.purpose {
            Purpose::ChoosePassword(person) => {
                Some(LinkFor::ChoosePassword(living(registry, person).ok()?.1.sign_in.clone()))
            }
            Purpose::Enter(_) => Some(LinkFor::Enter),
            Purpose::Pair(token) => {
                let token = registry.tokens.iter().find(|one| one.id == token)?;
                Some(LinkFor::Pair(token.name.clone()))
            }
        }
    }

    /// Chooses the password that a link is for, and signs in.
    ///
    /// # Errors
    /// The link does not count, or the password is not good enough.
    pub async fn choose_password(
        &self,
        shown: &str,
        password: String,
        from: Origin,
    ) -> Result<SignedIn, NotDone> {
        let link = secret::hash(shown);
        let person = {
            let state = self.read();
            match find(&state.registry, &link, self.now().wall).map(|link| link.purpose) {
                Some(Purpose::ChoosePassword(person)) => person,
                Some(Purpose::Enter(_) | Purpose::Pair(_)) | None => return Err(NoSuch::Link.into()),
            }
        };
        let hash = self.hashed(person, password).await?;
        let fresh = secret::fresh()?;
        let session = secret::hash(&fresh);
        self.change(|registry, now| {
            find(registry, &link, now.wall).ok_or(NoSuch::Link)?;
            let (_, account) = living(registry, person)?;
            let account = own::with_password(account, hash, now);
            may_begin(registry, &account, &from, now)?;
            let mut change = sign_in::begin(registry, account, &from, now, session);
            change.records.insert(0, own::chosen(person, now));
            change.rows.push(Row::LinkOver(link));
            // Who had the old password is out, and what was made with it.
            let others = registry.sessions.iter().filter(|one| one.person == person);
            change.rows.extend(others.map(|one| Row::SessionOver(one.id)));
            change.rows.extend(token::of(registry, |of| of == person));
            Ok((change, ()))
        })
        .await?;
        Ok(SignedIn { secret: fresh })
    }

    /// Signs in by a demo's link.
    ///
    /// # Errors
    /// The link does not count.
    pub async fn enter(&self, shown: &str, from: Origin) -> Result<SignedIn, NotDone> {
        let link = secret::hash(shown);
        let fresh = secret::fresh()?;
        let session = secret::hash(&fresh);
        self.change(|registry, now| {
            let Purpose::Enter(person) = find(registry, &link, now.wall).ok_or(NoSuch::Link)?.purpose else {
                return Err(NoSuch::Link.into());
            };
            let (_, account) = living(registry, person)?;
            may_begin(registry, account, &from, now)?;
            let mut change = sign_in::begin(registry, account.clone(), &from, now, session);
            change.rows.push(Row::LinkOver(link));
            Ok((change, ()))
        })
        .await?;
        Ok(SignedIn { secret: fresh })
    }

    /// Pairs the display that opens a link; what its cookie carries.
    ///
    /// # Errors
    /// The link does not count.
    pub async fn pair(&self, shown: &str, from: Origin) -> Result<SignedIn, NotDone> {
        let link = secret::hash(shown);
        let fresh = secret::fresh()?;
        let hash = secret::hash(&fresh);
        self.change(|registry, now| {
            let Purpose::Pair(id) = find(registry, &link, now.wall).ok_or(NoSuch::Link)?.purpose else {
                return Err(NoSuch::Link.into());
            };
            let token = registry.tokens.iter().find(|token| token.id == id).ok_or(NoSuch::Link)?;
            let token = Token { hash: Some(hash), ..token.clone() };
            let record = NewRecord::system(now, "account.display-paired", Severity::Info);
            let record = record.at(id.to_string()).with("from", from.text());
            Ok((Change::one(record, vec![Row::Token(token), Row::LinkOver(link)]), ()))
        })
        .await?;
        Ok(SignedIn { secret: fresh })
    }

    /// Links by which a demo's accounts are entered without a password.
    ///
    /// # Errors
    /// There is no such account, or it cannot be written.
    pub async fn enter_link(&self, person: PersonId) -> Result<String, NotDone> {
        let shown = secret::fresh()?;
        self.change(|registry, now| {
            living(registry, person)?;
            let row = fresh(registry, Purpose::Enter(person), now, &shown)?;
            Ok((Change { records: Vec::new(), rows: vec![row] }, ()))
        })
        .await?;
        Ok(shown)
    }
}

/// Whether a link counts: its day is not over, nor yet to come, as after a clock that went wrong was set back.
pub(super) fn counts(link: &Link, now: Wall) -> bool {
    link.ends > now && link.ends <= now + COUNTS_FOR + SET_BACK
}

fn find<'r>(registry: &'r Registry, hash: &SecretHash, now: Wall) -> Option<&'r Link> {
    registry.links.iter().find(|link| link.hash == *hash && counts(link, now))
}

/// A link opens nothing that a password would not open.
fn may_begin(registry: &Registry, account: &Account, from: &Origin, now: Now) -> Result<(), NotDone> {
    sign_in::hindrance(registry, account, from, now).map_or(Ok(()), |why| Err(Conflict::from(why).into()))
}

/// Links of a person or token that are to be used up with it.
pub(super) fn over(registry: &Registry, person: Option<PersonId>, token: Option<TokenId>) -> Vec<Row> {
    let concerns = |purpose: Purpose| match purpose {
        Purpose::ChoosePassword(of) | Purpose::Enter(of) => Some(of) == person,
        Purpose::Pair(of) => Some(of) == token,
    };
    registry.links.iter().filter(|link| concerns(link.purpose)).map(|link| Row::LinkOver(link.hash)).collect()
}
