//! `release check`: the rules over one tree, its branch and its newest tag.

pub(super) mod around;
mod fixes;
mod judge;
mod online;
pub(super) mod settings;

use super::baseline;
use super::registries::{Asker, useless};
use crate::Outcome;
use crate::cli::{Check, Format, Global};
use crate::effects::interrupt::Interrupt;
use crate::effects::planned;
use crate::effects::write;
use crate::output;
use crate::output::check::Report;
use crate::world::{Held, Repository, WorkTree};
use anyhow::Context as _;
use camino::{Utf8Path, Utf8PathBuf};
use judge::Scene;
use release_checks::context::{Context, ReadLocks, TagNames, projects, workflows};
use release_checks::fix::Applicability;
use release_checks::level::Levels;
use release_checks::renew::Found;
use release_checks::run;
use release_core::history::{History, Refs};
use release_core::monorepo::{Config, Snapshot, SnapshotError, discover};
use release_core::problem::Problem;
use release_core::text::SourceText;
use std::collections::BTreeMap;
use std::time::Instant;

/// The files that rules read: by name wherever they are, and all of a folder's with an extension.
const FILES: [&str; 6] = [
    "pyproject.toml",
    "package.json",
    "uv.lock",
    "package-lock.json",
    ".github/workflows/*.yml",
    ".github/workflows/*.yaml",
];

/// Checks, and mends what was asked for.
pub(super) fn run(global: &Global, check: &Check) -> anyhow::Result<Outcome> {
    let started = Instant::now();
    if check.online && global.offline {
        output::problems(&[offline_and_online()], std::iter::empty());
        return Ok(Outcome::Usage);
    }
    if let Some(problem) = useless(&check.ask, check.online) {
        output::problems(&[problem], std::iter::empty());
        return Ok(Outcome::Usage);
    }
    let repository = Repository::open(global)?;
    let outcome = run_in(&repository, global, check, started);
    if global.verbose > 1 {
        output::note(&repository.cost());
    }
    outcome
}

/// The grammar sees this only where both stand behind the command.
pub(super) fn offline_and_online() -> Problem {
    Problem::new("`--online` cannot be used with `--offline`", "leave one of them out")
}

fn run_in(repository: &Repository, global: &Global, check: &Check, started: Instant) -> anyhow::Result<Outcome> {
    // Whoever writes takes back first what an interrupted run left; without writing there is nothing to lock.
    let writes = check.fix || check.unsafe_fixes || check.accepted.write_baseline;
    let _lock = baseline::lock(repository, global, writes && !check.diff && !global.dry_run)?;
    let config = match repository.config(global)? {
        Ok(config) => config,
        Err(unreadable) => {
            output::unreadable(&unreadable);
            return Ok(Outcome::Usage);
        }
    };
    let levels = match settings::levels(&config, &check.levels) {
        Ok(levels) => levels,
        Err(problems) => {
            output::problems(&problems, std::iter::empty());
            return Ok(Outcome::Usage);
        }
    };
    let baseline = match baseline::read(repository, &check.accepted, check.rev.as_deref())? {
        Ok(baseline) => baseline,
        Err(unreadable) => {
            output::unreadable(&unreadable);
            return Ok(Outcome::Usage);
        }
    };
    let git = &repository.git;
    let mut refs = git.refs()?;
    let commit = match &check.rev {
        Some(revision) => Some(git.commit_of(revision)?.with_context(|| {
            format!("there is no commit `{revision}` in this repository; fetch it, or see that it is spelled right")
        })?),
        None => refs
            .current()
            .map(|branch| branch.commit.clone())
            .map_or_else(|| git.commit_of("HEAD"), |commit| Ok(Some(commit)))?,
    };
    // A branch is judged as it stands today; any other revision as of its own moment.
    if let (Some(revision), Some(commit)) = (&check.rev, &commit)
        && !refs.has_branch(revision)
    {
        refs.tags = git.tags_as_of(commit, &refs.tags)?;
    }
    let found = observe(repository, global, check, &config, &refs, commit.clone())?;
    let (mut context, why) = match found {
        Ok(found) => found,
        Err((problems, texts)) => {
            output::problems(&problems, texts.iter().map(|(path, text)| (path.as_path() as &Utf8Path, text)));
            return Ok(Outcome::Refused);
        }
    };
    if check.online {
        output::check::headline(global, check, &context, &why);
        let branch = context.branch.as_ref().ok().map(|branch| branch.name.clone());
        let asker = Asker { global, flags: &check.ask, repository, config: &config, branch: branch.as_deref() };
        context.published = match (&check.rev, &commit) {
            (Some(_), Some(commit)) => online::published(asker, &context, &(git, commit.as_str()), Some(commit))?,
            _ => online::published(asker, &context, &WorkTree(repository), None)?,
        };
    }
    context.baseline = baseline;
    let mut checked = run::run(&context, &levels);
    if check.accepted.write_baseline {
        let found = Found::by_check(&checked);
        match baseline::write(repository, global, &check.accepted, context.baseline.as_ref(), &found)? {
            Ok(written) => context.baseline = written,
            Err(problem) => {
                output::problems(&[problem], std::iter::empty());
                return Ok(Outcome::Usage);
            }
        }
        checked = run::run(&context, &levels);
    }
    let (commit, format) = (commit.as_deref(), format(global));
    let mut report = Report { global, check, context: &context, why: &why, levels: &levels, commit, format, started };
    if check.fix || check.unsafe_fixes || check.diff {
        return mend(repository, &mut report, &checked, &levels);
    }
    report.show(&checked)
}

