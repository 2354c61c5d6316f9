//! When faults strike, how often, which of them, and which cannot be.

use std::{sync::Arc, time::Duration};

use hallward_profiles::Encoding;
use hallward_simulator::{Fault, FaultKind, FaultRequest, Hall};
use serde_json::json;

use super::{Client, IS_1, NOTHING, WHO_1, hall, is, who};
use crate::client::{device, site};

fn request(json: &serde_json::Value) -> FaultRequest {
    serde_json::from_value(json.clone()).unwrap()
}

fn silence(device: &str) -> Fault {
    Fault::of_device(device.parse().unwrap(), FaultKind::Silence)
}

#[tokio::test(start_paused = true)]
async fn a_fault_begins_and_ends_by_the_time_of_the_hall() {
    let mut bus = Client::on("bus");
    let (after, length) = (Duration::from_secs(60), Duration::from_secs(30));
    bus.devices.set_fault(Fault { after, length: Some(length), ..silence("bus-1") }).unwrap();
    for (passed, answers, listed) in
        [(0, true, 1), (59, true, 1), (1, false, 1), (29, false, 1), (1, true, 0)]
    {
        bus.devices.advance(Duration::from_secs(passed));
        assert_eq!(!bus.ask(&WHO_1).await.is_empty(), answers, "{:?}", bus.devices.elapsed());
        assert_eq!(bus.devices.faults().len(), listed);
    }
}

/// Which of a hundred requests were answered.
async fn answered(seed: u64, probability: f64) -> Vec<bool> {
    let devices = hall(seed);
    devices.set_fault(Fault { probability, ..silence("net-1") }).unwrap();
    let mut net = Client::of(&devices, "net");
    let mut answered = Vec::new();
    for turn in 0..100 {
        answered.push(!net.ask(&who(turn, 1)).await.is_empty());
        // What happens to others does not count.
        net.ask(&who(turn, 2)).await;
    }
    answered
}

#[tokio::test(start_paused = true)]
async fn a_fault_strikes_as_often_as_its_probability_says_and_by_the_seed() {
    let (first, same, other) = (answered(1, 0.3).await, answered(1, 0.3).await, answered(2, 0.3).await);
    assert!(first == same && first != other);
    let silent = first.iter().filter(|answered| !**answered).count();
    assert!((17..=43).contains(&silent), "{silent} of 100");
}

#[tokio::test(start_paused = true)]
async fn faults_on_one_place_combine_in_their_order() {
    let mut net = Client::with("net", FaultKind::Twice);
    let put =
        |net: &Client, kind| net.devices.set_fault(Fault::of_device("net-1".parse().unwrap(), kind)).unwrap();
    put(&net, FaultKind::WrongUnit);
    assert_eq!(net.ask(&who(1, 1)).await, [is(1, 2), is(1, 2)].concat());
    put(&net, FaultKind::Exception { code: 4 });
    let refusal = [0, 2, 0, 0, 0, 3, 2, 0x83, 4];
    assert_eq!(net.ask(&who(2, 1)).await, [refusal, refusal].concat());
    put(&net, FaultKind::Delay { ms: 900 });
    assert_eq!(net.ask(&who(3, 1)).await, NOTHING);
    put(&net, FaultKind::Silence);
    assert_eq!(net.receive_for(Duration::from_secs(1)).await.len(), 18, "the delayed one");
    assert_eq!(net.ask(&who(4, 1)).await, NOTHING);
}

#[tokio::test(start_paused = true)]
async fn each_fault_has_a_number_by_which_it_ends() {
    let mut bus = Client::on("bus");
    let one = bus.devices.set_fault(silence("bus-1")).unwrap();
    let other = bus.devices.set_fault(silence("bus-2")).unwrap();
    assert_eq!(bus.devices.faults(), [one.clone(), other.clone()]);
    assert!(bus.devices.clear_fault(one.id) && !bus.devices.clear_fault(one.id));
    assert_eq!((bus.ask(&WHO_1).await, bus.devices.faults()), (IS_1.to_vec(), vec![other]));
    bus.devices.reset();
    assert_eq!(bus.devices.faults(), []);
    assert_eq!(bus.devices.set_fault(silence("bus-1")).unwrap().id, one.id, "as in a new hall");
}

