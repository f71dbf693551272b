//! The way in: reads the command line, runs what it asks for, and decides the exit code.

use crate::{Outcome, commands, output, stop};
use clap::Parser;
use release_core::git::GitError;
use std::ffi::OsString;
use std::process::ExitCode;

/// Runs the tool. The exit code is decided here and nowhere else, from the outcome.
pub fn main(words: impl IntoIterator<Item = OsString>) -> ExitCode {
    let code = match commands::Cli::try_parse_from(words) {
        Ok(cli) => code(stop::shown(commands::run(cli))),
        // Help and the version end with 0, a mistake with 2.
        Err(said) => output::usage(&said),
    };
    ExitCode::from(output::ended(code))
}

fn code(ended: anyhow::Result<Outcome>) -> u8 {
    match ended {
        Ok(outcome) => outcome.code(),
        Err(error) => {
            output::error(&error);
            ended_by(&error).unwrap_or(2)
        }
    }
}

/// The code of a run that a signal ended, as shells count them.
fn ended_by(error: &anyhow::Error) -> Option<u8> {
    let stopped = error.chain().find_map(|cause| match cause.downcast_ref() {
        Some(GitError::Stopped { signal, .. }) => Some(*signal),
        _ => None,
    });
    u8::try_from(128 + stopped?).ok()
}
