//! Which development tags main needs, and what they make of each open branch, beside the other ways to the same end.

use super::answer::{BranchRow, Named, TagPlan, TagRow};
use super::main_history::{Versioned, called, commits, describe, settings, tag};
use super::observe::Scene;
use super::scratch::Scratch;
use crate::Outcome;
use crate::cli::Naming;
use crate::stop::{Result, Stop};
use anyhow::Context as _;
use release_core::build_version::{self, Beginning, Expected, Standing, Verdict, beginnings, judge};
use release_core::git::Git;
use release_core::history::LineState;
use release_core::plan::preconditions::short;
use release_core::scm::Settings;
use release_core::train::{Step, StepId};
use release_core::version::Release;

/// A branch that is still built.
struct Open {
    name: String,
    tip: String,
    expected: Expected,
}

/// Plans.
pub(super) fn answer(scene: &Scene<'_>, naming: &Naming) -> Result<TagPlan> {
    if let Some(problem) = build_version::blind(scene.repository.location.shallow, &scene.history) {
        return Err(Stop::ended(vec![problem], Outcome::Refused));
    }
    let main = scene.config.main.clone();
    let tip = match (&naming.rev, scene.tip(&main)) {
        (None, Some(tip)) => tip,
        (rev, _) => scene.commit(rev.as_deref().unwrap_or(&main))?,
    };
    let (monorepo, _) = scene.tree(&tip)?;
    let commits = commits(scene, &tip, &monorepo)?;
    let versions: Vec<(String, Option<String>)> =
        commits.iter().map(|commit| (commit.id.clone(), commit.version.clone())).collect();
    let mut beginnings = beginnings(&versions, &scene.refs.tags, scene.config);
    let mut note = None;
    if commits.last().is_some_and(|commit| commit.version.is_none()) {
        note = after_branch_point(scene, &tip, &commits, &mut beginnings)?;
    }
    let highest = scene.history.highest_final();
    let decides = beginnings.iter().find(|beginning| beginning.decides);
    let obstacle = obstacle(scene, decides, highest);
    let settings = settings(&monorepo, naming.scm_version);
    let open = open(scene, tip.clone());
    let wanted = decides.filter(|beginning| obstacle.is_none() && beginning.standing == Standing::Missing);
    let branches = branches(scene, &settings, &open, wanted)?;
    let unseen = scene.repository.git.read(&[
        "for-each-ref",
        "--format=%(refname:strip=2)",
        "--no-merged",
        &tip,
        "refs/tags",
    ])?;
    let unseen = unseen.lines().filter(|name| scene.config.tag.release(name).is_some()).count();
    let next = wanted.map(|beginning| commands(beginning, scene)).unwrap_or_default();
    let all = scene.history.releases().count();
    let tags = beginnings.into_iter().map(row).collect();
    Ok(TagPlan { main, tags, obstacle, note, branches, unseen_tags: unseen, release_tags: all, next })
}

fn row(beginning: Beginning) -> TagRow {
    let Beginning { tag: name, commit, standing, decides, .. } = beginning;
    let (state, is_on) = match standing {
        Standing::There => ("there", Some(commit.clone())),
        Standing::Missing => ("missing", None),
        Standing::Misplaced(other) => ("misplaced", Some(other)),
    };
    TagRow { name, commit, state, is_on, decides }
}

/// Begins the development, where no manifest says which one it is, with the commit after the one that the highest line was cut from. On that one the
/// tag would be seen from the line too.
fn after_branch_point(
    scene: &Scene<'_>,
    tip: &str,
    commits: &[Versioned],
    beginnings: &mut Vec<Beginning>,
) -> anyhow::Result<Option<String>> {
    let Some(highest) = scene.history.highest_final() else { return Ok(None) };
    let tagged = scene.history.commit(highest).unwrap_or_default();
    let point = scene.repository.git.read(&["merge-base", tip, tagged])?.trim_end().to_owned();
    let at = commits.iter().position(|commit| commit.id == point).unwrap_or_default();
    let after = commits.get(at + 1);
    let commit = after.or(commits.get(at)).map(|commit| commit.id.clone()).context("main has no commit")?;
    let release = highest.next_patch();
    let tag = scene.config.tag.development_tag(release);
    let standing = match scene.refs.tags.iter().find(|found| found.name == tag) {
        None => Standing::Missing,
        Some(found) if found.commit == commit => Standing::There,
        Some(found) => Standing::Misplaced(found.commit.clone()),
    };
    beginnings.iter_mut().for_each(|beginning| beginning.decides = false);
    beginnings.push(Beginning { release, commit, tag, standing, decides: true });
    let branch = scene.config.branch.branch(highest.line());
    Ok(Some(match after {
        Some(_) => {
            format!("no manifest says what is developed: the tag goes on the first commit after {branch} was cut")
        }
        None => format!(
            "{branch} was cut from the newest commit, so that the tag would be seen from there too: commit something first"
        ),
    }))
}

