//! Electricity and heat are tied: what sources give is found again, and what ends in the rooms warms them, to 0.1 %.

use super::*;

const J_PER_KWH: f64 = 3.6e6;

/// Five hours: on the grid, an outage until the batteries are empty, a generator that carries the hall, a cooling unit that
/// trips, the next whose fan breaks, one UPS on bypass, the grid again, and ten minutes on the batteries that it has charged.
const COURSE: [(&str, f64); 10] = [
    (r#"{"do":"it-load","percent":90}"#, 1800.0),
    (r#"{"do":"generator-cannot-start"}"#, 1.0),
    (r#"{"do":"mains-off"}"#, 3600.0),
    (r#"{"do":"generator-repair"}"#, 3600.0),
    (r#"{"do":"cooling-trip","device":"ac-1"}"#, 1800.0),
    (r#"{"do":"cooling-fan-fails","device":"ac-2"}"#, 900.0),
    (r#"{"do":"ups-bypass","device":"ups-a","on":true}"#, 900.0),
    (r#"{"do":"mains-on"}"#, 5400.0),
    (r#"{"do":"generator-mode","mode":"off"}"#, 1.0),
    (r#"{"do":"mains-off"}"#, 600.0),
];

/// The hall before and after it, in steps of up to `longest_s`.
fn course(longest_s: f64) -> (Building, Building) {
    let (before, mut hall) = (demo(), demo());
    for (action, wait_s) in COURSE {
        act(&mut hall, action);
        hall.advance_in(seconds(wait_s), seconds(longest_s));
    }
    let seen: Vec<&str> = hall.events(0).iter().map(|event| event.code).collect();
    for code in ["ups.off", "generator.running", "switch.transferred", "cooling.tripped", "switch.returned"] {
        assert!(seen.contains(&code), "no {code} in {seen:?}");
    }
    (before, hall)
}

fn check(what: &str, given_j: f64, found_j: f64) {
    let off = found_j / given_j - 1.0;
    assert!(off.abs() < 0.001, "{what}: {given_j} J given, {found_j} J found, {:.3} % off", off * 100.0);
}

/// What the meter of a device has counted, J.
fn counted_j(hall: &Building, device: &str, point: &str) -> f64 {
    number(hall, device, point) * J_PER_KWH
}

#[test]
fn what_grid_and_generator_give_is_drawn_lost_or_stored() {
    for longest_s in [1.0, 10.0] {
        let (before, after) = course(longest_s);
        let Books { cooling_j, ups_loss_j, adjusted_j, .. } = after.truth().energy;
        let held_j = |hall: &Building| hall.truth().upses.iter().map(|ups| ups.energy_j).sum::<f64>();
        let moved = |device, point| counted_j(&after, device, point) - counted_j(&before, device, point);
        let (grid_j, generator_j) = (moved("mains-meter", "energy"), moved("gen-1", "output.energy"));
        let racks_j = moved("distribution", "energy");
        let stored_j = held_j(&after) - held_j(&before) - adjusted_j;
        assert!([grid_j, generator_j, racks_j, cooling_j, ups_loss_j].iter().all(|part| *part > 1e7));
        assert!(stored_j < -5e6, "{stored_j} J more in the batteries than at the start");
        check("electricity", grid_j + generator_j, racks_j + cooling_j + ups_loss_j + stored_j);
    }
}

#[test]
fn what_ends_in_the_rooms_is_the_heat_that_they_get() {
    for longest_s in [1.0, 10.0] {
        let (before, after) = course(longest_s);
        let racks_j =
            counted_j(&after, "distribution", "energy") - counted_j(&before, "distribution", "energy");
        let Books { cooling_j, cooling_indoors_j, ups_loss_j, .. } = after.truth().energy;
        assert!(
            (0.1..0.6).contains(&(cooling_indoors_j / cooling_j)),
            "{cooling_indoors_j} of {cooling_j} J"
        );
        let rooms = after.truth().rooms;
        let made_j = rooms.iter().map(|room| room.heat.made_j).sum::<f64>();
        check("heat", racks_j + ups_loss_j + cooling_indoors_j, made_j);
        let gained_j = |n: usize| after.rooms[n].held_j() - before.rooms[n].held_j();
        let left_j = |n: usize| rooms[n].heat.removed_j + rooms[n].heat.lost_j + gained_j(n);
        check("rooms", made_j, (0..rooms.len()).map(left_j).sum());
    }
}
