//! What a device answers to one request: functions 1 to 6, 15 and 16 over its registers.
//!
//! Pure: bytes in, bytes out. Who may be asked, and whether it answers at all, is decided in `server`.

use std::collections::{BTreeMap, BTreeSet};

use hallward_profiles::{Access, Area, Limits, Map};

use crate::encode::Image;

/// A refusal of Modbus.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Exception {
    IllegalFunction = 1,
    IllegalAddress = 2,
    IllegalValue = 3,
    /// A gateway has no device with this unit id.
    NoSuchUnit = 0x0B,
}

/// The refusal with `code` of a request for `function`.
pub(crate) fn refusal(function: u8, code: u8) -> Vec<u8> {
    vec![function | 0x80, code]
}

/// What may be written in a device, and what has been.
#[derive(Clone, Debug, Default)]
pub(crate) struct Writable {
    allowed: BTreeSet<(Area, u16)>,
    written: BTreeMap<(Area, u16), u16>,
    /// Written since [`Writable::take_new`].
    new: BTreeSet<(Area, u16)>,
}

impl Writable {
    /// The writable points of `map`; nothing written yet.
    pub(crate) fn new(map: &Map) -> Self {
        let points = map.points.iter().filter(|point| point.access != Access::Read);
        let cells = points.flat_map(|point| point.addresses.iter().map(|address| (point.area, *address)));
        Self { allowed: cells.collect(), ..Self::default() }
    }

    /// The addresses that may be written.
    pub(crate) fn allowed(&self) -> &BTreeSet<(Area, u16)> {
        &self.allowed
    }

    /// What has been written to an address.
    pub(crate) fn get(&self, area: Area, address: u16) -> Option<u16> {
        self.written.get(&(area, address)).copied()
    }

    /// Addresses written since this was last asked.
    pub(crate) fn take_new(&mut self) -> BTreeSet<(Area, u16)> {
        std::mem::take(&mut self.new)
    }

    /// Forgets what `image` says by itself.
    pub(crate) fn forget(&mut self, image: &Image) {
        self.written.retain(|(area, address), word| image.get(*area, *address) != Some(*word));
    }
}

/// One device as a request sees it.
pub(crate) struct Registers<'a> {
    /// What it holds, but for what was written.
    pub(crate) image: &'a Image,
    /// What has been written over it.
    pub(crate) writable: &'a mut Writable,
    /// What it can take.
    pub(crate) limits: &'a Limits,
}

