//! Overrides: a point of a device that reports what a tester says, whatever physics has to say of it.
//!
//! Who sets them: the control API and tests. They are checked here against the device's profile and live in its
//! encoder; a point that rules derive is overridden through the registers that its rules test. Physics does not know
//! of them: a hall whose UPS reports `on-battery` is still lit.

use hallward_profiles::{Derivation, Derived, Encoding, Id, Literal, Point, PointName};
use schemars::JsonSchema;
use serde::Serialize;

use crate::{
    encode::Values,
    hall::{Hall, lock},
    known::instead,
};

/// A point that reports what it is told to.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Override {
    /// The device.
    #[schemars(with = "String")]
    pub device: Id,
    /// The point.
    #[schemars(with = "String")]
    pub point: PointName,
    /// What it reports.
    pub value: Literal,
}

/// Why a point cannot be overridden.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs, reason = "the messages say it")]
pub enum WrongOverride {
    #[error("there is no device `{device}`; {known}")]
    NoDevice { device: String, known: String },
    #[error("`{device}` has no point `{point}`; {known}")]
    NoPoint { device: Id, point: String, known: String },
    #[error("`{device}/{point}` cannot be {value}: it takes {takes}")]
    Value { device: Id, point: PointName, value: String, takes: String },
}

impl Hall {
    /// Lets a device's point report `value` until [`Hall::clear_override`] or [`Hall::reset`].
    ///
    /// # Errors
    /// When there is no such device or point, or it is of another kind than the value.
    pub fn set_override(&self, device: &str, point: &str, value: Literal) -> Result<Override, WrongOverride> {
        let Target { n, device, point, takes } = self.target(device, point)?;
        if !takes.takes(&value) {
            let (value, takes) = (value.to_string(), takes.to_string());
            return Err(WrongOverride::Value { device, point, value, takes });
        }
        if let Some(served) = self.served.get(n) {
            lock(&served.registers).0.override_point(point.clone(), Some(value.clone()));
        }
        Ok(Override { device, point, value })
    }

    /// Lets a device's point report again what physics says. Whether it was overridden.
    ///
    /// # Errors
    /// When there is no such device or point.
    pub fn clear_override(&self, device: &str, point: &str) -> Result<bool, WrongOverride> {
        let Target { n, point, .. } = self.target(device, point)?;
        let served = self.served.get(n);
        Ok(served.is_some_and(|served| lock(&served.registers).0.override_point(point, None)))
    }

    /// Lets every point report again what physics says.
    pub fn clear_overrides(&self) {
        self.served.iter().for_each(|served| lock(&served.registers).0.end_overrides());
    }

    /// The overrides that hold, by device and point.
    #[must_use]
    pub fn overrides(&self) -> Vec<Override> {
        let each = self.site.devices.iter().enumerate();
        let all = each.flat_map(|(n, device)| {
            let own = self.overrides_of(n).into_iter();
            own.map(|(point, value)| Override { device: device.id.clone(), point, value })
        });
        all.collect()
    }

    /// Those of a device, by its index.
    pub(crate) fn overrides_of(&self, device: usize) -> Values {
        self.served
            .get(device)
            .map(|served| lock(&served.registers).0.overrides().clone())
            .unwrap_or_default()
    }

    fn target(&self, device: &str, point: &str) -> Result<Target<'_>, WrongOverride> {
        let found = self.site.device(device).ok_or_else(|| {
            let devices = self.site.devices.iter().map(|device| device.id.as_str());
            WrongOverride::NoDevice {
                device: device.to_owned(),
                known: instead(device, devices, "GET /devices"),
            }
        });
        let (n, device) = found?;
        let readable = device.map.points.iter().filter(|point| point.is_read());
        let in_registers = readable.map(|one| (&one.name, Takes::Point(one)));
        let ruled = device.map.derived.iter().filter(|one| matches!(one.how, Derivation::Rules(_)));
        let mut all = in_registers.chain(ruled.map(|one| (&one.name, Takes::Derived(one))));
        let known = all.clone().map(|(name, _)| name.as_str());
        let device = device.id.clone();
        match all.find(|(name, _)| name.as_str() == point) {
            Some((name, takes)) => Ok(Target { n, device, point: name.clone(), takes }),
            None => {
                let known = instead(point, known, &format!("GET /points?device={device}"));
                Err(WrongOverride::NoPoint { device, point: point.to_owned(), known })
            }
        }
    }
}

/// A point that can be overridden, and its device's index.
struct Target<'m> {
    n: usize,
    device: Id,
    point: PointName,
    takes: Takes<'m>,
}

