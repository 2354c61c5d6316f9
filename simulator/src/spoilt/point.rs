//! Faults of one point's registers, bit by bit.

use hallward_profiles::Point;

use crate::encode::Image;

/// The point's registers as one number, the most significant first; up to four count.
fn whole(image: &Image, point: &Point) -> u64 {
    let words = point.addresses.iter().map(|address| image.get(point.area, *address).unwrap_or(0));
    words.fold(0, |all, word| all << 16 | u64::from(word))
}

fn put_whole(image: &mut Image, point: &Point, mut whole: u64) {
    let each = if point.area.is_bits() { 1 } else { 0xFFFF };
    for address in point.addresses.iter().rev() {
        image.set(point.area, *address, u16::try_from(whole & each).unwrap_or(0));
        whole = whole.checked_shr(16).unwrap_or(0);
    }
}

/// Holds one bit of the point's raw value.
pub(super) fn stick(image: &mut Image, point: &Point, bit: u8, on: bool) {
    let low = point.bits.map_or(0, |(_, low)| u32::from(low));
    let mask = 1_u64.checked_shl(low + u32::from(bit)).unwrap_or(0);
    let before = whole(image, point);
    put_whole(image, point, if on { before | mask } else { before & !mask });
}

/// Puts the first raw value that the profile takes for "not available".
pub(super) fn put_sentinel(image: &mut Image, point: &Point) {
    let Some(sentinel) = point.not_available.first() else { return };
    let (low, width) = match (point.bits, sentinel.mask) {
        // A sentinel with a mask is one of whole registers.
        (Some((_, low)), None) => (u32::from(low), point.width()),
        (None, _) | (_, Some(_)) => (0, 64),
    };
    let mask = sentinel.mask.unwrap_or(u64::MAX >> 64_u32.saturating_sub(width).min(63)) << low;
    let raw = sentinel.raw << low & mask;
    let kept = whole(image, point) & !mask;
    put_whole(image, point, kept | raw);
}

/// Copies the point's registers.
pub(super) fn copy(from: &Image, to: &mut Image, point: &Point) {
    for address in &point.addresses {
        if let Some(word) = from.get(point.area, *address) {
            to.set(point.area, *address, word);
        }
    }
}
