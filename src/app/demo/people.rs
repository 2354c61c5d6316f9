//! Who may enter a demo: one person of each usual role, with a one-time link and an API token, both new at each start.
//!
//! They have no password: a demo is of this machine alone, and its links are told to whoever started it.

use std::{
    collections::BTreeMap,
    fs::OpenOptions,
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::Path,
};

use crate::{
    accounts::{Accounts, Caller, NewAccount, NewToken, NotDone},
    logic::sign_in::{Standing, standing},
    model::{PersonId, Role},
};

/// The file of the tokens, in the demo's folder.
const TOKENS: &str = "demo-tokens.json";

/// A token of the demo, among those that people make.
const TOKEN: &str = "demo";

const ROLES: [Role; 4] = [Role::Viewer, Role::Operator, Role::SecurityReviewer, Role::Administrator];

/// Why nobody can enter.
#[derive(Debug, thiserror::Error)]
pub enum NoEntry {
    /// The accounts.
    #[error("the demo's accounts cannot be made: {0}")]
    Accounts(#[from] NotDone),
    /// The file of tokens.
    #[error("{TOKENS} cannot be written: {0}")]
    Tokens(#[from] io::Error),
}

/// Lets one person of each role in: the secret of each one's link. Tokens go into the folder.
///
/// # Errors
/// What cannot be written.
pub async fn let_in(accounts: &Accounts, data: &Path) -> Result<Vec<(Role, String)>, NoEntry> {
    let demo = Caller::console("demo".to_owned());
    let (mut links, mut tokens) = (Vec::new(), BTreeMap::new());
    for role in ROLES {
        let person = person(accounts, &demo, role).await?;
        let old = accounts.registry().tokens;
        for token in old.iter().filter(|token| token.person == Some(person) && token.name == TOKEN) {
            accounts.end_token(&demo, token.id, "the demo starts anew").await?;
        }
        let new =
            NewToken { name: TOKEN.to_owned(), person: Some(person), rights: role.rights(), ends: None };
        let (_, token) = accounts.make_token(&demo, new).await?;
        tokens.insert(role.as_str(), token);
        links.push((role, accounts.enter_link(person).await?));
    }
    write_tokens(&data.join(TOKENS), &tokens)?;
    Ok(links)
}

/// The demo's person of this role; one who was away for too long may enter all the same.
async fn person(accounts: &Accounts, demo: &Caller, role: Role) -> Result<PersonId, NotDone> {
    let sign_in = format!("demo-{role}");
    let registry = accounts.registry();
    let Some(account) = registry.by_sign_in(&sign_in) else {
        let name = format!("Demo {role}");
        let new = NewAccount { name, born: None, phone: None, sign_in, role, ends: None, remote: None };
        return Ok(accounts.add(demo, new).await?.0);
    };
    let why = "the demo starts anew";
    match standing(account, &registry.rules, accounts.now().wall) {
        Standing::Locked => accounts.unlock(demo, account.person, why).await?,
        Standing::Suspended => accounts.restore(demo, account.person, why).await?,
        Standing::Active | Standing::Over => {}
    }
    Ok(account.person)
}

/// For its owner alone.
fn write_tokens(path: &Path, tokens: &BTreeMap<&str, String>) -> io::Result<()> {
    let part = path.with_extension("part");
    match std::fs::remove_file(&part) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&part)?;
    writeln!(file, "{}", serde_json::to_string(tokens)?)?;
    std::fs::rename(&part, path)
}
