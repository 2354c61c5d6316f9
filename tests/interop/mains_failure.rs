//! `mbpoll` and `pymodbus` ask the simulated UPS itself, without a gateway, through a mains failure.
//!
//! The registers are those of a Smart-UPS, written down here once more: of the status in 0 and 1, bit 1 is on line and
//! bit 2 on battery; 130 is the battery's charge, 1/512 %; 151 the input's voltage, 1/64 V.

use std::path::Path;

use crate::{mbpoll, meter::python, programs::output, simulated::Simulated};

const SITE: &str = r#"
[site]
id = "interop"
name = "Interop"
time_zone = "UTC"

[[line]]
id = "network"
tcp = "10.0.0.1:502"

[[device]]
id = "ups"
line = "network"
unit = 1
profile = "apc-smart-ups"

[[source]]
id = "mains"
name = "Mains"

[[load]]
id = "racks"
name = "Racks"

[[feed]]
from = "mains"
to = "ups"

[[feed]]
from = "ups"
to = "racks"
"#;

/// What `read` finds at an address, in so many registers, is what is true at every stage.
fn agrees_throughout(read: impl Fn(&str, u16, u16) -> Vec<u16>) {
    let hall = Simulated::start(SITE);
    let address = hall.address("ups");
    hall.mains_failure("ups", |hall| {
        let status = read(&address, 0, 2);
        let status = u32::from(status[0]) << 16 | u32::from(status[1]);
        let told = (status >> 1 & 1 == 1, status >> 2 & 1 == 1);
        let mode = hall.mode("ups");
        assert_eq!(told, (mode == "online", mode == "on-battery"), "{status:#b} while {mode}");
        let near = |address_of: u16, scale: f64, point: &str| {
            let told = f64::from(read(&address, address_of, 1)[0]) / scale;
            let truth = hall.number("ups", point);
            assert!((told - truth).abs() <= 1.0 / scale, "{point}: {told}, truth {truth}");
        };
        near(130, 512.0, "battery.charge");
        near(151, 64.0, "input.voltage");
    });
}

#[test]
fn mbpoll_reads_what_is_true_through_a_mains_failure() {
    agrees_throughout(|address, first, count| {
        let (host, port) = address.rsplit_once(':').unwrap();
        mbpoll::read(&format!("-m tcp -a 1 -t 4 -r {first} -c {count} -p {port} {host}"))
    });
}

#[test]
fn pymodbus_reads_what_is_true_through_a_mains_failure() {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/interop/pymodbus_client.py");
    agrees_throughout(|address, first, count| {
        let arguments = [address.to_owned(), first.to_string(), count.to_string()];
        let read =
            output(python(), std::iter::once(script.as_os_str().to_owned()).chain(arguments.map(Into::into)));
        let words = String::from_utf8_lossy(&read.stdout).into_owned();
        words.split_whitespace().map(|word| word.parse().unwrap()).collect()
    });
}
