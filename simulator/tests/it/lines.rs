//! Lines and devices over Modbus TCP.

use std::time::Duration;

use hallward_simulator::{Fault, FaultKind, Scenario, Simulator};

use crate::client::{Modbus, demo};

/// Battery charge of UPS A: register 130, in 1/512 %.
const CHARGE: [u8; 5] = [3, 0, 130, 0, 1];

/// Temperature of an inlet sensor: input register 1.
const TEMPERATURE: [u8; 5] = [4, 0, 1, 0, 1];

fn set_fault(simulator: &Simulator, device: &str, kind: FaultKind) {
    simulator.set_fault(Fault { device: device.parse().unwrap(), kind });
}

#[tokio::test]
async fn registers_follow_the_hall_and_answers_are_counted() {
    let simulator = demo().await;
    let mut ups = Modbus::to(&simulator, "ups-a").await;
    assert_eq!(ups.ask(1, &CHARGE).await, [3, 2, 0xC8, 0]);
    {
        let hall = simulator.hall();
        let mut hall = hall.lock().unwrap();
        hall.start(Scenario::MainsFailure).unwrap();
        hall.advance(Duration::from_secs(8));
    }
    let drained = ups.ask(1, &CHARGE).await;
    let charge = f64::from(u16::from_be_bytes([drained[2], drained[3]])) / 512.0;
    assert!((98.0..99.9).contains(&charge), "{charge} %");
    assert_eq!(simulator.counters()["ups-a"], 2);
    assert_eq!(simulator.counters()["ups-b"], 0);
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
    assert_eq!(simulator.counters().values().sum::<u64>(), 2, "nobody answered for units that are not there");
}

#[tokio::test]
async fn a_silent_device_leaves_its_neighbours_be() {
    let simulator = demo().await;
    set_fault(&simulator, "inlet-03", FaultKind::Silence);
    let mut gateway = Modbus::to(&simulator, "sensor-gateway").await;
    gateway.send(3, &TEMPERATURE).await;
    gateway.ask(4, &TEMPERATURE).await;
    simulator.clear_faults(None);
    gateway.ask(3, &TEMPERATURE).await;
}

#[tokio::test]
async fn faulty_devices_refuse_except_and_delay() {
    let simulator = demo().await;
    let mut ups = Modbus::to(&simulator, "ups-a").await;
    set_fault(&simulator, "ups-a", FaultKind::Exception { code: 6 });
    assert_eq!(ups.ask(1, &CHARGE).await, [0x83, 6]);
    set_fault(&simulator, "ups-a", FaultKind::Delay { ms: 1 });
    assert_eq!(ups.ask(1, &CHARGE).await[0], 3);
    set_fault(&simulator, "ups-a", FaultKind::Refuse);
    ups.send(1, &CHARGE).await;
    assert_eq!(ups.receive().await, None);
    simulator.clear_faults(Some(&"ups-b".parse().unwrap()));
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
    simulator.hall().lock().unwrap().advance(Duration::from_secs(1));
    assert_eq!(contacts.ask(1, &[1, 0, 0, 0, 6]).await, [1, 1, 1]);
    simulator.reset();
    assert_eq!(contacts.ask(1, &[1, 0, 0, 0, 6]).await, [1, 1, 0]);
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
