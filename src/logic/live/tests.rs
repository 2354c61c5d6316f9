//! What follows from reports, as stories.

use hallward_profiles::Library;
use hallward_site::Site;

use super::*;
use crate::model::Trust;

const DEVICE: DeviceIx = DeviceIx(0);
const KEY: DeviceKey = DeviceKey(0);
const TEMPERATURE: PointIx = PointIx(0);
const HUMIDITY: PointIx = PointIx(1);

/// One XY-MD02: temperature, humidity and the dew point that follows from them.
fn live() -> Live {
    let site = "[site]\nid = \"s\"\nname = \"s\"\ntime_zone = \"UTC\"\n[[line]]\nid = \"l\"\ntcp = \"h:502\"\n\
                [[device]]\nid = \"d\"\nline = \"l\"\nprofile = \"xy-md02\"\n";
    let library = Library::load(None).unwrap_or_else(|e| panic!("{e:?}"));
    let site = Site::parse("site.toml", site, &library).unwrap_or_else(|e| panic!("{e}"));
    let plant = Arc::new(Plant::new(site, false));
    Live::new(plant, &[vec![vec![TEMPERATURE, HUMIDITY]]])
}

fn now(seconds: i64) -> Now {
    let us = seconds * 1_000_000;
    Now { mono: Mono(us.unsigned_abs()), wall: Wall(us), trust: Trust::Unknown }
}

fn poll(live: &mut Live, seconds: i64, temperature: Result<f64, Quality>) -> Vec<Output> {
    let samples = [(TEMPERATURE, temperature.map(Value::Number)), (HUMIDITY, Ok(Value::Number(50.0)))];
    tell(live, seconds, &samples.into())
}

fn tell(live: &mut Live, seconds: i64, samples: &Samples) -> Vec<Output> {
    let samples = Arc::clone(samples);
    let time = now(seconds).wall;
    handle(live, seconds, Input::Block { device: KEY, block: 0, time, samples })
}

fn handle(live: &mut Live, seconds: i64, input: Input) -> Vec<Output> {
    let mut out = Vec::new();
    live.handle(now(seconds), input, &mut out);
    out
}

fn reading(live: &Live, name: &str) -> (Option<f64>, Quality) {
    let point = live.plant.devices[0].find(name).unwrap();
    let snapshot = live.snapshot(Wall(0));
    let reading = snapshot.reading(PointRef { device: DEVICE, point }).unwrap();
    (reading.value().and_then(Value::number), reading.quality())
}

#[test]
fn a_block_brings_values_and_what_follows_from_them() {
    let mut live = live();
    let out = poll(&mut live, 1, Ok(20.0));
    assert_eq!(reading(&live, "temperature"), (Some(20.0), Quality::Good));
    let (dew_point, quality) = reading(&live, "dew-point");
    assert!((dew_point.unwrap() - 9.3).abs() < 0.1 && quality == Quality::Good);
    let rows: Vec<_> = out.iter().filter(|output| matches!(output, Output::Row(_))).collect();
    assert_eq!(rows.len(), 2, "the block's row and the derived one: {rows:?}");
}

#[test]
fn a_failed_poll_keeps_the_value_and_marks_it() {
    let mut live = live();
    poll(&mut live, 1, Ok(20.0));
    handle(&mut live, 2, Input::Stale(KEY));
    assert_eq!(reading(&live, "temperature"), (Some(20.0), Quality::Stale));
    assert_eq!(reading(&live, "dew-point").1, Quality::Stale);
}

#[test]
fn a_lost_device_has_no_values_and_one_record_and_its_return_another() {
    let mut live = live();
    poll(&mut live, 1, Ok(20.0));
    let out = handle(&mut live, 4, Input::Lost(KEY, Quality::Timeout));
    assert_eq!(reading(&live, "temperature"), (None, Quality::Timeout));
    let codes = |out: &[Output]| {
        let mut records = Vec::new();
        for output in out {
            if let Output::Record(record) = output {
                records.push((record.code, record.body.clone()));
            }
        }
        records
    };
    assert_eq!(codes(&out), [("device.offline", [("reason".into(), "timeout".into())].into())]);
    let out = handle(&mut live, 64, Input::Found(KEY));
    assert_eq!(codes(&out), [("device.online", [("offline_s".into(), "60".into())].into())]);
    assert!(codes(&handle(&mut live, 65, Input::Found(KEY))).is_empty());
}

