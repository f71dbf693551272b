//! The words of `release patch|minor|major|rc`: what was found, the diff, what was done, what comes next.

use super::observe::Observed;
use super::planned::Planned;
use crate::Outcome;
use crate::cli::{Format, Global};
use crate::effects::commit::refused_by;
use crate::output;
use crate::output::json::{self, Document, RefDocument, ReleaseDocument};
use crate::output::{ADDED, HEADING, QUIET, command_line, count, diff, fetched, lines, next, say};
use crate::stop::Stop;
use release_core::monorepo::{Left, Monorepo, PinForm, Scheme};
use release_core::pins::policy::specifier;
use release_core::plan::preconditions::{Place, Target, short};
use release_core::plan::{self, Plan, PlannedKind};
use release_core::problem::Problem;
use release_core::train::Step;
use release_core::train::tagged::Tagged;
use release_core::version::{Release, Version};

/// Gathers what a run says, for both formats.
pub(crate) struct Report<'a> {
    global: &'a Global,
    observed: &'a Observed<'a>,
    refs: Vec<RefDocument>,
    plan: Option<Plan>,
    /// The reason for which a final comes before its policy lets it.
    pub(super) early: Option<&'a str>,
    warnings: Vec<Problem>,
}

impl<'a> Report<'a> {
    pub(crate) fn new(global: &'a Global, observed: &'a Observed<'a>) -> Self {
        Self { global, observed, refs: Vec::new(), plan: None, early: None, warnings: Vec::new() }
    }

    fn say(&self, line: &str) {
        say(self.global, line);
    }

    fn is_json(&self) -> bool {
        self.global.output_format == Some(Format::Json)
    }

    /// Notes the references that the plan works on.
    pub(crate) fn refs(&mut self, place: &Place, tip: &str) {
        let Observed { config, request, line, refs, history, .. } = self.observed;
        let full = |name: &str| format!("refs/heads/{name}");
        let mut note = |name: String, commit: Option<&str>, role| {
            self.refs.push(RefDocument { name, commit: commit.map(str::to_owned), role });
        };
        match place {
            Place::WorkTree => {
                let branch = self.observed.here();
                if branch != line {
                    note(full(line), self.observed.line_tip(), "base");
                }
                note(full(branch), Some(tip), if request.target == Target::WorkTree { "work-tree" } else { "commit" });
            }
            Place::CutInWorkTree => {
                note(full(&config.main), Some(tip), "cut-from");
                note(full(line), None, "work-tree");
            }
            Place::Temporary { branch, cuts, .. } => {
                if *cuts {
                    note(full(&config.main), Some(tip), "cut-from");
                }
                if branch != line {
                    note(full(line), Some(tip).filter(|_| !cuts), if *cuts { "create" } else { "base" });
                }
                let now = refs.branch(branch).map(|branch| branch.commit.as_str());
                note(full(branch), now, "commit");
            }
        }
        let tag = config.tag.tag(request.release);
        note(format!("refs/tags/{tag}"), history.commit(request.release), "tag");
    }

    /// Shows what was found.
    pub(super) fn plan(&mut self, planned: &Planned, place: &Place) {
        let Planned { monorepo, plan, warnings, elsewhere } = planned;
        self.header(monorepo, place);
        if self.global.verbose > 0 {
            self.discovery(monorepo, plan);
        }
        if !warnings.is_empty() {
            self.say("");
        }
        output::warnings(warnings, elsewhere.iter().map(|(path, text)| (path.as_path(), text)));
        self.warnings.clone_from(warnings);
        self.plan = Some(plan.clone());
    }

    /// Shows the diff. With `--quiet` only a dry run has it, which is asked for nothing else.
    pub(crate) fn diff(&self) {
        if self.is_json() || self.global.quiet && !self.global.dry_run {
            return;
        }
        for file in self.plan.iter().flat_map(|plan| &plan.files) {
            lines(&diff::unified(&file.path, file.old.as_str(), file.new.as_str()));
        }
    }

