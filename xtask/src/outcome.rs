//! The end of a run.

/// The end of a run, when nothing went wrong on the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
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
