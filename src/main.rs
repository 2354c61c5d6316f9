//! The `hallward` program; everything is in the library.

fn main() -> std::process::ExitCode {
    hallward::cli::main()
}
