//! Carries a plan out, and says which commands are left to a person.

use super::{Observed, Planned};
use crate::Outcome;
use crate::cli::Prepare;
use crate::commands::prepare::show::Report;
use crate::effects::commit::{self, Committed, Piece};
use crate::effects::interrupt::Interrupt;
use crate::effects::lock::Lock;
use crate::effects::write;
use crate::stop::Result;
use camino::{Utf8Path, Utf8PathBuf};
use release_core::plan::PlannedFile;
use release_core::plan::preconditions::{Place, Request, Target};
use release_core::text::quoted;
use release_core::train::Step;
use release_core::train::prepare::{Scene, remaining};

/// Everything that was found out and decided, before anything is done.
pub(super) struct Act<'a> {
    pub(super) observed: &'a Observed<'a>,
    pub(super) prepare: &'a Prepare,
    pub(super) request: &'a Request,
    pub(super) place: &'a Place,
    pub(super) planned: &'a Planned,
    /// The commit that the plan is made against.
    pub(super) tip: &'a str,
    /// Files with uncommitted changes.
    pub(super) dirty: &'a [Utf8PathBuf],
    /// Those of them that an earlier run edited, which are committed too.
    pub(super) to_commit: &'a [PlannedFile],
}

impl Act<'_> {
    /// The steps of the release that remain.
    pub(super) fn steps(&self, is_committed: bool) -> Vec<Step> {
        let Observed { config, history, .. } = self.observed;
        let release = self.request.release;
        let is_tagged = history.commit(release).is_some();
        let merge = if is_tagged { Vec::new() } else { self.merge_commands(is_committed) };
        remaining(Scene { release, monorepo: &self.planned.monorepo, config, history, merge: &merge, is_tagged })
    }

    fn line(&self) -> String {
        self.observed.config.branch.branch(self.request.release.line())
    }

    /// The message of the commit.
    fn message(&self) -> String {
        format!("chore: prepare release {}", self.observed.config.tag.tag(self.request.release))
    }

    /// The commands that bring the edits onto the line's branch of the remote.
    fn merge_commands(&self, is_committed: bool) -> Vec<String> {
        let Observed { config, refs, remote, .. } = self.observed;
        let (line, message) = (self.line(), self.message());
        let remote = if remote.name.is_empty() { "origin" } else { &remote.name };
        let pull_request =
            |branch: &str| format!("gh pr create --base {line} --head {branch} --title '{message}' --body ''");
        let is_pushed = |branch: &str| {
            let local = refs.branch(branch).map(|branch| &branch.commit);
            local.is_some() && local == refs.remote_branch(remote, branch).map(|branch| &branch.commit)
        };
        if let (Target::Branch(branch), Place::Temporary { .. }) = (&self.request.target, self.place) {
            let mut commands = Vec::new();
            if refs.remote_branch(remote, &line).is_none() {
                commands.push(format!("git push {remote} {line}"));
            }
            let branch = quoted(branch);
            commands.push(format!("git push --set-upstream {remote} {branch}"));
            commands.push(pull_request(&branch));
            return commands;
        }
        let files = self.uncommitted();
        let uncommitted = !is_committed && !files.is_empty() && !matches!(self.place, Place::Temporary { .. });
        match (uncommitted, is_pushed(&line) && !is_committed) {
            (true, _) => {
                let branch = format!("prepare-{}", config.tag.tag(self.request.release));
                let files: Vec<_> = files.iter().map(|path| quoted(path.as_str())).collect();
                let mut commands = Vec::new();
                if refs.remote_branch(remote, &line).is_none() {
                    commands.push(format!("git push --set-upstream {remote} {line}"));
                }
                commands.push(format!("git switch --create {branch}"));
                commands.push(format!("git commit --message '{message}' -- {}", files.join(" ")));
                commands.push(format!("git push --set-upstream {remote} {branch}"));
                commands.push(pull_request(&branch));
                commands
            }
            (false, true) => Vec::new(),
            (false, false) => vec![format!("git push {remote} {line}")],
        }
    }

    /// The files that have something to commit once the plan is written.
    fn uncommitted(&self) -> Vec<&Utf8Path> {
        let plan = &self.planned.plan;
        let sites = plan.paths();
        let changed = plan.files.iter().map(|file| file.path.as_path());
        let left = self.dirty.iter().filter(|path| sites.contains(path.as_path())).map(Utf8PathBuf::as_path);
        let mut files: Vec<&Utf8Path> = changed.chain(left).collect();
        files.sort_unstable();
        files.dedup();
        files
    }

    /// Does it.
    pub(super) fn carry_out(&self, lock: &Lock, report: &mut Report<'_>) -> Result<Outcome> {
        let Observed { repository, config, refs, .. } = self.observed;
        let plan = &self.planned.plan;
        let (line, message) = (self.line(), self.message());
        let interrupt = Interrupt::watch()?;
        let request = commit::Request {
            signoff: self.prepare.signoff,
            interrupt: &interrupt,
            reason: "xtask: prepare a release",
        };
        let outcome = match self.place {
            Place::CutInWorkTree => {
                self.cut_here(&line, &interrupt)?;
                report.cut(&line, &config.main, self.tip);
                return Ok(report.written(&self.steps(false)));
            }
            Place::WorkTree => {
                write::write(&repository.location.root, &repository.state_dir(), plan, &interrupt)?;
                if !self.prepare.commit {
                    return Ok(report.written(&self.steps(false)));
                }
                let files = [&plan.files, self.to_commit].concat();
                commit::in_checkout(repository, &request, &message, (&line, self.tip), &files)?
            }
            Place::Temporary { base, branch, cuts } => {
                let piece = Piece {
                    message: &message,
                    files: &plan.files,
                    base,
                    branch,
                    expected: refs.branch(branch).map(|branch| branch.commit.as_str()),
                    cut: (*cuts && *branch != line).then_some(line.as_str()),
                    tag: None,
                };
                commit::elsewhere(repository, lock, &request, &[piece])?
            }
        };
        let (is_here, branch) = match self.place {
            Place::Temporary { branch, .. } => (false, branch),
            _ => (true, &line),
        };
        match outcome {
            Committed::Made(commits) => {
                commits.iter().for_each(|commit| report.committed(commit, branch, self.tip));
                Ok(report.done("committed", &self.steps(true)))
            }
            Committed::Refused { hook, ids } => Err(report.hook_refused(hook.as_deref(), &ids, is_here)),
            Committed::Departed(problem) => Err(report.refuse_commit(problem)),
        }
    }

    /// Switches the checkout to the line's new branch and edits it there; when the edit fails, the checkout goes back.
    fn cut_here(&self, line: &str, interrupt: &Interrupt) -> Result<()> {
        let Observed { repository, config, .. } = self.observed;
        // No file changes with the branch, so there is nothing for a hook to do; one that fails would leave half a cut.
        let switch = |words: &[&str]| {
            repository.git.read(&[&["-c", "core.hooksPath=/dev/null", "switch", "--quiet"], words].concat()).map(drop)
        };
        switch(&["--no-track", "--create", line])?;
        let written = write::write(&repository.location.root, &repository.state_dir(), &self.planned.plan, interrupt);
        if written.is_err() && switch(&[&config.main]).is_ok() {
            // The error of the edit says more than one of these.
            let _ = repository.git.read(&["branch", "--quiet", "--delete", "--force", line]);
        }
        Ok(written?)
    }
}
