//! The gateway publishes to Debian's Mosquitto, and `mosquitto_sub` hears it; and the demo's own broker serves
//! `mosquitto_sub` as well. The devices are those of a demo, polled by a second gateway with a site file of its own.

use std::{fs, path::Path};

use serde_json::Value;
use tempfile::TempDir;

use crate::{
    broker::{Broker, Subscriber},
    certificates::Certificates,
    gateway::{Demo, Gateway},
    http,
};

/// A UPS and a sensor of the demo, and a broker.
fn site(demo: &Demo, mqtt: &str) -> String {
    let (ups, sensor) = (demo.address("ups-a"), demo.address("inlet-01"));
    format!(
        r#"
[site]
id = "interop"
name = "Interop"
time_zone = "UTC"

[[line]]
id = "ups"
tcp = "{ups}"

[[line]]
id = "sensors"
tcp = "{sensor}"

[[device]]
id = "ups-a"
line = "ups"
profile = "apc-smart-ups"

[[device]]
id = "inlet-01"
line = "sensors"
unit = 1
profile = "xy-md02"

[mqtt]
{mqtt}
"#
    )
}

/// A broker for anyone, a demo, and the site file of a gateway between them.
fn open_hall() -> (TempDir, Broker, Demo, String) {
    let folder = tempfile::tempdir().unwrap();
    let broker = Broker::open(folder.path());
    let demo = Demo::start(&[]);
    let site = site(&demo, &format!("broker = \"mqtt://127.0.0.1:{}\"", broker.port));
    (folder, broker, demo, site)
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

#[test]
fn mosquitto_sub_hears_status_availability_and_state() {
    let (folder, broker, _demo, site) = open_hall();
    let early = Subscriber::start(broker.port, "hallward/interop/#", &[]);
    let _gateway = Gateway::start(folder.path(), &site, &[]);

    early.last("hallward/interop/status", |message| message.payload == "online");
    early.last("hallward/interop/device/ups-a/availability", |message| message.payload == "online");
    let state = early.last("hallward/interop/device/ups-a/state", |message| {
        json(&message.payload)["points"]["battery.charge"]["quality"] == "good"
    });
    let state = json(&state.payload);
    let charge = &state["points"]["battery.charge"];
    assert_eq!((&charge["value"], &charge["unit"]), (&Value::from(100.0), &Value::from("%")), "{charge}");
    for time in [&state["time"], &charge["time"]] {
        assert!(time.as_str().unwrap().ends_with('Z'), "{time}");
    }
    assert_eq!(state["points"]["ups.status"]["value"], "online");

    // Who comes later gets the same at once.
    early.last("hallward/interop/device/inlet-01/state", |_| true);
    let late = Subscriber::start(broker.port, "hallward/interop/#", &[]);
    for topic in ["status", "device/ups-a/availability", "device/ups-a/state", "device/inlet-01/state"] {
        let topic = format!("hallward/interop/{topic}");
        let first = |message: &crate::broker::Message| message.topic == topic;
        late.last(&topic, |_| true);
        assert!(late.heard().iter().find(|message| first(message)).unwrap().retained, "{topic} is retained");
    }
}

#[test]
fn a_device_that_falls_silent_is_told_without_its_last_values() {
    let (folder, broker, demo, site) = open_hall();
    let heard = Subscriber::start(broker.port, "hallward/interop/#", &[]);
    let _gateway = Gateway::start(folder.path(), &site, &[]);

    let availability = "hallward/interop/device/ups-a/availability";
    heard.last(availability, |message| message.payload == "online");
    http::post(&demo.simulator, "/faults", r#"{"device":"ups-a","kind":"silence"}"#);
    heard.last(availability, |message| message.payload == "offline");
    let state = heard.last("hallward/interop/device/ups-a/state", |message| {
        json(&message.payload)["points"]["battery.charge"]["quality"] == "timeout"
    });
    assert_eq!(json(&state.payload)["points"]["battery.charge"]["value"], Value::Null);
    heard.last("hallward/interop/device/inlet-01/availability", |message| message.payload == "online");
}

#[test]
fn a_broker_that_comes_back_with_nothing_is_told_everything_again() {
    let (folder, broker, _demo, site) = open_hall();
    let heard = Subscriber::start(broker.port, "hallward/interop/#", &[]);
    let _gateway = Gateway::start(folder.path(), &site, &[]);
    heard.last("hallward/interop/device/ups-a/state", |_| true);
    drop(heard);

    let broker = broker.open_again(folder.path());
    let heard = Subscriber::start(broker.port, "hallward/interop/#", &[]);
    for topic in ["status", "device/ups-a/availability", "device/inlet-01/availability"] {
        heard.last(&format!("hallward/interop/{topic}"), |message| message.payload == "online");
    }
    heard.last("hallward/interop/device/ups-a/state", |_| true);
    heard.last("hallward/interop/device/inlet-01/state", |_| true);
}

#[test]
fn the_last_will_says_offline_when_the_gateway_is_killed() {
    let (folder, broker, _demo, site) = open_hall();
    let heard = Subscriber::start(broker.port, "hallward/interop/status", &[]);
    let status = "hallward/interop/status";

    let mut gateway = Gateway::start(folder.path(), &site, &[]);
    heard.last(status, |message| message.payload == "online");
    gateway.process.kill();
    heard.last(status, |message| message.payload == "offline");
    drop(gateway);
    let _gateway = Gateway::start(folder.path(), &site, &[]);
    heard.last(status, |message| message.payload == "online");
}

/// A broker with TLS and a password; the password's file is in `folder`.
fn guarded(folder: &Path, certificates: &Certificates) -> (Broker, String) {
    let broker = Broker::guarded(folder, certificates, "hallward", "a secret");
    let password = folder.join("mqtt-password");
    fs::write(&password, "a secret\n").unwrap();
    let settings = format!(
        "broker = \"mqtts://127.0.0.1:{}\"\nuser = \"hallward\"\npassword_file = {:?}",
        broker.port,
        password.display().to_string(),
    );
    (broker, settings)
}

#[test]
fn with_tls_and_a_password_the_gateway_publishes_all_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let certificates = Certificates::make(folder.path());
    let (broker, settings) = guarded(folder.path(), &certificates);
    let demo = Demo::start(&[]);
    let authority = certificates.authority.display().to_string();
    let more = ["--cafile", &authority, "-u", "hallward", "-P", "a secret"];
    let heard = Subscriber::start(broker.port, "hallward/interop/#", &more);
    let site = site(&demo, &format!("{settings}\nca_file = {authority:?}"));
    let _gateway = Gateway::start(folder.path(), &site, &[]);
    heard.last("hallward/interop/status", |message| message.payload == "online");
    heard.last("hallward/interop/device/inlet-01/state", |message| message.payload.contains("temperature"));
}

#[test]
fn a_broker_with_a_strangers_certificate_is_told_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let certificates = Certificates::make(folder.path());
    let (broker, settings) = guarded(folder.path(), &certificates);
    let strangers = tempfile::tempdir().unwrap();
    let stranger = Certificates::make(strangers.path()).authority.display().to_string();
    let demo = Demo::start(&[]);
    let authority = certificates.authority.display().to_string();
    let more = ["--cafile", &authority, "-u", "hallward", "-P", "a secret"];
    let heard = Subscriber::start(broker.port, "hallward/interop/#", &more);
    let site = site(&demo, &format!("{settings}\nca_file = {stranger:?}"));
    let gateway = Gateway::start(folder.path(), &site, &[]);
    gateway.point("ups-a", "battery.charge", |found| found["quality"] == "good");
    let refused = crate::wait::until("the gateway refuses the broker", 30, || {
        let told = fs::read_to_string(folder.path().join("err")).unwrap();
        if told.contains("the broker is not connected") { Ok(told) } else { Err(told) }
    });
    assert!(refused.contains("certificate") || refused.contains("UnknownIssuer"), "{refused}");
    assert!(heard.heard().is_empty(), "{:?}", heard.heard());
}

