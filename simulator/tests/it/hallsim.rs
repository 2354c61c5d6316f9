//! The program itself.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    process::{Command, Output, Stdio},
};

use hallward_simulator::Scenario;
use serde_json::Value;

use crate::client::device;

fn hallsim(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hallsim"));
    command.args(arguments);
    command
}

fn run(arguments: &[&str]) -> (Option<i32>, String, String) {
    let Output { status, stdout, stderr } = hallsim(arguments).output().unwrap();
    (status.code(), String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap())
}

#[test]
fn it_lists_its_scenarios() {
    let (code, listed, _) = run(&["--list"]);
    assert_eq!(code, Some(0));
    assert_eq!(listed.lines().count(), Scenario::ALL.len());
    assert!(listed.lines().any(|line| line == "mains-failure-generator-fails"), "{listed}");
}

/// A folder of scenarios: one that darkens the hall in its fifth hour.
fn own_scenarios(folder: &tempfile::TempDir, name: &str, text: &str) -> String {
    std::fs::write(folder.path().join(name), text).unwrap();
    folder.path().to_str().unwrap().to_owned()
}

const DARK: &str =
    "name = \"dark\"\nwhat = { en = \"Dark.\", vi = \"Tối.\" }\n[[step]]\ndo = \"mains-off\"\n";

#[test]
fn scenarios_of_ones_own_are_listed_and_started() {
    let folder = tempfile::tempdir().unwrap();
    let own = own_scenarios(&folder, "dark.toml", DARK);
    let (_, listed, _) = run(&["--list", "--scenarios", &own]);
    assert_eq!(listed.lines().last(), Some("dark"));
    let arguments = ["--control", "127.0.0.1:0", "--speed", "0", "--scenarios", &own, "--scenario", "dark"];
    let mut child = hallsim(&arguments).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let ready: Value = serde_json::from_str(&line).unwrap();
    let mut stream = TcpStream::connect(ready["control"].as_str().unwrap()).unwrap();
    stream.write_all(b"GET /truth HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    let truth: Value = serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap();
    assert_eq!(truth["sources"][0]["on"], false);
}

#[test]
fn its_help_has_an_example() {
    let (code, help, _) = run(&["--help"]);
    assert_eq!(code, Some(0));
    assert!(help.contains("Example: hallsim --control"), "{help}");
}

#[test]
fn ready_it_prints_one_line_of_addresses() {
    let mut child = hallsim(&["--control", "127.0.0.1:0", "--speed", "0", "--seed", "3"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let ready: Value = serde_json::from_str(&line).unwrap();
    let address = |value: &Value| value.as_str().unwrap().to_owned();
    let reached = [address(&ready["control"]), address(&ready["lines"]["ups-a"])].map(TcpStream::connect);
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(reached.iter().all(Result::is_ok), "{line}");
}

#[test]
fn lines_that_are_no_plain_tcp_say_how_to_reach_them() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("site.toml");
    let site = "[site]\nid = \"a\"\nname = \"A\"\ntime_zone = \"UTC\"\n\
                [[line]]\nid = \"bus\"\nserial = \"/dev/ttyUSB0\"\n\
                [[line]]\nid = \"ups\"\ntcp = \"10.0.0.1:802\"\nmode = \"tls\"\nca_file = \"/ca.pem\"\n";
    let devices = [device("inlet", "bus", 1, "xy-md02"), device("ups", "ups", 1, "apc-smart-ups")];
    std::fs::write(&file, format!("{site}{}", devices.concat())).unwrap();
    let arguments = ["--control", "127.0.0.1:0", "--site", file.to_str().unwrap()];
    let mut child = hallsim(&arguments).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let ready: Value = serde_json::from_str(&line).unwrap();
    let (bus, ups) = (ready["lines"]["bus"].as_str().unwrap(), ready["lines"]["ups"].as_str().unwrap());
    assert!(bus.starts_with("/dev/pts/") && bus.ends_with(" (9600 8N1)"), "{bus}");
    assert!(ups.starts_with("127.0.0.1:") && ups.ends_with(" (TLS)"), "{ups}");
    let ca_file = std::path::Path::new(ready["ca_file"].as_str().unwrap());
    assert!(ca_file.exists());
    let interrupted = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(interrupted.success() && child.wait().unwrap().success());
    assert!(!ca_file.exists(), "its files go with it");
}

#[test]
fn what_is_wrong_is_said_once_with_exit_2() {
    let folder = std::env::temp_dir().join(format!("hallsim-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let bad = folder.join("bad.toml");
    std::fs::write(&bad, "[site]\nid = \"A\"\nname = \"A\"\ntime_zone = \"Mars\"\n").unwrap();
    let bad = bad.to_str().unwrap().to_owned();
    let scenarios = tempfile::tempdir().unwrap();
    let own = own_scenarios(&scenarios, "dark.toml", &DARK.replace("mains-off", "sun-off"));
    let control = "127.0.0.1:0";
    let cases = [
        (vec!["--site", "/nowhere.toml"], "cannot read /nowhere.toml"),
        (vec!["--site", &bad], "`Mars` is no time zone"),
        (vec!["--control", "192.0.2.1:1"], "give a loopback address"),
        (vec!["--speed", "5000"], "0 to 1000"),
        (vec!["--scenarios", "/nowhere"], "cannot read /nowhere"),
        (vec!["--list", "--scenarios", &own], "dark.toml: "),
        (vec!["--scenarios", &own], "`sun-off` is not known here"),
        (vec!["--control", control, "--scenario", "flood"], "no scenario `flood`; one of: mains-failure, "),
    ];
    for (arguments, said) in cases {
        let (code, output, told) = run(&arguments);
        assert_eq!((code, output.as_str()), (Some(2), ""), "{arguments:?}");
        assert!(told.starts_with("hallsim: ") && told.contains(said), "{arguments:?}: {told}");
    }
    std::fs::remove_dir_all(folder).unwrap();
}
