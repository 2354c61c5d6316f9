//! Time may be cut as one likes, and the energy books balance whatever is done.

use proptest::prelude::*;

use super::*;

/// A small hall with one of each: two UPSs, of which one is old, carry the racks.
const SMALL: &str = "[site]\nid = \"small\"\nname = \"Small\"\ntime_zone = \"UTC\"\n\
    [[line]]\nid = \"a\"\ntcp = \"127.0.0.1:502\"\n\
    [[device]]\nid = \"ats\"\nline = \"a\"\nunit = 1\nprofile = \"socomec-atys-p-m\"\n\
    [[device]]\nid = \"gen\"\nline = \"a\"\nunit = 2\nprofile = \"dse-gencomm\"\n\
    [[device]]\nid = \"ups-a\"\nline = \"a\"\nunit = 3\nprofile = \"apc-smart-ups\"\n\
    [[device]]\nid = \"ups-b\"\nline = \"a\"\nunit = 4\nprofile = \"apc-smart-ups\"\n\
    [[device]]\nid = \"ac\"\nline = \"a\"\nunit = 5\nprofile = \"dataaire-dap4\"\n\
    [[source]]\nid = \"mains\"\nname = \"Grid\"\n[[load]]\nid = \"it\"\nname = \"Racks\"\n\
    [[feed]]\nfrom = \"mains\"\nto = \"ats\"\ninput = 1\n[[feed]]\nfrom = \"gen\"\nto = \"ats\"\ninput = 2\n\
    [[feed]]\nfrom = \"ats\"\nto = \"ups-a\"\n[[feed]]\nfrom = \"ats\"\nto = \"ups-b\"\n\
    [[feed]]\nfrom = \"ats\"\nto = \"ac\"\n\
    [[feed]]\nfrom = \"ups-a\"\nto = \"it\"\n[[feed]]\nfrom = \"ups-b\"\nto = \"it\"\n\
    [simulation]\nit_load_w = 10000\n[simulation.device.ups-a]\nrated_w = 10000\n\
    [simulation.device.ups-b]\nrated_w = 10000\nbattery_health = 0.2\n";

static CALM: LazyLock<Building> = LazyLock::new(|| Building::new(&site(SMALL)));

fn any_action() -> impl Strategy<Value = Action> {
    prop_oneof![on_mains(), on_generator(), on_ups()]
}

fn on_mains() -> impl Strategy<Value = Action> {
    prop_oneof![
        Just(Action::MainsOff { source: None }),
        Just(Action::MainsOn { source: None }),
        (0.0..130.0, 0.0..20.0).prop_map(|(percent, seconds)| Action::MainsSag {
            source: None,
            percent,
            seconds
        }),
        (45.0..55.0).prop_map(|hertz| Action::MainsFrequency { source: None, hertz }),
        Just(Action::SwitchSticks { device: None }),
        Just(Action::SwitchRepair { device: None }),
        (0.0..=300.0).prop_map(|percent| Action::ItLoad { percent }),
        Just(Action::CoolingTrip { device: Some("ac".to_owned()) }),
    ]
}

fn on_generator() -> impl Strategy<Value = Action> {
    let mode = prop_oneof![Just(ControlMode::Auto), Just(ControlMode::Manual), Just(ControlMode::Off)];
    prop_oneof![
        Just(Action::GeneratorCannotStart { device: None }),
        Just(Action::GeneratorStarterWeak { device: None }),
        Just(Action::GeneratorRepair { device: None }),
        Just(Action::GeneratorTrips { device: None }),
        (1.0..30.0, any::<bool>()).prop_map(|(seconds, on_load)| Action::GeneratorTest {
            device: None,
            seconds,
            on_load
        }),
        mode.prop_map(|mode| Action::GeneratorMode { device: None, mode }),
        (0.0..=100.0).prop_map(|percent| Action::Fuel { device: None, percent }),
    ]
}

fn on_ups() -> impl Strategy<Value = Action> {
    let device = || prop_oneof![Just(None), Just(Some("ups-a".to_owned())), Just(Some("ups-b".to_owned()))];
    prop_oneof![
        (device(), any::<bool>()).prop_map(|(device, on)| Action::UpsBypass { device, on }),
        device().prop_map(|device| Action::UpsTrips { device }),
        device().prop_map(|device| Action::UpsRepair { device }),
        (device(), 0.05..=1.0).prop_map(|(device, health)| Action::BatteryHealth { device, health }),
        (device(), 0.0..=100.0).prop_map(|(device, percent)| Action::BatteryCharge { device, percent }),
    ]
}

