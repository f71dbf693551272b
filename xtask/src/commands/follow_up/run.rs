//! The run of `post` or `relock`: its words, and which of the two it is.

use crate::cli::{CommitFlags, Global, RegistryFlags};
use crate::output::command_line;
use release_core::version::Release;

/// The words that both commands share once their words are read.
#[derive(Clone, Copy)]
pub(crate) struct Run<'a> {
    pub(crate) global: &'a Global,
    pub(crate) commit: &'a CommitFlags,
    pub(crate) registries: &'a RegistryFlags,
    pub(crate) command: Command,
}

/// One of the two commands.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Command {
    /// `post`, after this release.
    Post(Release),
    /// `relock`, in the checkout where `writes` is set.
    Relock { writes: bool },
}

impl Run<'_> {
    /// Tells whether files of the checkout are written.
    pub(crate) fn writes(&self) -> bool {
        self.command == Command::Relock { writes: true }
    }

    /// Tells whether it is `post`.
    pub(crate) fn is_post(&self) -> bool {
        matches!(self.command, Command::Post(_))
    }

    /// The command that makes what this one has shown.
    pub(crate) fn again(&self) -> String {
        let line = command_line();
        let words: Vec<&str> = line.split(' ').filter(|word| !["--dry-run", "-n"].contains(word)).collect();
        words.join(" ") + if self.commit.commit || self.writes() { "" } else { " --commit" }
    }
}
