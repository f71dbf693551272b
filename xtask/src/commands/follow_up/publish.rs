//! Publication of the clients: every registry that a lockfile needs is asked, at the same time, and again while there
//! is time to wait.

use super::branch::{Branch, Job, LockRef};
use super::part::Part;
use crate::Outcome;
use crate::cli::Global;
use crate::commands::registries::Registries;
use crate::effects::interrupt::Interrupt;
use crate::effects::wait::{self, Seen};
use crate::registry::{Answered, Failure, Question, ask_all};
use release_core::plan::relock::Wanted;
use release_core::registry::simple::Standing;
use std::time::Duration;

impl Registries<'_> {
    /// The questions of one lockfile, of the tree of a commit or of the work tree.
    fn questions(&self, branch: &Branch, job: &Job, commit: Option<&str>) -> Result<Vec<Question>, String> {
        let question = |wanted: &Wanted| {
            let (name, whom) = match job.lock {
                LockRef::Uv(index) => {
                    let file = &branch.lockfiles.uv[index];
                    (&wanted.client, self.index(Some((&file.path, &file.lock)), commit)?)
                }
                LockRef::Npm(index) => {
                    let file = &branch.lockfiles.npm[index];
                    (&file.ui.package, self.npm_of(&file.ui.package, file, commit)?)
                }
                LockRef::Range(index) => {
                    let file = &branch.lockfiles.ranges[index];
                    (&file.ui.package, self.npm_without_lock(&file.ui.package, &file.npmrc, commit)?)
                }
            };
            Ok(Question { name: name.clone(), version: Some(wanted.version.clone()), whom, in_full: false })
        };
        job.asked().map(question).collect()
    }

    /// Every question of the parts, each once.
    pub(super) fn all_questions(&self, parts: &[Part]) -> Result<Vec<Question>, String> {
        let mut questions: Vec<Question> = Vec::new();
        for part in parts {
            let Ok(branch) = &part.branch else { continue };
            for job in &branch.jobs {
                for question in self.questions(branch, job, part.base.as_deref())? {
                    if !questions.iter().any(|known| known.is_same(&question)) {
                        questions.push(question);
                    }
                }
            }
        }
        Ok(questions)
    }

    /// Asks until everything is published, or until it is clear that waiting does not help, or until the time is over.
    pub(super) fn wait(
        &self,
        global: &Global,
        questions: &[Question],
        limit: Duration,
        interrupt: &Interrupt,
    ) -> Vec<Answered> {
        let look = || {
            let answers = interrupt.harmless(|| ask_all(&self.http, questions));
            let missing: Vec<String> = answers.iter().filter_map(Answered::missing).collect();
            if missing.is_empty() || !answers.iter().all(Answered::may_change) {
                return Seen::Done(answers);
            }
            let failures = answers.iter().filter_map(|answered| answered.answer.as_ref().err());
            let retry_after = failures.filter_map(|failure| failure.retry_after).max();
            Seen::Pending(answers, missing.join("; "), retry_after)
        };
        wait::until(limit, interrupt, global, look)
    }
}

/// Returns the verdict on all clients; `None` when all of them are published everywhere.
pub(super) fn verdict(answers: &[Answered]) -> Option<Outcome> {
    let standings: Vec<Result<Standing, &Failure>> = answers.iter().map(Answered::standing).collect();
    let any = |is_meant: fn(&Standing) -> bool| standings.iter().flatten().any(is_meant);
    if standings.iter().any(Result::is_err) {
        return Some(Outcome::Unknown);
    }
    if any(|standing| matches!(standing, Standing::Yanked(_))) {
        return Some(Outcome::Yanked);
    }
    let lacks = any(|standing| matches!(standing, Standing::Absent | Standing::Incomplete(_)));
    let has = any(|standing| matches!(standing, Standing::Published | Standing::Incomplete(_)));
    match (lacks, has) {
        (false, _) => None,
        (true, true) => Some(Outcome::Lagging),
        (true, false) => Some(Outcome::Absent),
    }
}
