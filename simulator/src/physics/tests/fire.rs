//! Smoke, detection, and the gas that puts it out.

use super::*;

fn panel(hall: &Building) -> truth::FireTruth {
    hall.truth().fire.into_iter().find(|one| one.id == "fire-panel").unwrap()
}

/// Lets time pass, a second at a time, until the panel's release is in `state`; returns how long that took, s.
fn until(hall: &mut Building, state: &str, most_s: u32) -> u32 {
    let found = (0..most_s).find(|_| {
        let there = panel(hall).suppression == Some(state);
        if !there {
            hall.advance(seconds(1.0));
        }
        there
    });
    found.unwrap_or_else(|| panic!("no {state} within {most_s} s: {:?}", panel(hall)))
}

#[test]
fn two_lines_count_down_and_release_the_agent() {
    let mut hall = demo();
    hall.start(Scenario::Smoke).unwrap();
    until(&mut hall, "pre-discharge", 240);
    assert_eq!(panel(&hall).zones, [true, true, false, false], "{:?}", panel(&hall));
    let counted_s = until(&mut hall, "discharged", 60);
    assert!((29..=31).contains(&counted_s), "{counted_s} s");
    hall.advance(seconds(12.0));
    let room = hall.truth().rooms.remove(0);
    assert!((5.0..5.4).contains(&room.agent_percent), "{room:?}");
    assert_eq!(panel(&hall).agent, Some(0.0));
    let smoke = room.smoke_percent_per_m;
    hall.advance(seconds(600.0));
    let room = hall.truth().rooms.remove(0);
    assert!(room.smoke_percent_per_m < 0.4 * smoke, "the source is out, smoke clears: {room:?}");
    assert!((room.agent_percent / 5.3 - 0.85).abs() < 0.02, "it holds for ten minutes: {room:?}");
}

