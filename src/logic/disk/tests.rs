//! Tables of a disk that fills up and empties, and what must hold however its space changes.

use proptest::prelude::*;

use super::*;
use crate::model::{Mono, Trust, Wall};

const NOW: Now = Now { mono: Mono(1), wall: Wall(1), trust: Trust::Synchronised };

/// 100 GiB: a hundredth is more than the largest reserve.
const TOTAL: u64 = 102_400 * MIB;

fn space(total: u64, available: u64) -> Space {
    Space { used: total - available, available }
}

/// A disk and the reserve file on it.
struct Stand {
    disk: Disk,
    held: u64,
}

impl Default for Stand {
    fn default() -> Self {
        Self { disk: Disk { told: Some(Told::default()), ..Disk::default() }, held: 0 }
    }
}

impl Stand {
    /// After a run that told this.
    fn after(told: Told, held: u64, first: Space) -> (Self, Vec<String>) {
        let mut stand = Self { disk: Disk::default(), held };
        let before: Vec<_> = stand.measure(first).into_iter().filter(|told| told.contains('.')).collect();
        assert_eq!(before, [""; 0], "recorded before it was known what was told");
        let mut out = Vec::new();
        stand.disk.handle(NOW, Input::Told(told), &mut out);
        let codes = out.iter().map(|output| match output {
            Output::Record(record) => record.code.to_owned(),
            other @ (Output::FreeReserve | Output::MakeReserve(_)) => panic!("{other:?}"),
        });
        let codes = codes.collect();
        (stand, codes)
    }

    /// Measures once and does what is told; words for it.
    fn measure(&mut self, space: Space) -> Vec<String> {
        let (mut out, mut told) = (Vec::new(), Vec::new());
        self.disk.handle(NOW, Input::Measured(space, self.held), &mut out);
        while !out.is_empty() {
            for output in std::mem::take(&mut out) {
                told.push(match output {
                    Output::Record(record) => {
                        let percent = record.body.get("percent").map(|percent| format!(" {percent}"));
                        format!("{} {:?}{}", record.code, record.severity, percent.unwrap_or_default())
                    }
                    Output::FreeReserve => {
                        let freed = std::mem::take(&mut self.held);
                        self.disk.handle(NOW, Input::Freed(freed), &mut out);
                        "FREE".to_owned()
                    }
                    Output::MakeReserve(size) => {
                        self.held = size;
                        self.disk.handle(NOW, Input::Made(size), &mut out);
                        "MAKE".to_owned()
                    }
                });
            }
        }
        told
    }
}

#[test]
fn the_use_is_told_as_df_tells_it() {
    for (used, available, percent) in
        [(0, 0, 100), (0, 10, 0), (1, 999, 1), (80, 20, 80), (801, 199, 81), (u64::MAX, 0, 100), (7, 0, 100)]
    {
        assert_eq!(Space { used, available }.percent(), percent, "{used} {available}");
    }
    for (total, reserve) in [(0, 1), (48, 1), (1000, 10), (6400, 64), (102_400, 64)] {
        assert_eq!(space(total * MIB, total * MIB).reserve() / MIB, reserve, "{total} MiB");
    }
}

#[test]
fn each_rise_has_its_record_and_none_flaps() {
    let mut stand = Stand { held: MOST, ..Stand::default() };
    let rows: &[(u64, &[&str])] = &[
        (50, &[]),
        (80, &["disk.filling Warning 80"]),
        (79, &[]),
        (78, &[]),
        (81, &[]),
        (91, &["disk.filling Warning 91"]),
        (88, &[]),
        (90, &[]),
        (87, &[]),
        (90, &["disk.filling Warning 90"]),
        (95, &["disk.filling Error 95"]),
        (93, &[]),
        (96, &[]),
        (92, &[]),
        (77, &["disk.cleared Info 77"]),
        (97, &["disk.filling Error 97"]),
        (10, &["disk.cleared Info 10"]),
    ];
    for (percent, wanted) in rows {
        let told = stand.measure(space(TOTAL, TOTAL - TOTAL / 100 * percent));
        assert_eq!(told, *wanted, "at {percent} %");
    }
}

#[test]
fn history_thins_from_95_per_cent_until_below_93() {
    let mut stand = Stand { held: MOST, ..Stand::default() };
    for (percent, thins) in [(94, false), (95, true), (93, true), (92, false), (94, false), (99, true)] {
        stand.measure(space(TOTAL, TOTAL - TOTAL / 100 * percent));
        assert_eq!(stand.disk.thins(), thins, "at {percent} %");
    }
}

#[test]
fn the_reserve_is_made_with_ample_room_freed_for_the_journal_and_made_again() {
    let mut stand = Stand::default();
    let mut row = |available: u64, wanted: &[&str], pauses: bool| {
        let mut told = stand.measure(space(TOTAL, available * MIB));
        told.retain(|told| !told.starts_with("disk.filling") && !told.starts_with("disk.cleared"));
        assert_eq!(told, wanted, "with {available} MiB");
        assert_eq!(stand.disk.pauses(), pauses, "with {available} MiB");
    };
    row(80_000, &["MAKE"], false);
    row(16, &[], false);
    row(15, &["FREE", "disk.reserve-freed Error"], true);
    row(79, &[], true);
    row(2, &[], true);
    row(255, &[], true);
    row(256, &["MAKE", "disk.reserve-restored Info"], false);
    row(192, &[], false);
    row(0, &["FREE", "disk.reserve-freed Error"], true);
}

