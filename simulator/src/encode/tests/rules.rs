//! Rules turned back, on devices made for the purpose, and against every assignment there is.

use hallward_profiles::{Condition, Rule};
use proptest::prelude::*;

use super::*;

/// A device with these flags in holding register 0, from bit 0, and their values at rest; a level in register 1; then
/// `derived`.
fn device(flags: &[(&str, bool)], derived: &str) -> Arc<Map> {
    let mut text = "[profile]\nid = \"t\"\nname = \"t\"\nvendor = \"t\"\nclass = \"io\"\nconfidence = \"low\"\n\
                    sources = [\"t\"]\n[connection]\n[lacks]\n\"input.1\" = \"t\"\n[[point]]\nname = \"level\"\n\
                    area = \"holding\"\naddress = 1\ntype = \"u16\"\n"
        .to_owned();
    for (bit, (name, simulate)) in flags.iter().enumerate() {
        text += &format!(
            "[[point]]\nname = \"{name}\"\narea = \"holding\"\naddress = 0\ntype = \"bool\"\nbits = \"{bit}\"\n\
             simulate = {simulate}\n"
        );
    }
    let profile = Profile::parse("t.toml", &(text + derived)).unwrap_or_else(|problems| panic!("{problems}"));
    map_of(&profile)
}

fn text(text: &str) -> Literal {
    Literal::Text(text.to_owned())
}

/// What is read back of `names` after `given` was told.
fn check(map: &Arc<Map>, given: &[(&str, Literal)], expected: &[(&str, Literal)]) {
    let named: Vec<(PointName, Literal)> =
        given.iter().map(|(at, value)| (name(at), value.clone())).collect();
    let given: Vec<(&PointName, Literal)> = named.iter().map(|(at, value)| (at, value.clone())).collect();
    let values = told(map, &given);
    for (at, value) in expected {
        assert_eq!(values.get(*at), Some(value), "{at} after {given:?}");
    }
}

const ON: Literal = Literal::Flag(true);
const OFF: Literal = Literal::Flag(false);

#[test]
fn an_earlier_rule_that_holds_is_made_to_fail() {
    let map = device(
        &[("fault", true), ("bypass", true), ("run", false)],
        "[[derived]]\nname = \"state\"\nrules = [{ if = \"fault\", is = \"fault\" }, { if = \"bypass\", is = \"bypass\" },\
         { if = \"run\", is = \"on\" }, { else = \"off\" }]",
    );
    check(
        &map,
        &[("state", text("on"))],
        &[("state", text("on")), ("fault", OFF), ("bypass", OFF), ("run", ON)],
    );
    check(&map, &[("state", text("bypass"))], &[("state", text("bypass")), ("fault", OFF), ("bypass", ON)]);
    check(&map, &[("state", text("off"))], &[("state", text("off")), ("run", OFF)]);
}

#[test]
fn a_state_of_rest_ends_unless_it_is_given() {
    let map = device(
        &[("on-battery", false), ("online", true), ("lost", false)],
        "[[derived]]\nname = \"state\"\nrules = [{ if = \"on-battery\", is = \"on-battery\" },\
         { if = \"online\", and = { if = \"lost\", equals = false }, is = \"online\" }]",
    );
    let wanted = ("state", text("on-battery"));
    check(&map, std::slice::from_ref(&wanted), &[wanted.clone(), ("online", OFF), ("lost", OFF)]);
    check(&map, &[wanted.clone(), ("online", ON), ("lost", OFF)], &[wanted, ("online", ON), ("lost", OFF)]);
    check(&map, &[("state", text("online"))], &[("on-battery", OFF), ("online", ON)]);
}

#[test]
fn of_several_points_one_is_changed_or_all_as_the_rule_needs() {
    let flags = [("z.1", false), ("z.2", false), ("z.3", false)];
    let any = "[[derived]]\nname = \"wet\"\nrules = [{ any = \"z.*\", is = true }, { else = false }]";
    let all = "[[derived]]\nname = \"full\"\nrules = [{ all = \"z.*\", is = true }, { else = false }]";
    check(&device(&flags, any), &[("wet", ON)], &[("wet", ON), ("z.1", ON), ("z.2", OFF), ("z.3", OFF)]);
    check(&device(&flags, all), &[("full", ON)], &[("z.1", ON), ("z.2", ON), ("z.3", ON)]);
    let set = flags.map(|(name, _)| (name, true));
    check(&device(&set, any), &[("wet", OFF)], &[("wet", OFF), ("z.1", OFF), ("z.2", OFF), ("z.3", OFF)]);
    check(&device(&set, all), &[("full", OFF)], &[("full", OFF), ("z.1", OFF), ("z.2", ON), ("z.3", ON)]);
}

