//! Hallward keeps a data hall: its power, its climate and its doors.
//!
//! The crate's map (who may know whom, from left to right): `model` ← `logic` ← `bus`, `hardware`, `store` ← `accounts`
//! ← `access`, `evidence` ← `deliver`, `web` ← `app` ← `cli`. ARCHITECTURE.md has the whole picture and its invariants.

pub mod access;
pub mod accounts;
pub mod app;
pub mod bus;
pub mod cli;
pub mod deliver;
pub mod evidence;
pub mod hardware;
pub mod logic;
pub mod model;
pub mod store;
pub mod tls;
pub mod web;
