//! Faults of values: what registers hold while the hall is otherwise.

use std::{sync::Arc, time::Duration};

use hallward_profiles::{Literal, PointName};
use hallward_simulator::{Fault, FaultKind, Hall, Scenario, Spike};
use tokio::io::DuplexStream;

use crate::client::{Modbus, device, site};

const HOUR: Duration = Duration::from_secs(3600);

/// Temperature of unit 1, an inlet sensor, in 0.1 °C; its correction, which may be written.
const TEMPERATURE: [u8; 5] = [4, 0, 1, 0, 1];
const CORRECTION: [u8; 5] = [3, 1, 3, 0, 1];

/// Input voltage of unit 2, a UPS, in 1/64 V, 65535 when there is none; battery charge in 1/512 %.
const VOLTAGE: [u8; 5] = [3, 0, 151, 0, 1];
const CHARGE: [u8; 5] = [3, 0, 130, 0, 1];

/// Clock of unit 3, a generator: year to day, hour to second.
const DATE: [u8; 5] = [3, 0, 72, 0, 3];
const TIME: [u8; 5] = [3, 0, 76, 0, 3];

/// Energy of unit 4, a meter: input registers 342 and on, as a float.
const ENERGY: [u8; 5] = [4, 1, 86, 0, 2];

/// One line with all of them.
struct Line {
    hall: Arc<Hall>,
    client: Modbus<DuplexStream>,
}

impl Line {
    fn new() -> Self {
        let text = [
            "[[line]]\nid = \"net\"\ntcp = \"10.0.0.1:502\"\n".to_owned(),
            device("inlet", "net", 1, "xy-md02"),
            device("ups", "net", 2, "apc-smart-ups"),
            device("gen", "net", 3, "smartgen-hgm4000n"),
            device("meter", "net", 4, "eastron-sdm630"),
            "[[feed]]\nfrom = \"meter\"\nto = \"ups\"\n[simulation]\nit_load_w = 4000\n".to_owned(),
        ];
        let hall = Arc::new(Hall::new(site(&text.concat())).unwrap());
        let client = Modbus::over(hall.connect(&"net".parse().unwrap()).unwrap());
        Self { hall, client }
    }

    fn spoil(&self, device: &str, point: &str, kind: FaultKind) {
        let place = (device.parse().unwrap(), point.parse().unwrap());
        self.hall.set_fault(Fault::of_point(place.0, place.1, kind)).unwrap();
    }

    async fn registers(&mut self, unit: u8, request: &[u8]) -> Vec<u16> {
        let answer = self.client.ask(unit, request).await;
        answer[2..].chunks(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]])).collect()
    }

    /// The sensor's temperature as it reports it and as it is, °C.
    async fn temperature(&mut self) -> (f64, f64) {
        let told = self.registers(1, &TEMPERATURE).await[0];
        let Literal::Number(right) =
            self.hall.values("inlet").unwrap()[&"temperature".parse::<PointName>().unwrap()]
        else {
            panic!("a number")
        };
        (f64::from(told.cast_signed()) / 10.0, right)
    }

    async fn kilowatt_hours(&mut self) -> f32 {
        let words = self.registers(4, &ENERGY).await;
        f32::from_bits(u32::from(words[0]) << 16 | u32::from(words[1]))
    }
}

#[tokio::test(start_paused = true)]
async fn a_frozen_point_stays_while_the_hall_moves_on() {
    let mut line = Line::new();
    line.spoil("ups", "battery.charge", FaultKind::Frozen);
    let full = line.registers(2, &CHARGE).await;
    line.hall.start(Scenario::MainsFailure).unwrap();
    line.hall.advance(Duration::from_secs(60));
    assert_eq!(line.registers(2, &CHARGE).await, full);
    assert_eq!(line.registers(2, &VOLTAGE).await, [0], "the other points go on");
    line.hall.clear_faults(Some(&"ups".parse().unwrap()));
    assert!(line.registers(2, &CHARGE).await < full);
}

#[tokio::test(start_paused = true)]
async fn a_frozen_device_keeps_all_of_its_points() {
    let mut line = Line::new();
    line.hall.set_fault(Fault::of_device("ups".parse().unwrap(), FaultKind::Frozen)).unwrap();
    let before = (line.registers(2, &CHARGE).await, line.registers(2, &VOLTAGE).await);
    line.hall.start(Scenario::MainsFailure).unwrap();
    line.hall.advance(Duration::from_secs(60));
    assert_eq!((line.registers(2, &CHARGE).await, line.registers(2, &VOLTAGE).await), before);
    line.hall.clear_faults(None);
    assert_ne!((line.registers(2, &CHARGE).await, line.registers(2, &VOLTAGE).await), before);
}

