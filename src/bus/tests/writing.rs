//! Writes: once, never repeated, read back, over Modbus TCP and RTU; and devices whose identity is asked first.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use hallward_profiles::{Library, Profile};
use hallward_site::Site;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, DuplexStream},
    sync::{mpsc, oneshot},
    time::{sleep, timeout},
};
use tokio_util::sync::CancellationToken;

use super::{PausedClock, paused_now};
use crate::{
    bus::{Command, Dial, LineTask, Reports, Stream, WriteError, Written, frames::crc},
    logic::live::Input,
    model::{Clock, DeviceKey, Plant, Value},
};

/// What the device does with a write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Taking {
    /// Takes and acknowledges it.
    Well,
    /// Takes it, and says nothing.
    Mutely,
    /// Takes it, and closes the connection.
    Closing,
    /// Says nothing, and does not take it.
    Not,
    /// Acknowledges it, and does not take it.
    Falsely,
    /// Takes it, behind an adapter that sends back all that it is sent.
    Echoing,
    /// Hears nothing, behind such an adapter.
    OnlyEchoing,
    /// Takes it, and says that it will be done later (exception 5).
    Later,
    /// Refuses.
    Refusing,
}

/// A device of a few registers; `writes` are the functions of the writes that it had.
#[derive(Default)]
struct Registers {
    words: BTreeMap<u16, u16>,
    writes: Vec<u8>,
}

async fn device(mut stream: DuplexStream, rtu: bool, taking: Taking, registers: Arc<Mutex<Registers>>) {
    let mut chunk = [0; 300];
    while let Ok(count @ 1..) = stream.read(&mut chunk).await {
        if matches!(taking, Taking::Echoing | Taking::OnlyEchoing) {
            stream.write_all(&chunk[..count]).await.unwrap();
        }
        if taking == Taking::OnlyEchoing {
            continue;
        }
        let head = if rtu { 0 } else { 6 };
        let request = chunk[head..count - if rtu { 2 } else { 0 }].to_vec();
        let word = |at: usize| u16::from_be_bytes([request[at], request[at + 1]]);
        let (function, start) = (request[1], word(2));
        let mut answer = request[..2].to_vec();
        match function {
            3 => {
                answer.push(u8::try_from(word(4) * 2).unwrap());
                let words = &registers.lock().unwrap().words;
                (start..start + word(4))
                    .for_each(|at| answer.extend(words.get(&at).copied().unwrap_or(0).to_be_bytes()));
            }
            _ => {
                let mut registers = registers.lock().unwrap();
                registers.writes.push(function);
                if matches!(
                    taking,
                    Taking::Well | Taking::Mutely | Taking::Closing | Taking::Echoing | Taking::Later
                ) {
                    let written: Vec<u16> = if function == 16 {
                        (0..word(4)).map(|n| word(7 + 2 * usize::from(n))).collect()
                    } else {
                        vec![word(4)]
                    };
                    registers.words.extend((start..).zip(written));
                }
                match taking {
                    Taking::Well | Taking::Falsely | Taking::Echoing => answer.extend(&request[2..6]),
                    Taking::Later => answer = vec![request[0], function | 0x80, 5],
                    Taking::OnlyEchoing => unreachable!("it hears nothing"),
                    Taking::Refusing => answer = vec![request[0], function | 0x80, 3],
                    Taking::Mutely | Taking::Not => continue,
                    Taking::Closing => return,
                }
            }
        }
        let frame = if rtu {
            [answer.as_slice(), &crc(&answer).to_le_bytes()].concat()
        } else {
            let length = u16::try_from(answer.len()).unwrap().to_be_bytes();
            [&chunk[..4], &length, &answer].concat()
        };
        sleep(Duration::from_millis(2)).await;
        if stream.write_all(&frame).await.is_err() {
            return;
        }
    }
}

