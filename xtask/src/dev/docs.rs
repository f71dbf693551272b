//! `cargo xtask docs`: the parts of `docs/` that are generated from the code.

use crate::Outcome;
use crate::cli::Cli;
use crate::output;
use anyhow::Context;
use clap::{Command, CommandFactory};
use std::fmt::Write;
use std::fs;

/// Where the command reference is.
const REFERENCE: &str = "docs/cli.md";

/// Writes the generated pages, or says which are out of date.
pub(crate) fn run(check: bool) -> anyhow::Result<Outcome> {
    let path = super::workspace().join(REFERENCE);
    let wanted = reference();
    if fs::read_to_string(&path).unwrap_or_default() == wanted {
        return Ok(Outcome::Done);
    }
    if check {
        output::note(&format!("{REFERENCE} is out of date; `cargo xtask docs` writes it"));
        return Ok(Outcome::Refused);
    }
    fs::write(&path, wanted).with_context(|| format!("could not write {path}"))?;
    output::note(&format!("wrote {REFERENCE}"));
    Ok(Outcome::Done)
}

/// The command reference: the help of every command.
pub(crate) fn reference() -> String {
    let mut text =
        String::from("# Command reference\n\nGenerated from `xtask/src/cli.rs` by `cargo xtask docs`; do not edit.\n");
    let mut root = Cli::command().term_width(100);
    root.build();
    section(&mut text, &root, &[]);
    text
}

fn section(text: &mut String, command: &Command, parents: &[&str]) {
    let path = [parents, &[command.get_name()]].concat();
    let help = command.clone().term_width(100).color(clap::ColorChoice::Never).render_long_help().to_string();
    let help: Vec<&str> = help.trim_end().lines().map(str::trim_end).collect();
    // Writing to a string cannot fail.
    let _ =
        write!(text, "\n{} `{}`\n\n```text\n{}\n```\n", "#".repeat(path.len() + 1), path.join(" "), help.join("\n"));
    for command in command.get_subcommands().filter(|command| command.get_name() != "help") {
        section(text, command, &path);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_reference_is_up_to_date() {
        assert!(run(true).unwrap() == Outcome::Done, "run `cargo xtask docs`");
    }

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }
}