#[test]
fn a_wrong_device_is_not_believed_until_the_right_one_is_back() {
    let mut live = live();
    poll(&mut live, 1, Ok(20.0));
    let out = handle(&mut live, 2, Input::WrongDevice(KEY, "OTHER".into()));
    assert_eq!(reading(&live, "temperature"), (None, Quality::WrongDevice));
    assert_eq!(reading(&live, "dew-point").0, None);
    let is_record =
        |output: &&Output| matches!(output, Output::Record(record) if record.code == "device.wrong");
    assert_eq!(out.iter().filter(is_record).count(), 1);
    handle(&mut live, 3, Input::RightDevice(KEY));
    poll(&mut live, 3, Ok(20.0));
    assert_eq!(reading(&live, "temperature").1, Quality::Good);
}

#[test]
fn a_clock_set_back_does_not_keep_old_values_fresh() {
    let mut live = live();
    poll(&mut live, 1, Ok(20.0));
    let mut later = now(10);
    later.wall = Wall(-3_600_000_000);
    live.handle(later, Input::Tick, &mut Vec::new());
    assert_eq!(reading(&live, "temperature"), (Some(20.0), Quality::Stale));
}

#[test]
fn a_report_of_a_line_that_is_gone_changes_nothing() {
    let mut live = live();
    assert!(handle(&mut live, 1, Input::Found(DeviceKey(7))).is_empty());
}

#[test]
fn no_result_for_three_periods_is_stale() {
    let mut live = live();
    poll(&mut live, 1, Ok(20.0));
    handle(&mut live, 4, Input::Tick);
    assert_eq!(reading(&live, "temperature").1, Quality::Good);
    handle(&mut live, 5, Input::Tick);
    assert_eq!(reading(&live, "temperature"), (Some(20.0), Quality::Stale));
}

#[test]
fn only_a_changed_value_or_quality_counts_as_a_change_of_the_device() {
    let mut live = live();
    poll(&mut live, 1, Ok(20.0));
    let before = live.snapshot(Wall(0)).devices[0].changed;
    poll(&mut live, 2, Ok(20.0));
    assert_eq!(live.snapshot(Wall(0)).devices[0].changed, before);
    poll(&mut live, 3, Err(Quality::OutOfRange));
    assert!(live.snapshot(Wall(0)).devices[0].changed > before);
}

#[test]
fn samples_that_are_shared_count_as_told_again_until_something_else_touches_their_points() {
    let samples: Samples =
        [(TEMPERATURE, Ok(Value::Number(20.0))), (HUMIDITY, Ok(Value::Number(50.0)))].into();
    let mut again = live();
    let mut anew = live();
    for (seconds, before) in [
        (1, None),
        (2, None),
        (3, Some(Input::Stale(KEY))),
        (4, None),
        (9, Some(Input::Tick)),
        (10, None),
        (11, Some(Input::Lost(KEY, Quality::Timeout))),
        (12, None),
        (13, Some(Input::WrongDevice(KEY, "OTHER".into()))),
        (14, None),
    ] {
        if let Some(input) = before {
            assert_eq!(handle(&mut again, seconds, input.clone()), handle(&mut anew, seconds, input));
        }
        let other: Samples = samples.iter().cloned().collect();
        assert_eq!(tell(&mut again, seconds, &samples), tell(&mut anew, seconds, &other), "{seconds} s");
        assert_eq!(again.snapshot(Wall(0)).devices, anew.snapshot(Wall(0)).devices, "{seconds} s");
    }
    assert_eq!(reading(&again, "temperature"), (Some(20.0), Quality::Good));
}