#[tokio::test(start_paused = true)]
async fn a_drift_grows_by_the_hour() {
    let mut line = Line::new();
    line.spoil("inlet", "temperature", FaultKind::Drift { per_hour: -2.0 });
    for (passed, expected) in [(Duration::ZERO, 0.0), (HOUR, -2.0), (HOUR, -4.0)] {
        line.hall.advance(passed);
        let (told, right) = line.temperature().await;
        assert!((told - right - expected).abs() < 0.1, "{told} °C, and it is {right} °C");
    }
    line.hall.clear_faults(None);
    let (told, right) = line.temperature().await;
    assert!((told - right).abs() < 0.1);
}

#[tokio::test(start_paused = true)]
async fn a_spike_goes_to_a_value_or_by_a_factor() {
    let mut line = Line::new();
    let (before, _) = line.temperature().await;
    line.spoil("inlet", "temperature", FaultKind::Spike(Spike::Value(-31.5)));
    assert_eq!(line.temperature().await.0.to_string(), "-31.5");
    line.spoil("inlet", "temperature", FaultKind::Spike(Spike::Factor(3.0)));
    assert!((line.temperature().await.0 - 3.0 * before).abs() < 0.1, "in place of the other spike");
}

#[tokio::test(start_paused = true)]
async fn a_sentinel_is_the_profile_s_own() {
    let mut line = Line::new();
    assert!(line.registers(2, &VOLTAGE).await[0] > 200 * 64);
    line.spoil("ups", "input.voltage", FaultKind::Sentinel);
    assert_eq!(line.registers(2, &VOLTAGE).await, [0xFFFF]);
}

#[tokio::test(start_paused = true)]
async fn a_stuck_bit_is_one_bit() {
    let mut line = Line::new();
    let right = line.registers(2, &CHARGE).await[0];
    assert_eq!(right, 0xC800, "100 %");
    line.spoil("ups", "battery.charge", FaultKind::StuckBit { bit: 3, on: true });
    assert_eq!(line.registers(2, &CHARGE).await, [0xC808]);
    line.spoil("ups", "battery.charge", FaultKind::StuckBit { bit: 15, on: false });
    assert_eq!(line.registers(2, &CHARGE).await, [0x4800], "in place of the other bit");
}

#[tokio::test(start_paused = true)]
async fn a_wrong_clock_is_off_over_midnight_and_new_year() {
    let mut line = Line::new();
    assert_eq!(line.registers(3, &DATE).await, [26, 1, 1]);
    let place = Fault::of_device("gen".parse().unwrap(), FaultKind::ClockWrong { seconds: -3_661 });
    line.hall.set_fault(place).unwrap();
    assert_eq!(line.registers(3, &DATE).await, [25, 12, 31]);
    assert_eq!(line.registers(3, &TIME).await, [22, 58, 59]);
    line.hall.clear_faults(None);
    assert_eq!(line.registers(3, &TIME).await, [0, 0, 0]);
}

#[tokio::test(start_paused = true)]
async fn a_device_that_reboots_is_silent_and_begins_anew() {
    let mut line = Line::new();
    line.client.ask(1, &[6, 1, 3, 0, 7]).await;
    line.hall.advance(HOUR);
    assert_eq!(line.registers(1, &CORRECTION).await, [7]);
    let counted = line.kilowatt_hours().await;
    assert!(counted > 1.0, "{counted} kWh");
    for device in ["inlet", "meter"] {
        let reboot = FaultKind::Reboot { seconds: 20 };
        line.hall.set_fault(Fault::of_device(device.parse().unwrap(), reboot)).unwrap();
    }
    line.client.send(1, &CORRECTION).await;
    line.client.send(4, &ENERGY).await;
    assert!(line.registers(2, &CHARGE).await[0] > 0, "only a neighbour answers");
    line.hall.advance(Duration::from_secs(20));
    assert_eq!(line.registers(1, &CORRECTION).await, [0], "what was written is forgotten");
    let restarted = line.kilowatt_hours().await;
    assert!(restarted < 0.1 * counted, "{restarted} kWh");
    line.hall.advance(HOUR);
    let again = line.kilowatt_hours().await;
    assert!((again - counted).abs() < 0.1 * counted, "{again} kWh");
    assert!(line.hall.faults().is_empty(), "it is over by itself");
}

#[tokio::test(start_paused = true)]
async fn an_override_outlives_a_reboot() {
    let mut line = Line::new();
    line.hall.set_override("inlet", "temperature", Literal::Number(41.5)).unwrap();
    line.hall.set_override("meter", "energy.sum", Literal::Number(5000.0)).unwrap();
    for device in ["inlet", "meter"] {
        let reboot = FaultKind::Reboot { seconds: 20 };
        line.hall.set_fault(Fault::of_device(device.parse().unwrap(), reboot)).unwrap();
    }
    line.hall.advance(HOUR);
    assert_eq!(line.registers(1, &TEMPERATURE).await, [415]);
    assert!((line.kilowatt_hours().await - 5000.0).abs() < 0.1, "a counter that is told does not begin anew");
    line.hall.clear_overrides();
    let restarted = line.kilowatt_hours().await;
    assert!(restarted < 0.1, "{restarted} kWh");
}
