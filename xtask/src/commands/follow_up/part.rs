//! The parts of what follows a release: a branch each, or the checkout.

use super::branch::{Aim, Branch, read};
use super::observe::Observed;
use crate::stop::{Result, Stop};
use camino::Utf8PathBuf;
use release_core::plan::development::{Lead, lead};
use release_core::plan::targets::{self, Target, proposal};
use release_core::plan::{PlannedFile, PlannedSite};
use release_core::problem::Problem;
use release_core::version::Release;
use serde::Serialize;

/// The role of a branch in a run.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// The branch of the release's line.
    Line,
    /// The development branch.
    Main,
    /// A branch whose lockfiles alone are meant.
    Locks,
    /// The checkout, whose lockfiles are edited where they are.
    Checkout,
}

impl Role {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Line => "line",
            Self::Main => "main",
            Self::Locks => "branch",
            Self::Checkout => "checkout",
        }
    }
}

/// A development tag.
pub(crate) struct DevTag {
    /// Its name, such as `v0.4.6-dev`.
    pub(crate) name: String,
    pub(crate) state: State,
    /// `true` if the remote has it where it stands here.
    pub(crate) is_pushed: bool,
}

/// The place of a development tag.
#[derive(PartialEq, Eq)]
pub(crate) enum State {
    /// It stands where it must.
    There,
    /// It is to be made on this commit.
    On(String),
    /// The commit that it is for is not on main yet.
    Later,
    /// It is on this other commit, and stays there.
    Elsewhere(String),
}

/// A lockfile that its own tool wrote.
#[derive(Serialize)]
pub(crate) struct ByTool {
    pub(crate) path: Utf8PathBuf,
    pub(crate) tool: &'static str,
    /// The reason why edits are not enough.
    pub(crate) reason: String,
    /// The changes beyond those that had to be.
    pub(crate) beyond: Vec<String>,
}

/// One part, from what was read to what was done.
pub(crate) struct Part {
    pub(crate) role: Role,
    /// The branch's name.
    pub(crate) name: String,
    /// `None` for the checkout.
    pub(crate) target: Option<Target>,
    /// The commit whose files were read and are edited; `None` for the checkout.
    pub(crate) base: Option<String>,
    /// The branch with its needs, or the reason why nothing follows there.
    pub(crate) branch: Result<Branch, String>,
    /// The files that change.
    pub(crate) files: Vec<PlannedFile>,
    /// The places that change or are right.
    pub(crate) sites: Vec<PlannedSite>,
    /// The lockfiles that their own tools wrote.
    pub(crate) by_tool: Vec<ByTool>,
    /// The development tag, where there is one to be made or found.
    pub(crate) tag: Option<DevTag>,
    /// The commit that was made.
    pub(crate) commit: Option<String>,
    /// The problems that are left to a person, and stop nothing.
    pub(crate) warnings: Vec<Problem>,
}

impl Part {
    /// Tells whether there is nothing to write.
    pub(crate) fn is_done(&self) -> bool {
        self.files.is_empty()
    }

    /// Tells whether the edits are in a branch of an earlier run's, and wait there.
    pub(crate) fn waits(&self) -> bool {
        let base = self.base.as_ref();
        self.is_done() && self.target.as_ref().is_some_and(|target| target.has_proposal() && base != Some(&target.tip))
    }

    /// The commit that is to get the development tag, with the tag's name.
    pub(crate) fn to_tag(&self) -> Option<(&str, &str)> {
        match self.tag.as_ref()? {
            DevTag { name, state: State::On(commit), .. } => Some((name, commit)),
            _ => None,
        }
    }
}

/// The branches of parts for which something may be to be done.
pub(crate) fn branches(parts: &[Part]) -> impl Iterator<Item = &Branch> {
    parts.iter().filter_map(|part| part.branch.as_ref().ok())
}

/// The line's part of a release.
pub(super) fn line(observed: &Observed<'_>, release: Release, direct: bool) -> Result<Part> {
    let name = observed.config.branch.branch(release.line());
    let goes_to = (!direct).then(|| proposal(observed.config, release, &name));
    on_branch(observed, Role::Line, &name, goes_to, Aim::Release(release))
}

/// Main's part of a release; one that does not lead leaves main alone.
pub(super) fn main(observed: &Observed<'_>, release: Release, direct: bool) -> Result<Part> {
    let name = observed.config.main.clone();
    let goes_to = (!direct).then(|| proposal(observed.config, release, &name));
    match lead(&observed.history, release) {
        Lead::Leads { next } => on_branch(observed, Role::Main, &name, goes_to, Aim::Main { release, next: &next }),
        Lead::Follows { leader } => {
            let line = leader.line();
            let why = match line == release.line() {
                true => format!("{leader} is out, and main follows that: `cargo xtask release post {leader}`"),
                false => format!("line {line} leads with {leader}, and {release} would take {name} back"),
            };
            Ok(idle(Role::Main, name, why))
        }
    }
}

fn idle(role: Role, name: String, why: String) -> Part {
    Part {
        role,
        name,
        target: None,
        base: None,
        branch: Err(why),
        files: Vec::new(),
        sites: Vec::new(),
        by_tool: Vec::new(),
        tag: None,
        commit: None,
        warnings: Vec::new(),
    }
}

/// A branch's part. When the branch itself lacks something, the branch of an earlier run's is looked at too.
pub(super) fn on_branch(
    observed: &Observed<'_>,
    role: Role,
    name: &str,
    goes_to: Option<String>,
    aim: Aim<'_>,
) -> Result<Part> {
    let target = observed.target(name, goes_to)?;
    let mut base = target.tip.clone();
    let mut branch = read(observed, Some(&base), aim)?;
    if let Some(now) = target.now.as_ref().filter(|_| target.has_proposal() && !branch.is_at_target()) {
        if !observed.repository.git.is_ancestor(&target.tip, now)? {
            return Err(Stop::problem(targets::outdated(&target)));
        }
        base = now.clone();
        branch = read(observed, Some(&base), aim)?;
    }
    let part = idle(role, name.to_owned(), String::new());
    let warnings = branch.doubts.clone();
    Ok(Part { target: Some(target), base: Some(base), branch: Ok(branch), warnings, ..part })
}

/// The checkout's part, for its lockfiles alone.
pub(super) fn checkout(observed: &Observed<'_>, name: &str, aim: Aim<'_>) -> Result<Part> {
    let branch = read(observed, None, aim)?;
    Ok(Part { branch: Ok(branch), ..idle(Role::Checkout, name.to_owned(), String::new()) })
}
