//! The same seed and orders give the same hall: byte for byte on every line, and however threads meet.

use std::{sync::Arc, time::Duration};

use hallward_profiles::Area;
use hallward_simulator::{DEMO_SITE, Fault, FaultKind, Hall, Scenario};
use hallward_site::Site;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    time::sleep,
};

use crate::client::site;

/// CRC-16 of Modbus, bit by bit.
fn crc(bytes: &[u8]) -> [u8; 2] {
    let crc = bytes.iter().fold(0xFFFF_u16, |crc, byte| {
        (0..8).fold(crc ^ u16::from(*byte), |crc, _| if crc & 1 == 1 { crc >> 1 ^ 0xA001 } else { crc >> 1 })
    });
    crc.to_le_bytes()
}

/// Asks each device of a line for its first readable register, in the framing of the line.
fn requests(site: &Site, line: usize) -> Vec<Vec<u8>> {
    let rtu = site.lines[line].transport.is_rtu();
    let on_line = site.devices.iter().filter(|device| device.line == line);
    let request = on_line.filter_map(|device| {
        let point = device.map.points.iter().find(|point| point.is_read())?;
        let function = match point.area {
            Area::Coil => 1,
            Area::Discrete => 2,
            Area::Holding => 3,
            Area::Input => 4,
        };
        let [high, low] = point.addresses.first()?.to_be_bytes();
        let frame = vec![device.unit, function, high, low, 0, 1];
        Some(if rtu {
            [&frame[..], &crc(&frame)].concat()
        } else {
            [&[0, 1, 0, 0, 0, 6][..], &frame].concat()
        })
    });
    request.collect()
}

/// All that comes on every line in some minutes of disturbances.
async fn bytes_of(hall: &Arc<Hall>) -> Vec<Vec<u8>> {
    let ids: Vec<_> = hall.site().lines.iter().map(|line| line.id.clone()).collect();
    for (n, line) in hall.site().lines.iter().enumerate() {
        let kinds = match line.transport.is_rtu() {
            true => {
                vec![FaultKind::BadCrc, FaultKind::Noise, FaultKind::ByteLoss, FaultKind::Late { ms: 700 }]
            }
            false => vec![FaultKind::Twice, FaultKind::Garbage, FaultKind::Delay { ms: 300 }],
        };
        if hall.site().devices.iter().any(|device| device.line == n) {
            for kind in kinds {
                let fault = Fault { probability: 0.2, ..Fault::of_line(line.id.clone(), kind) };
                hall.set_fault(fault).unwrap();
            }
        }
    }
    let mut streams: Vec<_> = ids.iter().map(|id| hall.connect(id).unwrap()).collect();
    let mut heard = vec![Vec::new(); streams.len()];
    for second in 0..180 {
        if second == 30 {
            hall.start(Scenario::MainsFailure).unwrap();
        }
        hall.advance(Duration::from_secs(1));
        for (n, stream) in streams.iter_mut().enumerate() {
            for request in requests(hall.site(), n) {
                stream.write_all(&request).await.unwrap();
            }
        }
        sleep(Duration::from_secs(1)).await;
        for (stream, heard) in streams.iter_mut().zip(&mut heard) {
            let until_quiet = async { while let Ok(1..) = stream.read_buf(heard).await {} };
            tokio::time::timeout(Duration::from_millis(10), until_quiet).await.ok();
        }
    }
    heard
}

fn demo() -> Arc<Hall> {
    Arc::new(Hall::new(site(DEMO_SITE)).unwrap())
}

#[tokio::test(start_paused = true)]
async fn two_halls_of_one_seed_say_the_same_bytes_on_every_line() {
    let hall = demo();
    let first = bytes_of(&hall).await;
    for (line, bytes) in hall.site().lines.iter().zip(&first) {
        assert!(bytes.len() > 180, "{}: {} bytes", line.id, bytes.len());
    }
    assert!(bytes_of(&demo()).await == first, "another hall");
    hall.reset();
    assert!(bytes_of(&hall).await == first, "the same hall after a reset");
}

#[test]
fn a_reset_comes_before_or_after_time_that_passes_and_never_between() {
    let hall = demo();
    let clock = Arc::clone(&hall);
    let passing = std::thread::spawn(move || clock.advance(Duration::from_secs(6 * 3600)));
    while hall.elapsed().is_zero() {
        std::thread::yield_now();
    }
    hall.reset();
    passing.join().unwrap();
    assert_eq!(hall.elapsed(), Duration::ZERO);
}
