//! Who may go where, and what people order of doors.
//!
//! Who calls it: `web` for pages and API, `app` for the control socket. Badges, rules, schedules and settings are kept in
//! the registry, which `accounts` owns; every change is records and rows, committed together. What a reader's card
//! leads to is decided elsewhere, from memory (`logic::access`), by the task that owns the doors.

mod desk;

pub use desk::{Desk, Ordered};
