//! What cannot be done is said once, clearly, with exit 2; a check that finds something exits 1. Nothing panics.

use std::{fs, net::TcpListener, path::Path};

use crate::gateway::hallward;

const SITE: &str = "[site]\nid = \"s\"\nname = \"s\"\ntime_zone = \"UTC\"\n[[line]]\nid = \"l\"\n\
                    tcp = \"127.0.0.1:1\"\n[[device]]\nid = \"d\"\nline = \"l\"\nprofile = \"xy-md02\"\n\
                    [web]\nlisten = \"127.0.0.1:0\"\n";

/// Runs `hallward ARGUMENTS` in `folder`; it must end with `exit` and say `words`, without a panic.
#[track_caller]
pub(crate) fn check(folder: &Path, arguments: &[&str], exit: i32, words: &[&str]) {
    let output = hallward().args(arguments).current_dir(folder).output().unwrap();
    let said =
        format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.code(), Some(exit), "{arguments:?} said: {said}");
    for word in words {
        assert!(said.contains(word), "{arguments:?} does not say {word:?}: {said}");
    }
    assert!(!said.contains("panicked"), "{said}");
}

fn folder(site: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("site.toml"), site).unwrap();
    fs::create_dir(folder.path().join("data")).unwrap();
    folder
}

const RUN: [&str; 7] = ["run", "--site", "site.toml", "--data", "data", "--control", "data/control.sock"];

#[test]
fn a_broken_site_file_is_told_whole() {
    let site =
        SITE.replace("UTC", "Mars").replace("xy-md02", "xy-md20").replace("\"l\"\nprofile", "\"x\"\nprofile");
    let folder = folder(&site);
    let all = [
        "3 problems",
        "site.toml:4",
        "`Mars` is no time zone",
        "there is no line `x`",
        "did you mean `xy-md02`",
    ];
    check(folder.path(), &["check", "site.toml"], 1, &all);
    check(folder.path(), &RUN, 2, &all);
    check(folder.path(), &["check", "site.toml", "--json"], 1, &["\"line\":4"]);
    check(folder.path(), &["check", "nothing.toml"], 2, &["nothing.toml cannot be read"]);
}

#[test]
fn a_sound_site_file_says_what_it_opens() {
    let folder = folder(SITE);
    check(folder.path(), &["check", "site.toml"], 0, &["1 devices", "Listens on http://127.0.0.1"]);
}

#[test]
fn a_page_that_others_could_reach_is_refused_with_the_reason() {
    let folder = folder(&SITE.replace("127.0.0.1:0", "0.0.0.0:8080"));
    check(folder.path(), &RUN, 2, &["over TLS alone", "key.pem", "127.0.0.1:8080"]);
    check(folder.path(), &["check", "site.toml"], 1, &["site.toml:13", "over TLS alone"]);
}

#[test]
fn a_certificate_that_cannot_be_used_is_told_with_its_file() {
    let own = "listen = \"127.0.0.1:0\"\ncertificate = \"tls/certificate.pem\"\nkey = \"tls/key.pem\"";
    let folder = folder(&SITE.replace("listen = \"127.0.0.1:0\"", own));
    let path = folder.path();
    let missing =
        ["the pages' certificate cannot be used", "tls/certificate.pem: it cannot be read: No such file"];
    check(path, &RUN, 2, &missing);
    // Where the file is checked, the certificate may well be missing.
    let checked = ["Listens on https://127.0.0.1:0 (TLS", "cannot be used by you here: tls/certificate.pem"];
    check(path, &["check", "site.toml"], 0, &checked);
    check(path, &["check", "site.toml", "--json"], 0, &["\"listens\":[\"https://127.0.0.1:0\"]"]);

    let make = ["cert", "self-signed", "--name", "hall.example", "--name", "127.0.0.1", "--out", "tls"];
    check(path, &make, 0, &[]);
    check(path, &["check", "site.toml"], 0, &["Its certificate has the SHA-256 fingerprint "]);
    let key = path.join("tls/key.pem");
    fs::set_permissions(&key, std::os::unix::fs::PermissionsExt::from_mode(0o644)).unwrap();
    check(path, &RUN, 2, &["tls/key.pem: it may be read by others (mode 0644): chmod 600 tls/key.pem"]);
}

