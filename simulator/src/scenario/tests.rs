//! Scenarios: how they are read, and how they run in explicit time.

use std::time::Duration;

use hallward_profiles::Library;
use hallward_site::Site;

use super::*;
use crate::{DEMO_SITE, Hall, Truth};

fn hall_of(site: &str) -> Hall {
    Hall::new(Site::parse("test.toml", site, &Library::load(None).unwrap()).unwrap()).unwrap()
}

fn demo() -> Hall {
    hall_of(DEMO_SITE)
}

/// A hall with a UPS and nothing else.
fn small() -> Hall {
    hall_of(
        "[site]\nid = \"s\"\nname = \"S\"\ntime_zone = \"UTC\"\n[[line]]\nid = \"ups\"\ntcp = \"10.0.0.1:502\"\n\
         [[device]]\nid = \"ups-a\"\nname = \"U\"\nline = \"ups\"\nprofile = \"apc-smart-ups\"\nevery = \"1s\"\n",
    )
}

fn script(steps: &str) -> Result<Script, String> {
    Script::from_toml(&format!("name = \"own\"\nwhat = {{ en = \"e\", vi = \"v\" }}\n{steps}"))
}

fn state(hall: &Hall) -> (RunState, usize) {
    hall.runs().last().map(|run| (run.state, run.done)).unwrap()
}

#[test]
fn every_scenario_of_the_simulator_loads_under_its_name_and_is_in_both_languages() {
    for scenario in Scenario::ALL {
        let script = scenario.script().unwrap_or_else(|wrong| panic!("{scenario}: {wrong}"));
        assert_eq!(script.name.as_str(), scenario.name());
        assert_eq!(scenario.name().parse(), Ok(scenario));
        let texts = [&script.what.en, &script.what.vi];
        assert!(
            texts.iter().all(|text| text.ends_with('.')) && script.what.en != script.what.vi,
            "{scenario}"
        );
    }
}

#[test]
fn every_scenario_of_the_simulator_runs_to_its_end_in_a_hall_that_has_everything() {
    let calm = demo();
    for scenario in Scenario::ALL {
        let (is_long, is_a_day) =
            (scenario == Scenario::NormalQuarter, scenario == Scenario::StaffAndVisitors);
        calm.reset();
        calm.start(scenario).unwrap_or_else(|wrong| panic!("{wrong}"));
        let hours = if is_a_day { 10 } else { 2 };
        calm.advance_in(Duration::from_secs(hours * 3600), Duration::from_secs(10));
        let run = calm.runs().pop().unwrap();
        let expected = if is_long { RunState::Running } else { RunState::Ended };
        assert_eq!(run.state, expected, "{run:?}");
    }
}

#[test]
fn names_of_the_halls_own_things_stand_for_them_and_optional_steps_may_lack_them() {
    let hall = demo();
    hall.play(&script("[[step]]\ndo = \"force\"\ndoor = \"@door.1\"\n").unwrap()).unwrap();
    assert_eq!(serde_json::to_value(hall.truth()).unwrap()["doors"][0]["leaf"], "forced");
    hall.play(&script("[[step]]\ndo = \"cooling-trip\"\ndevice = \"@cooling.2\"\n").unwrap()).unwrap();
    assert_eq!(hall.truth().cooling[1].state, "fault");
    let second = "[[step]]\ndo = \"force\"\ndoor = \"@door.3\"\n";
    let said = hall.play(&script(second).unwrap()).unwrap_err().to_string();
    assert_eq!(said, "scenario `own`, step 1: this hall has no `@door.3`");
    hall.play(&script(&format!("{second}optional = true\n")).unwrap()).unwrap();
    assert_eq!(state(&hall), (RunState::Ended, 1));
}

