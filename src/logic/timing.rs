//! How long things take on a line: characters, silences, exchanges. From the speed of its serial line, if there is
//! one; a TCP endpoint takes the device's own time alone.
//!
//! Called by `plan` (what a gap in a read may cost), by `capacity` (what a line can carry) and by the line tasks (how
//! long to wait, and for how long to be silent). Terms: *character* — a byte on the wire, eleven bits with start,
//! parity and stop; *silence* — the 3.5 characters that part two RTU frames.

use std::time::Duration;

use hallward_site::{Baud, Transport};

/// Bits of a character, as the Modbus serial line specification counts them.
const CHARACTER_BITS: u64 = 11;

/// Above this speed the silence is fixed (Modbus over serial line, section 2.5.1.1).
const FIXED_SILENCE_ABOVE: u32 = 19_200;

/// The fixed silence.
const FIXED_SILENCE: Duration = Duration::from_micros(1750);

/// Characters of a read and its answer without the values: 8 there; unit, function, count and CRC back.
const READ_CHARACTERS: u64 = 13;

/// The times of one line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timing {
    baud: Option<Baud>,
}

impl Timing {
    /// Of this line.
    #[must_use]
    pub fn of(transport: &Transport) -> Self {
        Self { baud: transport.baud() }
    }

    /// Of a TCP endpoint.
    #[must_use]
    pub fn tcp() -> Self {
        Self { baud: None }
    }

    /// Of a line at this speed.
    #[must_use]
    pub fn at(baud: Baud) -> Self {
        Self { baud: Some(baud) }
    }

    /// Whether bytes take time here.
    #[must_use]
    pub fn is_serial(self) -> bool {
        self.baud.is_some()
    }

    /// What so many characters take; nothing on TCP.
    #[must_use]
    pub fn characters(self, count: u64) -> Duration {
        let micros = |baud: Baud| (count * CHARACTER_BITS * 1_000_000).div_ceil(u64::from(baud.get()));
        Duration::from_micros(self.baud.map_or(0, micros))
    }

    /// The silence before each frame; none on TCP.
    #[must_use]
    pub fn silence(self) -> Duration {
        match self.baud {
            None => Duration::ZERO,
            Some(baud) if baud.get() > FIXED_SILENCE_ABOVE => FIXED_SILENCE,
            Some(_) => self.characters(7) / 2,
        }
    }

    /// What a read of so many registers takes by a device that answers after `answer`, silences and all.
    #[must_use]
    pub fn read(self, registers: u16, answer: Duration) -> Duration {
        self.characters(READ_CHARACTERS + 2 * u64::from(registers)) + self.silence() * 2 + answer
    }

    /// The longest gap, registers, that is cheaper to read over than another request.
    #[must_use]
    pub fn worthwhile_gap(self, answer: Duration) -> u16 {
        let register = self.characters(2);
        if register.is_zero() {
            return u16::MAX;
        }
        let another = self.read(0, answer);
        u16::try_from(another.as_nanos() / register.as_nanos()).unwrap_or(u16::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(baud: u32) -> Timing {
        Timing::at(Baud::new(baud).unwrap())
    }

    /// The table of limits that Modbus on serial lines has, milliseconds for 10, 50 and 125 registers.
    #[test]
    fn a_read_takes_what_the_wire_takes() {
        for (baud, expected) in [
            (9600, [45.8, 137.5, 309.4]),
            (19_200, [22.9, 68.8, 154.7]),
            (38_400, [13.0, 35.9, 78.8]),
            (115_200, [6.7, 14.3, 28.6]),
        ] {
            for (registers, ms) in [10, 50, 125].into_iter().zip(expected) {
                let found = at(baud).read(registers, Duration::ZERO).as_secs_f64() * 1e3;
                assert!((found - ms).abs() < 0.06, "{baud} baud, {registers} registers: {found}, not {ms}");
            }
        }
    }

    #[test]
    fn gaps_are_read_over_while_that_is_cheaper_than_another_request() {
        let answer = Duration::from_millis(10);
        let gap = |baud| at(baud).worthwhile_gap(answer);
        assert_eq!((gap(9600), gap(19_200), gap(115_200)), (14, 18, 77));
        let tcp = Timing { baud: None };
        assert_eq!(tcp.worthwhile_gap(answer), u16::MAX);
        assert_eq!(tcp.read(50, answer), answer);
    }
}
