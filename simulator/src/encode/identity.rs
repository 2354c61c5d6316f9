//! Another device in this one's place: the register by which its profile knows it says something else.

use hallward_profiles::{Encoding, Identity, Map};

use super::{Image, raw::Settings, value};

/// Bits that are turned, tried one after the other.
const MOST_TRIES: u16 = 256;

/// Turns bits of the identity's point in `image` until it tells none of the right values; a code that nobody knows is
/// none of them either.
pub(crate) fn mistake(image: &mut Image, map: &Map, identity: &Identity) {
    let Some(point) = map.points.iter().find(|point| point.name == identity.point) else { return };
    let held = point.addresses.iter().map(|address| image.get(point.area, *address));
    let Some(words) = held.collect::<Option<Vec<u16>>>() else { return };
    // Near the right number; a text or a word may end before its last register.
    let at = if point.is_number() && point.encoding != Encoding::F32 { words.len() - 1 } else { 0 };
    for turned in 1..=MOST_TRIES {
        let mut other = words.clone();
        other.get_mut(at).into_iter().for_each(|word| *word ^= turned);
        let told = value::value(point, &other, Settings::default());
        if !told.is_some_and(|told| identity.is.values().contains(&told)) {
            let cells = point.addresses.iter().zip(other);
            cells.for_each(|(address, word)| image.set(point.area, *address, word));
            return;
        }
    }
}