#[test]
fn steps_are_done_at_their_times_and_when_their_condition_comes() {
    let steps = "[[step]]\nafter = \"5s\"\ndo = \"mains-off\"\n\
                 [[step]]\nwhen = { truth = \"transfer_switches.*.position\", is = \"2\" }\nwithin = \"1m\"\n\
                 [[step]]\nafter = \"30s\"\ndo = \"mains-on\"\n\
                 [[step]]\nwhen = { point = \"ups-a/ups.status\", is = \"online\" }\nwithin = \"1m\"\n\
                 fault = { device = \"ups-a\", kind = \"silence\" }\n\
                 [[step]]\nafter = \"10s\"\nend-faults = {}\n";
    let hall = demo();
    hall.play(&script(steps).unwrap()).unwrap();
    let on = |hall: &Hall| hall.truth().sources.iter().all(|source| source.on);
    hall.advance(Duration::from_millis(4_900));
    assert!(on(&hall) && state(&hall) == (RunState::Running, 0));
    hall.advance(Duration::from_millis(200));
    assert!(!on(&hall) && state(&hall) == (RunState::Running, 1));
    hall.advance(Duration::from_secs(20));
    assert!(!on(&hall) && state(&hall) == (RunState::Running, 2), "the switch has transferred");
    hall.advance(Duration::from_secs(30));
    assert!(on(&hall) && state(&hall) == (RunState::Running, 4), "{:?}", state(&hall));
    hall.advance(Duration::from_secs(10));
    assert_eq!(state(&hall), (RunState::Ended, 5));
}

#[test]
fn the_result_does_not_depend_on_the_spans_in_which_time_is_asked_for() {
    let steps = "[[step]]\nafter = \"3s\"\ndo = \"mains-off\"\n\
                 [[step]]\nwhen = { truth = \"upses.ups-a.charge\", below = 0.995 }\nwithin = \"1h\"\n\
                 do = \"mains-on\"\n";
    let after = |spans: &[f64]| -> (Truth, Vec<Run>) {
        let hall = demo();
        hall.advance(Duration::from_millis(300));
        hall.play(&script(steps).unwrap()).unwrap();
        spans.iter().for_each(|span| hall.advance(Duration::from_secs_f64(*span)));
        (hall.truth(), hall.runs())
    };
    let whole = after(&[40.0]);
    assert_eq!(whole.1[0].state, RunState::Ended);
    assert_eq!(after(&[0.5; 80]), whole);
    assert_eq!(after(&[3.1, 0.2, 11.7, 25.0]), whole);
}

#[test]
fn a_condition_that_does_not_come_ends_the_scenario() {
    let hall = demo();
    let never = "[[step]]\nwhen = { truth = \"it_w\", below = 1 }\nwithin = \"1m\"\ndo = \"mains-off\"\n";
    hall.play(&script(never).unwrap()).unwrap();
    hall.advance(Duration::from_secs(59));
    assert_eq!(state(&hall), (RunState::Running, 0));
    hall.advance(Duration::from_secs(1));
    let run = hall.runs().pop().unwrap();
    assert_eq!((run.state, run.done), (RunState::Failed, 0));
    assert_eq!(run.why.unwrap(), "step 1: what it waits for did not come in 60 s");
}

#[test]
fn steps_come_again_in_order() {
    let steps = "[[step]]\nat = \"10s\"\nevery = \"20s\"\ntimes = 2\ndo = \"mains-off\"\n\
                 [[step]]\nat = \"15s\"\nevery = \"20s\"\ntimes = 2\ndo = \"mains-on\"\n";
    let hall = demo();
    hall.play(&script(steps).unwrap()).unwrap();
    let mut seen = Vec::new();
    for _ in 0..8 {
        hall.advance(Duration::from_secs(5));
        seen.push(hall.truth().sources.iter().all(|source| source.on));
    }
    assert_eq!(seen, [true, false, true, true, true, false, true, true]);
}

