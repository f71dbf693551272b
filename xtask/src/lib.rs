//! The shell around the release tool: reads the command line, observes the world, carries actions out, and shows what
//! happened. What is right and wrong is decided in `release-core`.

mod checkout;
mod cli;
mod clock;
mod commands;
mod dev;
mod directory;
mod duration;
mod effects;
pub mod entry;
mod output;
mod registry;
mod remote;
mod sandbox;
mod stop;

/// The end of a run in which nothing went wrong on the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    /// Done, or nothing to do.
    Done,
    /// Findings, or a precondition that does not hold.
    Refused,
    /// The command line makes no sense.
    Usage,
    /// A registry could not be asked.
    Unknown,
    /// A client is not published.
    Absent,
    /// A client is published in part: in one registry and not in another, or not with all of its files.
    Lagging,
    /// A client was published and taken back.
    Yanked,
}
