//! `release completions SHELL`: the script by which a shell completes the words of this tool.

use crate::{Outcome, output};
use clap_complete::{Shell, generate};

/// The binary whose words are completed: those that follow `cargo` are cargo's own to complete.
const BINARY: &str = "cargo-xtask";

/// A name for functions of bash: of one with a hyphen, `clap_complete` 4.6.11 writes the subcommands in two ways, and finds none.
const IN_BASH: &str = "cargo_xtask";

/// Prints the script.
pub(super) fn run(shell: Shell, grammar: clap::Command) -> Outcome {
    let name = if shell == Shell::Bash { IN_BASH } else { BINARY };
    let mut script = Vec::new();
    generate(shell, &mut grammar.name(name), name, &mut script);
    let script = String::from_utf8_lossy(&script);
    // The last word of `complete` is the binary.
    output::lines(&script.replace(&format!(" {IN_BASH}\n"), &format!(" {BINARY}\n")));
    Outcome::Done
}
