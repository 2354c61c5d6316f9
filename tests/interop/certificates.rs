//! Certificates that openssl makes, for the broker and for lines with TLS.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::programs::{need, output};

/// An authority, and a certificate that it has signed for a server at 127.0.0.1 (or a client).
pub(crate) struct Certificates {
    pub(crate) authority: PathBuf,
    pub(crate) server: PathBuf,
    pub(crate) key: PathBuf,
}

impl Certificates {
    pub(crate) fn make(folder: &Path) -> Self {
        let openssl = need("openssl", "openssl");
        let path = |name: &str| folder.join(name);
        let text = |path: &Path| path.display().to_string();
        let (authority, authority_key) = (path("ca.pem"), path("ca.key"));
        let (request, server, key) = (path("server.csr"), path("server.pem"), path("server.key"));
        let new = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
        let run = |arguments: &[&str]| drop(output(&openssl, arguments));
        let (ca_file, ca_key, csr) = (text(&authority), text(&authority_key), text(&request));
        run(&[
            &["req", "-x509"][..],
            &new,
            &["-days", "2", "-subj", "/CN=interop", "-keyout", &ca_key, "-out", &ca_file],
        ]
        .concat());
        let (file, secret) = (text(&server), text(&key));
        run(&[&["req"][..], &new, &["-subj", "/CN=peer", "-keyout", &secret, "-out", &csr]].concat());
        fs::write(path("names"), "subjectAltName=IP:127.0.0.1\nbasicConstraints=CA:FALSE\n").unwrap();
        let names = text(&path("names"));
        let sign = ["x509", "-req", "-days", "2", "-CAcreateserial", "-CA", &ca_file, "-CAkey", &ca_key];
        run(&[&sign[..], &["-in", &csr, "-extfile", &names, "-out", &file]].concat());
        Self { authority, server, key }
    }
}
