//! Names of a hall's own things in scenarios for any hall: `@door.1` is its first door, `@cooling.2` its second cooling
//! unit, `@person.1` the first of its simulated people, `@room.1` its first room.
//!
//! Who calls it: `runs`, before a scenario starts. Order is that of the site file; any class of device is a kind.

use hallward_site::Site;
use serde_json::Value;

use crate::Action;

/// `action` with the names of this hall in place of such.
///
/// # Errors
/// Which name the hall has nothing for.
pub(super) fn resolved(action: &Action, site: &Site) -> Result<Action, String> {
    let mut written = serde_json::to_value(action).map_err(|error| error.to_string())?;
    for value in written.as_object_mut().into_iter().flat_map(|keys| keys.values_mut()) {
        let Some(wanted) = value.as_str().and_then(|text| text.strip_prefix('@')) else { continue };
        let found =
            named(wanted, site).ok_or_else(|| format!("this hall has no `@{}`", wanted.escape_debug()))?;
        *value = Value::String(found);
    }
    serde_json::from_value(written).map_err(|error| error.to_string())
}

fn named(wanted: &str, site: &Site) -> Option<String> {
    let (kind, number) = wanted.rsplit_once('.')?;
    let n = number.parse::<usize>().ok()?.checked_sub(1)?;
    match kind {
        "door" => site.doors.get(n).map(|door| door.id.to_string()),
        "person" => site.simulation.person.get(n).map(|person| person.id.to_string()),
        "room" => site.rooms.get(n).map(|room| room.id.to_string()),
        "source" => site.sources.get(n).map(|source| source.id.to_string()),
        class => {
            let is_of = |device: &&hallward_site::Device| {
                serde_json::to_value(device.profile.class).is_ok_and(|name| name == class)
            };
            site.devices.iter().filter(is_of).nth(n).map(|device| device.id.to_string())
        }
    }
}
