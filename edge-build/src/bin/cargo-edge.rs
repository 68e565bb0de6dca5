//! `cargo edge`: looks at a network, and runs it before there is firmware.

fn main() -> std::process::ExitCode {
    edge_build::cli::main()
}