    fn header(&self, monorepo: &Monorepo, place: &Place) {
        let Observed { repository, config, request, line, history, .. } = self.observed;
        let (release, kind) = (request.release, request.release.kind());
        let what = if release.is_candidate() { format!("candidate of the {kind}") } else { kind.to_string() };
        let before = |last: &Release| *last < release;
        let last = history.last_final(release.line()).filter(before);
        let last = last.or_else(|| history.finals().rfind(before));
        let last = last.map_or_else(String::new, |last| format!(" after {last}"));
        self.say(&format!("{HEADING}release {release}{HEADING:#}, a {what}{last}"));
        let (root, main) = (&repository.location.root, &config.main);
        let place = match place {
            Place::WorkTree => format!("{root}, on {}", self.observed.here()),
            Place::CutInWorkTree => format!("{root}, on {main}; {line} is cut here"),
            Place::Temporary { base, branch, cuts: true } if branch == line => {
                format!("{line}, cut from {main} at {}, in a temporary work tree", short(base))
            }
            Place::Temporary { base, branch, cuts: true } => {
                format!("{branch} on {line}, cut from {main} at {}, in a temporary work tree", short(base))
            }
            Place::Temporary { base, branch, .. } => {
                format!("{branch}, from {}, in a temporary work tree", short(base))
            }
        };
        self.row("where", &place);
        let packages: Vec<String> = monorepo.packages.iter().map(|package| package.name.clone()).collect();
        let scheme = match monorepo.scheme {
            Scheme::Dynamic => "setuptools-scm",
            Scheme::Static => "static versions",
        };
        self.row("packages", &format!("{} ({scheme})", abridged(&packages)));
        for client in &monorepo.clients {
            let form = if release.is_candidate() { client.policy.candidate } else { client.policy.release };
            let form = match form {
                PinForm::Keep => "kept as it is".to_owned(),
                PinForm::Unpinned => "without a version".to_owned(),
                form => Version::parse(&release.to_string())
                    .map_or_else(|_| form.to_string(), |version| format!("pinned {}", specifier(form, &version))),
            };
            self.row("client", &format!("{}, {form}", client.name));
        }
        self.row("remote", &self.remote());
        if let Some(reason) = self.early {
            self.row("early", &format!("before its policy lets it: {reason}"));
        }
    }

    fn row(&self, name: &str, text: &str) {
        self.say(&format!("  {QUIET}{name:<8}{QUIET:#}  {text}"));
    }

    fn remote(&self) -> String {
        let Observed { repository, remote, .. } = self.observed;
        if remote.name.is_empty() {
            return "none".to_owned();
        }
        let asked = if self.global.offline { "not asked, offline" } else { "asked just now for the tag" };
        format!("{}, {}; {asked}", remote.name, fetched(repository.last_fetch()))
    }

    /// Shows the manifests that were taken and left, each with the reason.
    fn discovery(&self, monorepo: &Monorepo, plan: &Plan) {
        self.say("");
        for package in &monorepo.packages {
            self.say(&format!("  {ADDED}taken{ADDED:#}  {}: {}, {}", package.path, package.name, package.why));
        }
        for (path, manifest) in monorepo.manifests.iter().filter(|(path, _)| monorepo.package_at(path).is_none()) {
            let why = match &manifest.lists {
                Some(table) => format!("the build reads `{table}` from it"),
                None => "no package, but the root's requirements count".to_owned(),
            };
            self.say(&format!("  {ADDED}taken{ADDED:#}  {path}: {why}"));
        }
        for client in &monorepo.clients {
            self.say(&format!("  {ADDED}client{ADDED:#} {}: {}", client.name, client.why));
        }
        for ui in &monorepo.uis {
            self.say(&format!("  {ADDED}ui{ADDED:#}     {} asks for {}", ui.path, ui.client));
        }
        let untracked = self.observed.repository.untracked_manifests(monorepo);
        for Left { path, reason } in monorepo.left.iter().chain(&untracked) {
            self.say(&format!("  {QUIET}left{QUIET:#}   {path}: {reason}"));
        }
        for site in &plan.sites {
            let outcome = match site.outcome {
                plan::Outcome::Changed => "changes",
                plan::Outcome::AlreadyRight => "right",
                plan::Outcome::Kept => "kept",
            };
            let value = site.old.as_deref().or(site.new.as_deref()).unwrap_or_default();
            self.say(&format!(
                "  {QUIET}site{QUIET:#}   {}:{}:{} [{}] {value}: {outcome}",
                site.path, site.location.line, site.location.column, site.table
            ));
        }
    }

    /// Says that the line's branch was made.
    pub(crate) fn cut(&mut self, line: &str, main: &str, base: &str) {
        self.say(&format!("switched to {line}, new, cut from {main}"));
        self.made("work-tree", base);
    }

    /// Notes where a reference is now.
    fn made(&mut self, role: &str, commit: &str) {
        if let Some(document) = self.refs.iter_mut().find(|document| document.role == role) {
            document.commit = Some(commit.to_owned());
        }
    }

    /// Says that a commit was made.
    pub(crate) fn committed(&mut self, commit: &str, branch: &str, base: &str) {
        self.say(&format!("committed {} to {branch}, on {}", short(commit), short(base)));
        self.made("commit", commit);
        self.made("create", base);
    }

    /// The files are written.
    pub(crate) fn written(&self, steps: &[Step]) -> Outcome {
        self.done("written", steps)
    }

    /// The run has done what it does.
    pub(crate) fn done(&self, outcome: &'static str, steps: &[Step]) -> Outcome {
        self.ended(outcome, &self.summary("changed"), steps)
    }

