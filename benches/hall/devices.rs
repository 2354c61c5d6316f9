//! Modbus TCP devices that answer function 3 as fast as they can, each on a port and a thread of its own.

use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    thread::spawn,
    time::{Duration, Instant},
};

/// What is there to be polled.
#[derive(Clone, Copy)]
pub(crate) struct Load {
    pub(crate) devices: u16,
    /// Registers of each device, from address 0 on.
    pub(crate) registers: u16,
    /// How many of them, from address 0 on, differ from one poll to the next.
    pub(crate) changing: u16,
    /// How often each device is polled.
    pub(crate) every: Duration,
}

/// The devices of a load. Whatever unit id a request has, the device of the port answers.
pub(crate) struct Devices {
    pub(crate) ports: Vec<u16>,
    served: Arc<AtomicU64>,
}

impl Devices {
    pub(crate) fn start(load: Load) -> Self {
        let served = Arc::<AtomicU64>::default();
        let started = Instant::now();
        let ports = (0..load.devices).map(|_| device(load, started, Arc::clone(&served))).collect();
        Self { ports, served }
    }

    /// Registers told so far, by all of them.
    pub(crate) fn served(&self) -> u64 {
        self.served.load(Ordering::Relaxed)
    }
}

fn device(load: Load, started: Instant, served: Arc<AtomicU64>) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    spawn(move || {
        for stream in listener.incoming().flatten() {
            let served = Arc::clone(&served);
            spawn(move || answer(stream, load, started, &served));
        }
    });
    port
}

/// Registers that change tell how many periods have passed, the others their address.
fn answer(mut stream: TcpStream, load: Load, started: Instant, served: &AtomicU64) {
    stream.set_nodelay(true).expect("TCP_NODELAY");
    let mut request = [0; 12];
    while stream.read_exact(&mut request).is_ok() {
        let word = |at: usize| u16::from_be_bytes([request[at], request[at + 1]]);
        let (start, count) = (word(8), word(10));
        let mut frame = request[..8].to_vec();
        frame[4..6].copy_from_slice(&(3 + count * 2).to_be_bytes());
        frame.push(u8::try_from(count * 2).expect("at most 125 registers"));
        let periods = started.elapsed().as_millis() / load.every.as_millis();
        let periods = u16::try_from(periods % 60_000).expect("below 60 000");
        for address in start..start + count {
            let value = if address < load.changing { periods.wrapping_add(address) } else { address };
            frame.extend(value.to_be_bytes());
        }
        served.fetch_add(count.into(), Ordering::Relaxed);
        if stream.write_all(&frame).is_err() {
            return;
        }
    }
}
