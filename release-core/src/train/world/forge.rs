//! The answers of a forge. Only what concerns one release and its line is asked.

use super::fact::Fact;
use serde::Serialize;

/// The answers of a forge about one release.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Forge {
    /// The repository, as `owner/name`.
    pub repository: String,
    /// The address of its pages, for links.
    pub page: String,
    /// The release of the tag, a draft included; `None` if there is none.
    pub release: Fact<Option<ForgeRelease>>,
    /// The tag of the release that the forge calls the latest; `None` if there is none.
    pub latest: Fact<Option<String>>,
    /// The commit that the forge has the tag on; `None` if it does not have it.
    pub tag: Fact<Option<String>>,
    /// The pull requests whose head is a branch of this release, in this repository, by someone who may write to it.
    pub proposals: Fact<Vec<PullRequest>>,
    /// The checks of the commit that is to be tagged; empty if there are none at all, which is not the same as green.
    pub checks: Fact<Vec<Check>>,
    /// The checks that must be green before a commit gets onto the line, by name.
    pub required: Fact<Vec<RequiredCheck>>,
    /// The runs of the publishing workflow for the tag, the newest first.
    pub runs: Fact<Vec<Run>>,
}

/// A release on a forge.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ForgeRelease {
    /// The forge's number for it.
    pub id: u64,
    /// The tag.
    pub tag: String,
    /// `true` if only people who may write see it.
    pub is_draft: bool,
    /// `true` if it is marked as a candidate.
    pub is_prerelease: bool,
    /// `true` if its tag and assets can never change.
    pub is_immutable: bool,
    /// The address of its page.
    pub page: String,
    /// Its files.
    pub assets: Vec<Asset>,
}

/// A file of a release on a forge.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Asset {
    /// Its file name.
    pub name: String,
    /// `true` if it is uploaded as a whole.
    pub is_uploaded: bool,
    /// Its size in bytes.
    pub size: u64,
    /// Its digest, as `sha256:HEX`, if the forge computed one.
    pub digest: Option<String>,
}

/// A pull request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PullRequest {
    /// Its number.
    pub number: u64,
    /// The address of its page.
    pub page: String,
    /// Its state.
    pub state: PullRequestState,
    /// The branch that it is to be merged into.
    pub base: String,
    /// The branch that it comes from.
    pub head: String,
    /// The commit of that branch.
    pub commit: String,
}

/// The state of a pull request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "state", content = "as", rename_all = "kebab-case")]
pub enum PullRequestState {
    /// It is open.
    Open,
    /// It was closed without being merged.
    Closed,
    /// It was merged as this commit.
    Merged(String),
}

/// A check or a commit status.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Check {
    /// Its name, which rules name it by.
    pub name: String,
    /// The app that reports it; `None` for a commit status.
    pub app: Option<u64>,
    /// Its state.
    pub state: CheckState,
    /// The address of its page; empty if there is none.
    pub page: String,
}

/// The state of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum CheckState {
    /// It succeeded, was neutral or was skipped.
    Passed,
    /// It waits or runs.
    Pending,
    /// It failed, was cancelled, timed out, or wants something from a person.
    Failed,
}

/// A check that a rule of the forge requires.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RequiredCheck {
    /// Its name.
    pub name: String,
    /// The app that has to report it; `None` if any may.
    pub app: Option<u64>,
}

/// A run of a workflow.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Run {
    /// The forge's number for it.
    pub id: u64,
    /// The event that started it, such as `release`.
    pub event: String,
    /// The commit that it runs for.
    pub commit: String,
    /// Its state.
    pub state: CheckState,
    /// The address of its page.
    pub page: String,
}
