//! Tests of the whole: the order of the house, the profiles' worked examples, and the program as its users meet it.

mod architecture;
mod gateway;
mod golden;
#[cfg(feature = "demo")]
mod hall;
#[cfg(feature = "demo")]
mod kill;
mod refusals;
