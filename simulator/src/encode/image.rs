//! A device's registers and bits as they stand at one moment.

use std::collections::BTreeMap;

use hallward_profiles::{Area, Encoding, Point};

use super::raw::{Raw, mask};

/// What each mapped address holds; bits are 0 and 1.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Image {
    cells: BTreeMap<(Area, u16), u16>,
}

impl Image {
    /// What stands at an address, if the device has it.
    pub(crate) fn get(&self, area: Area, address: u16) -> Option<u16> {
        self.cells.get(&(area, address)).copied()
    }

    /// Overwrites an address.
    pub(crate) fn set(&mut self, area: Area, address: u16, word: u16) {
        self.cells.insert((area, address), word);
    }

    /// The lowest and highest address of an area, if it has any.
    pub(crate) fn span(&self, area: Area) -> Option<(u16, u16)> {
        let mut addresses = self.cells.range((area, 0)..=(area, u16::MAX)).map(|((_, address), _)| *address);
        let first = addresses.next()?;
        Some((first, addresses.next_back().unwrap_or(first)))
    }

    /// Puts a point's raw value into its registers, leaving the bits around it as they are.
    pub(super) fn put(&mut self, point: &Point, raw: &Raw) {
        match raw {
            Raw::Words(words) => {
                for (address, word) in point.addresses.iter().zip(words) {
                    self.set(point.area, *address, *word);
                }
            }
            Raw::Field(field) => self.put_field(point, *field),
        }
    }

    fn put_field(&mut self, point: &Point, field: u64) {
        let low_bit = match (point.bits, point.encoding) {
            (Some((_, low)), _) => u32::from(low),
            (None, _) => 0,
        };
        let width = if point.encoding == Encoding::S8 && point.bits.is_none() { 8 } else { point.width() };
        let kept = !(mask(width) << low_bit);
        let before = point
            .addresses
            .iter()
            .fold(0_u64, |all, address| all << 16 | u64::from(self.get(point.area, *address).unwrap_or(0)));
        let mut after = before & kept | (field & mask(width)) << low_bit;
        for address in point.addresses.iter().rev() {
            self.set(point.area, *address, u16::try_from(after & 0xFFFF).unwrap_or(0));
            after >>= 16;
        }
    }
}
