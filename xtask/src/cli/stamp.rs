//! The words of `release stamp` and `release init`.

use clap::Args;
use release_core::plan::adopt::Fallback;
use release_core::problem::Problem;
use release_core::version::Version;

#[derive(Clone, Debug, Args)]
pub(crate) struct Stamp {
    /// The version, as PEP 440 or npm spell it; with --migrate, what packages fall back on
    #[arg(required_unless_present = "migrate")]
    pub(crate) version: Option<String>,
    /// Move a Python client with a static version to setuptools-scm, and say what npm has instead
    #[arg(long, conflicts_with_all = ["check", "github_env"])]
    pub(crate) migrate: bool,
    /// Only say what is at another version, and fail if anything is, or if a build of the tree would be called otherwise
    #[arg(long)]
    pub(crate) check: bool,
    /// Give the version to the later steps of a GitHub job, by the variable that a build reads, where no file carries the version
    #[arg(long)]
    pub(crate) github_env: bool,
}

#[derive(Clone, Debug, Args)]
pub(crate) struct Init {
    /// Take the packages' versions from setuptools-scm: `dynamic = ["version"]` in place of `version`, the build requirement,
    /// `[tool.setuptools_scm]` with a `fallback_version`; and no version of theirs in `uv.lock`
    #[arg(long)]
    pub(crate) adopt_scm: bool,
    /// The `fallback_version`: X.Y.Z, X.Y.ZrcN or X.Y.Z.devN [default: on a line's branch the patch after its last final, on main
    /// the development version that the packages have, else the one after the highest final]
    #[arg(long, value_name = "X.Y.Z", requires = "adopt_scm")]
    pub(crate) fallback: Option<Fallback>,
}

impl Stamp {
    /// Reads the version that is stamped.
    ///
    /// # Errors
    /// When it is none.
    pub(crate) fn version(&self) -> Result<Version, Problem> {
        let version = Version::parse(self.version.as_deref().unwrap_or_default().trim());
        version.map_err(|error| Problem::new(error.to_string(), "write it as PEP 440 or npm do"))
    }

    /// Reads what packages fall back on, with `--migrate`.
    ///
    /// # Errors
    /// When it is no version that comes next.
    pub(crate) fn fallback(&self) -> Result<Option<Fallback>, Problem> {
        let fallback = self.version.as_deref().map(str::parse::<Fallback>).transpose();
        fallback.map_err(|error| Problem::new(error.to_string(), "give the version that comes next, such as 0.4.5"))
    }
}

impl Init {
    /// Refuses `release init` alone.
    ///
    /// # Errors
    /// When no flag says what is to be moved.
    pub(crate) fn asks(&self) -> Result<(), Problem> {
        match self.adopt_scm {
            true => Ok(()),
            false => Err(Problem::new(
                "`release init` does nothing by itself",
                "`cargo xtask release init --adopt-scm` moves packages with static versions to setuptools-scm",
            )),
        }
    }
}