/// Every event heard so far, in the order of coming.
fn events(heard: &Subscriber) -> Vec<Value> {
    let heard = heard.heard().into_iter().filter(|message| message.topic.ends_with("/event"));
    heard.map(|message| json(&message.payload)).collect()
}

/// A subscriber to events of whom it is known that the broker knows it.
fn event_subscriber(broker: &Broker) -> Subscriber {
    let heard = Subscriber::start(broker.port, "hallward/interop/event", &["-t", "$SYS/broker/version"]);
    heard.last("$SYS/broker/version", |_| true);
    heard
}

/// Numbers of the journal's records that are for going out.
fn going_out(gateway: &Gateway) -> Vec<u64> {
    let page = http::get_with(&gateway.token, &gateway.http, "/api/v1/journal?after=0&limit=1000");
    let records = page["records"].as_array().unwrap_or_else(|| panic!("{page}")).iter();
    let public = records.filter(|record| !record["code"].as_str().unwrap().starts_with("account."));
    public.map(|record| record["seq"].as_u64().unwrap()).collect()
}

#[test]
fn events_come_without_a_gap_though_broker_and_gateway_die() {
    let (folder, broker, demo, site) = open_hall();
    let early = event_subscriber(&broker);
    let mut gateway = Gateway::start(folder.path(), &site, &[]);
    let is_of = |event: &Value, code: &str, place: &str| event["code"] == code && event["place"] == place;
    gateway.point("inlet-01", "temperature", |found| found["quality"] == "good");
    http::post(&demo.simulator, "/faults", r#"{"device":"inlet-01","kind":"silence"}"#);
    early.last("hallward/interop/event", |message| {
        is_of(&json(&message.payload), "device.offline", "inlet-01")
    });
    let mut all = events(&early);
    drop(early);

    let broker = broker.open_again_after(folder.path(), || {
        http::post(&demo.simulator, "/faults", r#"{"device":"ups-a","kind":"silence"}"#);
        crate::wait::until("the device is recorded offline", 30, || {
            let path = "/api/v1/journal?code=device.offline&device=ups-a";
            let page = http::get_with(&gateway.token, &gateway.http, path);
            if page["records"].as_array().is_some_and(|all| !all.is_empty()) {
                Ok(())
            } else {
                Err(page.to_string())
            }
        });
        gateway.process.kill();
    });
    let late = event_subscriber(&broker);
    let gateway = Gateway::start(folder.path(), &site, &[]);
    crate::wait::until("every record has come", 30, || {
        let newest = going_out(&gateway).last().copied();
        let events = events(&late);
        if events.last().and_then(|event| event["seq"].as_u64()) == newest {
            Ok(())
        } else {
            Err(format!("{events:?}"))
        }
    });
    let again = events(&late);
    assert!(again.iter().any(|event| is_of(event, "device.offline", "ups-a")), "{again:?}");
    assert_ne!(again[0]["code"], "system.start", "it goes on after what was acknowledged: {again:?}");
    all.extend(again);
    let count = all.len();
    let seq = |event: &Value| event["seq"].as_u64().unwrap();
    all.sort_by_key(seq);
    all.dedup_by_key(|event| seq(event));
    assert!(count - all.len() <= 64, "{} came twice", count - all.len());
    let numbers: Vec<u64> = all.iter().map(seq).collect();
    assert!(going_out(&gateway).starts_with(&numbers), "{numbers:?}, {:?}", going_out(&gateway));
    for (before, event) in all.iter().zip(all.iter().skip(1)) {
        assert_eq!(event["previous"], before["seq"], "{event}");
        assert_eq!(event["log"], before["log"], "{event}");
    }
    assert_eq!((&all[0]["previous"], &all[0]["code"]), (&Value::Null, &"system.start".into()));
}

#[test]
fn what_the_broker_kept_of_a_door_that_is_gone_is_taken_back() {
    let (folder, broker, _demo, site) = open_hall();
    let topic = "hallward/interop/door/gone/state";
    let port = broker.port.to_string();
    let tool = crate::programs::need("mosquitto_pub", "mosquitto-clients");
    crate::programs::output(&tool, ["-p", &port, "-t", topic, "-r", "-q", "1", "-m", "{}"]);
    let heard = Subscriber::start(broker.port, topic, &[]);
    assert!(heard.last(topic, |message| message.payload == "{}").retained);
    let _gateway = Gateway::start(folder.path(), &site, &[]);
    heard.last(topic, |message| message.payload.is_empty());
}

/// The log's id and its size in a checkpoint.
fn log_and_size(note: &str) -> (String, u64) {
    let mut lines = note.lines();
    (lines.next().unwrap().to_owned(), lines.next().unwrap().parse().unwrap())
}

#[test]
fn r_log_an_old_copy_is_told_by_the_checkpoint_that_the_broker_kept() {
    let (folder, broker, _demo, site) = open_hall();
    let heard = Subscriber::start(broker.port, "hallward/interop/#", &[]);
    let topic = "hallward/interop/log/checkpoint";
    let mut gateway = Gateway::start(folder.path(), &site, &[]);
    let first = log_and_size(&heard.last(topic, |_| true).payload);
    gateway.process.kill();
    let (data, old) = (folder.path().join("data"), folder.path().join("old"));
    fs::create_dir(&old).unwrap();
    for file in fs::read_dir(&data).unwrap() {
        let file = file.unwrap();
        fs::copy(file.path(), old.join(file.file_name())).unwrap();
    }
    let mut gateway = Gateway::start(folder.path(), &site, &[]);
    let newer = heard.last(topic, |message| log_and_size(&message.payload).1 > first.1).payload;
    assert_eq!(log_and_size(&newer).0, first.0, "the same log goes on");
    gateway.process.kill();
    fs::remove_dir_all(&data).unwrap();
    fs::rename(&old, &data).unwrap();

    let gateway = Gateway::start(folder.path(), &site, &[]);
    let told = crate::wait::until("the old copy is told", 30, || {
        let page =
            http::get_with(&gateway.token, &gateway.http, "/api/v1/journal?code=log.rollback_suspected");
        page["records"].get(0).cloned().ok_or_else(|| page.to_string())
    });
    assert_eq!(
        (&told["body"]["log_before"], &told["body"]["place"]),
        (&first.0.into(), &"the broker".into())
    );
    let log = told["body"]["log"].as_str().unwrap();
    heard.last(topic, |message| log_and_size(&message.payload).0 == log);
    let late = Subscriber::start(broker.port, topic, &[]);
    assert!(late.last(topic, |_| true).retained);
}

#[test]
fn the_demos_own_broker_serves_mosquitto_sub() {
    let demo = Demo::start(&[]);
    let site = http::get_with(&demo.token, &demo.http, "/api/v1/site");
    let id = site["id"].as_str().unwrap_or_else(|| panic!("no id in {site}"));
    let heard = Subscriber::start(demo.mqtt_port, "hallward/#", &[]);
    heard.last(&format!("hallward/{id}/status"), |message| message.payload == "online");
    heard.last(&format!("hallward/{id}/device/ups-a/availability"), |message| message.payload == "online");
    let state = heard.last(&format!("hallward/{id}/device/ups-a/state"), |_| true);
    assert_eq!(json(&state.payload)["simulated"], true, "a simulated hall says so");

    let doors = http::get_with(&demo.token, &demo.http, "/api/v1/doors");
    let door = doors["doors"][0]["id"].as_str().unwrap_or_else(|| panic!("no door in {doors}"));
    let state = heard.last(&format!("hallward/{id}/door/{door}/state"), |message| {
        json(&message.payload)["hardware"] == true
    });
    let state = json(&state.payload);
    assert_eq!((&state["simulated"], &state["lock"]), (&true.into(), &"locked".into()), "{state}");

    http::post(&demo.simulator, "/faults", r#"{"device":"ups-a","kind":"silence"}"#);
    let event = heard
        .last(&format!("hallward/{id}/event"), |message| json(&message.payload)["code"] == "device.offline");
    assert_eq!(json(&event.payload)["simulated"], true);
}
