//! Lines and devices over Modbus TCP.

use std::time::Duration;

use hallward_simulator::{Fault, FaultKind, Scenario, Simulator};

use crate::client::{Modbus, demo};

/// Battery charge of UPS A: register 130, in 1/512 %.
const CHARGE: [u8; 5] = [3, 0, 130, 0, 1];

/// Temperature of an inlet sensor: input register 1.
const TEMPERATURE: [u8; 5] = [4, 0, 1, 0, 1];

fn set_fault(simulator: &Simulator, device: &str, kind: FaultKind) {
    simulator.hall().set_fault(Fault::of_device(device.parse().unwrap(), kind)).unwrap();
}

#[tokio::test]
async fn registers_follow_the_hall_and_answers_are_counted() {
    let simulator = demo().await;
    let mut ups = Modbus::to(&simulator, "ups-a").await;
    assert_eq!(ups.ask(1, &CHARGE).await, [3, 2, 0xC8, 0]);
    simulator.hall().start(Scenario::MainsFailure).unwrap();
    simulator.hall().advance(Duration::from_secs(8));
    let drained = ups.ask(1, &CHARGE).await;
    let charge = f64::from(u16::from_be_bytes([drained[2], drained[3]])) / 512.0;
    assert!((98.0..99.9).contains(&charge), "{charge} %");
    assert_eq!(simulator.hall().counters()["ups-a"], 2);
    assert_eq!(simulator.hall().counters()["ups-b"], 0);
}

#[tokio::test]
async fn a_gateway_knows_its_units_and_no_others() {
    let simulator = demo().await;
    let mut gateway = Modbus::to(&simulator, "sensor-gateway").await;
    let first = gateway.ask(1, &TEMPERATURE).await;
    let last = gateway.ask(8, &TEMPERATURE).await;
    assert_eq!((first[0], last[0]), (4, 4));
    assert_ne!(first, last, "racks differ");
    assert_eq!(gateway.ask(9, &TEMPERATURE).await, [0x84, 0x0B]);
    assert_eq!(gateway.ask(0, &TEMPERATURE).await, [0x84, 0x0B]);
    assert_eq!(
        simulator.hall().counters().values().sum::<u64>(),
        2,
        "nobody answered for units that are not there"
    );
}

#[tokio::test]
async fn a_silent_device_leaves_its_neighbours_be() {
    let simulator = demo().await;
    set_fault(&simulator, "inlet-03", FaultKind::Silence);
    let mut gateway = Modbus::to(&simulator, "sensor-gateway").await;
    gateway.send(3, &TEMPERATURE).await;
    gateway.ask(4, &TEMPERATURE).await;
    simulator.hall().clear_faults(None);
    gateway.ask(3, &TEMPERATURE).await;
}

#[tokio::test]
async fn faulty_devices_refuse_except_and_delay() {
    let simulator = demo().await;
    let mut ups = Modbus::to(&simulator, "ups-a").await;
    set_fault(&simulator, "ups-a", FaultKind::Exception { code: 6 });
    assert_eq!(ups.ask(1, &CHARGE).await, [0x83, 6]);
    simulator.hall().clear_faults(None);
    set_fault(&simulator, "ups-a", FaultKind::Delay { ms: 1 });
    assert_eq!(ups.ask(1, &CHARGE).await[0], 3);
    set_fault(&simulator, "ups-a", FaultKind::Refuse);
    ups.send(1, &CHARGE).await;
    assert_eq!(ups.receive().await, None);
    simulator.hall().clear_faults(Some(&"ups-b".parse().unwrap()));
    let mut again = Modbus::to(&simulator, "ups-a").await;
    again.send(1, &CHARGE).await;
    assert_eq!(again.receive().await, None, "the fault of another device was cleared");
}

#[tokio::test]
async fn what_is_written_stays_until_reset() {
    let simulator = demo().await;
    let mut contacts = Modbus::to(&simulator, "io-1").await;
    assert_eq!(contacts.ask(1, &[5, 0, 0, 0xFF, 0]).await, [5, 0, 0, 0xFF, 0]);
    assert_eq!(contacts.ask(1, &[1, 0, 0, 0, 6]).await, [1, 1, 1]);
    simulator.hall().advance(Duration::from_secs(1));
    assert_eq!(contacts.ask(1, &[1, 0, 0, 0, 6]).await, [1, 1, 1]);
    simulator.hall().reset();
    assert_eq!(contacts.ask(1, &[1, 0, 0, 0, 6]).await, [1, 1, 0]);
}

