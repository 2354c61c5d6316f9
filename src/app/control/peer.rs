//! Who calls over the control socket: the kernel says it, nobody can claim to be another.

use std::fs;

use tokio::net::UnixStream;

/// A local user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Peer {
    uid: u32,
    name: Option<String>,
}

impl Peer {
    /// The user of the process at the other end, if the kernel tells.
    pub(super) fn of(stream: &UnixStream) -> Option<Self> {
        let uid = stream.peer_cred().ok()?.uid();
        // A name that cannot be found out does no harm: the number counts.
        let name = fs::read_to_string("/etc/passwd").ok().and_then(|users| name_of(&users, uid));
        Some(Self { uid, name })
    }

    /// For people.
    pub(super) fn who(&self) -> String {
        match &self.name {
            Some(name) => format!("{name} (uid {})", self.uid),
            None => format!("uid {}", self.uid),
        }
    }

    /// As an id.
    pub(super) fn actor(&self) -> String {
        format!("uid-{}", self.uid)
    }
}

/// The user's name in a list such as `/etc/passwd`.
fn name_of(users: &str, uid: u32) -> Option<String> {
    users.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)?.parse() == Ok(uid)).then(|| name.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_is_named_by_number_and_name() {
        let users = "root:x:0:0:root:/root:/bin/sh\nbroken\nanna:x:1000:1000::/home/anna:/bin/sh\n";
        let peer = |uid| Peer { uid, name: name_of(users, uid) };
        assert_eq!(peer(1000).who(), "anna (uid 1000)");
        assert_eq!((peer(7).who(), peer(7).actor()), ("uid 7".to_owned(), "uid-7".to_owned()));
    }
}
