//! Persons, accounts, sessions, tokens, links and rules in `core.db`: read whole when the program starts, written row by
//! row with the records that tell of them. `accounts` keeps them in memory and is the only one who changes them.

mod access;

use std::{num::NonZeroU32, sync::Arc};

use rusqlite::{Connection, Row as Found, Transaction, params, types::Type};

use super::{JournalReader, Row, StoreError, error::Doing, reader_keys};
use crate::{
    logic::sign_in::{Rule, Rules},
    model::{
        AccessData, Account, Delivery, Link, Person, PersonId, Purpose, Right, Rights, Role, SecretHash,
        Session, Token, TokenId, Wall,
    },
};

pub use access::{AccessEntry, AccessRow, HeldEntry};

/// Everything in it.
#[derive(Clone, Debug, Default)]
pub struct Registry {
    /// Persons.
    pub persons: Vec<Person>,
    /// Their accounts.
    pub accounts: Vec<Account>,
    /// Who is signed in.
    pub sessions: Vec<Session>,
    /// Tokens of programs and displays.
    pub tokens: Vec<Token>,
    /// Links that nobody has used.
    pub links: Vec<Link>,
    /// The rules of signing in.
    pub rules: Rules,
    /// Why rules differ from the duty.
    pub reasons: Vec<(Rule, String)>,
    /// The newest numbers ever given to a person, a session and a token.
    pub newest: [u32; 3],
    /// Who may go where.
    pub access: Arc<AccessData>,
    /// Equipment that came and went.
    pub deliveries: Arc<Vec<Delivery>>,
    /// The newest number ever given to a rule of access.
    pub newest_rule: u32,
}

impl Registry {
    /// The person of this number.
    #[must_use]
    pub fn person(&self, id: PersonId) -> Option<&Person> {
        self.persons.iter().find(|person| person.id == id)
    }

    /// A person's account, ended or not.
    #[must_use]
    pub fn account(&self, person: PersonId) -> Option<&Account> {
        self.accounts.iter().find(|account| account.person == person)
    }

    /// The account of this sign-in name that has not ended.
    #[must_use]
    pub fn by_sign_in(&self, name: &str) -> Option<&Account> {
        self.accounts.iter().find(|account| account.ended.is_none() && account.sign_in == name)
    }

    /// Follows a row that was committed.
    pub fn apply(&mut self, row: Row) {
        match row {
            Row::Person(person) => put(&mut self.persons, person, |one, other| one.id == other.id),
            Row::Account(account) => {
                put(&mut self.accounts, *account, |one, other| one.person == other.person);
            }
            Row::Session(session) => put(&mut self.sessions, session, |one, other| one.id == other.id),
            Row::SessionOver(id) => self.sessions.retain(|session| session.id != id),
            Row::Token(token) => put(&mut self.tokens, token, |one, other| one.id == other.id),
            Row::TokenOver(id) => self.tokens.retain(|token| token.id != id),
            Row::Link(link) => self.links.push(link),
            Row::LinkOver(hash) => self.links.retain(|link| link.hash != hash),
            Row::Rule(rule, value, reason) => {
                // What was committed had been checked.
                if self.rules.set(rule, value, &reason).is_ok() {
                    self.reasons.retain(|(of, _)| *of != rule);
                    self.reasons.push((rule, reason));
                }
            }
            Row::Access(row) => access::apply(self, *row),
            Row::ReaderKey(_)
            | Row::ReaderKeyOver(..)
            | Row::Door(_)
            | Row::Cursor(..)
            | Row::Commanded(..)
            | Row::RunAlive(_)
            | Row::RunStopped(_)
            | Row::Evidence(_) => {}
        }
        let numbers = [
            self.persons.last().map(|person| person.id.0.get()),
            self.sessions.last().and_then(|session| u32::try_from(session.id).ok()),
            self.tokens.last().map(|token| token.id.0.get()),
        ];
        for (newest, number) in self.newest.iter_mut().zip(numbers) {
            *newest = (*newest).max(number.unwrap_or(0));
        }
    }
}

/// In the place of the same one, or at the end.
fn put<T>(all: &mut Vec<T>, new: T, same: impl Fn(&T, &T) -> bool) {
    match all.iter_mut().find(|one| same(one, &new)) {
        Some(old) => *old = new,
        None => all.push(new),
    }
}

impl JournalReader {
    /// The registry as it stands.
    ///
    /// # Errors
    /// The database cannot be read, or holds what this program would not have written.
    pub async fn registry(&self) -> Result<Registry, StoreError> {
        self.pool.run(|connection, path| read(connection).doing("read", path)).await
    }
}