#[test]
fn a_start_on_a_crowded_disk_without_a_reserve_leaves_the_rest_to_the_journal() {
    let mut stand = Stand::default();
    assert_eq!(stand.measure(space(TOTAL, 255 * MIB)), ["disk.filling Error 100"]);
    assert!(stand.disk.pauses());
    assert_eq!(stand.measure(space(TOTAL, 256 * MIB)), ["MAKE", "disk.reserve-restored Info"]);
    assert!(!stand.disk.pauses());
}

/// Told before: the use, whether the reserve was freed. Then the reserve that is there, MiB available at the first look, and the codes.
type Row<'a> = (Option<u8>, bool, u64, u64, &'a [&'a str]);

#[test]
fn what_a_run_before_told_ends_and_is_not_told_again() {
    let (filling, freed) = ("disk.filling", "disk.reserve-freed");
    let (cleared, restored) = ("disk.cleared", "disk.reserve-restored");
    let rows: &[Row<'_>] = &[
        (None, false, 0, 80_000, &[]),
        (None, false, MOST, 0, &[filling, freed]),
        (None, true, 0, 80_000, &[restored]),
        (Some(97), true, 0, 80_000, &[cleared, restored]),
        (Some(97), true, MOST, 80_000, &[cleared, restored]),
        (Some(97), true, 0, 0, &[]),
        (Some(97), false, MOST, 0, &[freed]),
        (Some(97), true, MOST, 0, &[freed]),
        (Some(81), false, MOST, 18_000, &[]),
        (Some(81), false, MOST, 22_000, &[]),
        (Some(81), false, MOST, 9_000, &[filling]),
        (Some(96), false, MOST, 9_000, &[]),
    ];
    for (percent, was_freed, held, available, wanted) in rows {
        let (mut stand, codes) =
            Stand::after(Told::new(*percent, *was_freed), *held, space(TOTAL, available * MIB));
        assert_eq!(codes, *wanted, "{percent:?} {was_freed} {held} {available}");
        assert_eq!(stand.measure(space(TOTAL, available * MIB)), [""; 0]);
        // The other way round: the disk cannot be measured before it is known.
        let mut late = Stand { held: *held, ..Stand::default() };
        late.disk.told = Some(Told::new(*percent, *was_freed));
        let told = late.measure(space(TOTAL, available * MIB));
        for code in *wanted {
            assert!(told.iter().any(|told| told.starts_with(code)), "{told:?}");
        }
    }
}

#[test]
fn a_reserve_that_cannot_be_made_or_freed_stops_nothing() {
    let (mut disk, mut out) = (Disk::default(), Vec::new());
    for held in [0, MOST] {
        disk.handle(NOW, Input::Measured(space(TOTAL, 0), held), &mut out);
        assert!(disk.pauses());
        out.clear();
        disk.handle(NOW, Input::Measured(space(TOTAL, TOTAL / 2), held), &mut out);
        assert!(!disk.pauses(), "there is room again");
        assert_eq!(out.contains(&Output::MakeReserve(MOST)), held == 0);
    }
}

proptest! {
    #[test]
    fn however_space_changes(
        total in 8_u64..200_000,
        parts in proptest::collection::vec(prop_oneof![0_u64..=1000, 900_u64..=1000, 995_u64..=1000], 1..60),
        made in any::<bool>(),
    ) {
        let total = total * MIB;
        let size = space(total, total).reserve();
        let mut stand = Stand { held: if made { size } else { 0 }, ..Stand::default() };
        let mut last = None;
        for part in parts {
            let space = space(total, total - total / 1000 * part);
            let (percent, before) = (space.percent(), stand.disk);
            let told = stand.measure(space);
            let has = |what: &str| told.iter().any(|told| told.starts_with(what));
            prop_assert!(!(has("FREE") && has("MAKE")), "{told:?}");
            prop_assert!(!has("MAKE") || space.available >= size * AMPLE, "made while crowded");
            prop_assert_eq!(has("FREE"), has("disk.reserve-freed"));
            prop_assert!(space.available >= size / SPENT || stand.held == 0, "the journal goes first");
            prop_assert!(space.available >= size / SPENT || stand.disk.pauses());
            prop_assert!(space.available < size * AMPLE || !stand.disk.pauses());
            prop_assert!(percent < 95 || stand.disk.thins());
            prop_assert!(percent >= 93 || !stand.disk.thins());
            prop_assert_eq!(stand.disk.entered > before.entered, has("disk.filling"));
            prop_assert_eq!(stand.disk.entered == 0 && before.entered > 0, has("disk.cleared"));
            // Within the slack of where it was, nothing is told twice.
            if last == Some(percent) {
                prop_assert!(!has("disk.filling") && !has("disk.cleared"), "{told:?}");
            }
            last = Some(percent);
        }
    }
}
