//! A checkpoint as C2SP's `tlog-checkpoint` has it: the text of a signed note with the log's id, its size and its root.

use data_encoding::BASE64;

use super::{BadNote, Frontier, Hash, Note, PublicKey, SigningKey};

/// So many records had the log then, and this root.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// The log's id, `hallward/<site>/<eight digits>`.
    pub origin: String,
    /// How many records.
    pub size: u64,
    /// The root over them.
    pub root: Hash,
}

/// A text that is no checkpoint by this key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadCheckpoint {
    /// No note, or not by this key.
    #[error(transparent)]
    Note(#[from] BadNote),
    /// A note of something else.
    #[error("the note is no checkpoint")]
    Form,
}

impl Checkpoint {
    /// The checkpoint of a tree.
    #[must_use]
    pub fn of(origin: &str, tree: &Frontier) -> Self {
        Self { origin: origin.to_owned(), size: tree.size(), root: tree.root() }
    }

    /// As a signed note.
    #[must_use]
    pub fn sign(&self, key: &SigningKey) -> String {
        key.sign(&format!("{}\n{}\n{}\n", self.origin, self.size, BASE64.encode(&self.root)))
    }

    /// Reads a note that this key signed.
    ///
    /// # Errors
    /// It is no checkpoint, or not by this key.
    pub fn open(note: &str, key: &PublicKey) -> Result<Self, BadCheckpoint> {
        let note = Note::parse(note)?;
        key.check(&note)?;
        Self::read(note.text).ok_or(BadCheckpoint::Form)
    }

    /// The text's three lines; more may follow, which we do not know.
    fn read(text: &str) -> Option<Self> {
        let mut lines = text.lines();
        let origin = lines.next().filter(|origin| !origin.is_empty())?.to_owned();
        let digits = lines.next()?;
        let size: u64 = digits.parse().ok()?;
        let root = BASE64.decode(lines.next()?.as_bytes()).ok()?.try_into().ok()?;
        // One size, one way to write it.
        (size.to_string() == digits).then_some(Self { origin, size, root })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> SigningKey {
        SigningKey::new("hallward/hall", &[7; 32]).unwrap()
    }

    #[test]
    fn r_log_a_checkpoint_reads_back_here_and_in_another_library() {
        let mut tree = Frontier::default();
        (0..5).for_each(|n| tree.push([n; 32]));
        let ours = Checkpoint::of("hallward/hall/0a0b0c0d", &tree);
        let note = ours.sign(&key());
        assert_eq!(Checkpoint::open(&note, &key().public()), Ok(ours.clone()));
        let text = note.split_inclusive("\n\n").next().unwrap().trim_end().to_owned() + "\n";
        let theirs = tlog_tiles::Checkpoint::from_bytes(text.as_bytes()).unwrap();
        assert_eq!((theirs.origin(), theirs.size(), theirs.hash().0), (ours.origin.as_str(), 5, ours.root));
    }

    #[test]
    fn what_is_no_checkpoint_is_refused() {
        let root = BASE64.encode(&[0; 32]);
        let sound = format!("log\n5\n{root}\n");
        let check = |text: &str| Checkpoint::open(&key().sign(text), &key().public());
        assert!(check(&sound).is_ok() && check(&format!("{sound}more\n")).is_ok());
        for wrong in
            ["log\n5\n", "log\n05\nR\n", "log\n+5\nR\n", "\n5\nR\n", "log\n-1\nR\n", "log\n5\nAAAA\n"]
        {
            let wrong = wrong.replace('R', &root);
            assert_eq!(check(&wrong), Err(BadCheckpoint::Form), "{wrong:?}");
        }
        assert_eq!(Checkpoint::open(&sound, &key().public()), Err(BadNote::Form.into()));
    }
}
