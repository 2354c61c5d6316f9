//! Every profile's worked examples: raw words → expected values, through the gateway's own decoder and rules.

use hallward::logic::golden;
use hallward_profiles::Library;

#[test]
fn every_worked_example_decodes_to_its_values() {
    let library = Library::load(None).unwrap_or_else(|wrong| panic!("{}", wrong[0]));
    let (mut wrong, mut checked) = (Vec::new(), 0);
    for profile in library.iter() {
        let outcome = golden::check(profile).unwrap_or_else(|what| panic!("{}: {what}", profile.id));
        checked += outcome.checked;
        wrong.extend(outcome.wrong.iter().map(|mismatch| format!("{}: {mismatch}", profile.id)));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(checked > 100, "only {checked} values were checked");
}
