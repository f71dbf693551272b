//! `post` and `relock` as JSON. The format is documented in `docs/json.md`; a change that breaks a reader raises [`VERSION`].

use super::part::{ByTool, Part, State};
use super::run::{Command, Run};
use crate::output;
use crate::output::json::{FileDocument, ReleaseDocument, files_of};
use release_core::monorepo::Config;
use release_core::problem::Problem;
use release_core::registry::Registry;
use release_core::train::Step;
use serde::Serialize;

/// The version of the format.
const VERSION: u32 = 1;

#[derive(Serialize)]
struct Document<'a> {
    schema_version: u32,
    command: &'static str,
    outcome: &'static str,
    dry_run: bool,
    release: Option<ReleaseDocument>,
    targets: Vec<TargetDocument<'a>>,
    lockfiles: Vec<LockfileDocument<'a>>,
    published: &'a [AnswerDocument],
    problems: &'a [Problem],
    next: &'a [Step],
}

/// The answer of a registry about a client.
#[derive(Clone, Serialize)]
pub(crate) struct AnswerDocument {
    pub(crate) client: String,
    pub(crate) registry: Registry,
    pub(crate) address: String,
    /// The kind of origin, and the flag, variable or file.
    pub(crate) origin: &'static str,
    pub(crate) named_by: String,
    pub(crate) version: String,
    pub(crate) state: &'static str,
    pub(crate) detail: Option<String>,
}

#[derive(Serialize)]
struct TargetDocument<'a> {
    branch: &'a str,
    role: &'static str,
    base: Option<&'a str>,
    goes_to: Option<String>,
    commit: Option<&'a str>,
    /// The reason why nothing follows there.
    stays: Option<&'a str>,
    version: Option<&'a str>,
    files: Vec<FileDocument<'a>>,
    by_tool: &'a [ByTool],
    tag: Option<TagDocument<'a>>,
    warnings: &'a [Problem],
}

#[derive(Serialize)]
struct TagDocument<'a> {
    name: &'a str,
    state: &'static str,
    commit: Option<&'a str>,
}

#[derive(Serialize)]
struct LockfileDocument<'a> {
    branch: &'a str,
    path: &'a str,
    managed: bool,
    reason: Option<&'a str>,
}

/// Writes the whole document down.
pub(super) fn document(
    run: &Run<'_>,
    config: &Config,
    answers: &[AnswerDocument],
    outcome: &'static str,
    parts: &[Part],
    problems: &[Problem],
    next: &[Step],
) -> output::Document {
    let (command, release) = match run.command {
        Command::Post(release) => ("post", Some(ReleaseDocument::new(release, config))),
        Command::Relock { .. } => ("relock", None),
    };
    output::Document::new(&Document {
        schema_version: VERSION,
        command,
        outcome,
        dry_run: run.global.dry_run,
        release,
        targets: parts.iter().map(target).collect(),
        lockfiles: parts.iter().flat_map(lockfiles).collect(),
        published: answers,
        problems,
        next,
    })
}

fn target(part: &Part) -> TargetDocument<'_> {
    TargetDocument {
        branch: &part.name,
        role: part.role.name(),
        base: part.base.as_deref(),
        goes_to: part.target.as_ref().map(|target| format!("refs/heads/{}", target.goes_to)),
        commit: part.commit.as_deref(),
        stays: part.branch.as_ref().err().map(String::as_str),
        version: part.branch.as_ref().ok().and_then(|branch| branch.version.as_deref()),
        files: files_of(&part.sites, &part.files),
        by_tool: &part.by_tool,
        tag: part.tag.as_ref().map(|tag| TagDocument {
            name: &tag.name,
            state: match tag.state {
                State::There => "there",
                State::On(_) => "on",
                State::Later => "later",
                State::Elsewhere(_) => "elsewhere",
            },
            commit: match &tag.state {
                State::On(commit) | State::Elsewhere(commit) => Some(commit),
                State::There | State::Later => None,
            },
        }),
        warnings: &part.warnings,
    }
}

fn lockfiles(part: &Part) -> Vec<LockfileDocument<'_>> {
    let Ok(branch) = &part.branch else { return Vec::new() };
    let managed = branch.jobs.iter().map(|job| (branch.path(job), None));
    let left = branch.lockfiles.left.iter().map(|left| (left.path.as_path(), Some(left.reason.as_str())));
    managed
        .chain(left)
        .map(|(path, reason)| LockfileDocument {
            branch: &part.name,
            path: path.as_str(),
            managed: reason.is_none(),
            reason,
        })
        .collect()
}
