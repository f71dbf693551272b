//! `release check`: the rules over one tree, its branch and its newest tag.

pub(super) mod around;
mod fixes;
pub(super) mod judge;
pub(super) mod settings;
mod show;

use super::baseline;
use super::registries::{Asker, Named, ask, asks_as_it_may};
use crate::Outcome;
use crate::checkout::{Checkout, Held, Intent, current, doubts, found};
use crate::cli::{Check, Format, Global};
use crate::commands::check::show::Report;
use crate::effects::interrupt::Interrupt;
use crate::effects::planned;
use crate::effects::write;
use crate::output;
use crate::stop::{Result, Stop};
use around::Around;
use judge::{Judged, Scene};
use release_checks::context::{Context, ReadLocks, TagNames, projects, workflows};
use release_checks::fix::Applicability;
use release_checks::level::Levels;
use release_checks::parallel::beside;
use release_checks::published::{Asked, looked_up};
use release_checks::renew::Found;
use release_checks::run;
use release_core::history::{History, Refs};
use release_core::monorepo::{
    ELSEWHERE, Monorepo, Snapshot, TreeError, discover_readable, elsewhere, replaced, unlisted,
};
use release_core::problem::Problem;
use std::time::Instant;

/// The files that rules read: by name wherever they are, and all of a folder's with an extension.
const FILES: [&str; 9] = [
    "pyproject.toml",
    "package.json",
    "uv.lock",
    "uv.toml",
    "package-lock.json",
    "pnpm-workspace.yaml",
    ".yarnrc.yml",
    ".github/workflows/*.yml",
    ".github/workflows/*.yaml",
];

/// Checks, and mends what was asked for.
pub(super) fn run(global: &Global, check: &Check) -> Result<Outcome> {
    let started = Instant::now();
    asks_as_it_may(global, &check.judged.ask, check.judged.online)?;
    let writes = check.fix || check.unsafe_fixes || check.judged.accepted.write_baseline;
    let writes = writes && !check.diff && !global.dry_run;
    let checkout = Checkout::open(global, if writes { Intent::Write } else { Intent::Read })?;
    let Checkout { repository, config, .. } = &checkout;
    let levels = settings::levels(config, &check.judged.levels)?;
    let baseline = baseline::read(repository, &check.judged.accepted, check.rev.as_deref())?;
    let (refs, commit) = judged(&checkout, check)?;
    let (mut context, why) = observe(&checkout, global, check, &refs, commit.clone())?;
    if check.judged.online {
        show::headline(global, check, &context, &why);
        context.published = published(&checkout, global, check, &context, commit.as_deref())?;
    }
    context.baseline = baseline;
    let mut checked = run::run(&context, &levels);
    if check.judged.accepted.write_baseline {
        let found = Found::by_check(&checked);
        context.baseline =
            baseline::write(repository, global, &check.judged.accepted, context.baseline.as_ref(), &found)?;
        checked = run::run(&context, &levels);
    }
    let (commit, format) = (commit.as_deref(), format(global));
    let mut report = Report { global, check, context: &context, why: &why, levels: &levels, commit, format, started };
    if check.fix || check.unsafe_fixes || check.diff {
        return mend(&checkout, &mut report, &checked, &levels);
    }
    Ok(report.show(&checked)?)
}

/// Finds the commit that is judged, of the work tree its head (`None` before the first commit), and the references that count at
/// it. A branch is judged as it stands today; any other revision as of its own moment.
fn judged(checkout: &Checkout, check: &Check) -> Result<(Refs, Option<String>)> {
    let git = &checkout.repository.git;
    let mut refs = checkout.references(|refs| check.branch.clone().unwrap_or_else(|| current(refs)))?;
    let Some(revision) = &check.rev else {
        let tip = refs.current().map(|branch| branch.commit.clone());
        let commit = tip.map_or_else(|| git.commit_of("HEAD"), |commit| Ok(Some(commit)))?;
        return Ok((refs, commit));
    };
    let commit = checkout.commit(revision)?;
    if !refs.has_branch(revision) {
        refs.tags = git.tags_as_of(&commit, &refs.tags)?;
    }
    Ok((refs, Some(commit)))
}

/// Asks the registries for everything that a tree, of a commit or the work tree, releases and pins, by name alone.
fn published(
    checkout: &Checkout,
    global: &Global,
    check: &Check,
    context: &Context,
    commit: Option<&str>,
) -> Result<Asked> {
    let Checkout { repository, config, .. } = checkout;
    let branch = context.branch.as_ref().ok().map(|branch| branch.name.clone());
    let asker = Asker { global, flags: &check.judged.ask, repository, config, branch: branch.as_deref() };
    let commit = commit.filter(|_| check.rev.is_some());
    let named = Named::read(&checkout.tree(commit), &context.monorepo.uis, commit)?;
    Ok(ask(asker, &named, &looked_up(&context.config, &context.monorepo)))
}

/// Text for people, unless something else was asked for, or this runs in a workflow of GitHub's.
fn format(global: &Global) -> Format {
    let in_actions = std::env::var("GITHUB_ACTIONS").is_ok_and(|value| value == "true");
    global.output_format.unwrap_or(if in_actions { Format::Github } else { Format::Text })
}

