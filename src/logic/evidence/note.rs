//! Signed notes as C2SP's `signed-note` has them: a text, an empty line, and lines of signatures with Ed25519.
//!
//! A public key is written `NAME+ID+KEY` (*vkey*): a name, eight hexadecimal digits that are the first bytes of
//! SHA-256(name, newline, 1, key), and base64 of 1 and the key.

use std::fmt;

use data_encoding::{BASE64, HEXLOWER};
use ed25519_dalek::{Signature, Signer as _, VerifyingKey};
use sha2::{Digest, Sha256};

/// Ed25519, in C2SP's list.
const ED25519: u8 = 1;

/// What a line of a signature begins with.
const DASH: &str = "\u{2014} ";

/// The longest note, bytes.
const LONGEST: usize = 64 * 1024;

/// A key that signs notes. Its bytes are wiped when it is dropped.
pub struct SigningKey {
    name: String,
    key: ed25519_dalek::SigningKey,
}

/// A key that notes are checked with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicKey {
    name: String,
    id: [u8; 4],
    key: VerifyingKey,
}

/// A note whose form is right; its signatures are not yet checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note<'n> {
    /// What is signed, with its last newline.
    pub text: &'n str,
    signatures: &'n str,
}

/// A text that is no public key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadKey {
    /// Not of that form at all.
    #[error("a public key is written NAME+8 hexadecimal digits+base64, such as hallward/hall+0a1b2c3d+AZ…")]
    Form,
    /// Digits that do not belong to name and key.
    #[error("the key's id does not belong to its name and bytes: a character was lost or changed")]
    Id,
    /// Another kind than Ed25519.
    #[error("the key is not for Ed25519")]
    Kind,
}

/// A text that is no note by this key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadNote {
    /// Not a note.
    #[error("it is not a signed note")]
    Form,
    /// No signature by this key.
    #[error("another key signed it")]
    OtherKey,
    /// A signature that is wrong.
    #[error("its signature is wrong: the text or the signature was changed")]
    Signature,
}

fn key_id(name: &str, key: &VerifyingKey) -> [u8; 4] {
    let hash = Sha256::new()
        .chain_update(name)
        .chain_update([b'\n', ED25519])
        .chain_update(key.as_bytes())
        .finalize();
    let mut id = [0; 4];
    id.iter_mut().zip(hash).for_each(|(to, from)| *to = from);
    id
}

fn is_name(name: &str) -> bool {
    !name.is_empty() && !name.contains('+') && !name.contains(char::is_whitespace)
}

impl SigningKey {
    /// The key with this name and these secret bytes; none if the name cannot be a key's.
    #[must_use]
    pub fn new(name: &str, secret: &[u8; 32]) -> Option<Self> {
        let key = ed25519_dalek::SigningKey::from_bytes(secret);
        is_name(name).then(|| Self { name: name.to_owned(), key })
    }

    /// What its notes are checked with.
    #[must_use]
    pub fn public(&self) -> PublicKey {
        let key = self.key.verifying_key();
        PublicKey { name: self.name.clone(), id: key_id(&self.name, &key), key }
    }

    /// A note of this text, which ends with a newline.
    #[must_use]
    pub fn sign(&self, text: &str) -> String {
        let mut signature = self.public().id.to_vec();
        signature.extend(self.key.sign(text.as_bytes()).to_bytes());
        format!("{text}\n{DASH}{} {}\n", self.name, BASE64.encode(&signature))
    }
}

impl fmt::Debug for SigningKey {
    /// Without the secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey").field("name", &self.name).finish_non_exhaustive()
    }
}

impl PublicKey {
    /// The key with this name and these bytes; none if the one cannot be a name or the other no key.
    #[must_use]
    pub fn new(name: &str, bytes: &[u8; 32]) -> Option<Self> {
        let key = VerifyingKey::from_bytes(bytes).ok()?;
        is_name(name).then(|| Self { name: name.to_owned(), id: key_id(name, &key), key })
    }

    /// Reads a vkey.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<Self, BadKey> {
        let mut parts = text.trim().splitn(3, '+');
        let (Some(name), Some(id), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(BadKey::Form);
        };
        let id: [u8; 4] =
            HEXLOWER.decode(id.as_bytes()).ok().and_then(|id| id.try_into().ok()).ok_or(BadKey::Form)?;
        let key = BASE64.decode(key.as_bytes()).map_err(|_| BadKey::Form)?;
        let (kind, key) = key.split_first().ok_or(BadKey::Form)?;
        if *kind != ED25519 {
            return Err(BadKey::Kind);
        }
        let key: [u8; 32] = key.try_into().map_err(|_| BadKey::Form)?;
        let public = Self::new(name, &key).ok_or(BadKey::Form)?;
        if public.id == id { Ok(public) } else { Err(BadKey::Id) }
    }

    /// Its 32 bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8; 32] {
        self.key.as_bytes()
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether a note bears this key's signature.
    ///
    /// # Errors
    /// It does not, or a wrong one.
    pub fn check(&self, note: &Note<'_>) -> Result<(), BadNote> {
        let mut seen = false;
        for line in note.signatures.lines() {
            let Some((name, signature)) = line.strip_prefix(DASH).and_then(|line| line.split_once(' '))
            else {
                return Err(BadNote::Form);
            };
            let bytes = BASE64.decode(signature.as_bytes()).map_err(|_| BadNote::Form)?;
            let (id, signature) = bytes.split_first_chunk::<4>().ok_or(BadNote::Form)?;
            if name != self.name || *id != self.id {
                continue;
            }
            let signature = Signature::from_slice(signature).map_err(|_| BadNote::Form)?;
            let right = self.key.verify_strict(note.text.as_bytes(), &signature);
            right.map_err(|_| BadNote::Signature)?;
            seen = true;
        }
        if seen { Ok(()) } else { Err(BadNote::OtherKey) }
    }
}

