//! What a fault makes of an answer on its way: bytes that a real line carries on its bad days.
//!
//! Who calls it: `hall`, with a right answer and a fault. Pure but for the chance, which is drawn from the site's seed.

use std::time::Duration;

use crate::{
    faults::FaultKind,
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

/// What comes of `frame`, the answer of a device with a fault of this kind.
pub(crate) fn reply(
    kind: FaultKind,
    framing: Framing,
    frame: &Frame,
    device: usize,
    random: &mut Random,
) -> Reply {
    let bytes = framing.bytes(frame);
    let answer = |bytes, wait| Answer { bytes, device: Some(device), wait };
    let at_once = Wait::Line(Duration::ZERO);
    let one = |bytes| Reply::Answers(vec![answer(bytes, at_once)]);
    match (kind, framing) {
        (FaultKind::Silence, _) => Reply::Answers(Vec::new()),
        (FaultKind::Refuse, _) => Reply::Close,
        // What a gateway cannot read on its serial side it does not pass on.
        (FaultKind::BadCrc | FaultKind::Collision, Framing::Mbap) => Reply::Answers(Vec::new()),
        (FaultKind::BadCrc, Framing::Rtu) => one(with_a_wrong_bit(bytes, random)),
        (FaultKind::Collision, Framing::Rtu) => one(collided(&bytes, random)),
        (FaultKind::Noise, _) => {
            let (low, high) = NOISE_AFTER_MS;
            let after = Duration::from_millis(u64::from(random.whole(low, high)));
            let late = Answer { bytes: noise(random), device: None, wait: Wait::Device(after) };
            Reply::Answers(vec![answer([noise(random), bytes].concat(), at_once), late])
        }
        (FaultKind::Truncate, _) => one(bytes.iter().take(bytes.len() / 2).copied().collect()),
        (FaultKind::WrongUnit, _) => {
            one(framing.bytes(&Frame { unit: frame.unit.wrapping_add(1), ..frame.clone() }))
        }
        (FaultKind::Delay { .. }, _) => Reply::Answers(vec![answer(bytes, Wait::Line(kind.delay()))]),
        (FaultKind::Late { .. }, _) => Reply::Answers(vec![answer(bytes, Wait::Device(kind.delay()))]),
        (FaultKind::Exception { .. } | FaultKind::Identity | FaultKind::Echo, _) => one(bytes),
    }
}

fn noise(random: &mut Random) -> Vec<u8> {
    (0..random.whole(1, MOST_NOISE)).map(|_| random.whole(0, u8::MAX)).collect()
}

fn with_a_wrong_bit(mut bytes: Vec<u8>, random: &mut Random) -> Vec<u8> {
    // Behind the unit id: a wrong id is another fault.
    let last = u8::try_from(bytes.len().saturating_sub(1)).unwrap_or(u8::MAX);
    let at = usize::from(random.whole(1, last));
    let bit = random.whole(0, 7);
    bytes.get_mut(at).into_iter().for_each(|byte| *byte ^= 1 << bit);
    bytes
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
