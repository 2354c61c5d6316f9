//! What the journal says of the disk, and what is to be recorded so that it says what is so: also what began in a run before ends.

use super::{Disk, Output, STEPS};
use crate::model::{NewRecord, Now, Severity};

/// What the newest records say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Told {
    /// How many steps are entered.
    pub(super) entered: usize,
    /// The reserve was freed, and is not restored.
    freed: bool,
}

impl Told {
    /// By the use of the last `disk.filling`, if no `disk.cleared` came after it, and by whether no `disk.reserve-restored` came after
    /// the last `disk.reserve-freed`.
    #[must_use]
    pub fn new(filling: Option<u8>, freed: bool) -> Self {
        let entered = filling.map_or(0, |percent| STEPS.iter().filter(|(from, _)| percent >= *from).count());
        Self { entered, freed }
    }
}

impl Disk {
    /// Records what the journal does not say yet, once it is known what it says.
    pub(super) fn tell(&mut self, now: Now, out: &mut Vec<Output>) {
        let (Some(told), Some(space)) = (&mut self.told, self.space) else { return };
        let mut tell = |record| out.push(Output::Record(Box::new(record)));
        let before = std::mem::replace(&mut told.entered, self.entered);
        // One record for each rise, of the highest step that was reached, and one when the first step is left.
        let step = match self.entered.checked_sub(1).and_then(|last| STEPS.get(last)) {
            Some((_, severity)) if self.entered > before => Some(("disk.filling", *severity)),
            None if before > 0 => Some(("disk.cleared", Severity::Info)),
            Some(_) | None => None,
        };
        if let Some((code, severity)) = step {
            let record = NewRecord::system(now, code, severity).with("percent", space.percent());
            tell(record.with("available_bytes", space.available));
        }
        if let Some(bytes) = self.freed.take() {
            told.freed = true;
            tell(NewRecord::system(now, "disk.reserve-freed", Severity::Error).with("bytes", bytes));
        }
        if let Some(bytes) = self.whole
            && (std::mem::take(&mut self.missed) || told.freed)
        {
            told.freed = false;
            tell(NewRecord::system(now, "disk.reserve-restored", Severity::Info).with("bytes", bytes));
        }
    }
}
