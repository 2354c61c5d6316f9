//! Derived points turned back: which values must other points have so that the rules yield what is wanted?
//!
//! A profile's rules say, for example, that `ups.status` is `on-battery` when a bit is set and no earlier rule
//! holds. [`Search`] takes such wishes and finds values for the tested points: for each wish some rule that yields
//! it is made to hold and all rules before it are made to fail. It goes depth first through the few ways to do so,
//! trying first what needs no change, and gives up after [`MOST_BRANCHES`]. In the end the other states that a device
//! tells at rest are ended as far as that is free to do: who is on battery does not say on line besides.
//!
//! It changes no register and knows no encoding beyond what a point can hold.

use std::collections::{BTreeMap, BTreeSet};

use hallward_profiles::{
    Condition, Derivation, Derived, Encoding, Literal, Map, Point, PointName, Rule, Test,
};

use super::{Values, raw, raw::Settings};

/// Ways that one search may try.
const MOST_BRANCHES: u32 = 2_000;

/// What must be made true.
#[derive(Clone, Debug)]
enum Goal<'m> {
    /// The derived point has this value.
    Value(&'m Derived, Literal),
    /// The rule holds, or does not.
    Rule(&'m Rule, bool),
    /// The condition holds, or does not.
    Condition(&'m Condition, bool),
    /// The point passes the test, or does not.
    Point(&'m PointName, &'m Test, bool),
}

/// A device's points, as the search needs them.
pub(super) struct Search<'m> {
    points: BTreeMap<&'m PointName, &'m Point>,
    derived: BTreeMap<&'m PointName, &'m Derived>,
    /// Values before the search.
    values: &'m Values,
    /// Points whose values are given.
    given: BTreeSet<&'m PointName>,
    /// Whether they may be changed too.
    overrules: bool,
    branches_left: u32,
}

/// How far one way has come.
#[derive(Clone, Debug, Default)]
struct Way<'m> {
    changes: BTreeMap<&'m PointName, Literal>,
    demands: BTreeMap<&'m PointName, Vec<(&'m Test, bool)>>,
}

impl<'m> Search<'m> {
    /// A search over `map`, from `values`, that leaves the points of `given` alone unless it `overrules` them.
    pub(super) fn new(
        map: &'m Map,
        values: &'m Values,
        given: BTreeSet<&'m PointName>,
        overrules: bool,
    ) -> Self {
        Self {
            points: map.points.iter().map(|point| (&point.name, point)).collect(),
            derived: map.derived.iter().map(|derived| (&derived.name, derived)).collect(),
            values,
            given,
            overrules,
            branches_left: MOST_BRANCHES,
        }
    }

    /// Values to change so that each derived point has the value wanted, if there is a way.
    pub(super) fn changes(mut self, wanted: &[(&'m Derived, Literal)]) -> Option<Vec<(PointName, Literal)>> {
        let goals = wanted.iter().rev().map(|(derived, value)| Goal::Value(derived, value.clone())).collect();
        let mut way = self.reach(goals, Way::default())?;
        self.overrules = false;
        for (derived, value) in wanted {
            way = self.leave_rest(derived, value, way);
        }
        Some(way.changes.into_iter().map(|(name, value)| (name.clone(), value)).collect())
    }

    /// Makes the rules fail that hold though they yield another value, being too late to count; as far as possible.
    fn leave_rest(&mut self, derived: &'m Derived, value: &Literal, mut way: Way<'m>) -> Way<'m> {
        let Derivation::Rules(rules) = &derived.how else { return way };
        for rule in rules.iter().filter(|rule| rule.is != *value && !rule.conditions.is_empty()) {
            let mut conditions = rule.conditions.iter();
            if conditions.all(|condition| self.is_reached(&Goal::Condition(condition, true), &way)) {
                way = self.reach(vec![Goal::Rule(rule, false)], way.clone()).unwrap_or(way);
            }
        }
        way
    }

    /// Reaches all `goals`, the last one first.
    fn reach(&mut self, mut goals: Vec<Goal<'m>>, mut way: Way<'m>) -> Option<Way<'m>> {
        while let Some(goal) = goals.pop() {
            let mut ways = match goal {
                Goal::Point(name, test, pass) if !self.derived.contains_key(name) => {
                    self.demand(&mut way, name, test, pass)?;
                    continue;
                }
                Goal::Point(name, test, pass) => self.ways_to_pass(name, test, pass),
                Goal::Value(derived, value) => ways_to_yield(derived, &value),
                Goal::Rule(rule, holds) => self.ways_of(
                    rule.conditions.iter().map(|condition| Goal::Condition(condition, holds)),
                    holds,
                    &way,
                ),
                Goal::Condition(condition, holds) => self.ways_of(
                    condition.points.iter().map(|name| Goal::Point(name, &condition.test, holds)),
                    condition.all == holds,
                    &way,
                ),
            };
            if ways.len() == 1 {
                goals.extend(ways.pop()?);
                continue;
            }
            return ways.into_iter().find_map(|more| {
                self.branches_left = self.branches_left.checked_sub(1)?;
                let goals = goals.iter().cloned().chain(more).collect();
                self.reach(goals, way.clone())
            });
        }
        Some(way)
    }

