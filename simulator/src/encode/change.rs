//! Numbers in registers that are there already: read, and changed, with the exponent and unit that the other registers
//! tell. For whoever spoils values (`spoilt`); [`super::Encoder`] does not come by here.

use hallward_profiles::{Literal, Map, Point, PointName};

use super::{Image, raw, raw::Settings, value};

/// The number that `point`'s registers hold.
pub(crate) fn number(image: &Image, map: &Map, point: &Point) -> Option<f64> {
    match value::value(point, &words(image, point)?, settings(image, map, point))? {
        Literal::Number(number) => Some(number),
        Literal::Flag(_) | Literal::Text(_) => None,
    }
}

/// Puts another number there, or the nearest that the registers can hold.
pub(crate) fn change(image: &mut Image, map: &Map, point: &Point, other: impl Fn(f64) -> f64) {
    let Some(number) = number(image, map, point) else { return };
    let other = Literal::Number(other(number));
    if let Some(raw) = raw::raw(point, &other, settings(image, map, point)) {
        let places: Option<Vec<usize>> =
            point.addresses.iter().map(|address| image.place(point.area, *address)).collect();
        places.into_iter().for_each(|places| image.put(point, &places, &raw));
    }
}

fn words(image: &Image, point: &Point) -> Option<Vec<u16>> {
    point.addresses.iter().map(|address| image.get(point.area, *address)).collect()
}

fn settings(image: &Image, map: &Map, point: &Point) -> Settings {
    let told = |name: &PointName| {
        let point = map.points.iter().find(|point| point.name == *name)?;
        value::value(point, &words(image, point)?, Settings::default())
    };
    let exponent = match point.scale_from.as_ref().and_then(told) {
        #[expect(clippy::cast_possible_truncation, reason = "an exponent of ten; saturates")]
        Some(Literal::Number(exponent)) => exponent.round() as i32,
        Some(Literal::Flag(_) | Literal::Text(_)) | None => 0,
    };
    let unit = point.unit_if.as_ref().filter(|unit_if| told(&unit_if.point).as_ref() == Some(&unit_if.is));
    Settings { exponent, unit: unit.map(|unit_if| unit_if.unit) }
}
