//! Whatever stands in a profile: it loads or is told with its lines, and nothing panics. What loads can be written
//! out as a map and reads the same twice.
#![no_main]

use hallward_profiles::Profile;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    match Profile::parse("profile.toml", text) {
        Ok(profile) => {
            let maps = [profile.map(&profile.options), profile.map(&profile.options)];
            assert_eq!(format!("{:?}", maps[0]), format!("{:?}", maps[1]));
        }
        Err(problems) => assert!(!problems.problems.is_empty() && !problems.to_string().is_empty()),
    }
});
