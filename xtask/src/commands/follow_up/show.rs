//! The words of `release post` and `release relock`: each branch with its diff, what was asked, what was done, what comes next.

mod next;

pub(crate) use next::title;

use super::branch::Branch;
use super::json::{self, AnswerDocument};
use super::observe::Observed;
use super::part::{Part, Role, branches};
use super::run::{Command, Run};
use crate::Outcome;
use crate::cli::Format;
use crate::effects::commit::refused_by;
use crate::output;
use crate::output::{HEADING, QUIET, command_line, count, diff, fetched, lines, say};
use crate::registry::{Answered, Question};
use crate::stop::{Result, Stop};
use release_core::plan::preconditions::short;
use release_core::problem::Problem;
use release_core::registry::simple::Standing;
use release_core::text::quoted;
use release_core::train::{Step, StepId};
use std::cell::RefCell;

/// Gathers what a run says, for both formats.
pub(crate) struct Report<'a> {
    pub(super) run: &'a Run<'a>,
    pub(super) observed: &'a Observed<'a>,
    answers: RefCell<Vec<AnswerDocument>>,
}

impl<'a> Report<'a> {
    pub(crate) fn new(run: &'a Run<'a>, observed: &'a Observed<'a>) -> Self {
        Self { run, observed, answers: RefCell::default() }
    }

    fn say(&self, line: &str) {
        say(self.run.global, line);
    }

    fn row(&self, name: &str, text: &str) {
        self.say(&format!("  {QUIET}{name:<9}{QUIET:#} {text}"));
    }

    fn is_json(&self) -> bool {
        self.run.global.output_format == Some(Format::Json)
    }

    /// Shows what was found.
    pub(crate) fn header(&self, parts: &[Part]) {
        let (global, repository) = (self.run.global, self.observed.repository);
        match self.run.command {
            Command::Post(release) => {
                let (kind, line) = (release.kind(), release.line());
                self.say(&format!("{HEADING}after release {release}{HEADING:#}, a {kind} of line {line}"));
            }
            Command::Relock { .. } => self.say(&format!("{HEADING}lockfiles{HEADING:#}")),
        }
        let stays = if self.run.writes() && !global.dry_run { "" } else { "; its files stay as they are" };
        self.row("where", &format!("{}{stays}", repository.location.root));
        for part in parts {
            self.row(part.role.name(), &self.in_short(part));
        }
        let remote = match self.observed.remote.as_str() {
            "" => "none".to_owned(),
            name => format!("{name}, {}", fetched(repository.last_fetch())),
        };
        self.row("remote", &remote);
        // Where no lockfile follows a release, it is no surprise that none is managed.
        let has_locks = |branch: &&Branch| !branch.jobs.is_empty() || global.verbose > 0;
        for branch in branches(parts).filter(has_locks) {
            for job in &branch.jobs {
                let state = if job.is_locked() { "right already" } else { "managed" };
                self.row("lockfile", &format!("{}: {state}", branch.path(job)));
            }
        }
        // Branches mostly have the same ones.
        let mut shown: Vec<String> = Vec::new();
        for left in branches(parts).filter(has_locks).flat_map(|branch| &branch.lockfiles.left) {
            let row = format!("{}: not managed, {}", left.path, left.reason);
            if !shown.contains(&row) {
                self.row("lockfile", &row);
                shown.push(row);
            }
        }
        self.warnings(parts);
    }

    /// Says what is left to a person.
    fn warnings(&self, parts: &[Part]) {
        for part in parts.iter().filter(|part| !part.warnings.is_empty()) {
            let texts = part.branch.iter().flat_map(|branch| &branch.texts);
            self.say("");
            output::warnings(&part.warnings, texts.map(|(path, text)| (path.as_path(), text)));
        }
    }

