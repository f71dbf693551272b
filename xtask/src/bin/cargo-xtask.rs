//! `cargo xtask` in any checkout, when this is installed: cargo runs `cargo-xtask xtask ...`.

fn main() -> std::process::ExitCode {
    let mut words: Vec<_> = std::env::args_os().collect();
    if words.get(1).is_some_and(|word| word == "xtask") {
        words.remove(1);
    }
    xtask::entry::main(words)
}
