//! Commands to doors over Mosquitto, signed by `docs/command.py`: carried out once, and what is repeated, kept by the broker or
//! signed by a stranger is refused, also after the plug was pulled.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::Value;
use tempfile::TempDir;

use crate::{
    broker::{Broker, Subscriber},
    gateway::Gateway,
    http,
    programs::{need, output, python},
    simulated::Simulated,
    wait::until,
};

const SITE: &str = r#"
[site]
id = "interop"
name = "Interop"
time_zone = "UTC"
[[room]]
id = "hall"
name = "Hall"
[[line]]
id = "io"
tcp = "MODULE"
[[device]]
id = "door-io"
line = "io"
profile = "moxa-iologik-e1214"
safe_state = "2s"
limits = { timeout = "100ms" }
[[door]]
id = "front"
from = "outside"
to = "hall"
strike = "door-io/output.0"
kind = "fail-secure"
contact = "door-io/input.0"
[mqtt]
broker = "mqtt://127.0.0.1:BROKER"
"#;

const COMMANDS: &str = "hallward/interop/command/guard";

/// A door, a broker, and a guard with a key.
struct House {
    folder: TempDir,
    broker: Broker,
    key: PathBuf,
    site: String,
    simulated: Simulated,
}

/// Makes a key with the script; tells what it prints for the site file.
fn new_key(id: &str, file: &Path) -> String {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/command.py");
    let made = output(python(), [&script, Path::new("key"), Path::new(id), file]);
    String::from_utf8(made.stdout).unwrap()
}

impl House {
    fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let broker = Broker::open(folder.path());
        let key = folder.path().join("guard.pem");
        let commander = new_key("guard", &key).replace("\"…\"", "\"front\"");
        let commander = commander.replace("[\"lockdown\"]", "[\"lockdown\", \"unlock\"]");
        let text = format!("{SITE}{commander}").replace("BROKER", &broker.port.to_string());
        let simulated = Simulated::at_speed(&text.replace("MODULE", "127.0.0.1:1502"), 1.0);
        let site = text.replace("MODULE", &simulated.address("door-io"));
        Self { folder, broker, key, site, simulated }
    }

    fn gateway(&self) -> Gateway {
        let gateway = Gateway::start(self.folder.path(), &self.site, &[]);
        until("the door's hardware answers and commands are heard", 30, || {
            let told = fs::read_to_string(self.folder.path().join("err")).unwrap();
            let doors = http::get_with(&gateway.token, &gateway.http, "/api/v1/doors");
            let ready = told.contains("commands are heard") && doors["doors"][0]["hardware"] == true;
            if ready { Ok(()) } else { Err(format!("{doors}\n{told}")) }
        });
        gateway
    }

    fn sign(&self, key: &Path, order: &[&str]) -> String {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/command.py");
        let mut command = Command::new(python());
        command.arg(script).args(["sign", "guard"]).arg(key).arg("interop").args(order);
        let signed = command.args(["--why", "tested"]).output().unwrap();
        assert!(signed.status.success(), "{}", String::from_utf8_lossy(&signed.stderr));
        String::from_utf8(signed.stdout).unwrap()
    }

    fn send(&self, command: &str, more: &[&str]) {
        let file = self.folder.path().join("command");
        fs::write(&file, command).unwrap();
        let port = self.broker.port.to_string();
        let mut arguments = vec!["-h", "127.0.0.1", "-p", &port, "-q", "1", "-t", COMMANDS, "-f"];
        arguments.push(file.to_str().unwrap());
        arguments.extend(more);
        output(&need("mosquitto_pub", "mosquitto-clients"), arguments);
    }

    fn released(&self) -> usize {
        self.simulated.hall().events(0).iter().filter(|event| event.code == "lock.released").count()
    }
}

/// The reasons of all refusals that went out as events, once there are so many. An event may come twice.
fn refusals(events: &Subscriber, count: usize) -> Vec<String> {
    until(&format!("{count} refusals"), 30, || {
        let mut refused = BTreeMap::new();
        for message in events.heard() {
            let event: Value = serde_json::from_str(&message.payload).unwrap();
            if event["code"] == "command.refused" {
                refused.insert(event["seq"].as_u64(), event["body"]["what"].as_str().unwrap().to_owned());
            }
        }
        let words: Vec<String> = refused.into_values().collect();
        if words.len() >= count { Ok(words) } else { Err(format!("{words:?}")) }
    })
}

#[test]
fn a_signed_command_opens_once_and_no_other_ever() {
    let house = House::open();
    let events = Subscriber::start(house.broker.port, "hallward/interop/event", &[]);
    let mut gateway = house.gateway();

    let command = house.sign(&house.key, &["unlock", "front"]);
    house.send(&command, &[]);
    until("the door is unlocked", 30, || if house.released() == 1 { Ok(()) } else { Err("locked".into()) });
    house.send(&command, &[]);
    assert_eq!(refusals(&events, 1), ["repeated"]);

    let stranger = house.folder.path().join("stranger.pem");
    new_key("guard", &stranger);
    house.send(&house.sign(&stranger, &["unlock", "front"]), &[]);
    assert_eq!(refusals(&events, 2), ["repeated", "signature"]);

    // The plug is pulled, and the same command comes at once, and one that the broker keeps.
    gateway.process.kill();
    house.send(&house.sign(&house.key, &["unlock", "front"]), &["-r"]);
    drop(gateway);
    let _gateway = house.gateway();
    house.send(&command, &[]);
    // Each start takes a second or two: it is not too old yet, and on a slow machine it would be.
    let words = refusals(&events, 4);
    assert_eq!(words[2], "retained");
    assert!(["repeated", "old"].contains(&words[3].as_str()), "{words:?}");
    assert_eq!(house.released(), 1, "the door was unlocked once");

    house.send(&house.sign(&house.key, &["lockdown"]), &[]);
    let state = "hallward/interop/door/front/state";
    let doors = Subscriber::start(house.broker.port, state, &[]);
    doors.last(state, |message| message.payload.contains("\"mode\":\"lockdown\""));
    // Locked down is locked down: an unlock that is in order is not carried out.
    house.send(&house.sign(&house.key, &["unlock", "front"]), &[]);
    until("the order is refused", 30, || {
        let refused = |message: &crate::broker::Message| message.payload.contains("door.order-refused");
        if events.heard().iter().any(refused) { Ok(()) } else { Err("not yet".into()) }
    });
    assert_eq!(house.released(), 1);
}