fn plant(rtu: bool, rest: &str) -> Plant {
    let profile = format!(
        "[profile]\nid = \"set\"\nname = \"t\"\nvendor = \"t\"\nclass = \"io\"\nconfidence = \"low\"\nsources = [\"test\"]\n\
         [connection]\n[limits]\ntimeout_ms = 200\nlate_max_ms = 300\n{rest}\n[lacks]\n\"input.0\" = \"test\"\n\
         [[point]]\nname = \"model\"\narea = \"holding\"\naddress = 1\ntype = \"u16\"\ntext = {{ en = \"t\", vi = \"t\" }}\n\
         [[point]]\nname = \"set\"\narea = \"holding\"\naddress = 2\ntype = \"u16\"\naccess = \"read-write\"\nset = {{ min = 0, max = 99 }}\n\
         text = {{ en = \"t\", vi = \"t\" }}\n\
         [[point]]\nname = \"flag\"\narea = \"holding\"\naddress = 3\ntype = \"bool\"\nbits = \"4\"\naccess = \"read-write\"\n\
         text = {{ en = \"t\", vi = \"t\" }}\n\
         [[point]]\nname = \"command\"\narea = \"holding\"\naddress = 9\ntype = \"u32\"\naccess = \"write\"\n\
         text = {{ en = \"t\", vi = \"t\" }}\n"
    );
    let profile = Profile::parse("set.toml", &profile).unwrap_or_else(|wrong| panic!("{wrong}"));
    let line = if rtu { "serial = \"/dev/x\"" } else { "tcp = \"h:502\"" };
    let site = format!(
        "[site]\nid = \"s\"\nname = \"s\"\ntime_zone = \"UTC\"\n[[line]]\nid = \"l\"\n{line}\n\
         [[device]]\nid = \"d\"\nline = \"l\"\nunit = 1\nprofile = \"set\"\nevery = \"10s\"\n"
    );
    Plant::new(
        Site::parse("site.toml", &site, &Library::from_iter([profile])).unwrap_or_else(|e| panic!("{e}")),
        false,
    )
}

/// Runs a line with this device and sends it one write; what came of it, and the device afterwards.
async fn write(
    rtu: bool,
    taking: Taking,
    point: usize,
    value: Value,
    rest: &str,
) -> (Result<Written, WriteError>, Registers) {
    let registers =
        Arc::new(Mutex::new(Registers { words: [(2, 7), (3, 0x8001)].into(), writes: Vec::new() }));
    let shared = Arc::clone(&registers);
    let dial: Dial = Arc::new(move || {
        let registers = Arc::clone(&shared);
        Box::pin(async move {
            let (here, there) = tokio::io::duplex(4096);
            tokio::spawn(device(there, rtu, taking, registers));
            Ok(Box::new(here) as Box<dyn Stream>)
        })
    });
    let clock: Arc<dyn Clock> = Arc::new(PausedClock(paused_now()));
    let mut task =
        LineTask::new(&plant(rtu, rest), 0, dial, Arc::default(), Arc::new(Reports::default()), clock);
    let (commands, mut receiver) = mpsc::channel(1);
    let (answer, answered) = oneshot::channel();
    commands.send(Command::Write { device: DeviceKey(0), point, value, answer }).await.unwrap();
    let shutdown = CancellationToken::new();
    let result = tokio::select! {
        () = task.run(&mut receiver, &shutdown) => panic!("a line does not end by itself"),
        result = answered => result.unwrap(),
    };
    drop(task);
    let registers = std::mem::take(&mut *registers.lock().unwrap());
    (result, registers)
}

const SET: usize = 1;
const FLAG: usize = 2;
const COMMAND: usize = 3;

fn number(number: f64) -> Option<Value> {
    Some(Value::Number(number))
}

#[tokio::test(start_paused = true)]
async fn a_write_is_sent_once_and_read_back() {
    for rtu in [false, true] {
        let (result, registers) = write(rtu, Taking::Well, SET, Value::Number(42.0), "").await;
        assert_eq!(result.unwrap(), Written { before: number(7.0), after: number(42.0) });
        assert_eq!((registers.words[&2], registers.writes), (42, vec![6]));
        let (result, registers) = write(rtu, Taking::Well, FLAG, Value::Flag(true), "").await;
        assert_eq!(result.unwrap().after, Some(Value::Flag(true)));
        assert_eq!((registers.words[&3], registers.writes), (0x8011, vec![6]), "the bits around it stay");
        let (_, registers) = write(rtu, Taking::Well, SET, Value::Number(1.0), "write_multiple = true").await;
        assert_eq!(registers.writes, [16]);
        let (result, registers) = write(rtu, Taking::Well, COMMAND, Value::Number(65_537.0), "").await;
        assert_eq!(result.unwrap(), Written { before: None, after: None });
        assert_eq!((registers.words[&9], registers.words[&10], registers.writes), (1, 1, vec![16]));
    }
}

