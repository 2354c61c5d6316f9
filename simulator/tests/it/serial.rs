//! RTU: over a pseudo terminal, through TCP, and in memory where time is the test's.

use std::{
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use hallward_simulator::{Hall, Simulator};
use hallward_site::{Site, Transport};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};
use tokio_serial::{SerialPortBuilderExt, SerialStream};

use crate::client::{PATIENCE, device, options, site};

/// The unit id of an XY-MD02, which says so itself in holding register 257; frames as on the wire.
const WHO: [u8; 8] = [1, 3, 1, 1, 0, 1, 0xD4, 0x36];
const ONE: [u8; 7] = [1, 3, 2, 0, 1, 0x79, 0x84];

/// 50 registers of a meter with unit id 2.
const FIFTY: [u8; 6] = [2, 4, 0, 0, 0, 50];

fn hall() -> Site {
    let lines = "[[line]]\nid = \"bus\"\nserial = \"/dev/ttyUSB7\"\nbaud = 19200\nparity = \"even\"\n\
                 [[line]]\nid = \"server\"\ntcp = \"10.0.0.1:4001\"\nmode = \"rtu-over-tcp\"\nbaud = 115200\n";
    let devices = [
        device("inlet", "bus", 1, "xy-md02"),
        device("meter", "bus", 2, "eastron-sdm630"),
        device("far", "server", 1, "xy-md02"),
    ];
    site(&format!("{lines}{}", devices.concat()))
}

/// CRC-16/MODBUS, a bit at a time.
fn crc(bytes: &[u8]) -> [u8; 2] {
    let mut crc = 0xFFFF_u16;
    for byte in bytes {
        crc ^= u16::from(*byte);
        for _ in 0..8 {
            let low = crc & 1;
            crc >>= 1;
            if low == 1 {
                crc ^= 0xA001;
            }
        }
    }
    crc.to_le_bytes()
}

fn framed(body: &[u8]) -> Vec<u8> {
    [body, &crc(body)].concat()
}

fn port(simulator: &Simulator) -> SerialStream {
    let Transport::Serial(serial) = &simulator.lines()["bus"] else { panic!("no serial line") };
    let path = serial.path.to_str().unwrap();
    let builder = tokio_serial::new(path, serial.baud.get());
    builder.parity(tokio_serial::Parity::Even).open_native_async().unwrap()
}

/// Sends a request and reads an answer of this length.
async fn ask(stream: &mut (impl AsyncRead + AsyncWrite + Unpin), request: &[u8], length: usize) -> Vec<u8> {
    stream.write_all(request).await.unwrap();
    let mut answer = vec![0; length];
    timeout(PATIENCE, stream.read_exact(&mut answer)).await.expect("an answer in time").unwrap();
    answer
}

#[tokio::test]
async fn a_pseudo_terminal_carries_rtu_to_the_byte() {
    let simulator = Simulator::start(options(hall())).await.unwrap();
    let mut bus = port(&simulator);
    assert_eq!(ask(&mut bus, &WHO, 7).await, ONE);
    let fifty = ask(&mut bus, &framed(&FIFTY), 105).await;
    assert_eq!((&fifty[..3], &fifty[103..]), (&[2, 4, 100][..], &crc(&fifty[..103])[..]));
    assert_eq!(ask(&mut bus, &framed(&[1, 3, 2, 0, 0, 1]), 5).await, framed(&[1, 0x83, 2]));
    assert_eq!(ask(&mut bus, &framed(&[1, 17]), 5).await, framed(&[1, 0x91, 1]));
    assert_eq!((simulator.hall().counters()["inlet"], simulator.hall().counters()["meter"]), (3, 1));
}

#[tokio::test]
async fn the_port_of_a_line_is_named_as_clients_open_it() {
    let simulator = Simulator::start(options(hall())).await.unwrap();
    let at = simulator.lines()["bus"].to_string();
    assert!(at.starts_with("/dev/pts/") && at.ends_with(" (19200 8E1)"), "{at}");
    let at = simulator.lines()["server"].to_string();
    assert!(at.starts_with("127.0.0.1:") && at.ends_with(" (RTU, 115200 baud)"), "{at}");
    for _ in 0..3 {
        let mut again = port(&simulator);
        assert_eq!(ask(&mut again, &WHO, 7).await, ONE);
    }
}

