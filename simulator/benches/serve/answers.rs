//! The time that one answer takes, by profile, in the demo's hall: after a step of the hall, after a touch that has
//! changed nothing, and while nothing has happened at all. One register is read, so that the answer itself is short.

use std::{
    collections::BTreeMap,
    hint::black_box,
    time::{Duration, Instant},
};

use hallward_profiles::{Area, Library};
use hallward_simulator::{Action, DEMO_SITE, Hall};
use hallward_site::{Device, Site};

const ROUNDS: u32 = 2_000;

#[derive(Default)]
struct Spent {
    stepped: Duration,
    touched: Duration,
    resting: Duration,
    answers: u32,
    /// The longest after a step: a state has changed.
    longest: Duration,
}

pub(crate) fn measure() {
    let library = Library::load(None).expect("the profiles");
    let site = Site::parse("demo.toml", DEMO_SITE, &library).expect("the demo's site");
    let hall = Hall::new(site).expect("the demo's hall");
    hall.act(&Action::MainsOff { source: None }).expect("it has mains");
    let mut spent: BTreeMap<String, (usize, Spent)> = BTreeMap::new();
    let mut steps = Duration::ZERO;
    for _ in 0..ROUNDS {
        let begun = Instant::now();
        hall.advance(Duration::from_secs(1));
        steps += begun.elapsed();
        ask_all(&hall, &mut spent, |spent, time| {
            spent.stepped += time;
            spent.longest = spent.longest.max(time);
            spent.answers += 1;
        });
        hall.act(&Action::GeneratorRepair { device: None }).expect("nothing to repair");
        ask_all(&hall, &mut spent, |spent, time| spent.touched += time);
        ask_all(&hall, &mut spent, |spent, time| spent.resting += time);
    }
    println!("a second of the demo's hall: {:.1} us", (steps / ROUNDS).as_secs_f64() * 1e6);
    println!(
        "\n{:<24} {:>6} {:>12} {:>12} {:>12} {:>10}",
        "us an answer", "points", "stepped", "unchanged", "resting", "longest"
    );
    for (profile, (points, spent)) in spent {
        let each = |time: Duration| time.as_secs_f64() * 1e6 / f64::from(spent.answers);
        println!(
            "{profile:<24} {points:>6} {:>12.2} {:>12.2} {:>12.2} {:>10.0}",
            each(spent.stepped),
            each(spent.touched),
            each(spent.resting),
            spent.longest.as_secs_f64() * 1e6
        );
    }
}

fn ask_all(
    hall: &Hall,
    spent: &mut BTreeMap<String, (usize, Spent)>,
    mut add: impl FnMut(&mut Spent, Duration),
) {
    for device in &hall.site().devices {
        let request = request(device);
        let begun = Instant::now();
        black_box(hall.ask(device.id.as_str(), black_box(&request))).expect("an answer");
        let time = begun.elapsed();
        let name = device.profile.id.to_string();
        add(&mut spent.entry(name).or_insert_with(|| (device.map.points.len(), Spent::default())).1, time);
    }
}

/// Reads the device's first point.
fn request(device: &Device) -> [u8; 5] {
    let point = device.map.points.iter().find(|point| point.is_read()).expect("a point");
    let function = match point.area {
        Area::Coil => 1,
        Area::Discrete => 2,
        Area::Holding => 3,
        Area::Input => 4,
    };
    let [a1, a2] = point.addresses[0].to_be_bytes();
    [function, a1, a2, 0, 1]
}
