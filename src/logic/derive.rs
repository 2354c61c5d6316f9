//! Points that follow from others: the profile's rules, and the dew point.
//!
//! What is not known stays unknown: a rule whose input is missing does not fall through to the next one, unless
//! the device itself says that the input does not exist. One input that holds is enough for `any`, whatever the
//! others are: a detector in alarm is an alarm, even while its neighbour does not answer.

use std::sync::Arc;

use hallward_profiles::{Derivation, Literal, Map, PointName, Test};

use super::decode::equals;
use crate::model::{DeviceInfo, PointIx, PointSource, Quality, Reading, Value, Wall};

/// The derived points of a device, with names looked up once.
#[derive(Clone, Debug, Default)]
pub struct Deriver {
    points: Vec<(PointIx, How)>,
}

#[derive(Clone, Debug)]
enum How {
    Rules(Vec<Rule>),
    DewPoint { temperature: PointIx, humidity: PointIx },
}

#[derive(Clone, Debug)]
struct Rule {
    conditions: Vec<Condition>,
    is: Value,
}

#[derive(Clone, Debug)]
struct Condition {
    points: Vec<PointIx>,
    all: bool,
    test: Test,
}

/// What a condition says, and the worst quality among the inputs that it rests on.
enum Verdict {
    Holds(Quality),
    Fails(Quality),
    Unknown(Quality),
}

impl Deriver {
    /// For a device of this map.
    #[must_use]
    pub fn new(map: &Map, info: &DeviceInfo) -> Self {
        let points = info.iter().filter_map(|(ix, point)| {
            let PointSource::Derived(n) = point.source else { return None };
            Some((ix, How::new(&map.derived.get(n)?.how, info)?))
        });
        Self { points: points.collect() }
    }

    /// The `n`th derived point as it follows from `readings`; `None` if there are not so many. A later one may rest on an
    /// earlier one.
    #[must_use]
    pub fn derive(&self, n: usize, readings: &[Reading]) -> Option<(PointIx, Reading)> {
        let (ix, how) = self.points.get(n)?;
        let reading = match how {
            How::Rules(rules) => first_that_holds(rules, readings),
            How::DewPoint { temperature, humidity } => dew_point_of(readings, *temperature, *humidity),
        };
        Some((*ix, reading))
    }

    /// Works out every derived point from `readings`, writing the results into it.
    pub fn derive_all(&self, readings: &mut [Reading]) {
        for n in 0..self.points.len() {
            let Some((ix, reading)) = self.derive(n, readings) else { return };
            if let Some(place) = readings.get_mut(usize::from(ix.0)) {
                *place = reading;
            }
        }
    }
}

impl How {
    fn new(how: &Derivation, info: &DeviceInfo) -> Option<Self> {
        let find = |name: &PointName| info.find(name.as_str());
        Some(match how {
            Derivation::DewPoint { temperature, humidity } => {
                Self::DewPoint { temperature: find(temperature)?, humidity: find(humidity)? }
            }
            Derivation::Rules(rules) => {
                let rules = rules.iter().map(|rule| Rule {
                    conditions: rule
                        .conditions
                        .iter()
                        .map(|condition| Condition {
                            points: condition.points.iter().filter_map(find).collect(),
                            all: condition.all,
                            test: condition.test.clone(),
                        })
                        .collect(),
                    is: match &rule.is {
                        Literal::Flag(flag) => Value::Flag(*flag),
                        Literal::Number(number) => Value::Number(*number),
                        Literal::Text(word) => Value::Word(Arc::from(word.as_str())),
                    },
                });
                Self::Rules(rules.collect())
            }
        })
    }
}

fn newest(readings: &[Reading], points: impl Iterator<Item = PointIx>) -> Option<Wall> {
    points.filter_map(|ix| readings.get(usize::from(ix.0))?.time()).max()
}

