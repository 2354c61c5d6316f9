//! What has truly happened in the hall: a numbered list of changes of state, whatever devices made of it.
//!
//! Who calls it: the building after each step, with the state that every place is in; `Hall` and the control API ask
//! for what came after a number. A state is named by the code of the event that its beginning is: a UPS that is in
//! state `ups.on-battery` came into it by the event `ups.on-battery`. The list keeps the last [`MOST`]; numbers go on
//! when the hall is reset.

use std::collections::VecDeque;

use hallward_site::Site;
use schemars::JsonSchema;
use serde::Serialize;

use super::Building;

/// Events that are kept.
const MOST: usize = 10_000;

/// One change of state.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Event {
    /// Its number, from 1.
    pub seq: u64,
    /// When it was, by the hall's own time since its start or reset, s.
    pub at_s: f64,
    /// What began: `mains.lost`, `generator.running`, `ups.on-battery` …
    pub code: &'static str,
    /// The id of the source, device, room or door that it happened to; of a reset, of the site; a scenario's name.
    pub place: String,
    /// Who did it, if a person did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub person: Option<String>,
    /// Where that person is now: a room, or `outside`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub room: Option<String>,
}

/// What an event happens to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Site,
    /// By index in the site, as the others.
    Source(usize),
    Device(usize),
}

impl Place {
    fn id(self, site: &Site) -> String {
        match self {
            Self::Site => site.id.to_string(),
            Self::Source(n) => {
                site.sources.get(n).map_or_else(|| "mains".to_owned(), |source| source.id.to_string())
            }
            Self::Device(n) => site.devices.get(n).map(|device| device.id.to_string()).unwrap_or_default(),
        }
    }
}

/// The last events.
#[derive(Clone, Debug, Default)]
pub(super) struct Log {
    last: u64,
    events: VecDeque<Event>,
}

impl Log {
    fn add(&mut self, site: &Site, at_s: f64, place: Place, code: &'static str) {
        self.note(Event { seq: 0, at_s, code, place: place.id(site), person: None, room: None });
    }

    /// Keeps an event, under the next number.
    pub(super) fn note(&mut self, event: Event) {
        self.last += 1;
        if self.events.len() >= MOST {
            self.events.pop_front();
        }
        self.events.push_back(Event { seq: self.last, ..event });
    }

    fn after(&self, seq: u64) -> Vec<Event> {
        self.events.iter().skip_while(|event| event.seq <= seq).cloned().collect()
    }
}

/// The states that some places were in when last looked at, always in the same order.
#[derive(Clone, Debug, Default)]
pub(super) struct States(Vec<(Place, &'static str)>);

impl States {
    /// Looks again, and tells `began` what has changed; the first look tells nothing.
    fn look(
        &mut self,
        now: impl Iterator<Item = (Place, &'static str)>,
        mut began: impl FnMut(Place, &'static str),
    ) {
        if self.0.is_empty() {
            self.0 = now.collect();
            return;
        }
        for (before, now) in self.0.iter_mut().zip(now) {
            if before.1 != now.1 {
                *before = now;
                began(now.0, now.1);
            }
        }
    }
}

impl Building {
    /// What has truly happened after the event numbered `seq` (0: from the first), as far as it is kept.
    #[must_use]
    pub fn events(&self, seq: u64) -> Vec<Event> {
        self.events.after(seq)
    }

    /// Notes what happened beside physics, at `place`.
    pub(crate) fn note(&mut self, code: &'static str, place: &str) {
        let at_s = self.elapsed().as_secs_f64();
        self.events.note(Event { seq: 0, at_s, code, place: place.to_owned(), person: None, room: None });
    }

    /// Begins anew as `first`; the numbers of events go on.
    pub(crate) fn reset_to(&mut self, first: &Self) {
        let mut events = std::mem::take(&mut self.events);
        let changes = self.changes + 1;
        self.clone_from(first);
        self.changes = changes;
        events.add(&self.site, 0.0, Place::Site, "hall.reset");
        self.events = events;
    }

    /// Notes what has changed since the last look.
    pub(super) fn watch(&mut self) {
        let Self { site, events, power_states, other_states, plant, .. } = self;
        let at_s = self.time.stepped_s();
        let mut alert = false;
        power_states.look(plant.states(), |place, code| {
            alert = true;
            events.add(site, at_s, place, code);
        });
        let cooling = plant.cooling.iter().map(|(n, unit)| (Place::Device(*n), unit.state.code()));
        let fire = self.detectors.iter().map(|(n, one)| (Place::Device(*n), one.code()));
        let water = self.cables.iter().map(|(n, cable)| (Place::Device(*n), cable.code()));
        let faults = self.detectors.iter().map(|(n, one)| (Place::Device(*n), one.fault_code()));
        let release =
            self.detectors.iter().filter_map(|(n, one)| Some((*n, one.suppression.as_ref()?.code())));
        let release = release.map(|(n, code)| (Place::Device(n), code));
        let all = cooling.chain(fire).chain(faults).chain(release).chain(water);
        other_states.look(all, |place, code| events.add(site, at_s, place, code));
        if alert {
            self.be_alert();
        }
    }
}

#[cfg(test)]
mod tests {
    use hallward_profiles::Library;

    use super::*;
    use crate::DEMO_SITE;

    #[test]
    fn the_last_ten_thousand_are_kept_and_numbered_from_one() {
        let site = Site::parse("demo.toml", DEMO_SITE, &Library::load(None).unwrap()).unwrap();
        let mut log = Log::default();
        (0..MOST + 5).for_each(|_| log.add(&site, 1.0, Place::Source(0), "mains.lost"));
        assert_eq!(log.after(0).len(), MOST);
        assert_eq!(log.after(0)[0].seq, 6);
        assert_eq!(log.after(10_004), log.after(0).split_off(MOST - 1));
        assert_eq!(log.after(20_000), []);
    }
}
