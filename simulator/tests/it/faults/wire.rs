//! Faults of answers, byte by byte, and of connections.

use std::{io::ErrorKind, time::Duration};

use hallward_simulator::{Fault, FaultKind, Place, Simulator};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use super::{Client, IS_1, IS_2, NOTHING, WHO_1, WHO_2, hall, is, who};
use crate::client::{Modbus, PATIENCE, demo};

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
async fn fields_of_the_frame_are_wrong() {
    let transaction = Client::with("net", FaultKind::WrongTransaction).ask(&who(1, 1)).await;
    assert_eq!(transaction, is(2, 1));
    let function = Client::with("net", FaultKind::WrongFunction).ask(&who(1, 1)).await;
    assert_eq!((function[7], &function[8..]), (4, &is(1, 1)[8..]));
    let serial = Client::with("bus", FaultKind::WrongFunction).ask(&WHO_1).await;
    assert_eq!((&serial[..2], &serial[2..5]), (&[1, 4][..], &IS_1[2..5]), "with the right CRC of that");
    assert_ne!(serial[5..], IS_1[5..]);
}

#[tokio::test(start_paused = true)]
async fn an_answer_comes_twice() {
    assert_eq!(Client::with("bus", FaultKind::Twice).ask(&WHO_1).await, [IS_1, IS_1].concat());
    assert_eq!(Client::with("net", FaultKind::Twice).ask(&who(1, 1)).await, [is(1, 1), is(1, 1)].concat());
}

#[tokio::test(start_paused = true)]
async fn garbage_comes_in_place_of_an_answer() {
    for (line, request, right) in [("bus", &WHO_1[..], &IS_1[..]), ("net", &who(1, 1), &is(1, 1))] {
        let answer = Client::with(line, FaultKind::Garbage).ask(request).await;
        assert!(answer.len() == right.len() && answer != right, "{line}: {answer:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn bytes_get_lost_of_requests_and_of_answers() {
    let mut bus = Client::on("bus");
    let loss = Fault::of_device("bus-1".parse().unwrap(), FaultKind::ByteLoss);
    bus.devices.set_fault(Fault { probability: 0.05, ..loss }).unwrap();
    let (mut unheard, mut whole, mut cut) = (0, 0, 0);
    for _ in 0..200 {
        match bus.ask(&WHO_1).await {
            answer if answer.is_empty() => unheard += 1,
            answer if answer == IS_1 => whole += 1,
            answer => {
                let mut right = IS_1.iter();
                assert!(answer.iter().all(|byte| right.any(|other| other == byte)), "{answer:?}");
                cut += 1;
            }
        }
    }
    // 8 bytes are heard whole in 66 of a hundred cases, and 7 more come whole in 70 of those.
    assert!((40..=100).contains(&unheard) && (60..=125).contains(&whole) && (20..=60).contains(&cut));
    assert_eq!(bus.ask(&WHO_2).await, IS_2);
}

#[tokio::test(start_paused = true)]
async fn a_line_has_the_faults_of_all_its_devices() {
    let mut net = Client::on("net");
    let line = "net".parse().unwrap();
    net.devices.set_fault(Fault::of_line("net".parse().unwrap(), FaultKind::Exception { code: 4 })).unwrap();
    for unit in [1, 2, 3] {
        assert_eq!(net.ask(&who(1, unit)).await[7..], [0x83, 4], "unit {unit}");
    }
    net.devices.clear_line_fault(&line);
    net.devices.set_fault(Fault::of_line(line, FaultKind::Silence)).unwrap();
    assert_eq!(net.ask(&who(1, 9)).await, NOTHING, "even for units that are not there");
}

#[tokio::test(start_paused = true)]
async fn a_unit_of_a_line_is_its_device() {
    let mut net = Client::on("net");
    let unit = Place::Unit("net".parse().unwrap(), 2);
    net.devices.set_fault(Fault::new(unit, FaultKind::Silence)).unwrap();
    assert_eq!((net.ask(&who(1, 2)).await, net.ask(&who(2, 1)).await), (vec![], is(2, 1).to_vec()));
    net.devices.clear_faults(Some(&"net-2".parse().unwrap()));
    assert_eq!(net.ask(&who(3, 2)).await, is(3, 2));
}

#[tokio::test(start_paused = true)]
async fn a_refusing_device_closes_the_connection_and_on_a_serial_port_is_silent() {
    let mut net = Client::with("net", FaultKind::Refuse);
    net.send(&who(1, 1)).await;
    assert_eq!(net.stream.read(&mut [0; 9]).await.unwrap(), 0, "the end");
    let mut bus = Client::with("bus", FaultKind::Refuse);
    assert_eq!((bus.ask(&WHO_1).await, bus.ask(&WHO_2).await), (vec![], IS_2.to_vec()));
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_is_half_open_is_never_answered_again() {
    let mut old = Client::with("net", FaultKind::HalfOpen);
    assert_eq!(old.ask(&who(1, 1)).await, NOTHING);
    let mut new = Client::of(&old.devices, "net");
    assert_eq!(new.ask(&who(1, 2)).await, is(1, 2), "another connection, to another unit");
    old.devices.clear_faults(None);
    assert_eq!(old.ask(&who(2, 1)).await, NOTHING, "the peer has forgotten it");
    assert_eq!(old.ask(&who(3, 2)).await, NOTHING);
    assert_eq!(new.ask(&who(2, 1)).await, is(2, 1));
}

/// Who reads a reset connection is told so by the system.
async fn is_reset(stream: &mut TcpStream) -> bool {
    let read = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut Vec::new())).await.unwrap();
    read.is_err_and(|error| error.kind() == ErrorKind::ConnectionReset)
}

async fn connected(simulator: &Simulator) -> TcpStream {
    TcpStream::connect(simulator.lines()["sensor-gateway"].to_string()).await.unwrap()
}

#[tokio::test]
async fn a_reset_comes_after_half_an_answer() {
    let simulator = demo().await;
    let fault = Fault::of_device("inlet-02".parse().unwrap(), FaultKind::Reset);
    simulator.hall().set_fault(fault).unwrap();
    let mut stream = connected(&simulator).await;
    stream.write_all(&who(1, 2)).await.unwrap();
    let mut half = [0; 5];
    stream.read_exact(&mut half).await.unwrap();
    assert_eq!(half, is(1, 2)[..5]);
    assert!(is_reset(&mut stream).await);
}

#[tokio::test]
async fn a_refusing_line_takes_no_new_connections() {
    let simulator = demo().await;
    let mut open = Modbus::over(connected(&simulator).await);
    open.ask(1, &[3, 1, 1, 0, 1]).await;
    let line = "sensor-gateway".parse().unwrap();
    simulator.hall().set_fault(Fault::of_line(line, FaultKind::Refuse)).unwrap();
    assert!(is_reset(&mut connected(&simulator).await).await);
    open.send(1, &[3, 1, 1, 0, 1]).await;
    assert_eq!(open.receive().await, None, "those that are open are closed");
    simulator.hall().clear_faults(None);
    Modbus::over(connected(&simulator).await).ask(1, &[3, 1, 1, 0, 1]).await;
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