fn obstacle(scene: &Scene<'_>, decides: Option<&Beginning>, highest: Option<Release>) -> Option<String> {
    let main = &scene.config.main;
    match (decides, highest) {
        (None, _) => Some(format!("no commit of {main} begins a development (`X.Y.Z.dev0`)")),
        (Some(beginning), Some(highest)) if beginning.release <= highest => Some(format!(
            "{main} develops {}, and {} is released: a tag on it would lower what {main}'s builds are called; move {main} on first, `cargo xtask release post {highest}`",
            beginning.release,
            scene.config.tag.tag(highest)
        )),
        (Some(beginning), _) => match &beginning.standing {
            Standing::Misplaced(other) => Some(format!(
                "{} is on {}, and the development begins on {}: a tag is never moved by this tool",
                beginning.tag,
                short(other),
                short(&beginning.commit)
            )),
            Standing::There | Standing::Missing => None,
        },
    }
}

/// Main, and the branches of lines that are not end of life.
fn open(scene: &Scene<'_>, tip: String) -> Vec<Open> {
    let config = scene.config;
    let local = scene.refs.branches.iter().map(|branch| &branch.name);
    let remote = scene.refs.remote_branches.iter().map(|branch| &branch.name);
    let mut lines: Vec<_> = local.chain(remote).filter_map(|name| config.branch.line(name)).collect();
    lines.sort_unstable();
    lines.dedup();
    let is_open =
        |line: &_| !matches!(scene.history.line_state(*line, config.maintained_lines), LineState::EndOfLife(_));
    let branch = |line| {
        let name = config.branch.branch(line);
        Some(Open { tip: scene.tip(&name)?, name, expected: Expected::Line(line) })
    };
    let main = Open { name: config.main.clone(), tip, expected: Expected::Main };
    std::iter::once(main).chain(lines.into_iter().rev().filter(is_open).filter_map(branch)).collect()
}

fn branches(
    scene: &Scene<'_>,
    settings: &Settings,
    open: &[Open],
    wanted: Option<&Beginning>,
) -> anyhow::Result<Vec<BranchRow>> {
    let scratch = Scratch::make(scene)?;
    let tips: Vec<&str> = open.iter().map(|open| open.tip.as_str()).collect();
    let now = named(scene, &scratch.git, settings, open, &tips)?;
    let merged = match tips.split_first() {
        Some((main, lines)) if !lines.is_empty() => {
            let merge = scratch.merge(main, lines)?;
            named(scene, &scratch.git, settings, open, &[&[merge.as_str()], lines].concat())?
        }
        _ => now.clone(),
    };
    if let Some(beginning) = wanted {
        scratch.tag(&beginning.tag, &beginning.commit)?;
    }
    let planned = named(scene, &scratch.git, settings, open, &tips)?;
    let rows = open.iter().zip(now).zip(planned).zip(merged);
    Ok(rows
        .map(|(((open, now), planned), merged)| BranchRow { name: open.name.clone(), now, merged, planned })
        .collect())
}

fn named(
    scene: &Scene<'_>,
    git: &Git,
    settings: &Settings,
    open: &[Open],
    commits: &[&str],
) -> anyhow::Result<Vec<Named>> {
    let now = crate::clock::now()?.seconds();
    let name = |(line, open): (Option<String>, &Open)| {
        let tag = line.as_deref().and_then(tag).map(str::to_owned);
        let (version, verdict) = match line.map(|line| called(settings, line, &open.name, now)) {
            None => (None, "no tag is reachable".to_owned()),
            Some(Err(error)) => (None, error),
            Some(Ok(version)) => {
                let verdict = match judge(&version, open.expected, &scene.history) {
                    Verdict::Right => "right".to_owned(),
                    Verdict::Below(release) => format!("below {release}, which is released"),
                    Verdict::OtherLine => "of another line".to_owned(),
                    Verdict::Unreadable => "not X.Y.Z".to_owned(),
                };
                (Some(version), verdict)
            }
        };
        Named { tag, version, verdict }
    };
    Ok(describe(git, settings, commits)?.into_iter().zip(open).map(name).collect())
}

fn commands(beginning: &Beginning, scene: &Scene<'_>) -> Vec<Step> {
    let Beginning { tag, commit, release, .. } = beginning;
    let set = format!("git tag --annotate {tag} --message 'begin the development of {release}' {commit}");
    let push = scene.remote().map(|remote| format!("git push {remote} {}", scene.refs.spelled_tag(tag)));
    let title = format!("set {tag}, annotated, so that it counts before other tags on its commit");
    vec![Step::ready(StepId::DevelopmentTag, title, std::iter::once(set).chain(push))]
}

impl Scene<'_> {
    /// The remote that main follows, else the first.
    fn remote(&self) -> Option<&str> {
        let upstream = self.refs.branch(&self.config.main).and_then(|branch| branch.upstream.as_ref());
        let first = || self.refs.remote_branches.first().map(|branch| branch.remote.as_str());
        upstream.map(|upstream| upstream.remote.as_str()).or_else(first)
    }
}