#[tokio::test(start_paused = true)]
async fn a_write_that_nobody_answers_is_not_repeated_and_what_stands_there_decides() {
    for rtu in [false, true] {
        let (result, registers) = write(rtu, Taking::Mutely, SET, Value::Number(42.0), "").await;
        assert_eq!(result.unwrap().after, number(42.0), "it was done, only not acknowledged");
        assert_eq!(registers.writes.len(), 1);
        let (result, registers) = write(rtu, Taking::Not, SET, Value::Number(42.0), "").await;
        let kept = matches!(&result, Err(WriteError::NotTaken { before, after }) if *before == number(7.0) && *after == number(7.0));
        assert!(kept, "{result:?}");
        assert_eq!(registers.writes.len(), 1, "and never again");
        let (result, registers) = write(rtu, Taking::Not, COMMAND, Value::Number(1.0), "").await;
        assert!(matches!(result, Err(WriteError::Unknown(_))), "{result:?}");
        assert_eq!(registers.writes.len(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_breaks_in_a_write_does_not_repeat_it() {
    let (result, registers) = write(false, Taking::Closing, SET, Value::Number(42.0), "").await;
    assert_eq!(result.unwrap().after, number(42.0), "read back on a new connection");
    assert_eq!(registers.writes.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_false_acknowledgement_and_a_refusal_are_told() {
    let (result, _) = write(true, Taking::Falsely, SET, Value::Number(42.0), "").await;
    assert!(matches!(result, Err(WriteError::NotTaken { .. })), "{result:?}");
    let (result, registers) = write(true, Taking::Refusing, SET, Value::Number(42.0), "").await;
    assert!(matches!(result, Err(WriteError::Exception(3))), "{result:?}");
    assert_eq!(registers.words[&2], 7);
}

#[tokio::test(start_paused = true)]
async fn an_echo_is_not_taken_for_an_acknowledgement() {
    let (result, registers) = write(true, Taking::Echoing, SET, Value::Number(42.0), "").await;
    assert_eq!(result.unwrap().after, number(42.0));
    assert_eq!(registers.writes, [6]);
    let (result, registers) = write(true, Taking::Echoing, COMMAND, Value::Number(1.0), "").await;
    assert_eq!((result.unwrap(), registers.writes), (Written { before: None, after: None }, vec![16]));
    let (result, registers) = write(true, Taking::OnlyEchoing, COMMAND, Value::Number(1.0), "").await;
    assert!(matches!(result, Err(WriteError::NotSent(_))), "{result:?}");
    assert!(registers.writes.is_empty(), "nobody is there: nothing is sent");
}

#[tokio::test(start_paused = true)]
async fn what_was_only_accepted_is_read_back() {
    let (result, _) = write(false, Taking::Later, SET, Value::Number(42.0), "").await;
    assert_eq!(result.unwrap().after, number(42.0));
    let (result, _) = write(false, Taking::Later, COMMAND, Value::Number(1.0), "").await;
    assert!(matches!(result, Err(WriteError::Unknown(_))), "{result:?}");
}

#[tokio::test(start_paused = true)]
async fn nothing_is_written_to_another_device_than_the_profiles() {
    let identity = "[identity]\npoint = \"model\"\nis = 5";
    let (result, registers) = write(false, Taking::Well, SET, Value::Number(42.0), identity).await;
    assert!(matches!(result, Err(WriteError::NotSent(crate::bus::ExchangeError::WrongDevice))), "{result:?}");
    assert!(registers.writes.is_empty());
}

/// What a device with this model number reports in 90 s, if the profile expects 5; it becomes 5 after a minute.
async fn identified(model: u16) -> Vec<Input> {
    let registers = Arc::new(Mutex::new(Registers { words: [(1, model)].into(), writes: Vec::new() }));
    let shared = Arc::clone(&registers);
    let dial: Dial = Arc::new(move || {
        let registers = Arc::clone(&shared);
        Box::pin(async move {
            let (here, there) = tokio::io::duplex(4096);
            tokio::spawn(device(there, false, Taking::Well, registers));
            Ok(Box::new(here) as Box<dyn Stream>)
        })
    });
    let (clock, reports): (Arc<dyn Clock>, _) =
        (Arc::new(PausedClock(paused_now())), Arc::new(Reports::default()));
    let plant = plant(false, "[identity]\npoint = \"model\"\nis = [5, 6]");
    let mut task = LineTask::new(&plant, 0, dial, Arc::default(), Arc::clone(&reports), clock);
    let (_commands, mut receiver) = mpsc::channel::<Command>(1);
    let shutdown = CancellationToken::new();
    for seconds in [60, 30] {
        drop(timeout(Duration::from_secs(seconds), task.run(&mut receiver, &shutdown)).await);
        registers.lock().unwrap().words.insert(1, 5);
    }
    reports.take_now().into()
}

#[tokio::test(start_paused = true)]
async fn a_device_is_believed_only_once_its_identity_is_right() {
    let is_block = |report: &Input| matches!(report, Input::Block { .. });
    let right = identified(6).await;
    assert!(right.iter().filter(|report| is_block(report)).count() >= 8, "{right:?}");
    assert!(!right.iter().any(|report| matches!(report, Input::WrongDevice(..) | Input::RightDevice(_))));

    let wrong = identified(4).await;
    let told = wrong.iter().filter(|report| **report == Input::WrongDevice(DeviceKey(0), "4".to_owned()));
    assert_eq!(told.count(), 1, "{wrong:?}");
    let again = wrong.iter().position(|report| *report == Input::RightDevice(DeviceKey(0))).unwrap();
    let first = wrong.iter().position(is_block).unwrap();
    assert!(first > again, "no value before it is right: {wrong:?}");
}
