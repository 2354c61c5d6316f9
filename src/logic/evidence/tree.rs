//! The Merkle tree of RFC 6962 over hashes of records, grown leaf by leaf.
//!
//! A tree of any size is a row of *peaks*: complete subtrees, the largest first, one for each bit of its size. Peaks are all
//! that is kept to go on; whole ranges of records that are gone or left out are given as the subtrees that stand for them.

use sha2::{Digest, Sha256};

/// A SHA-256 hash.
pub type Hash = [u8; 32];

/// A complete subtree: the hash of 2^`level` leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Subtree {
    /// Its height.
    pub level: u8,
    /// Its hash.
    pub hash: Hash,
}

/// The peaks of a tree.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Frontier {
    size: u64,
    peaks: Vec<Hash>,
}

impl Subtree {
    /// How many leaves it has.
    #[must_use]
    pub fn leaves(self) -> u64 {
        1_u64.checked_shl(u32::from(self.level)).unwrap_or(0)
    }
}

/// The hash of two subtrees together.
fn node(left: &Hash, right: &Hash) -> Hash {
    Sha256::new().chain_update([1]).chain_update(left).chain_update(right).finalize().into()
}

impl Frontier {
    /// How many leaves it stands for.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Puts a leaf at the end.
    pub fn push(&mut self, leaf: Hash) {
        // 2^64 records are out of reach, and the only size that refuses a leaf.
        self.push_subtree(Subtree { level: 0, hash: leaf });
    }

    /// Puts a complete subtree at the end; false where none of that height can stand.
    pub fn push_subtree(&mut self, subtree: Subtree) -> bool {
        let leaves = subtree.leaves();
        let Some(size) = self.size.checked_add(leaves) else { return false };
        if leaves == 0 || !self.size.is_multiple_of(leaves) {
            return false;
        }
        let mut hash = subtree.hash;
        // Each set bit from this height on is a peak as high as the new one, and joins it.
        for _ in 0..(self.size >> subtree.level).trailing_ones() {
            let Some(left) = self.peaks.pop() else { return false };
            hash = node(&left, &hash);
        }
        self.peaks.push(hash);
        self.size = size;
        true
    }

    /// The hash that stands for all leaves.
    #[must_use]
    pub fn root(&self) -> Hash {
        let mut peaks = self.peaks.iter().rev();
        let Some(last) = peaks.next() else { return Sha256::digest([]).into() };
        peaks.fold(*last, |right, left| node(left, &right))
    }

    /// Its peaks, the largest first.
    pub fn peaks(&self) -> impl Iterator<Item = Subtree> {
        let levels = (0..64_u8).rev().filter(|level| self.size >> level & 1 == 1);
        levels.zip(&self.peaks).map(|(level, hash)| Subtree { level, hash: *hash })
    }

    /// As it is kept: the peaks one after another.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        self.peaks.concat()
    }

    /// As it was kept; none if these are not the peaks of a tree of this size.
    #[must_use]
    pub fn from_bytes(size: u64, bytes: &[u8]) -> Option<Self> {
        let (peaks, rest) = bytes.as_chunks::<32>();
        let count = usize::try_from(size.count_ones()).ok()?;
        (rest.is_empty() && peaks.len() == count).then(|| Self { size, peaks: peaks.to_vec() })
    }
}

/// Cuts the leaves from `from` to before `to` into the fewest subtrees that may stand in one tree: start and height of each.
pub fn subtrees(from: u64, to: u64) -> impl Iterator<Item = (u64, u8)> {
    let mut at = from;
    std::iter::from_fn(move || {
        let left = to.checked_sub(at).filter(|left| *left > 0)?;
        let level = at.trailing_zeros().min(left.ilog2());
        let start = at;
        at += 1_u64.checked_shl(level)?;
        Some((start, u8::try_from(level).ok()?))
    })
}

#[cfg(test)]
mod tests {
    use ct_merkle::mem_backed_tree::MemoryBackedTree;
    use proptest::prelude::*;

    use super::*;
    use crate::model::Record;

    /// Leaves over the texts `0`, `1`, …, and the same tree as another library builds it.
    fn both(count: usize) -> (Vec<Hash>, MemoryBackedTree<Sha256, Vec<u8>>) {
        let mut theirs = MemoryBackedTree::new();
        let leaf = |n: usize| {
            let bytes = n.to_string().into_bytes();
            theirs.push(bytes.clone());
            Record::leaf_hash(&bytes)
        };
        ((0..count).map(leaf).collect(), theirs)
    }

    fn frontier(leaves: &[Hash]) -> Frontier {
        let mut frontier = Frontier::default();
        leaves.iter().for_each(|leaf| frontier.push(*leaf));
        frontier
    }

    #[test]
    fn r_log_the_root_is_the_one_that_another_library_finds() {
        for count in 0..130 {
            let (leaves, theirs) = both(count);
            let ours = frontier(&leaves);
            assert_eq!(ours.root().as_slice(), theirs.root().as_bytes().as_slice(), "{count}");
            assert_eq!(Frontier::from_bytes(ours.size(), &ours.to_bytes()), Some(ours.clone()));
            assert_eq!(Frontier::from_bytes(ours.size() * 2 + 1, &ours.to_bytes()), None);
        }
    }

    proptest! {
        #[test]
        fn ranges_given_as_subtrees_lead_to_the_same_root(count in 1..300_u64, a: u64, b: u64) {
            let (leaves, _) = both(usize::try_from(count).unwrap());
            let (from, to) = ((a % count).min(b % count), (a % count).max(b % count));
            let leaf = |n: u64| leaves[usize::try_from(n).unwrap()];
            let mut ours = Frontier::default();
            (0..from).for_each(|n| ours.push(leaf(n)));
            for (start, level) in subtrees(from, to) {
                let of = usize::try_from(start).unwrap()..usize::try_from(start + (1 << level)).unwrap();
                let subtree = Subtree { level, hash: frontier(&leaves[of]).root() };
                prop_assert!(ours.push_subtree(subtree));
            }
            (to..count).for_each(|n| ours.push(leaf(n)));
            prop_assert_eq!(ours, frontier(&leaves));
        }

        #[test]
        fn peaks_rebuild_their_frontier_and_no_other_subtree_may_follow(count in 1..300_usize, level in 0..70_u8) {
            let (leaves, _) = both(count);
            let whole = frontier(&leaves);
            let mut again = Frontier::default();
            for peak in whole.peaks() {
                prop_assert!(again.push_subtree(peak));
            }
            prop_assert_eq!(&again, &whole);
            let fits = level < 64 && whole.size().is_multiple_of(1 << level);
            prop_assert_eq!(again.push_subtree(Subtree { level, hash: [0; 32] }), fits);
        }
    }
}
