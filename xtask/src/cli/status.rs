//! The words of `release status`.

use clap::Args;
use release_core::problem::Problem;
use release_core::version::Release;

#[derive(Clone, Debug, Args)]
pub(crate) struct Status {
    /// The release whose steps are shown, X.Y.Z or X.Y.ZrcN [default: all lines]
    #[arg(value_name = "X.Y.Z")]
    pub(crate) version: Option<String>,
}

impl Status {
    /// Reads the release.
    ///
    /// # Errors
    /// When it is none.
    pub(crate) fn release(&self) -> Result<Option<Release>, Problem> {
        let read = |text: &String| Release::parse(text).map_err(|error| Problem::new(error.to_string(), ""));
        self.version.as_ref().map(read).transpose()
    }
}
