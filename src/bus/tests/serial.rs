//! A serial line of 19 200 baud in paused time: ten units of fifty registers, each byte taking its time on the wire.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use hallward_profiles::{Library, Profile};
use hallward_site::{Baud, Site};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, DuplexStream},
    sync::mpsc,
    time::{sleep, timeout},
};
use tokio_util::sync::CancellationToken;

use super::{PausedClock, paused_now};
use crate::{
    bus::{Command, Dial, LineCounters, LineTask, Reports, Stream, frames::crc},
    logic::{live::Input, timing::Timing},
    model::{Clock, DeviceKey, Mono, Plant, Quality},
};

const UNITS: u8 = 10;
const SECONDS: u64 = 120;

/// The units on their end: each answers after 5 ms, and `silent` never. Counts who was asked.
async fn units(mut stream: DuplexStream, silent: u8, asked: Arc<Mutex<BTreeMap<u8, u32>>>) {
    let timing = Timing::at(Baud::new(19_200).unwrap());
    let mut request = [0; 8];
    while stream.read_exact(&mut request).await.is_ok() {
        *asked.lock().unwrap().entry(request[0]).or_default() += 1;
        sleep(timing.characters(8)).await;
        if request[0] == silent {
            continue;
        }
        sleep(Duration::from_millis(5)).await;
        let count = u16::from_be_bytes([request[4], request[5]]);
        let mut answer = vec![request[0], request[1], u8::try_from(count * 2).unwrap()];
        answer.resize(answer.len() + usize::from(count) * 2, 7);
        answer.extend(crc(&answer).to_le_bytes());
        let begun = paused_now();
        for (n, byte) in (1..).zip(answer) {
            // By the time since the first byte: tokio's timers count whole milliseconds.
            sleep(timing.characters(n).saturating_sub(begun.elapsed())).await;
            if stream.write_all(&[byte]).await.is_err() {
                return;
            }
        }
    }
}

fn plant() -> Plant {
    let profile = "[profile]\nid = \"fifty\"\nname = \"t\"\nvendor = \"t\"\nclass = \"io\"\nconfidence = \"low\"\n\
                   sources = [\"test\"]\n[connection]\n[lacks]\n\"input.0\" = \"test\"\n\
                   [[point]]\nname = \"r{n}\"\narea = \"holding\"\naddress = 0\ntype = \"u16\"\n\
                   each = { from = 0, to = 49, address_step = 1 }\ntext = { en = \"t\", vi = \"t\" }\n";
    let profile = Profile::parse("fifty.toml", profile).unwrap_or_else(|wrong| panic!("{wrong}"));
    let mut site = "[site]\nid = \"s\"\nname = \"s\"\ntime_zone = \"UTC\"\n[[line]]\nid = \"l\"\n\
                    serial = \"/dev/x\"\nbaud = 19200\n"
        .to_owned();
    for unit in 1..=UNITS {
        site += &format!("[[device]]\nid = \"d{unit}\"\nline = \"l\"\nunit = {unit}\nprofile = \"fifty\"\n");
    }
    Plant::new(
        Site::parse("site.toml", &site, &Library::from_iter([profile])).unwrap_or_else(|e| panic!("{e}")),
        false,
    )
}

#[tokio::test(start_paused = true)]
async fn one_silent_unit_of_ten_on_a_serial_line_does_not_slow_the_others() {
    let plant = plant();
    let clock: Arc<dyn Clock> = Arc::new(PausedClock(paused_now()));
    let asked = Arc::new(Mutex::new(BTreeMap::new()));
    let seen_by_units = Arc::clone(&asked);
    let dial: Dial = Arc::new(move || {
        let asked = Arc::clone(&seen_by_units);
        Box::pin(async move {
            let (here, there) = tokio::io::duplex(4096);
            tokio::spawn(units(there, 4, asked));
            Ok(Box::new(here) as Box<dyn Stream>)
        })
    });
    let (counters, reports) = (Arc::<LineCounters>::default(), Arc::new(Reports::default()));
    let mut task = LineTask::new(&plant, 0, dial, Arc::clone(&counters), Arc::clone(&reports), clock);
    let (_commands, mut receiver) = mpsc::channel::<Command>(1);
    let end = Duration::from_secs(SECONDS);
    drop(timeout(end, task.run(&mut receiver, &CancellationToken::new())).await);

    let mut polls = BTreeMap::<DeviceKey, u64>::new();
    let mut dead = Vec::new();
    for report in reports.take_now() {
        if let Input::Block { device, samples, .. } = &report
            && samples.iter().all(|(_, value)| value.is_ok())
        {
            *polls.entry(*device).or_default() += 1;
        }
        if let Input::Lost(device, why) = report {
            dead.push((device, why));
        }
    }
    for unit in (0..u32::from(UNITS)).filter(|unit| *unit != 3) {
        let polls = polls[&DeviceKey(unit)];
        assert!(polls * 100 >= SECONDS * 95, "device {unit}: {polls} polls in {SECONDS} s");
    }
    assert_eq!(dead, [(DeviceKey(3), Quality::Timeout)]);
    let tries = asked.lock().unwrap()[&4];
    assert!((6..=10).contains(&tries), "{tries} tries: three, then after 10 to 30 s each");
    let load = counters.load.share(Mono(SECONDS * 1_000_000));
    assert!(load > 0.6, "the line is busy: {load}");
}
