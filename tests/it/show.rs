//! What `hallward profile` tells whoever installs a device, or writes a profile for one.

use std::{fs, path::Path};

use crate::{gateway::hallward, refusals::check};

const HERE: &str = env!("CARGO_MANIFEST_DIR");

#[test]
fn a_profile_is_shown_with_what_an_installer_needs() {
    let show = |id: &str, words: &[&str]| check(Path::new(HERE), &["profile", "show", id], 0, words);
    show(
        "deif-agc150",
        &[
            "class generator, confidence high",
            "Sources\n  victronenergy/dbus-modbus-client",
            "Verify on the unit\n  settings.us-units",
            "Does not measure\n  fuel.level: ",
            "Modbus TCP on port 502\n  Modbus RTU at 115200 baud, no parity\n  unit id 1",
            "at most 125 registers or 2000 bits in one request",
            "single values, too, are written by functions 15 and 16",
            "nameplate.identity (input 770) is `AGC150GEN` or ",
            "start, select-auto; cannot be read back",
        ],
    );
    show("comet-t33xx", &["no register proves which device answers", "limits come from the site file"]);
}

#[test]
fn a_profile_is_shown_as_json() {
    let output = hallward().args(["profile", "show", "deif-agc150", "--json"]).output().unwrap();
    let shown: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let text = |pointer: &str| shown.pointer(pointer).unwrap_or_else(|| panic!("no {pointer} in {shown}"));
    assert_eq!((text("/confidence"), text("/connection/tcp_port")), (&"high".into(), &502.into()));
    assert_eq!(
        (text("/identity/point"), text("/limits/timeout_ms")),
        (&"nameplate.identity".into(), &1000.into())
    );
    let points = shown["points"].as_array().unwrap();
    let command = points.iter().find(|point| point["point"] == "command.controller").unwrap();
    assert_eq!(command["write"]["words"], serde_json::json!(["start", "select-auto"]));
    assert!(points.iter().any(|point| point["write"].is_null()));
}

#[test]
fn a_worked_example_that_does_not_hold_is_told() {
    let sound =
        fs::read_to_string(Path::new(HERE).join("device-profiles/profiles/climate/xy-md02.toml")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let at = |text: &str| fs::write(folder.path().join("own.toml"), text).unwrap();
    at(&sound);
    check(
        folder.path(),
        &["profile", "check", "own.toml"],
        0,
        &["sound (xy-md02)", "values of examples hold"],
    );
    let (before, after) = sound.split_once("temperature = ").unwrap();
    let wrong = format!("{before}temperature = 9{after}");
    at(&wrong);
    let told = ["own.toml: example `", "temperature is ", "; expected: 9", "values of examples do not hold"];
    check(folder.path(), &["profile", "check", "own.toml"], 1, &told);
    check(
        folder.path(),
        &["profile", "check", "own.toml", "--json"],
        1,
        &["\"examples_wrong\":[\"example `"],
    );
}