#[test]
fn after_a_release_only_a_refill_makes_it_ready() {
    let mut hall = demo();
    hall.start(Scenario::Smoke).unwrap();
    until(&mut hall, "discharged", 300);
    hall.advance(seconds(3600.0));
    act(&mut hall, r#"{"do":"fire-reset"}"#);
    hall.advance(seconds(1.0));
    assert_eq!((panel(&hall).stage, panel(&hall).suppression), ("normal", Some("fault")));
    act(&mut hall, r#"{"do":"agent-refill"}"#);
    assert_eq!(panel(&hall).suppression, Some("ready"));
}

#[test]
fn who_holds_the_abort_button_holds_the_agent_back() {
    let mut hall = demo();
    hall.start(Scenario::Smoke).unwrap();
    until(&mut hall, "pre-discharge", 240);
    act(&mut hall, r#"{"do":"fire-abort","hold":true}"#);
    assert_eq!(panel(&hall).suppression, Some("aborted"));
    hall.advance(seconds(120.0));
    assert_eq!(panel(&hall).suppression, Some("aborted"));
    act(&mut hall, r#"{"do":"fire-abort","hold":false}"#);
    let counted_s = until(&mut hall, "discharged", 60);
    assert!((29..=31).contains(&counted_s), "counted anew: {counted_s} s");
}

#[test]
fn an_isolated_panel_detects_and_releases_nothing() {
    let mut hall = demo();
    act(&mut hall, r#"{"do":"fire-isolate","on":true}"#);
    hall.start(Scenario::Smoke).unwrap();
    hall.advance(seconds(400.0));
    assert_eq!((panel(&hall).stage, panel(&hall).suppression), ("fire", Some("isolated")));
    assert!(flag(&hall, "fire-panel", "isolated") && flag(&hall, "fire-panel", "fire.alarm"));
    assert!(hall.truth().rooms[0].agent_percent.abs() < f64::EPSILON);
}

#[test]
fn one_dirty_detector_alarms_and_releases_nothing_until_there_is_a_fire() {
    let mut hall = demo();
    act(&mut hall, r#"{"do":"false-alarm","device":"fire-panel"}"#);
    hall.advance(seconds(300.0));
    assert_eq!(panel(&hall).zones, [true, false, false, false]);
    assert_eq!((panel(&hall).stage, panel(&hall).suppression), ("fire", Some("ready")));
    act(&mut hall, r#"{"do":"fire-reset"}"#);
    hall.advance(seconds(2.0));
    assert_eq!(panel(&hall).stage, "fire", "dust stays");
    hall.start(Scenario::Smoke).unwrap();
    until(&mut hall, "discharged", 300);
}

#[test]
fn a_clean_detector_can_be_reset() {
    let mut hall = demo();
    act(&mut hall, r#"{"do":"false-alarm","device":"smoke-1"}"#);
    hall.advance(seconds(2.0));
    assert!(flag(&hall, "smoke-1", "fire.alarm") && number(&hall, "smoke-1", "smoke.obscuration") > 0.5);
    act(&mut hall, r#"{"do":"detector-repair"}"#);
    act(&mut hall, r#"{"do":"fire-reset"}"#);
    hall.advance(seconds(2.0));
    assert!(!flag(&hall, "smoke-1", "fire.alarm"));
}

#[test]
fn a_broken_detector_says_so_and_is_blind() {
    let mut hall = demo();
    act(&mut hall, r#"{"do":"detector-fault","device":"smoke-1"}"#);
    hall.start(Scenario::Smoke).unwrap();
    hall.advance(seconds(120.0));
    assert!(flag(&hall, "smoke-1", "fire.fault") && !flag(&hall, "smoke-1", "fire.alarm"));
    assert!(flag(&hall, "fire-panel", "fire.alarm") && !flag(&hall, "fire-panel", "fire.fault"));
}

#[test]
fn an_aspirating_detector_warns_in_stages() {
    let mut hall = demo();
    act(&mut hall, r#"{"do":"smoke","room":"room-a"}"#);
    let mut stages = vec!["normal"];
    for _ in 0..30 {
        hall.advance(seconds(1.0));
        let now = hall.truth().fire.into_iter().find(|one| one.id == "smoke-1").unwrap().stage;
        if stages.last() != Some(&now) {
            stages.push(now);
        }
    }
    assert_eq!(stages, ["normal", "alert", "action-1", "action-2", "fire"]);
    assert!(flag(&hall, "smoke-1", "alarm.alert") && flag(&hall, "smoke-1", "alarm.action-2"));
}

#[test]
fn smoke_that_ends_early_releases_nothing() {
    let mut hall = demo();
    hall.start(Scenario::Smoke).unwrap();
    hall.advance(seconds(60.0));
    act(&mut hall, r#"{"do":"smoke-ends"}"#);
    hall.advance(seconds(600.0));
    assert_eq!((panel(&hall).stage, panel(&hall).suppression), ("normal", Some("ready")));
}

#[test]
fn a_room_that_is_aired_has_no_smoke_until_more_comes() {
    let mut hall = demo();
    hall.start(Scenario::Smoke).unwrap();
    hall.advance(seconds(60.0));
    let smoke = |hall: &Building| hall.truth().rooms.iter().map(|room| room.smoke_percent_per_m).sum::<f64>();
    act(&mut hall, r#"{"do":"ventilate","room":"plant"}"#);
    assert!(smoke(&hall) > 2.0);
    act(&mut hall, r#"{"do":"ventilate"}"#);
    assert!(smoke(&hall) < 1e-9);
    hall.advance(seconds(60.0));
    assert!(smoke(&hall) > 2.0, "it still smoulders");
}

#[test]
fn the_countdown_lasts_as_long_as_it_says() {
    let mut hall = demo();
    hall.start(Scenario::Smoke).unwrap();
    hall.advance(seconds(400.0));
    let at_s = |code: &str| hall.events(0).into_iter().find(|event| event.code == code).unwrap().at_s;
    let counted_s = at_s("suppression.discharged") - at_s("suppression.pre-discharge");
    assert!((counted_s - 30.0).abs() < 1e-6, "{counted_s} s");
}