fn first_that_holds(rules: &[Rule], readings: &[Reading]) -> Reading {
    let inputs =
        || rules.iter().flat_map(|rule| &rule.conditions).flat_map(|condition| &condition.points).copied();
    let Some(time) = newest(readings, inputs()) else { return Reading::default() };
    let mut quality = Quality::Good;
    for rule in rules {
        match rule.verdict(readings) {
            Verdict::Holds(worst) => {
                if quality.max(worst) == Quality::Good {
                    return Reading::good(rule.is.clone(), time);
                }
                // As old as what makes it stale.
                let stale = inputs().filter_map(|ix| readings.get(usize::from(ix.0)));
                let stale = stale.filter(|input| input.quality() == Quality::Stale);
                let time = stale.filter_map(Reading::time).min().unwrap_or(time);
                return Reading::good(rule.is.clone(), time).into_stale();
            }
            Verdict::Fails(worst) => quality = quality.max(worst),
            Verdict::Unknown(why) => return Reading::missing(why, time),
        }
    }
    Reading::missing(Quality::NotAvailable, time)
}

impl Rule {
    fn verdict(&self, readings: &[Reading]) -> Verdict {
        let mut worst = Quality::Good;
        for condition in &self.conditions {
            match condition.verdict(readings) {
                Verdict::Holds(quality) => worst = worst.max(quality),
                other @ (Verdict::Fails(_) | Verdict::Unknown(_)) => return other,
            }
        }
        Verdict::Holds(worst)
    }
}

impl Condition {
    fn verdict(&self, readings: &[Reading]) -> Verdict {
        let mut worst = Quality::Good;
        let mut unknown = None;
        for ix in &self.points {
            let Some(reading) = readings.get(usize::from(ix.0)) else { continue };
            match reading.value().map(|value| passes(&self.test, value)) {
                Some(true) if !self.all => return Verdict::Holds(reading.quality()),
                Some(false) if self.all => return Verdict::Fails(reading.quality()),
                Some(_) => worst = worst.max(reading.quality()),
                None if reading.quality() == Quality::NotAvailable => {
                    if self.all {
                        return Verdict::Fails(Quality::Good);
                    }
                }
                None => unknown = unknown.max(Some(reading.quality())),
            }
        }
        match unknown {
            Some(why) => Verdict::Unknown(why),
            None if self.all && !self.points.is_empty() => Verdict::Holds(worst),
            None => Verdict::Fails(worst),
        }
    }
}

fn passes(test: &Test, value: &Value) -> bool {
    match (test, value.number()) {
        (Test::Among(list), _) => list.iter().any(|literal| equals(value, literal)),
        (Test::Above(limit), Some(number)) => number > *limit,
        (Test::Below(limit), Some(number)) => number < *limit,
        (Test::Above(_) | Test::Below(_), None) => false,
    }
}

fn dew_point_of(readings: &[Reading], temperature: PointIx, humidity: PointIx) -> Reading {
    let inputs = [temperature, humidity];
    let Some(time) = newest(readings, inputs.into_iter()) else { return Reading::default() };
    let inputs = inputs.map(|ix| readings.get(usize::from(ix.0)));
    let [Some(temperature), Some(humidity)] = inputs else { return Reading::default() };
    let worst = temperature.quality().max(humidity.quality());
    let values = temperature.value().and_then(Value::number).zip(humidity.value().and_then(Value::number));
    match values.map(|(temperature, humidity)| dew_point(temperature, humidity)) {
        Some(Some(value)) if worst == Quality::Good => Reading::good(Value::Number(value), time),
        Some(Some(value)) => Reading::good(Value::Number(value), time).into_stale(),
        Some(None) => Reading::missing(Quality::OutOfRange, time),
        None => Reading::missing(worst, time),
    }
}

