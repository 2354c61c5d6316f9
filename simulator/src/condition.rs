//! Conditions on the hall, as scenarios (TOML) and the clock of the control API (JSON) write them.
//!
//! ```toml
//! { truth = "upses.ups-a.charge", below = 0.5 }            # physics: a list's name, an id, a key
//! { truth = "upses.*.mode", is = "on-battery" }            # `*`: any one of the list
//! { point = "ups-a/ups.status", is = "on-battery" }        # what the device would report
//! { point = "ups-a/battery.charge", quality = "timeout" }  # what a gateway thinks of it: of the clock alone
//! { all = [ … ] }  { any = [ … ] }
//! ```
//!
//! The clock sees what a gateway believes of a point, where one lives in the same time. Scenarios never do: they see
//! what the device would report (`reported.rs`), and take no `quality`.
//!
//! A test passes on what is there: a value that is missing or null passes none, not even `not`. Numbers that differ by
//! less than a billionth are the same.

use std::cell::OnceCell;

use hallward_profiles::Literal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    gateway::{Gateway, GatewayPoint},
    hall::Hall,
    known::instead,
};

/// Most tests in a condition, whatever `all` and `any` they are in.
const MOST_TESTS: usize = 64;

/// Something that holds of the hall or does not.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(try_from = "Written")]
#[schemars(with = "Written")]
pub enum Condition {
    /// All of these hold.
    All(Vec<Condition>),
    /// At least one of these holds.
    Any(Vec<Condition>),
    /// A test of physics.
    Truth {
        /// Where in the truth: keys and ids joined by dots.
        path: String,
        /// What must be.
        test: Test,
    },
    /// A test of a device's point.
    Point {
        /// The device's id.
        device: String,
        /// The point's name.
        point: String,
        /// What its value must be; none where its quality alone matters.
        test: Option<Test>,
        /// What its quality must be.
        quality: Option<String>,
    },
}

/// What a value must be.
#[derive(Clone, Debug, PartialEq)]
pub enum Test {
    /// This.
    Is(Literal),
    /// There, and not this.
    Not(Literal),
    /// Within these, both excluded.
    Between(f64, f64),
}

/// A condition as it is written.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename = "Condition")]
struct Written {
    /// All of these hold.
    all: Option<Vec<Written>>,
    /// At least one of these holds.
    any: Option<Vec<Written>>,
    /// A value of the truth, by keys and ids: `upses.ups-a.charge`; `*` for any one of a list.
    truth: Option<String>,
    /// A device's point: `ups-a/ups.status`.
    point: Option<String>,
    /// It is this.
    is: Option<Literal>,
    /// It is there, and not this.
    not: Option<Literal>,
    /// It is a number above this.
    above: Option<f64>,
    /// It is a number below this.
    below: Option<f64>,
    /// Of a point: a gateway gives it this quality.
    quality: Option<String>,
}

impl TryFrom<Written> for Condition {
    type Error = String;

    fn try_from(written: Written) -> Result<Self, String> {
        let condition = Self::read(written)?;
        match condition.tests().count() {
            ..=MOST_TESTS => Ok(condition),
            many => Err(format!("a condition takes up to {MOST_TESTS} tests in all, not {many}")),
        }
    }
}

impl Condition {
    /// Its tests, out of what `all` and `any` they are in.
    fn tests(&self) -> Box<dyn Iterator<Item = &Self> + '_> {
        match self {
            Self::All(each) | Self::Any(each) => Box::new(each.iter().flat_map(Self::tests)),
            Self::Truth { .. } | Self::Point { .. } => Box::new(std::iter::once(self)),
        }
    }

    /// Whether it asks what a gateway thinks of a point.
    pub(crate) fn asks_quality(&self) -> bool {
        self.tests().any(|test| matches!(test, Self::Point { quality: Some(_), .. }))
    }

    fn read(written: Written) -> Result<Self, String> {
        let test = written.test()?;
        let Written { all, any, truth, point, quality, .. } = written;
        match (all, any, truth, point) {
            (Some(each), None, None, None) if test.is_none() && quality.is_none() => {
                Ok(Self::All(several(each)?))
            }
            (None, Some(each), None, None) if test.is_none() && quality.is_none() => {
                Ok(Self::Any(several(each)?))
            }
            (None, None, Some(path), None) => match (test, quality) {
                (Some(test), None) => Ok(Self::Truth { path, test }),
                (None, _) => Err(format!("`truth = \"{path}\"` needs one of is, not, above, below")),
                (_, Some(_)) => Err("quality is of points, not of the truth".to_owned()),
            },
            (None, None, None, Some(point)) => {
                let wrong =
                    || format!("`point = \"{point}\"` must be a device and its point: ups-a/ups.status");
                let (device, name) = point.split_once('/').ok_or_else(wrong)?;
                if test.is_none() && quality.is_none() {
                    return Err(format!("`point = \"{point}\"` needs one of is, not, above, below, quality"));
                }
                Ok(Self::Point { device: device.to_owned(), point: name.to_owned(), test, quality })
            }
            _ => Err("a condition is one of: truth or point with a test, all, any".to_owned()),
        }
    }
}

fn several(written: Vec<Written>) -> Result<Vec<Condition>, String> {
    if written.is_empty() {
        return Err("all and any take one condition or more".to_owned());
    }
    written.into_iter().map(Condition::read).collect()
}

