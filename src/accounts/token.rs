//! Tokens of programs, and wall displays.

use super::{
    Accounts, Caller, Conflict, MOST, NoSuch, NotDone, Way, Wrong,
    change::{Change, by, living, reason},
    link, secret,
};
use crate::{
    model::{PersonId, Purpose, Right, Rights, Severity, Token, TokenId, Wall, display_rights},
    store::{Registry, Row},
};

/// The longest name, characters.
const NAME: usize = 60;

/// What a new token is to be.
#[derive(Clone, Debug)]
pub struct NewToken {
    /// What it is for.
    pub name: String,
    /// Whose; the caller's own when absent.
    pub person: Option<PersonId>,
    /// What it permits: never more than the account does.
    pub rights: Rights,
    /// From when on it no longer counts.
    pub ends: Option<Wall>,
}

/// The most tokens of one person.
const OF_ONE: usize = 50;

/// The ends of all tokens of some persons.
pub(super) fn of(registry: &Registry, whose: impl Fn(PersonId) -> bool) -> impl Iterator<Item = Row> {
    let theirs = registry.tokens.iter().filter(move |token| token.person.is_some_and(&whose));
    theirs.map(|token| Row::TokenOver(token.id))
}

fn next(registry: &Registry) -> Result<TokenId, NotDone> {
    if registry.tokens.len() >= MOST {
        return Err(Conflict::Tokens(MOST).into());
    }
    let [_, _, newest] = registry.newest;
    Ok(TokenId(std::num::NonZeroU32::MIN.saturating_add(newest)))
}

fn name_of(text: &str) -> Result<String, NotDone> {
    let text = text.trim();
    let fits = !text.is_empty() && text.chars().count() <= NAME && !text.chars().any(char::is_control);
    fits.then(|| text.to_owned()).ok_or_else(|| Wrong::TokenName(NAME).into())
}

impl Accounts {
    /// Makes a token; its secret is shown now and never again.
    ///
    /// # Errors
    /// It would permit more than its account does, or has no name.
    pub async fn make_token(&self, caller: &Caller, new: NewToken) -> Result<(TokenId, String), NotDone> {
        let shown = secret::fresh()?;
        let name = name_of(&new.name)?;
        // A token that leaks must not outlive its end in one that it made.
        if matches!(caller.way, Way::Token { .. }) && !caller.rights.has(Right::AccountManage) {
            return Err(Wrong::TokenByToken.into());
        }
        let id = self
            .deed(caller, None, |registry, now, caller| {
                let whose = new.person.or(caller.person());
                let person = whose.ok_or(Wrong::TokenOfNobody)?;
                if caller.person() != Some(person) && !caller.rights.has(Right::AccountManage) {
                    return Err(Wrong::TokenOfOther.into());
                }
                let (_, account) = living(registry, person)?;
                if let Some(beyond) = new.rights.iter().find(|right| !account.role.rights().has(*right)) {
                    return Err(Wrong::BeyondRole(beyond, account.role).into());
                }
                if let (Way::Token { .. }, Some(beyond)) =
                    (&caller.way, new.rights.iter().find(|right| !caller.rights.has(*right)))
                {
                    return Err(Wrong::BeyondToken(beyond).into());
                }
                if new.rights == Rights::default() {
                    return Err(Wrong::TokenRight.into());
                }
                if new.ends.is_some_and(|end| end <= now.wall) {
                    return Err(Wrong::TokenOver.into());
                }
                if registry.tokens.iter().filter(|token| token.person == Some(person)).count() >= OF_ONE {
                    return Err(Conflict::Tokens(OF_ONE).into());
                }
                let id = next(registry)?;
                let rights: Vec<&str> = new.rights.iter().map(Right::as_str).collect();
                let record = by(caller, now, "account.token-made", Severity::Info).at(person.to_string());
                let record = record.with("token", id).with("rights", rights.join(" "));
                let record = record.with("ends", new.ends.map_or("never".to_owned(), Wall::rfc3339));
                let hash = Some(secret::hash(&shown));
                let token = Token {
                    id,
                    hash,
                    name,
                    person: Some(person),
                    rights: new.rights,
                    made: now.wall,
                    ends: new.ends,
                };
                Ok((Change::one(record, vec![Row::Token(token)]), id))
            })
            .await?;
        Ok((id, shown))
    }

    /// Makes a wall display; the secret of the link that is to be opened on it.
    ///
    /// # Errors
    /// It has no name.
    pub async fn make_display(&self, caller: &Caller, name: &str) -> Result<(TokenId, String), NotDone> {
        let (shown, name) = (secret::fresh()?, name_of(name)?);
        let id = self
            .deed(caller, Some(Right::AccountManage), |registry, now, caller| {
                let id = next(registry)?;
                let record = by(caller, now, "account.display-made", Severity::Info).at(id.to_string());
                let rights = display_rights();
                let token = Token { id, hash: None, name, person: None, rights, made: now.wall, ends: None };
                let link = link::fresh(registry, Purpose::Pair(id), now, &shown)?;
                Ok((Change::one(record, vec![Row::Token(token), link]), id))
            })
            .await?;
        Ok((id, shown))
    }

    /// Ends a token or display: one's own, or anybody's for who manages accounts.
    ///
    /// # Errors
    /// There is no such token of theirs.
    pub async fn end_token(&self, caller: &Caller, id: TokenId, why: &str) -> Result<(), NotDone> {
        let why = reason(why)?;
        self.deed(caller, None, |registry, now, caller| {
            let found = registry.tokens.iter().find(|token| token.id == id);
            let own = |token: &&Token| caller.may_act_for(token.person);
            let token = found.filter(own).ok_or_else(|| NoSuch::Token(id.to_string()))?;
            let place = token.person.map_or_else(|| id.to_string(), |person| person.to_string());
            let record = by(caller, now, "account.token-ended", Severity::Info).at(place);
            let mut rows = vec![Row::TokenOver(id)];
            rows.extend(link::over(registry, None, Some(id)));
            Ok((Change::one(record.with("token", id).with("why", why), rows), ()))
        })
        .await
    }
}
