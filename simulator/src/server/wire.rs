//! The wire of one connection as a clock would see it: what has been heard, what is to be said, and when each byte
//! arrives. Pure: time is an argument.
//!
//! On a serial line bytes take their time. A request's last byte arrives when the line has carried it, whenever the
//! program wrote it; the unit answers one silence later; each byte of the answer has its own moment, worked out from
//! the start of the answer, so that no error adds up. Modbus TCP is the same with no time a byte.
//!
//! Terms: *character* — time that one byte takes; *silence* — what parts two frames of RTU, 3.5 characters or, above
//! 19 200 baud, 1.75 ms.

use std::{collections::VecDeque, time::Duration};

use hallward_site::{Baud, Transport};
use tokio::time::Instant;

use crate::modbus::{Frame, Framing, LONGEST_RTU, NotModbus};

/// Answers that may wait on a connection; no request is taken while so many do.
const MOST_WAITING: usize = 16;

/// Bits of a character: start, eight of data, parity or a second stop bit, stop.
const BITS: u64 = 11;

/// The silence of fast lines.
const SHORTEST_SILENCE: Duration = Duration::from_micros(1750);

/// Bytes of one request may come apart by as much: an operating system hands them over in pieces.
const PATIENCE: Duration = Duration::from_millis(5);

/// Whom an answer keeps waiting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wait {
    /// Everyone on the line, for so long.
    Line(Duration),
    /// Only who asked this device, for so long.
    Device(Duration),
}

/// Bytes to send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) bytes: Vec<u8>,
    /// The device that answers, if there is one with this unit id.
    pub(crate) device: Option<usize>,
    pub(crate) wait: Wait,
}

/// An answer, or an echo, in the queue.
#[derive(Debug)]
struct Queued {
    bytes: Vec<u8>,
    sent: usize,
    device: Option<usize>,
    /// The earliest start.
    due: Instant,
}

/// See the module.
#[derive(Debug)]
pub(crate) struct Wire {
    framing: Framing,
    character: Duration,
    silence: Duration,
    heard: Vec<u8>,
    /// When the last byte heard has been carried.
    heard_until: Instant,
    queue: VecDeque<Queued>,
    /// Until then the line is held for a delayed answer.
    held_until: Instant,
    /// When the last answer has been carried, and the silence after it is over.
    said_until: Instant,
}

impl Wire {
    pub(crate) fn new(transport: &Transport, now: Instant) -> Self {
        let framing = if transport.is_rtu() { Framing::Rtu } else { Framing::Mbap };
        let character = transport.baud().map(character).unwrap_or_default();
        let silence =
            if transport.is_rtu() { (character * 7 / 2).max(SHORTEST_SILENCE) } else { Duration::ZERO };
        Self {
            framing,
            character,
            silence,
            heard: Vec::new(),
            heard_until: now,
            queue: VecDeque::new(),
            held_until: now,
            said_until: now,
        }
    }

    pub(crate) fn framing(&self) -> Framing {
        self.framing
    }

    /// Whether another request may be taken.
    pub(crate) fn has_room(&self) -> bool {
        self.queue.len() < MOST_WAITING
    }

    /// Bytes have been written to the line; a serial line that is `echoing` gives them back as it carries them.
    pub(crate) fn hear(&mut self, now: Instant, bytes: &[u8], echoing: bool) {
        let start = self.heard_until.max(now);
        self.heard_until = start + self.carried(bytes.len());
        if echoing && self.framing == Framing::Rtu {
            self.insert(Queued { bytes: bytes.to_vec(), sent: 0, device: None, due: start });
        }
        self.heard.extend(bytes);
        if self.framing == Framing::Rtu && self.heard.len() > 2 * LONGEST_RTU {
            self.heard.clear();
        }
    }

    /// The next request, if it is whole.
    ///
    /// # Errors
    /// When the bytes are no Modbus TCP.
    pub(crate) fn request(&mut self, now: Instant) -> Result<Option<Frame>, NotModbus> {
        if let Some((request, length)) = self.framing.request(&self.heard)? {
            self.heard.drain(..length);
            return Ok(Some(request));
        }
        if self.framing == Framing::Rtu && now >= self.silent_at() {
            return Ok(self.framing.request_before_silence(&std::mem::take(&mut self.heard)));
        }
        Ok(None)
    }

    /// An answer to the last request.
    pub(crate) fn say(&mut self, answer: Answer) {
        let Answer { bytes, device, wait } = answer;
        if bytes.is_empty() {
            return;
        }
        let earliest = (self.heard_until + self.silence).max(self.held_until);
        let own = match wait {
            Wait::Line(time) => {
                self.held_until = earliest + time;
                self.held_until
            }
            Wait::Device(time) => earliest + time,
        };
        let earlier = self.queue.iter().filter(|queued| queued.device == device).map(|queued| queued.due);
        let due = earlier.fold(own, Instant::max);
        self.insert(Queued { bytes, sent: 0, device, due });
    }

