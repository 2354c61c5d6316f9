//! Faults as a client meets them. Time is the test's, and stands still unless all wait.

mod course;
mod values;
mod wire;

use std::{sync::Arc, time::Duration};

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
