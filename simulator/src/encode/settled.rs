//! A device's registers as they were settled, and how they follow numbers from then on: as long as no rule sees a
//! number differently, a change is a matter of its own registers.
//!
//! Who calls it: [`Encoder`](super::Encoder), which settles everything anew when this cannot follow.

use hallward_profiles::{Literal, Map};

use super::{
    Image,
    plan::Plan,
    raw::{self, Settings},
};

/// See the module.
#[derive(Debug)]
pub(super) struct Settled {
    pub(super) image: Image,
    /// What was given, and what rules needed, in the order in which it is written.
    told: Vec<Told>,
    /// By point: where it is in `told`.
    nth: Vec<Option<usize>>,
    /// By group of points: whether a number of it has changed.
    stale: Vec<bool>,
}

/// One point that tells what it was given.
#[derive(Debug)]
pub(super) struct Told {
    pub(super) point: usize,
    pub(super) value: Literal,
    pub(super) settings: Settings,
    /// Rules needed it to be what it is, whatever was given.
    pub(super) forced: bool,
}

impl Settled {
    pub(super) fn new(image: Image, told: Vec<Told>, points: usize) -> Self {
        let mut nth = vec![None; points];
        for (n, told) in told.iter().enumerate() {
            nth.get_mut(told.point).into_iter().for_each(|nth| *nth = Some(n));
        }
        Self { image, told, nth, stale: vec![false; points] }
    }

    /// A point has another number now; the registers follow with [`Settled::rewrite`]. `None` if this may concern other
    /// points too.
    pub(super) fn follow(&mut self, plan: &Plan, point: usize, number: f64) -> Option<()> {
        let planned = plan.point(point)?;
        let told = self.told.get_mut(self.nth.get(point).copied()??)?;
        let new = Literal::Number(number);
        let seen_alike = planned.tests.iter().all(|test| test.passes(&told.value) == test.passes(&new));
        if !seen_alike || told.forced || !number.is_finite() {
            return None;
        }
        told.value = new;
        *self.stale.get_mut(planned.group)? = true;
        Some(())
    }

    /// Writes the registers of points that are stale. `None` if a value has become one that they cannot hold.
    pub(super) fn rewrite(&mut self, map: &Map, plan: &Plan) -> Option<()> {
        for told in &self.told {
            let planned = plan.point(told.point)?;
            if *self.stale.get(planned.group)? {
                let point = map.points.get(told.point)?;
                let raw = raw::raw(point, &told.value, told.settings)?;
                self.image.put(point, &planned.places, &raw);
            }
        }
        self.stale.fill(false);
        Some(())
    }
}
