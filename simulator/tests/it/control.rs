//! The control API.

use hallward_simulator::Simulator;
use serde_json::{Value, json};

use crate::client::{Modbus, demo, device, http, options, site};

#[tokio::test]
async fn it_tells_the_truth_and_what_there_is() {
    let simulator = demo().await;
    let index = http(&simulator, "GET", "/", "").await;
    assert!(index.json["routes"].as_array().unwrap().iter().any(|route| route["route"] == "GET /truth"));
    let truth = http(&simulator, "GET", "/truth", "").await;
    assert_eq!((truth.status, truth.content_type.as_str()), (200, "application/json"));
    assert_eq!(truth.json["doors"], json!([]));
    assert_eq!(truth.json["upses"][0]["mode"], "online");
    let devices = http(&simulator, "GET", "/devices", "").await;
    let inlet =
        devices.json["devices"].as_array().unwrap().iter().find(|one| one["id"] == "inlet-05").unwrap();
    let gateway = simulator.lines()["sensor-gateway"].to_string();
    let shown = [&inlet["class"], &inlet["line"], &inlet["unit"], &inlet["address"]];
    assert_eq!(shown, [&json!("climate"), &json!("sensor-gateway"), &json!(5), &json!(gateway)]);
}

#[tokio::test]
async fn counters_count_what_devices_answer() {
    let simulator = demo().await;
    let mut gateway = Modbus::to(&simulator, "sensor-gateway").await;
    for _ in 0..3 {
        gateway.ask(2, &[4, 0, 1, 0, 2]).await;
    }
    let counters = http(&simulator, "GET", "/counters", "").await;
    assert_eq!(
        (&counters.json["counters"]["inlet-02"], &counters.json["counters"]["inlet-01"]),
        (&json!(3), &json!(0))
    );
}