    /// One way with all of `goals`, or as many ways as goals, those that hold already first.
    fn ways_of(
        &self,
        goals: impl Iterator<Item = Goal<'m>>,
        together: bool,
        way: &Way<'m>,
    ) -> Vec<Vec<Goal<'m>>> {
        if together {
            return vec![goals.collect()];
        }
        let (mut ready, rest): (Vec<_>, Vec<_>) = goals.partition(|goal| self.is_reached(goal, way));
        ready.extend(rest);
        ready.into_iter().map(|goal| vec![goal]).collect()
    }

    fn is_reached(&self, goal: &Goal<'m>, way: &Way<'m>) -> bool {
        match goal {
            Goal::Point(name, test, pass) => {
                self.value(way, name).is_some_and(|value| test.passes(value) == *pass)
            }
            Goal::Condition(condition, holds) => {
                let passes = |name: &&'m PointName| {
                    self.value(way, name).is_some_and(|value| condition.test.passes(value))
                };
                let mut points = condition.points.iter();
                let now = if condition.all {
                    points.all(|name| passes(&name))
                } else {
                    points.any(|name| passes(&name))
                };
                now == *holds
            }
            Goal::Value(..) | Goal::Rule(..) => false,
        }
    }

    fn value<'a>(&'a self, way: &'a Way<'m>, name: &PointName) -> Option<&'a Literal> {
        way.changes.get(name).or_else(|| self.values.get(name))
    }

    fn ways_to_pass(&self, name: &'m PointName, test: &Test, pass: bool) -> Vec<Vec<Goal<'m>>> {
        let Some(derived) = self.derived.get(name).copied() else { return Vec::new() };
        let Derivation::Rules(rules) = &derived.how else { return Vec::new() };
        let values = rules.iter().map(|rule| &rule.is).filter(|value| test.passes(value) == pass);
        values.map(|value| vec![Goal::Value(derived, value.clone())]).collect()
    }

    /// Makes a point of the registers pass a test (or not), along with all that was asked of it before.
    fn demand(&self, way: &mut Way<'m>, name: &'m PointName, test: &'m Test, pass: bool) -> Option<()> {
        let point = self.points.get(name)?;
        let now = self.value(way, name)?;
        let satisfied = test.passes(now) == pass;
        way.demands.entry(name).or_default().push((test, pass));
        if satisfied {
            return Some(());
        }
        if self.given.contains(name) && !self.overrules {
            return None;
        }
        let demands = way.demands.get(name)?;
        let fits = |value: &Literal| demands.iter().all(|(test, pass)| test.passes(value) == *pass);
        let found = candidates(point, demands).into_iter().find(fits)?;
        way.changes.insert(name, found);
        Some(())
    }
}

fn ways_to_yield<'m>(derived: &'m Derived, value: &Literal) -> Vec<Vec<Goal<'m>>> {
    let Derivation::Rules(rules) = &derived.how else { return Vec::new() };
    let with = |(n, rule): (usize, &'m Rule)| {
        let earlier = rules.iter().take(n).map(|rule| Goal::Rule(rule, false));
        earlier.chain([Goal::Rule(rule, true)]).collect()
    };
    rules.iter().enumerate().filter(|(_, rule)| rule.is == *value).map(with).collect()
}

/// Values that a point can have and that are worth trying: all of its states, or numbers about those tested.
fn candidates(point: &Point, demands: &[(&Test, bool)]) -> Vec<Literal> {
    if point.encoding == Encoding::Bool {
        return vec![Literal::Flag(false), Literal::Flag(true)];
    }
    let tested = demands.iter().flat_map(|(test, _)| match test {
        Test::Among(list) => list.clone(),
        Test::Above(limit) | Test::Below(limit) => vec![Literal::Number(*limit)],
    });
    if !point.words.is_empty() {
        // Words that a test names come first: they say the most.
        let all = point.words.iter().map(|(_, word)| Literal::Text(word.clone()));
        return tested
            .chain(all)
            .filter(|word| raw::raw(point, word, Settings::default()).is_some())
            .collect();
    }
    let mut values = vec![Literal::Number(0.0), Literal::Text(String::new())];
    for literal in tested {
        if let Literal::Number(number) = literal {
            let step = point.scale.as_f64().max(1.0);
            values.extend([number, number + step, number - step].map(Literal::Number));
        } else {
            values.push(literal);
        }
    }
    let is_text = point.encoding == Encoding::Text;
    values.retain(|value| match value {
        Literal::Number(number) => !is_text && raw::holds_number(point, *number),
        Literal::Text(_) => is_text,
        Literal::Flag(_) => false,
    });
    values
}
