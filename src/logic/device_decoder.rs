//! Decodes what a device answers, and remembers the last fresh value of each point: the decoding of some depends on
//! another's (a unit that is set, an exponent). `bus` has one for each device of a line.
//!
//! What a block brought is remembered too: where its words are the same again, so are its samples, and these are shared.

use std::sync::Arc;

use hallward_profiles::Map;

use super::decode::{Decoder, Words};
use crate::model::{DeviceInfo, PointIx, Quality, Value};

/// A point and what was read of it.
pub type Sample = (PointIx, Result<Value, Quality>);

/// What a block brought: the very same allocation as long as nothing in it changes.
pub type Samples = Arc<[Sample]>;

/// The decoder of one device.
#[derive(Clone, Debug)]
pub struct DeviceDecoder {
    decoder: Decoder,
    latest: Vec<Option<Value>>,
    /// By block of the plan, as long as `latest` has its values; `None` too where they depend on others.
    brought: Vec<Option<Brought>>,
}

/// What a block brought, and of what.
#[derive(Clone, Debug)]
struct Brought {
    words: Vec<Words>,
    refused: Vec<PointIx>,
    samples: Samples,
}

impl DeviceDecoder {
    /// Nothing read yet.
    #[must_use]
    pub fn new(map: &Arc<Map>, info: &DeviceInfo) -> Self {
        let latest = vec![None; info.points.len()];
        Self { decoder: Decoder::new(map, info), latest, brought: Vec::new() }
    }

    /// The last fresh value of a point.
    #[must_use]
    pub fn latest(&self, ix: PointIx) -> Option<&Value> {
        self.latest.get(usize::from(ix.0))?.as_ref()
    }

    /// The device may come back as another: how it was set is to be seen anew.
    pub fn forget(&mut self) {
        self.latest.fill(None);
        self.brought.clear();
    }

    /// The value of a point in these words, which becomes its latest.
    ///
    /// # Errors
    /// The reason that there is none.
    pub fn decode_one(&mut self, ix: PointIx, words: &Words) -> Result<Value, Quality> {
        self.brought.clear();
        self.take(ix, words)
    }

    fn take(&mut self, ix: PointIx, words: &Words) -> Result<Value, Quality> {
        let value = self.decoder.decode(ix, words, |other| self.latest(other));
        self.keep(ix, value.as_ref().ok().cloned());
        value
    }

    /// The points of a block of the plan in the order of their numbers, from the answers to its requests; `refused` are
    /// those that the device does not give.
    pub fn decode(
        &mut self,
        block: usize,
        answers: &[(impl AsRef<[PointIx]>, Words)],
        refused: impl Iterator<Item = PointIx>,
    ) -> Samples {
        let refused: Vec<PointIx> = refused.collect();
        if let Some(Some(before)) = self.brought.get(block)
            && before.refused == refused
            && before.words.iter().eq(answers.iter().map(|(_, words)| words))
        {
            return Arc::clone(&before.samples);
        }
        let samples = self.decode_all(answers, &refused);
        if self.brought.len() <= block {
            self.brought.resize(block + 1, None);
        }
        let depends = samples.iter().any(|(ix, _)| self.decoder.depends(*ix));
        if let Some(brought) = self.brought.get_mut(block) {
            let words = || answers.iter().map(|(_, words)| words.clone()).collect();
            let samples = Arc::clone(&samples);
            *brought = (!depends).then(|| Brought { words: words(), refused, samples });
        }
        samples
    }

    fn decode_all(&mut self, answers: &[(impl AsRef<[PointIx]>, Words)], refused: &[PointIx]) -> Samples {
        let answered = answers.iter().map(|(points, _)| points.as_ref().len()).sum::<usize>();
        let mut samples = Vec::with_capacity(answered + refused.len());
        // Those that others depend on come first.
        for depending in [false, true] {
            for (points, words) in answers {
                for ix in points.as_ref() {
                    if self.decoder.depends(*ix) == depending {
                        samples.push((*ix, self.take(*ix, words)));
                    }
                }
            }
        }
        for ix in refused {
            self.keep(*ix, None);
            samples.push((*ix, Err(Quality::Exception)));
        }
        samples.sort_by_key(|(ix, _)| *ix);
        samples.into()
    }

