//! Faults on the wire: what a client really receives. Time is the test's, and stands still unless all wait.

use std::{io::ErrorKind, sync::Arc, time::Duration};

use hallward_simulator::{Fault, FaultKind, Hall};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, DuplexStream},
    time::timeout,
};

use crate::client::{device, site};

/// Longer than any answer takes that is to come.
const SOON: Duration = Duration::from_millis(400);

/// A client on a line of a hall with two sensors and a transfer switch on each of its lines.
struct Client {
    stream: DuplexStream,
    devices: Arc<Hall>,
}

fn hall(seed: u64) -> Arc<Hall> {
    let lines = "[[line]]\nid = \"bus\"\nserial = \"/dev/ttyUSB7\"\nbaud = 19200\n\
                 [[line]]\nid = \"net\"\ntcp = \"10.0.0.1:502\"\n";
    let on = |line: &str| {
        [
            device(&format!("{line}-1"), line, 1, "xy-md02"),
            device(&format!("{line}-2"), line, 2, "xy-md02"),
            device(&format!("{line}-3"), line, 3, "socomec-atys-p-m"),
        ]
        .concat()
    };
    let simulation = format!("[simulation]\nseed = {seed}\n");
    Arc::new(Hall::new(site(&[lines, &on("bus"), &on("net"), &simulation].concat())).unwrap())
}

impl Client {
    fn of(devices: &Arc<Hall>, line: &'static str) -> Self {
        Self { stream: devices.connect(&line.parse().unwrap()).unwrap(), devices: Arc::clone(devices) }
    }

    fn on(line: &'static str) -> Self {
        Self::of(&hall(1), line)
    }

    /// The same with a fault on the line's first device.
    fn with(line: &'static str, kind: FaultKind) -> Self {
        let client = Self::on(line);
        client.devices.set_fault(Fault::of_device(format!("{line}-1").parse().unwrap(), kind)).unwrap();
        client
    }

    async fn send(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).await.unwrap();
    }

    /// All that comes within `time`.
    async fn receive_for(&mut self, time: Duration) -> Vec<u8> {
        let mut received = Vec::new();
        let until_quiet = async { while let Ok(1..) = self.stream.read_buf(&mut received).await {} };
        // Either nothing more comes, or the connection has ended.
        timeout(time, until_quiet).await.ok();
        received
    }

    async fn ask(&mut self, bytes: &[u8]) -> Vec<u8> {
        self.send(bytes).await;
        self.receive_for(SOON).await
    }
}

/// "Which unit are you?" to units 1 and 2, in RTU.
const WHO_1: [u8; 8] = [1, 3, 1, 1, 0, 1, 0xD4, 0x36];
const WHO_2: [u8; 8] = [2, 3, 1, 1, 0, 1, 0xD4, 0x05];
const NOTHING: [u8; 0] = [];
const IS_1: [u8; 7] = [1, 3, 2, 0, 1, 0x79, 0x84];
const IS_2: [u8; 7] = [2, 3, 2, 0, 1, 0x3D, 0x84];

/// The same in Modbus TCP, with a transaction id.
fn who(transaction: u8, unit: u8) -> [u8; 12] {
    [0, transaction, 0, 0, 0, 6, unit, 3, 1, 1, 0, 1]
}

fn is(transaction: u8, unit: u8) -> [u8; 11] {
    [0, transaction, 0, 0, 0, 5, unit, 3, 2, 0, 1]
}

#[tokio::test(start_paused = true)]
async fn without_a_fault_answers_are_right() {
    let mut bus = Client::on("bus");
    assert_eq!((bus.ask(&WHO_1).await, bus.ask(&WHO_2).await), (IS_1.to_vec(), IS_2.to_vec()));
    assert_eq!(Client::on("net").ask(&who(7, 1)).await, is(7, 1));
}

#[tokio::test(start_paused = true)]
async fn a_wrong_crc_is_one_bit_off() {
    let mut bus = Client::with("bus", FaultKind::BadCrc);
    for _ in 0..20 {
        let answer = bus.ask(&WHO_1).await;
        let wrong: u32 = answer.iter().zip(IS_1).map(|(one, right)| (one ^ right).count_ones()).sum();
        assert_eq!((answer.len(), wrong), (7, 1), "{answer:?}");
    }
    assert_eq!(bus.ask(&WHO_2).await, IS_2);
}

