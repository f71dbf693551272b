//! `cargo xtask`, through the alias in `.cargo/config.toml`.

fn main() -> std::process::ExitCode {
    xtask::main(std::env::args_os())
}
