//! Decodes what a device answers, and remembers the last fresh value of each point: the decoding of some depends on
//! another's (a unit that is set, an exponent). `bus` has one for each device of a line.

use std::sync::Arc;

use hallward_profiles::Map;

use super::decode::{Decoder, Words};
use crate::model::{DeviceInfo, PointIx, Quality, Value};

/// A point and what was read of it.
pub type Sample = (PointIx, Result<Value, Quality>);

/// The decoder of one device.
#[derive(Clone, Debug)]
pub struct DeviceDecoder {
    decoder: Decoder,
    latest: Vec<Option<Value>>,
}

impl DeviceDecoder {
    /// Nothing read yet.
    #[must_use]
    pub fn new(map: &Arc<Map>, info: &DeviceInfo) -> Self {
        Self { decoder: Decoder::new(map, info), latest: vec![None; info.points.len()] }
    }

    /// The last fresh value of a point.
    #[must_use]
    pub fn latest(&self, ix: PointIx) -> Option<&Value> {
        self.latest.get(usize::from(ix.0))?.as_ref()
    }

    /// The device may come back as another: how it was set is to be seen anew.
    pub fn forget(&mut self) {
        self.latest.fill(None);
    }

    /// The value of a point in these words, which becomes its latest.
    ///
    /// # Errors
    /// The reason that there is none.
    pub fn decode_one(&mut self, ix: PointIx, words: &Words) -> Result<Value, Quality> {
        let value = self.decoder.decode(ix, words, |other| self.latest(other));
        self.keep(ix, value.as_ref().ok().cloned());
        value
    }

    /// The points of a block in the order of their numbers, from the answers to its requests; `refused` are those that
    /// the device does not give.
    pub fn decode(
        &mut self,
        answers: &[(impl AsRef<[PointIx]>, Words)],
        refused: impl Iterator<Item = PointIx>,
    ) -> Vec<Sample> {
        let mut samples = Vec::with_capacity(answers.iter().map(|(points, _)| points.as_ref().len()).sum());
        // Those that others depend on come first.
        for depending in [false, true] {
            for (points, words) in answers {
                for ix in points.as_ref() {
                    if self.decoder.depends(*ix) == depending {
                        samples.push((*ix, self.decode_one(*ix, words)));
                    }
                }
            }
        }
        for ix in refused {
            self.keep(ix, None);
            samples.push((ix, Err(Quality::Exception)));
        }
        samples.sort_by_key(|(ix, _)| *ix);
        samples
    }

    fn keep(&mut self, ix: PointIx, value: Option<Value>) {
        if let Some(latest) = self.latest.get_mut(usize::from(ix.0)) {
            *latest = value;
        }
    }
}
