//! Signing in: what a password must be, when an account is locked, suspended or over, when a session ends, when refused
//! acts are too many. Pure: `accounts` asks, records and keeps.
//!
//! The rules' times and lengths are settings ([`Rules`]); their defaults are the duties of R-PASSWORD, R-LOCKOUT, R-IDLE
//! and R-SESSION.

mod overreach;
mod password;
mod rules;
mod standing;
#[cfg(test)]
mod testing;
mod throttle;
mod totp;

pub use overreach::{Overreach, Verdict};
pub use password::{LONGEST_PASSWORD, Weakness, weaknesses};
pub use rules::{Rule, Rules, WrongRule};
pub use standing::{
    SET_BACK, SessionEnd, Standing, Warning, idle_warning, password_is_aged, session_end, set_back, standing,
    wrong_try,
};
pub use throttle::Throttle;
pub use totp::Totp;