    /// In the order in which they are due; what has begun stays first.
    fn insert(&mut self, new: Queued) {
        let before = self.queue.iter().rposition(|queued| queued.due <= new.due || queued.sent > 0);
        self.queue.insert(before.map_or(0, |n| n + 1), new);
    }

    /// The bytes whose moment has come, and the device whose answer is complete with them.
    pub(crate) fn take_due(&mut self, now: Instant) -> Option<(Vec<u8>, Option<usize>)> {
        let start = self.start()?;
        let character = self.character;
        let head = self.queue.front_mut()?;
        let passed = now.checked_duration_since(start)?;
        let arrived = match usize::try_from(passed.as_nanos() / character.as_nanos().max(1)) {
            Ok(arrived) if !character.is_zero() => arrived.min(head.bytes.len()),
            Ok(_) | Err(_) => head.bytes.len(),
        };
        let bytes = head.bytes.get(head.sent..arrived).filter(|bytes| !bytes.is_empty())?.to_vec();
        if head.sent == 0 {
            // From here on its moments are fixed.
            head.due = start;
        }
        head.sent = arrived;
        if head.sent < head.bytes.len() {
            return Some((bytes, None));
        }
        let device = head.device;
        let length = head.bytes.len();
        self.queue.pop_front();
        self.said_until = start + self.carried(length) + self.silence;
        Some((bytes, device))
    }

    /// When something is to be done that no new byte brings about.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        let next = self.start().zip(self.queue.front());
        let next = next.map(|(start, head)| start + self.carried(head.sent + 1));
        let listens = self.framing == Framing::Rtu && !self.heard.is_empty() && self.has_room();
        let silent = listens.then(|| self.silent_at());
        next.into_iter().chain(silent).min()
    }

    /// When the answer at the head of the queue starts, or has started.
    fn start(&self) -> Option<Instant> {
        let head = self.queue.front()?;
        Some(if head.sent > 0 { head.due } else { head.due.max(self.said_until) })
    }

    fn silent_at(&self) -> Instant {
        self.heard_until + self.silence + PATIENCE
    }

    fn carried(&self, bytes: usize) -> Duration {
        self.character * u32::try_from(bytes).unwrap_or(u32::MAX)
    }
}

/// The time of one byte.
fn character(baud: Baud) -> Duration {
    Duration::from_nanos(BITS * 1_000_000_000 / u64::from(baud.get()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::now;

    /// A request to unit 1.
    const WHO: [u8; 8] = [1, 3, 1, 1, 0, 1, 0xD4, 0x36];

    fn wire() -> (Wire, Instant) {
        let serial = Transport::RtuOverTcp(
            hallward_site::Endpoint { host: String::new(), port: 0 },
            Baud::new(19_200).unwrap(),
        );
        let start = now();
        (Wire::new(&serial, start), start)
    }

    fn answer(length: usize) -> Answer {
        Answer { bytes: vec![7; length], device: Some(0), wait: Wait::Line(Duration::ZERO) }
    }

    #[test]
    fn every_byte_has_its_moment() {
        let (mut wire, start) = wire();
        let character = wire.character;
        wire.hear(start, &WHO, false);
        assert!(wire.request(start).is_ok_and(|request| request.is_some()));
        wire.say(answer(10));
        let first = start + character * 8 + character * 7 / 2 + character;
        assert_eq!(wire.deadline(), Some(first));
        assert_eq!(wire.take_due(first - Duration::from_nanos(1)), None);
        assert_eq!(wire.take_due(first), Some((vec![7], None)));
        assert_eq!(wire.take_due(first + character * 3 / 2), Some((vec![7], None)));
        // Whoever comes late gets all that is due, and loses no time.
        assert_eq!(wire.take_due(first + character * 9), Some((vec![7; 8], Some(0))));
        wire.say(answer(1));
        assert_eq!(wire.deadline(), Some(first + character * 9 + character * 7 / 2 + character));
    }

    #[test]
    fn no_more_than_so_many_answers_wait() {
        let (mut wire, start) = wire();
        wire.hear(start, &[9; 3], false);
        let delay = Duration::from_secs(1);
        wire.say(Answer { wait: Wait::Line(delay), ..answer(2) });
        for _ in 1..MOST_WAITING {
            assert!(wire.has_room());
            wire.say(answer(2));
        }
        assert!(!wire.has_room());
        assert!(wire.deadline() > Some(start + delay), "the answers alone are waited for");
        wire.take_due(start + delay * 2);
        assert!(wire.has_room());
    }

    #[test]
    fn what_is_too_long_for_a_request_is_dropped() {
        let (mut wire, start) = wire();
        for _ in 0..1000 {
            wire.hear(start, &[1; 100], false);
            assert!(wire.heard.len() <= 2 * LONGEST_RTU);
        }
    }
}
