//! Debian's `mbpoll`, a Modbus master of another hand, reads the simulated UPS.
//!
//! The registers are those of a Smart-UPS, written down here once more: 130 is the battery's charge, 1/512 %; 131 its
//! voltage, 1/32 V, signed.

use std::{process::Command, str::FromStr};

use crate::{
    gateway::Demo,
    http,
    programs::{need, output},
    wait::until,
};

/// What `mbpoll` reads once, by addresses from 0: the registers or bits, which it prints as `[130]: <tab>51200 (-14336)`.
pub(crate) fn read<T: FromStr>(arguments: &str) -> Vec<T> {
    let read = output(&need("mbpoll", "mbpoll"), ["-0", "-1"].into_iter().chain(arguments.split(' ')));
    let text = String::from_utf8_lossy(&read.stdout).into_owned();
    let values = text.lines().filter(|line| line.starts_with('['));
    let value = |line: &str| line.split_whitespace().nth(1)?.parse().ok();
    values.map(|line| value(line).unwrap_or_else(|| panic!("{line:?} in {text}"))).collect()
}

/// The battery's charge and voltage.
fn battery(address: &str) -> [u16; 2] {
    let (host, port) = address.rsplit_once(':').unwrap();
    read(&format!("-m tcp -a 1 -r 130 -c 2 -t 4 -p {port} {host}")).try_into().unwrap()
}

/// What the UPS's battery truly holds, %.
fn true_charge(demo: &Demo) -> f64 {
    let truth = http::get(&demo.simulator, "/truth");
    let ups = truth["upses"].as_array().unwrap().iter().find(|ups| ups["id"] == "ups-a").unwrap();
    ups["charge"].as_f64().unwrap() * 100.0
}

#[test]
fn mbpoll_reads_the_charge_that_is_true_while_the_battery_is_drained() {
    let demo = Demo::start(&["--scenario", "mains-failure"]);
    let address = demo.address("ups-a");
    until("a falling charge, read as it is", 60, || {
        let before = true_charge(&demo);
        let read = f64::from(battery(&address)[0]) / 512.0;
        let after = true_charge(&demo);
        // The hall moves on between the three questions; half a step is lost in the register.
        let (low, high) = (before.min(after) - 1.0 / 512.0, before.max(after) + 1.0 / 512.0);
        let agree = (low..=high).contains(&read);
        let told = format!("mbpoll {read} %, truth {before} to {after} %");
        if agree && read < 99.9 { Ok(()) } else { Err(told) }
    });
}

#[test]
fn mbpoll_and_the_gateway_read_the_same_voltage() {
    let demo = Demo::start(&[]);
    let address = demo.address("ups-a");
    until("the same battery voltage", 30, || {
        let voltage = f64::from(i16::from_ne_bytes(battery(&address)[1].to_ne_bytes())) / 32.0;
        let points = http::get_with(&demo.token, &demo.http, "/api/v1/points?device=ups-a");
        let shown =
            points["points"].as_array().unwrap().iter().find(|point| point["point"] == "battery.voltage");
        let shown = shown.unwrap()["value"].as_f64();
        let same = shown.is_some_and(|shown| (shown - voltage).abs() < 1.0 / 32.0);
        if same && voltage > 100.0 { Ok(()) } else { Err(format!("mbpoll {voltage} V, gateway {shown:?} V")) }
    });
}

#[test]
fn mbpoll_is_refused_registers_that_the_device_does_not_have() {
    let demo = Demo::start(&[]);
    let address = demo.address("ups-a");
    let (host, port) = address.rsplit_once(':').unwrap();
    let mut mbpoll = Command::new(need("mbpoll", "mbpoll"));
    let read = mbpoll
        .args(["-m", "tcp", "-0", "-r", "60000", "-c", "2", "-t", "4", "-1", "-p", port, host])
        .output();
    let read = read.unwrap();
    assert!(!read.status.success());
    let told = String::from_utf8_lossy(&read.stderr).into_owned();
    assert!(told.contains("Illegal data address"), "{told}");
}
