//! Which branch a tree is judged as.

use crate::checkout::Repository;
use crate::cli::Check;
use release_checks::context::{Branch, Role};
use release_core::git::GitError;
use release_core::history::{History, Home, Refs};
use release_core::monorepo::Config;
use release_core::plan::preconditions::Divergence;

/// The reason why a nightly is judged as no branch.
pub(crate) const BESIDE: &str = "it is a nightly, which was built beside main and the lines";

/// The commit and the branch that are judged.
pub(super) struct Judged {
    /// The commit; of the work tree, its head. Nothing before the first commit.
    pub(super) commit: Option<String>,
    pub(super) branch: Result<Branch, String>,
    /// The reason for the branch, for people.
    pub(super) why: String,
}

/// The places where everything is looked up.
pub(super) struct Scene<'a> {
    pub(super) repository: &'a Repository,
    pub(super) config: &'a Config,
    pub(super) refs: &'a Refs,
    pub(super) history: &'a History,
}

impl Scene<'_> {
    /// The branch of `--branch`, else the one that a workflow runs for, else the current one if it is main or a line's, else
    /// that of the release that is tagged here, else the nearest of main and the lines. A revision has no current branch and is
    /// not what a workflow runs for, but it may name a branch.
    pub(super) fn judge(&self, check: &Check, commit: Option<String>) -> Result<Judged, GitError> {
        let Some((name, why)) = self.name(check, commit.as_deref())? else {
            let reason = match commit.clone() {
                None => "there is no commit yet".to_owned(),
                Some(commit) if matches!(self.home(&commit), Some((_, Home::Nightly))) => BESIDE.to_owned(),
                Some(_) => format!("there is neither {} nor the branch of a line", self.config.main),
            };
            return Ok(Judged { commit, branch: Err(reason), why: String::new() });
        };
        let role = match self.config.branch.line(&name) {
            Some(line) => Role::Line(line),
            None if name == self.config.main => Role::Main,
            None => {
                let reason = format!("{name} is neither {} nor the branch of a line", self.config.main);
                return Ok(Judged { commit, branch: Err(reason), why });
            }
        };
        let divergence = if check.rev.is_some() { None } else { self.divergence(&name)? };
        Ok(Judged { commit, branch: Ok(Branch { name, role, divergence }), why })
    }

    /// The name of the branch that a tree is judged as, and how it was found.
    fn name(&self, check: &Check, commit: Option<&str>) -> Result<Option<(String, String)>, GitError> {
        if let Some(name) = &check.branch {
            return Ok(Some((name.clone(), "by `--branch`".to_owned())));
        }
        let is_known = |name: &String| *name == self.config.main || self.config.branch.line(name).is_some();
        let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        if let Some(revision) = &check.rev
            && let Some((name, _)) = self.candidates().iter().find(|(name, _)| self.refs.is_branch(revision, name))
        {
            return Ok(Some((name.clone(), "which it names".to_owned())));
        }
        if check.rev.is_none() {
            for name in ["GITHUB_BASE_REF", "GITHUB_REF_NAME"] {
                if let Some(branch) = variable(name).filter(is_known) {
                    return Ok(Some((branch, format!("by {name}"))));
                }
            }
            if let Some(current) = self.refs.current().map(|branch| branch.name.clone()).filter(is_known) {
                return Ok(Some((current, "the current branch".to_owned())));
            }
        }
        let Some(commit) = commit else { return Ok(None) };
        if let Some(release) = self.history.releases().rfind(|release| self.history.commit(*release) == Some(commit)) {
            let why = format!("by its tag {}", self.config.tag.tag(release));
            return Ok(Some((self.config.branch.branch(release.line()), why)));
        }
        match self.home(commit) {
            Some((tag, Home::Line(line))) => {
                return Ok(Some((self.config.branch.branch(line), format!("by its tag {tag}"))));
            }
            Some((_, Home::Nightly)) if !self.is_on_main(commit)? => return Ok(None),
            _ => {}
        }
        let mut nearest: Option<(u64, String)> = None;
        for (name, tip) in self.candidates() {
            let (lacking, _) = self.repository.git.divergence(commit, &tip)?;
            // Of two that are as near, main, which comes first: what a line shares with it stood before the line was cut.
            if nearest.as_ref().is_none_or(|(least, _)| lacking < *least) {
                nearest = Some((lacking, name));
            }
        }
        Ok(nearest.map(|(_, name)| (name, "the nearest one".to_owned())))
    }

    /// A tag on a commit that names no release and says where the commit belongs, those of lines before nightlies.
    pub(super) fn home(&self, commit: &str) -> Option<(&str, Home)> {
        let here = self.refs.tags.iter().filter(|tag| tag.commit == commit);
        self.config.tag.home_by(here.map(|tag| tag.name.as_str()))
    }

    /// Tells if main has a commit.
    fn is_on_main(&self, commit: &str) -> Result<bool, GitError> {
        match self.candidates().first().filter(|(name, _)| *name == self.config.main) {
            Some((_, tip)) => self.repository.git.is_ancestor(commit, tip),
            None => Ok(false),
        }
    }

    /// Main, then the lines' branches; of those of one name the local one.
    pub(super) fn candidates(&self) -> Vec<(String, String)> {
        self.refs.main_and_lines(&self.config.main, &self.config.branch)
    }

    fn divergence(&self, name: &str) -> Result<Option<Divergence>, GitError> {
        let Some(local) = self.refs.branch(name) else { return Ok(None) };
        let Some(upstream) = &local.upstream else { return Ok(None) };
        let Some(theirs) = self.refs.commit(&upstream.reference) else { return Ok(None) };
        let (ahead, behind) =
            if theirs == local.commit { (0, 0) } else { self.repository.git.divergence(&local.commit, theirs)? };
        let upstream = upstream.reference.trim_start_matches("refs/remotes/").to_owned();
        Ok(Some(Divergence { branch: name.to_owned(), upstream, ahead, behind }))
    }
}