#[test]
fn what_the_hall_has_not_got_is_said_before_anything_is_done() {
    let hall = small();
    let said = hall.start(Scenario::MainsFailureGeneratorFails).unwrap_err().to_string();
    assert_eq!(said, "scenario `mains-failure-generator-fails`, step 1: this hall has no generator");
    let later = "[[step]]\ndo = \"mains-off\"\n[[step]]\nafter = \"1h\"\ndo = \"leak\"\n";
    let said = hall.play(&script(later).unwrap()).unwrap_err().to_string();
    assert_eq!(said, "scenario `own`, step 2: this hall has no leak detection");
    for (step, said) in [
        ("fault = { device = \"nobody\", kind = \"silence\" }", "there is no device `nobody`; one of: ups-a"),
        (
            "when = { truth = \"upses.ups-b.mode\", is = \"off\" }\nwithin = \"1m\"",
            "there is no part of `truth.upses` `ups-b`; one of: ups-a",
        ),
        (
            "when = { truth = \"cooling.*.state\", is = \"off\" }\nwithin = \"1m\"",
            "there is no part of `truth.cooling` `*`; there is none",
        ),
    ] {
        let later = format!("[[step]]\ndo = \"mains-off\"\n[[step]]\n{step}\n");
        let told = hall.play(&script(&later).unwrap()).unwrap_err().to_string();
        assert!(told.starts_with(&format!("scenario `own`, step 2: {said}")), "{told}");
    }
    assert!(hall.runs().is_empty() && hall.truth().sources.iter().all(|source| source.on));
}

#[test]
fn what_is_written_wrong_is_said_once_and_clearly() {
    for (steps, said) in [
        ("", "missing field `step`"),
        ("step = []", "scenario `own` has no step"),
        ("[[step]]\n", "one thing: `do`, `fault` or `end-faults`"),
        ("[[step]]\ndo = \"flood\"", "step 1: `do`: `flood` is not known here; GET /openapi.json lists all "),
        ("[[step]]\ndo = \"leak\"\nroom = \"a\"", "`room` is no key here; one of: device"),
        ("[[step]]\ndo = \"leak\"\nat = \"soon\"", "`soon` is no span of time"),
        ("[[step]]\ndo = \"leak\"\nat = \"1s\"\nafter = \"1s\"", "one of `at`, `after`, `when`"),
        ("[[step]]\ndo = \"leak\"\nwithin = \"1s\"", "`within` needs `when`"),
        ("[[step]]\nwhen = { truth = \"it_w\", is = 1 }", "`when` needs `within`"),
        ("[[step]]\nwhen = { truth = \"it_w\" }\nwithin = \"1s\"", "needs one of is, not, above, below"),
        ("[[step]]\nwhen = { point = \"it_w\", is = 1 }\nwithin = \"1s\"", "a device and its point"),
        (
            "[[step]]\nwhen = { truth = \"it_w\", is = 1, above = 1 }\nwithin = \"1s\"",
            "is, not, above and below",
        ),
        ("[[step]]\nwhen = { all = [] }\nwithin = \"1s\"", "all and any take one condition or more"),
        (
            "[[step]]\nwhen = { any = [{ truth = \"it_w\", is = 1 }, { point = \"a/b\", quality = \"timeout\" }] }\nwithin = \"1s\"",
            "step 1: `quality` is what a gateway thinks, and scenarios see none",
        ),
        ("[[step]]\nwhen = { is = 1 }\nwithin = \"1s\"", "truth or point with a test, all, any"),
        ("[[step]]\nat = \"1s\"\nevery = \"1s\"\ndo = \"leak\"", "`every` and `times`"),
        ("[[step]]\nat = \"1s\"\nevery = \"0s\"\ntimes = 3\ndo = \"leak\"", "must be 1s or more"),
        ("[[step]]\nevery = \"1s\"\ntimes = 3\ndo = \"leak\"", "`every` needs `at` in each step"),
        (
            "[[step]]\nat = \"1s\"\nevery = \"1s\"\ntimes = 20000\ndo = \"leak\"\n[[step]]\nat = \"1s\"\ndo = \"leak\"",
            "more than 20000 steps",
        ),
    ] {
        let told = script(steps).map(|script| format!("{script:?}")).unwrap_err();
        assert!(told.contains(said), "{steps}: {told}");
    }
}