impl Written {
    fn test(&self) -> Result<Option<Test>, String> {
        match (&self.is, &self.not, self.above, self.below) {
            (None, None, None, None) => Ok(None),
            (Some(is), None, None, None) => Ok(Some(Test::Is(is.clone()))),
            (None, Some(not), None, None) => Ok(Some(Test::Not(not.clone()))),
            (None, None, above, below) => {
                let between =
                    Test::Between(above.unwrap_or(f64::NEG_INFINITY), below.unwrap_or(f64::INFINITY));
                Ok(Some(between))
            }
            _ => Err("a test is one of: is, not, above and below".to_owned()),
        }
    }
}

/// One look at a hall, and at a gateway's beliefs if there is one.
pub(crate) struct Sight<'a> {
    hall: &'a Hall,
    gateway: Option<&'a dyn Gateway>,
    /// As it was when a test first asked for it.
    truth: OnceCell<Value>,
}

impl<'a> Sight<'a> {
    pub(crate) fn new(hall: &'a Hall, gateway: Option<&'a dyn Gateway>) -> Self {
        Self { hall, gateway, truth: OnceCell::new() }
    }

    fn truth(&self) -> &Value {
        // Every part of the truth can be written as JSON.
        self.truth.get_or_init(|| serde_json::to_value(self.hall.truth()).unwrap_or_default())
    }

    fn point(&self, device: &str, point: &str) -> Result<GatewayPoint, String> {
        let believed = self.gateway.and_then(|gateway| gateway.point(device, point));
        believed.map_or_else(|| self.reported(device, point), Ok)
    }

    fn reported(&self, device: &str, point: &str) -> Result<GatewayPoint, String> {
        let devices = || self.hall.site().devices.iter().map(|device| device.id.as_str());
        let reported =
            self.hall.reported(device).ok_or_else(|| missing("device", device, devices(), "GET /devices"))?;
        let found = reported.iter().find(|(name, _)| name.as_str() == point);
        let names = reported.keys().map(hallward_profiles::PointName::as_str);
        let (what, whole) = (format!("point of `{device}`"), format!("GET /points?device={device}"));
        let value = found.ok_or_else(|| missing(&what, point, names, &whole))?.1.clone();
        Ok(GatewayPoint { value: Some(value), quality: "good".to_owned() })
    }
}

/// `whole` is where all that are known are listed.
fn missing<'n>(what: &str, name: &str, known: impl Iterator<Item = &'n str>, whole: &str) -> String {
    format!("there is no {what} `{}`; {}", name.escape_debug(), instead(name, known, whole))
}

impl Condition {
    /// Whether it holds now.
    ///
    /// # Errors
    /// When it names what this hall has not got: a sentence that says what there is.
    pub(crate) fn holds(&self, sight: &Sight<'_>) -> Result<bool, String> {
        match self {
            // All are looked at, so that a wrong path is found even where others decide.
            Self::All(each) => each.iter().try_fold(true, |so_far, one| Ok(one.holds(sight)? && so_far)),
            Self::Any(each) => each.iter().try_fold(false, |so_far, one| Ok(one.holds(sight)? || so_far)),
            Self::Truth { path, test } => {
                Ok(found(sight.truth(), path)?.into_iter().any(|value| test.passes(value)))
            }
            Self::Point { device, point, test, quality } => {
                let seen = sight.point(device, point)?;
                let value = seen.value.and_then(|value| serde_json::to_value(value).ok()).unwrap_or_default();
                let passed = test.as_ref().is_none_or(|test| test.passes(&value));
                Ok(passed && quality.as_ref().is_none_or(|wanted| *wanted == seen.quality))
            }
        }
    }
}

impl Test {
    fn passes(&self, value: &Value) -> bool {
        match (self, value) {
            (_, Value::Null) => false,
            (Self::Is(wanted), value) => is(value, wanted),
            (Self::Not(unwanted), value) => !is(value, unwanted),
            (Self::Between(above, below), value) => {
                value.as_f64().is_some_and(|number| *above < number && number < *below)
            }
        }
    }
}

fn is(value: &Value, wanted: &Literal) -> bool {
    match wanted {
        Literal::Flag(flag) => value.as_bool() == Some(*flag),
        Literal::Number(number) => value.as_f64().is_some_and(|value| (value - number).abs() < 1e-9),
        Literal::Text(text) => value.as_str() == Some(text),
    }
}

/// What is at `path`: one value, or as many as its `*` allow.
fn found<'v>(truth: &'v Value, path: &str) -> Result<Vec<&'v Value>, String> {
    let mut here = vec![truth];
    let mut walked = "truth".to_owned();
    for step in path.split('.') {
        let mut next = Vec::new();
        for value in here {
            match (value, step) {
                (Value::Array(list), "*") => next.extend(list),
                (Value::Array(list), id) => next.extend(list.iter().find(|one| one["id"] == id)),
                (Value::Object(keys), key) => next.extend(keys.get(key)),
                (Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_), _) => {}
            }
            if next.is_empty() {
                return Err(missing(&format!("part of `{walked}`"), step, names(value), "GET /truth"));
            }
        }
        walked = format!("{walked}.{step}");
        here = next;
    }
    match here.first() {
        Some(Value::Array(_) | Value::Object(_)) => {
            let inside = here.into_iter().flat_map(names).collect::<Vec<_>>();
            Err(format!("`{path}` is no value but has parts: {}", inside.join(", ")))
        }
        _ => Ok(here),
    }
}

/// What can follow in a path.
fn names(value: &Value) -> Box<dyn Iterator<Item = &str> + '_> {
    match value {
        Value::Array(list) => Box::new(list.iter().filter_map(|one| one["id"].as_str())),
        Value::Object(keys) => Box::new(keys.keys().map(String::as_str)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Box::new(std::iter::empty()),
    }
}
