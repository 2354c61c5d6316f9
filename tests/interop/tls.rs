//! `openssl s_client` meets the pages over TLS: versions 1.2 and 1.3 with AES-256 and nothing below, and a renewed
//! certificate without a restart.

use std::{
    fs,
    io::Write,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use serde_json::Value;

use crate::{
    gateway::{Gateway, hallward},
    programs::{Process, need, output},
    wait::until,
};

/// A device that nobody answers for: here only the pages matter.
const SITE: &str = "[site]\nid = \"s\"\nname = \"s\"\ntime_zone = \"UTC\"\n[[line]]\nid = \"l\"\n\
                    tcp = \"127.0.0.1:1\"\n[[device]]\nid = \"d\"\nline = \"l\"\nprofile = \"xy-md02\"\n";

/// What a client may offer, and must not get. Without `SECLEVEL=0` Debian's client would not even ask.
const REFUSED: [&[&str]; 8] = [
    &["-tls1_1", "-cipher", "ALL:@SECLEVEL=0"],
    &["-tls1", "-cipher", "ALL:@SECLEVEL=0"],
    &["-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256"],
    &["-tls1_2", "-cipher", "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305"],
    &["-tls1_2", "-cipher", "ALL:!ECDHE-ECDSA-AES256-GCM-SHA384:!ECDHE-RSA-AES256-GCM-SHA384:@SECLEVEL=0"],
    &["-tls1_3", "-ciphersuites", "TLS_AES_128_GCM_SHA256"],
    &["-tls1_3", "-ciphersuites", "TLS_CHACHA20_POLY1305_SHA256"],
    &[
        "-tls1_3",
        "-ciphersuites",
        "TLS_AES_128_GCM_SHA256:TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_CCM_SHA256",
    ],
];

/// One handshake, with `input` sent inside.
fn s_client(at: &str, options: &[&str], input: &str) -> Output {
    let mut client = Command::new(need("openssl", "openssl"));
    client.args(["s_client", "-connect", at]).args(options);
    let mut child =
        client.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // A client that was refused reads no more.
    drop(child.stdin.take().unwrap().write_all(input.as_bytes()));
    child.wait_with_output().unwrap()
}

fn text(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// The certificate that is shown to a client, as openssl tells its SHA-256.
fn fingerprint(at: &str) -> Result<String, String> {
    let shown = text(&s_client(at, &[], ""));
    let begin = shown.find("-----BEGIN CERTIFICATE-----").ok_or_else(|| shown.clone())?;
    let pem = shown[begin..].split_inclusive("-----END CERTIFICATE-----").next().unwrap_or_default();
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(file.path(), pem).unwrap();
    Ok(fingerprint_of(file.path()))
}

fn fingerprint_of(file: &Path) -> String {
    let options = ["x509", "-noout", "-fingerprint", "-sha256", "-in", file.to_str().unwrap()];
    let told = output(&need("openssl", "openssl"), options);
    String::from_utf8(told.stdout).unwrap().trim().rsplit('=').next().unwrap().to_owned()
}

/// Records of the journal, as the API tells them over TLS.
fn records(at: &str, token: &str, code: &str) -> Vec<Value> {
    let request = format!(
        "GET /api/v1/journal?code={code} HTTP/1.1\r\nHost: hall.example\r\nAuthorization: Bearer {token}\r\n\
         Connection: close\r\n\r\n"
    );
    let answer = s_client(at, &["-quiet", "-ign_eof"], &request);
    let answer = String::from_utf8_lossy(&answer.stdout).into_owned();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no answer: {answer}"));
    assert!(head.starts_with("HTTP/1.1 200 "), "{head}");
    assert!(head.contains("strict-transport-security: max-age=31536000"), "{head}");
    serde_json::from_str::<Value>(body).unwrap()["records"].as_array().unwrap().clone()
}

/// A certificate made by the program itself, and a gateway that serves with it.
struct Secured {
    certificate: PathBuf,
    key: PathBuf,
    gateway: Gateway,
    at: String,
}

impl Secured {
    fn start(folder: &Path) -> Self {
        let made = hallward()
            .args(["cert", "self-signed", "--name", "hall.example", "--name", "127.0.0.1", "--json", "--out"])
            .arg(folder.join("tls"))
            .output()
            .unwrap();
        let made: Value = serde_json::from_slice(&made.stdout).unwrap_or_else(|_| panic!("{}", text(&made)));
        let file = |name: &str| made[name].as_str().unwrap().to_owned();
        let (certificate, key) = (file("certificate"), file("key"));
        let web = format!("certificate = \"{certificate}\"\nkey = \"{key}\"\n");
        let gateway = Gateway::serving(folder, SITE, &web, &[]);
        let at = gateway.http.strip_prefix("https://").expect("TLS").to_owned();
        assert_eq!(fingerprint(&at).unwrap(), made["sha256"].as_str().unwrap());
        Self { certificate: certificate.into(), key: key.into(), gateway, at }
    }

    /// Another certificate, with an RSA key, in place of the one there.
    fn renew(&self, folder: &Path) -> String {
        let (certificate, key) = (folder.join("new.pem"), folder.join("new.key"));
        let (to, secret) = (certificate.to_str().unwrap(), key.to_str().unwrap());
        let new =
            ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=hall.example"];
        output(&need("openssl", "openssl"), [&new[..], &["-keyout", secret, "-out", to]].concat());
        fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).unwrap();
        let renewed = fingerprint_of(&certificate);
        fs::rename(certificate, &self.certificate).unwrap();
        fs::rename(key, &self.key).unwrap();
        renewed
    }

    fn hang_up(&self) {
        output(Path::new("/bin/kill"), ["-HUP", &self.gateway.process.0.id().to_string()]);
    }

    /// AES-256 in both versions; `kind` is that of the key.
    fn takes_aes_256(&self, kind: &str) {
        let suite = format!("ECDHE-{kind}-AES256-GCM-SHA384");
        for (version, suite) in [("-tls1_2", suite.as_str()), ("-tls1_3", "TLS_AES_256_GCM_SHA384")] {
            let shaken = s_client(&self.at, &[version], "");
            let told = text(&shaken);
            assert!(
                shaken.status.success() && told.contains(&format!("Cipher is {suite}")),
                "{version}: {told}"
            );
        }
    }

    fn takes_nothing_below(&self) {
        for offered in REFUSED {
            let refused = s_client(&self.at, offered, "");
            let told = text(&refused);
            // The alert is the gateway's: a client that could not ask would say something else.
            assert!(!refused.status.success() && told.contains("alert"), "{offered:?} is taken:\n{told}");
        }
    }
}

#[test]
fn nothing_below_tls_1_2_and_aes_256_is_spoken() {
    let folder = tempfile::tempdir().unwrap();
    let secured = Secured::start(folder.path());
    let authority = secured.certificate.to_str().unwrap();
    let trusting = ["-CAfile", authority, "-verify_hostname", "hall.example", "-verify_return_error"];
    let trusted = s_client(&secured.at, &[&trusting[..], &["-alpn", "h2,http/1.1"]].concat(), "");
    let told = text(&trusted);
    assert!(trusted.status.success() && told.contains("Verify return code: 0 (ok)"), "{told}");
    assert!(told.contains("ALPN protocol: http/1.1"), "{told}");
    secured.takes_aes_256("ECDSA");
    secured.takes_nothing_below();
    // With the other kind of key.
    let renewed = secured.renew(folder.path());
    secured.hang_up();
    until("the RSA certificate is served", 30, || shows(&secured.at, &renewed));
    secured.takes_aes_256("RSA");
    secured.takes_nothing_below();
}

fn shows(at: &str, wanted: &str) -> Result<(), String> {
    let shown = fingerprint(at)?;
    if shown == wanted { Ok(()) } else { Err(shown) }
}

/// What is refused above is refused by the gateway: another server takes all of it from the same client.
#[test]
fn a_server_that_takes_more_is_found_out() {
    let folder = tempfile::tempdir().unwrap();
    let openssl = need("openssl", "openssl");
    let file = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (certificate, key) = (file("c.pem"), file("k.pem"));
    let new = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=x", "-keyout"];
    output(&openssl, [&new[..], &[&key, "-out", &certificate]].concat());
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let at = format!("127.0.0.1:{port}");
    let server = Command::new(&openssl)
        .args(["s_server", "-accept", &at, "-cert", &certificate, "-key", &key, "-www", "-quiet"])
        .args(["-cipher", "ALL:@SECLEVEL=0", "-ciphersuites"])
        .arg("TLS_AES_128_GCM_SHA256:TLS_CHACHA20_POLY1305_SHA256:TLS_AES_256_GCM_SHA384")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let _server = Process(server);
    until("the server answers", 20, || fingerprint(&at).map(drop));
    for offered in REFUSED {
        let taken = s_client(&at, offered, "");
        assert!(taken.status.success(), "{offered:?} cannot be asked for:\n{}", text(&taken));
    }
}

#[test]
fn a_renewed_certificate_is_served_without_a_restart_and_a_broken_one_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let mut secured = Secured::start(folder.path());
    let at = secured.at.clone();
    let renewed = secured.renew(folder.path());
    until("the renewed certificate is served, unasked", 30, || shows(&at, &renewed));
    assert_eq!(
        records(&at, &secured.gateway.token, "certificate.renewed")[0]["body"]["sha256"],
        renewed.as_str()
    );

    fs::write(&secured.certificate, "nothing\n").unwrap();
    let refused = until("the broken certificate is recorded", 30, || {
        secured.hang_up();
        records(&at, &secured.gateway.token, "certificate.refused").pop().ok_or_else(String::new)
    });
    assert_eq!(refused["severity"], "error");
    let why = refused["body"]["why"].as_str().unwrap();
    assert!(why.contains("certificate.pem: there is no certificate in it"), "{why}");
    shows(&at, &renewed).unwrap();
    assert_eq!(records(&at, &secured.gateway.token, "system.start").len(), 1, "the same run");
    assert!(secured.gateway.process.0.try_wait().unwrap().is_none());
}
