//! What is wrong in a profile is named at its line, all of it at once; nothing makes the loader panic.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "a test fails by panicking")]

use std::collections::BTreeMap;

use hallward_profiles::{BUILT_IN, Problems, Profile};
use proptest::prelude::*;

/// A sound profile of a sensor, to which each test adds its mistakes.
const SOUND: &str = r#"
profile = { id = "x", name = "X", vendor = "V", class = "climate", confidence = "low", sources = ["a book"] }
connection = {}
options = { many = 3 }
sentinels = { broken = [{ raw = 0x7FFF, why = "broken" }] }

[[point]]
name = "temperature"
area = "input"
address = 0
type = "s16"
scale = 0.1
unit = "°C"
not_available = "broken"

"#;

/// Line and text of each problem, without serde's lists of what could stand there.
fn problems(text: &str) -> Vec<(usize, String)> {
    let wrong =
        Profile::parse("x.toml", text).err().map(|wrong: Problems| wrong.problems).unwrap_or_default();
    let short = |what: String| what.split(", expected one of").next().unwrap_or_default().to_owned();
    wrong.into_iter().map(|problem| (problem.line, short(problem.what))).collect()
}

/// Loads `text` and compares all problems: line, from 1, and what is wrong.
fn check(text: &str, expected: &[(usize, &str)]) {
    let expected: Vec<_> = expected.iter().map(|(line, what)| (*line, (*what).to_owned())).collect();
    assert_eq!(problems(text), expected, "in\n{text}");
}

/// As [`check`] for tables that are added to the sound profile; lines count from the first added one.
fn check_added(text: &str, expected: &[(usize, &str)]) {
    let above = SOUND.lines().count();
    let found = problems(&format!("{SOUND}{text}"));
    let found: Vec<_> = found.into_iter().map(|(line, what)| (line - above, what)).collect();
    let expected: Vec<_> = expected.iter().map(|(line, what)| (*line, (*what).to_owned())).collect();
    assert_eq!(found, expected, "in\n{text}");
}

/// A point of the given keys, all on lines of their own below `[[point]]`.
fn check_point(keys: &str, expected: &[(usize, &str)]) {
    check_added(&format!("[[point]]\n{keys}\n"), expected);
}

#[test]
fn the_sound_profile_is_sound() {
    check(SOUND, &[]);
    let profile = Profile::parse("x.toml", SOUND).expect("sound");
    let map = profile.map(&BTreeMap::new()).expect("no options are needed");
    assert_eq!(map.points[0].not_available[0].why, "broken");
}

#[test]
fn mistakes_in_many_places_are_all_reported() {
    let text = r#"[profile]
id = "Not An Id"
name = "X"
vendor = "V"
class = "ups"
confidence = "low"
sources = []

[connection]
unit = 300

[colour]

[[point]]
name = "battery.charge"
area = "holding"
address = 0
type = "u16"

[[point]]
name = "ups.status"
area = "holding"
address = 1
type = "u16"
words = { 1 = "asleep" }

[[point]]
name = "output.load"
area = "holding"
adress = 2
type = "u16"
"#;
    check(
        text,
        &[
            (
                2,
                "`Not An Id` is not an id: use 1 to 32 of a-z, 0-9 and '-', beginning with a letter or digit",
            ),
            (5, "class `ups` expects `input.voltage`, which is no point"),
            (5, "class `ups` expects `output.load`, which is no point"),
            (7, "no source is named"),
            (10, "invalid value: integer `300`, expected u8"),
            (12, "`colour` is not known here"),
            (14, "`battery.charge` is in % everywhere"),
            (25, "`ups.status` cannot be `asleep`"),
            (30, "unknown field `adress`"),
        ],
    );
}

#[test]
fn what_is_not_toml_is_reported_with_the_rest() {
    check(
        "[profile]\nid = \"x\nname = 3\n",
        &[
            (1, "`connection` is missing"),
            (2, "invalid basic string, expected `\"`"),
            (3, "invalid type: integer `3`, expected a string"),
        ],
    );
    check("", &[(1, "`profile` is missing"), (1, "`connection` is missing")]);
    check(
        "point = 3\nprofile = 4\nconnection = {}",
        &[
            (1, "`point` is not a list of tables"),
            (2, "invalid type: integer `4`, expected a [profile] table"),
        ],
    );
}

