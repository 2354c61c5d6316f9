//! Writes to a device: once, never repeated, and read back.
//!
//! What stands there is read first, where it can be: for the record, and because a point may be a part of a register.
//! Whatever becomes of the request, the registers are read back afterwards and compared. Whether a write is allowed
//! was decided before ([`crate::logic::write::checked`]).

use hallward_profiles::{Area, Point};
use tokio::time::sleep;

use super::{Ask, ExchangeError, LineTask, WriteError, Written};
use crate::{
    logic::{
        decode::Words,
        write::{self, Cells, Refusal},
    },
    model::{FAST, PointIx, Value},
};

/// How often the read back is tried, where the line is not clear at once.
const LOOKS: u8 = 3;

impl LineTask {
    /// Writes `value` to the point with this index of the device's map.
    pub(super) async fn write(
        &mut self,
        n: usize,
        point: usize,
        value: &Value,
    ) -> Result<Written, WriteError> {
        let no_point = || WriteError::Refused(Refusal::NoSuchPoint(point.to_string()));
        self.believed(n).await.map_err(WriteError::NotSent)?;
        let slot = self.slots.get(n).ok_or_else(no_point)?;
        let definition = slot.map.points.get(point).ok_or_else(no_point)?.clone();
        let multiple = slot.limits.write_multiple;
        let ix = slot.info.find(definition.name.as_str()).filter(|_| definition.is_read());
        let before = match ix {
            None => {
                self.hear(n).await.map_err(WriteError::NotSent)?;
                None
            }
            Some(_) => Some(self.look(n, &definition).await.map_err(WriteError::NotSent)?),
        };
        let slot = self.slots.get(n).ok_or_else(no_point)?;
        let cells = write::encode(&definition, &slot.info, value, before.as_ref(), |other| {
            slot.decoder.latest(other)
        })?;
        self.settle(n).await.map_err(WriteError::NotSent)?;
        let sent = self.ask(n, &Ask::Write { cells: cells.clone(), multiple }).await;
        self.look_back(n, &definition, ix, before.as_ref(), &cells, sent.map(|_| ())).await
    }

    /// Reads back, and says what became of the write.
    async fn look_back(
        &mut self,
        n: usize,
        point: &Point,
        ix: Option<PointIx>,
        before: Option<&Words>,
        cells: &Cells,
        sent: Result<(), ExchangeError>,
    ) -> Result<Written, WriteError> {
        // Refused, and nothing done. Other exceptions (5: accepted; 0x0B: the gateway heard nothing) leave that open.
        if let Err(ExchangeError::Exception(code @ 1..=4)) = sent {
            return Err(WriteError::Exception(code));
        }
        let Some(ix) = ix else {
            return sent.map(|()| Written { before: None, after: None }).map_err(WriteError::Unknown);
        };
        let after = match self.look(n, point).await {
            Ok(words) => words,
            Err(error) => return Err(WriteError::Unknown(sent.err().unwrap_or(error))),
        };
        let Some(slot) = self.slots.get_mut(n) else { return Err(WriteError::Unknown(ExchangeError::Busy)) };
        let stood = before.and_then(|words| slot.decoder.decode_one(ix, words).ok());
        let stands = slot.decoder.decode_one(ix, &after).ok();
        let taken = (cells.start..).zip(&cells.words).all(|(address, word)| after.at(address) == Some(*word));
        if taken {
            Ok(Written { before: stood, after: stands })
        } else {
            Err(WriteError::NotTaken { before: stood, after: stands })
        }
    }

    /// Hears the device before something is sent that cannot be read back: that it is there, and on a serial line
    /// whether requests come back as an echo, which would look like the acknowledgement of a write.
    async fn hear(&mut self, n: usize) -> Result<(), ExchangeError> {
        let first = self.slots.get(n).and_then(|slot| {
            slot.blocks.iter().find_map(|block| Some((block.area, block.segments.first()?.start)))
        });
        let Some((area, start)) = first else { return Ok(()) };
        match self.read(n, area, start, 1).await {
            Ok(_) | Err(ExchangeError::Exception(_)) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Whether the right device answers, also while the line must first become clear.
    async fn believed(&mut self, n: usize) -> Result<(), ExchangeError> {
        for _ in 0..LOOKS {
            match self.believe(n).await {
                Ok(true) => return Ok(()),
                Ok(false) => return Err(ExchangeError::WrongDevice),
                Err(ExchangeError::Busy) => self.rest(n).await,
                Err(error) => return Err(error),
            }
        }
        Err(ExchangeError::Busy)
    }

    /// Waits until a late answer of the device can come no more; doors and fire go on meanwhile.
    async fn rest(&mut self, n: usize) {
        while let Some(until) = self.slots.get(n).and_then(|slot| slot.straggler.rest(self.clock.now().mono))
        {
            self.serve_fast().await;
            sleep(until.since(self.clock.now().mono).min(FAST)).await;
        }
    }

    /// The registers of a point, also while the line must first become clear.
    pub(super) async fn look(&mut self, n: usize, point: &Point) -> Result<Words, ExchangeError> {
        let ends = point.addresses.iter().min().zip(point.addresses.iter().max());
        let Some((low, high)) = ends else { return Err(ExchangeError::Busy) };
        let (area, count): (Area, u16) = (point.area, (high - low).saturating_add(1));
        for _ in 0..LOOKS {
            match self.settle(n).await {
                Ok(()) => return self.read(n, area, *low, count).await,
                Err(ExchangeError::Busy) => self.rest(n).await,
                Err(error) => return Err(error),
            }
        }
        Err(ExchangeError::Busy)
    }
}
