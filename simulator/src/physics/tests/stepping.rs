//! Time may be cut as one likes.

use super::*;

#[test]
fn the_same_seed_and_time_give_the_same_hall_however_time_is_cut() {
    let course = |seed: u64, cuts: u32| {
        let mut site = site(DEMO_SITE);
        site.simulation.seed = seed;
        let mut hall = Building::new(&site);
        hall.start(Scenario::MainsFailure).unwrap();
        (0..cuts).for_each(|_| hall.advance(seconds(30.0) / cuts));
        hall.truth()
    };
    assert_eq!(course(7, 1), course(7, 8));
    assert_ne!(course(7, 1), course(8, 1));
}
