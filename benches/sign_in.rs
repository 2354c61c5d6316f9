//! Whether a sign-in tells by its time if a name is known: wrong passwords for known and unknown names in turn, against a
//! real journal, and both distributions.
//!
//! `cargo bench --bench sign_in [-- TRIES]`. Figures are in `benches/README.md`.

#![allow(
    missing_docs,
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "a benchmark reads the clock, and may end at the first surprise"
)]

use std::{
    net::{IpAddr, Ipv4Addr},
    sync::Arc,
    time::Instant,
};

use hallward::{
    accounts::{Accounts, Attempt, Caller, NewAccount, Origin, SignInRefused},
    model::{Clock, Mono, Now, Role, Trust, Wall},
    store::Journal,
};
use tokio::{runtime::Runtime, sync::broadcast};

/// Wrong tries before an account would be locked.
const TRIES_EACH: usize = 4;

struct Still;

impl Clock for Still {
    fn now(&self) -> Now {
        Now { mono: Mono(0), wall: Wall(1_780_290_000_000_000), trust: Trust::Unknown }
    }
}

fn main() {
    let tries = std::env::args().skip(1).find_map(|one| one.parse().ok()).unwrap_or(400_usize);
    Runtime::new().expect("threads").block_on(compare(tries));
}

async fn compare(tries: usize) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("core.db");
    let (journal, _) = Journal::open(&path, None, [1; 16], Still.now()).expect("a journal");
    let accounts = Accounts::open(journal, broadcast::Sender::new(16), Arc::new(Still), "Bench".to_owned());
    let accounts = accounts.await.expect("accounts");
    for n in 0..tries.div_ceil(TRIES_EACH) {
        person(&accounts, n).await;
    }
    let (mut known, mut unknown) = (Vec::new(), Vec::new());
    for n in 0..tries {
        // In turn, and each first every other time, so that nothing favours one of them.
        for is_known in [n % 2 == 0, n % 2 != 0] {
            let name = if is_known { format!("person-{}", n / TRIES_EACH) } else { format!("nobody-{n}") };
            let begun = Instant::now();
            let refused = accounts.sign_in(attempt(name, n * 2 + usize::from(is_known))).await;
            let took = begun.elapsed().as_secs_f64() * 1000.0;
            assert!(matches!(refused, Err(SignInRefused::Wrong)), "{refused:?}");
            if is_known { known.push(took) } else { unknown.push(took) }
        }
    }
    println!("{:<14} {:>8} {:>8} {:>8} {:>8} {:>8}", "ms", "p10", "p25", "p50", "p75", "p90");
    let medians = [("known", known), ("unknown", unknown)].map(|(name, times)| print(name, times));
    println!("medians differ by {:.3} ms", (medians[0] - medians[1]).abs());
}

/// An account with a password that the tries do not have.
async fn person(accounts: &Accounts, n: usize) {
    let new = NewAccount {
        name: format!("Bench {n}"),
        born: None,
        phone: None,
        sign_in: format!("person-{n}"),
        role: Role::Viewer,
        ends: None,
        remote: None,
    };
    let (_, link) = accounts.add(&Caller::console("bench".to_owned()), new).await.expect("an account");
    let from = Origin { address: IpAddr::V4(Ipv4Addr::LOCALHOST), browser: String::new() };
    accounts.choose_password(&link, "Thông gió 9!".to_owned(), from).await.expect("a password");
}

/// Each from an address of its own: too many tries from one would be turned away at once.
fn attempt(name: String, n: usize) -> Attempt {
    let address = IpAddr::V4(Ipv4Addr::from(0x0A00_0000 + u32::try_from(n).expect("few tries")));
    let from = Origin { address, browser: "bench".to_owned() };
    Attempt { name, password: "Thông gió 8!".to_owned(), code: String::new(), from }
}

/// The distribution; tells its median.
fn print(name: &str, mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    let at = |share: f64| times[((times.len() - 1) as f64 * share).round() as usize];
    let shares = [0.10, 0.25, 0.50, 0.75, 0.90].map(at);
    let cells: String = shares.iter().map(|time| format!(" {time:>8.3}")).collect();
    println!("{name:<14}{cells}");
    shares[2]
}
