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
mod given;
mod identity;
mod image;
mod plan;
mod raw;
mod rules;
mod settled;
#[cfg(test)]
mod tests;
mod value;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use hallward_profiles::{Area, Derivation, Derived, Encoding, Literal, Map, Point, PointName};

pub(crate) use change::{change, number};
pub(crate) use given::{Given, Value};
pub(crate) use identity::mistake;
pub(crate) use image::Image;
use plan::{Plan, Role};
use raw::Settings;
use rules::Search;
use settled::{Settled, Told};

/// Values by point name.
pub type Values = BTreeMap<PointName, Literal>;

/// What every point in registers is to say.
struct Settlement {
    values: Values,
    /// Those among them that were given, or that rules need.
    told: Values,
    /// Those that rules need.
    forced: BTreeSet<PointName>,
}

/// Encodes one device. It remembers what it has encoded: what has not changed costs next to nothing, numbers that have
/// changed are written over the old ones, and only when a state changes everything is settled anew.
#[derive(Debug)]
pub(crate) struct Encoder {
    map: Arc<Map>,
    plan: Plan,
    base: Values,
    /// What is told whatever is given.
    overrides: Values,
    given: Given,
    /// By slot of `given`.
    roles: Vec<Role>,
    settled: Settled,
    /// When `given` was told; `None` when it must be told and settled anew.
    moment: Option<u64>,
}

impl Encoder {
    /// An encoder for a device with this map.
    pub(crate) fn new(map: Arc<Map>) -> Self {
        let base = map.points.iter().map(|point| (point.name.clone(), base(point))).collect();
        let image = Image::of(&map);
        let plan = Plan::new(&map, &image);
        let settled = Settled::new(image, Vec::new(), 0);
        let (given, overrides, roles) = (Given::default(), Values::new(), Vec::new());
        Self { map, plan, base, overrides, given, roles, settled, moment: None }
    }

    /// The registers that tell what `tell` gives. It is not asked twice at the same `moment`.
    pub(crate) fn image(&mut self, moment: u64, tell: impl FnOnce(&mut Given)) -> &Image {
        if self.moment != Some(moment) {
            self.given.round(tell);
            let new = self.given.names(self.roles.len());
            self.roles.extend(new.map(|name| match self.overrides.contains_key(name) {
                true => Role::Nothing,
                false => self.plan.role(name),
            }));
            if self.moment.is_none() || self.follow().is_none() {
                let mut values = self.given.values();
                values.extend(self.overrides.clone());
                self.settled = self.encode(&values);
            }
            self.moment = Some(moment);
        }
        &self.settled.image
    }

    /// The registers follow what has been given, if numbers alone have changed and no rule sees them differently.
    fn follow(&mut self) -> Option<()> {
        for (slot, value) in self.given.changed() {
            match (self.roles.get(slot)?, value) {
                (Role::Nothing, _) => {}
                (Role::Number(point), Some(Value::Number(number))) => {
                    self.settled.follow(&self.plan, *point, number)?;
                }
                (Role::Number(_) | Role::State, _) => return None,
            }
        }
        self.settled.rewrite(&self.map, &self.plan)
    }

    /// Lets a point tell a value whatever is given, or no longer. Whether it did before.
    pub(crate) fn override_point(&mut self, point: PointName, value: Option<Literal>) -> bool {
        let before = match value {
            Some(value) => self.overrides.insert(point, value),
            None => self.overrides.remove(&point),
        };
        self.roles.clear();
        self.moment = None;
        before.is_some()
    }

    /// Lets every point tell what is given.
    pub(crate) fn end_overrides(&mut self) {
        self.overrides.clear();
        self.roles.clear();
        self.moment = None;
    }

    /// What is told whatever is given.
    pub(crate) fn overrides(&self) -> &Values {
        &self.overrides
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
        self.moment = None;
        told
    }

    /// The registers that tell `given`, without regard to what was before.
    fn encode(&self, given: &Values) -> Settled {
        let Settlement { values, told, forced } = self.settle(given);
        let mut image = self.settled.image.clone();
        image.clear();
        // What is told goes last, and fields after whole registers: a register may be several points at once.
        let mut points: Vec<(usize, &Point)> = self.map.points.iter().enumerate().collect();
        points.retain(|(_, point)| point.is_read());
        points.sort_by_key(|(_, point)| (told.contains_key(&point.name), point.bits.is_some()));
        let mut kept = Vec::new();
        for (n, point) in points {
            let settings = settings(point, &values);
            let Some(value) = values.get(&point.name) else { continue };
            if let (Some(raw), Some(planned)) = (raw::raw(point, value, settings), self.plan.point(n)) {
                image.put(point, &planned.places, &raw);
            }
            if told.contains_key(&point.name) {
                kept.push(Told {
                    point: n,
                    value: value.clone(),
                    settings,
                    forced: forced.contains(&point.name),
                });
            }
        }
        Settled::new(image, kept, self.map.points.len())
    }

    fn settle(&self, given: &Values) -> Settlement {
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
        let forced = changes.iter().map(|(name, _)| name.clone()).collect();
        told.extend(changes.iter().cloned());
        values.extend(changes);
        Settlement { values, told, forced }
    }

    /// Changes that make all of `wanted` true: without touching what is given if possible, else over it.
    fn changes(
        &self,
        wanted: &[(&Derived, Literal)],
        values: &Values,
        told: &Values,
    ) -> Option<Vec<(PointName, Literal)>> {
        let search = |overrules| Search::new(&self.map, values, told.keys().collect(), overrules);
        search(false).changes(wanted).or_else(|| search(true).changes(wanted))
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