impl fmt::Display for PublicKey {
    /// As a vkey.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut key = vec![ED25519];
        key.extend(self.key.as_bytes());
        write!(f, "{}+{}+{}", self.name, HEXLOWER.encode(&self.id), BASE64.encode(&key))
    }
}

impl<'n> Note<'n> {
    /// Reads a note.
    ///
    /// # Errors
    /// It is none.
    pub fn parse(note: &'n str) -> Result<Self, BadNote> {
        let cut = note.rfind("\n\n").filter(|_| note.len() <= LONGEST).ok_or(BadNote::Form)?;
        let (text, signatures) = note.split_at_checked(cut + 1).ok_or(BadNote::Form)?;
        let signatures = signatures.strip_prefix('\n').filter(|lines| lines.ends_with('\n'));
        let signatures = signatures.filter(|lines| lines.lines().all(|line| line.starts_with(DASH)));
        let controls = text.chars().any(|c| c.is_control() && c != '\n');
        match signatures {
            Some(signatures) if !controls => Ok(Self { text, signatures }),
            _ => Err(BadNote::Form),
        }
    }
}

/// The notes of a file that has one after another, with an empty line between them or without.
pub fn notes(file: &str) -> impl Iterator<Item = &str> {
    let mut rest = file.trim_start_matches('\n');
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        // A note ends with the last of the lines that begin with a dash.
        let mut end = rest.find("\n\n").map_or(rest.len(), |at| at + 2);
        while let Some(line) = rest.get(end..).filter(|line| line.starts_with(DASH)) {
            end += line.find('\n').map_or(line.len(), |at| at + 1);
        }
        let (note, after) = rest.split_at_checked(end)?;
        rest = after.trim_start_matches('\n');
        Some(note)
    })
}

#[cfg(test)]
mod tests {
    use signed_note::{Note as TheirNote, StandardVerifier, VerifierList};

    use super::*;

    fn key() -> SigningKey {
        SigningKey::new("hallward/hall", &[7; 32]).unwrap()
    }

    const TEXT: &str = "hallward/hall/0a0b0c0d\n17\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n";

    #[test]
    fn r_log_another_library_takes_our_key_and_our_signature_and_refuses_what_was_changed() {
        let vkey = key().public().to_string();
        let verifier = || VerifierList::new(vec![Box::new(StandardVerifier::new(&vkey).unwrap())]);
        let note = key().sign(TEXT);
        let theirs = TheirNote::from_bytes(note.as_bytes()).unwrap();
        let (verified, _) = theirs.verify(&verifier()).unwrap();
        assert_eq!(verified.len(), 1);
        assert_eq!(theirs.text(), TEXT.as_bytes());
        let changed = note.replacen("17", "18", 1);
        assert!(TheirNote::from_bytes(changed.as_bytes()).unwrap().verify(&verifier()).is_err());
    }

    #[test]
    fn a_note_is_checked_by_its_key_alone() {
        let note = key().sign(TEXT);
        let check = |key: &SigningKey, note: &str| key.public().check(&Note::parse(note)?);
        assert_eq!(check(&key(), &note), Ok(()));
        let stranger = SigningKey::new("hallward/hall", &[8; 32]).unwrap();
        assert_eq!(check(&stranger, &note), Err(BadNote::OtherKey));
        assert_eq!(check(&key(), &note.replacen("17", "18", 1)), Err(BadNote::Signature));
        for wrong in [
            "",
            "text\n",
            "text\n\n",
            "text\n\nno dash\n",
            &note[..note.len() - 1],
            "a\tb\n\n\u{2014} x AA==\n",
        ] {
            assert_eq!(check(&key(), wrong), Err(BadNote::Form), "{wrong:?}");
        }
    }

    #[test]
    fn keys_are_read_as_they_are_written_and_no_character_may_be_lost() {
        let vkey = key().public().to_string();
        assert_eq!(PublicKey::parse(&vkey), Ok(key().public()));
        assert_eq!(PublicKey::parse(&vkey.replacen("hall+", "hal+", 1)), Err(BadKey::Id));
        assert_eq!(PublicKey::parse("hallward/hall"), Err(BadKey::Form));
        assert!(SigningKey::new("a b", &[0; 32]).is_none() && SigningKey::new("a+b", &[0; 32]).is_none());
        assert_eq!(format!("{:?}", key()), "SigningKey { name: \"hallward/hall\", .. }");
    }

    #[test]
    fn a_file_of_notes_is_cut_into_them() {
        let (a, b) = (key().sign(TEXT), key().sign("b\n"));
        for file in [format!("{a}{b}"), format!("{a}\n{b}"), format!("\n{a}\n\n{b}\n\n")] {
            assert_eq!(notes(&file).collect::<Vec<_>>(), [&a, &b], "{file:?}");
        }
        assert_eq!(notes("").count(), 0);
        assert_eq!(notes("nonsense").collect::<Vec<_>>(), ["nonsense"]);
    }
}