    /// The goals of a part, in a line.
    fn in_short(&self, part: &Part) -> String {
        let branch = match &part.branch {
            Ok(branch) => branch,
            Err(why) => return format!("{} stays as it is: {why}", part.name),
        };
        let from = part.base.as_deref().map_or_else(String::new, |base| format!(", from {}", short(base)));
        let mut goals: Vec<String> = Vec::new();
        if let (Role::Main, Some(version)) = (part.role, &branch.version) {
            goals.push(match self.run.command {
                Command::Post(release) if *version != format!("{}.dev0", release.next_patch()) => {
                    format!("{version}, which is above what follows {release}")
                }
                _ => version.clone(),
            });
        }
        goals.extend(branch.clients());
        let goals = if goals.is_empty() { "nothing that follows a release".to_owned() } else { goals.join(", ") };
        format!("{}{from}: {goals}", part.name)
    }

    /// Notes what the registries answered.
    pub(crate) fn answers(&self, answers: &[Answered]) {
        for answered in answers {
            let standing = answered.standing();
            let state = match &standing {
                Ok(Standing::Published) => "published",
                Ok(Standing::Absent) => "absent",
                Ok(Standing::Incomplete(_)) => "incomplete",
                Ok(Standing::Yanked(_)) => "yanked",
                Err(_) => "unknown",
            };
            let Question { name, whom, .. } = &answered.question;
            let (version, registry, address) = (answered.question.spelled_version(), whom.registry, &whom.address);
            if standing == Ok(Standing::Published) {
                let named_by = whom.named_by();
                self.row(state, &format!("{name} {version} on {registry}, says {address}, named by {named_by}"));
            }
            self.answers.borrow_mut().push(AnswerDocument {
                client: name.clone(),
                registry,
                address: address.clone(),
                origin: whom.origin.kind(),
                named_by: whom.origin.to_string(),
                version,
                state,
                detail: answered.missing(),
            });
        }
    }

