//! Carries a plan out, and says which commands are left to a person.

use super::observe::Observed;
use super::planned::Planned;
use crate::Outcome;
use crate::cli::Prepare;
use crate::commands::prepare::show::Report;
use crate::effects::commit::{self, Committed, Piece};
use crate::effects::interrupt::Interrupt;
use crate::effects::lock::Lock;
use crate::effects::write;
use crate::stop::Result;
use camino::{Utf8Path, Utf8PathBuf};
use release_core::plan::preconditions::Place;
use release_core::plan::{PlannedFile, own_branch};
use release_core::text::quoted;
use release_core::train::Step;
use release_core::train::prepare::{Scene, remaining};
use release_core::train::tagged::Tagged;

/// Everything that was found out and decided, before anything is done.
pub(super) struct Act<'a> {
    pub(super) observed: &'a Observed<'a>,
    pub(super) prepare: &'a Prepare,
    pub(super) place: &'a Place,
    pub(super) planned: &'a Planned,
    /// The commit that the plan is made against.
    pub(super) tip: &'a str,
    /// The reason for which a final comes early.
    pub(super) reason: Option<&'a str>,
    /// Files with uncommitted changes.
    pub(super) dirty: &'a [Utf8PathBuf],
    /// Files of them that an earlier run edited, which are committed too.
    pub(super) to_commit: &'a [PlannedFile],
}

impl Act<'_> {
    /// The steps of the release that remain.
    pub(super) fn steps(&self, is_committed: bool) -> Vec<Step> {
        let Observed { config, history, request, .. } = self.observed;
        let (release, tagged) = (request.release, self.observed.tagged());
        let merge = if tagged == Tagged::There { Vec::new() } else { self.merge_commands(is_committed) };
        let (monorepo, remote) = (&self.planned.monorepo, self.remote());
        remaining(Scene { release, monorepo, config, history, merge: &merge, tagged, remote })
    }

    /// The name of the remote; the steps need one.
    fn remote(&self) -> &str {
        let name = &self.observed.remote.name;
        if name.is_empty() { "origin" } else { name }
    }

    /// The message of the commit.
    fn message(&self) -> String {
        let reason = self.reason.map_or_else(String::new, |reason| format!("\n\nEarly: {reason}"));
        self.subject() + &reason
    }

    fn subject(&self) -> String {
        format!("chore: prepare release {}", self.observed.config.tag.tag(self.observed.request.release))
    }

    /// The commands that bring the edits onto the line's branch of the remote: by a push of the line where they are on it, else by
    /// the release's own branch.
    fn merge_commands(&self, is_committed: bool) -> Vec<String> {
        let Observed { refs, remote: state, line, request, .. } = self.observed;
        let (remote, message, branch) = (self.remote(), self.subject(), self.observed.branch(self.place));
        let spelled = |branch: &str| quoted(&refs.spelled_branch(branch)).into_owned();
        let theirs = refs.remote_branch(remote, line).map(|branch| &branch.commit);
        let is_here = !matches!(self.place, Place::Temporary { .. });
        let files = if is_here && !is_committed { self.uncommitted() } else { Vec::new() };
        if branch == line && files.is_empty() {
            let local = refs.branch(line).map(|branch| &branch.commit);
            let is_pushed = theirs.is_some() && (local.is_none() || local == theirs) && !is_committed;
            return if is_pushed { Vec::new() } else { vec![format!("git push {remote} {}", spelled(line))] };
        }
        let push_new = |branch: &str| format!("git push --set-upstream {remote} {}", spelled(branch));
        let own = quoted(&request.own_branch);
        let mut commands = Vec::new();
        if theirs.is_none() {
            commands.push(if branch == line { push_new(line) } else { format!("git push {remote} {}", spelled(line)) });
        }
        if branch == line {
            let create = if self.observed.own_tip.is_some() { "" } else { "--create " };
            commands.push(format!("git switch {create}{own}"));
        }
        if !files.is_empty() {
            let files: Vec<_> = files.iter().map(|path| quoted(path.as_str())).collect();
            let reason = self.reason.map(|reason| format!(" --message {}", quoted(&format!("Early: {reason}"))));
            let reason = reason.unwrap_or_default();
            commands.push(format!("git commit --message '{message}'{reason} -- {}", files.join(" ")));
        }
        let is_pushed = || own_branch::theirs(refs, state, &request.own_branch) == Some(self.tip);
        if is_committed || !files.is_empty() || !self.planned.plan.is_done() || !is_pushed() {
            commands.push(push_new(&request.own_branch));
        }
        commands.push(format!("gh pr create --base {line} --head {own} --title '{message}' --body ''"));
        commands
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
        let Observed { repository, config, line, refs, .. } = self.observed;
        let (plan, message) = (&self.planned.plan, self.message());
        let interrupt = Interrupt::watch()?;
        let request = commit::Request {
            signoff: self.prepare.signoff,
            interrupt: &interrupt,
            reason: "xtask: prepare a release",
        };
        let piece = |files, base, branch| Piece {
            message: &message,
            files,
            base,
            branch,
            expected: refs.branch(branch).map(|branch| branch.commit.as_str()),
            cut: None,
            tag: None,
        };
        let (is_here, branch, outcome) = match self.place {
            Place::CutInWorkTree => {
                self.cut_here(&interrupt)?;
                report.cut(line, &config.main, self.tip);
                return Ok(report.written(&self.steps(false)));
            }
            Place::WorkTree => {
                let branch = self.observed.here();
                self.write(&interrupt)?;
                if !self.prepare.commit {
                    return Ok(report.written(&self.steps(false)));
                }
                let files = [&plan.files, self.to_commit].concat();
                (true, branch, commit::in_checkout(repository, &request, &piece(&files, self.tip, branch))?)
            }
            Place::Temporary { base, branch, cuts } => {
                let cut = (*cuts && branch != line).then_some(line.as_str());
                let piece = Piece { cut, ..piece(&plan.files, base, branch) };
                (false, branch.as_str(), commit::elsewhere(repository, lock, &request, &[piece])?)
            }
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
    fn cut_here(&self, interrupt: &Interrupt) -> Result<()> {
        let Observed { repository, config, line, .. } = self.observed;
        // No file changes with the branch, so there is nothing for a hook to do; one that fails would leave half a cut.
        let switch = |words: &[&str]| {
            repository.git.read(&[&["-c", "core.hooksPath=/dev/null", "switch", "--quiet"], words].concat()).map(drop)
        };
        switch(&["--no-track", "--create", line])?;
        let written = self.write(interrupt);
        if written.is_err() && switch(&[&config.main]).is_ok() {
            // The error of the edit says more than one of these.
            let _ = repository.git.read(&["branch", "--quiet", "--delete", "--force", line]);
        }
        Ok(written?)
    }

    fn write(&self, interrupt: &Interrupt) -> anyhow::Result<()> {
        let (Observed { repository, request, .. }, files) = (self.observed, &self.planned.plan.files);
        let label = format!("release {}", request.release);
        write::write_files(&repository.location.root, &repository.state_dir(), &label, files, interrupt)
    }
}
