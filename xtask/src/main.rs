//! `cargo xtask`, through the alias in `.cargo/config.toml`.

fn main() -> std::process::ExitCode {
    xtask::entry::main(std::env::args_os())
}
