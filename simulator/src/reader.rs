//! A badge reader from the controller's side, without a wire: reads come out, light and buzzer go in.
//!
//! Who uses it: a gateway in the same process, in virtual time too; and `osdp`, which puts the same on a wire. Whoever
//! takes a read has it: two takers of one reader share its reads.

use std::time::Duration;

use crate::{
    hall::{Hall, lock},
    physics::{Building, Feedback, Read, Reader, Side},
};

/// A reader of a hall.
#[derive(Clone, Copy, Debug)]
pub struct DoorReader<'a> {
    hall: &'a Hall,
    /// Index of the door.
    door: usize,
    side: Side,
}

/// How a reader is, for whoever speaks for it on a wire.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReaderState {
    /// Whether it has power.
    pub powered: bool,
    /// How often it has lost its power.
    pub power_cycles: u32,
    /// Whether it is off its wall.
    pub tampered: bool,
    /// Key of its secure channel; without one it is in install mode.
    pub key: Option<[u8; 16]>,
}

impl Hall {
    /// The reader on a side of a door, if there is one.
    #[must_use]
    pub fn reader(&self, door: &str, side: Side) -> Option<DoorReader<'_>> {
        let n = self.site.doors.iter().position(|one| one.id.as_str() == door)?;
        self.reader_at(n, side)
    }

    /// The same, by the door's index.
    pub(crate) fn reader_at(&self, door: usize, side: Side) -> Option<DoorReader<'_>> {
        let plan = self.site.doors.get(door)?;
        let there = match side {
            Side::Entry => plan.reader.is_some(),
            Side::Exit => plan.exit_reader.is_some(),
        };
        there.then_some(DoorReader { hall: self, door, side })
    }
}

impl DoorReader<'_> {
    fn with<T: Default>(&self, what: impl FnOnce(&mut Reader, Duration) -> T) -> T {
        let mut building = lock(&self.hall.building);
        let building: &mut Building = &mut building;
        building.reader(self.door, self.side).map(|(reader, now)| what(reader, now)).unwrap_or_default()
    }

    /// The oldest read that nobody has taken. Sixteen wait; what is read then is lost and counted in the truth.
    #[must_use]
    pub fn take(&self) -> Option<Read> {
        self.with(|reader, _| reader.take())
    }

    /// The next read, when there is one. Nothing is lost if the future is dropped.
    pub async fn next(&self) -> Read {
        loop {
            let rung = self.hall.happened.notified();
            if let Some(read) = self.take() {
                return read;
            }
            rung.await;
        }
    }

    /// Tells it what to show.
    pub fn show(&self, feedback: Feedback) {
        lock(&self.hall.building).show(self.door, self.side, feedback);
    }

    /// Tells the truth whether a controller speaks with it, and by a secure channel.
    pub fn connected(&self, online: bool, secure: bool) {
        self.with(|reader, _| (reader.online, reader.secure) = (online, secure));
    }

    /// How it is.
    #[must_use]
    pub fn state(&self) -> ReaderState {
        self.with(|reader, now| ReaderState {
            powered: reader.is_powered(now),
            power_cycles: reader.power_cycles,
            tampered: reader.tampered,
            key: reader.key,
        })
    }

    /// A controller has given it a key.
    pub(crate) fn set_key(&self, key: [u8; 16]) {
        self.with(|reader, _| reader.key = Some(key));
    }

    /// What was read while no controller listened is lost.
    pub(crate) fn lose(&self) {
        self.with(|reader, _| reader.lose());
    }
}
