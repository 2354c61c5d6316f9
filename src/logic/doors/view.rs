//! Doors as others see them. A door that has not changed is shared with the view before.

use std::sync::Arc;

use super::Doors;
use crate::{
    logic::door::Door,
    model::{DoorIx, DoorView, ReaderRef, ReaderView, Side, Wall},
};

impl Doors {
    /// Looks at all doors anew.
    pub(super) fn look(&mut self, now: Wall) {
        let doors: Vec<Arc<DoorView>> = (0_u16..)
            .map(DoorIx)
            .zip(&self.doors)
            .enumerate()
            .map(|(n, (ix, door))| {
                let seen = self.see(ix, door, now);
                let before = self.view.doors.get(n);
                let same =
                    before.filter(|before| DoorView { changed: before.changed, ..seen.clone() } == ***before);
                same.map_or_else(|| Arc::new(seen), Arc::clone)
            })
            .collect();
        let presence: Vec<_> = self.presences.iter().cloned().collect();
        let changed = doors != self.view.doors
            || presence != self.view.presence
            || self.unknown != self.view.unknown_cards;
        if changed {
            self.view.revision += 1;
            (self.view.doors, self.view.presence) = (doors, presence);
            self.view.unknown_cards.clone_from(&self.unknown);
        }
    }

    fn see(&self, ix: DoorIx, door: &Door, now: Wall) -> DoorView {
        let sides = [Side::Entry, Side::Exit].into_iter();
        let readers = sides.filter_map(|side| {
            let reader = self.readers.get(&ReaderRef { door: ix, side })?;
            let (online, secure, tampered) = (reader.online, reader.secure, reader.tampered);
            Some(ReaderView { side, online, secure, tampered })
        });
        let readers: Vec<ReaderView> = readers.collect();
        DoorView {
            id: door.settings().door.clone(),
            mode: door.mode(),
            until: door.held_until(),
            state: door.state(),
            released: door.is_released(),
            contact: door.contact(),
            hardware: door.hardware(),
            tampered: door.is_tampered() || readers.iter().any(|reader| reader.tampered),
            readers,
            alarm: door.alarm(),
            changed: now,
        }
    }
}
