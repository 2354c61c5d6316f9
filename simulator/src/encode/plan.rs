//! What of a device's map never changes, prepared once: what becomes of a name that is told, where each point stands in
//! the image, and what looks at it.
//!
//! Who calls it: [`Encoder`](super::Encoder). It holds no value.

use std::collections::{HashMap, HashSet};

use hallward_profiles::{Derivation, Map, PointName, Test};

use super::Image;

/// What a value of some name does to the registers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// Nothing: the device has no such point.
    Nothing,
    /// It is a state, or others depend on it: everything is to be settled anew.
    State,
    /// It is a number in the registers of this point.
    Number(usize),
}

/// See the module.
#[derive(Debug)]
pub(super) struct Plan {
    roles: HashMap<PointName, Role>,
    points: Vec<Planned>,
}

/// What is prepared for one point.
#[derive(Debug, Default)]
pub(super) struct Planned {
    /// Where its registers stand in the image; none if it is not read.
    pub(super) places: Vec<usize>,
    /// Points that share registers have the same number.
    pub(super) group: usize,
    /// What rules ask of it.
    pub(super) tests: Vec<Test>,
}

impl Plan {
    /// The plan of a device with this map, for images made like `image`.
    pub(super) fn new(map: &Map, image: &Image) -> Self {
        let mut tests = tests(map);
        let mut points: Vec<Planned> = map
            .points
            .iter()
            .map(|point| Planned {
                places: point.addresses.iter().filter_map(|at| image.place(point.area, *at)).collect(),
                group: 0,
                tests: tests.remove(&point.name).unwrap_or_default(),
            })
            .collect();
        group(&mut points);
        Self { roles: roles(map), points }
    }

    /// The role of a name.
    pub(super) fn role(&self, name: &PointName) -> Role {
        self.roles.get(name).copied().unwrap_or(Role::Nothing)
    }

    /// What is prepared for the `n`th point of the map.
    pub(super) fn point(&self, n: usize) -> Option<&Planned> {
        self.points.get(n)
    }
}

fn roles(map: &Map) -> HashMap<PointName, Role> {
    let settings = map.points.iter().flat_map(|point| {
        let unit = point.unit_if.as_ref().map(|unit_if| &unit_if.point);
        point.scale_from.iter().chain(unit)
    });
    let settings: HashSet<&PointName> = settings.collect();
    let points = map.points.iter().enumerate().map(|(n, point)| {
        let lone = point.is_number() && point.is_read() && !settings.contains(&point.name);
        (point.name.clone(), if lone { Role::Number(n) } else { Role::State })
    });
    let by_rules = map.derived.iter().filter(|derived| matches!(derived.how, Derivation::Rules(_)));
    points.chain(by_rules.map(|derived| (derived.name.clone(), Role::State))).collect()
}

fn tests(map: &Map) -> HashMap<PointName, Vec<Test>> {
    let mut tests: HashMap<PointName, Vec<Test>> = HashMap::new();
    for derived in &map.derived {
        let Derivation::Rules(rules) = &derived.how else { continue };
        for condition in rules.iter().flat_map(|rule| &rule.conditions) {
            for name in &condition.points {
                tests.entry(name.clone()).or_default().push(condition.test.clone());
            }
        }
    }
    tests
}

/// Numbers the points so that those that share a place, also by way of others, have the same one.
fn group(points: &mut [Planned]) {
    let mut owner: HashMap<usize, usize> = HashMap::new();
    for n in 0..points.len() {
        let places = points.get(n).map(|point| point.places.clone()).unwrap_or_default();
        let met: HashSet<usize> = places.iter().filter_map(|place| owner.get(place).copied()).collect();
        let group = met.iter().copied().min().unwrap_or(n);
        points.get_mut(n).into_iter().for_each(|point| point.group = group);
        if met.len() > 1 {
            points
                .iter_mut()
                .filter(|point| met.contains(&point.group))
                .for_each(|point| point.group = group);
            owner.values_mut().filter(|of| met.contains(of)).for_each(|of| *of = group);
        }
        owner.extend(places.into_iter().map(|place| (place, group)));
    }
}