fn read(connection: &Connection) -> Result<Registry, rusqlite::Error> {
    let mut registry = Registry {
        persons: all(connection, "SELECT id, name, born, phone FROM person ORDER BY id", person)?,
        accounts: all(connection, "SELECT * FROM account ORDER BY person", account)?,
        sessions: all(connection, "SELECT id, hash, person, made_us, used_us, origin FROM session", session)?,
        tokens: all(connection, "SELECT id, hash, name, person, rights, made_us, ends_us FROM token", token)?,
        links: all(connection, "SELECT hash, purpose, subject, ends_us FROM link", link)?,
        newest: [newest(connection, "person")?, newest(connection, "session")?, newest(connection, "token")?],
        ..Registry::default()
    };
    let rules = all(connection, "SELECT name, value, reason FROM sign_in_rule", |row| {
        Ok((row.get::<_, String>(0)?, row.get::<_, u32>(1)?, row.get::<_, String>(2)?))
    })?;
    for (name, value, reason) in rules {
        // A rule that this program no longer knows, or that would be refused today, is the duty's again.
        if let Some(rule) = Rule::parse(&name)
            && registry.rules.set(rule, value, &reason).is_ok()
        {
            registry.reasons.push((rule, reason));
        }
    }
    access::read(connection, &mut registry)?;
    Ok(registry)
}