    /// Nothing is written: it is done already, or this is a dry run.
    pub(crate) fn finish(&self, place: &Place, is_done: bool, steps: &[Step]) -> Outcome {
        let Observed { config, request, history, remote, line, .. } = self.observed;
        let release = request.release;
        if !is_done {
            let line = format!("{}; dry run, nothing was changed", self.summary("would change"));
            return self.ended("planned", &line, steps);
        }
        let branch = self.observed.branch(place);
        let line = match history.commit(release) {
            Some(commit) => {
                let tag = config.tag.tag(release);
                let lacks = format!(", and {} does not have it", remote.name);
                let lacks = if self.observed.tagged() == Tagged::Here { lacks.as_str() } else { "" };
                format!("nothing to do: {tag} is tagged, on {}{lacks}", short(commit))
            }
            None => {
                let waits = format!(" on {branch}, which waits to be merged into {line}");
                let is_proposed = branch != line && matches!(place, Place::Temporary { .. });
                let waits = if is_proposed { waits.as_str() } else { "" };
                format!("nothing to do: {} are at {release} already{waits}", self.counts().join(" and "))
            }
        };
        self.ended("nothing-to-do", &line, steps)
    }

    fn ended(&self, outcome: &'static str, line: &str, steps: &[Step]) -> Outcome {
        let left = match self.warnings.len() {
            0 => String::new(),
            number => format!("; left to you: {} above", count(number, "warning")),
        };
        self.say(&format!("{line}{left}"));
        next(self.global, &self.observed.repository.location.root, steps);
        output::print(self.document(outcome, &[], steps));
        Outcome::Done
    }

    /// Preconditions that do not hold. Nothing was written.
    pub(crate) fn stop(&self, stop: Stop) -> Stop {
        stop.told(|found| {
            let line = format!(
                "release {} is not prepared: {}, nothing was changed",
                self.observed.request.release,
                count(found.len(), "problem")
            );
            ((!self.global.quiet).then_some(line), self.document("refused", found, &[]))
        })
    }

    /// A hook, or git, did not let the commit pass.
    pub(crate) fn hook_refused(&self, hook: Option<&str>, ids: &[String], in_checkout: bool) -> Stop {
        let again = command_line();
        let named = refused_by(hook, ids, "the commit");
        let kept = if in_checkout {
            "the edits are in the work tree, uncommitted"
        } else {
            "nothing was committed, and this checkout was not touched"
        };
        let skip = if ids.is_empty() { String::new() } else { format!("SKIP={} ", ids.join(",")) };
        let help = match hook {
            Some(_) if ids.is_empty() => format!("mend what it names and run `{again}` again"),
            Some(_) => {
                format!(
                    "`{skip}{again}` runs without {}, for what cannot be right yet, such as a lockfile before the client is published",
                    ids.join(" and ")
                )
            }
            None => format!("mend what git names and run `{again}` again"),
        };
        self.refuse_commit(Problem::new(format!("{named}; {kept}"), help))
    }

    /// A commit did not come about, or is not what was planned.
    pub(crate) fn refuse_commit(&self, problem: Problem) -> Stop {
        Stop::ended(vec![problem], Outcome::Refused).told(|found| (None, self.document("refused", found, &[])))
    }

    /// `changed 2 files: 2 versions, 2 pins`.
    fn summary(&self, verb: &str) -> String {
        let (release, counts) = (self.observed.request.release, self.counts());
        match self.plan.as_ref().map_or(0, |plan| plan.files.len()) {
            0 => format!("{verb} nothing, as {} are at {release} already", counts.join(" and ")),
            files => format!("{verb} {}: {}", count(files, "file"), counts.join(", ")),
        }
    }

    /// `2 versions` and `2 pins` that change, or that are right where all are.
    fn counts(&self) -> Vec<String> {
        let Some(plan) = &self.plan else { return Vec::new() };
        let counted = if plan.is_done() { plan::Outcome::AlreadyRight } else { plan::Outcome::Changed };
        let number = |kinds: &[PlannedKind]| {
            plan.sites.iter().filter(|site| kinds.contains(&site.kind) && site.outcome == counted).count()
        };
        let parts = [
            (number(&[PlannedKind::FallbackVersion, PlannedKind::StaticVersion]), "version"),
            (number(&[PlannedKind::ClientPin, PlannedKind::SiblingPin]), "pin"),
            (number(&[PlannedKind::ScmConfiguration]), "part of the setuptools-scm configuration"),
            (number(&[PlannedKind::StampedVersion]), "repeated version"),
            (number(&[PlannedKind::LockedVersion]), "locked version"),
        ];
        parts.iter().filter(|(number, _)| *number > 0).map(|(number, noun)| count(*number, noun)).collect()
    }

    fn document(&self, outcome: &'static str, problems: &[Problem], next: &[Step]) -> Option<output::Document> {
        if !self.is_json() {
            return None;
        }
        let Observed { config, request, .. } = self.observed;
        let document = Document {
            schema_version: json::VERSION,
            command: "prepare",
            outcome,
            dry_run: self.global.dry_run,
            release: ReleaseDocument::new(request.release, config),
            early: self.early,
            refs: self.refs.clone(),
            files: self.plan.as_ref().map(json::files).unwrap_or_default(),
            problems,
            warnings: &self.warnings,
            next,
        };
        Some(output::Document::new(&document))
    }
}

/// The first names of a list, and how many more there are.
fn abridged(names: &[String]) -> String {
    const SHOWN: usize = 6;
    match names.len().checked_sub(SHOWN) {
        None | Some(0) => names.join(", "),
        Some(more) => format!("{} and {more} more", names[..SHOWN].join(", ")),
    }
}
