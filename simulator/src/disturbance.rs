//! What faults make of an answer on its way: bytes that a real line carries on its bad days.
//!
//! Who calls it: `hall`, with an answer and the faults that strike it. Pure but for the chance, which is the faults'.
//!
//! Several faults act in the order of [`crate::Kind::ALL`], whatever the order in which they were set.

use std::time::Duration;

use crate::{
    faults::{FaultKind, Strike, Strikes, chance},
    hall::Reply,
    modbus::{Frame, Framing},
    physics::Random,
    server::{Answer, Wait},
};

/// Most bytes of noise at a time.
const MOST_NOISE: u8 = 8;

/// Noise after an answer comes so much later, ms.
const NOISE_AFTER_MS: (u8, u8) = (2, 30);

/// A second unit with the same id starts so many characters later.
const COLLISION_SHIFT: (u8, u8) = (1, 3);

/// What comes instead of any answer, if the faults leave none; who does not answer has not heard the request either.
pub(crate) fn instead(
    strikes: &mut Strikes,
    framing: Framing,
    request: &Frame,
    serial: bool,
) -> Option<Reply> {
    for strike in &mut strikes.list {
        let nothing = Some(Reply::Answers(Vec::new()));
        if matches!(strike.kind, FaultKind::Silence | FaultKind::Reboot { .. }) {
            return nothing;
        }
        if strike.kind == FaultKind::Refuse {
            // A serial port has no connection to close.
            return if serial { nothing } else { Some(Reply::Close) };
        }
        if strike.kind == FaultKind::HalfOpen {
            return Some(Reply::Gone);
        }
        if strike.kind == FaultKind::ByteLoss {
            let mut bytes = framing.bytes(request).into_iter();
            if bytes.any(|_| chance(&mut strike.random, strike.probability)) {
                return nothing;
            }
        }
    }
    None
}

/// What comes of `frame`, the answer of a device, or of a gateway without one.
pub(crate) fn reply(strikes: &mut Strikes, framing: Framing, frame: &Frame, device: Option<usize>) -> Reply {
    let mut frame = frame.clone();
    strikes.list.iter().for_each(|strike| readdress(strike.kind, &mut frame));
    let mut answers = vec![Answer { bytes: framing.bytes(&frame), device, wait: wait(strikes) }];
    for Strike { kind, random, probability, .. } in &mut strikes.list {
        let late =
            answers.first_mut().and_then(|answer| garble(*kind, &mut answer.bytes, random, *probability));
        answers.extend(late);
    }
    match strikes.find(FaultKind::Reset) {
        Some(_) => {
            let bytes = answers.into_iter().next().map(|answer| answer.bytes).unwrap_or_default();
            Reply::Reset(half(&bytes))
        }
        None => Reply::Answers(answers),
    }
}

/// Faults of a frame's fields.
fn readdress(kind: FaultKind, frame: &mut Frame) {
    if kind == FaultKind::WrongUnit {
        frame.unit = frame.unit.wrapping_add(1);
    } else if kind == FaultKind::WrongTransaction {
        frame.transaction = frame.transaction.wrapping_add(1);
    } else if kind == FaultKind::WrongFunction {
        frame.pdu.first_mut().into_iter().for_each(|function| *function = function.wrapping_add(1));
    }
}

/// Faults of an answer's bytes; returns what comes some time after it.
fn garble(kind: FaultKind, bytes: &mut Vec<u8>, random: &mut Random, probability: f64) -> Option<Answer> {
    if kind == FaultKind::Garbage {
        bytes.iter_mut().for_each(|byte| *byte = random.whole(0, u8::MAX));
    } else if kind == FaultKind::Collision {
        *bytes = collided(bytes, random);
    } else if kind == FaultKind::BadCrc {
        turn_a_bit(bytes, random);
    } else if kind == FaultKind::Truncate {
        *bytes = half(bytes);
    } else if kind == FaultKind::Twice {
        *bytes = bytes.repeat(2);
    } else if kind == FaultKind::ByteLoss {
        bytes.retain(|_| !chance(random, probability));
    } else if kind == FaultKind::Noise {
        let (low, high) = NOISE_AFTER_MS;
        let after = Duration::from_millis(u64::from(random.whole(low, high)));
        *bytes = [&noise(random), &bytes[..]].concat();
        return Some(Answer { bytes: noise(random), device: None, wait: Wait::Device(after) });
    }
    None
}

/// Whom the answer keeps waiting, and how long: a delay holds the line, and a late answer with it.
fn wait(strikes: &Strikes) -> Wait {
    let (mut held, mut late) = (0, 0);
    for strike in &strikes.list {
        if let FaultKind::Delay { ms } = strike.kind {
            held += ms;
        } else if let FaultKind::Late { ms } = strike.kind {
            late += ms;
        }
    }
    let all = Duration::from_millis(held + late);
    if late > 0 && held == 0 { Wait::Device(all) } else { Wait::Line(all) }
}

fn noise(random: &mut Random) -> Vec<u8> {
    (0..random.whole(1, MOST_NOISE)).map(|_| random.whole(0, u8::MAX)).collect()
}

fn half(bytes: &[u8]) -> Vec<u8> {
    bytes.iter().take(bytes.len() / 2).copied().collect()
}

fn turn_a_bit(bytes: &mut [u8], random: &mut Random) {
    // Behind the unit id: a wrong id is another fault.
    let last = u8::try_from(bytes.len().saturating_sub(1)).unwrap_or(u8::MAX);
    let at = usize::from(random.whole(1, last));
    let bit = random.whole(0, 7);
    bytes.get_mut(at).into_iter().for_each(|byte| *byte ^= 1 << bit);
}

/// Two units that answer at once, the second with values of its own: where either pulls the line low, it is low.
fn collided(bytes: &[u8], random: &mut Random) -> Vec<u8> {
    let (low, high) = COLLISION_SHIFT;
    let shift = usize::from(random.whole(low, high));
    let idle = vec![u8::MAX; shift];
    let other = bytes.iter().map(|byte| byte ^ random.whole(0, u8::MAX));
    let other: Vec<u8> = idle.iter().copied().chain(other).collect();
    bytes.iter().chain(&idle).zip(other).map(|(one, other)| one & other).collect()
}
