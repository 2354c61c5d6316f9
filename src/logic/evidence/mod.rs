//! What makes the journal evidence: the tree over its records, signed checkpoints of that tree, and the check of a log
//! against checkpoints.
//!
//! `store` keeps the tree's frontier with the records, `evidence` signs and compares, `cli` checks.
//!
//! Terms: *leaf* — a record's hash; *tree* — the Merkle tree of RFC 6962 over all leaves; *frontier* — the few hashes from
//! which a tree grows on; *root* — the one hash that stands for all records up to a size; *checkpoint* — log, size and root
//! in a note (C2SP) signed with Ed25519; *log id* — the checkpoint's origin, another one after a suspected rollback;
//! *external* — kept where whoever changes the database does not reach.
//!
//! Nothing here reads files or keys; a key comes as its bytes.

mod checkpoint;
mod note;
mod tree;
mod verify;

pub use checkpoint::{BadCheckpoint, Checkpoint};
pub use note::{BadKey, BadNote, Note, PublicKey, SigningKey, notes};
pub use tree::{Frontier, Hash, Subtree, subtrees};
pub use verify::{Known, Problem, Report, Rollback, Verifier};