/// Dew point in °C of air at `temperature` °C and `humidity` % over water, by the Magnus formula with the
/// constants of Alduchov and Eskridge 1996 (17.625, 243.04 °C; −40 to 50 °C). `None` outside what it can say.
#[must_use]
pub fn dew_point(temperature: f64, humidity: f64) -> Option<f64> {
    let within = (-40.0..=60.0).contains(&temperature) && (0.1..=100.0).contains(&humidity);
    let gamma = (humidity / 100.0).ln() + 17.625 * temperature / (243.04 + temperature);
    within.then_some(243.04 * gamma / (17.625 - gamma))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::logic::decode::tests::device_of;

    const NOW: Wall = Wall(1_000_000);

    /// `status` from three flags `a`, `b.1`, `b.2`, by these rules.
    fn derive(rules: &str, readings: [Reading; 3]) -> Reading {
        let points = ["a", "b.1", "b.2"].iter().enumerate().map(|(n, name)| {
            format!("[[point]]\nname = \"{name}\"\narea = \"coil\"\naddress = {n}\ntype = \"bool\"\n")
        });
        let tables =
            points.collect::<String>() + &format!("[[derived]]\nname = \"status\"\nrules = [{rules}]\n");
        let (map, info) = device_of(&tables);
        let mut readings: Vec<_> = readings.into();
        readings.push(Reading::default());
        Deriver::new(&map, &info).derive_all(&mut readings);
        readings.remove(3)
    }

    fn on() -> Reading {
        Reading::good(Value::Flag(true), NOW)
    }
    fn off() -> Reading {
        Reading::good(Value::Flag(false), NOW)
    }
    fn missing(why: Quality) -> Reading {
        Reading::missing(why, NOW)
    }
    fn is(word: &str) -> Reading {
        Reading::good(Value::Word(word.into()), NOW)
    }

    const RULES: &str =
        "{ if = \"a\", is = \"first\" }, { any = \"b.*\", is = \"second\" }, { else = \"last\" }";

    #[test]
    fn the_first_rule_that_holds_wins() {
        assert_eq!(derive(RULES, [on(), on(), off()]), is("first"));
        assert_eq!(derive(RULES, [off(), off(), on()]), is("second"));
        assert_eq!(derive(RULES, [off(), off(), off()]), is("last"));
    }

    #[test]
    fn a_missing_input_is_not_taken_for_false() {
        let unknown_code = missing(Quality::OutOfRange);
        assert_eq!(derive(RULES, [off(), unknown_code.clone(), off()]), unknown_code);
        assert_eq!(derive(RULES, [missing(Quality::Timeout), on(), on()]), missing(Quality::Timeout));
        assert_eq!(derive(RULES, [off(), missing(Quality::Exception), off()]), missing(Quality::Exception));
    }

    #[test]
    fn one_detector_that_holds_is_enough_whatever_the_others_are() {
        assert_eq!(derive(RULES, [off(), missing(Quality::Timeout), on()]), is("second"));
    }

    #[test]
    fn what_the_device_does_not_have_counts_as_not_holding() {
        let none = || missing(Quality::NotAvailable);
        assert_eq!(derive(RULES, [none(), none(), none()]), is("last"));
        let all = "{ all = \"b.*\", is = \"both\" }, { else = \"last\" }";
        assert_eq!(derive(all, [off(), on(), on()]), is("both"));
        assert_eq!(derive(all, [off(), on(), none()]), is("last"));
    }

    #[test]
    fn a_stale_input_makes_a_stale_result() {
        let reading = derive(RULES, [off().into_stale(), off(), on()]);
        assert_eq!(
            (reading.quality(), reading.value().cloned()),
            (Quality::Stale, is("second").value().cloned())
        );
    }

    #[test]
    fn both_conditions_of_an_and_must_hold() {
        let rules =
            "{ if = \"a\", and = { any = \"b.*\", equals = false }, is = \"both\" }, { else = \"last\" }";
        assert_eq!(derive(rules, [on(), on(), off()]), is("both"));
        assert_eq!(derive(rules, [on(), on(), on()]), is("last"));
    }

    /// Reference: a table of the dew point of moist air (20 °C: 50 % → 9.3 °C, 100 % → 20 °C; 30 °C, 60 % → 21.4 °C).
    #[test]
    fn dew_points_agree_with_the_psychrometric_table() {
        for (temperature, humidity, expected) in [(20.0, 50.0, 9.3), (20.0, 100.0, 20.0), (30.0, 60.0, 21.4)]
        {
            let found = dew_point(temperature, humidity).unwrap();
            assert!((found - expected).abs() < 0.1, "{temperature} °C, {humidity} %: {found}");
        }
        assert_eq!(dew_point(20.0, 0.0), None);
    }
}
