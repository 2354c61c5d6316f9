//! The site file's doors, as far as decisions need them.

use hallward_site::{DoorKind, Place, Site};

use crate::model::{DoorIx, Id, ReaderRef, Side};

/// All doors, in the site file's order.
#[derive(Clone, Debug, Default)]
pub struct Plan(pub(super) Vec<Planned>);

/// One of them.
#[derive(Clone, Debug)]
pub(super) struct Planned {
    pub(super) id: Id,
    /// Rooms on its sides; `None` is outside of all rooms.
    pub(super) from: Option<Id>,
    pub(super) to: Option<Id>,
    pub(super) entry_reader: bool,
    pub(super) exit_reader: bool,
    /// Whether one leaves without a badge: by a button or by the handle.
    pub(super) free_exit: bool,
    /// Whether there is a lock that we release.
    pub(super) lock: bool,
    /// Whether its lock is released without power.
    pub(super) magnet: bool,
}

impl Plan {
    /// Of a site.
    #[must_use]
    pub fn of(site: &Site) -> Self {
        let room = |place: Place| match place {
            Place::Outside => None,
            Place::Room(n) => site.rooms.get(n).map(|room| room.id.clone()),
        };
        let doors = site.doors.iter().map(|door| Planned {
            id: door.id.clone(),
            from: room(door.from),
            to: room(door.to),
            entry_reader: door.reader.is_some(),
            exit_reader: door.exit_reader.is_some(),
            free_exit: door.exit.is_some() || door.exit_reader.is_none(),
            lock: door.lock.is_some(),
            magnet: door.lock.as_ref().is_some_and(|lock| lock.kind == DoorKind::FailSafe),
        });
        Self(doors.collect())
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Planned> {
        self.0.iter()
    }

    pub(super) fn get(&self, n: usize) -> Option<&Planned> {
        self.0.get(n)
    }

    pub(super) fn door(&self, ix: DoorIx) -> Option<&Planned> {
        self.0.get(usize::from(ix.0))
    }

    /// Each with its index.
    pub(super) fn indexed(&self) -> impl Iterator<Item = (DoorIx, &Planned)> {
        (0_u16..).map(DoorIx).zip(&self.0)
    }

    pub(super) fn readers(&self) -> impl Iterator<Item = ReaderRef> {
        self.indexed().flat_map(|(door, planned)| {
            let sides = [(planned.entry_reader, Side::Entry), (planned.exit_reader, Side::Exit)];
            sides.into_iter().filter(|(there, _)| *there).map(move |(_, side)| ReaderRef { door, side })
        })
    }

    /// Whether nobody leaves a room without being read.
    pub(super) fn is_read(&self, room: &Id) -> bool {
        self.0.iter().all(|door| {
            let out = door.from.as_ref() != Some(room) || door.entry_reader;
            let back = door.to.as_ref() != Some(room) || !door.free_exit;
            out && back
        })
    }

    /// Where somebody gets to who passes from this side.
    pub(super) fn beyond(&self, door: DoorIx, side: Side) -> Option<&Id> {
        let door = self.door(door)?;
        match side {
            Side::Entry => door.to.as_ref(),
            Side::Exit => door.from.as_ref(),
        }
    }
}
