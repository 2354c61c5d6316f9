//! Whether somebody may pass a door: plain functions of what is shown, of the book of badges and rules, and of the moment.
//!
//! Who calls it: `logic::doors`, for each read; `access`, when badges are issued. Nothing here remembers anything: who is
//! where, what is open and who waits for a second person comes in with the question.
//!
//! Terms: *book* — badges, holders, rules and schedules, arranged to be asked; *verdict* — the answer; *proof* — what a
//! door asks for: a card, a PIN or both.

mod book;
mod calendar;
mod credential;
mod decide;
#[cfg(test)]
mod tests;

pub use book::Book;
pub use calendar::Calendar;
pub use credential::{BadParity, Card, card_key, card_of, pin_key, read_card, shown};
pub use decide::{Asked, Denial, Grant, PinShown, Shown, Verdict, Why, decide};
