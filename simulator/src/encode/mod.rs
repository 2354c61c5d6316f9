//! A device's class values to its registers, by its profile's map: the simulator's own encoder.
//!
//! Who calls it: `server`, when a request meets values that have changed. What comes in is the vocabulary's
//! (`ups.status = on-battery`), what comes out are registers. Points that physics does not speak of serve their
//! profile's `simulate` value, or a quiet default. Derived points have no registers: [`rules`] finds what the points
//! they test must be.
//!
//! The other way goes what a client writes: [`Encoder::obey`] reads it, so that a unit or an exponent that was set
//! counts in what follows. It shares nothing with the gateway's decoder.
//!
//! Terms: *given* — a value that physics has; *base* — what a point serves otherwise; *stand-in* — the word that a
//! device tells when it has none for the true state (a panel without `standby` says `off`).

mod change;
mod identity;
mod image;
mod raw;
mod rules;
#[cfg(test)]
mod tests;
mod value;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use hallward_profiles::{Area, Derivation, Derived, Encoding, Literal, Map, Point, PointName};

pub(crate) use change::{change, number};
pub(crate) use identity::mistake;
pub(crate) use image::Image;
use raw::Settings;
use rules::Search;

/// Values by point name.
pub type Values = BTreeMap<PointName, Literal>;

/// Encodes one device; remembers its last image, so that unchanged values cost nothing.
#[derive(Debug)]
pub(crate) struct Encoder {
    map: Arc<Map>,
    base: Values,
    last: Option<(Values, Image)>,
}

impl Encoder {
    /// An encoder for a device with this map.
    pub(crate) fn new(map: Arc<Map>) -> Self {
        let base = map.points.iter().map(|point| (point.name.clone(), base(point))).collect();
        Self { map, base, last: None }
    }

    /// The registers that tell `given`.
    pub(crate) fn image(&mut self, given: Values) -> &Image {
        let image = match self.last.take() {
            Some((last, image)) if last == given => image,
            _ => self.encode(&given),
        };
        &self.last.insert((given, image)).1
    }

    /// What the writable points at the addresses of `written` say now, read by `word`. They keep saying it where
    /// physics does not speak of them.
    pub(crate) fn obey(
        &mut self,
        written: &BTreeSet<(Area, u16)>,
        word: impl Fn(Area, u16) -> Option<u16>,
    ) -> Values {
        let mut told = Values::new();
        for point in self.map.points.iter().filter(|point| point.is_written()) {
            let mut addresses = point.addresses.iter();
            if !addresses.any(|address| written.contains(&(point.area, *address))) {
                continue;
            }
            let words: Vec<u16> =
                point.addresses.iter().map(|address| word(point.area, *address).unwrap_or(0)).collect();
            let value = value::value(point, &words, settings(point, &self.base));
            told.extend(value.map(|value| (point.name.clone(), value)));
        }
        self.base.extend(told.clone());
        self.last = None;
        told
    }

    fn encode(&self, given: &Values) -> Image {
        let (values, told) = self.settle(given);
        let mut image = Image::default();
        // What is told goes last, and fields after whole registers: a register may be several points at once.
        let mut points: Vec<&Point> = self.map.points.iter().filter(|point| point.is_read()).collect();
        points.sort_by_key(|point| (told.contains_key(&point.name), point.bits.is_some()));
        for point in points {
            let settings = settings(point, &values);
            let value = values.get(&point.name);
            if let Some(raw) = value.and_then(|value| raw::raw(point, value, settings)) {
                image.put(point, &raw);
            }
        }
        image
    }

