//! The words of `release check` and `release audit`.

use super::AskFlags;
use camino::Utf8PathBuf;
use clap::Args;

#[derive(Clone, Debug, Args)]
pub(crate) struct Check {
    /// Check this revision instead of the work tree, without checking it out
    #[arg(long, value_name = "REV", conflicts_with = "write_baseline")]
    pub(crate) rev: Option<String>,
    /// Judge the tree as one of this branch [default: in a workflow the branch it runs for, else the current one if it is main
    /// or a line's, else that of its tag, else the nearest]
    #[arg(long, value_name = "NAME")]
    pub(crate) branch: Option<String>,
    /// Make the safe fixes
    #[arg(long, conflicts_with_all = ["rev", "write_baseline"])]
    pub(crate) fix: bool,
    /// Make the unsafe fixes too
    #[arg(long, conflicts_with_all = ["rev", "write_baseline"])]
    pub(crate) unsafe_fixes: bool,
    /// Show what the fixes would change, and change nothing
    #[arg(long, conflicts_with_all = ["rev", "write_baseline"])]
    pub(crate) diff: bool,
    /// Ask the registries which versions of packages and clients are published: the index of the environment
    /// (`UV_DEFAULT_INDEX`, `UV_INDEX_URL`, `PIP_INDEX_URL`), else of release.toml, else of `uv.lock`; the registry of npm's own
    /// configuration, else of `package-lock.json`
    #[arg(long, conflicts_with = "offline")]
    pub(crate) online: bool,
    #[command(flatten)]
    pub(crate) ask: AskFlags,
    /// Fail on warnings too
    #[arg(long)]
    pub(crate) deny_warnings: bool,
    #[command(flatten)]
    pub(crate) accepted: BaselineFlags,
    #[command(flatten)]
    pub(crate) levels: LevelFlags,
}

#[derive(Clone, Debug, Args)]
pub(crate) struct Audit {
    /// Only tags that match, with `*` and `?`, such as `v0.4.*`
    #[arg(long, value_name = "GLOB")]
    pub(crate) tags: Option<String>,
    /// Only tags made on this day or later (YYYY-MM-DD)
    #[arg(long, value_name = "DATE")]
    pub(crate) since: Option<String>,
    /// Ask the registries which versions of packages and clients are published, as `check --online` does
    #[arg(long, conflicts_with = "offline")]
    pub(crate) online: bool,
    #[command(flatten)]
    pub(crate) ask: AskFlags,
    /// Fail on warnings too
    #[arg(long)]
    pub(crate) deny_warnings: bool,
    #[command(flatten)]
    pub(crate) accepted: BaselineFlags,
    #[command(flatten)]
    pub(crate) levels: LevelFlags,
}

/// Findings that are accepted until they are mended.
#[derive(Clone, Debug, Args)]
pub(crate) struct BaselineFlags {
    /// Accept the findings that this file lists, and fail on others [default: release-baseline.toml at the root, where there
    /// is one]
    #[arg(long, value_name = "FILE")]
    pub(crate) baseline: Option<Utf8PathBuf>,
    /// Write what is found today into the baseline, and drop from it what is gone
    #[arg(long)]
    pub(crate) write_baseline: bool,
    /// With --write-baseline: why new findings may stay
    #[arg(long, value_name = "TEXT", requires = "write_baseline")]
    pub(crate) reason: Option<String>,
}

/// Levels of rules by flag.
#[derive(Clone, Debug, Args)]
pub(crate) struct LevelFlags {
    /// Do not look for a rule's findings
    #[arg(long, value_name = "RULE")]
    pub(crate) ignore: Vec<String>,
    /// Make a rule's findings warnings
    #[arg(long, value_name = "RULE")]
    pub(crate) warn: Vec<String>,
    /// Make a rule's findings errors
    #[arg(long, value_name = "RULE")]
    pub(crate) error: Vec<String>,
}