/// What is done, and how long it is left alone after that, ms.
fn any_course() -> impl Strategy<Value = Vec<(Action, u64)>> {
    prop::collection::vec((any_action(), prop_oneof![9 => 0..9_000_u64, 1 => 0..120_000_u64]), 1..8)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(ProptestConfig::default().cases / 4))]

    #[test]
    fn however_time_is_cut_the_hall_is_the_same_to_the_bit(
        course in any_course(),
        cuts in prop::collection::vec(1..5_000_u64, 1..20),
    ) {
        let (mut whole, mut cut) = (CALM.clone(), CALM.clone());
        let mut cuts = cuts.into_iter().cycle();
        for (action, wait_ms) in course {
            whole.act(&action).unwrap();
            cut.act(&action).unwrap();
            whole.advance(Duration::from_millis(wait_ms));
            let mut left_ms = wait_ms;
            while left_ms > 0 {
                let piece_ms = cuts.next().unwrap().min(left_ms);
                cut.advance(Duration::from_millis(piece_ms));
                left_ms -= piece_ms;
            }
            prop_assert_eq!(format!("{:?}", whole.truth()), format!("{:?}", cut.truth()));
        }
        prop_assert_eq!(whole.events(0), cut.events(0));
    }

    #[test]
    fn the_energy_books_balance_whatever_is_done(course in any_course()) {
        let mut hall = CALM.clone();
        let held_j = |hall: &Building| -> f64 { hall.truth().upses.iter().map(|ups| ups.energy_j).sum() };
        let at_start_j = held_j(&hall);
        hall.advance(seconds(60.0));
        for (action, wait_ms) in course {
            hall.act(&action).unwrap();
            hall.advance(Duration::from_millis(wait_ms));
        }
        hall.advance(seconds(2.0));
        let Books { supplied_j, it_j, cooling_j, cooling_indoors_j, ups_loss_j, stored_j, adjusted_j } =
            hall.truth().energy;
        let bound_j = 0.001 * supplied_j;
        let used_j = it_j + cooling_j + ups_loss_j + stored_j;
        prop_assert!((supplied_j - used_j).abs() < bound_j, "{supplied_j} J given, {used_j} J used");
        let gained_j = held_j(&hall) - at_start_j;
        prop_assert!((gained_j - stored_j - adjusted_j).abs() < bound_j, "{gained_j} J, {stored_j} J stored");
        let made_j: f64 = hall.truth().rooms.iter().map(|room| room.heat.made_j).sum();
        let into_rooms_j = it_j + cooling_indoors_j + ups_loss_j;
        prop_assert!((into_rooms_j - made_j).abs() < bound_j, "{into_rooms_j} J, {made_j} J of heat");
        prop_assert!(ups_loss_j >= 0.0 && it_j >= 0.0 && cooling_j >= 0.0);
    }
}

#[test]
fn another_seed_is_another_hall() {
    let after = |seed: u64| {
        let mut site = site(DEMO_SITE);
        site.simulation.seed = seed;
        let mut hall = Building::new(&site);
        hall.advance(seconds(30.0));
        hall.truth()
    };
    assert_eq!(after(7), after(7));
    assert_ne!(after(7), after(8));
}

#[test]
fn time_asked_for_is_time_passed() {
    let mut hall = demo();
    hall.advance(seconds(0.75));
    hall.advance(seconds(2.4));
    assert_eq!(hall.elapsed(), Duration::from_millis(3150));
    hall.act(&Action::MainsOff { source: None }).unwrap();
    assert_eq!(hall.elapsed(), Duration::from_millis(3150));
    assert!((hall.events(0)[0].at_s - 3.1).abs() < 1e-9);
}

#[test]
fn long_steps_see_the_same_outage_at_the_same_times() {
    let course = |longest_s: f64| {
        let mut hall = demo();
        hall.advance_in(seconds(3600.0), seconds(longest_s));
        hall.start(Scenario::MainsFailureGeneratorFails).unwrap();
        hall.advance_in(seconds(3600.0), seconds(longest_s));
        hall.start(Scenario::MainsRestored).unwrap();
        hall.advance_in(seconds(3600.0), seconds(longest_s));
        let power =
            |event: &Event| ["ups.", "generator.", "switch."].iter().any(|of| event.code.starts_with(of));
        (hall.events(0).into_iter().filter(power).collect::<Vec<_>>(), hall.truth())
    };
    let (usual, long) = (course(1.0), course(10.0));
    assert!(usual.0.len() > 8, "{:?}", usual.0);
    for (one, other) in usual.0.iter().zip(&long.0) {
        assert_eq!((one.code, &one.place), (other.code, &other.place));
        // A battery's end depends on the load, which wanders by chance.
        assert!((one.at_s - other.at_s).abs() < 30.0, "{one:?} {other:?}");
    }
    assert_eq!(usual.0.len(), long.0.len());
    let supplied = |truth: &Truth| truth.energy.supplied_j;
    assert!((supplied(&usual.1) / supplied(&long.1) - 1.0).abs() < 0.02);
}

#[test]
fn steps_are_long_while_an_overload_is_on_bypass() {
    for actions in [
        [r#"{"do":"it-load","percent":300}"#, r#"{"do":"it-load","percent":300}"#],
        [r#"{"do":"ups-bypass","on":true}"#, r#"{"do":"it-load","percent":300}"#],
    ] {
        let mut hall = CALM.clone();
        act(&mut hall, r#"{"do":"mains-on"}"#);
        actions.iter().for_each(|action| act(&mut hall, action));
        hall.advance(seconds(1000.0));
        let before = hall.changes();
        hall.advance(seconds(100.0));
        assert!(hall.changes() - before <= 101, "{} steps for 100 s", hall.changes() - before);
    }
}
