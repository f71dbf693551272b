//! The words of `release check` and `release audit`.

use super::ask::AskFlags;
use camino::Utf8PathBuf;
use clap::Args;
use release_core::calendar::Day;
use release_core::problem::Problem;

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
    #[command(flatten)]
    pub(crate) judged: JudgeFlags,
}

#[derive(Clone, Debug, Args)]
pub(crate) struct Audit {
    /// Only tags that match, with `*` and `?`, such as `v0.4.*`
    #[arg(long, value_name = "GLOB")]
    pub(crate) tags: Option<String>,
    /// Only tags made on this day or later (YYYY-MM-DD)
    #[arg(long, value_name = "DATE")]
    pub(crate) since: Option<String>,
    #[command(flatten)]
    pub(crate) judged: JudgeFlags,
}

impl Audit {
    /// Reads the day of `--since`, as the moment at which it begins, in UTC.
    ///
    /// # Errors
    /// When it is no day.
    pub(crate) fn since(&self) -> Result<Option<i64>, Problem> {
        self.since.as_deref().map(start_of_day).transpose()
    }
}

/// Reads `YYYY-MM-DD` as the moment at which that day begins, in UTC.
fn start_of_day(text: &str) -> Result<i64, Problem> {
    let wrong = || Problem::new(format!("`{text}` is not a day"), "write it as YYYY-MM-DD, such as 2026-01-31");
    Day::parse(text).map(Day::start).ok_or_else(wrong)
}

/// The part that `check` and `audit` share: whom to ask, what fails, which findings are accepted, levels of rules.
#[derive(Clone, Debug, Args)]
pub(crate) struct JudgeFlags {
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
#[derive(Clone, Debug, Default, Args)]
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_read_as_they_are_written() {
        for text in ["1970-01-01", "2000-02-29", "2026-01-31", "2025-12-31"] {
            assert_eq!(release_checks::past::day(start_of_day(text).unwrap()), text);
        }
        for text in ["2026-02-30", "2026-13-01", "2026-1-1", "yesterday", "", "2026-01-01T00", "٢٠٢٦-01-01"] {
            assert!(start_of_day(text).is_err(), "{text}");
        }
    }
}