#[test]
fn names_and_units() {
    let point = "area = \"input\"\naddress = 1\ntype = \"u16\"\n";
    check_point(
        &format!("name = \"Humidity\"\n{point}"),
        &[(
            2,
            "`Humidity` is not a point name: use ids of a-z, 0-9 and '-' joined by dots (battery.charge), at most 64 characters",
        )],
    );
    check_point(
        &format!("name = \"temperature\"\n{point}unit = \"°C\""),
        &[(2, "`temperature` is there twice")],
    );
    check_point(
        &format!("name = \"humidity\"\n{point}unit = \"°C\""),
        &[(6, "`humidity` is in % everywhere")],
    );
    check_point(
        &format!("name = \"engine.starts\"\n{point}unit = \"h\""),
        &[(6, "`engine.starts` is in no unit everywhere")],
    );
    check_point(&format!("name = \"a\"\n{point}unit = \"mile\""), &[(6, "unknown variant `mile`")]);
    check_point(&format!("name = \"alarm.a\"\n{point}"), &[(2, "`alarm.a` has no text")]);
    check_point(
        &format!(
            "name = \"dew-point\"\n{point}unit = \"°C\"\nunit_if = {{ point = \"temperature\", is = 1, unit = \"ft\" }}"
        ),
        &[(7, "this unit cannot be converted to the point's")],
    );
    check_point(
        &format!(
            "name = \"dew-point\"\n{point}unit = \"°C\"\nunit_if = {{ point = \"setting\", is = 1, unit = \"°F\" }}"
        ),
        &[(7, "`setting` is no point of this profile")],
    );
    check_added("[lacks]\n\"temperature\" = \"none\"\n", &[(2, "`temperature` is both lacking and a point")]);
}

#[test]
fn addresses_bits_and_types() {
    let name = "name = \"a\"\narea = \"holding\"\n";
    check_point(&format!("{name}address = 65535\ntype = \"u32\""), &[(4, "the address runs over 65535")]);
    check_point(
        &format!("{name}address = 65536\ntype = \"u16\""),
        &[(4, "an address from 0 to 65535, or a list of them")],
    );
    check_point(&format!("{name}address = [1, 2, 3]\ntype = \"u32\""), &[(4, "3 addresses for 2 registers")]);
    check_point(&format!("{name}address = 1\ntype = \"bool\""), &[(5, "which bit of the register?")]);
    check_point(
        &format!("{name}address = 1\ntype = \"u16\"\nbits = \"16\""),
        &[(6, "`16` are no bits of 16")],
    );
    check_point(
        &format!("{name}address = 1\ntype = \"u16\"\nbits = \"3:5\""),
        &[(6, "`3:5` are no bits of 16")],
    );
    check_point(&format!("{name}address = 1\ntype = \"text\""), &[(5, "how many registers?")]);
    check_point(
        &format!("{name}address = 1\ntype = \"u16\"\nregisters = 2"),
        &[(6, "the type already says how many")],
    );
    check_point(&format!("{name}address = 1\ntype = \"u16\"\nscale = \"1/0\""), &[(6, "this is no scale")]);
    check_point(&format!("{name}address = 1\ntype = \"u16\"\nscale = -1"), &[(6, "this is no scale")]);
    check_point(
        &format!("{name}address = 1\ntype = \"u16\"\npriority = 5"),
        &[(6, "there is no such priority")],
    );
    check_point(
        &format!("{name}address = 1\ntype = \"u16\"\nvalid = {{ min = 2, max = 1 }}"),
        &[(6, "no value is between these")],
    );
    let coil = "name = \"a\"\narea = \"coil\"\naddress = 1\n";
    check_point(&format!("{coil}type = \"u16\""), &[(5, "coils and discrete inputs hold one bit")]);
    check_point(&format!("{coil}type = \"bool\"\nbits = \"0\""), &[(5, "which bit of the register?")]);
    check_point(
        "name = \"a\"\narea = \"input\"\naddress = 1\ntype = \"u16\"\naccess = \"write\"",
        &[(6, "this area cannot be written")],
    );
}

