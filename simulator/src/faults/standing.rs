//! The faults that stand, and which of them strike an answer.

use std::{
    sync::{Arc, OnceLock},
    time::Duration,
};

use hallward_profiles::Id;
use hallward_site::Site;
use schemars::JsonSchema;
use serde::Serialize;

use super::{Fault, FaultKind, FaultRequest, Place, WrongFault};
use crate::{encode::Image, physics::Random};

/// Faults that may stand at a time.
const MOST: usize = 256;

/// Parts the chances of faults of one seed.
const STRIDE: u64 = 0xD1B5_4A32_D192_ED03;

/// The number of a fault, from 1 on in the order of setting; a reset begins anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(transparent)]
pub struct FaultId(pub u32);

/// A fault that has been set and is not over yet.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Standing {
    /// Its number.
    pub id: FaultId,
    /// What was set.
    #[serde(flatten)]
    #[schemars(with = "FaultRequest")]
    pub fault: Fault,
}

/// A fault's place, by the site's indices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Spot {
    pub(super) line: usize,
    pub(super) device: Option<usize>,
    /// The index in the device's map.
    pub(super) point: Option<usize>,
}

/// What strikes one answer.
#[derive(Debug, Default)]
pub(crate) struct Strikes {
    /// In the order in which they act, [`super::Kind::ALL`].
    pub(crate) list: Vec<Strike>,
    /// Whether the device has begun anew since it was last asked.
    pub(crate) restarted: bool,
}

/// One fault that strikes.
#[derive(Debug)]
pub(crate) struct Strike {
    pub(crate) kind: FaultKind,
    /// The index in the device's map.
    pub(crate) point: Option<usize>,
    /// How long the fault has been on.
    pub(crate) since: Duration,
    /// For what it does by chance.
    pub(crate) random: Random,
    /// The fault's probability, for those who draw by byte.
    pub(crate) probability: f64,
    /// The registers of its first strike, if it keeps them.
    pub(crate) kept: Arc<OnceLock<Image>>,
}

impl Strikes {
    /// The first strike of this kind.
    pub(crate) fn find(&self, kind: FaultKind) -> Option<&Strike> {
        self.list.iter().find(|strike| strike.kind == kind)
    }

    /// The code of the exception that is answered, if one is.
    pub(crate) fn exception(&self) -> Option<u8> {
        let code =
            |strike: &Strike| if let FaultKind::Exception { code } = strike.kind { Some(code) } else { None };
        self.list.iter().find_map(code)
    }
}

#[derive(Debug)]
struct One {
    standing: Standing,
    spot: Spot,
    from: Duration,
    until: Option<Duration>,
    random: Random,
    kept: Arc<OnceLock<Image>>,
    /// Of a restart: the device has not been asked since it began.
    unfelt: bool,
}

impl One {
    fn is_over(&self, now: Duration) -> bool {
        self.until.is_some_and(|until| until <= now)
    }

    fn has_begun(&self, now: Duration) -> bool {
        self.from <= now
    }

    /// Strikes once, if chance has it so.
    fn strike(&mut self, now: Duration) -> Option<Strike> {
        let Standing { fault, .. } = &self.standing;
        // Loss is drawn for each byte.
        let always = fault.probability >= 1.0 || fault.kind == FaultKind::ByteLoss;
        if !always && !chance(&mut self.random, fault.probability) {
            return None;
        }
        Some(Strike {
            kind: fault.kind,
            point: self.spot.point,
            since: now.saturating_sub(self.from),
            random: Random::new(number(&mut self.random)),
            probability: fault.probability,
            kept: Arc::clone(&self.kept),
        })
    }
}

fn number(random: &mut Random) -> u64 {
    u64::from_le_bytes([(); 8].map(|()| random.whole(0, u8::MAX)))
}

/// Whether something of this probability happens; exact to 2⁻²⁴.
pub(crate) fn chance(random: &mut Random, probability: f64) -> bool {
    let [a, b, c] = [(); 3].map(|()| random.whole(0, u8::MAX));
    f64::from(u32::from_le_bytes([a, b, c, 0])) < probability * f64::from(1_u32 << 24)
}

/// All faults of a hall that stand.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    list: Vec<One>,
    last: u32,
}

