//! Doors and people as parts of the building: what moves them, and where what happens to them is noted.

use std::time::Duration;

use hallward_site::FeedNode;

use super::{Feedback, Reader, Side};
use crate::{
    encode::Values,
    physics::{Building, events::Event},
};

impl Building {
    /// Doors and people, up to now. The module of a door has the power of the feed that leads to it, if one does.
    pub(in crate::physics) fn step_doors(&mut self) {
        let (site, network) = (&self.site, &self.plant.network);
        let is_fed = |device: usize| {
            let node = FeedNode::Device(device);
            !site.feeds.iter().any(|feed| feed.to == node) || network.flow(node).incoming.is_some()
        };
        self.doors.step(self.time.stepped(), is_fed);
        self.people.step(&mut self.doors);
        self.note_doors();
    }

    /// Somebody asks a device something: a door module knows by that that its controller lives.
    pub(crate) fn ask(&mut self, device: usize) {
        let at = self.elapsed();
        self.doors.ask(device, at);
    }

    /// What a device's outputs have been told goes to the locks on them.
    pub(in crate::physics) fn obey_doors(&mut self, device: usize, told: &Values) {
        self.doors.obey(device, told);
        self.note_doors();
    }

    /// What has happened at doors becomes true events.
    pub(in crate::physics) fn note_doors(&mut self) {
        for event in self.doors.take_events() {
            self.events.note(Event {
                seq: 0,
                at_s: event.at.as_secs_f64(),
                code: event.code,
                place: event.door,
                person: event.person,
                room: event.room,
            });
        }
    }

    /// Whether somebody is on the way: then steps are short.
    pub(in crate::physics) fn somebody_moves(&self) -> bool {
        self.people.is_moving()
    }

    /// Time until a door changes by itself, s.
    pub(in crate::physics) fn doors_change_s(&self) -> f64 {
        self.doors.next_change_s()
    }

    /// The reader on a side of a door, by the door's index, and the time.
    pub(crate) fn reader(&mut self, door: usize, side: Side) -> Option<(&mut Reader, Duration)> {
        let now = self.doors.now();
        Some((self.doors.reader(door, side)?, now))
    }

    /// A controller tells a reader what to show, from this moment on.
    pub(crate) fn show(&mut self, door: usize, side: Side, feedback: Feedback) {
        self.catch_up();
        if let Some((reader, now)) = self.reader(door, side) {
            reader.show(feedback, now);
        }
    }
}