impl Registers<'_> {
    /// The answer to a request (function code and data).
    pub(crate) fn answer(&mut self, request: &[u8]) -> Vec<u8> {
        let (function, data) = match request.split_first() {
            Some((function, data)) => (*function, data),
            None => (0, request),
        };
        self.call(function, data).unwrap_or_else(|exception| refusal(function, exception as u8))
    }

    fn call(&mut self, function: u8, data: &[u8]) -> Result<Vec<u8>, Exception> {
        match function {
            1 => self.read_bits(function, Area::Coil, data),
            2 => self.read_bits(function, Area::Discrete, data),
            3 => self.read_words(function, Area::Holding, data),
            4 => self.read_words(function, Area::Input, data),
            5 | 6 => self.write_one(function, data),
            15 | 16 => self.write_many(function, data),
            _ => Err(Exception::IllegalFunction),
        }
    }

    fn read_bits(&self, function: u8, area: Area, data: &[u8]) -> Result<Vec<u8>, Exception> {
        let cells = self.read(area, data, self.limits.max_bits)?;
        Ok(counted(function, cells.chunks(8).map(pack)))
    }

    fn read_words(&self, function: u8, area: Area, data: &[u8]) -> Result<Vec<u8>, Exception> {
        let cells = self.read(area, data, self.limits.max_registers)?;
        Ok(counted(function, cells.iter().flat_map(|word| word.to_be_bytes())))
    }

    fn read(&self, area: Area, data: &[u8], most: u16) -> Result<Vec<u16>, Exception> {
        let &[a1, a2, c1, c2] = data else { return Err(Exception::IllegalValue) };
        let (first, count) = (u16::from_be_bytes([a1, a2]), u16::from_be_bytes([c1, c2]));
        if count == 0 || count > most {
            return Err(Exception::IllegalValue);
        }
        self.cells(area, first, count)
    }

    /// What `count` addresses of an area hold from `first` on.
    pub(crate) fn cells(&self, area: Area, first: u16, count: u16) -> Result<Vec<u16>, Exception> {
        let last = first.checked_add(count.saturating_sub(1)).ok_or(Exception::IllegalAddress)?;
        let (lowest, highest) = self.image.span(area).ok_or(Exception::IllegalAddress)?;
        if first < lowest || last > highest {
            return Err(Exception::IllegalAddress);
        }
        let mut cells = vec![0; usize::from(count)];
        let mut here = 0;
        for (address, word) in self.image.from(area, first).take_while(|(address, _)| *address <= last) {
            if let Some(cell) = cells.get_mut(usize::from(address - first)) {
                *cell = self.writable.get(area, address).unwrap_or(word);
                here += 1;
            }
        }
        let whole = here == cells.len() || self.limits.read_over_gaps;
        if whole { Ok(cells) } else { Err(Exception::IllegalAddress) }
    }

    fn write_one(&mut self, function: u8, data: &[u8]) -> Result<Vec<u8>, Exception> {
        let &[a1, a2, v1, v2] = data else { return Err(Exception::IllegalValue) };
        let (address, value) = (u16::from_be_bytes([a1, a2]), u16::from_be_bytes([v1, v2]));
        let (area, word) = match (function, value) {
            (6, _) => (Area::Holding, value),
            (_, 0xFF00) => (Area::Coil, 1),
            (_, 0) => (Area::Coil, 0),
            _ => return Err(Exception::IllegalValue),
        };
        self.write(area, address, &[word])?;
        Ok([&[function], data].concat())
    }

    fn write_many(&mut self, function: u8, data: &[u8]) -> Result<Vec<u8>, Exception> {
        let Some((&[a1, a2, c1, c2, length], values)) = data.split_first_chunk::<5>() else {
            return Err(Exception::IllegalValue);
        };
        let (address, count) = (u16::from_be_bytes([a1, a2]), u16::from_be_bytes([c1, c2]));
        let (area, most, bytes) = if function == 16 {
            (Area::Holding, 123, usize::from(count) * 2)
        } else {
            (Area::Coil, 1968, usize::from(count).div_ceil(8))
        };
        if count == 0 || count > most || values.len() != bytes || usize::from(length) != bytes {
            return Err(Exception::IllegalValue);
        }
        let words: Vec<u16> = if function == 16 {
            values
                .chunks(2)
                .map(|pair| pair.iter().fold(0, |word, byte| word << 8 | u16::from(*byte)))
                .collect()
        } else {
            let bits = values.iter().flat_map(|byte| (0..8).map(move |bit| u16::from(byte >> bit & 1)));
            bits.take(usize::from(count)).collect()
        };
        self.write(area, address, &words)?;
        Ok(vec![function, a1, a2, c1, c2])
    }

    /// Writes all of `words` or none.
    fn write(&mut self, area: Area, first: u16, words: &[u16]) -> Result<(), Exception> {
        let cells: Vec<_> =
            (first..=u16::MAX).zip(words).map(|(address, word)| ((area, address), *word)).collect();
        let allowed = |(cell, _): &((Area, u16), u16)| self.writable.allowed.contains(cell);
        if cells.len() != words.len() || !cells.iter().all(allowed) {
            return Err(Exception::IllegalAddress);
        }
        self.writable.new.extend(cells.iter().map(|(cell, _)| *cell));
        self.writable.written.extend(cells);
        Ok(())
    }
}

/// Eight bits or fewer as a byte, the first one lowest.
fn pack(bits: &[u16]) -> u8 {
    bits.iter().rev().fold(0, |byte, bit| byte << 1 | u8::from(*bit != 0))
}

