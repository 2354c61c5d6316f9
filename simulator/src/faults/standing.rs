//! The faults that stand, and which of them strike an answer.

use std::{
    collections::BTreeSet,
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
#[derive(Debug)]
pub(crate) struct Faults {
    /// Of all chances.
    seed: u64,
    list: Vec<One>,
    last: u32,
    /// Devices whose restart is over or was cut short, and who have not been asked since it began.
    restarted: BTreeSet<usize>,
}

impl Faults {
    /// None yet.
    pub(crate) fn new(seed: u64) -> Self {
        Self { seed, list: Vec::new(), last: 0, restarted: BTreeSet::new() }
    }

    /// Puts a fault up, in place of one of its kind on the same place.
    ///
    /// # Errors
    /// When it cannot be, or there are too many.
    pub(crate) fn set(&mut self, site: &Site, now: Duration, fault: Fault) -> Result<Standing, WrongFault> {
        let spot = fault.spot(site)?;
        let name = fault.kind.name();
        self.end(now, |one| one.spot == spot && one.standing.fault.kind.name() == name);
        if self.list.len() >= MOST {
            return Err(WrongFault::TooMany { most: MOST });
        }
        self.last += 1;
        let seed = self.seed.wrapping_add(STRIDE.wrapping_mul(u64::from(self.last)));
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
        let restarted = device.is_some_and(|device| self.restarted.remove(&device));
        let mut strikes = Strikes { restarted, ..Strikes::default() };
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
        self.strikes_as(now, kind, |spot| spot.line == line && spot.device.is_none())
    }

    /// Whether a line takes no connections: it refuses, or all of its devices do.
    pub(crate) fn refuses(&mut self, site: &Site, now: Duration, line: usize) -> bool {
        if self.strikes_line(now, line, FaultKind::Refuse) {
            return true;
        }
        let mut devices =
            site.devices.iter().enumerate().filter(|(_, device)| device.line == line).peekable();
        devices.peek().is_some()
            && devices.all(|(n, _)| self.strikes_as(now, FaultKind::Refuse, |spot| spot.device == Some(n)))
    }

    /// Whether a fault of this kind strikes there. No other kind draws a chance.
    fn strikes_as(&mut self, now: Duration, kind: FaultKind, there: impl Fn(Spot) -> bool) -> bool {
        let mut found = self.list.iter_mut().filter(|one| there(one.spot) && one.standing.fault.kind == kind);
        found.any(|one| one.has_begun(now) && !one.is_over(now) && one.strike(now).is_some())
    }

    /// Ends those that `ends` names and forgets those that are over. A restart that has begun has happened all the
    /// same. Returns how many of those named were not over yet.
    fn end(&mut self, now: Duration, ends: impl Fn(&One) -> bool) -> usize {
        let mut ended = 0;
        let Self { list, restarted, .. } = self;
        list.retain(|one| {
            let over = one.is_over(now);
            ended += usize::from(!over && ends(one));
            let stays = !over && !ends(one);
            if !stays && one.unfelt && one.has_begun(now) {
                restarted.extend(one.spot.device);
            }
            stays
        });
        ended
    }

    pub(crate) fn clear_one(&mut self, now: Duration, id: FaultId) -> bool {
        self.end(now, |one| one.standing.id == id) > 0
    }

    /// Ends those of a device and its points.
    pub(crate) fn clear_device(&mut self, now: Duration, site: &Site, device: &Id) {
        let n = site.device(device.as_str()).map(|(n, _)| n);
        self.end(now, |one| n.is_some() && one.spot.device == n);
    }

    /// Ends those of a line itself.
    pub(crate) fn clear_line(&mut self, now: Duration, line: &Id) {
        self.end(now, |one| one.standing.fault.place == Place::Line(line.clone()));
    }

    pub(crate) fn clear_all(&mut self, now: Duration) {
        self.end(now, |_| true);
    }

    /// Those that are on or still to begin, in the order of setting.
    pub(crate) fn list(&mut self, now: Duration) -> Vec<Standing> {
        self.end(now, |_| false);
        self.list.iter().map(|one| one.standing.clone()).collect()
    }

    /// Whether there is any, which may strike or be over.
    pub(crate) fn is_empty(&self) -> bool {
        self.list.is_empty() && self.restarted.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use hallward_profiles::Library;

    use super::*;
    use crate::DEMO_SITE;

    #[test]
    fn what_is_over_is_forgotten_and_a_reboot_that_nobody_felt_is_felt_once() {
        let site = Site::parse("demo.toml", DEMO_SITE, &Library::load(None).unwrap()).unwrap();
        let (n, device) = site.device("ups-a").unwrap();
        let line = device.line;
        let mut faults = Faults::new(1);
        let reboot = Fault::of_device(device.id.clone(), FaultKind::Reboot { seconds: 20 });
        let start = Duration::ZERO;
        faults.set(&site, start, reboot.clone()).unwrap();
        let late = Duration::from_secs(30);
        assert!(faults.list(late).is_empty() && faults.list.is_empty() && !faults.is_empty());
        assert!(faults.strikes(late, line, Some(n)).restarted && faults.is_empty());
        assert!(!faults.strikes(late, line, Some(n)).restarted, "once");

        let later = Fault { after: Duration::from_secs(60), ..reboot.clone() };
        faults.set(&site, late, later).unwrap();
        faults.clear_all(late);
        assert!(faults.is_empty(), "it has not begun");
        let id = faults.set(&site, late, reboot).unwrap().id;
        assert!(faults.clear_one(late, id) && !faults.clear_one(late, id));
        assert!(faults.strikes(late, line, Some(n)).restarted, "it has");
    }
}
