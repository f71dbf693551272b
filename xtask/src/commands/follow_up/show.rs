//! What `release post` and `release relock` show: each branch with its diff, what was asked, what was done, what comes next.

mod next;

pub(crate) use next::title;

use super::json;
use crate::Outcome;
use crate::checkout::Repository;
use crate::cli::{CommitFlags, Format, Global};
use crate::commands::follow_up::branch::Branch;
use crate::commands::follow_up::observe::Observed;
use crate::commands::follow_up::part::{Part, Role};
use crate::commands::follow_up::tag::{DevTag, State};
use crate::output;
use crate::output::{HEADING, QUIET, command_line, count, diff, lines, next, say};
use crate::registry::{Answered, Question};
use crate::stop::Stop;
use camino::Utf8Path;
use release_core::monorepo::Config;
use release_core::plan::preconditions::short;
use release_core::problem::Problem;
use release_core::registry::simple::Standing;
use release_core::text::quoted;
use release_core::train::{Step, StepId};
use release_core::version::Release;
use std::cell::RefCell;

/// Which of the two commands runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Command {
    /// `post`, after this release.
    Post(Release),
    /// `relock`; whether it edits the checkout.
    Relock { writes: bool },
}

impl Command {
    /// Whether files of the checkout are written.
    pub(crate) fn writes(self) -> bool {
        self == Self::Relock { writes: true }
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Post(_) => "post",
            Self::Relock { .. } => "relock",
        }
    }
}

/// Gathers what a run says, for both formats.
pub(crate) struct Report<'a> {
    pub(super) global: &'a Global,
    repository: &'a Repository,
    pub(super) command: Command,
    pub(super) config: &'a Config,
    flags: &'a CommitFlags,
    pub(super) answers: RefCell<Vec<json::AnswerDocument>>,
}

impl<'a> Report<'a> {
    pub(crate) fn new(
        global: &'a Global,
        repository: &'a Repository,
        command: Command,
        config: &'a Config,
        flags: &'a CommitFlags,
    ) -> Self {
        Self { global, repository, command, config, flags, answers: RefCell::default() }
    }

    fn say(&self, line: &str) {
        say(self.global, line);
    }

    fn row(&self, name: &str, text: &str) {
        self.say(&format!("  {QUIET}{name:<9}{QUIET:#} {text}"));
    }

    fn is_json(&self) -> bool {
        self.global.output_format == Some(Format::Json)
    }

    /// Shows what was found.
    pub(crate) fn header(&self, parts: &[Part], remote: &str) {
        match self.command {
            Command::Post(release) => {
                let (kind, line) = (release.kind(), release.line());
                self.say(&format!("{HEADING}after release {release}{HEADING:#}, a {kind} of line {line}"));
            }
            Command::Relock { .. } => self.say(&format!("{HEADING}lockfiles{HEADING:#}")),
        }
        let stays = if self.command.writes() && !self.global.dry_run { "" } else { "; its files stay as they are" };
        self.row("where", &format!("{}{stays}", self.repository.location.root));
        for part in parts {
            let name = match part.role {
                Role::Line => "line",
                Role::Main => "main",
                Role::Locks => "branch",
                Role::Checkout => "checkout",
            };
            self.row(name, &self.in_short(part));
        }
        let remote = match (remote, self.repository.last_fetch()) {
            ("", _) => "none".to_owned(),
            (name, Some(age)) => format!("{name}, last fetched {} ago", crate::output::age_in_words(age)),
            (name, None) => format!("{name}, not fetched since it was cloned"),
        };
        self.row("remote", &remote);
        // Where no lockfile follows a release, it is no surprise that none is managed.
        let has_locks = |branch: &&Branch| !branch.jobs.is_empty() || self.global.verbose > 0;
        let branches = || parts.iter().filter_map(|part| part.branch.as_ref().ok()).filter(has_locks);
        for branch in branches() {
            for job in &branch.jobs {
                let state = if job.is_right() { "right already" } else { "managed" };
                self.row("lockfile", &format!("{}: {state}", branch.path(job)));
            }
        }
        // Branches mostly have the same ones.
        let mut shown: Vec<(&Utf8Path, &str)> = Vec::new();
        for branch in branches() {
            for left in &branch.lockfiles.left {
                if !shown.contains(&(&left.path, &left.reason)) {
                    shown.push((&left.path, &left.reason));
                    self.row("lockfile", &format!("{}: not managed, {}", left.path, left.reason));
                }
            }
        }
    }