#[tokio::test(start_paused = true)]
async fn noise_stands_before_answers_and_after_them() {
    for (line, request, right) in [("bus", &WHO_1[..], &IS_1[..]), ("net", &who(1, 1), &is(1, 1))] {
        let mut client = Client::with(line, FaultKind::Noise);
        let answer = client.ask(request).await;
        let at = answer.windows(right.len()).position(|window| window == right).unwrap();
        let after = answer.len() - at - right.len();
        assert!((1..=8).contains(&at) && (1..=8).contains(&after), "{line}: {answer:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn half_a_frame_comes() {
    assert_eq!(Client::with("bus", FaultKind::Truncate).ask(&WHO_1).await, IS_1[..3]);
    assert_eq!(Client::with("net", FaultKind::Truncate).ask(&who(1, 1)).await, is(1, 1)[..5]);
}

#[tokio::test(start_paused = true)]
async fn another_unit_answers() {
    assert_eq!(Client::with("bus", FaultKind::WrongUnit).ask(&WHO_1).await, IS_2);
    assert_eq!(Client::with("net", FaultKind::WrongUnit).ask(&who(1, 1)).await, is(1, 2));
}

#[tokio::test(start_paused = true)]
async fn late_answers_come_in_their_turn_and_hold_nobody_else() {
    let late = Duration::from_millis(900);
    let mut net = Client::with("net", FaultKind::Late { ms: 900 });
    assert_eq!(net.ask(&who(1, 1)).await, NOTHING);
    assert_eq!(net.ask(&who(2, 2)).await, is(2, 2), "a neighbour");
    net.devices.clear_faults(None);
    assert_eq!(net.ask(&who(3, 1)).await, [is(1, 1), is(3, 1)].concat(), "first the late one");

    let mut bus = Client::with("bus", FaultKind::Late { ms: 900 });
    bus.send(&WHO_1).await;
    assert_eq!(bus.receive_for(late).await, NOTHING);
    assert_eq!(bus.ask(&WHO_2).await, [&IS_1[..], &IS_2].concat());
}

#[tokio::test(start_paused = true)]
async fn a_delayed_answer_holds_the_line() {
    let mut net = Client::with("net", FaultKind::Delay { ms: 900 });
    net.send(&who(1, 1)).await;
    assert_eq!(net.ask(&who(2, 2)).await, NOTHING);
    assert_eq!(net.receive_for(Duration::from_secs(1)).await, [is(1, 1), is(2, 2)].concat());
}

#[tokio::test(start_paused = true)]
async fn an_echoing_line_gives_back_what_was_sent() {
    let mut bus = Client::on("bus");
    let line = "bus".parse().unwrap();
    bus.devices.set_fault(Fault::of_line("bus".parse().unwrap(), FaultKind::Echo)).unwrap();
    assert_eq!(bus.ask(&WHO_1).await, [&WHO_1[..], &IS_1].concat());
    let stranger = [9, 3, 1, 1, 0, 1, 0, 0];
    assert_eq!(bus.ask(&stranger).await, stranger, "even what nobody understands");
    bus.devices.clear_line_fault(&line);
    assert_eq!(bus.ask(&WHO_1).await, IS_1);
}

#[tokio::test(start_paused = true)]
async fn two_units_on_one_id_garble_each_other() {
    let mut bus = Client::with("bus", FaultKind::Collision);
    for _ in 0..20 {
        let answer = bus.ask(&WHO_1).await;
        assert!((8..=10).contains(&answer.len()) && !answer.starts_with(&IS_1), "{answer:?}");
    }
    assert_eq!(bus.ask(&WHO_2).await, IS_2);
}

#[tokio::test(start_paused = true)]
async fn a_line_is_refused_while_all_of_its_devices_refuse() {
    let hall = hall(1);
    let line = "net".parse().unwrap();
    for device in ["net-1", "net-2", "net-3"] {
        assert!(hall.connect(&line).is_ok(), "{device} does not refuse yet");
        hall.set_fault(Fault::of_device(device.parse().unwrap(), FaultKind::Refuse)).unwrap();
    }
    assert_eq!(hall.connect(&line).unwrap_err().kind(), ErrorKind::ConnectionRefused);
    assert!(hall.connect(&"bus".parse().unwrap()).is_ok(), "another line");
    assert_eq!(hall.connect(&"nobody".parse().unwrap()).unwrap_err().kind(), ErrorKind::NotFound);
    hall.clear_faults(None);
    assert!(hall.connect(&line).is_ok());
}

/// The transfer switch's profile knows it by "SOCO" in holding registers 50000 and on.
#[tokio::test(start_paused = true)]
async fn another_device_has_another_identity() {
    const MANUFACTURER: [u8; 12] = [0, 1, 0, 0, 0, 6, 3, 3, 0xC3, 0x50, 0, 4];
    let mut net = Client::on("net");
    assert_eq!(net.ask(&MANUFACTURER).await[9..], *b"SOCO\0\0\0\0");
    net.devices.set_fault(Fault::of_device("net-3".parse().unwrap(), FaultKind::Identity)).unwrap();
    assert_eq!(net.ask(&MANUFACTURER).await[9..], *b"SNCO\0\0\0\0");
}

#[tokio::test(start_paused = true)]
async fn chance_is_of_the_seed() {
    let mut heard = Vec::new();
    for seed in [1, 1, 2] {
        let devices = hall(seed);
        devices.set_fault(Fault::of_device("bus-1".parse().unwrap(), FaultKind::Noise)).unwrap();
        heard.push(Client::of(&devices, "bus").ask(&WHO_1).await);
    }
    assert!(heard[0] == heard[1] && heard[0] != heard[2], "{heard:?}");
}