#[test]
fn what_is_given_stays_if_there_is_another_way_and_yields_if_not() {
    let map = device(
        &[("line-a", false), ("line-b", false)],
        "[[derived]]\nname = \"live\"\nrules = [{ if = \"line-a\", is = true }, { if = \"line-b\", is = true },\
         { else = false }]",
    );
    check(&map, &[("line-a", OFF), ("live", ON)], &[("live", ON), ("line-a", OFF), ("line-b", ON)]);
    check(&map, &[("line-a", OFF), ("line-b", OFF), ("live", ON)], &[("live", ON)]);
}

#[test]
fn numbers_are_moved_past_their_limits_and_rules_over_rules_followed() {
    let map = device(
        &[("lock", true)],
        "[[derived]]\nname = \"high\"\nrules = [{ if = \"level\", above = 80, is = true }, { else = false }]\n\
         [[derived]]\nname = \"low\"\nrules = [{ if = \"level\", below = 10, is = true }, { else = false }]\n\
         [[derived]]\nname = \"calm\"\nrules = [{ if = \"high\", is = false }, { if = \"low\", is = false },\
         { if = \"lock\", equals = false, is = true }]",
    );
    check(&map, &[("high", ON)], &[("high", ON), ("low", OFF)]);
    check(&map, &[("calm", ON)], &[("calm", ON), ("high", OFF), ("low", OFF), ("lock", OFF)]);
    check(&map, &[("level", Literal::Number(50.0)), ("low", ON)], &[("low", ON)]);
    check(&map, &[("level", Literal::Number(50.0)), ("calm", ON)], &[("level", Literal::Number(50.0))]);
}

#[test]
fn what_no_rule_yields_changes_nothing() {
    let map = device(
        &[("run", false)],
        "[[derived]]\nname = \"state\"\nrules = [{ if = \"run\", is = \"on\" }, { if = \"run\", is = \"never\" },\
         { else = \"off\" }]",
    );
    check(&map, &[("state", text("never"))], &[("state", text("off")), ("run", OFF)]);
    check(&map, &[("state", text("unheard-of"))], &[("state", text("off")), ("run", OFF)]);
}

/// Rules over four flags, each condition over some of them.
fn any_rules() -> impl Strategy<Value = Vec<Rule>> {
    let points = prop::collection::vec(0..4_usize, 1..4);
    let condition = (points, any::<bool>(), any::<bool>()).prop_map(|(points, all, flag)| Condition {
        points: points.into_iter().map(|n| name(&format!("flag-{n}"))).collect(),
        all,
        test: Test::Among(vec![Literal::Flag(flag)]),
    });
    let rule = (prop::collection::vec(condition, 0..3), 0..3_u8)
        .prop_map(|(conditions, is)| Rule { conditions, is: Literal::Number(f64::from(is)) });
    prop::collection::vec(rule, 1..5)
}

proptest! {
    #[test]
    fn whatever_some_assignment_yields_is_found(rules in any_rules(), wanted in 0..3_u8, rest in 0..16_u8) {
        let flags: Vec<(String, bool)> = (0..4).map(|n| (format!("flag-{n}"), rest >> n & 1 == 1)).collect();
        let flags: Vec<(&str, bool)> = flags.iter().map(|(name, on)| (name.as_str(), *on)).collect();
        let mut map = (*device(&flags, "")).clone();
        let derived = Derived {
            name: name("state"), how: Derivation::Rules(rules), unit: None, text: None, priority: None,
        };
        map.derived.push(derived);
        let map = Arc::new(map);
        let wanted = Literal::Number(f64::from(wanted));
        let possible = (0..16_u16).any(|word| {
            let mut image = Image::of(&map);
            image.set(Area::Holding, 0, word);
            image.set(Area::Holding, 1, 0);
            decode_all(&map, &image).get("state") == Some(&wanted)
        });
        let found = told(&map, &[(&name("state"), wanted.clone())]).get("state") == Some(&wanted);
        prop_assert_eq!(found, possible);
    }
}