#[test]
fn a_certificate_is_made_and_nothing_is_overwritten() {
    let folder = folder(SITE);
    let path = folder.path();
    let make = ["cert", "self-signed", "--name", "hall.example", "--name", "127.0.0.1", "--out", "tls"];
    let told =
        ["SHA-256 fingerprint: ", "[web]\nlisten = \"127.0.0.1:8443\"", "/tls/key.pem\"", "valid until"];
    check(path, &make, 0, &told);
    let certificate = fs::read(path.join("tls/certificate.pem")).unwrap();
    let key = path.join("tls/key.pem");
    let mode =
        |file: &Path| std::os::unix::fs::PermissionsExt::mode(&fs::metadata(file).unwrap().permissions());
    assert_eq!(mode(&key) & 0o777, 0o600);

    check(path, &make, 2, &["tls/certificate.pem is there already, and is not overwritten"]);
    fs::rename(path.join("tls/certificate.pem"), path.join("other.pem")).unwrap();
    check(path, &make, 2, &["tls/key.pem is there already, and is not overwritten"]);
    assert!(!path.join("tls/certificate.pem").exists(), "both or none");
    fs::rename(path.join("other.pem"), path.join("tls/certificate.pem")).unwrap();
    assert_eq!(fs::read(path.join("tls/certificate.pem")).unwrap(), certificate);

    let wrong = ["cert", "self-signed", "--name", "https://hall", "--out", "new"];
    check(path, &wrong, 2, &["a host name such as hall-1.example"]);
    let json = ["cert", "self-signed", "--name", "hall", "--out", "new", "--days", "1", "--json"];
    check(path, &json, 0, &["\"sha256\":\"", "\"names\":[\"hall\"]", "\"valid_until\":\"20"]);
}

#[test]
fn a_broken_profile_is_named_with_its_line() {
    let folder = folder(SITE);
    fs::create_dir(folder.path().join("profiles")).unwrap();
    fs::write(folder.path().join("profiles/odd.toml"), "[profile]\nid = \"Odd\"\n").unwrap();
    check(
        folder.path(),
        &["check", "site.toml", "--profiles", "profiles"],
        2,
        &["profiles/odd.toml", "name"],
    );
    check(folder.path(), &["profile", "check", "profiles/odd.toml"], 1, &["odd.toml"]);
}

#[test]
fn a_taken_port_is_named() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let folder = folder(&SITE.replace("127.0.0.1:0", &address));
    check(folder.path(), &RUN, 2, &[&address, "another address"]);
    #[cfg(feature = "demo")]
    check(folder.path(), &["demo", "--http", &address], 2, &[&address, "--http"]);
}

#[cfg(feature = "demo")]
#[test]
fn a_demo_s_scenario_that_cannot_be_is_told_with_its_file() {
    let folder = folder(SITE);
    fs::create_dir(folder.path().join("own")).unwrap();
    let free = "127.0.0.1:0";
    let demo = ["demo", "--past", "0", "--http", free, "--mqtt", free, "--simulator", free, "--data", "data"];
    let with = |more: &[&'static str]| [&demo, more].concat();
    check(folder.path(), &with(&["--scenarios", "nowhere"]), 2, &["cannot read nowhere"]);
    check(
        folder.path(),
        &with(&["--scenario", "flood"]),
        2,
        &["no scenario `flood`; one of: mains-failure, "],
    );
    let dark = "name = \"dark\"\nwhat = { en = \"e\", vi = \"v\" }\n[[step]]\ndo = \"sun-off\"\n";
    fs::write(folder.path().join("own/dark.toml"), dark).unwrap();
    check(
        folder.path(),
        &with(&["--scenarios", "own"]),
        2,
        &["own/dark.toml: ", "`sun-off` is not known here"],
    );
    let leak = dark.replace("\"dark\"", "\"leak\"").replace("sun-off", "leak");
    fs::write(folder.path().join("own/dark.toml"), leak).unwrap();
    check(
        folder.path(),
        &with(&["--scenarios", "own"]),
        2,
        &["`leak` is the name of a scenario of the simulator's own"],
    );
}

#[test]
fn a_database_that_cannot_be_opened_is_named_with_what_to_do() {
    let folder = folder(SITE);
    let core = folder.path().join("data/core.db");
    fs::write(&core, [0x5A; 8192]).unwrap();
    check(folder.path(), &RUN, 2, &["core.db is encrypted and no key was given", "database.key"]);
    fs::remove_file(&core).unwrap();
    fs::remove_dir_all(folder.path().join("data")).unwrap();
    check(folder.path(), &RUN, 2, &["data", "does not exist"]);
}

#[test]
fn a_key_that_is_no_key_is_refused() {
    let folder = folder(SITE);
    let keys = folder.path().join("keys");
    fs::create_dir(&keys).unwrap();
    fs::write(keys.join("database.key"), "secret\n").unwrap();
    let permissions = std::os::unix::fs::PermissionsExt::from_mode(0o600);
    fs::set_permissions(keys.join("database.key"), permissions).unwrap();
    let arguments: Vec<_> = RUN.iter().copied().chain(["--keys", "keys"]).collect();
    check(folder.path(), &arguments, 2, &["64 hexadecimal digits"]);
}

#[test]
fn asking_a_service_that_does_not_run_says_so() {
    let folder = folder(SITE);
    check(folder.path(), &["read", "d", "--data", "data"], 2, &["no service answers", "is it running?"]);
}

#[test]
fn a_profile_is_shown_with_its_sources() {
    let folder = folder(SITE);
    check(
        folder.path(),
        &["profile", "show", "apc-smart-ups"],
        0,
        &["confidence high", "nut", "battery.charge"],
    );
    check(folder.path(), &["profile", "list"], 0, &["xy-md02", "socomec-atys-p-m"]);
    check(folder.path(), &["profile", "show", "nothing"], 2, &["there is no profile `nothing`"]);
}
