//! What a range query answers, and how numbers become buckets when there are too many.

use std::time::Duration;

use crate::model::{Quality, Value, Wall};

use super::{RangeQuery, StoreError};

/// The most samples in one answer that is not in buckets.
const RAW_MAX: usize = 100_000;

/// The most buckets in one answer.
const BUCKETS_MAX: u32 = 2000;

/// A point's values over a time.
#[derive(Clone, Debug, PartialEq)]
pub enum Series {
    /// Every sample in order of time; where there was no value, why. While nothing was recorded there is no sample.
    Numbers {
        /// When, and what.
        raw: Vec<(Wall, Result<f64, Quality>)>,
    },
    /// Samples by equal stretches of time. A bucket without a single value is left out: a gap.
    Buckets {
        /// How long a bucket is; the last one may reach beyond the range.
        width: Duration,
        /// In order of time.
        buckets: Vec<Bucket>,
    },
    /// Every change, and hourly repetitions. The first one may lie before the range: the state in force then.
    States(Vec<(Wall, Result<Value, Quality>)>),
}

/// The values of one stretch of time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bucket {
    /// Its beginning.
    pub from: Wall,
    /// Least value.
    pub min: f64,
    /// Greatest value.
    pub max: f64,
    /// Mean of the values.
    pub mean: f64,
    /// How many values, at least 1.
    pub count: u32,
}

/// Takes samples in the order in which they were written, and keeps them all until buckets are the better answer.
pub(super) struct Gathering {
    from: i64,
    width: i64,
    /// How many samples are kept before buckets are made; `None`: buckets are not wanted.
    enough: Option<usize>,
    raw: Vec<(Wall, Result<f64, Quality>)>,
    buckets: Vec<Sum>,
}

#[derive(Clone, Copy, Default)]
struct Sum {
    count: u32,
    min: f64,
    max: f64,
    sum: f64,
}

impl Gathering {
    pub(super) fn new(query: &RangeQuery) -> Self {
        let wanted = query.buckets.map(|buckets| buckets.clamp(1, BUCKETS_MAX));
        let length = query.to.0.saturating_sub(query.from.0).max(1);
        let width = wanted.map_or(length, |buckets| length.div_ceil_by(i64::from(buckets)));
        // With fewer samples than that, narrow buckets would show gaps where there is none.
        let enough = wanted.and_then(|buckets| usize::try_from(buckets).ok()).map(|buckets| 2 * buckets);
        Self { from: query.from.0, width, enough, raw: Vec::new(), buckets: Vec::new() }
    }

    pub(super) fn add(&mut self, time: Wall, value: Result<f64, Quality>) -> Result<(), StoreError> {
        if !self.buckets.is_empty() {
            self.put(time, value);
            return Ok(());
        }
        self.raw.push((time, value));
        match self.enough {
            Some(enough) if self.raw.len() > enough => {
                self.buckets = vec![Sum::default(); enough / 2];
                for (time, value) in std::mem::take(&mut self.raw) {
                    self.put(time, value);
                }
                Ok(())
            }
            None if self.raw.len() > RAW_MAX => Err(StoreError::TooMany { limit: RAW_MAX }),
            Some(_) | None => Ok(()),
        }
    }

    fn put(&mut self, time: Wall, value: Result<f64, Quality>) {
        let index = usize::try_from(time.0.saturating_sub(self.from) / self.width).ok();
        let (Some(bucket), Ok(value)) = (index.and_then(|index| self.buckets.get_mut(index)), value) else {
            return;
        };
        if bucket.count == 0 {
            *bucket = Sum { count: 1, min: value, max: value, sum: value };
        } else {
            bucket.count = bucket.count.saturating_add(1);
            bucket.min = bucket.min.min(value);
            bucket.max = bucket.max.max(value);
            bucket.sum += value;
        }
    }

    pub(super) fn finish(mut self) -> Series {
        if self.buckets.is_empty() {
            // Of two samples with the same time, which a clock set back may have made, the later written one counts.
            self.raw.reverse();
            self.raw.sort_by_key(|(time, _)| *time);
            self.raw.dedup_by_key(|(time, _)| *time);
            return Series::Numbers { raw: self.raw };
        }
        let starts = (0_i64..).map(|n| Wall(self.from.saturating_add(n.saturating_mul(self.width))));
        let filled = starts.zip(&self.buckets).filter(|(_, sum)| sum.count > 0);
        let buckets = filled.map(|(from, sum)| Bucket {
            from,
            min: sum.min,
            max: sum.max,
            mean: sum.sum / f64::from(sum.count),
            count: sum.count,
        });
        let width = Duration::from_micros(self.width.unsigned_abs());
        Series::Buckets { width, buckets: buckets.collect() }
    }
}

trait DivCeil {
    fn div_ceil_by(self, divisor: Self) -> Self;
}

impl DivCeil for i64 {
    /// Division rounded up; both are positive.
    fn div_ceil_by(self, divisor: Self) -> Self {
        self / divisor + Self::from(self % divisor != 0)
    }
}

#[cfg(test)]
mod tests {
    use crate::model::{DeviceIx, PointIx, PointRef};

    use super::*;

    fn gather(buckets: Option<u32>, samples: impl IntoIterator<Item = (i64, f64)>) -> Series {
        let point = PointRef { device: DeviceIx(0), point: PointIx(0) };
        let query = RangeQuery { point, from: Wall(100), to: Wall(200), buckets };
        let mut gathering = Gathering::new(&query);
        for (time, value) in samples {
            gathering.add(Wall(time), Ok(value)).unwrap();
        }
        gathering.finish()
    }

    #[test]
    fn many_samples_become_buckets_and_empty_ones_are_left_out() {
        let samples = [(100, 1.0), (124, 3.0), (125, 5.0), (175, 4.0), (176, 9.0), (177, -4.0), (199, 3.0)];
        let Series::Buckets { width, buckets } = gather(Some(3), samples) else { panic!() };
        assert_eq!(width, Duration::from_micros(34));
        let bucket = |from, min, max, mean, count| Bucket { from: Wall(from), min, max, mean, count };
        assert_eq!(buckets, [bucket(100, 1.0, 5.0, 3.0, 3), bucket(168, -4.0, 9.0, 3.0, 4)]);
    }

    #[test]
    fn few_samples_are_told_as_they_are() {
        let samples = [(120, 2.0), (110, 1.0), (199, 3.0)];
        let raw = vec![(Wall(110), Ok(1.0)), (Wall(120), Ok(2.0)), (Wall(199), Ok(3.0))];
        assert_eq!(gather(Some(50), samples), Series::Numbers { raw: raw.clone() });
        assert_eq!(gather(None, samples), Series::Numbers { raw });
    }

    #[test]
    fn an_answer_without_buckets_has_a_limit() {
        let query = RangeQuery {
            point: PointRef { device: DeviceIx(0), point: PointIx(0) },
            from: Wall(0),
            to: Wall(1),
            buckets: None,
        };
        let mut gathering = Gathering::new(&query);
        let refused = (0..=RAW_MAX).find_map(|_| gathering.add(Wall(0), Ok(1.0)).err()).unwrap();
        assert_eq!(
            refused.to_string(),
            "more than 100000 samples in this time: ask for buckets, or for a shorter time"
        );
    }
}
