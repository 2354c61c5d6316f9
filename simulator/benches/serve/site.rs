//! Halls to be measured, as site files.

use std::fmt::Write;

/// A hall of 200 devices that have 100 registers and more in one piece: how many of each, with the profile, the
/// function to read it by and the first of 100 registers.
pub(crate) const LARGE: [(u16, Kind); 6] = [
    (40, Kind { profile: "apc-smart-ups", function: 3, first: 0 }),
    (60, Kind { profile: "eastron-sdm630", function: 4, first: 0 }),
    (40, Kind { profile: "dataaire-dap4", function: 4, first: 1 }),
    (56, Kind { profile: "teracom-tst300v2", function: 3, first: 10 }),
    (2, Kind { profile: "dse-gencomm", function: 3, first: 1024 }),
    (2, Kind { profile: "socomec-atys-p-m", function: 3, first: 20480 }),
];

/// Devices of one profile, and what is read of them.
#[derive(Clone, Copy)]
pub(crate) struct Kind {
    pub(crate) profile: &'static str,
    pub(crate) function: u8,
    pub(crate) first: u16,
}

/// Each device of [`LARGE`], in the order of its lines.
pub(crate) fn devices() -> impl Iterator<Item = Kind> {
    LARGE.into_iter().flat_map(|(count, kind)| (0..count).map(move |_| kind))
}

/// The site file of [`LARGE`]: each device behind an address of its own.
pub(crate) fn large() -> String {
    let mut text = "[site]\nid = \"large\"\nname = \"200 devices\"\ntime_zone = \"UTC\"\n\
                    [[room]]\nid = \"room\"\nname = \"Room\"\n[simulation]\nit_load_w = 1e6\n"
        .to_owned();
    for (n, Kind { profile, .. }) in devices().enumerate() {
        write!(
            text,
            "[[line]]\nid = \"line-{n:03}\"\ntcp = \"device-{n}.test:502\"\n\
             [[device]]\nid = \"device-{n:03}\"\nline = \"line-{n:03}\"\nunit = 1\nprofile = \"{profile}\"\n\
             room = \"room\"\n"
        )
        .expect("a text takes all");
    }
    text
}
