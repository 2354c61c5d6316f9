//! What is sound in a site file and yet dangerous at a door: told by `hallward check`, and left to the owner.
//!
//! It refuses nothing: where a module can do no better, the manual's chapter on wiring says what the hardware must do.

use hallward_site::{Door, Lock, ReaderAt, Site};

/// A sentence for each danger, in the order of the doors.
#[must_use]
pub fn dangers(site: &Site) -> Vec<String> {
    site.doors.iter().flat_map(|door| of_door(site, door)).collect()
}

fn of_door(site: &Site, door: &Door) -> Vec<String> {
    let mut found = Vec::new();
    if let Some(lock) = &door.lock {
        found.extend(stays_released(site, lock).map(|why| format!("door {}: {why}", door.id)));
    }
    for reader in [&door.reader, &door.exit_reader].into_iter().flatten() {
        let why = match reader {
            ReaderAt::Osdp(reader) if reader.secure => continue,
            ReaderAt::Osdp(_) => {
                "a reader is believed without a secure channel: whoever reaches its wires can read and show any card"
            }
            ReaderAt::Wiegand(_) => {
                "a reader with data wires is neither encrypted nor supervised: whoever reaches its wires can read and show any card"
            }
        };
        found.push(format!("door {}: {why}", door.id));
    }
    found
}

/// Whether a lock could stay released when the program dies.
fn stays_released(site: &Site, lock: &Lock) -> Option<&'static str> {
    match lock.strike.module() {
        Some(point) => {
            let module = site.devices.get(point.device)?;
            (lock.pulse.is_none() && module.safe_state.is_none()).then_some(
                "should this program die while the lock is released, it stays so: give `pulse`, or set a safe state in the \
                 module and give its device `safe_state`",
            )
        }
        None => Some(
            "should this computer stop while the lock is released, its pin may stay as it is: a relay that falls off \
             without pulses, or a door module with a safe state, is safer",
        ),
    }
}

#[cfg(test)]
mod tests {
    use hallward_profiles::Library;

    use super::*;

    fn told(device: &str, door: &str) -> Vec<String> {
        let text = format!(
            "[site]\nid = \"s\"\nname = \"s\"\ntime_zone = \"UTC\"\n[[room]]\nid = \"hall\"\nname = \"Hall\"\n\
             [[line]]\nid = \"io\"\ntcp = \"h:502\"\n[[line]]\nid = \"readers\"\nserial = \"/dev/x\"\nmode = \"osdp\"\n\
             [[device]]\nid = \"door-io\"\nline = \"io\"\nprofile = \"moxa-iologik-e1214\"\n{device}\n\
             [[door]]\nid = \"front\"\nfrom = \"outside\"\nto = \"hall\"\nkind = \"fail-secure\"\n{door}\n"
        );
        let library = Library::load(None).unwrap_or_else(|wrong| panic!("{}", wrong[0]));
        dangers(&Site::parse("site", &text, &library).unwrap_or_else(|wrong| panic!("{wrong}")))
    }

    #[test]
    fn a_lock_that_could_stay_released_and_a_reader_that_could_be_forged_are_told() {
        let strike = "strike = \"door-io/output.0\"";
        let reader = "reader = { line = \"readers\", address = 0 }";
        let pulse = "pulse = \"door-io/output.0.pulsing\"";
        let open = "reader = { line = \"readers\", address = 0, secure = false }";
        let rows: &[(&str, String, &[&str])] = &[
            ("", format!("{strike}\n{reader}"), &["it stays so"]),
            ("safe_state = \"3s\"", format!("{strike}\n{reader}"), &[]),
            ("", format!("{strike}\n{reader}\n{pulse}"), &[]),
            ("", format!("strike = \"pin:gpiochip0/3\"\n{reader}"), &["its pin may stay"]),
            ("safe_state = \"3s\"", format!("{strike}\n{open}"), &["without a secure channel"]),
            (
                "safe_state = \"3s\"",
                format!(
                    "{strike}\n{reader}\nexit_reader = {{ d0 = \"pin:gpiochip0/5\", d1 = \"pin:gpiochip0/6\" }}"
                ),
                &["neither encrypted nor supervised"],
            ),
        ];
        for (device, door, wanted) in rows {
            let told = told(device, door);
            let fits = told.len() == wanted.len()
                && told
                    .iter()
                    .zip(*wanted)
                    .all(|(told, wanted)| told.starts_with("door front: ") && told.contains(wanted));
            assert!(fits, "{device} {door}: wanted {wanted:?}, told {told:?}");
        }
    }
}
