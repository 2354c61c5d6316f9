//! modpoll, a Modbus poller in Python from PyPI, for comparison: installed into a virtual environment under the target
//! folder, and started on the devices that the gateway has just polled.
//!
//! It polls only. Its MQTT cannot connect with paho-mqtt 2, which it asks for (gavinying/modpoll#103). It knows one
//! endpoint: all units are asked at the port of the first device.

use std::{
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use tempfile::TempDir;

use crate::hall::{Devices, Load, process::Process};

const VERSION: &str = "1.6.0";

/// The most registers that it reads at once.
const MOST_REGISTERS: u16 = 123;

/// Where it is installed.
pub(crate) struct Modpoll(PathBuf);

/// A modpoll that runs.
pub(crate) struct Running {
    pub(crate) process: Process,
    _folder: TempDir,
}

impl Modpoll {
    /// Installs it, unless an earlier run did.
    ///
    /// # Errors
    /// The step that failed.
    pub(crate) fn install() -> Result<Self, String> {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("modpoll-{VERSION}"));
        let program = folder.join("bin/modpoll");
        if !program.exists() {
            done("python3 -m venv", Command::new("python3").args(["-m", "venv"]).arg(&folder))?;
            let package = format!("modpoll=={VERSION}");
            let mut pip = Command::new(folder.join("bin/pip"));
            done("pip install", pip.args(["install", "--quiet", &package]))?;
        }
        Ok(Self(program))
    }

    pub(crate) fn start(&self, load: Load, devices: &Devices) -> Running {
        let folder = tempfile::tempdir().expect("a folder");
        let config = folder.path().join("units.csv");
        fs::write(&config, configuration(load)).expect("a file");
        let mut command = Command::new(&self.0);
        command.args(["--tcp", "127.0.0.1", "--tcp-port", &devices.ports[0].to_string()]);
        command.args(["--rate", &load.every.as_secs_f64().to_string(), "--interval", "0"]);
        // Without tables on its output, and without a line for each round.
        command.args(["--daemon", "--loglevel", "ERROR", "--config"]).arg(config).stdout(Stdio::null());
        Running { process: Process::start(&mut command), _folder: folder }
    }
}

fn done(what: &str, command: &mut Command) -> Result<(), String> {
    let output = command.output().map_err(|error| format!("{what}: {error}"))?;
    let said = String::from_utf8_lossy(&output.stderr);
    if output.status.success() { Ok(()) } else { Err(format!("{what}: {}", said.trim())) }
}

/// The same registers as the gateway's profile, with unit and scale, on units 1, 2, 3 …
fn configuration(load: Load) -> String {
    let mut text = String::new();
    for unit in 1..=load.devices {
        writeln!(text, "device,d{unit},{unit},,").expect("a string");
        let mut start = 0;
        while start < load.registers {
            let end = (start + MOST_REGISTERS).min(load.registers);
            writeln!(text, "poll,holding_register,{start},{},BE_BE", end - start).expect("a string");
            for n in start..end {
                writeln!(text, "ref,register.{n},{n},uint16,r,V,0.1").expect("a string");
            }
            start = end;
        }
    }
    text
}