    /// The value of every point in registers, and those among them that differ from the base or were given.
    fn settle(&self, given: &Values) -> (Values, Values) {
        let mut told = Values::new();
        for point in &self.map.points {
            let tellable = given.get(&point.name).and_then(|value| tellable(point, value));
            told.extend(tellable.map(|value| (point.name.clone(), value)));
        }
        let mut values = self.base.clone();
        values.extend(told.clone());
        let mut wanted: Vec<(&Derived, Literal)> = Vec::new();
        let mut changes = Vec::new();
        for derived in &self.map.derived {
            for value in given.get(&derived.name).into_iter().flat_map(stand_ins) {
                if !yields(derived, &value) {
                    continue;
                }
                wanted.push((derived, value));
                match self.changes(&wanted, &values, &told) {
                    Some(found) => {
                        changes = found;
                        break;
                    }
                    None => drop(wanted.pop()),
                }
            }
        }
        told.extend(changes.iter().cloned());
        values.extend(changes);
        (values, told)
    }

    /// Changes that make all of `wanted` true: without touching what is given if possible, else over it.
    fn changes(
        &self,
        wanted: &[(&Derived, Literal)],
        values: &Values,
        told: &Values,
    ) -> Option<Vec<(PointName, Literal)>> {
        let strict = Search::new(&self.map, values, told.keys().collect()).changes(wanted);
        strict.or_else(|| Search::new(&self.map, values, Default::default()).changes(wanted))
    }
}

fn yields(derived: &Derived, value: &Literal) -> bool {
    match &derived.how {
        Derivation::Rules(rules) => rules.iter().any(|rule| rule.is == *value),
        Derivation::DewPoint { .. } => false,
    }
}

/// What a point serves when physics does not say.
fn base(point: &Point) -> Literal {
    let simulated = point.simulate.clone().and_then(|value| tellable(point, &value));
    simulated.unwrap_or_else(|| match (point.encoding, point.words.first()) {
        (Encoding::Bool, _) => Literal::Flag(false),
        (Encoding::Text, _) => Literal::Text(String::new()),
        (_, Some((_, word))) => Literal::Text(word.clone()),
        (_, None) => {
            let (low, high) = point.valid.unwrap_or((0.0, 0.0));
            Literal::Number(0.0_f64.max(low).min(high))
        }
    })
}

/// `value`, or what stands in for it, as far as `point` can tell it.
fn tellable(point: &Point, value: &Literal) -> Option<Literal> {
    if let (Literal::Number(code), false) = (value, point.words.is_empty()) {
        let word = point.words.iter().find(|(known, _)| known.to_string() == code.to_string());
        return word.map(|(_, word)| Literal::Text(word.clone()));
    }
    if let (Literal::Flag(flag), false, false) =
        (value, point.encoding == Encoding::Bool, point.words.is_empty())
    {
        let word = if *flag { "on" } else { "off" };
        return tellable(point, &Literal::Text(word.to_owned()));
    }
    stand_ins(value).into_iter().find(|value| raw::raw(point, value, Settings::default()).is_some())
}

/// The value itself, then the words that devices without it use instead, the nearest first.
fn stand_ins(value: &Literal) -> Vec<Literal> {
    let others: &[&str] = match value {
        Literal::Text(word) => match word.as_str() {
            "charging" => &["floating", "resting"],
            "floating" => &["resting", "charging"],
            "low" => &["discharging"],
            "standby" | "fault" => &["off", "stopped"],
            "cooling-down" => &["running"],
            "starting" => &["stopped"],
            _ => &[],
        },
        Literal::Flag(_) | Literal::Number(_) => &[],
    };
    let others = others.iter().map(|word| Literal::Text((*word).to_owned()));
    std::iter::once(value.clone()).chain(others).collect()
}

fn settings(point: &Point, values: &Values) -> Settings {
    let exponent = match point.scale_from.as_ref().and_then(|name| values.get(name)) {
        #[expect(clippy::cast_possible_truncation, reason = "an exponent of ten; saturates")]
        Some(Literal::Number(exponent)) => exponent.round() as i32,
        Some(Literal::Flag(_) | Literal::Text(_)) | None => 0,
    };
    let told = point.unit_if.as_ref().filter(|unit_if| values.get(&unit_if.point) == Some(&unit_if.is));
    Settings { exponent, unit: told.map(|unit_if| unit_if.unit) }
}
