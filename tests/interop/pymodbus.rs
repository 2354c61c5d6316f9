//! The gateway polls a `pymodbus` server over every kind of line, and writes to it.

use std::{ffi::OsStr, fs, process::Output};

use serde_json::{Value, json};

use crate::{
    certificates::Certificates,
    gateway::{Gateway, hallward},
    http, mbpoll,
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
        let page = http::get_with(&gateway.token, &gateway.http, &format!("/api/v1/journal?code={code}"));
        let records = page["records"].as_array().unwrap().clone();
        if records.is_empty() { Err(page.to_string()) } else { Ok(records) }
    })
}

/// `hallward write`, through the control socket of the gateway.
fn write(meter: &Meter, point: &str, value: &str) -> Output {
    let mut command = hallward();
    command.args(["write", "meter", point, value, "--why", "interop", "--json", "--data"]);
    command.arg(meter.folder.path()).output().unwrap()
}

#[test]
fn what_is_written_stands_in_the_registers_and_in_the_journal() {
    let meter = Meter::start(["tcp"]);
    let port = meter.port();
    let writes = "writes = { \"settings.offset\" = { min = -20, max = 20 }, \"settings.relay\" = {}, \
                  \"settings.alarm-power\" = { min = -100000, max = 100000 } }\n";
    let gateway = meter.gateway(&format!("tcp = \"127.0.0.1:{port}\""), writes);
    gateway.point("meter", "settings.offset", |found| found["value"] == json!(-0.5));
    // Point, value, what stood there, and then mbpoll's table, address and what it reads.
    let orders = [
        ("settings.offset", "-12.5", json!(-0.5), json!(-12.5), ("4", "70"), vec![0xFF83]),
        ("settings.alarm-power", "-70000", json!(100.0), json!(-70000.0), ("4", "72"), vec![0xFFFE, 0xEE90]),
        ("settings.relay", "on", json!(false), json!(true), ("0", "4"), vec![1]),
    ];
    for (point, value, before, after, (table, address), words) in orders {
        let written = write(&meter, point, value);
        let said: Value = serde_json::from_slice(&written.stdout).unwrap_or_else(|_| panic!("{written:?}"));
        assert_eq!(said, json!({ "before": before, "after": after }));
        let count = words.len();
        let read: Vec<u16> =
            mbpoll::read(&format!("-m tcp -p {port} -a 7 -t {table} -r {address} -c {count} 127.0.0.1"));
        assert_eq!(read, words, "{point}");
        gateway.point("meter", point, |found| found["value"] == after);
    }
    let refused = write(&meter, "settings.offset", "20.1");
    assert_eq!(refused.status.code(), Some(1), "{refused:?}");
    let all = records(&gateway, "point.*");
    let told = |key: &str| all.iter().map(|record| record[key].as_str().unwrap()).collect::<Vec<_>>();
    let pair = ["point.write-asked", "point.written"];
    assert_eq!(told("code"), [&pair[..], &pair, &pair, &["point.write-refused"]].concat());
    assert!(told("place").iter().all(|place| *place == "meter"));
    assert_eq!((&all[1]["body"]["before"], &all[1]["body"]["after"]), (&json!("-0.5"), &json!("-12.5")));
}