#[test]
fn a_fault_is_written_as_it_is_read() {
    for json in [
        json!({ "device": "net-1", "kind": "silence" }),
        json!({ "line": "net", "kind": "refuse", "after_s": 1.5, "for_s": 60.0 }),
        json!({ "line": "bus", "unit": 2, "kind": "byte-loss", "probability": 0.01 }),
        json!({ "device": "net-1", "point": "temperature", "kind": "spike", "factor": 10.0, "probability": 0.1 }),
        json!({ "device": "net-1", "point": "temperature", "kind": "stuck-bit", "bit": 3, "on": false }),
        json!({ "device": "net-1", "kind": "reboot", "seconds": 20 }),
    ] {
        let fault: Fault = serde_json::from_value(json.clone()).unwrap();
        fault.check(hall(1).site()).unwrap();
        assert_eq!(serde_json::to_value(fault).unwrap(), json);
    }
}

#[test]
fn a_fault_that_cannot_be_gets_one_clear_message() {
    let hall = hall(1);
    let point = |kind: &str| json!({ "device": "net-1", "point": "temperature", "kind": kind });
    let with = |mut fault: serde_json::Value, key: &str, value: serde_json::Value| {
        fault[key] = value;
        fault
    };
    let silence = json!({ "device": "net-1", "kind": "silence" });
    for (fault, said) in [
        (json!({ "kind": "silence" }), "`silence` needs a place: device, or line and unit, or line alone"),
        (with(silence.clone(), "line", json!("net")), "`silence` needs a place"),
        (with(silence.clone(), "point", json!("temperature")), "and no point"),
        (with(silence.clone(), "after_s", json!(-1)), "after_s must be 0 to 31622400"),
        (with(silence.clone(), "for_s", json!(0)), "for_s must be above 0, to 31622400"),
        (with(silence.clone(), "probability", json!(0)), "probability must be above 0, to 1"),
        (with(silence.clone(), "probability", json!(1.5)), "probability must be above 0, to 1"),
        (with(silence, "kind", json!("flood")), "there is no fault `flood`; one of: silence, refuse"),
        (json!({ "device": "NET", "kind": "silence" }), "`NET` is no device"),
        (json!({ "line": "net", "unit": 9, "kind": "silence" }), "no unit 9 on line `net`; one of: 1, 2, 3"),
        (json!({ "line": "net", "kind": "identity" }), "`identity` needs a place: device, or line and unit"),
        (
            json!({ "device": "net-1", "kind": "drift", "per_hour": 1 }),
            "`drift` needs a place: device and point",
        ),
        (point("drift"), "`drift` needs per_hour"),
        (point("spike"), "`spike` needs either value, in the point's unit, or factor"),
        (with(with(point("spike"), "value", json!(1)), "factor", json!(2)), "either value"),
        (point("stuck-bit"), "`stuck-bit` needs bit"),
        (with(point("stuck-bit"), "bit", json!(16)), "a bit 16, and `temperature` of profile `xy-md02`"),
        (point("sentinel"), "\"not available\", and `temperature` of profile `xy-md02` has none"),
        (
            with(point("frozen"), "point", json!("pressure")),
            "no point in the registers of that device, `pressure`",
        ),
        (
            with(with(point("drift"), "per_hour", json!(1)), "device", json!("net-3")),
            "no point in the registers",
        ),
        (json!({ "device": "net-1", "kind": "clock-wrong", "seconds": 60 }), "`xy-md02` has no clock"),
        (json!({ "device": "net-1", "kind": "reboot" }), "`reboot` needs seconds, 1 to 3600"),
        (json!({ "device": "net-1", "kind": "reboot", "seconds": 9999 }), "seconds must be 1 to 3600"),
        (json!({ "device": "net-1", "kind": "reboot", "seconds": 9, "for_s": 9 }), "`reboot` takes no for_s"),
        (
            json!({ "line": "net", "kind": "byte-loss", "probability": 0.1 }),
            "serial lines, and `net` is none",
        ),
        (json!({ "line": "bus", "kind": "byte-loss" }), "`byte-loss` needs probability"),
        (json!({ "line": "bus", "kind": "wrong-transaction" }), "Modbus TCP, and `bus` is none"),
        (json!({ "line": "bus", "kind": "half-open" }), "connections, and `bus` is none"),
    ] {
        let wrong = request(&fault).check(hall.site()).unwrap_err().to_string();
        assert!(wrong.contains(said), "{fault}: {wrong}");
    }
}