#[test]
fn words_sentinels_and_simulated_values() {
    let point = "name = \"a\"\narea = \"holding\"\naddress = 1\ntype = \"u16\"\n";
    check_point(&format!("{point}words = {{ one = \"x\" }}"), &[(6, "`one` is no raw code")]);
    check_point(&format!("{point}not_available = \"lost\""), &[(6, "`lost` is no set of sentinels")]);
    check_point(&format!("{point}words = {{ 1 = \"x\" }}\nsimulate = \"y\""), &[(7, "`a` is never `y`")]);
    check_point(&format!("{point}simulate = true"), &[(6, "`a` is never true")]);
    let float = "name = \"a\"\narea = \"holding\"\naddress = 1\ntype = \"f32\"\n";
    check_point(&format!("{float}words = {{ 1 = \"x\" }}"), &[(6, "only whole numbers have words")]);
    let named = |name: &str| format!("name = \"{name}\"\narea = \"holding\"\naddress = 1\ntype = \"u16\"\n");
    check_point(&named("ups.status"), &[(2, "`ups.status` is a word")]);
    check_point(&named("leak.alarm"), &[(5, "`leak.alarm` is true or false")]);
    check_point(
        &format!("{}words = {{ 1 = \"many\" }}", named("transfers")),
        &[(5, "`transfers` is a number")],
    );
}

#[test]
fn ranges() {
    let range = |each: &str| {
        format!(
            "name = \"zone.{{n}}.a\"\narea = \"holding\"\naddress = 60000\ntype = \"u16\"\neach = {{ {each} }}\n"
        )
    };
    check_point(&range("from = 1, to = \"many\""), &[]);
    check_point(&range("from = 1, to = \"few\""), &[(6, "`few` is no option")]);
    check_point(&range("from = 3, to = 2"), &[(6, "3 to 2 is no range")]);
    check_point(&range("from = 1, to = 60000"), &[(6, "1 to 60000 is no range")]);
    check_point(&range("from = 1, to = \"many\", max = 2"), &[(6, "3 is too many for `zone.{n}.a`")]);
    check_point(&range("from = 1, to = 3, address_step = 3000"), &[(4, "the address runs over 65535")]);
    check_point(
        "name = \"a\"\narea = \"holding\"\naddress = 1\ntype = \"bool\"\nbits = \"14\"\neach = { from = 1, to = 3, bit_step = 1 }",
        &[(2, "a range needs `{n}` in its name")],
    );
    check_point(
        "name = \"a.{n}\"\narea = \"holding\"\naddress = 1\ntype = \"bool\"\nbits = \"14\"\neach = { from = 1, to = 3, bit_step = 1 }",
        &[(6, "`14` are no bits of 16")],
    );
}

#[test]
fn derived_points() {
    let rules = |rules: &str| format!("[[derived]]\nname = \"fire.alarm\"\nrules = [{rules}]\n");
    check_added(&rules("{ if = \"temperature\", above = 90, is = true }, { else = false }"), &[]);
    check_added(&rules("{ if = \"smoke\", is = true }"), &[(3, "`smoke` is no point defined before")]);
    check_added(&rules("{ if = \"temperature\", is = true }"), &[(3, "`temperature` is never true")]);
    check_added(
        &rules("{ if = \"temperature\", equals = 1, above = 2, is = true }"),
        &[(3, "a condition has one test")],
    );
    check_added(
        &rules("{ if = \"temperature\", any = \"t*\", is = true }"),
        &[(3, "a condition names one of `if`, `any`, `all`")],
    );
    check_added(&rules("{ if = \"temperature\", above = 2 }"), &[(3, "a rule gives no value")]);
    check_added(&rules("{ else = \"yes\" }"), &[(3, "`fire.alarm` cannot be `yes`")]);
    check_added("[[derived]]\nname = \"alarm.a\"\nrules = []\n", &[(2, "`alarm.a` has no text")]);
}

