//! Debian's `mbpoll` as the master of the simulated hall's serial lines: a pseudo terminal, and RTU frames over TCP
//! through a pseudo terminal whose bytes go there as they are, since `mbpoll` itself opens serial ports only.
//!
//! The hall's time stands still, so that what its devices tell is what its physics says.

use hallward_simulator::Action;
use tokio::{io::copy_bidirectional, net::TcpStream};
use tokio_serial::{SerialPort, SerialStream};

use crate::{http, mbpoll, simulated::Simulated};

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
fn on_battery() -> Simulated {
    let feeds = FEEDS.map(|(from, to)| format!("[[feed]]\nfrom = \"{from}\"\nto = \"{to}\"\n"));
    let hall = Simulated::start(&format!("{SITE}{}", feeds.concat()));
    hall.hall().act(&Action::MainsOff { source: None }).unwrap();
    http::post(&hall.control(), "/clock/advance", r#"{"seconds":120}"#);
    hall
}

/// A serial port whose bytes go to `address` and back.
fn converter(hall: &Simulated, address: &str) -> String {
    let (mut ours, mut theirs) = hall.runtime.block_on(async { SerialStream::pair() }).unwrap();
    theirs.set_exclusive(false).unwrap();
    let path = theirs.name().unwrap();
    let mut stream = hall.runtime.block_on(TcpStream::connect(address)).unwrap();
    hall.runtime.spawn(async move {
        // Without anyone on it a pseudo terminal is dead.
        let _open = theirs;
        copy_bidirectional(&mut ours, &mut stream).await
    });
    path
}

/// What `mbpoll` reads from the units of a serial port is what physics says of the devices `ups` and `meter`.
fn agrees(hall: &Simulated, port: &str, ups: &str, meter: &str) {
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
    let hall = on_battery();
    agrees(&hall, &hall.address("ups-a"), "ups-a", "meter-a");
}

#[test]
fn mbpoll_reads_what_is_true_through_a_serial_server() {
    let hall = on_battery();
    let port = converter(&hall, &hall.address("ups-b"));
    agrees(&hall, &port, "ups-b", "meter-b");
}
