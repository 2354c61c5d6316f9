//! Debian's `mbpoll` as the master of the simulated hall's serial lines: a pseudo terminal, and RTU frames over TCP
//! through a pseudo terminal whose bytes go there as they are, since `mbpoll` itself opens serial ports only.
//!
//! The hall's time stands still, so that what its devices tell is what its physics says.

use std::collections::BTreeMap;

use hallward_profiles::{Library, Literal};
use hallward_simulator::{Options, Scenario, Simulator};
use hallward_site::Site;
use tokio::{io::copy_bidirectional, net::TcpStream, runtime::Runtime};
use tokio_serial::{SerialPort, SerialStream};

use crate::{http, mbpoll};

const SITE: &str = r#"
[site]
id = "interop"
name = "Interop"
time_zone = "UTC"

[[line]]
id = "rs485"
serial = "/dev/ttyUSB0"
baud = 19200

[[line]]
id = "converter"
tcp = "10.0.0.1:4001"
mode = "rtu-over-tcp"
baud = 19200

[[device]]
id = "ups-a"
line = "rs485"
unit = 1
profile = "apc-smart-ups"

[[device]]
id = "meter-a"
line = "rs485"
unit = 2
profile = "eastron-sdm630"

[[device]]
id = "ups-b"
line = "converter"
unit = 1
profile = "apc-smart-ups"

[[device]]
id = "meter-b"
line = "converter"
unit = 2
profile = "eastron-sdm630"

[[source]]
id = "mains"
name = "Mains"

[[load]]
id = "racks"
name = "Racks"
"#;

const FEEDS: [(&str, &str); 6] = [
    ("mains", "ups-a"),
    ("mains", "ups-b"),
    ("ups-a", "meter-a"),
    ("ups-b", "meter-b"),
    ("meter-a", "racks"),
    ("meter-b", "racks"),
];

/// A hall on battery for two minutes; it is served while this lives.
struct OnBattery {
    simulator: Simulator,
    runtime: Runtime,
}

impl OnBattery {
    fn start() -> Self {
        let feeds = FEEDS.map(|(from, to)| format!("[[feed]]\nfrom = \"{from}\"\nto = \"{to}\"\n"));
        let library = Library::load(None).unwrap_or_else(|wrong| panic!("{}", wrong[0]));
        let site = Site::parse("site", &format!("{SITE}{}", feeds.concat()), &library);
        let options = Options {
            site: site.unwrap_or_else(|wrong| panic!("{wrong}")),
            control: "127.0.0.1:0".parse().unwrap(),
            lines: BTreeMap::new(),
            client_certificates: false,
            gateway: None,
            speed: 0.0,
        };
        let runtime = Runtime::new().unwrap();
        let simulator = runtime.block_on(Simulator::start(options)).unwrap();
        simulator.hall().start(Scenario::MainsFailure).unwrap();
        let hall = Self { simulator, runtime };
        http::post(&hall.control(), "/clock/advance", r#"{"seconds":120}"#);
        hall
    }

    fn control(&self) -> String {
        format!("http://{}", self.simulator.control_address())
    }

    /// Where a device answers, as the control API tells it: the part before its speed.
    fn address(&self, device: &str) -> String {
        let devices = http::get(&self.control(), "/devices");
        let found = devices["devices"].as_array().unwrap().iter().find(|found| found["id"] == device);
        found.unwrap()["address"].as_str().unwrap().split(' ').next().unwrap().to_owned()
    }

    /// A serial port whose bytes go to `address` and back.
    fn converter(&self, address: &str) -> String {
        let (mut ours, mut theirs) = self.runtime.block_on(async { SerialStream::pair() }).unwrap();
        theirs.set_exclusive(false).unwrap();
        let path = theirs.name().unwrap();
        let mut stream = self.runtime.block_on(TcpStream::connect(address)).unwrap();
        self.runtime.spawn(async move {
            // Without anyone on it a pseudo terminal is dead.
            let _open = theirs;
            copy_bidirectional(&mut ours, &mut stream).await
        });
        path
    }

    /// What physics says of a device.
    fn number(&self, device: &str, point: &str) -> f64 {
        let values = self.simulator.hall().values(device).unwrap();
        let found = values.iter().find(|(name, _)| name.as_str() == point);
        let Some((_, Literal::Number(number))) = found else { panic!("no number {device}/{point}") };
        *number
    }
}

/// What `mbpoll` reads from the units of a serial port is what physics says of the devices `ups` and `meter`.
fn agrees(hall: &OnBattery, port: &str, ups: &str, meter: &str) {
    let rtu = "-m rtu -b 19200 -d 8 -P none -s 1";
    let charge: Vec<u16> = mbpoll::read(&format!("{rtu} -a 1 -t 4 -r 130 {port}"));
    let truth = hall.number(ups, "battery.charge");
    assert!(truth < 99.0, "{truth} % after two minutes on battery");
    // Half a step is lost in the register.
    assert!((f64::from(charge[0]) / 512.0 - truth).abs() < 1.0 / 512.0, "{charge:?}/512 %, truth {truth} %");

    let voltages: Vec<f64> = mbpoll::read(&format!("{rtu} -a 2 -t 3:float -B -r 0 -c 3 {port}"));
    let truth = ["voltage.l1", "voltage.l2", "voltage.l3"].map(|point| hall.number(meter, point));
    let near = voltages.iter().zip(truth).all(|(read, truth)| (read - truth).abs() < 0.001 && truth > 200.0);
    assert!(near && voltages.len() == 3, "{voltages:?} V, truth {truth:?} V");

    let counted = &http::get(&hall.control(), "/counters")["counters"];
    assert_eq!((&counted[ups], &counted[meter]), (&1.into(), &1.into()), "{counted}");
}

#[test]
fn mbpoll_reads_what_is_true_on_a_serial_line() {
    let hall = OnBattery::start();
    agrees(&hall, &hall.address("ups-a"), "ups-a", "meter-a");
}

#[test]
fn mbpoll_reads_what_is_true_through_a_serial_server() {
    let hall = OnBattery::start();
    let port = hall.converter(&hall.address("ups-b"));
    agrees(&hall, &port, "ups-b", "meter-b");
}
