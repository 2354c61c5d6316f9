//! What physics alone costs on one core: the demo's hall through a quiet hour, an hour with an outage, and a day in
//! steps of 10 s, and how long it takes to build one.
//!
//! `cargo bench -p hallward-simulator --bench physics`. Times are those that this thread spent on a core (Linux), so
//! that a busy machine does not count.

#![allow(missing_docs, clippy::expect_used, reason = "a benchmark may end at the first surprise")]

use std::{fs, hint::black_box, time::Duration};

use hallward_profiles::Library;
use hallward_simulator::{
    Action, DEMO_SITE, Hall,
    physics::{Building, Truth},
};
use hallward_site::Site;

const HOUR: Duration = Duration::from_secs(3600);

/// The best of so many runs counts.
const RUNS: u32 = 5;

fn main() {
    let library = Library::load(None).expect("the built-in profiles");
    let site = Site::parse("demo.toml", DEMO_SITE, &library).expect("the demo's site file");
    let calm = Building::new(&site);
    let from_calm = |course: fn(&mut Building)| {
        measure(|| {
            let mut hall = calm.clone();
            course(&mut hall);
            hall.truth()
        })
    };
    let quiet = from_calm(|hall| hall.advance(HOUR));
    let outage = from_calm(|hall| {
        hall.act(&Action::MainsOff { source: None }).expect("a source");
        hall.advance(HOUR / 2);
        hall.act(&Action::MainsOn { source: None }).expect("a source");
        hall.advance(HOUR / 2);
    });
    let day = from_calm(|hall| hall.advance_in(24 * HOUR, Duration::from_secs(10)));
    let built = measure(|| Hall::new(site.clone()).expect("a hall").truth());
    println!("{} devices", site.devices.len());
    print("a quiet hour", quiet);
    print("an hour with half an hour of outage", outage);
    print("a day in steps of 10 s", day);
    print("a hall built", built);
}

fn print(what: &str, time: Duration) {
    println!("{what:<40} {:>9.2} ms", time.as_secs_f64() * 1e3);
}

fn measure(run: impl Fn() -> Truth) -> Duration {
    let once = || {
        let before = on_core();
        black_box(run());
        on_core() - before
    };
    (0..RUNS).map(|_| once()).min().unwrap_or_default()
}

/// Time that this thread has spent on a core.
fn on_core() -> Duration {
    let stat = fs::read_to_string("/proc/thread-self/schedstat").expect("Linux");
    let nanoseconds = stat.split_whitespace().next().and_then(|first| first.parse().ok());
    Duration::from_nanos(nanoseconds.expect("nanoseconds"))
}