fn counted(function: u8, bytes: impl Iterator<Item = u8>) -> Vec<u8> {
    let mut answer = vec![function, 0];
    answer.extend(bytes);
    let length = u8::try_from(answer.len() - 2).unwrap_or(u8::MAX);
    answer.get_mut(1).into_iter().for_each(|place| *place = length);
    answer
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Holding 10, 11, 13 hold their addresses; 11 may be written; coils 0 to 9 are on where even.
    fn device() -> (Image, Writable) {
        let holding = [10, 11, 13];
        let registers = holding.map(|address| (Area::Holding, address));
        let mut image = Image::new(registers.into_iter().chain((0..10).map(|address| (Area::Coil, address))));
        holding.into_iter().for_each(|address| image.set(Area::Holding, address, address));
        (0..10).for_each(|address| image.set(Area::Coil, address, 1 - address % 2));
        let allowed = [(Area::Holding, 11), (Area::Coil, 1), (Area::Coil, 2)];
        (image, Writable { allowed: allowed.into_iter().collect(), ..Writable::default() })
    }

    fn ask(requests: &[&[u8]], limits: &Limits) -> Vec<u8> {
        let (image, mut writable) = device();
        let mut registers = Registers { image: &image, writable: &mut writable, limits };
        requests.iter().map(|request| registers.answer(request)).last().unwrap_or_default()
    }

    fn check(requests: &[&[u8]], answer: &[u8]) {
        assert_eq!(ask(requests, &Limits::default()), answer, "{requests:?}");
    }

    #[test]
    fn registers_and_bits_are_read() {
        check(&[&[3, 0, 10, 0, 2]], &[3, 4, 0, 10, 0, 11]);
        check(&[&[3, 0, 10, 0, 4]], &[3, 8, 0, 10, 0, 11, 0, 0, 0, 13]);
        check(&[&[1, 0, 0, 0, 10]], &[1, 2, 0x55, 0x01]);
    }

    #[test]
    fn what_is_not_there_is_refused() {
        check(&[&[3, 0, 9, 0, 2]], &[0x83, 2]);
        check(&[&[3, 0, 13, 0, 2]], &[0x83, 2]);
        check(&[&[4, 0, 0, 0, 1]], &[0x84, 2]);
        check(&[&[3, 0xFF, 0xFF, 0, 2]], &[0x83, 2]);
        check(&[&[3, 0, 10, 0, 0]], &[0x83, 3]);
        check(&[&[3, 0, 10]], &[0x83, 3]);
        check(&[&[43, 14, 1, 0]], &[0xAB, 1]);
        check(&[&[]], &[0x80, 1]);
    }

    #[test]
    fn a_device_keeps_its_own_limits() {
        let limits = Limits { max_registers: 2, read_over_gaps: false, ..Limits::default() };
        assert_eq!(ask(&[&[3, 0, 10, 0, 2]], &limits), [3, 4, 0, 10, 0, 11]);
        assert_eq!(ask(&[&[3, 0, 10, 0, 3]], &limits), [0x83, 3]);
        assert_eq!(ask(&[&[3, 0, 11, 0, 2]], &limits), [0x83, 2]);
    }

    #[test]
    fn what_is_written_is_read_back() {
        check(&[&[6, 0, 11, 1, 2], &[3, 0, 11, 0, 1]], &[3, 2, 1, 2]);
        check(&[&[16, 0, 11, 0, 1, 2, 3, 4], &[3, 0, 11, 0, 1]], &[3, 2, 3, 4]);
        check(&[&[5, 0, 1, 0xFF, 0], &[1, 0, 0, 0, 4]], &[1, 1, 0x07]);
        check(&[&[15, 0, 1, 0, 2, 1, 0b01], &[1, 0, 0, 0, 4]], &[1, 1, 0b0011]);
    }

    #[test]
    fn what_may_not_be_written_stays() {
        check(&[&[6, 0, 10, 1, 2]], &[0x86, 2]);
        check(&[&[16, 0, 11, 0, 2, 4, 0, 1, 0, 2]], &[0x90, 2]);
        check(&[&[16, 0, 11, 0, 2, 4, 0, 1, 0, 2], &[3, 0, 11, 0, 1]], &[3, 2, 0, 11]);
        check(&[&[16, 0, 11, 0, 1, 2, 3]], &[0x90, 3]);
        check(&[&[5, 0, 1, 0x12, 0]], &[0x85, 3]);
        check(&[&[16, 0xFF, 0xFF, 0, 2, 4, 0, 1, 0, 2]], &[0x90, 2]);
    }

    proptest! {
        #[test]
        fn any_request_is_answered(request in prop::collection::vec(any::<u8>(), 0..260)) {
            let answer = ask(&[&request], &Limits::default());
            prop_assert!((2..=253).contains(&answer.len()));
        }
    }
}