#[test]
fn no_more_than_so_many_faults_stand() {
    let line = "[[line]]\nid = \"net\"\ntcp = \"10.0.0.1:502\"\n";
    let text = format!("{line}{}", device("gen", "net", 1, "smartgen-hgm4000n"));
    let hall = Hall::new(site(&text)).unwrap();
    let device = &hall.site().devices[0];
    let points = device.map.points.iter().filter(|point| point.is_read() && point.encoding != Encoding::Text);
    let each = points.flat_map(|point| {
        [FaultKind::Frozen, FaultKind::StuckBit { bit: 0, on: true }]
            .map(|kind| Fault::of_point(device.id.clone(), point.name.clone(), kind))
    });
    let each: Vec<Fault> = each.collect();
    assert!(each.len() > 256, "{} points", each.len() / 2);
    for (n, fault) in each.into_iter().enumerate() {
        let set = hall.set_fault(fault.clone());
        assert_eq!(set.is_ok(), n < 256, "fault {n}: {set:?}");
    }
    assert_eq!(hall.faults().len(), 256);
    let again = hall.faults()[0].fault.clone();
    hall.set_fault(again).expect("in place of the same");
}

#[tokio::test(start_paused = true)]
async fn a_new_connection_neither_feels_a_reboot_nor_draws_a_chance() {
    let devices = hall(1);
    let mut net = Client::of(&devices, "net");
    net.ask(&[0, 1, 0, 0, 0, 6, 1, 6, 1, 3, 0, 7]).await;
    devices.set_fault(Fault::of_device("net-1".parse().unwrap(), FaultKind::Reboot { seconds: 20 })).unwrap();
    devices.advance(Duration::from_secs(20));
    let mut again = Client::of(&devices, "net");
    let correction = again.ask(&[0, 2, 0, 0, 0, 6, 1, 3, 1, 3, 0, 1]).await;
    assert_eq!(correction, [0, 2, 0, 0, 0, 5, 1, 3, 2, 0, 0], "what was written is forgotten");

    let answers = async |connections: usize| {
        let devices = hall(1);
        devices.set_fault(Fault { probability: 0.5, ..silence("net-1") }).unwrap();
        let mut net = Client::of(&devices, "net");
        let mut answered = Vec::new();
        for turn in 0..20 {
            (0..connections).for_each(|_| drop(Client::of(&devices, "net")));
            answered.push(!net.ask(&who(turn, 1)).await.is_empty());
        }
        answered
    };
    assert_eq!(answers(3).await, answers(0).await);
}

#[tokio::test(start_paused = true)]
async fn a_hall_reset_to_a_seed_is_a_new_hall_of_that_seed() {
    let course = async |devices: &Arc<Hall>| {
        devices.set_fault(Fault { probability: 0.5, ..silence("net-1") }).unwrap();
        let mut net = Client::of(devices, "net");
        let mut answers = Vec::new();
        for turn in 0..50 {
            devices.advance(Duration::from_secs(1));
            answers.push(net.ask(&who(turn, 1)).await);
        }
        (answers, devices.truth())
    };
    let devices = hall(1);
    let first = course(&devices).await;
    devices.reset_to_seed(7);
    let seventh = course(&devices).await;
    assert_eq!(seventh, course(&hall(7)).await);
    assert_ne!(seventh.0, first.0);
    devices.reset();
    assert_eq!(course(&devices).await, first);
}
