//! The shell around the release tool: reads the command line, observes the world, carries actions out, and shows what
//! happened. What is right and wrong is decided in `release-core`.

mod checkout;
mod cli;
mod commands;
mod dev;
mod directory;
mod duration;
mod effects;
mod outcome;
mod output;
mod registry;
mod remote;
mod sandbox;
mod stop;

pub(crate) use outcome::Outcome;

use clap::Parser;
use release_core::git::GitError;
use std::ffi::OsString;
use std::process::ExitCode;

/// Runs the tool. The exit code is decided here and nowhere else: 0 done, 1 refused, 2 usage, environment or
/// I/O; 3 to 5 say how a client is not published.
pub fn main(words: impl IntoIterator<Item = OsString>) -> ExitCode {
    let code = match cli::Cli::try_parse_from(words) {
        Ok(cli) => code(stop::shown(commands::run(cli))),
        // Help and the version end with 0, a mistake with 2.
        Err(said) => output::usage(&said),
    };
    ExitCode::from(output::ended(code))
}

fn code(ended: anyhow::Result<Outcome>) -> u8 {
    match ended {
        Ok(Outcome::Done) => 0,
        Ok(Outcome::Refused) => 1,
        Ok(Outcome::Usage | Outcome::Unknown) => 2,
        Ok(Outcome::Absent) => 3,
        Ok(Outcome::Lagging) => 4,
        Ok(Outcome::Yanked) => 5,
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
