//! Tests of the whole: the order of the house, the profiles' worked examples, and the program as its users meet it.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod architecture;
#[cfg(feature = "demo")]
mod console;
#[cfg(feature = "demo")]
mod doors;
mod evidence;
#[cfg(feature = "demo")]
mod faults;
mod gateway;
mod golden;
#[cfg(feature = "demo")]
mod hall;
#[cfg(feature = "demo")]
mod kill;
#[cfg(feature = "demo")]
mod kill_doors;
#[cfg(feature = "demo")]
mod lock_safety;
mod manual;
#[cfg(feature = "demo")]
mod profiles;
mod refusals;
#[cfg(feature = "demo")]
mod reload;
mod show;
#[cfg(feature = "demo")]
mod tools;
#[cfg(feature = "demo")]
mod virtual_time;
#[cfg(feature = "demo")]
mod walks;