fn all<T>(
    connection: &Connection,
    sql: &str,
    read: impl Fn(&Found<'_>) -> Result<T, rusqlite::Error>,
) -> Result<Vec<T>, rusqlite::Error> {
    connection.prepare(sql)?.query_map([], read)?.collect()
}

/// SQLite itself remembers the newest number of a table, also when the row is gone.
fn newest(connection: &Connection, table: &str) -> Result<u32, rusqlite::Error> {
    let sql = "SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = ?1";
    connection.query_row(sql, [table], |row| row.get(0))
}

fn person(row: &Found<'_>) -> Result<Person, rusqlite::Error> {
    let born: Option<String> = row.get(2)?;
    Ok(Person {
        id: PersonId(row.get::<_, Number>(0)?.0),
        name: row.get(1)?,
        born: born.map(|text| text.parse().map_err(|_| wrong(2))).transpose()?,
        phone: row.get(3)?,
    })
}

fn account(row: &Found<'_>) -> Result<Account, rusqlite::Error> {
    let role: String = row.get("role")?;
    let wrong_tries: String = row.get("wrong")?;
    let tries = wrong_tries.split(',').filter(|time| !time.is_empty());
    let time = |name| Ok::<_, rusqlite::Error>(row.get::<_, Option<i64>>(name)?.map(Wall));
    Ok(Account {
        person: PersonId(row.get::<_, Number>("person")?.0),
        sign_in: row.get("sign_in")?,
        role: Role::parse(&role).ok_or_else(|| wrong(2))?,
        made: Wall(row.get("made_us")?),
        ends: time("ends_us")?,
        password: row.get("password")?,
        password_set: time("password_set_us")?,
        must_change: row.get("must_change")?,
        wrong: tries.map(|time| time.parse().map(Wall).map_err(|_| wrong(8))).collect::<Result<_, _>>()?,
        locked: time("locked_us")?,
        suspended: time("suspended_us")?,
        used: Wall(row.get("used_us")?),
        totp: row.get("totp")?,
        totp_step: row.get::<_, i64>("totp_step")?.try_into().map_err(|_| wrong(13))?,
        remote: row.get("remote")?,
        ended: time("ended_us")?,
    })
}

fn session(row: &Found<'_>) -> Result<Session, rusqlite::Error> {
    Ok(Session {
        id: row.get(0)?,
        hash: row.get(1)?,
        person: PersonId(row.get::<_, Number>(2)?.0),
        made: Wall(row.get(3)?),
        used: Wall(row.get(4)?),
        from: row.get(5)?,
    })
}

fn token(row: &Found<'_>) -> Result<Token, rusqlite::Error> {
    let rights: String = row.get(4)?;
    Ok(Token {
        id: TokenId(row.get::<_, Number>(0)?.0),
        hash: row.get(1)?,
        name: row.get(2)?,
        person: row.get::<_, Option<Number>>(3)?.map(|number| PersonId(number.0)),
        // A right that this program does not know permits nothing.
        rights: rights.split(' ').filter_map(Right::parse).collect(),
        made: Wall(row.get(5)?),
        ends: row.get::<_, Option<i64>>(6)?.map(Wall),
    })
}

fn link(row: &Found<'_>) -> Result<Link, rusqlite::Error> {
    let (purpose, subject): (String, Number) = (row.get(1)?, row.get(2)?);
    let purpose = match purpose.as_str() {
        "choose-password" => Purpose::ChoosePassword(PersonId(subject.0)),
        "enter" => Purpose::Enter(PersonId(subject.0)),
        "pair" => Purpose::Pair(TokenId(subject.0)),
        _ => return Err(wrong(1)),
    };
    Ok(Link { hash: row.get(0)?, purpose, ends: Wall(row.get(3)?) })
}

/// A number from 1 on.
struct Number(NonZeroU32);

impl rusqlite::types::FromSql for Number {
    fn column_result(value: rusqlite::types::ValueRef<'_>) -> rusqlite::types::FromSqlResult<Self> {
        let number = u32::column_result(value)?;
        NonZeroU32::new(number).map(Self).ok_or(rusqlite::types::FromSqlError::OutOfRange(0))
    }
}

pub(super) fn wrong(column: usize) -> rusqlite::Error {
    rusqlite::Error::InvalidColumnType(column, "not what this program writes".to_owned(), Type::Text)
}

/// Changes one row.
pub(super) fn apply(transaction: &Transaction<'_>, row: &Row) -> Result<(), rusqlite::Error> {
    match row {
        Row::Person(Person { id, name, born, phone }) => {
            let sql = "INSERT INTO person (id, name, born, phone) VALUES (?1, ?2, ?3, ?4)
                ON CONFLICT (id) DO UPDATE SET name = ?2, born = ?3, phone = ?4";
            run(transaction, sql, params![id.0.get(), name, born.map(|day| day.to_string()), phone])
        }
        Row::Account(account) => put_account(transaction, account),
        Row::Session(Session { id, hash, person, made, used, from }) => {
            let sql = "INSERT INTO session (id, hash, person, made_us, used_us, origin)
                VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (id) DO UPDATE SET used_us = ?5";
            run(transaction, sql, params![id, hash, person.0.get(), made.0, used.0, from])
        }
        Row::SessionOver(id) => run(transaction, "DELETE FROM session WHERE id = ?1", params![id]),
        Row::Token(token) => put_token(transaction, token),
        Row::TokenOver(id) => run(transaction, "DELETE FROM token WHERE id = ?1", params![id.0.get()]),
        Row::Link(Link { hash, purpose, ends }) => {
            let (purpose, subject) = match purpose {
                Purpose::ChoosePassword(person) => ("choose-password", person.0),
                Purpose::Enter(person) => ("enter", person.0),
                Purpose::Pair(token) => ("pair", token.0),
            };
            let sql = "INSERT INTO link (hash, purpose, subject, ends_us) VALUES (?1, ?2, ?3, ?4)";
            run(transaction, sql, params![hash, purpose, subject.get(), ends.0])
        }
        Row::LinkOver(hash) => run(transaction, "DELETE FROM link WHERE hash = ?1", params![hash]),
        Row::Rule(rule, value, reason) => {
            let sql = "INSERT OR REPLACE INTO sign_in_rule (name, value, reason) VALUES (?1, ?2, ?3)";
            run(transaction, sql, params![rule.as_str(), value, reason])
        }
        Row::Access(row) => access::write(transaction, row),
        Row::Door(_)
        | Row::Cursor(..)
        | Row::Commanded(..)
        | Row::RunAlive(_)
        | Row::RunStopped(_)
        | Row::Evidence(_) => Ok(()),
        Row::ReaderKey(kept) => reader_keys::put(transaction, kept),
        Row::ReaderKeyOver(door, side) => reader_keys::remove(transaction, door, *side),
    }
}

fn run(
    transaction: &Transaction<'_>,
    sql: &str,
    parameters: impl rusqlite::Params,
) -> Result<(), rusqlite::Error> {
    transaction.prepare_cached(sql)?.execute(parameters).map(drop)
}

fn put_account(transaction: &Transaction<'_>, account: &Account) -> Result<(), rusqlite::Error> {
    let sql = "INSERT INTO account (person, sign_in, role, made_us, ends_us, password, password_set_us,
        must_change, wrong, locked_us, suspended_us, used_us, totp, totp_step, remote, ended_us)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)
        ON CONFLICT (person) DO UPDATE SET sign_in = ?2, role = ?3, made_us = ?4, ends_us = ?5, password = ?6,
        password_set_us = ?7, must_change = ?8, wrong = ?9, locked_us = ?10, suspended_us = ?11, used_us = ?12,
        totp = ?13, totp_step = ?14, remote = ?15, ended_us = ?16";
    let time = |time: Option<Wall>| time.map(|time| time.0);
    let wrong: Vec<String> = account.wrong.iter().map(|time| time.0.to_string()).collect();
    let values = params![
        account.person.0.get(),
        account.sign_in,
        account.role.as_str(),
        account.made.0,
        time(account.ends),
        account.password,
        time(account.password_set),
        account.must_change,
        wrong.join(","),
        time(account.locked),
        time(account.suspended),
        account.used.0,
        account.totp,
        i64::try_from(account.totp_step).unwrap_or(i64::MAX),
        account.remote,
        time(account.ended),
    ];
    run(transaction, sql, values)
}

fn put_token(transaction: &Transaction<'_>, token: &Token) -> Result<(), rusqlite::Error> {
    let sql = "INSERT INTO token (id, hash, name, person, rights, made_us, ends_us)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
        ON CONFLICT (id) DO UPDATE SET hash = ?2, name = ?3, person = ?4, rights = ?5, made_us = ?6, ends_us = ?7";
    let person = token.person.map(|person| person.0.get());
    let ends = token.ends.map(|time| time.0);
    let hash: Option<&SecretHash> = token.hash.as_ref();
    let values =
        params![token.id.0.get(), hash, token.name, person, rights(token.rights), token.made.0, ends];
    run(transaction, sql, values)
}

fn rights(rights: Rights) -> String {
    rights.iter().map(Right::as_str).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
#[path = "registry_tests.rs"]
mod tests;