/// Air conditioner 1: the set point is holding register 4, in 0.1 °C, or °F when coil 51 is off; what physics says of
/// the return air is input register 1.
#[tokio::test]
async fn a_written_set_point_cools_the_room() {
    let simulator = demo().await;
    let truth = || simulator.hall().truth();
    let warm = truth().rooms[0].air_c;
    for unit in ["ac-1", "ac-2", "ac-3"] {
        let mut unit = Modbus::to(&simulator, unit).await;
        assert_eq!(unit.ask(1, &[6, 0, 4, 0, 210]).await, [6, 0, 4, 0, 210]);
        assert_eq!(unit.ask(1, &[3, 0, 4, 0, 1]).await, [3, 2, 0, 210]);
    }
    simulator.hall().advance(Duration::from_secs(600));
    let cold = truth().rooms[0].air_c;
    assert!(cold < warm - 1.5, "{warm} °C, then {cold} °C");
    simulator.hall().reset();
    assert_eq!(Modbus::to(&simulator, "ac-1").await.ask(1, &[3, 0, 4, 0, 1]).await, [3, 2, 0, 240]);
}

#[tokio::test]
async fn a_device_set_to_another_unit_tells_all_in_it() {
    let simulator = demo().await;
    let mut unit = Modbus::to(&simulator, "ac-1").await;
    let word = |answer: Vec<u8>| f64::from(u16::from_be_bytes([answer[2], answer[3]])) / 10.0;
    let celsius = word(unit.ask(1, &[4, 0, 1, 0, 1]).await);
    unit.ask(1, &[6, 0, 4, 0, 230]).await;
    unit.ask(1, &[5, 0, 51, 0, 0]).await;
    let fahrenheit = word(unit.ask(1, &[4, 0, 1, 0, 1]).await);
    assert!((fahrenheit - (celsius * 1.8 + 32.0)).abs() < 0.2, "{celsius} °C, {fahrenheit} °F");
    assert_eq!(unit.ask(1, &[3, 0, 4, 0, 1]).await, [3, 2, 0x02, 0xDE], "73.4 °F are the 23 °C written");
    unit.ask(1, &[6, 0, 4, 0x02, 0xEE]).await;
    let truth = simulator.hall().values("ac-1").unwrap();
    let hallward_profiles::Literal::Number(setpoint_c) = truth["setpoint.temperature"] else { panic!() };
    assert!((setpoint_c - 23.89).abs() < 0.01, "75 °F are {setpoint_c} °C");
}

#[tokio::test]
async fn a_device_says_who_it_is() {
    let simulator = demo().await;
    let mut ups = Modbus::to(&simulator, "ups-a").await;
    let answer = ups.ask(1, &[43, 14, 4, 1]).await;
    assert_eq!(answer, [&[43, 14, 4, 0x81, 0, 0, 1, 1, 13][..], b"apc-smart-ups"].concat());
    let all = ups.ask(1, &[43, 14, 1, 0]).await;
    assert_eq!(all[6], 3, "vendor, product, revision");
}

#[tokio::test]
async fn a_request_in_pieces_and_two_at_once_are_understood() {
    let simulator = demo().await;
    let mut ups = Modbus::to(&simulator, "ups-a").await;
    let request = [0, 9, 0, 0, 0, 6, 1, 3, 0, 130, 0, 1];
    ups.raw(&request[..3]).await;
    ups.raw(&request[3..]).await;
    assert_eq!(ups.receive().await, Some((9, 1, vec![3, 2, 0xC8, 0])));
    ups.raw(&[request, request].concat()).await;
    assert!(ups.receive().await.is_some() && ups.receive().await.is_some());
}

#[tokio::test]
async fn what_is_no_modbus_ends_its_connection_only() {
    let simulator = demo().await;
    let mut bystander = Modbus::to(&simulator, "ups-a").await;
    let mut stranger = Modbus::to(&simulator, "ups-a").await;
    stranger.raw(b"GET / HTTP/1.1\r\n\r\n").await;
    assert_eq!(stranger.receive().await, None);
    bystander.ask(1, &CHARGE).await;
}

#[tokio::test]
async fn a_line_takes_sixteen_connections() {
    let simulator = demo().await;
    let mut connections = Vec::new();
    for _ in 0..16 {
        let mut connection = Modbus::to(&simulator, "ups-a").await;
        connection.ask(1, &CHARGE).await;
        connections.push(connection);
    }
    let mut one_too_many = Modbus::to(&simulator, "ups-a").await;
    assert_eq!(one_too_many.receive().await, None);
    for connection in &mut connections {
        connection.ask(1, &CHARGE).await;
    }
}
