//! Drivers of NUT (Network UPS Tools), which many use to watch a UPS, read the simulated ones through a mains failure.
//!
//! `huawei-ups2000` speaks RTU on a serial port: it asks who the UPS is by function 43 and the vendor's own objects,
//! and reads what it knows of in large blocks. `generic_modbus` takes states from bits at addresses that its user
//! names, here from a Riello's over TCP. Each runs in the foreground and is asked on its socket, as `upsd` would.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{BufRead, BufReader, Write},
    os::unix::net::UnixStream,
    path::PathBuf,
    process::{Command, Stdio},
    time::Duration,
};

use tempfile::TempDir;

use crate::{
    programs::{Process, need},
    simulated::Simulated,
    wait::until,
};

const SITE: &str = r#"
[site]
id = "interop"
name = "Interop"
time_zone = "UTC"

[[line]]
id = "port"
serial = "/dev/ttyUSB0"
baud = 9600

[[line]]
id = "network"
tcp = "10.0.0.1:502"

[[device]]
id = "huawei"
line = "port"
unit = 1
profile = "huawei-ups2000"

[[device]]
id = "riello"
line = "network"
unit = 1
profile = "riello-netman204-multicom302"

[[source]]
id = "mains"
name = "Mains"

[[load]]
id = "racks"
name = "Racks"

[simulation]
it_load_w = 2000
"#;

const FEEDS: &str = r#"
[[feed]]
from = "mains"
to = "huawei"

[[feed]]
from = "mains"
to = "riello"

[[feed]]
from = "huawei"
to = "racks"

[[feed]]
from = "riello"
to = "racks"
"#;

/// A driver of NUT in the foreground.
struct Driver {
    _process: Process,
    folder: TempDir,
    socket: PathBuf,
}

impl Driver {
    /// Starts `driver`, from Debian's `package`, with these settings.
    fn start(driver: &str, package: &str, settings: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let configuration = format!("[ups]\ndriver = {driver}\npollinterval = 1\n{settings}");
        fs::write(folder.path().join("ups.conf"), configuration).unwrap();
        let told = File::create(folder.path().join("told")).unwrap();
        let mut command = Command::new(need(driver, package));
        // `-D` keeps it in the foreground.
        command.args(["-a", "ups", "-u", "root", "-D"]).stdin(Stdio::null());
        command.env("NUT_CONFPATH", folder.path()).env("NUT_STATEPATH", folder.path());
        command.env("NUT_ALTPIDPATH", folder.path());
        command.stdout(told.try_clone().unwrap()).stderr(told);
        let process = Process(command.spawn().unwrap());
        let socket = folder.path().join(format!("{driver}-ups"));
        Self { _process: process, folder, socket }
    }

    /// What the driver knows, by NUT's names; an error while it knows nothing that is fresh.
    fn variables(&self) -> Result<BTreeMap<String, String>, String> {
        let told = || fs::read_to_string(self.folder.path().join("told")).unwrap();
        let mut stream = UnixStream::connect(&self.socket).map_err(|error| format!("{error}\n{}", told()))?;
        stream.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
        stream.write_all(b"DUMPALL\n").map_err(|error| error.to_string())?;
        let mut known = BTreeMap::new();
        let mut fresh = false;
        for line in BufReader::new(stream).lines() {
            let line = line.map_err(|error| error.to_string())?;
            match line.splitn(3, ' ').collect::<Vec<_>>()[..] {
                ["SETINFO", name, value] => {
                    known.insert(name.to_owned(), value.trim_matches('"').to_owned());
                }
                ["DATAOK"] => fresh = true,
                ["DUMPDONE"] if fresh => return Ok(known),
                ["DUMPDONE"] => break,
                _ => {}
            }
        }
        Err(format!("the data is stale\n{}", told()))
    }

    /// Its variables once `ups.status` has the word of the UPS's true mode, and `are_right`.
    fn agrees(&self, mode: &str, are_right: impl Fn(&BTreeMap<String, String>) -> bool) {
        let word = match mode {
            "online" => "OL",
            "on-battery" => "OB",
            other => panic!("no test brings a UPS to {other}"),
        };
        until(&format!("{word}, as in truth"), 60, || {
            let known = self.variables()?;
            let status = known.get("ups.status").cloned().unwrap_or_default();
            let mut words = status.split(' ');
            // What is discharged is on battery, and nothing else is.
            let discharging = words.clone().any(|word| word == "DISCHRG") == (mode == "on-battery");
            let same = words.any(|found| found == word) && discharging && are_right(&known);
            if same { Ok(()) } else { Err(format!("{known:?}")) }
        });
    }
}

/// Whether a variable is `truth`, but for what its register and its text leave out.
fn is_near(known: &BTreeMap<String, String>, name: &str, truth: f64, step: f64) -> bool {
    let told = known.get(name).and_then(|value| value.parse::<f64>().ok());
    told.is_some_and(|told| (told - truth).abs() <= step)
}

#[test]
fn the_driver_of_a_huawei_knows_it_and_tells_the_state_that_is_true() {
    let hall = Simulated::start(&format!("{SITE}{FEEDS}"));
    let port = format!("port = {}\n", hall.address("huawei"));
    let driver = Driver::start("huawei-ups2000", "nut-server", &port);
    hall.mains_failure("huawei", |hall| {
        driver.agrees(hall.mode("huawei"), |known| {
            let truth = |point| hall.number("huawei", point);
            known.get("device.mfr").is_some_and(|maker| maker == "Huawei")
                && known.get("ups.firmware").is_some_and(|firmware| firmware == "V100R001C01SPC120")
                && is_near(known, "input.voltage", truth("input.voltage"), 0.11)
                && is_near(known, "output.voltage", truth("output.voltage"), 0.11)
                && is_near(known, "battery.charge", truth("battery.charge"), 0.51)
                && is_near(known, "battery.voltage", truth("battery.voltage"), 0.11)
                && is_near(known, "ups.load", truth("output.load"), 0.11)
        });
    });
}

#[test]
fn a_driver_of_contacts_tells_the_state_that_is_true() {
    let hall = Simulated::start(&format!("{SITE}{FEEDS}"));
    // Discrete inputs of the Riello: 12 is on battery, 11 is a low battery.
    let settings = format!(
        "port = {}\nrio_slave_id = 1\nOB_addr = 12\nOB_regtype = 1\nLB_addr = 11\n",
        hall.address("riello")
    );
    let driver = Driver::start("generic_modbus", "nut-modbus", &settings);
    hall.mains_failure("riello", |hall| {
        driver.agrees(hall.mode("riello"), |known| known["ups.status"].contains("LB") == is_low(hall));
    });
}

/// Whether the Riello's battery is low.
fn is_low(hall: &Simulated) -> bool {
    let values = hall.hall().values("riello").unwrap();
    values["alarm.battery-low"] == hallward_profiles::Literal::Flag(true)
}
