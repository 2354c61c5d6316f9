//! A device's registers and bits as they stand at one moment.

use std::sync::Arc;

use hallward_profiles::{Area, Encoding, Map, Point};

use super::raw::{Raw, mask};

/// What each mapped address holds; bits are 0 and 1. What no point has set is 0.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Image {
    /// In ascending order, each once.
    addresses: Arc<[(Area, u16)]>,
    /// In the same order.
    words: Vec<u16>,
}

impl Image {
    /// An image of a device that has these addresses.
    pub(crate) fn new(addresses: impl IntoIterator<Item = (Area, u16)>) -> Self {
        let mut addresses: Vec<(Area, u16)> = addresses.into_iter().collect();
        addresses.sort_unstable();
        addresses.dedup();
        Self { words: vec![0; addresses.len()], addresses: addresses.into() }
    }

    /// The addresses that can be read of a device with this map.
    pub(super) fn of(map: &Map) -> Self {
        let points = map.points.iter().filter(|point| point.is_read());
        Self::new(points.flat_map(|point| point.addresses.iter().map(|address| (point.area, *address))))
    }

    /// What stands at an address, if the device has it.
    pub(crate) fn get(&self, area: Area, address: u16) -> Option<u16> {
        self.words.get(self.place(area, address)?).copied()
    }

    /// Overwrites an address, if the device has it.
    pub(crate) fn set(&mut self, area: Area, address: u16, word: u16) {
        let held = self.place(area, address).and_then(|place| self.words.get_mut(place));
        held.into_iter().for_each(|held| *held = word);
    }

    /// What the device has of an area from the address `first` on: addresses and what stands there, in ascending
    /// order.
    pub(crate) fn from(&self, area: Area, first: u16) -> impl Iterator<Item = (u16, u16)> {
        let start = self.addresses.partition_point(|known| *known < (area, first));
        let held = self.addresses.iter().zip(&self.words).skip(start);
        held.take_while(move |((of, _), _)| *of == area).map(|((_, address), word)| (*address, *word))
    }

    /// The lowest and highest address of an area, if it has any.
    pub(crate) fn span(&self, area: Area) -> Option<(u16, u16)> {
        let start = self.addresses.partition_point(|(of, _)| *of < area);
        let end = self.addresses.partition_point(|(of, _)| *of <= area);
        let all = self.addresses.get(start..end)?;
        Some((all.first()?.1, all.last()?.1))
    }

    /// Where an address stands in `words`.
    pub(super) fn place(&self, area: Area, address: u16) -> Option<usize> {
        self.addresses.binary_search(&(area, address)).ok()
    }

    /// All 0.
    pub(super) fn clear(&mut self) {
        self.words.fill(0);
    }

    /// Puts a point's raw value into its registers, which stand at `places`, leaving the bits around it as they are.
    pub(super) fn put(&mut self, point: &Point, places: &[usize], raw: &Raw) {
        match raw {
            Raw::Words(words) => {
                places.iter().zip(words).for_each(|(place, word)| self.put_word(*place, *word))
            }
            Raw::Field(field) => self.put_field(point, places, *field),
        }
    }

    fn put_word(&mut self, place: usize, word: u16) {
        self.words.get_mut(place).into_iter().for_each(|held| *held = word);
    }

    fn put_field(&mut self, point: &Point, places: &[usize], field: u64) {
        let low_bit = point.bits.map_or(0, |(_, low)| u32::from(low));
        let width = if point.encoding == Encoding::S8 && point.bits.is_none() { 8 } else { point.width() };
        let kept = !(mask(width) << low_bit);
        let held = |place: &usize| u64::from(self.words.get(*place).copied().unwrap_or(0));
        let before = places.iter().fold(0_u64, |all, place| all << 16 | held(place));
        let mut after = before & kept | (field & mask(width)) << low_bit;
        for place in places.iter().rev() {
            self.put_word(*place, u16::try_from(after & 0xFFFF).unwrap_or(0));
            after >>= 16;
        }
    }
}
