//! Where a door's wires end: at a point of an io device, or at a pin of the computer itself.

use std::fmt;

use hallward_profiles::{
    Class, Point, PointName,
    document::{Document, Entry},
};

use crate::{Site, file::DoorEntry, load::one_of};

/// What a pin is written with in front.
const PIN: &str = "pin:";

/// An input or output of an io device.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct IoPoint {
    /// Index into [`Site::devices`].
    pub device: usize,
    /// Its point there.
    pub point: PointName,
}

/// A pin of the computer: a line of a GPIO chip.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Pin {
    /// The chip, such as `gpiochip0`.
    pub chip: String,
    /// Its number there.
    pub line: u32,
    /// Whether it is on while its level is low.
    pub low: bool,
}

/// Where a wire ends.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Wire {
    /// At an io device.
    Module(IoPoint),
    /// At a pin.
    Pin(Pin),
}

impl Wire {
    /// The io device's point.
    #[must_use]
    pub fn module(&self) -> Option<&IoPoint> {
        match self {
            Self::Module(point) => Some(point),
            Self::Pin(_) => None,
        }
    }

    /// The pin.
    #[must_use]
    pub fn pin(&self) -> Option<&Pin> {
        match self {
            Self::Module(_) => None,
            Self::Pin(pin) => Some(pin),
        }
    }
}

impl fmt::Display for Pin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let low = if self.low { ":low" } else { "" };
        write!(f, "{PIN}{}/{}{low}", self.chip, self.line)
    }
}

/// Which points a wire may end at.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Input,
    Output,
    /// What starts a pulse of an output.
    Pulse,
}

impl Kind {
    const fn word(self) -> &'static str {
        match self {
            Self::Input => "input",
            Self::Output => "output",
            Self::Pulse => "output.0.pulsing",
        }
    }

    fn example(self) -> String {
        match self {
            Self::Input | Self::Output => format!("DEVICE/{0}.0, such as door-io/{0}.0", self.word()),
            Self::Pulse => "DEVICE/POINT, such as door-io/output.0.pulsing".to_owned(),
        }
    }

    fn fits(self, point: &Point) -> bool {
        let name = point.name.as_str();
        let numbered = |rest: &str| !rest.is_empty() && rest.bytes().all(|digit| digit.is_ascii_digit());
        let plain = |kind| name.strip_prefix(kind).is_some_and(numbered);
        match self {
            Self::Input => plain("input."),
            Self::Output => plain("output."),
            Self::Pulse => {
                name.starts_with("output.") && !plain("output.") && point.is_written() && !point.is_number()
            }
        }
    }
}

/// `DEVICE/POINT`, or for inputs and outputs `pin:CHIP/LINE[:low]`.
pub(crate) fn wire(
    document: &mut Document<'_>,
    entry: &Entry<DoorEntry>,
    key: &str,
    wanted: &str,
    kind: Kind,
    site: &Site,
) -> Option<Wire> {
    if let Some(text) = wanted.strip_prefix(PIN) {
        let found = pin(text).filter(|_| kind != Kind::Pulse);
        if found.is_none() {
            let what = format!("`{wanted}` is no pin that can be here");
            document.problem(
                entry.at(key),
                what,
                "pin:gpiochip0/17, or pin:gpiochip0/17:low where low means on",
            );
        }
        return found.map(Wire::Pin);
    }
    let Some((device, name)) = wanted.split_once('/') else {
        document.problem(
            entry.at(key),
            format!("`{wanted}` is no point of a device and no pin"),
            kind.example(),
        );
        return None;
    };
    let Some((n, found)) = site.device(device).filter(|(_, device)| device.profile.class == Class::Io) else {
        let known = site.devices.iter().filter(|device| device.profile.class == Class::Io);
        let what = format!("there is no device `{device}` of class io");
        document.problem(entry.at(key), what, one_of(known.map(|device| device.id.as_str()), device));
        return None;
    };
    let fitting = || found.map.points.iter().filter(|point| kind.fits(point)).map(|point| &point.name);
    let Some(point) = fitting().find(|point| point.as_str() == name) else {
        let what = match kind {
            Kind::Pulse => format!("`{device}` has no point `{name}` that starts a pulse"),
            Kind::Input | Kind::Output => format!("`{device}` has no {} `{name}`", kind.word()),
        };
        document.problem(entry.at(key), what, one_of(fitting().map(PointName::as_str), name));
        return None;
    };
    Some(Wire::Module(IoPoint { device: n, point: point.clone() }))
}

/// A pin as written, with or without `pin:`.
pub(crate) fn pin(text: &str) -> Option<Pin> {
    let text = text.strip_prefix(PIN).unwrap_or(text);
    let (chip, rest) = text.split_once('/')?;
    let (line, low) = match rest.strip_suffix(":low") {
        Some(line) => (line, true),
        None => (rest, false),
    };
    let sound = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    let named = !chip.is_empty() && chip.len() <= 32 && chip.chars().all(sound);
    let line = line.parse().ok().filter(|line| *line < 1024 && named)?;
    Some(Pin { chip: chip.to_owned(), line, low })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pins_are_read_and_written_alike() {
        for text in ["pin:gpiochip0/17", "pin:gpiochip4/0:low"] {
            assert_eq!(pin(text).map(|pin| pin.to_string()).as_deref(), Some(text));
        }
        for wrong in
            ["gpiochip0", "gpiochip0/", "/3", "gpiochip0/x", "../x/3", "gpiochip0/1024", "gpiochip0/3:high"]
        {
            assert_eq!(pin(wrong), None, "{wrong}");
        }
    }
}
