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

/// Times of single answers, ns.
#[derive(Default)]
struct Spent {
    points: usize,
    stepped: Vec<u64>,
    touched: Vec<u64>,
    resting: Vec<u64>,
}

pub(crate) fn measure() {
    let library = Library::load(None).expect("the profiles");
    let site = Site::parse("demo.toml", DEMO_SITE, &library).expect("the demo's site");
    let hall = Hall::new(site).expect("the demo's hall");
    hall.act(&Action::MainsOff { source: None }).expect("it has mains");
    let mut spent: BTreeMap<String, Spent> = BTreeMap::new();
    for _ in 0..ROUNDS {
        hall.advance(Duration::from_secs(1));
        ask_all(&hall, &mut spent, |spent| &mut spent.stepped);
        hall.act(&Action::GeneratorRepair { device: None }).expect("nothing to repair");
        ask_all(&hall, &mut spent, |spent| &mut spent.touched);
        ask_all(&hall, &mut spent, |spent| &mut spent.resting);
    }
    println!("us an answer: half of them within, and (99 % within)");
    println!("{:<24} {:>6} {:>16} {:>16} {:>16}", "", "points", "stepped", "unchanged", "resting");
    for (profile, mut spent) in spent {
        let points = spent.points;
        let [stepped, unchanged, resting] =
            [&mut spent.stepped, &mut spent.touched, &mut spent.resting].map(|times| shares(times));
        println!("{profile:<24} {points:>6} {stepped:>16} {unchanged:>16} {resting:>16}");
    }
}

/// The median of `times`, and within which 99 % of them are, us.
fn shares(times: &mut [u64]) -> String {
    times.sort_unstable();
    let [half, most] = [50, 99].map(|percent| Duration::from_nanos(times[times.len() * percent / 100]));
    format!("{:.2} ({:.1})", half.as_secs_f64() * 1e6, most.as_secs_f64() * 1e6)
}

fn ask_all(hall: &Hall, spent: &mut BTreeMap<String, Spent>, of: impl Fn(&mut Spent) -> &mut Vec<u64>) {
    for device in &hall.site().devices {
        let request = request(device);
        let begun = Instant::now();
        black_box(hall.ask(device.id.as_str(), black_box(&request))).expect("an answer");
        let time = u64::try_from(begun.elapsed().as_nanos()).expect("not centuries");
        let spent = spent.entry(device.profile.id.to_string()).or_default();
        spent.points = device.map.points.len();
        of(spent).push(time);
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
