//! The plan of a device: which registers are read in one request, and which points each request feeds.
//!
//! Reads are merged over gaps where the device allows it and reading the gap costs less than another request: by the
//! speed of the line on a serial one, always on TCP. A block that the device refuses (exception 2 or 3) is split between its points
//! until the refused ones are alone; these are left out for a while. Called by the line tasks, and by `app` to
//! tell history which points share their time stamps.

use std::{collections::BTreeMap, time::Duration};

use hallward_profiles::{Area, Limits, Map};
use hallward_site::Device;

use super::timing::Timing;
use crate::model::{DeviceInfo, Pace, PointIx, PointSource};

/// Points that are read together and share a time stamp.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// Which of the four address spaces.
    pub area: Area,
    /// How often.
    pub pace: Pace,
    /// Requests to make; one, until the device refuses a part.
    pub segments: Vec<Segment>,
    /// Points that the device refused to give.
    pub holes: Vec<PointIx>,
}

/// One request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Segment {
    /// First address.
    pub start: u16,
    /// Registers or bits; at least 1.
    pub count: u16,
    /// The points within.
    pub points: Vec<PointIx>,
}

/// A point's place: its index, lowest and highest address.
type Place = (PointIx, u16, u16);

/// How long a refused point is left out before it is tried again.
pub const HOLE_RETRY: Duration = Duration::from_secs(3600);

/// What a request to a device may span.
#[derive(Clone, Copy, Debug)]
struct Span {
    most: u16,
    gap: u16,
}

/// The blocks of a device of the site.
#[must_use]
pub fn plan_device(device: &Device, info: &DeviceInfo, timing: Timing) -> Vec<Block> {
    plan(&device.map, info, &device.limits, timing)
}

/// The blocks of a device, in the order of areas, paces and addresses.
#[must_use]
pub fn plan(map: &Map, info: &DeviceInfo, limits: &Limits, timing: Timing) -> Vec<Block> {
    let mut places: BTreeMap<(Area, Pace), Vec<Place>> = BTreeMap::new();
    for (ix, point) in info.iter() {
        let PointSource::Register(n) = point.source else { continue };
        let Some(point) = map.points.get(n) else { continue };
        let ends = point.addresses.iter().min().zip(point.addresses.iter().max());
        if let Some((low, high)) = ends {
            let pace = info.point(ix).map_or(Pace::Normal, |point| point.pace);
            places.entry((point.area, pace)).or_default().push((ix, *low, *high));
        }
    }
    let worthwhile = timing.worthwhile_gap(Duration::from_millis(u64::from(limits.answer_ms)));
    let gap = if limits.read_over_gaps { worthwhile } else { 0 };
    let mut blocks = Vec::new();
    for ((area, pace), mut places) in places {
        places.sort_by_key(|(ix, low, _)| (*low, *ix));
        let span = match area.is_bits() {
            // Sixteen bits cost what a register does.
            true => Span { most: limits.max_bits, gap: gap.saturating_mul(16) },
            false => Span { most: limits.max_registers, gap },
        };
        let block = |segment| Block { area, pace, segments: vec![segment], holes: Vec::new() };
        blocks.extend(merge(&places, span).into_iter().map(block));
    }
    blocks
}

fn merge(places: &[Place], span: Span) -> Vec<Segment> {
    let mut segments: Vec<Segment> = Vec::new();
    for (ix, low, high) in places {
        if let Some(last) = segments.last_mut() {
            let end = u32::from(last.start) + u32::from(last.count);
            let count = (u32::from(*high) + 1).max(end) - u32::from(last.start);
            let fits = count <= u32::from(span.most) && u32::from(*low) <= end + u32::from(span.gap);
            if let (true, Ok(count)) = (fits, u16::try_from(count)) {
                last.count = count;
                last.points.push(*ix);
                continue;
            }
        }
        segments.push(Segment { start: *low, count: (high - low).saturating_add(1), points: vec![*ix] });
    }
    segments
}

impl Block {
    /// All its points, refused ones too.
    pub fn points(&self) -> impl Iterator<Item = PointIx> {
        self.segments.iter().flat_map(|segment| &segment.points).chain(&self.holes).copied()
    }

