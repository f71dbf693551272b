//! `cargo xtask ci`: everything that must hold, in the order in which it fails fastest.

use crate::{Outcome, output};
use xshell::{Shell, cmd};

pub(crate) fn run(grammar: clap::Command) -> anyhow::Result<Outcome> {
    let shell = Shell::new()?;
    shell.change_dir(super::workspace());
    cmd!(shell, "cargo fmt --all --check").run()?;
    let counted = super::lines::count(&super::workspace())?;
    let shown: Vec<String> = counted.iter().map(|(name, lines)| format!("{name} {lines}")).collect();
    let all: usize = counted.iter().map(|(_, lines)| lines).sum();
    output::note(&format!("{all} lines of code: {}", shown.join(", ")));
    cmd!(shell, "cargo clippy --workspace --all-targets --locked -- --deny warnings").run()?;
    if super::docs::run(true, grammar)? != Outcome::Done {
        return Ok(Outcome::Refused);
    }
    {
        let _documented = shell.push_env("RUSTDOCFLAGS", "--deny warnings");
        cmd!(shell, "cargo doc --workspace --no-deps --locked --quiet").run()?;
    }
    // What takes too long for everybody's every run is done here.
    let _thorough = shell.push_env("RELEASE_TESTS_THOROUGH", "1");
    // The README's test command.
    cmd!(shell, "cargo test --workspace --locked").run()?;
    cmd!(shell, "cargo test --package xtask --test e2e --locked -- --ignored").run()?;
    Ok(Outcome::Done)
}
