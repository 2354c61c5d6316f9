//! Whatever stands in a site file: it loads or is told with its lines, and nothing panics. What loads holds together.
#![no_main]

use std::sync::LazyLock;

use hallward_profiles::Library;
use hallward_site::Site;
use libfuzzer_sys::fuzz_target;

static LIBRARY: LazyLock<Library> = LazyLock::new(|| Library::load(None).expect("the built-in profiles are sound"));

fuzz_target!(|text: &str| {
    match Site::parse("site.toml", text, &LIBRARY) {
        Ok(site) => {
            assert!(site.web.listen.ip().is_loopback());
            for device in &site.devices {
                assert!(device.line < site.lines.len());
                assert!(device.room.is_none_or(|room| room < site.rooms.len()));
            }
            for feed in &site.feeds {
                assert!(site.node_id(feed.from).is_some() && site.node_id(feed.to).is_some());
            }
        }
        Err(problems) => assert!(!problems.problems.is_empty() && !problems.to_string().is_empty()),
    }
});
