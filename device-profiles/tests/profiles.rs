//! Every built-in profile loads and is fit for use; the schema and the README say what the code says.

use hallward_profiles::{BUILT_IN, Profile};

#[test]
fn every_profile_loads() {
    let wrong: Vec<_> = BUILT_IN
        .files()
        .filter_map(|(path, text)| Profile::parse(&path, &text).err())
        .map(|problems| problems.to_string())
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}