/// What a point can report.
#[derive(Clone, Copy)]
enum Takes<'m> {
    Point(&'m Point),
    Derived(&'m Derived),
}

impl Takes<'_> {
    /// Words or flags that are all there are; none where any number or text will do.
    fn among(&self) -> Vec<Literal> {
        match self {
            Self::Point(point) if point.encoding == Encoding::Bool => {
                vec![Literal::Flag(true), Literal::Flag(false)]
            }
            Self::Point(point) => point.words.iter().map(|(_, word)| Literal::Text(word.clone())).collect(),
            Self::Derived(Derived { how: Derivation::Rules(rules), .. }) => {
                rules.iter().map(|rule| rule.is.clone()).collect()
            }
            Self::Derived(Derived { how: Derivation::DewPoint { .. }, .. }) => Vec::new(),
        }
    }

    fn takes(&self, value: &Literal) -> bool {
        let among = self.among();
        if !among.is_empty() {
            return among.contains(value);
        }
        match (self, value) {
            (Self::Point(point), Literal::Text(_)) => point.encoding == Encoding::Text,
            (Self::Point(point), Literal::Number(number)) => {
                point.encoding != Encoding::Text && number.is_finite()
            }
            (Self::Point(_), Literal::Flag(_)) | (Self::Derived(_), _) => false,
        }
    }
}

impl std::fmt::Display for Takes<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut among: Vec<String> = Vec::new();
        for one in self.among().iter().map(ToString::to_string) {
            if !among.contains(&one) {
                among.push(one);
            }
        }
        match self {
            _ if !among.is_empty() => write!(f, "one of {}", among.join(", ")),
            Self::Point(point) if point.encoding == Encoding::Text => f.write_str("a text"),
            Self::Point(Point { unit: Some(unit), .. }) => write!(f, "a number ({})", unit.symbol()),
            Self::Point(_) | Self::Derived(_) => f.write_str("a number"),
        }
    }
}

#[cfg(test)]
mod tests {
    use hallward_profiles::Library;
    use hallward_site::Site;

    use super::*;
    use crate::DEMO_SITE;

    fn demo() -> Hall {
        Hall::new(Site::parse("demo.toml", DEMO_SITE, &Library::load(None).unwrap()).unwrap()).unwrap()
    }

    fn word(word: &str) -> Literal {
        Literal::Text(word.to_owned())
    }

    #[test]
    fn an_override_is_reported_until_it_is_cleared_and_physics_does_not_see_it() {
        let hall = demo();
        let status = |hall: &Hall| hall.reported("ups-a").unwrap()["ups.status"].clone();
        assert_eq!(status(&hall), word("online"));
        hall.set_override("ups-a", "ups.status", word("on-battery")).unwrap();
        hall.set_override("inlet-01", "temperature", Literal::Number(40.0)).unwrap();
        assert_eq!(status(&hall), word("on-battery"));
        assert_eq!(hall.truth().upses[0].mode, "online");
        assert_eq!(hall.overrides().len(), 2);
        assert_eq!(hall.clear_override("ups-a", "ups.status"), Ok(true));
        assert_eq!(hall.clear_override("ups-a", "ups.status"), Ok(false));
        assert_eq!((status(&hall), hall.overrides().len()), (word("online"), 1));
        hall.reset();
        assert!(hall.overrides().is_empty());
    }

    #[test]
    fn what_a_point_cannot_report_is_refused_with_what_it_can() {
        let hall = demo();
        for (device, point, value, said) in [
            (
                "ups-c",
                "ups.status",
                word("off"),
                "there is no device `ups-c`; did you mean one of: ups-a, ups-b",
            ),
            (
                "ups-a",
                "colour",
                word("red"),
                "`ups-a` has no point `colour`; GET /points?device=ups-a lists all ",
            ),
            ("ups-a", "battery.charg", word("red"), "`battery.charg`; did you mean one of: battery.charge, "),
            ("ups-a", "ups.status", word("tired"), "it takes one of `"),
            ("inlet-01", "temperature", word("hot"), "cannot be `hot`: it takes a number ("),
            ("inlet-01", "temperature", Literal::Flag(true), "cannot be true: it takes a number ("),
            ("inlet-01", "temperature", Literal::Number(f64::NAN), "it takes a number ("),
            ("smoke-1", "fire.alarm", Literal::Number(1.0), "it takes one of true, false"),
            ("inlet-01", "dew-point", Literal::Number(9.0), "`inlet-01` has no point `dew-point`"),
        ] {
            let told = hall.set_override(device, point, value).unwrap_err().to_string();
            assert!(told.contains(said), "{device}/{point}: {told}");
        }
        assert!(hall.overrides().is_empty());
    }
}
