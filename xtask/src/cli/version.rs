//! The words of `release version`.

use super::prepare::reason;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, ValueEnum};
use release_core::build_version::{BuildVersion, Mode};
use release_core::calendar::Day;
use release_core::problem::Problem;
use release_core::scm::Flavor;

#[derive(Clone, Debug, Args)]
pub(crate) struct Naming {
    /// The reason why it is built [default: by the event of the workflow (`GITHUB_EVENT_NAME`: release is `release`, schedule is
    /// `nightly`, `workflow_dispatch` is `test`, `push` and `pull_request` are `build-only`), else `release` where the commit carries a release's tag, else `nightly`]
    #[arg(long, value_enum, value_name = "MODE")]
    pub(crate) mode: Option<BuildMode>,
    /// The version, where a person gives it: X.Y.Z, X.Y.ZrcN or X.Y.Z.devN; an empty one is none, as of an input of a workflow
    #[arg(long, value_name = "X.Y.Z")]
    pub(crate) version: Option<String>,
    /// Publish a version by hand that is not the next one of the commit's line; the output has the reason
    #[arg(long, value_name = "REASON", value_parser = reason, requires = "version")]
    pub(crate) force: Option<String>,
    /// The commit [default: HEAD, of the event `release` the tag of `GITHUB_REF`; for --plan-tags and --report, main]
    #[arg(long, value_name = "REV")]
    pub(crate) rev: Option<String>,
    /// The day that a nightly is named after, YYYY-MM-DD, or `today` by the clock, in UTC [default: the commit's]
    #[arg(long, value_name = "DATE", value_parser = date)]
    pub(crate) date: Option<NightlyDate>,
    /// Append the outputs to the file that `GITHUB_OUTPUT` names
    #[arg(long)]
    pub(crate) github_output: bool,
    /// Say what setuptools-scm would call a build of the work tree: of all packages, or of one by name or path
    #[arg(long, value_name = "PACKAGE", num_args = 0..=1, default_missing_value = "", conflicts_with_all = ["mode", "version", "force", "rev", "date", "github_output"])]
    pub(crate) scm: Option<String>,
    /// The major version of setuptools-scm whose answer is wanted
    #[arg(long, value_parser = PossibleValuesParser::new(["8", "9", "10"]).map(|text| flavor(&text)), default_value = "10", value_name = "8|9|10")]
    pub(crate) scm_version: Flavor,
    /// Say which development tags main needs for setuptools-scm to be right without `fallback_version`, and compare with the
    /// other ways to get there
    #[arg(long, conflicts_with_all = ["scm", "mode", "version", "date", "github_output"])]
    pub(crate) plan_tags: bool,
    /// Show where tags and `fallback_version` disagreed on main, and on which days a nightly sorted below a release
    #[arg(long, conflicts_with_all = ["scm", "plan_tags", "mode", "version", "date", "github_output"])]
    pub(crate) report: bool,
    /// With --report: the first day, YYYY-MM-DD [default: a year before the commit's]
    #[arg(long, value_name = "DATE", requires = "report", value_parser = day)]
    pub(crate) since: Option<Day>,
}

impl Naming {
    /// Reads the version of `--version`.
    ///
    /// # Errors
    /// When it is none that a build may have.
    pub(crate) fn version(&self) -> Result<Option<BuildVersion>, Problem> {
        let given = self.version.as_deref().filter(|version| !version.trim().is_empty());
        let version = given.map(BuildVersion::parse).transpose();
        version.map_err(|error| Problem::new(error.to_string(), "correct `--version`"))
    }
}

/// Reads `YYYY-MM-DD`.
fn day(text: &str) -> Result<Day, String> {
    Day::parse(text).ok_or_else(|| "no such day: write YYYY-MM-DD, such as 2026-02-19".to_owned())
}

/// Reads a major version of setuptools-scm, which is a possible one.
fn flavor(text: &str) -> Flavor {
    match text {
        "8" => Flavor::V8,
        "9" => Flavor::V9,
        _ => Flavor::V10,
    }
}

/// Reads `YYYY-MM-DD` or `today`.
fn date(text: &str) -> Result<NightlyDate, String> {
    if text == "today" { Ok(NightlyDate::Today) } else { day(text).map(NightlyDate::Day) }
}

/// The reason why something is built.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum BuildMode {
    /// A release was published: the commit's tag says the version
    Release,
    /// Every night: the version that main develops, and the day
    Nightly,
    /// To try the publishing, on the test index; also `test-pypi`
    #[value(alias = "test-pypi")]
    Test,
    /// By hand, for good: needs --version; also `off`, as of a dry run
    #[value(alias = "off")]
    Manual,
    /// To see that it builds; nothing is published
    BuildOnly,
}

impl From<BuildMode> for Mode {
    fn from(mode: BuildMode) -> Self {
        match mode {
            BuildMode::Release => Self::Release,
            BuildMode::Nightly => Self::Nightly,
            BuildMode::Test => Self::Test,
            BuildMode::Manual => Self::Manual,
            BuildMode::BuildOnly => Self::BuildOnly,
        }
    }
}

/// The day that a nightly is named after.
#[derive(Clone, Copy, Debug)]
pub(crate) enum NightlyDate {
    /// By the clock.
    Today,
    /// This one.
    Day(Day),
}
