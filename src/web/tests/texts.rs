//! Every text that the pages ask for is in the catalogues (which are checked against each other in `model`).

use std::{fs, path::Path};

use hallward_profiles::vocabulary::{Kind, NAMES};

use crate::{
    access::{SETTINGS, setting_words},
    model::{
        BadgeState, Certainty, Class, Direction, DoorMode, Escort, Language, PortalState, Quality, Right,
        Texts,
    },
    web::{
        Order,
        hall::{Live, tiles},
        testing,
    },
};

fn sources(folder: &Path, found: &mut Vec<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.ends_with("tests") {
            sources(&path, found);
        } else if path.extension().is_some_and(|kind| kind == "rs" || kind == "html") {
            found.push(fs::read_to_string(&path).unwrap());
        }
    }
}

/// The literal keys of `say("…")`, `of("…"`, `with("…"`, `Phrase::new("…")`, `named("…"` and of arms ending in `=> "…"`.
fn keys_in(source: &str) -> Vec<String> {
    let openings =
        ["say(\"", "words.of(\"", "words.with(\"", "Phrase::new(\"", "named(\"", "=> \"", "key: \""];
    let mut keys = Vec::new();
    for opening in openings {
        for (at, _) in source.match_indices(opening) {
            let rest = &source[at + opening.len()..];
            let key = rest.split('"').next().unwrap();
            let is_key = key.contains('-')
                && key.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
            let is_whole = rest[key.len()..].starts_with('"');
            if is_key && is_whole {
                keys.push(key.to_owned());
            }
        }
    }
    keys
}

fn assert_known(key: &str) {
    let texts = Texts::default();
    for language in Language::ALL {
        assert_ne!(texts.get(language, key), key, "{} has no `{key}`", language.code());
    }
}

#[test]
fn every_key_in_code_and_templates_is_in_the_catalogues() {
    let mut found = Vec::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/web"), &mut found);
    // Words of points and lines, and ids, that look like keys but are none.
    let others = ["on-battery", "pre-discharge", "cooling-down", "text/javascript"];
    // Deeds, orders and settings of doors, by their names in the API.
    let others =
        others.into_iter().chain(SETTINGS.map(|(name, _)| name)).chain(["fire-reset", "clear-alarm"]);
    let others: Vec<_> = others.chain(Order::ALL.map(Order::id)).collect();
    let keys: Vec<_> = found.iter().flat_map(|source| keys_in(source)).collect();
    assert!(keys.len() > 100, "only {} keys found: has the way of asking changed?", keys.len());
    for key in keys.iter().filter(|key| !others.contains(&key.as_str())) {
        assert_known(key);
    }
}

#[test]
fn every_key_made_of_parts_is_in_the_catalogues() {
    for quality in Quality::ALL {
        assert_known(&format!("quality-{quality}"));
    }
    for class in Class::ALL {
        assert_known(&format!("class-{}", class.as_str()));
    }
    for order in Order::ALL {
        assert_known(&format!("order-{}", order.id()));
    }
    for energy in ["live", "dead", "unknown"] {
        for kind in ["source", "load", "line"] {
            assert_known(&format!("{kind}-{energy}"));
        }
    }
    let parts: [(&str, Vec<&str>); 11] = [
        ("may", vec!["first-card", "interlock", "long-unlock", "warning"]),
        ("door-mode", DoorMode::ALL.iter().map(|one| one.as_str()).collect()),
        ("door-state", PortalState::ALL.iter().map(|one| one.as_str()).collect()),
        ("certainty", Certainty::ALL.iter().map(|one| one.as_str()).collect()),
        ("badge", BadgeState::ALL.iter().map(|one| one.as_str()).collect()),
        ("escort", Escort::ALL.iter().map(|one| one.as_str()).collect()),
        ("delivery", Direction::ALL.iter().map(|one| one.as_str()).collect()),
        ("choice", SETTINGS.iter().flat_map(|(_, may)| setting_words(may)).chain(["none"]).collect()),
        ("setting", SETTINGS.iter().map(|(name, _)| *name).collect()),
        ("holder", vec!["active", "suspended", "not-yet", "over", "ended"]),
        ("part", vec!["controller", "clock", "entry-reader", "exit-reader", "hardware"]),
    ];
    for (of, words) in parts {
        words.into_iter().for_each(|word| assert_known(&format!("{of}-{word}")));
    }
    for right in Right::ALL {
        assert_known(&format!("right-{}", right.as_str().replace('.', "-")));
    }
    let words = NAMES.iter().filter_map(|name| match name.kind {
        Kind::Words(words) => Some(words),
        Kind::Quantity(_) | Kind::Number | Kind::Flag => None,
    });
    for word in words.flatten() {
        assert_known(&format!("word-{word}"));
    }
    let plant = testing::plant();
    let snapshot = testing::scene(&plant, &[]);
    for tile in tiles(&Live { plant: &plant, snapshot: &snapshot }) {
        assert_known(&format!("tile-{}", tile.name));
    }
}