#[tokio::test]
async fn scenarios_are_listed_and_started() {
    let simulator = demo().await;
    let listed = http(&simulator, "GET", "/scenarios", "").await;
    let names: Vec<&Value> =
        listed.json["scenarios"].as_array().unwrap().iter().map(|one| &one["name"]).collect();
    let expected = [
        "mains-failure",
        "mains-failure-generator-fails",
        "cooling-failure",
        "smoke",
        "leak",
        "mains-restored",
    ];
    assert_eq!(names, expected);
    let started = http(&simulator, "POST", "/scenarios/mains-failure", "").await;
    assert_eq!((started.status, &started.json["started"]), (200, &json!("mains-failure")));
    http(&simulator, "POST", "/clock/advance", r#"{"seconds":20}"#).await;
    let truth = http(&simulator, "GET", "/truth", "").await.json;
    assert_eq!(
        (&truth["elapsed_s"], &truth["transfer_switches"][0]["position"]),
        (&json!(20.0), &json!("2"))
    );
    http(&simulator, "POST", "/reset", "").await;
    let truth = http(&simulator, "GET", "/truth", "").await.json;
    assert_eq!((&truth["elapsed_s"], &truth["transfer_switches"][0]["position"]), (&json!(0.0), &json!("1")));
}

#[tokio::test]
async fn faults_are_set_listed_and_cleared() {
    let simulator = demo().await;
    let mut silence = json!({ "device": "ups-a", "kind": "silence" });
    let mut delay = json!({ "device": "ups-b", "kind": "delay", "ms": 250 });
    for (id, fault) in [(1, &mut silence), (2, &mut delay)] {
        let set = http(&simulator, "POST", "/faults", &fault.to_string()).await;
        fault["id"] = json!(id);
        assert_eq!((set.status, &set.json), (201, &*fault));
    }
    assert_eq!(http(&simulator, "GET", "/faults", "").await.json, json!({ "faults": [silence, delay] }));
    let left = http(&simulator, "DELETE", "/faults?device=ups-a", "").await;
    assert_eq!(left.json, json!({ "faults": [delay] }));
    assert_eq!(http(&simulator, "DELETE", "/faults", "").await.json, json!({ "faults": [] }));
}

#[tokio::test]
async fn every_kind_of_fault_is_taken_where_it_can_be() {
    let line = "[[line]]\nid = \"bus\"\nserial = \"/dev/ttyUSB7\"\n";
    let site = site(&format!("{line}{}", device("switch", "bus", 1, "socomec-atys-p-m")));
    let simulator = Simulator::start(options(site)).await.unwrap();
    for kind in ["silence", "refuse", "bad-crc", "noise", "truncate", "wrong-unit", "collision", "identity"] {
        let fault = json!({ "device": "switch", "kind": kind });
        let set = http(&simulator, "POST", "/faults", &fault.to_string()).await;
        assert_eq!((set.status, &set.json["kind"]), (201, &json!(kind)), "{}", set.json);
    }
    http(&simulator, "DELETE", "/faults?device=switch", "").await;
    let mut late = json!({ "device": "switch", "kind": "late", "ms": 9 });
    let mut echo = json!({ "line": "bus", "kind": "echo" });
    for fault in [&mut late, &mut echo] {
        let set = http(&simulator, "POST", "/faults", &fault.to_string()).await.json;
        fault["id"] = set["id"].clone();
        assert_eq!(set, *fault);
    }
    assert_eq!(http(&simulator, "GET", "/faults", "").await.json, json!({ "faults": [late, echo] }));
    let left = http(&simulator, "DELETE", "/faults?line=bus", "").await;
    assert_eq!(left.json, json!({ "faults": [late] }));
}

#[tokio::test]
async fn a_wrong_request_gets_one_clear_problem() {
    let simulator = demo().await;
    let cases = [
        ("POST", "/scenarios/flood", "", 404, "one of: mains-failure, "),
        ("GET", "/nothing", "", 404, "GET / lists"),
        ("DELETE", "/truth", "", 405, "other methods"),
        ("POST", "/faults", "{", 400, "JSON"),
        ("POST", "/faults", r#"{"device":"ups-a","kind":"flood"}"#, 422, "one of: silence, refuse"),
        ("POST", "/faults", r#"{"device":"nobody","kind":"silence"}"#, 422, "no device `nobody`"),
        ("POST", "/faults", r#"{"device":"ups-a","kind":"delay"}"#, 422, "needs ms"),
        ("POST", "/faults", r#"{"device":"ups-a","kind":"exception","code":0}"#, 422, "1 to 127"),
        ("POST", "/faults", r#"{"device":"ups-a","kind":"silence","ms":5}"#, 422, "`silence` takes no ms"),
        ("POST", "/faults", r#"{"device":"ups-a","kind":"late","code":5}"#, 422, "`late` needs ms"),
        ("POST", "/faults", r#"{"device":"ups-a","kind":"bad-crc"}"#, 422, "`ups-a` is none"),
        ("POST", "/faults", r#"{"device":"ups-a","kind":"echo"}"#, 422, "`echo` needs line"),
        ("POST", "/faults", r#"{"line":"nobody","kind":"silence"}"#, 422, "no line `nobody`"),
        ("POST", "/faults", r#"{"line":"ups-a","kind":"echo"}"#, 422, "`ups-a` is none"),
        ("POST", "/faults", r#"{"line":"nobody","kind":"echo"}"#, 422, "no line `nobody`"),
        ("POST", "/faults", r#"{"device":"inlet-01","kind":"identity"}"#, 422, "has no identity"),
        ("DELETE", "/faults?line=nobody", "", 404, "no line `nobody`"),
        ("DELETE", "/faults?device=nobody", "", 404, "no device `nobody`"),
        ("POST", "/clock/advance", r#"{"seconds":-1}"#, 422, "0 to 86400"),
    ];
    for (method, path, body, status, said) in cases {
        let answer = http(&simulator, method, path, body).await;
        assert_eq!(
            (answer.status, answer.content_type.as_str()),
            (status, "application/problem+json"),
            "{path} {body}"
        );
        let detail = answer.json["detail"].as_str().unwrap();
        assert!(detail.contains(said), "{path} {body}: {detail}");
        assert_eq!(answer.json["status"], status);
    }
}
