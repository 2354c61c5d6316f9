//! The profiles are built into the crate: a file that is added or taken away makes it another one.

fn main() {
    println!("cargo::rerun-if-changed=profiles");
}
