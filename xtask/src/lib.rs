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
#[allow(dead_code, reason = "the commands that ask a forge are built beside it")]
mod forge;
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
    /// Nothing can be done now but to wait.
    Waiting,
    /// Somebody can do a step of a release now.
    Turn,
}

impl Outcome {
    /// Every outcome, with the exit code of the run and the meaning of the code, as the reference prints it.
    const ALL: [(Self, u8, &str); 9] = [
        (Self::Done, 0, "done, or nothing to do"),
        (Self::Refused, 1, "a precondition does not hold, findings, or something is left for a person to do"),
        (Self::Usage, 2, "usage, environment, or I/O; also where a registry could not be asked"),
        (Self::Unknown, 2, "usage, environment, or I/O; also where a registry could not be asked"),
        (Self::Absent, 3, "a client is not published"),
        (
            Self::Lagging,
            4,
            "a client is published in part: in one registry and not in the other, or without a wheel or an sdist",
        ),
        (Self::Yanked, 5, "a client was published and taken back"),
        (Self::Waiting, 6, "`status`: every open step of the release waits, for a day or for others"),
        (Self::Turn, 7, "`status`: a step of the release can be done now, by a command or by a person"),
    ];

    /// Returns the exit code.
    fn code(self) -> u8 {
        Self::ALL.into_iter().find(|(outcome, ..)| *outcome == self).map_or(2, |(_, code, _)| code)
    }
}

#[cfg(test)]
mod tests {
    use super::Outcome;

    #[test]
    fn every_outcome_has_its_exit_code() {
        for (place, (outcome, code, _)) in Outcome::ALL.into_iter().enumerate() {
            assert_eq!((outcome as usize, outcome.code()), (place, code));
        }
    }
}