#[tokio::test]
async fn who_is_not_there_is_silent() {
    let simulator = Simulator::start(options(hall())).await.unwrap();
    let mut bus = port(&simulator);
    bus.write_all(&framed(&[9, 3, 1, 1, 0, 1])).await.unwrap();
    assert_eq!(ask(&mut bus, &WHO, 7).await, ONE, "nobody answered for unit 9");
    assert_eq!(simulator.hall().counters().values().sum::<u64>(), 1);
}

#[tokio::test]
async fn a_serial_server_carries_the_same_frames() {
    let simulator = Simulator::start(options(hall())).await.unwrap();
    let at = simulator.lines()["server"].endpoint().unwrap().clone();
    let mut server = TcpStream::connect((at.host.as_str(), at.port)).await.unwrap();
    server.set_nodelay(true).unwrap();
    assert_eq!(ask(&mut server, &WHO, 7).await, ONE);
    server.write_all(&WHO[..5]).await.unwrap();
    assert_eq!(ask(&mut server, &WHO[5..], 7).await, ONE, "in two pieces");
}

#[tokio::test]
async fn a_serial_line_takes_no_address() {
    let mut options = options(hall());
    options.lines.insert("bus".parse().unwrap(), SocketAddr::from(([127, 0, 0, 1], 0)));
    let error = Simulator::start(options).await.expect_err("a refusal");
    assert!(error.to_string().contains("`bus` is a serial port"), "{error}");
}

/// The serial line in memory.
fn in_memory() -> (tokio::io::DuplexStream, Arc<Hall>) {
    let devices = Arc::new(Hall::new(hall()).unwrap());
    let (ours, theirs) = tokio::io::duplex(1024);
    let served = Arc::clone(&devices);
    tokio::spawn(async move { served.serve(&"bus".parse().unwrap(), theirs).await });
    (ours, devices)
}

/// Time of so many characters at 19 200 baud, µs.
fn characters(count: f64) -> f64 {
    count * 11.0 / 19_200.0 * 1e6
}

#[expect(clippy::disallowed_methods, reason = "time is what it measures")]
#[tokio::test(start_paused = true)]
async fn bytes_take_their_time_on_the_line() {
    let (mut bus, _) = in_memory();
    let began = tokio::time::Instant::now();
    let mut last = 0.0;
    let since = || began.elapsed().as_secs_f64() * 1e6;
    for n in 1..=5 {
        bus.write_all(&framed(&FIFTY)).await.unwrap();
        bus.read_exact(&mut [0; 1]).await.unwrap();
        let first = since() - last;
        // Request, silence, first byte; tokio's timers are good to a millisecond.
        assert!((0.0..2000.0).contains(&(first - characters(8.0 + 3.5 + 1.0))), "{n}: {first} µs");
        bus.read_exact(&mut [0; 104]).await.unwrap();
        let whole = since() - last;
        assert!((0.0..2000.0).contains(&(whole - characters(8.0 + 3.5 + 105.0))), "{n}: {whole} µs");
        tokio::time::sleep(Duration::from_micros(2005)).await;
        last = since();
    }
}

#[tokio::test(start_paused = true)]
async fn a_request_that_is_broken_off_ends_with_the_silence() {
    let (mut bus, _) = in_memory();
    bus.write_all(&WHO[..6]).await.unwrap();
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(ask(&mut bus, &WHO, 7).await, ONE);
    let mut wrong = WHO;
    wrong[7] ^= 1;
    bus.write_all(&wrong).await.unwrap();
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(ask(&mut bus, &WHO, 7).await, ONE);
    assert_eq!(ask(&mut bus, &[WHO, WHO].concat(), 14).await, [ONE, ONE].concat(), "two in one read");
}

/// Prints how near a client that asks back to back comes to the limit of the line; asserts no time.
#[expect(clippy::disallowed_methods, reason = "time is what it measures")]
#[tokio::test]
async fn a_real_port_is_as_fast_as_its_line() {
    const REQUESTS: u32 = 8;
    let simulator = Simulator::start(options(hall())).await.unwrap();
    let mut bus = port(&simulator);
    let began = Instant::now();
    for _ in 0..REQUESTS {
        ask(&mut bus, &framed(&FIFTY), 105).await;
        tokio::time::sleep(Duration::from_micros(2005)).await;
    }
    let limit = characters(13.0 + 100.0 + 7.0) * 1e-6 * f64::from(REQUESTS);
    println!("{:.1} % of the limit at 19 200 baud", limit / began.elapsed().as_secs_f64() * 100.0);
}
