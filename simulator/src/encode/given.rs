//! What physics tells of one device, value by value, in slots: a name is resolved when it is told for the first time, a
//! value needs no memory of its own.
//!
//! Who calls it: `physics::values` tells, [`Encoder`](super::Encoder) asks what has changed. A device is told the same
//! names in the same order nearly every time, so each name is looked for first where it came the last time, and by the
//! place of its text before the text itself.
//!
//! Terms: *round* — one telling of everything; what is not told in it is no longer known.

use std::{collections::HashMap, ptr};

use hallward_profiles::{Literal, PointName};

use super::Values;

/// One value of the vocabulary.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Value {
    Flag(bool),
    Number(f64),
    Word(&'static str),
}

impl Value {
    /// To the bit: 0 and −0 are two floats in a register.
    fn is_same(self, other: Self) -> bool {
        match (self, other) {
            (Self::Flag(one), Self::Flag(other)) => one == other,
            (Self::Number(one), Self::Number(other)) => one.to_bits() == other.to_bits(),
            (Self::Word(one), Self::Word(other)) => one == other,
            (Self::Flag(_) | Self::Number(_) | Self::Word(_), _) => false,
        }
    }

    fn literal(self) -> Literal {
        match self {
            Self::Flag(flag) => Literal::Flag(flag),
            Self::Number(number) => Literal::Number(number),
            Self::Word(word) => Literal::Text(word.to_owned()),
        }
    }
}

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct Given {
    slots: Vec<Slot>,
    by_name: HashMap<PointName, usize>,
    round: u64,
    /// Where the next name is looked for first.
    expected: usize,
    /// Slots that have been told in this round.
    told: usize,
    /// Slots whose value is another than before the round, or is gone.
    changed: Vec<usize>,
}

#[derive(Debug)]
struct Slot {
    name: PointName,
    /// What the name was put together from the last time.
    parts: [&'static str; 3],
    value: Option<Value>,
    /// When it was told last.
    round: u64,
}

impl Slot {
    fn is_called(&mut self, parts: [&'static str; 3]) -> bool {
        if self.parts.iter().zip(parts).all(|(known, part)| ptr::eq(*known, part)) {
            return true;
        }
        let rest = parts.iter().try_fold(self.name.as_str(), |rest, part| rest.strip_prefix(part));
        let is_called = rest == Some("");
        if is_called {
            self.parts = parts;
        }
        is_called
    }
}

impl Given {
    /// Everything is told anew by `tell`.
    pub(crate) fn round(&mut self, tell: impl FnOnce(&mut Self)) {
        self.round += 1;
        self.expected = 0;
        self.told = 0;
        self.changed.clear();
        tell(self);
        if self.told < self.slots.len() {
            let gone = self.slots.iter_mut().enumerate().filter(|(_, slot)| slot.round < self.round);
            self.changed.extend(gone.filter_map(|(n, slot)| slot.value.take().map(|_| n)));
        }
    }

    /// One value, under the name that `parts` make together; what is no name is dropped.
    pub(crate) fn tell(&mut self, parts: [&'static str; 3], value: Value) {
        let here = self.slots.get_mut(self.expected).is_some_and(|slot| slot.is_called(parts));
        let n = if here { Some(self.expected) } else { self.slot(&parts.concat(), parts) };
        n.into_iter().for_each(|n| self.put(n, value));
    }

    /// One value, under a name that is not known beforehand; what is no name is dropped.
    pub(crate) fn tell_named(&mut self, name: &str, value: Value) {
        let here = self.slots.get(self.expected).is_some_and(|slot| slot.name.as_str() == name);
        let n = if here { Some(self.expected) } else { self.slot(name, [""; 3]) };
        n.into_iter().for_each(|n| self.put(n, value));
    }

    fn put(&mut self, n: usize, value: Value) {
        self.expected = n + 1;
        let Some(slot) = self.slots.get_mut(n) else { return };
        self.told += usize::from(slot.round < self.round);
        slot.round = self.round;
        if !slot.value.is_some_and(|before| before.is_same(value)) {
            slot.value = Some(value);
            self.changed.push(n);
        }
    }

    fn slot(&mut self, name: &str, parts: [&'static str; 3]) -> Option<usize> {
        let name: PointName = name.parse().ok()?;
        let new = self.slots.len();
        let n = *self.by_name.entry(name.clone()).or_insert(new);
        if n == new {
            self.slots.push(Slot { name, parts, value: None, round: 0 });
        }
        Some(n)
    }

    /// Names of all slots, from the `first`th on.
    pub(super) fn names(&self, first: usize) -> impl Iterator<Item = &PointName> {
        self.slots.iter().skip(first).map(|slot| &slot.name)
    }

    /// What the last round has changed: slots, and their values unless they are gone.
    pub(super) fn changed(&self) -> impl Iterator<Item = (usize, Option<Value>)> {
        self.changed.iter().map(|n| (*n, self.slots.get(*n).and_then(|slot| slot.value)))
    }

    /// All that is known now.
    pub(crate) fn values(&self) -> Values {
        let known = self.slots.iter().filter_map(|slot| Some((slot.name.clone(), slot.value?.literal())));
        known.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn round(given: &mut Given, told: &[(&'static str, f64)]) -> Vec<(String, bool)> {
        given.round(|given| {
            for (name, number) in told {
                given.tell(["", "", name], Value::Number(*number));
            }
        });
        let names: Vec<String> = given.names(0).map(ToString::to_string).collect();
        given.changed().map(|(n, value)| (names[n].clone(), value.is_some())).collect()
    }

    #[test]
    fn what_has_changed_is_known_and_what_is_told_no_more() {
        let mut given = Given::default();
        let (a, b) = (|there| ("a".to_owned(), there), |there| ("b".to_owned(), there));
        assert_eq!(round(&mut given, &[("a", 1.0), ("b", 2.0)]), [a(true), b(true)]);
        assert_eq!(round(&mut given, &[("a", 1.0), ("b", 2.0)]), []);
        assert_eq!(round(&mut given, &[("b", 2.0), ("a", 3.0)]), [a(true)]);
        assert_eq!(round(&mut given, &[("b", 2.0)]), [a(false)]);
        assert_eq!(round(&mut given, &[("b", 2.0)]), []);
        assert_eq!(given.values().len(), 1);
        assert_eq!(round(&mut given, &[("a", 0.0), ("b", 2.0)]), [a(true)]);
        assert_eq!(round(&mut given, &[("a", -0.0), ("b", 2.0)]), [a(true)]);
    }

    #[test]
    fn a_name_is_the_same_however_it_is_put_together() {
        let mut given = Given::default();
        given.round(|given| {
            given.tell(["input.", "voltage", ".l1"], Value::Number(1.0));
            given.tell(["", "input.voltage", ".l1"], Value::Number(2.0));
            given.tell_named("input.voltage.l1", Value::Number(2.0));
            given.tell(["No Name", "", ""], Value::Number(2.0));
        });
        let only = ("input.voltage.l1".parse().unwrap(), Literal::Number(2.0));
        assert_eq!(given.values(), [only].into());
    }
}