    /// What a part comes to, in a line.
    fn in_short(&self, part: &Part) -> String {
        let branch = match &part.branch {
            Ok(branch) => branch,
            Err(why) => return format!("{} stays as it is: {why}", part.name),
        };
        let from = part.base.as_deref().map_or_else(String::new, |base| format!(", from {}", short(base)));
        let mut goals: Vec<String> = Vec::new();
        if let (Role::Main, Some(version)) = (part.role, &branch.version) {
            goals.push(match self.command {
                Command::Post(release) if *version != format!("{}.dev0", release.next_patch()) => {
                    format!("{version}, which is above what follows {release}")
                }
                _ => version.clone(),
            });
        }
        let mut clients: Vec<String> = branch
            .jobs
            .iter()
            .flat_map(|job| &job.wanted)
            .map(|(wanted, _)| format!("{} {}", wanted.client, wanted.version))
            .collect();
        clients.sort();
        clients.dedup();
        goals.extend(clients);
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
            let (version, registry, address) =
                (answered.question.spelled_version(), whom.registry(), whom.address().to_owned());
            if standing == Ok(Standing::Published) {
                let named_by = whom.named_by();
                self.row(state, &format!("{name} {version} on {registry}, says {address}, named by {named_by}"));
            }
            self.answers.borrow_mut().push(json::AnswerDocument {
                client: name.clone(),
                registry,
                address,
                origin: whom.origin().kind(),
                named_by: whom.origin().to_string(),
                version,
                state,
                detail: answered.missing(),
            });
        }
    }

    /// Shows the diffs.
    pub(crate) fn parts(&self, parts: &[Part]) {
        for part in parts {
            for (path, beyond) in &part.beyond {
                let shown: Vec<&str> = beyond.iter().take(8).map(String::as_str).collect();
                let more = beyond.len() - shown.len();
                let more = if more > 0 { format!(" and {more} more") } else { String::new() };
                crate::output::note(&format!("{path} changes beyond the client: {}{more}", shown.join(", ")));
            }
        }
        if self.is_json() || self.global.quiet && !self.global.dry_run {
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

    /// `2 files on main, 3 files on release-0.4.x`.
    fn extent(parts: &[Part]) -> String {
        let changed = parts.iter().filter(|part| !part.is_done());
        let files: Vec<String> =
            changed.map(|part| format!("{} on {}", count(part.files.len(), "file"), part.name)).collect();
        let tags = parts.iter().filter_map(|part| match &part.tag {
            Some(DevTag { name, state: State::On(at) }) => Some(format!("the tag {name} on {}", short(at))),
            _ => None,
        });
        files.into_iter().chain(tags).collect::<Vec<_>>().join(", ")
    }

    /// The command that makes what this one has shown.
    fn again(&self) -> String {
        let line = command_line();
        let words: Vec<&str> = line.split(' ').filter(|word| !["--dry-run", "-n"].contains(word)).collect();
        let commit = if self.flags.commit || self.command.writes() { "" } else { " --commit" };
        words.join(" ") + commit
    }

    /// Nothing was written, and nobody asked for more.
    pub(crate) fn planned(&self, parts: &[Part]) -> Outcome {
        self.say(&format!("\nwould change {}; nothing was changed", Self::extent(parts)));
        let is_dry = self.global.dry_run;
        let again = self.again();
        let goes_to: Vec<&str> = parts
            .iter()
            .filter(|part| !part.is_done())
            .filter_map(|part| part.target.as_ref())
            .map(|target| target.goes_to.as_str())
            .collect();
        let title = match (is_dry, self.command.writes()) {
            (_, true) => "write this".to_owned(),
            _ if goes_to.is_empty() => "make the tag".to_owned(),
            _ => format!("commit this to {}", goes_to.join(" and ")),
        };
        let mut steps = vec![Step::ready(StepId::Edits, title, [again])];
        steps.extend(self.last_steps(parts));
        self.finish("planned", parts, &steps)
    }

    /// The target state is there.
    pub(crate) fn nothing_to_do(&self, parts: &[Part], observed: &Observed<'_>) -> Outcome {
        let waiting: Vec<&str> = parts
            .iter()
            .filter(|part| part.waits())
            .filter_map(|part| part.target.as_ref())
            .map(|target| target.goes_to.as_str())
            .collect();
        match waiting[..] {
            [] => self.say("\nnothing to do: everything is as it must be"),
            _ => self
                .say(&format!("\nnothing to do: it is committed on {}, and waits to be merged", waiting.join(" and "))),
        }
        self.finish("nothing-to-do", parts, &self.publishing(parts, observed))
    }

    /// The checkout's lockfiles are written.
    pub(crate) fn written(&self, parts: &[Part]) -> Outcome {
        self.say(&format!("\nchanged {}", Self::extent(parts)));
        let files: Vec<String> =
            parts.iter().flat_map(|part| &part.files).map(|file| quoted(file.path.as_str()).into_owned()).collect();
        let commit = format!("git commit --message 'chore: lock the clients' -- {}", files.join(" "));
        let mut steps = vec![Step::ready(StepId::Commit, "commit the lockfiles", [commit])];
        steps.extend(self.last_steps(parts));
        self.finish("written", parts, &steps)
    }

    /// The commits are made.
    pub(crate) fn committed(&self, parts: &[Part], observed: &Observed<'_>) -> Outcome {
        self.say("");
        for part in parts {
            if let (Some(commit), Some(target)) = (&part.commit, &part.target) {
                let base = part.base.as_deref().unwrap_or_default();
                self.say(&format!("committed {} to {}, on {}", short(commit), target.goes_to, short(base)));
            }
            if let Some(DevTag { name, state: State::On(at) }) = &part.tag {
                self.say(&format!("tagged {} as {name}", short(at)));
            }
        }
        self.finish("committed", parts, &self.publishing(parts, observed))
    }

    fn finish(&self, outcome: &'static str, parts: &[Part], steps: &[Step]) -> Outcome {
        next(self.global, &self.repository.location.root, steps);
        output::print(self.document(outcome, parts, &[], steps));
        Outcome::Done
    }

    /// What stands in the way. Nothing was written.
    pub(crate) fn stop(&self, stop: Stop) -> Stop {
        stop.told(|found| {
            let line = format!("{}, nothing was changed", count(found.len(), "problem"));
            ((!self.global.quiet).then_some(line), self.document("refused", &[], found, &[]))
        })
    }

    /// A registry cannot be asked, which is no answer to whether a client is published.
    pub(crate) fn cannot_ask(&self, problem: Problem) -> Stop {
        Stop::ended(vec![problem], Outcome::Unknown).told(|found| (None, self.document("unknown", &[], found, &[])))
    }

    /// Clients that are not there, each with what its registry says.
    pub(crate) fn unpublished(&self, answers: &[Answered], outcome: Outcome) -> Stop {
        let published = answers.iter().filter(|answered| answered.standing() == Ok(Standing::Published));
        let published: Vec<&str> = published.map(|answered| answered.question.whom.registry().name()).collect();
        let wait = "wait for it: `--wait 15m`";
        let (name, help) = match outcome {
            Outcome::Absent => ("absent", format!("see that the release was published; {wait}")),
            Outcome::Lagging => (
                "lagging",
                match published[..] {
                    [] => wait.to_owned(),
                    _ => format!("it is on {} already; {wait}", published.join(" and ")),
                },
            ),
            Outcome::Yanked => (
                "yanked",
                "nobody should lock it: release the next patch, or take the yank back on the index".to_owned(),
            ),
            _ => ("unknown", "this says nothing about whether it is published: try again, or `--wait 15m`".to_owned()),
        };
        // Waiting does not help where it would not even be tried.
        let help_for = |answered: &Answered| match answered.may_change() || outcome != Outcome::Unknown {
            true => help.clone(),
            false => "this says nothing about whether it is published, and waiting does not help".to_owned(),
        };
        let post = if matches!(self.command, Command::Post(_)) { "; main's part alone: `--only main`" } else { "" };
        let problem = |answered: &Answered| Some(Problem::new(answered.missing()?, help_for(answered) + post));
        let found: Vec<Problem> = answers.iter().filter_map(problem).collect();
        let line = (!self.global.quiet).then(|| "nothing was changed".to_owned());
        Stop::ended(found, outcome).told(|found| (line, self.document(name, &[], found, &[])))
    }

    /// A hook, or git, did not let a commit pass.
    pub(crate) fn hook_refused(&self, hook: Option<&str>, ids: &[String]) -> Stop {
        let again = command_line();
        let named = match (hook, ids) {
            (Some(hook), []) => format!("the {hook} hook refused a commit"),
            (Some(hook), ids) => format!("the {hook} hook refused a commit: {} failed", ids.join(", ")),
            (None, _) => "git refused a commit".to_owned(),
        };
        let skip = if ids.is_empty() { String::new() } else { format!(", or `SKIP={} {again}`", ids.join(",")) };
        let problem = Problem::new(
            format!("{named}; nothing was committed, and this checkout was not touched"),
            format!("mend what it names and run `{again}` again{skip}"),
        );
        self.commit_refused(problem)
    }

    /// A commit did not come about, or is not what was planned.
    pub(crate) fn commit_refused(&self, problem: Problem) -> Stop {
        Stop::ended(vec![problem], Outcome::Refused).told(|found| (None, self.document("refused", &[], found, &[])))
    }

    fn document(
        &self,
        outcome: &'static str,
        parts: &[Part],
        problems: &[Problem],
        next: &[Step],
    ) -> Option<output::Document> {
        self.is_json().then(|| json::document(self, outcome, parts, problems, next))
    }
}
