//! Badge readers that speak OSDP v2 (IEC 60839-11-5) over a serial line, several on one: the controller's side.
//!
//! Who calls it: `app`, one task for each reader line. Frames and encryption are the crate `osdp`'s codec; whom to ask,
//! when, and whom to believe is ours, as its own driver waits on one reader at a time, in plain text.
//!
//! ```text
//! line (turns) ── reader (what to ask, what follows) ── channel (number, key) ── wire (bytes, silence)
//! ```
//!
//! Terms: *secure channel* — what is said is encrypted and authenticated by the reader's own key; *install mode* — a
//! reader without a key takes the one that everybody knows; *pairing* — giving it a key of its own.
//!
//! It does not decide who may enter, keeps no key (whoever hears `Paired` does), and never gives a key to a reader
//! without having been told to.

mod channel;
mod line;
mod reader;
mod show;
mod told;
mod wire;

pub use line::{ReaderEnd, run};
pub use wire::{Open, Stream, serial};
