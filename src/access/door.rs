//! Orders to doors, as somebody types them; the task that owns the doors carries them out and records them.

use hallward_site::Site;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Access, named};
use crate::{
    accounts::{Caller, Conflict, NoSuch, NotDone, reason},
    model::{DoorDeed, DoorIx, DoorOrder, Right, Scope, Side},
};

/// An order; `why` stands in the journal.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "order", rename_all = "kebab-case", deny_unknown_fields)]
#[allow(missing_docs, reason = "the fields' names say it")]
pub enum DoorRequest {
    /// Unlock once, as for a grant.
    Unlock { door: String, why: String },
    /// Hold unlocked, until then or for good.
    Hold { door: String, until: Option<String>, why: String },
    /// Hold locked, until then or for good.
    Lock { door: String, until: Option<String>, why: String },
    /// End what an operator holds.
    Release { door: String, why: String },
    /// Clear the alarm of a door that was forced or held, and is closed again.
    ClearAlarm { door: String, why: String },
    /// Lock down, or, with `end`, end that: a door's id, a room's id, or `site`.
    Lockdown { scope: String, end: bool, why: String },
    /// End a fire release whose input has cleared.
    FireReset { scope: String, why: String },
    /// Pair whoever is at the address of a reader; `side` is `entry` or `exit`.
    Pair { door: String, side: String, why: String },
    /// Forget where a person was last seen; everybody's place if none is named.
    ForgetPresence { person: Option<String>, why: String },
}

/// The word that means all doors.
const SITE: &str = "site";

fn index(site: &Site, id: &str) -> Result<DoorIx, NotDone> {
    let found = site.doors.iter().position(|door| door.id.as_str() == id);
    let found = found.and_then(|at| u16::try_from(at).ok());
    found.map(DoorIx).ok_or_else(|| NoSuch::Door(id.to_owned()).into())
}

/// A door is found before a room, a room before the site.
fn scope(site: &Site, text: &str) -> Result<Scope, NotDone> {
    if let Ok(door) = index(site, text) {
        return Ok(Scope::Door(door));
    }
    let room = site.rooms.iter().find(|room| room.id.as_str() == text);
    match room {
        Some(room) => Ok(Scope::Room(room.id.clone())),
        None if text == SITE => Ok(Scope::Site),
        None => Err(NoSuch::Room(text.to_owned()).into()),
    }
}

/// The scopes that can be typed, the widest first.
#[must_use]
pub fn scope_text(site: &Site) -> Vec<String> {
    let rooms = site.rooms.iter().map(|room| room.id.to_string());
    let doors = site.doors.iter().map(|door| door.id.to_string());
    std::iter::once(SITE.to_owned()).chain(rooms).chain(doors).collect()
}

impl DoorRequest {
    fn why(&self) -> &str {
        match self {
            Self::Unlock { why, .. }
            | Self::Hold { why, .. }
            | Self::Lock { why, .. }
            | Self::Release { why, .. }
            | Self::ClearAlarm { why, .. }
            | Self::Lockdown { why, .. }
            | Self::FireReset { why, .. }
            | Self::Pair { why, .. }
            | Self::ForgetPresence { why, .. } => why,
        }
    }
}

impl Access {
    /// Gives an order; its record is on disk when it is done.
    ///
    /// # Errors
    /// Why it was not carried out.
    pub async fn order(&self, caller: &Caller, request: DoorRequest) -> Result<(), NotDone> {
        let why = reason(request.why())?;
        if !self.accounts.has(caller, Right::DoorOperate) {
            return Err(Conflict::NoLonger.into());
        }
        let deed = self.order_of(request)?;
        let order = DoorOrder { deed, actor: caller.actor.clone(), why, given: self.accounts.now().mono };
        Ok(self.desk.order(order).await?)
    }

    fn order_of(&self, request: DoorRequest) -> Result<DoorDeed, NotDone> {
        let plant = self.plant();
        let site = &plant.site;
        let until = |text: Option<String>| text.map(|text| named::end(&text, site.time_zone)).transpose();
        Ok(match request {
            DoorRequest::Unlock { door, .. } => DoorDeed::Unlock(index(site, &door)?),
            DoorRequest::Hold { door, until: end, .. } => {
                DoorDeed::Hold { door: index(site, &door)?, unlocked: true, until: until(end)? }
            }
            DoorRequest::Lock { door, until: end, .. } => {
                DoorDeed::Hold { door: index(site, &door)?, unlocked: false, until: until(end)? }
            }
            DoorRequest::Release { door, .. } => DoorDeed::Release(index(site, &door)?),
            DoorRequest::ClearAlarm { door, .. } => DoorDeed::ClearAlarm(index(site, &door)?),
            DoorRequest::Lockdown { scope: text, end, .. } => {
                DoorDeed::Lockdown { scope: scope(site, &text)?, on: !end }
            }
            DoorRequest::FireReset { scope: text, .. } => DoorDeed::FireReset(scope(site, &text)?),
            DoorRequest::Pair { door, side, .. } => {
                let side = named::word(&side, |text| {
                    [Side::Entry, Side::Exit].into_iter().find(|side| side.as_str() == text)
                })?;
                DoorDeed::Pair(index(site, &door)?, side)
            }
            DoorRequest::ForgetPresence { person, .. } => {
                let registry = self.accounts.registry();
                let person = person.map(|person| named::person(&registry, &person)).transpose()?;
                DoorDeed::ForgetPresence(person)
            }
        })
    }
}