    /// Takes the refusal of segment `n` (exception 2 or 3): halves it between its points, or leaves out its last.
    pub fn refuse(&mut self, n: usize, map: &Map, info: &DeviceInfo) {
        if n >= self.segments.len() {
            return;
        }
        let segment = self.segments.remove(n);
        if segment.points.len() <= 1 {
            self.holes.extend(segment.points);
            return;
        }
        let (left, right) = segment.points.split_at(segment.points.len() / 2);
        let halves = [left, right].into_iter().filter_map(|points| around(points, map, info));
        for (offset, half) in halves.enumerate() {
            self.segments.insert(n + offset, half);
        }
    }
}

/// The request that covers `points` and nothing before or after.
fn around(points: &[PointIx], map: &Map, info: &DeviceInfo) -> Option<Segment> {
    let source = |ix: &PointIx| info.point(*ix).map(|point| point.source);
    let addresses = points.iter().filter_map(source).filter_map(|source| match source {
        PointSource::Register(n) => map.points.get(n),
        PointSource::Derived(_) => None,
    });
    let addresses: Vec<u16> = addresses.flat_map(|point| point.addresses.iter().copied()).collect();
    let (low, high) = addresses.iter().min().zip(addresses.iter().max())?;
    Some(Segment { start: *low, count: (high - low).saturating_add(1), points: points.to_vec() })
}

#[cfg(test)]
mod tests {
    use hallward_site::{Baud, Endpoint, Transport};

    use super::*;
    use crate::logic::decode::tests::device;

    fn tcp() -> Timing {
        Timing::of(&Transport::Tcp(Endpoint { host: "h".into(), port: 502 }))
    }

    /// A device of u16 points at these addresses; `slow` marks those that are read rarely.
    fn plan_of(addresses: &[u16], limits: &Limits) -> Vec<(u16, u16, usize)> {
        plan_at(tcp(), addresses, limits)
    }

    fn plan_at(timing: Timing, addresses: &[u16], limits: &Limits) -> Vec<(u16, u16, usize)> {
        let points: Vec<_> =
            addresses.iter().map(|a| format!("area = \"holding\"\naddress = {a}\ntype = \"u16\"")).collect();
        let (map, info) = device(&points);
        let blocks = plan(&map, &info, limits, timing);
        let segments = blocks.iter().flat_map(|block| &block.segments);
        segments.map(|segment| (segment.start, segment.count, segment.points.len())).collect()
    }

    #[test]
    fn near_points_share_a_request_up_to_the_limit() {
        let limits = Limits::default();
        assert_eq!(plan_of(&[5, 6, 9], &limits), [(5, 5, 3)]);
        assert_eq!(plan_of(&[0, 124], &limits), [(0, 125, 2)]);
        assert_eq!(plan_of(&[0, 125], &limits), [(0, 1, 1), (125, 1, 1)]);
        assert_eq!(plan_of(&[65_535, 65_530], &limits), [(65_530, 6, 2)]);
    }

    #[test]
    fn on_a_serial_line_a_wide_gap_costs_more_than_another_request() {
        let at = |baud| plan_at(Timing::at(Baud::new(baud).unwrap()), &[0, 40], &Limits::default());
        assert_eq!(at(9600), [(0, 1, 1), (40, 1, 1)]);
        assert_eq!(at(115_200), [(0, 41, 2)]);
    }

    #[test]
    fn gaps_are_not_read_where_the_device_refuses_them() {
        let limits = Limits { read_over_gaps: false, ..Limits::default() };
        assert_eq!(plan_of(&[5, 6, 9], &limits), [(5, 2, 2), (9, 1, 1)]);
    }

    #[test]
    fn a_refused_block_is_split_until_the_refused_point_is_alone() {
        let text = |a: u16| format!("area = \"holding\"\naddress = {a}\ntype = \"u16\"");
        let (map, info) = device(&[text(1), text(2), text(3), text(4)]);
        let mut block = plan(&map, &info, &Limits::default(), tcp()).remove(0);
        let requests = |block: &Block| block.segments.iter().map(|s| (s.start, s.count)).collect::<Vec<_>>();
        block.refuse(0, &map, &info);
        assert_eq!(requests(&block), [(1, 2), (3, 2)]);
        block.refuse(1, &map, &info);
        assert_eq!(requests(&block), [(1, 2), (3, 1), (4, 1)]);
        block.refuse(1, &map, &info);
        assert_eq!((requests(&block), block.holes.clone()), (vec![(1, 2), (4, 1)], vec![PointIx(2)]));
        assert_eq!(block.points().count(), 4);
    }
}
