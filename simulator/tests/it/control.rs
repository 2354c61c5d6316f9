//! The control API.

use hallward_simulator::{Scenario, Simulator};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

use crate::client::{Modbus, PATIENCE, demo, device, http, options, site};

#[tokio::test]
async fn it_tells_the_truth_and_what_there_is() {
    let simulator = demo().await;
    let index = http(&simulator, "GET", "/", "").await;
    assert!(index.json["routes"].as_array().unwrap().iter().any(|route| route["route"] == "GET /truth"));
    let truth = http(&simulator, "GET", "/truth", "").await;
    assert_eq!((truth.status, truth.content_type.as_str()), (200, "application/json"));
    assert_eq!(truth.json["doors"][0]["id"], "hall-door");
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
    let expected: Vec<&str> = Scenario::ALL.into_iter().map(Scenario::name).collect();
    assert_eq!(names, expected);
    assert!(listed.json["scenarios"][0]["text"]["vi"].as_str().unwrap().starts_with("Mất điện lưới"));
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
async fn what_has_truly_happened_is_listed_and_streamed() {
    let simulator = demo().await;
    http(&simulator, "POST", "/scenarios/mains-failure", "").await;
    let mut stream = TcpStream::connect(simulator.control_address()).await.unwrap();
    let request = "GET /events?after=1 HTTP/1.1\r\nhost: localhost\r\naccept: text/event-stream\r\n\r\n";
    stream.write_all(request.as_bytes()).await.unwrap();
    http(&simulator, "POST", "/clock/advance", r#"{"seconds":20}"#).await;
    let listed = http(&simulator, "GET", "/events?after=0", "").await.json;
    let events = listed["events"].as_array().unwrap();
    let codes: Vec<&str> = events.iter().filter_map(|event| event["code"].as_str()).collect();
    for code in ["scenario.started", "mains.lost", "ups.on-battery", "generator.running", "scenario.ended"] {
        assert!(codes.contains(&code), "{code} in {codes:?}");
    }
    let last = events.last().unwrap();
    let after = http(&simulator, "GET", &format!("/events?after={}", events.len() - 1), "").await.json;
    assert_eq!(after, json!({ "events": [last] }));
    let (mut told, wanted) = (String::new(), format!("id: {}\n", last["seq"]));
    while !told.contains(&wanted) {
        let mut some = [0; 4096];
        let read = timeout(PATIENCE, stream.read(&mut some)).await.unwrap().unwrap();
        told.push_str(std::str::from_utf8(&some[..read]).unwrap());
    }
    assert!(told.contains("content-type: text/event-stream") && !told.contains("scenario.started"), "{told}");
    assert!(told.contains("\"code\":\"ups.on-battery\""), "{told}");
}

/// A scenario that takes the name of one of the simulator's own.
const OWN_LEAK: &str = r#"{"name":"leak","what":{"en":"e","vi":"v"},"step":[{"do":"leak"}]}"#;

#[tokio::test]
async fn a_scenario_of_ones_own_is_kept_started_and_stopped() {
    let simulator = demo().await;
    let own =
        OWN_LEAK.replace("\"leak\",\"what", "\"mine\",\"what").replace("{\"do\"", "{\"after\":\"1h\",\"do\"");
    let added = http(&simulator, "POST", "/scenarios", &own).await;
    assert_eq!((added.status, added.json), (201, json!({ "added": "mine" })));
    let started = http(&simulator, "POST", "/scenarios/mine", "").await;
    assert_eq!(started.json, json!({ "started": "mine", "run": 1 }));
    let stopped = http(&simulator, "DELETE", "/scenarios/mine", "").await;
    assert_eq!(stopped.json["runs"][0]["state"], "stopped");
    http(&simulator, "POST", "/scenarios/mine", "").await;
    let until = r#"{"until":{"truth":"leaks.leak-1.litres","above":0},"max_s":7200}"#;
    let advanced = http(&simulator, "POST", "/clock/advance", until).await.json;
    assert_eq!(advanced["met"], true);
    let elapsed_s = advanced["elapsed_s"].as_f64().unwrap();
    assert!((3600.0..3700.0).contains(&elapsed_s), "{elapsed_s}");
    let listed = http(&simulator, "DELETE", "/scenarios", "").await;
    assert_eq!(
        (&listed.json["runs"][1]["state"], &listed.json["runs"][1]["done"]),
        (&json!("ended"), &json!(1))
    );
    let known = listed.json["scenarios"].as_array().unwrap();
    assert!(known.iter().any(|one| one["name"] == "mine"));
}

#[tokio::test]
async fn time_moves_until_a_condition_holds_or_its_most_is_reached() {
    let simulator = demo().await;
    let advance = async |body: &str| http(&simulator, "POST", "/clock/advance", body).await.json;
    http(&simulator, "POST", "/actions", r#"{"do":"mains-off"}"#).await;
    let on_generator = r#"{"until":{"truth":"transfer_switches.ats-1.position","is":"2"},"max_s":60}"#;
    let advanced = advance(on_generator).await;
    assert!(advanced["met"] == true && advanced["elapsed_s"].as_f64().unwrap() < 20.0, "{advanced}");
    assert_eq!(advance(on_generator).await, advanced, "it holds already");
    let dark = r#"{"until":{"point":"ups-a/ups.status","is":"off"},"max_s":2.5}"#;
    let given_up = advance(dark).await;
    assert_eq!(given_up["met"], false);
    let passed_s = given_up["elapsed_s"].as_f64().unwrap() - advanced["elapsed_s"].as_f64().unwrap();
    assert!((passed_s - 2.5).abs() < 1e-6, "{passed_s}");
    assert_eq!(http(&simulator, "GET", "/clock", "").await.json["speed"], 0.0);
}

#[tokio::test]
async fn an_overridden_point_is_so_in_the_registers_and_physics_goes_on() {
    let simulator = demo().await;
    let set = http(&simulator, "PUT", "/overrides/inlet-01/temperature", r#"{"value":41.5}"#).await;
    let shown = json!({ "device": "inlet-01", "point": "temperature", "value": 41.5 });
    assert_eq!((set.status, &set.json), (200, &shown));
    assert_eq!(http(&simulator, "GET", "/overrides", "").await.json, json!({ "overrides": [shown] }));
    let mut gateway = Modbus::to(&simulator, "sensor-gateway").await;
    assert_eq!(gateway.ask(1, &[4, 0, 1, 0, 1]).await, [4, 2, 1, 159], "415 tenths");
    let points = http(&simulator, "GET", "/points?device=inlet-01", "").await.json;
    let found =
        points["points"].as_array().unwrap().iter().find(|one| one["point"] == "temperature").unwrap();
    let expected = json!({ "device": "inlet-01", "point": "temperature", "reported": 41.5, "overridden": true,
                           "believed": null });
    assert_eq!(found, &expected);
    let left = http(&simulator, "DELETE", "/overrides/inlet-01/temperature", "").await;
    assert_eq!(left.json, json!({ "overrides": [] }));
    assert_ne!(gateway.ask(1, &[4, 0, 1, 0, 1]).await, [4, 2, 1, 159]);
    http(&simulator, "PUT", "/overrides/inlet-01/temperature", r#"{"value":41.5}"#).await;
    assert_eq!(http(&simulator, "DELETE", "/overrides", "").await.json, json!({ "overrides": [] }));
}

#[tokio::test]
async fn a_fresh_hall_is_the_same_again_and_with_another_seed_another() {
    let simulator = demo().await;
    let air = async || {
        http(&simulator, "POST", "/clock/advance", r#"{"seconds":60}"#).await;
        http(&simulator, "GET", "/points?device=inlet-01", "").await.json
    };
    let first = air().await;
    let reset = async |body: &str| http(&simulator, "POST", "/reset", body).await.json;
    assert_eq!(reset(r#"{"seed":7}"#).await, json!({ "reset": true, "seed": 7 }));
    let other = air().await;
    assert_ne!(other, first);
    assert_eq!(reset("").await, json!({ "reset": true, "seed": 1 }));
    assert_eq!(air().await, first);
    reset(r#"{"seed":7}"#).await;
    assert_eq!(air().await, other);
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
        ("POST", "/clock/advance", r#"{"seconds":1,"max_s":1}"#, 422, "say by how much"),
        ("POST", "/clock/advance", r#"{"until":{"truth":"it_w","above":0}}"#, 422, "say by how much"),
        (
            "POST",
            "/clock/advance",
            r#"{"until":{"truth":"x","is":0},"max_s":1}"#,
            422,
            "no part of `truth` `x`",
        ),
        ("POST", "/clock/advance", r#"{"until":{"truth":"x"},"max_s":1}"#, 422, "needs one of is, not"),
        (
            "POST",
            "/actions",
            r#"{"do":"flood"}"#,
            422,
            "`flood` is not known here; GET /openapi.json lists all ",
        ),
        (
            "POST",
            "/actions",
            r#"{"do":"generator-repair","device":"ups-a"}"#,
            409,
            "this hall has no generator",
        ),
        ("POST", "/scenarios", "{}", 422, "`name` is missing; GET /openapi.json describes"),
        ("POST", "/scenarios", OWN_LEAK, 409, "`leak` is the name of a scenario of the simulator's own"),
        ("DELETE", "/scenarios/flood", "", 404, "one of: mains-failure, "),
        ("PUT", "/overrides/ups-x/battery.charge", r#"{"value":1}"#, 404, "no device `ups-x`"),
        (
            "PUT",
            "/overrides/ups-a/colour",
            r#"{"value":1}"#,
            422,
            "has no point `colour`; GET /points?device=ups-a lists all ",
        ),
        ("PUT", "/overrides/inlet-01/temperature", r#"{"value":"hot"}"#, 422, "it takes a number"),
        (
            "PUT",
            "/overrides/inlet-01/temperature",
            r#"{"value":[1]}"#,
            422,
            "true, false, a number or a text",
        ),
        ("DELETE", "/overrides/ups-a/colour", "", 422, "has no point `colour`"),
        ("GET", "/points?device=ups-x", "", 404, "no device `ups-x`"),
        ("POST", "/doors/front/open", "", 404, "no door `front`"),
        ("POST", "/doors/front/paint", "", 404, "one of: badge, pin, open"),
        ("POST", "/reset", r#"{"seed":"x"}"#, 422, "`seed` is the text \"x\", and must be a whole number"),
        (
            "POST",
            "/doors/hall-door/prop",
            r#"{"seconds":"x"}"#,
            422,
            "`seconds` is the text \"x\", and must be a number",
        ),
        ("POST", "/doors/hall-door/badge", r#"{"card":1}"#, 422, "`facility` is missing"),
        (
            "POST",
            "/actions",
            r#"{"do":"mains-sag","percent":400,"seconds":1}"#,
            422,
            "`percent`: 400 is not from 0 to 150",
        ),
        ("POST", "/actions", r#"{"do":"leak","devise":"x"}"#, 422, "`devise` is no key here; one of: device"),
        (
            "POST",
            "/clock/advance",
            r#"{"second":1}"#,
            422,
            "`second` is no key here; one of: seconds, until, max_s",
        ),
        (
            "POST",
            "/faults",
            r#"{"device":"ups-a","point":"battery.charg","kind":"frozen"}"#,
            422,
            "did you mean one of: battery.charge, ",
        ),
        (
            "GET",
            "/points?devise=ups-a",
            "",
            400,
            "the query is not right: `devise` is no key here; one of: device",
        ),
        ("GET", "/events?after=x", "", 400, "the query is not right: `after` must be a whole number"),
    ];
    for (method, path, body, status, said) in cases {
        let answer = http(&simulator, method, path, body).await;
        assert_eq!(
            (answer.status, answer.content_type.as_str()),
            (status, "application/problem+json"),
            "{path} {body}"
        );
        let detail = answer.json["detail"].as_str().unwrap();
        let serde_s = ["Failed to", "invalid type", "expected", "variant", "field"];
        assert!(!serde_s.iter().any(|words| detail.contains(words)), "{path} {body}: {detail}");
        assert!(detail.len() < 600, "{path} {body}: {detail}");
        assert!(detail.contains(said), "{path} {body}: {detail}");
        assert_eq!(answer.json["status"], status);
    }
}
