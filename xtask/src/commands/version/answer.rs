//! The answers of `release version`. All but the report are written in JSON as they are (docs/json.md).

use release_core::build_version::Report;
use release_core::calendar::Day;
use release_core::train::Step;
use serde::Serialize;

/// An answer.
pub(super) enum Answer {
    Build(NamedBuild),
    Scm(Vec<ScmRow>),
    Plan(TagPlan),
    Report(Reported),
}

impl Answer {
    /// Tells if everything that was asked has an answer.
    pub(super) fn is_whole(&self) -> bool {
        match self {
            Self::Scm(rows) => rows.iter().all(|row| row.error.is_none()),
            Self::Plan(plan) => plan.obstacle.is_none(),
            Self::Build(_) | Self::Report(_) => true,
        }
    }
}

/// A build, and how its name came about.
#[derive(Serialize)]
pub(super) struct NamedBuild {
    pub(super) mode: &'static str,
    /// The reason for the mode.
    pub(super) chosen: String,
    /// The reason for a number that is not the next.
    pub(super) forced: Option<String>,
    pub(super) commit: String,
    /// The day that a nightly is named after.
    pub(super) date: Option<String>,
    pub(super) version: String,
    pub(super) npm_version: String,
    pub(super) index: Option<&'static str>,
    pub(super) npm_tag: Option<String>,
    pub(super) container_tags: Vec<String>,
    pub(super) publish: bool,
}

/// A package, as setuptools-scm calls it.
#[derive(Default, Serialize)]
pub(super) struct ScmRow {
    pub(super) name: String,
    pub(super) path: String,
    pub(super) version: Option<String>,
    /// The origin of the version in words; `static` where the manifest has it, and does not ask setuptools-scm.
    pub(super) origin: Option<String>,
    pub(super) base: Option<String>,
    pub(super) distance: Option<u64>,
    pub(super) node: Option<String>,
    pub(super) dirty: Option<bool>,
    /// The reason why there is no version, or none that a release may have.
    pub(super) error: Option<String>,
    /// Remarks on settings that the build does not read.
    pub(super) notes: Vec<String>,
}

/// The tags that main needs, and what each way to them makes of the open branches.
#[derive(Serialize)]
pub(super) struct TagPlan {
    pub(super) main: String,
    pub(super) tags: Vec<TagRow>,
    /// The reason why today's builds may have no tag.
    pub(super) obstacle: Option<String>,
    /// The reason why the tag is on its commit, where no manifest says.
    pub(super) note: Option<String>,
    pub(super) branches: Vec<BranchRow>,
    /// The number of tags of releases that are not reachable from main.
    pub(super) unseen_tags: usize,
    pub(super) release_tags: usize,
    pub(super) next: Vec<Step>,
}

/// A tag that begins a development.
#[derive(Serialize)]
pub(super) struct TagRow {
    pub(super) name: String,
    pub(super) commit: String,
    pub(super) state: &'static str,
    /// The commit that it is on.
    pub(super) is_on: Option<String>,
    pub(super) decides: bool,
}

/// The names of a branch, one way and another.
#[derive(Serialize)]
pub(super) struct BranchRow {
    pub(super) name: String,
    /// With the tags that there are, all of them fetched.
    pub(super) now: Named,
    /// With the branches of all open lines merged into main.
    pub(super) merged: Named,
    /// With the tags of the plan.
    pub(super) planned: Named,
}

/// A name, and what is to be thought of it.
#[derive(Clone, Serialize)]
pub(super) struct Named {
    pub(super) tag: Option<String>,
    /// `None` without a tag, and where setuptools-scm fails.
    pub(super) version: Option<String>,
    pub(super) verdict: String,
}

/// A report, and what it is about.
pub(super) struct Reported {
    pub(super) branch: String,
    pub(super) tip: String,
    pub(super) since: Day,
    pub(super) until: Day,
    pub(super) report: Report,
}