    /// Shows the diffs.
    pub(crate) fn parts(&self, parts: &[Part]) {
        for written in parts.iter().flat_map(|part| &part.by_tool).filter(|written| !written.beyond.is_empty()) {
            let shown: Vec<&str> = written.beyond.iter().take(8).map(String::as_str).collect();
            let more = match written.beyond.len() - shown.len() {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            output::note(&format!("{} changes beyond the client: {}{more}", written.path, shown.join(", ")));
        }
        if self.is_json() || self.run.global.quiet && !self.run.global.dry_run {
            return;
        }
        for part in parts.iter().filter(|part| !part.is_done()) {
            let goes_to = match &part.target {
                Some(target) if target.is_direct() => String::new(),
                Some(target) => format!(", for {}", target.goes_to),
                None => ", in the checkout".to_owned(),
            };
            self.say(&format!("\n{HEADING}{}{HEADING:#}{goes_to}", part.name));
            for file in &part.files {
                lines(&diff::unified(&file.path, file.old.as_str(), file.new.as_str()));
            }
        }
    }

    /// Nothing was written, as no more was asked for.
    pub(crate) fn planned(&self, parts: &[Part]) -> Result<Outcome> {
        self.say(&format!("\nwould change {}; nothing was changed", extent(parts)));
        let changed = parts.iter().filter(|part| !part.is_done());
        let goes_to = joined(changed);
        let title = match goes_to.as_str() {
            _ if self.run.writes() => "write this".to_owned(),
            "" => "make the tag".to_owned(),
            _ => format!("commit this to {goes_to}"),
        };
        let mut steps = vec![Step::ready(StepId::Edits, title, [self.run.again()])];
        steps.extend(next::last_steps(self.run, parts));
        self.finish("planned", parts, &steps)
    }

    /// The target state is there.
    pub(crate) fn nothing_to_do(&self, parts: &[Part]) -> Result<Outcome> {
        let is_left = branches(parts).any(|branch| !branch.left_locks().is_empty());
        let steps = next::publishing(self.run, parts, self.observed);
        let is_arrived = self.tagging().is_none() && steps.iter().all(|step| step.id == StepId::Announcement);
        match joined(parts.iter().filter(|part| part.waits())).as_str() {
            _ if is_left => {
                self.say("\nthere is no more to edit, but a lockfile is left that another tool has to write");
            }
            "" if parts.iter().any(|part| !part.warnings.is_empty()) => {
                self.say("\nnothing to do here; the warnings say what is left");
            }
            "" if !self.run.is_post() && branches(parts).all(|branch| branch.jobs.is_empty()) => {
                self.say("\nnothing to do: there is no lockfile of uv's or npm's that has a client");
            }
            "" if !is_arrived => self.say("\nnothing to edit: what is left comes next"),
            "" => self.say("\nnothing to do: everything is as it must be"),
            waiting => self.say(&format!("\nnothing to do: it is committed on {waiting}, and waits to be merged")),
        }
        self.finish("nothing-to-do", parts, &steps)
    }

    /// The step that is left until the release's tag is on the remote.
    fn tagging(&self) -> Option<Step> {
        match self.run.command {
            Command::Post(release) => self.observed.tagging(release),
            Command::Relock { .. } => None,
        }
    }

    /// The checkout's lockfiles are written.
    pub(crate) fn written(&self, parts: &[Part]) -> Result<Outcome> {
        self.say(&format!("\nchanged {}", extent(parts)));
        let files: Vec<String> =
            parts.iter().flat_map(|part| &part.files).map(|file| quoted(file.path.as_str()).into_owned()).collect();
        let commit = format!("git commit --message 'chore: lock the clients' -- {}", files.join(" "));
        let mut steps = vec![Step::ready(StepId::Commit, "commit the lockfiles", [commit])];
        steps.extend(next::last_steps(self.run, parts));
        self.finish("written", parts, &steps)
    }

    /// The commits are made.
    pub(crate) fn committed(&self, parts: &[Part]) -> Result<Outcome> {
        self.say("");
        for part in parts {
            if let (Some(commit), Some(target)) = (&part.commit, &part.target) {
                let base = part.base.as_deref().unwrap_or_default();
                self.say(&format!("committed {} to {}, on {}", short(commit), target.goes_to, short(base)));
            }
            if let Some((name, at)) = part.to_tag() {
                self.say(&format!("tagged {} as {name}", short(at)));
            }
        }
        self.finish("committed", parts, &next::publishing(self.run, parts, self.observed))
    }

    /// Ends a run with the steps that remain. A lockfile that is left to another tool is no success.
    fn finish(&self, outcome: &'static str, parts: &[Part], steps: &[Step]) -> Result<Outcome> {
        let mut left: Vec<(Problem, Step)> = Vec::new();
        for (problem, lock) in branches(parts).flat_map(Branch::left_locks) {
            let step = Step::ready(StepId::Lockfiles, format!("write {}", lock.path), [lock.command.clone()]);
            if left.iter().all(|(_, known)| *known != step) {
                left.push((problem, step));
            }
        }
        let (left, mut all): (Vec<Problem>, Vec<Step>) = left.into_iter().unzip();
        all.splice(0..0, steps.iter().cloned());
        all.splice(0..0, self.tagging());
        output::next(self.run.global, &self.observed.repository.location.root, &all);
        if left.is_empty() {
            output::print(self.document(outcome, parts, &[], &all));
            return Ok(Outcome::Done);
        }
        let document = |found: &[Problem]| self.document("incomplete", parts, found, &all);
        let texts = branches(parts).flat_map(|branch| branch.texts.clone());
        Err(Stop::ended(left, Outcome::Refused).within(texts).told(|found| (None, document(found))))
    }

    /// Problems that stand in the way. Nothing was written.
    pub(crate) fn stop(&self, stop: Stop) -> Stop {
        stop.told(|found| {
            let line = format!("{}, nothing was changed", count(found.len(), "problem"));
            ((!self.run.global.quiet).then_some(line), self.document("refused", &[], found, &[]))
        })
    }

    /// A registry cannot be asked, which is no answer to whether a client is published.
    pub(crate) fn cannot_ask(&self, problem: Problem) -> Stop {
        self.ended(vec![problem], Outcome::Unknown, "unknown", None)
    }

    /// Clients that are not there, each with what its registry says.
    pub(crate) fn unpublished(&self, answers: &[Answered], outcome: Outcome) -> Stop {
        let published = answers.iter().filter(|answered| answered.standing() == Ok(Standing::Published));
        let published: Vec<&str> = published.map(|answered| answered.question.whom.registry.name()).collect();
        let wait = "wait for it: `--wait 15m`";
        let (name, help) = match outcome {
            Outcome::Absent => ("absent", format!("see that the release was published; {wait}")),
            Outcome::Lagging if published.is_empty() => ("lagging", wait.to_owned()),
            Outcome::Lagging => ("lagging", format!("it is on {} already; {wait}", published.join(" and "))),
            Outcome::Yanked => (
                "yanked",
                "it is not to be locked: release the next patch, or take the yank back on the index".to_owned(),
            ),
            _ => ("unknown", "this says nothing about whether it is published: try again, or `--wait 15m`".to_owned()),
        };
        // Waiting does not help where it would not even be tried.
        let help_for = |answered: &Answered| match answered.may_change() || outcome != Outcome::Unknown {
            true => help.clone(),
            false => "this says nothing about whether it is published, and waiting does not help".to_owned(),
        };
        let post = if self.run.is_post() { "; main's part alone: `--only main`" } else { "" };
        let problem = |answered: &Answered| Some(Problem::new(answered.missing()?, help_for(answered) + post));
        let found: Vec<Problem> = answers.iter().filter_map(problem).collect();
        let line = (!self.run.global.quiet).then(|| "nothing was changed".to_owned());
        self.ended(found, outcome, name, line)
    }

    /// A hook, or git, did not let a commit pass.
    pub(crate) fn hook_refused(&self, hook: Option<&str>, ids: &[String]) -> Stop {
        let again = command_line();
        let skip = if ids.is_empty() { String::new() } else { format!(", or `SKIP={} {again}`", ids.join(",")) };
        let problem = Problem::new(
            format!("{}; nothing was committed, and this checkout was not touched", refused_by(hook, ids, "a commit")),
            format!("mend what it names and run `{again}` again{skip}"),
        );
        self.commit_refused(problem)
    }

    /// A commit did not come about, or is not what was planned.
    pub(crate) fn commit_refused(&self, problem: Problem) -> Stop {
        self.ended(vec![problem], Outcome::Refused, "refused", None)
    }

    fn ended(&self, problems: Vec<Problem>, outcome: Outcome, name: &'static str, line: Option<String>) -> Stop {
        Stop::ended(problems, outcome).told(|found| (line, self.document(name, &[], found, &[])))
    }

    fn document(
        &self,
        outcome: &'static str,
        parts: &[Part],
        problems: &[Problem],
        next: &[Step],
    ) -> Option<output::Document> {
        let (run, config) = (self.run, self.observed.config);
        let answers = self.answers.borrow();
        self.is_json().then(|| json::document(run, config, &answers, outcome, parts, problems, next))
    }
}

/// The branches that parts go to.
fn joined<'a>(parts: impl Iterator<Item = &'a Part>) -> String {
    let targets = parts.filter_map(|part| part.target.as_ref());
    targets.map(|target| target.goes_to.as_str()).collect::<Vec<_>>().join(" and ")
}

/// `2 files on main, 3 files on release-0.4.x`.
fn extent(parts: &[Part]) -> String {
    let changed = parts.iter().filter(|part| !part.is_done());
    let files = changed.map(|part| format!("{} on {}", count(part.files.len(), "file"), part.name));
    let tags = parts.iter().filter_map(Part::to_tag);
    let tags = tags.map(|(name, at)| format!("the tag {name} on {}", short(at)));
    files.chain(tags).collect::<Vec<_>>().join(", ")
}
