//! The gateway polls a `pymodbus` server over every kind of line.

use std::{ffi::OsStr, fs};

use serde_json::{Value, json};

use crate::{
    certificates::Certificates,
    gateway::Gateway,
    http,
    meter::{Meter, all_is_read},
    wait::until,
};

#[test]
fn the_gateway_reads_what_pymodbus_serves() {
    let mut meter = Meter::start(["tcp"]);
    let gateway = meter.gateway(&format!("tcp = \"127.0.0.1:{}\"", meter.port()), "");
    all_is_read(&gateway);
    meter.process.kill();
    let gone = gateway.point("meter", "voltage.l1", |found| found["quality"] == "timeout");
    assert_eq!(gone["value"], Value::Null, "a dead device's last value is not shown as live");
}

#[test]
fn on_a_serial_line_the_unit_that_is_there_is_read_and_the_other_is_a_timeout() {
    let meter = Meter::start(["serial"]);
    let line = format!("serial = {:?}\nbaud = 19200\nparity = \"none\"\nstop_bits = 1", meter.path());
    let absent =
        "[[device]]\nid = \"absent\"\nline = \"power\"\nunit = 8\nprofile = \"own-meter\"\nevery = \"1s\"\n";
    let gateway = meter.gateway(&line, absent);
    all_is_read(&gateway);
    let absent = gateway.point("absent", "voltage.l1", |found| found["quality"] == "timeout");
    assert_eq!(absent["value"], Value::Null);
    let voltage = |wanted: &dyn Fn(&Value) -> bool| gateway.point("meter", "voltage.l1", wanted);
    let before = voltage(&|found| found["quality"] == "good");
    let after = voltage(&|found| found["time"] != before["time"]);
    assert_eq!((&after["quality"], &after["value"]), (&json!("good"), &json!(230.5)), "it is still read");
}

#[test]
fn rtu_frames_over_tcp_are_read() {
    let meter = Meter::start(["rtu-over-tcp"]);
    let line = format!("mode = \"rtu-over-tcp\"\nbaud = 19200\ntcp = \"127.0.0.1:{}\"", meter.port());
    all_is_read(&meter.gateway(&line, ""));
}

/// A meter with TLS that serves those alone whom its authority knows.
fn guarded(certificates: &Certificates) -> Meter {
    let Certificates { authority, server, key } = certificates;
    Meter::start([OsStr::new("tls"), server.as_ref(), key.as_ref(), authority.as_ref()])
}

/// Keys of a line with TLS: whom to trust, and what to show.
fn tls(meter: &Meter, trusted: &Certificates, own: Option<&Certificates>) -> String {
    let line =
        format!("mode = \"tls\"\ntcp = \"127.0.0.1:{}\"\nca_file = {:?}", meter.port(), trusted.authority);
    own.map_or(line.clone(), |own| {
        format!("{line}\ncertificate_file = {:?}\nkey_file = {:?}", own.server, own.key)
    })
}

#[test]
fn tls_is_read_when_each_side_knows_the_other() {
    let folder = tempfile::tempdir().unwrap();
    let certificates = Certificates::make(folder.path());
    let meter = guarded(&certificates);
    all_is_read(&meter.gateway(&tls(&meter, &certificates, Some(&certificates)), ""));
    assert!(meter.requests() > 0);
}

/// The meter is offline and was never asked; returns what the log says.
fn never_read(meter: &Meter, gateway: &Gateway) -> String {
    let shown = gateway.point("meter", "voltage.l1", |found| found["quality"] == "timeout");
    assert_eq!(shown["value"], Value::Null);
    assert_eq!(records(gateway, "device.offline")[0]["place"], "meter");
    let told = until("the log says so", 10, || {
        let told = fs::read_to_string(meter.folder.path().join("err")).unwrap();
        if told.contains("device offline") { Ok(told) } else { Err(told) }
    });
    assert_eq!(meter.requests(), 0, "a request was sent");
    told
}

#[test]
fn a_tls_server_of_a_stranger_is_never_read() {
    let (folder, strangers) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (certificates, stranger) = (Certificates::make(folder.path()), Certificates::make(strangers.path()));
    let meter = guarded(&certificates);
    let gateway = meter.gateway(&tls(&meter, &stranger, Some(&certificates)), "");
    let told = never_read(&meter, &gateway);
    assert!(told.contains("invalid peer certificate"), "{told}");
}

#[test]
fn a_tls_server_that_asks_who_we_are_is_not_read_without_a_certificate() {
    let folder = tempfile::tempdir().unwrap();
    let certificates = Certificates::make(folder.path());
    let meter = guarded(&certificates);
    let gateway = meter.gateway(&tls(&meter, &certificates, None), "");
    let told = never_read(&meter, &gateway);
    assert!(told.contains("the line is down"), "{told}");
}

fn records(gateway: &Gateway, code: &str) -> Vec<Value> {
    until(&format!("a record {code}"), 10, || {
        let page = http::get(&gateway.http, &format!("/api/v1/journal?code={code}"));
        let records = page["records"].as_array().unwrap().clone();
        if records.is_empty() { Err(page.to_string()) } else { Ok(records) }
    })
}