#[test]
fn limits_identity_and_examples() {
    check_added(
        "[limits]\nmax_registers = 126\nmax_bits = 0\ntimeout_ms = 0\n",
        &[
            (2, "`max_registers` cannot be 126"),
            (3, "`max_bits` cannot be 0"),
            (4, "`timeout_ms` cannot be 0"),
        ],
    );
    check_added("[identity]\npoint = \"maker\"\nis = 1\n", &[(3, "`maker` is no point of this profile")]);
    check_added(
        "[identity]\npoint = \"temperature\"\nis = \"warm\"\n",
        &[(3, "`temperature` is never `warm`")],
    );
    check_added(
        "[[identification]]\nobject = 0x7F\nwhat = \"w\"\nsimulate = 1.5\n\
         [[identification]]\nobject = 0x80\nwhat = \"w\"\nsimulate = true\n\
         [[identification]]\nobject = 0x80\nwhat = \"w\"\nsimulate = \"é\"\n",
        &[
            (2, "object 127 is not the vendor's to define"),
            (4, "an object cannot tell 1.5"),
            (8, "an object cannot tell true"),
            (10, "object 128 is there twice"),
            (12, "an object cannot tell `é`"),
        ],
    );
    check_added(
        "[[golden]]\nwhat = \"w\"\nframes = []\nexpect = { temperature = true, humidity = 1 }\nnot_available = [\"x\"]\n",
        &[
            (4, "`humidity` is no point of this profile"),
            (4, "`temperature` is never true"),
            (5, "`x` is no point of this profile"),
        ],
    );
}

#[test]
fn options_of_a_device() {
    let text = format!(
        "{SOUND}[[point]]\nname = \"a.{{n}}\"\narea = \"holding\"\naddress = 0\ntype = \"u16\"\neach = {{ from = 1, to = \"many\", max = 9, address_step = 1 }}\n"
    );
    let profile = Profile::parse("x.toml", &text).expect("sound");
    let points = |name: &str, value: u16| {
        profile.map(&BTreeMap::from([(name.to_owned(), value)])).map(|map| map.points.len())
    };
    assert_eq!(points("many", 5), Ok(6));
    assert_eq!(points("many", 10), Err("10 is too many for `a.{n}`; at most 9".to_owned()));
    assert_eq!(points("few", 1), Err("option `few` is unknown; profile `x` has: many".to_owned()));
}

/// A built-in profile in which one stretch is cut out, doubled or overwritten.
fn mutated() -> impl Strategy<Value = String> {
    let files: Vec<String> =
        BUILT_IN.files().map(|(_, text)| text).filter(|text| text.len() < 20_000).collect();
    (prop::sample::select(files), any::<prop::sample::Index>(), 0..60_usize, "[\\PC\n]{0,12}", any::<bool>())
        .prop_map(|(text, start, length, insert, keep)| {
            let characters: Vec<char> = text.chars().collect();
            let start = start.index(characters.len());
            let end = (start + length).min(characters.len());
            let resume = if keep { start } else { end };
            let (before, after) = (&characters[..start], &characters[resume..]);
            before.iter().chain(&insert.chars().collect::<Vec<_>>()).chain(after).collect()
        })
}

/// Whatever was read, showing it (problems with their lines, or the points) must not panic either.
fn load(text: &str) {
    match Profile::parse("x.toml", text) {
        Ok(profile) => drop(profile.map(&BTreeMap::new())),
        Err(problems) => assert!(!problems.to_string().is_empty()),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_loaded_or_refused(text in "\\PC*") {
        load(&text);
    }

    #[test]
    fn a_mutated_profile_is_loaded_or_refused(text in mutated()) {
        load(&text);
    }
}

#[test]
fn of_many_problems_the_first_are_shown() {
    let text = "[[point]]\nx = 1\n".repeat(80);
    let wrong = Profile::parse("many.toml", &text).err().unwrap_or_else(|| panic!("it is wrong"));
    let shown = wrong.to_string();
    assert!(wrong.problems.len() > 80, "all are counted: {}", wrong.problems.len());
    assert_eq!(shown.matches("error: ").count(), 50);
    assert!(shown.ends_with(&format!("and {} more: put these right first", wrong.problems.len() - 50)));
}