    fn keep(&mut self, ix: PointIx, value: Option<Value>) {
        if let Some(latest) = self.latest.get_mut(usize::from(ix.0)) {
            *latest = value;
        }
    }
}

#[cfg(test)]
mod tests {
    use hallward_profiles::Area;

    use super::*;
    use crate::logic::decode::tests::device;

    const POINTS: [PointIx; 2] = [PointIx(0), PointIx(1)];

    /// Two points, the second's exponent from the first if it `depends`.
    fn decoder(depends: bool) -> DeviceDecoder {
        let at = |address: u16| format!("area = \"holding\"\naddress = {address}\ntype = \"s16\"");
        let second = at(1) + if depends { "\nscale_from = \"p0\"" } else { "" };
        let (map, info) = device(&[at(0), second]);
        DeviceDecoder::new(&map, &info)
    }

    fn answer(values: [u16; 2]) -> [([PointIx; 2], Words); 1] {
        [(POINTS, Words { area: Area::Holding, start: 0, values: values.into() })]
    }

    fn decode(decoder: &mut DeviceDecoder, values: [u16; 2]) -> Samples {
        decoder.decode(0, &answer(values), std::iter::empty())
    }

    fn numbers(samples: &Samples) -> Vec<f64> {
        samples.iter().filter_map(|(_, value)| value.as_ref().ok()?.number()).collect()
    }

    #[test]
    fn the_same_words_bring_the_very_same_samples() {
        let mut decoder = decoder(false);
        let first = decode(&mut decoder, [1, 2]);
        assert!(Arc::ptr_eq(&first, &decode(&mut decoder, [1, 2])));
        let other = decode(&mut decoder, [1, 3]);
        assert_eq!(numbers(&other), [1.0, 3.0]);
        let refused = decoder.decode(0, &answer([1, 3]), [PointIx(2)].into_iter());
        assert_eq!(refused.last(), Some(&(PointIx(2), Err(Quality::Exception))));
        assert_eq!(numbers(&decoder.decode(1, &answer([1, 2]), std::iter::empty())), [1.0, 2.0]);
    }

    #[test]
    fn what_a_single_point_told_since_does_not_stay() {
        let mut decoder = decoder(false);
        decode(&mut decoder, [1, 2]);
        let [(_, other)] = answer([7, 8]);
        decoder.decode_one(PointIx(0), &other).unwrap();
        decode(&mut decoder, [1, 2]);
        assert_eq!(decoder.latest(PointIx(0)).and_then(Value::number), Some(1.0));
        let before = decode(&mut decoder, [1, 2]);
        decoder.forget();
        assert!(!Arc::ptr_eq(&before, &decode(&mut decoder, [1, 2])));
        assert_eq!(decoder.latest(PointIx(1)).and_then(Value::number), Some(2.0));
    }

    #[test]
    fn what_depends_on_a_setting_is_decoded_anew() {
        let mut decoder = decoder(true);
        assert_eq!(numbers(&decode(&mut decoder, [1, 2])), [1.0, 20.0]);
        let [(_, setting)] = answer([2, 0]);
        let alone = decoder.decode(1, &[([PointIx(0)], setting)], std::iter::empty());
        assert_eq!(numbers(&alone), [2.0]);
        let [(_, words)] = answer([0, 2]);
        let again = |decoder: &mut DeviceDecoder| {
            numbers(&decoder.decode(2, &[([PointIx(1)], words.clone())], std::iter::empty()))
        };
        assert_eq!(again(&mut decoder), [200.0]);
        decode(&mut decoder, [1, 2]);
        assert_eq!(again(&mut decoder), [20.0]);
    }
}