/// Text for people, unless something else was asked for, or this runs in a workflow of GitHub's.
fn format(global: &Global) -> Format {
    let in_actions = std::env::var("GITHUB_ACTIONS").is_ok_and(|value| value == "true");
    global.output_format.unwrap_or(if in_actions { Format::Github } else { Format::Text })
}

type Texts = BTreeMap<Utf8PathBuf, SourceText>;

/// What the rules look at, and how its branch was chosen.
type Observed = (Context, String);

/// What makes a tree unfit to be checked, and the texts that it is about.
type Unfit = (Vec<Problem>, Texts);

/// Everything that the rules look at, and how the branch was chosen.
fn observe(
    repository: &Repository,
    global: &Global,
    check: &Check,
    config: &Config,
    refs: &Refs,
    commit: Option<String>,
) -> anyhow::Result<Result<Observed, Unfit>> {
    let history = History::new(&refs.tags, &config.tag);
    let tree = match (&check.rev, &commit) {
        (Some(_), Some(commit)) => Held::new(&(&repository.git, commit.as_str()), &FILES)?,
        _ => Held::new(&WorkTree(repository), &FILES)?,
    };
    let snapshot = match Snapshot::take(&tree, config) {
        Ok(snapshot) => snapshot,
        Err(SnapshotError::NotText(problems)) => return Ok(Err((problems, Texts::new()))),
        Err(SnapshotError::Tree(error)) => return Err(error.into()),
    };
    let texts: Texts = tree.texts();
    let monorepo = match discover(snapshot, config, &history) {
        Ok(monorepo) => monorepo,
        Err(problems) => return Ok(Err((problems, texts))),
    };
    let scene = Scene { repository, config, refs, history: &history };
    let judged = scene.judge(check, commit)?;
    let here: Vec<_> =
        history.releases().filter(|release| history.commit(*release) == judged.commit.as_deref()).collect();
    let shallow = repository.location.shallow;
    let blind = match (shallow, refs.tags.is_empty()) {
        (true, _) => Some("this is a shallow clone: check out with `fetch-depth: 0`".to_owned()),
        (false, true) => Some("there are no tags here: `git fetch --tags`".to_owned()),
        (false, false) => None,
    };
    let (uv, npm) = projects(&texts, &monorepo, &ReadLocks::default());
    let tags = TagNames::new(refs.tags.iter().map(|tag| tag.name.clone()));
    let is_here = |tag: &&release_core::history::Tag| Some(&tag.commit) == judged.commit.as_ref();
    let tags_here = refs.tags.iter().filter(is_here).map(|tag| tag.name.clone()).collect();
    let config_source = repository.config_source(global)?;
    let mut context = Context {
        config_source,
        branches: refs.branch_names().into(),
        tags,
        here,
        tags_here,
        blind,
        unread: None,
        uv,
        npm,
        workflows: workflows(&texts),
        is_today: check.rev.as_ref().is_none_or(|revision| refs.has_branch(revision)),
        ..Context::new(monorepo, config.clone(), history.clone(), judged.branch.clone())
    };
    let around = around::around(&scene, &judged, &context.monorepo, context.release(), context.is_today)?;
    context.unread = around.unread;
    context.newest = around.newest;
    context.dev_tags = around.dev_tags;
    context.dynamic_branches = around.dynamic_branches;
    context.is_past_own_tag = around.is_past_own_tag;
    Ok(Ok((context, judged.why)))
}

/// Makes the fixes, or shows what they would change, and checks again.
fn mend(
    repository: &Repository,
    report: &mut Report<'_>,
    checked: &run::Checked,
    levels: &Levels,
) -> anyhow::Result<Outcome> {
    let most = if report.check.unsafe_fixes { Applicability::Unsafe } else { Applicability::Safe };
    let (files, number) = fixes::fixed(report.context, checked, most)?;
    if report.check.diff || report.global.dry_run {
        return report.differences(&files, number);
    }
    if let Some(problem) = planned::unseen(repository, &files)? {
        output::problems(&[problem], std::iter::empty());
        return Ok(Outcome::Refused);
    }
    if !files.is_empty() {
        repository.see_that_all_are_here(&files)?;
        let location = &repository.location;
        let interrupt = Interrupt::watch()?;
        write::write_files(
            &location.root,
            &repository.state_dir(),
            "the fixes of `release check`",
            &files,
            &interrupt,
        )?;
    }
    output::say(
        report.global,
        &format!(
            "made {} in {}",
            output::count(number, "fix").replace("fixs", "fixes"),
            output::count(files.len(), "file")
        ),
    );
    let refs = repository.git.refs()?;
    let commit = repository.git.commit_of("HEAD")?;
    let config = report.context.config.clone();
    match observe(repository, report.global, report.check, &config, &refs, commit)? {
        Ok((mut context, _)) => {
            context.published = report.context.published.clone();
            context.baseline = report.context.baseline.clone();
            let left = run::run(&context, levels);
            Report { context: &context, ..*report }.show(&left)
        }
        Err((problems, texts)) => {
            output::problems(&problems, texts.iter().map(|(path, text)| (path.as_path() as &Utf8Path, text)));
            Ok(Outcome::Refused)
        }
    }
}
