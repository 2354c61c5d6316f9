//! `schemathesis` reads the API's description and tries what it says and what it does not: no answer of 5xx, none that is
//! not described, as each role and as nobody. What it may change is a demo's that ends with the test.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::Value;

use crate::{
    gateway::Demo,
    http,
    programs::{need, output},
};

const PACKAGE: &str = "schemathesis==4.32.5";

const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,\
     response_schema_conformance,unsupported_method,allow_header_conformance,negative_data_rejection";

/// What would end the caller itself before the run is over; their answers are tried by `src/web/tests`.
const ENDS_THE_CALLER: &str = "/(accounts/\\{id\\}/(end|suspend|end-date|role)|tokens/\\{id\\}/end)$";

/// The endless one; tried by `src/web/tests` too.
const ENDLESS: &str = "/api/v1/stream";

/// Schemathesis in an environment of its own below the target folder.
fn schemathesis() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("schemathesis");
    let (python, program) = (folder.join("bin/python"), folder.join("bin/schemathesis"));
    let asked = Command::new(&python).args(["-m", "pip", "freeze"]).output();
    if !asked.is_ok_and(|asked| String::from_utf8_lossy(&asked.stdout).contains(PACKAGE)) {
        need("python3", "python3");
        let system = need("python3", "python3-venv");
        output(&system, [Path::new("-m"), Path::new("venv"), &folder]);
        output(&python, ["-m", "pip", "install", "--quiet", PACKAGE]);
    }
    program
}

/// Tries everything that `description` has, with a token or as nobody.
fn tried(demo: &Demo, description: &Path, token: Option<&str>) -> (bool, String) {
    let mut command = Command::new(schemathesis());
    command.args(["run", "--url", &demo.http, "--workers", "1", "--max-examples", "12"]);
    command.args(["--phases", "examples,coverage,fuzzing", "--checks", CHECKS, "--seed", "7"]);
    command.args(["--request-timeout", "20", "--continue-on-failure", "--no-color", "--warnings", "off"]);
    // The guard lets 50 requests a second pass.
    command.args([
        "--rate-limit",
        "40/s",
        "--exclude-path",
        ENDLESS,
        "--exclude-path-regex",
        ENDS_THE_CALLER,
    ]);
    if let Some(token) = token {
        command.args(["--header", &format!("Authorization: Bearer {token}")]);
    }
    let done = command.arg(description).current_dir(description.parent().unwrap()).output().unwrap();
    let said = [done.stdout, done.stderr].map(|text| String::from_utf8_lossy(&text).into_owned()).concat();
    (done.status.success(), said)
}

/// The description, in a file of its own.
fn description(demo: &Demo, folder: &Path) -> (PathBuf, Value) {
    let description = http::get_with(&demo.token, &demo.http, "/api/openapi.json");
    let path = folder.join("openapi.json");
    fs::write(&path, description.to_string()).unwrap();
    (path, description)
}

#[test]
fn every_answer_to_every_role_is_described() {
    let folder = tempfile::tempdir().unwrap();
    for role in ["viewer", "operator", "security", "administrator"] {
        // What one role has changed is no other's concern.
        let demo = Demo::start(&[]);
        let (path, _) = description(&demo, folder.path());
        let (good, said) = tried(&demo, &path, Some(demo.token_of(role)));
        assert!(good, "as {role}:\n{said}");
    }
}

#[test]
fn nobody_reads_anything_but_signs_of_life() {
    let folder = tempfile::tempdir().unwrap();
    let demo = Demo::start(&[]);
    let (path, description) = description(&demo, folder.path());
    let (good, said) = tried(&demo, &path, None);
    assert!(good, "as nobody:\n{said}");
    for (path, methods) in description["paths"].as_object().unwrap() {
        let is_open = ["/healthz", "/assets/{file}"].contains(&path.as_str());
        for (method, operation) in methods.as_object().unwrap() {
            assert_eq!(operation["security"].as_array().unwrap().is_empty(), is_open, "{method} {path}");
            let status =
                http::status(&method.to_ascii_uppercase(), &demo.http, &path.replace(['{', '}'], ""));
            let refused = status == 401 || (method != "get" && status == 403);
            assert_eq!(refused, !is_open, "{method} {path}: {status}");
        }
    }
}
