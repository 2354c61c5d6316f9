//! The files of a gateway that polls a load.

use std::{fmt::Write as _, fs, net::SocketAddr, path::Path};

use super::{Devices, Load};

/// Writes `site.toml`, a profile and an empty folder for the data.
pub(crate) fn write(folder: &Path, load: Load, devices: &Devices, broker: SocketAddr, http: u16) {
    let profile = format!(
        "[profile]\nid = \"bench\"\nname = \"bench\"\nvendor = \"bench\"\nclass = \"io\"\nconfidence = \"low\"\n\
         sources = [\"benches/hall\"]\n[connection]\n[limits]\nanswer_ms = 1\n[lacks]\n\"input.0\" = \"a bench\"\n\
         [[point]]\nname = \"register.{{n}}\"\narea = \"holding\"\naddress = 0\ntype = \"u16\"\nscale = 0.1\nunit = \"V\"\n\
         text = {{ en = \"Register {{n}}\", vi = \"Thanh ghi {{n}}\" }}\n\
         each = {{ from = 0, to = {}, address_step = 1 }}\n",
        load.registers - 1
    );
    let mut site = format!(
        "[site]\nid = \"bench\"\nname = \"Bench\"\ntime_zone = \"UTC\"\n[web]\nlisten = \"127.0.0.1:{http}\"\n\
         [mqtt]\nbroker = \"mqtt://{broker}\"\n"
    );
    for (n, port) in devices.ports.iter().enumerate() {
        write!(
            site,
            "[[line]]\nid = \"l{n}\"\ntcp = \"127.0.0.1:{port}\"\n\
             [[device]]\nid = \"d{n}\"\nline = \"l{n}\"\nprofile = \"bench\"\nevery = \"{}ms\"\n",
            load.every.as_millis()
        )
        .expect("a string");
    }
    fs::create_dir(folder.join("profiles")).expect("a folder");
    fs::create_dir(folder.join("data")).expect("a folder");
    fs::write(folder.join("profiles/bench.toml"), profile).expect("a file");
    fs::write(folder.join("site.toml"), site).expect("a file");
}
