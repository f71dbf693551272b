//! The words of `release verify`.

use super::ask::AskFlags;
use clap::Args;
use release_core::problem::Problem;
use release_core::version::Release;

#[derive(Clone, Debug, Args)]
pub(crate) struct Verify {
    /// The release, or the candidate
    pub(crate) version: String,
    /// Wait until everything is published, at most this long: 90s, 15m, 1h
    #[arg(long, value_name = "TIME", value_parser = crate::duration::read)]
    pub(crate) wait: Option<std::time::Duration>,
    #[command(flatten)]
    pub(crate) ask: AskFlags,
}

impl Verify {
    /// Reads the release.
    ///
    /// # Errors
    /// When it is none.
    pub(crate) fn release(&self) -> Result<Release, Problem> {
        Release::parse(&self.version).map_err(|error| Problem::new(error.to_string(), "write it as X.Y.Z or X.Y.ZrcN"))
    }
}
