//! Whatever bytes come back over Modbus TCP: the line's task takes them, through its framing and the client library, without
//! a panic, and goes on asking. The first byte says how the others are cut into answers.
#![no_main]

use hallward::model::Plant;
use hallward_fuzz::{plant, poll};
use libfuzzer_sys::fuzz_target;

thread_local! {
    static PLANT: Plant = plant("tcp = \"h:502\"");
}

fuzz_target!(|bytes: &[u8]| PLANT.with(|plant| poll(plant, bytes)));