/// Everything that the rules look at, and how the branch was chosen.
fn observe(
    checkout: &Checkout,
    global: &Global,
    check: &Check,
    refs: &Refs,
    commit: Option<String>,
) -> Result<(Context, String)> {
    let Checkout { repository, config, .. } = checkout;
    let history = History::new(&refs.tags, &config.tag);
    let names = [&FILES[..], &ELSEWHERE].concat();
    let place = checkout.tree(commit.as_deref().filter(|_| check.rev.is_some()));
    let tree = Held::new(&place, &names)?;
    let (monorepo, problems) = match found(&tree, config, &history) {
        Ok(found) => (found.monorepo, Vec::new()),
        // What is mended or accepted is so in a tree that is understood.
        Err(stop) if check.fix || check.unsafe_fixes || check.diff || check.judged.accepted.write_baseline => {
            return Err(stop.within(tree.texts()));
        }
        Err(stop) => match Snapshot::take(&tree, config) {
            Ok(snapshot) => discover_readable(snapshot, config, &history),
            Err(_) => return Err(stop.within(tree.texts())),
        },
    };
    let (elsewhere, replaced) = (elsewhere(&tree, &monorepo)?, replaced(&tree, &monorepo)?);
    let unlisted = unlisted(&place, &monorepo)?;
    let texts = tree.texts();
    let scene = Scene { repository, config, refs, history: &history };
    let judged = scene.judge(check, commit)?;
    let mut context = Context { elsewhere, replaced, unlisted, ..context(&scene, &judged, check, monorepo) };
    context.config_source = repository.config_source(global)?;
    // Lockfiles are large, and git reads other commits meanwhile.
    let files = || (projects(&texts, &context.monorepo, &ReadLocks::default()), workflows(&texts));
    let (((uv, npm), workflows), surrounded) = beside(files, || surroundings(&scene, &judged, &context));
    let (around, doubts) = surrounded?;
    context.monorepo.doubts = doubts;
    let refused = if problems.is_empty() { Default::default() } else { (problems, texts) };
    Ok((Context { uv, npm, workflows, refused, ..around.added_to(context) }, judged.why))
}

/// Looks at what other commits say of a tree, and at the doubts about its clients.
fn surroundings(scene: &Scene<'_>, judged: &Judged, context: &Context) -> Result<(Around, Vec<Problem>)> {
    let mut around = around::look_around(scene, judged, context)?;
    let found = doubts(scene.repository, scene.config, scene.history, context.line(), &context.monorepo);
    let doubts = match found {
        Err(TreeError::Git(error)) => around::or_unread(Err(error), &mut around.unread)?,
        found => found?,
    };
    Ok((around, doubts))
}

/// The context of a tree, but for its other files and what surrounds it.
fn context(scene: &Scene<'_>, judged: &Judged, check: &Check, monorepo: Monorepo) -> Context {
    let Scene { repository, config, refs, history } = scene;
    let here: Vec<_> =
        history.releases().filter(|release| history.commit(*release) == judged.commit.as_deref()).collect();
    let blind = match (repository.location.shallow, refs.tags.is_empty()) {
        (true, _) => Some("this is a shallow clone: check out with `fetch-depth: 0`".to_owned()),
        (false, true) => Some("there are no tags here: `git fetch --tags`".to_owned()),
        (false, false) => None,
    };
    let is_here = |tag: &&release_core::history::Tag| Some(&tag.commit) == judged.commit.as_ref();
    Context {
        branches: refs.branch_names().into(),
        tags: TagNames::new(refs.tags.iter().map(|tag| tag.name.clone())),
        here,
        tags_here: refs.tags.iter().filter(is_here).map(|tag| tag.name.clone()).collect(),
        blind,
        is_today: check.rev.as_ref().is_none_or(|revision| refs.has_branch(revision)),
        ..Context::new(monorepo, (*config).clone(), (*history).clone(), judged.branch.clone())
    }
}

/// Makes the fixes, or shows what they would change, and checks again.
fn mend(checkout: &Checkout, report: &mut Report<'_>, checked: &run::Checked, levels: &Levels) -> Result<Outcome> {
    let repository = &checkout.repository;
    let most = if report.check.unsafe_fixes { Applicability::Unsafe } else { Applicability::Safe };
    let (files, number) = fixes::fixed(report.context, checked, most)?;
    if report.check.diff || report.global.dry_run {
        return Ok(report.differences(&files, number)?);
    }
    if let Some(problem) = planned::unseen(repository, &files)? {
        return Err(Stop::ended(vec![problem], Outcome::Refused));
    }
    if !files.is_empty() {
        let (root, state) = (&repository.location.root, repository.state_dir());
        write::write_files(root, &state, "the fixes of `release check`", &files, &Interrupt::watch()?)?;
    }
    let made = format!("made {} in {}", fixes::counted(number), output::count(files.len(), "file"));
    output::say(report.global, &made);
    let refs = repository.git.refs()?;
    let commit = repository.git.commit_of("HEAD")?;
    let (mut context, _) = observe(checkout, report.global, report.check, &refs, commit)?;
    context.published = report.context.published.clone();
    context.baseline = report.context.baseline.clone();
    let left = run::run(&context, levels);
    Ok(Report { context: &context, ..*report }.show(&left)?)
}
