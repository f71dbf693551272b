//! The words of `release post` and `release relock`.

use super::ask::AskFlags;
use clap::{Args, ValueEnum};
use release_core::manifest::requirement::canonical_name;
use release_core::plan::relock::Wanted;
use release_core::problem::Problem;
use release_core::version::{Release, Version};

#[derive(Clone, Debug, Args)]
pub(crate) struct Post {
    /// The release, which is tagged and published
    pub(crate) version: String,
    /// Do one part alone
    #[arg(long, value_enum, value_name = "PART")]
    pub(crate) only: Option<Part>,
    #[command(flatten)]
    pub(crate) commit: CommitFlags,
    #[command(flatten)]
    pub(crate) registries: RegistryFlags,
}

/// The parts of what follows a release.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Part {
    /// The next development version, and what else release.toml wants there
    Main,
    /// The lockfiles on the line's branch
    Line,
}

#[derive(Clone, Debug, Args)]
pub(crate) struct Relock {
    /// The client and its version [default: every client, at the version that the manifests pin]
    #[arg(value_name = "CLIENT==X.Y.Z")]
    pub(crate) client: Option<String>,
    /// The branch whose lockfiles are meant [default: the current one]
    #[arg(long, value_name = "NAME", conflicts_with = "write")]
    pub(crate) branch: Option<String>,
    /// Edit the lockfiles of the checkout
    #[arg(long, conflicts_with = "commit")]
    pub(crate) write: bool,
    #[command(flatten)]
    pub(crate) commit: CommitFlags,
    #[command(flatten)]
    pub(crate) registries: RegistryFlags,
}

/// The place that edits to other branches go to.
#[derive(Clone, Debug, Args)]
pub(crate) struct CommitFlags {
    /// Commit the edits, each branch's to a branch of its own (`post-release-vX.Y.Z-BRANCH`), without touching the checkout
    #[arg(long)]
    pub(crate) commit: bool,
    /// With --commit: commit on the branches themselves
    #[arg(long, requires = "commit")]
    pub(crate) direct: bool,
    /// With --commit: sign the commits off
    #[arg(short, long, requires = "commit")]
    pub(crate) signoff: bool,
}

/// The way in which registries are asked, and who writes lockfiles.
#[derive(Clone, Debug, Args)]
pub(crate) struct RegistryFlags {
    /// Wait until the clients are published, at most this long: 90s, 15m, 1h
    #[arg(long, value_name = "TIME", value_parser = crate::duration::read)]
    pub(crate) wait: Option<std::time::Duration>,
    /// Let npm and uv write the lockfiles, also where the edits are known without them. They are given a copy of the manifests and
    /// lockfiles alone, and build nothing (docs/tools.md); without this no tool is started
    #[arg(long)]
    pub(crate) with_tools: bool,
    #[command(flatten)]
    pub(crate) ask: AskFlags,
}

impl Post {
    /// Reads the release.
    ///
    /// # Errors
    /// When it is none, or a candidate.
    pub(crate) fn release(&self) -> Result<Release, Problem> {
        let release = Release::parse(&self.version).map_err(|error| Problem::new(error.to_string(), ""))?;
        match release.is_candidate() {
            true => Err(Problem::new(
                format!("{release} is a candidate, which nothing follows: main and the lockfiles stay as they are"),
                format!("`cargo xtask release post {}`, once that is published", release.base()),
            )),
            false => Ok(release),
        }
    }
}

impl Relock {
    /// Reads the client and its version.
    ///
    /// # Errors
    /// When it is not `CLIENT==X.Y.Z`.
    pub(crate) fn client(&self) -> Result<Option<Wanted>, Problem> {
        let Some(text) = &self.client else { return Ok(None) };
        let problem = |message: String| Problem::new(message, "write `CLIENT==X.Y.Z`, such as `meadow-client==0.4.5`");
        let (name, version) =
            text.split_once("==").ok_or_else(|| problem(format!("`{text}` names no version of a client")))?;
        let is_name = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        if name.trim().is_empty() || !name.trim().chars().all(is_name) {
            return Err(problem(format!("`{}` is not the name of a package", name.trim())));
        }
        let version = Version::parse(version.trim()).map_err(|error| problem(error.to_string()))?;
        Ok(Some(Wanted { client: canonical_name(name.trim()), version }))
    }
}