impl Faults {
    /// Puts a fault up, in place of one of its kind on the same place.
    ///
    /// # Errors
    /// When it cannot be, or there are too many.
    pub(crate) fn set(&mut self, site: &Site, now: Duration, fault: Fault) -> Result<Standing, WrongFault> {
        let spot = fault.spot(site)?;
        self.forget_those_over(now);
        let name = fault.kind.name();
        self.list.retain(|one| one.spot != spot || one.standing.fault.kind.name() != name);
        if self.list.len() >= MOST {
            return Err(WrongFault::TooMany { most: MOST });
        }
        self.last += 1;
        let seed = site.simulation.seed.wrapping_add(STRIDE.wrapping_mul(u64::from(self.last)));
        let standing = Standing { id: FaultId(self.last), fault };
        let restart = if let FaultKind::Reboot { seconds } = standing.fault.kind {
            Some(Duration::from_secs(u64::from(seconds)))
        } else {
            None
        };
        let from = now + standing.fault.after;
        let length = restart.or(standing.fault.length);
        self.list.push(One {
            spot,
            from,
            until: length.map(|length| from + length),
            random: Random::new(seed),
            kept: Arc::default(),
            unfelt: restart.is_some(),
            standing: standing.clone(),
        });
        Ok(standing)
    }

    /// What strikes the next answer of a device, or of a unit that is none, on a line.
    pub(crate) fn strikes(&mut self, now: Duration, line: usize, device: Option<usize>) -> Strikes {
        let mut strikes = Strikes::default();
        let meets = |spot: Spot| spot.line == line && (spot.device.is_none() || spot.device == device);
        for one in self.list.iter_mut().filter(|one| meets(one.spot) && one.has_begun(now)) {
            strikes.restarted |= std::mem::take(&mut one.unfelt);
            if !one.is_over(now) {
                strikes.list.extend(one.strike(now));
            }
        }
        strikes.list.sort_by_key(|strike| strike.kind.rank());
        strikes
    }

    /// Whether a fault of a line itself strikes now.
    pub(crate) fn strikes_line(&mut self, now: Duration, line: usize, kind: FaultKind) -> bool {
        let meets = |one: &&mut One| {
            one.spot.line == line && one.spot.device.is_none() && one.standing.fault.kind == kind
        };
        let mut found = self.list.iter_mut().filter(meets);
        found.any(|one| one.has_begun(now) && !one.is_over(now) && one.strike(now).is_some())
    }

    /// Whether a line takes no connections: it refuses, or all of its devices do.
    pub(crate) fn refuses(&mut self, site: &Site, now: Duration, line: usize) -> bool {
        if self.strikes_line(now, line, FaultKind::Refuse) {
            return true;
        }
        let mut devices =
            site.devices.iter().enumerate().filter(|(_, device)| device.line == line).peekable();
        devices.peek().is_some()
            && devices.all(|(n, _)| self.strikes(now, line, Some(n)).find(FaultKind::Refuse).is_some())
    }

    fn forget_those_over(&mut self, now: Duration) {
        self.list.retain(|one| !one.is_over(now) || one.unfelt);
    }

    /// Ends those that `ends` names.
    fn clear(&mut self, ends: impl Fn(&Standing) -> bool) -> usize {
        let before = self.list.len();
        self.list.retain(|one| !ends(&one.standing));
        before - self.list.len()
    }

    pub(crate) fn clear_one(&mut self, id: FaultId) -> bool {
        self.clear(|standing| standing.id == id) > 0
    }

    /// Ends those of a device and its points.
    pub(crate) fn clear_device(&mut self, site: &Site, device: &Id) {
        let n = site.device(device.as_str()).map(|(n, _)| n);
        self.list.retain(|one| n.is_none() || one.spot.device != n);
    }

    /// Ends those of a line itself.
    pub(crate) fn clear_line(&mut self, line: &Id) {
        self.clear(|standing| standing.fault.place == Place::Line(line.clone()));
    }

    pub(crate) fn clear_all(&mut self) {
        self.list.clear();
    }

    /// Everything as at the start.
    pub(crate) fn reset(&mut self) {
        *self = Self::default();
    }

    /// Those that are on or still to begin, in the order of setting.
    pub(crate) fn list(&self, now: Duration) -> Vec<Standing> {
        let standing = self.list.iter().filter(|one| !one.is_over(now));
        standing.map(|one| one.standing.clone()).collect()
    }

    /// Whether there is any, which may strike or be over.
    pub(crate) fn is_empty(&self) -> bool {
        self.list.is_empty()
    }
}