#[test]
fn conditions_combine_and_missing_values_pass_nothing() {
    let hall = demo();
    let holds = |written: &str| {
        let condition: crate::Condition = serde_json::from_str(written).unwrap();
        condition.holds(&crate::condition::Sight::new(&hall, None))
    };
    for (written, is) in [
        (r#"{ "truth": "upses.ups-a.charge", "above": 0.99, "below": 1.01 }"#, true),
        (r#"{ "truth": "upses.ups-a.charge", "is": 1 }"#, true),
        (r#"{ "truth": "upses.*.mode", "not": "online" }"#, false),
        (r#"{ "truth": "cooling.*.state", "is": "standby" }"#, true),
        (r#"{ "point": "ups-a/ups.status", "is": "online" }"#, true),
        (r#"{ "point": "ups-a/ups.status", "is": "online", "quality": "stale" }"#, false),
        (r#"{ "point": "ups-a/battery.charge", "quality": "good" }"#, true),
        (r#"{ "point": "smoke-1/fire.alarm", "is": false }"#, true),
        (r#"{ "all": [{ "truth": "it_w", "above": 0 }, { "truth": "it_w", "below": 0 }] }"#, false),
        (r#"{ "any": [{ "truth": "it_w", "above": 0 }, { "truth": "it_w", "below": 0 }] }"#, true),
    ] {
        assert_eq!(holds(written), Ok(is), "{written}");
    }
    for (written, said) in [
        (r#"{ "truth": "upses", "is": 1 }"#, "`upses` is no value but has parts: ups-a, ups-b"),
        (
            r#"{ "truth": "upses.ups-a.colour", "is": 1 }"#,
            "no part of `truth.upses.ups-a` `colour`; one of: ",
        ),
        (
            r#"{ "point": "ups-c/ups.status", "is": "online" }"#,
            "no device `ups-c`; did you mean one of: ups-a, ups-b? GET /devices lists all ",
        ),
        (
            r#"{ "point": "ups-a/colour", "is": "red" }"#,
            "no point of `ups-a` `colour`; GET /points?device=ups-a lists all ",
        ),
        (
            r#"{ "any": [{ "truth": "it_w", "above": 0 }, { "truth": "x", "is": 1 }] }"#,
            "no part of `truth` `x`",
        ),
    ] {
        let told = holds(written).unwrap_err();
        assert!(told.contains(said), "{written}: {told}");
    }
}

#[test]
fn there_is_a_bound_to_all_of_it() {
    let hall = demo();
    let long = script("[[step]]\nafter = \"1d\"\ndo = \"leak\"").unwrap();
    assert!((0..16).all(|_| hall.play(&long).is_ok()));
    assert_eq!(hall.play(&long), Err(CannotStart::TooMany));
    assert_eq!((hall.stop_scenarios(Some("leak")), hall.stop_scenarios(Some("own"))), (0, 16));
    assert!((0..60).all(|_| hall.start(Scenario::Leak).is_ok()));
    assert_eq!((hall.runs().len(), hall.runs().last().unwrap().id), (48, 76));
    for n in 0..64 {
        hall.add_scenario(Script { name: format!("own-{n}").parse().unwrap(), ..long.clone() }).unwrap();
    }
    let taken = Script { name: "leak".parse().unwrap(), ..long.clone() };
    assert!(hall.add_scenario(taken).unwrap_err().to_string().starts_with("`leak` is the name of"));
    assert_eq!(hall.add_scenario(long), Err(CannotStart::TooManyOwn));
    hall.reset();
    assert!(hall.runs().is_empty() && hall.scripts().len() == Scenario::ALL.len() + 64);
}

#[test]
fn a_condition_is_bounded_as_a_whole() {
    let test = r#"{ "truth": "it_w", "above": 0 }"#;
    let any = |many: usize| format!(r#"{{ "any": [{}] }}"#, vec![test; many].join(", "));
    let all = |many: usize| format!(r#"{{ "all": [{}, {}] }}"#, any(32), any(many));
    let read = |written: String| serde_json::from_str::<crate::Condition>(&written);
    assert!(read(all(32)).is_ok() && read(any(64)).is_ok());
    let said = read(all(33)).unwrap_err().to_string();
    assert!(said.starts_with("a condition takes up to 64 tests in all, not 65"), "{said}");
}
