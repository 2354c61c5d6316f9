//! Lines drawn on the server: the small ones in tiles, and the charts for readers without script.

use std::time::Duration;

use super::super::Web;
use crate::{
    model::{PointRef, Wall},
    store::{RangeQuery, Series},
};

/// A value and its extent at one moment.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Dot {
    time: Wall,
    mean: f64,
}

/// The numbers of a series, cut where nothing is known.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Curve {
    pieces: Vec<Vec<Dot>>,
    /// Least, mean and greatest value; `None` without any.
    pub(super) extent: Option<(f64, f64, f64)>,
}

/// Where a curve is drawn.
#[derive(Clone, Copy, Debug)]
pub(super) struct Canvas {
    /// Its size.
    pub(super) width: f64,
    /// See `width`.
    pub(super) height: f64,
    /// The moments at its left and right.
    pub(super) from: Wall,
    /// See `from`.
    pub(super) to: Wall,
    /// The values at its bottom and top.
    pub(super) low: f64,
    /// See `low`.
    pub(super) high: f64,
}

/// A curve as SVG has it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Drawn {
    /// The `points` of polylines.
    pub(super) lines: Vec<String>,
    /// The `y` and `height` of the band within which values should be.
    pub(super) band: Option<(String, String)>,
}

impl Curve {
    /// The curve of a series; `period` is how often its point is read.
    pub(super) fn new(series: &Series, period: Duration) -> Self {
        let patience = period * 3 + Duration::from_secs(2);
        let mut curve = Self::default();
        let (mut sum, mut count) = (0.0, 0.0);
        let mut take = |dot: Option<(Wall, f64, f64, f64, u32)>, longest: Duration| {
            let Some((time, min, mean, max, samples)) = dot else {
                curve.pieces.push(Vec::new());
                return;
            };
            let last = curve.pieces.last().and_then(|piece| piece.last());
            if last.is_none_or(|last| time.since(last.time) > longest) {
                curve.pieces.push(Vec::new());
            }
            curve.pieces.last_mut().into_iter().for_each(|piece| piece.push(Dot { time, mean }));
            (sum, count) = (sum + mean * f64::from(samples), count + f64::from(samples));
            let (least, _, greatest) = curve.extent.unwrap_or((min, mean, max));
            curve.extent = Some((least.min(min), sum / count, greatest.max(max)));
        };
        match series {
            Series::Numbers { raw } => {
                for (time, value) in raw {
                    take(value.ok().map(|value| (*time, value, value, value, 1)), patience);
                }
            }
            Series::Buckets { width, buckets } => {
                for b in buckets {
                    take(Some((b.from, b.min, b.mean, b.max, b.count)), patience.max(*width * 3 / 2));
                }
            }
            Series::States(_) => {}
        }
        curve.pieces.retain(|piece| !piece.is_empty());
        curve
    }

    /// The curve of a point, read from history in so many buckets.
    pub(super) async fn read(web: &Web, point: PointRef, from: Wall, to: Wall, buckets: u32) -> Option<Self> {
        let period = web.plant().point(point)?.period;
        let query = RangeQuery { point, from, to, buckets: Some(buckets) };
        match web.context.history.range(query).await {
            Ok(series) => Some(Self::new(&series, period)),
            Err(error) => {
                tracing::warn!(%error, "a curve cannot be drawn");
                None
            }
        }
    }

    /// The curve on a canvas.
    pub(super) fn draw(&self, canvas: &Canvas, band: Option<(f64, f64)>) -> Drawn {
        let line = |piece: &Vec<Dot>| {
            let dots = piece.iter().map(|dot| format!("{:.1},{:.1}", canvas.x(dot.time), canvas.y(dot.mean)));
            dots.collect::<Vec<_>>().join(" ")
        };
        let band = band.map(|(low, high)| {
            let (top, bottom) = (canvas.y(high), canvas.y(low));
            (format!("{top:.1}"), format!("{:.1}", bottom - top))
        });
        Drawn { lines: self.pieces.iter().map(line).collect(), band }
    }
}

impl Canvas {
    fn x(&self, time: Wall) -> f64 {
        let span = self.to.since(self.from).as_secs_f64().max(1.0);
        (time.since(self.from).as_secs_f64() / span * self.width).min(self.width)
    }

    fn y(&self, value: f64) -> f64 {
        let span = (self.high - self.low).max(f64::EPSILON);
        ((self.high - value) / span * self.height).clamp(0.0, self.height)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{model::Quality, store::Bucket};

    const SECOND: Duration = Duration::from_secs(1);

    fn at(seconds: i64) -> Wall {
        Wall(seconds * 1_000_000)
    }

    fn canvas() -> Canvas {
        Canvas { width: 100.0, height: 10.0, from: at(0), to: at(100), low: 0.0, high: 10.0 }
    }

    #[test]
    fn a_missing_value_and_a_silence_are_gaps() {
        let raw = vec![
            (at(0), Ok(2.0)),
            (at(1), Ok(4.0)),
            (at(2), Err(Quality::Timeout)),
            (at(3), Ok(6.0)),
            (at(50), Ok(8.0)),
        ];
        let curve = Curve::new(&Series::Numbers { raw }, SECOND);
        assert_eq!(curve.extent, Some((2.0, 5.0, 8.0)));
        assert_eq!(curve.draw(&canvas(), None).lines, ["0.0,8.0 1.0,6.0", "3.0,4.0", "50.0,2.0"]);
    }

    #[test]
    fn buckets_keep_their_extremes_and_weights() {
        let bucket = |from, min, max, mean, count| Bucket { from: at(from), min, max, mean, count };
        let buckets =
            vec![bucket(0, 1.0, 9.0, 4.0, 3), bucket(10, 2.0, 6.0, 8.0, 1), bucket(40, 3.0, 3.0, 3.0, 1)];
        let series = Series::Buckets { width: SECOND * 10, buckets };
        let curve = Curve::new(&series, SECOND);
        assert_eq!(curve.extent, Some((1.0, 23.0 / 5.0, 9.0)));
        let drawn = curve.draw(&canvas(), Some((2.0, 8.0)));
        assert_eq!(drawn.lines, ["0.0,6.0 10.0,2.0", "40.0,7.0"]);
        assert_eq!(drawn.band, Some(("2.0".to_owned(), "6.0".to_owned())));
    }

    #[test]
    fn nothing_known_draws_nothing() {
        assert_eq!(
            Curve::new(&Series::Numbers { raw: vec![(at(1), Err(Quality::Timeout))] }, SECOND),
            Curve::default()
        );
    }
}
