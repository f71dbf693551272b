//! The name of a build: by its tag, by a person, or by the day.

use super::observe::Scene;
use crate::Outcome;
use crate::cli::{Global, Naming, NightlyDate};
use crate::clock::now;
use crate::commands::prepare::texts;
use crate::commands::version::answer::NamedBuild;
use crate::effects::append::append_to;
use crate::output;
use crate::stop::{Result, Stop};
use anyhow::bail;
use release_core::build_version::{self, BuildVersion, Index, Mode, Order, Standpoint};
use release_core::calendar::Day;
use release_core::plan::preconditions::short;
use release_core::problem::Problem;

/// Names a build.
pub(super) fn answer(scene: &Scene<'_>, naming: &Naming) -> Result<NamedBuild> {
    let given = naming.version().map_err(Stop::usage)?;
    if let Some(problem) = build_version::blind(scene.repository.location.shallow, &scene.history) {
        return Err(refused(problem));
    }
    let revision = revision(naming);
    let commit = scene.commit(&revision)?;
    let (mode, chosen) = chosen(scene, naming, &revision, &commit);
    if naming.force.is_some() && mode != Mode::Manual {
        let message = format!("`--force` is for `--mode manual`, and not for {}", mode.name());
        return Err(Stop::usage(Problem::new(message, "leave it out")));
    }
    let (version, day) = match (mode, given) {
        (Mode::Release, given) => (tagged(scene, naming, &commit, given).map_err(refused)?, None),
        (Mode::Nightly, Some(given)) => {
            return Err(Stop::usage(Problem::new(
                format!("a nightly is named after its day, and not {given}"),
                "leave out `--version`, or say `--mode test`",
            )));
        }
        (Mode::Manual, None) => {
            let problem = Problem::new("`--mode manual` needs a version", "give it: `--version X.Y.Z`");
            return Err(Stop::usage(problem));
        }
        (Mode::Manual, Some(given)) => {
            untagged(scene, given, &commit).map_err(refused)?;
            is_next(scene, naming, given, &commit)?;
            (given, None)
        }
        (Mode::Test | Mode::BuildOnly, Some(given)) => (given, None),
        (Mode::BuildOnly, None) if is_tagged(scene, &commit) => {
            (tagged(scene, naming, &commit, None).map_err(refused)?, None)
        }
        (Mode::Nightly | Mode::Test | Mode::BuildOnly, None) => {
            let (version, day) = nightly(scene, naming, mode, &commit)?;
            (version, Some(day))
        }
    };
    let build = build_version::build(mode, version, &scene.history, scene.config).map_err(refused)?;
    Ok(NamedBuild {
        mode: mode.name(),
        chosen,
        forced: naming.force.clone(),
        commit,
        date: day.map(|day| day.to_string()),
        version: build.version.to_string(),
        npm_version: build.version.npm(),
        index: build.index.map(Index::name),
        publish: build.publishes(),
        npm_tag: build.npm_tag,
        container_tags: build.container_tags,
    })
}

/// Refuses for what a release or a tag is.
fn refused(problem: Problem) -> Stop {
    Stop::ended(vec![problem], Outcome::Refused)
}

/// The revision that is built: that of `--rev`, else for the event `release` its tag, whatever is checked out, else HEAD.
fn revision(naming: &Naming) -> String {
    let of_release = || {
        let is_release = naming.mode.is_none_or(|mode| Mode::from(mode) == Mode::Release);
        let tag = std::env::var("GITHUB_REF").ok()?.strip_prefix("refs/tags/")?.to_owned();
        (is_release && event() == "release").then_some(tag)
    };
    naming.rev.clone().or_else(of_release).unwrap_or_else(|| "HEAD".to_owned())
}

/// The event of the workflow; empty outside of one.
fn event() -> String {
    std::env::var("GITHUB_EVENT_NAME").unwrap_or_default()
}

/// Returns the mode, and how it was chosen: by `--mode`, else by the event of the workflow, else by what stands on the commit.
fn chosen(scene: &Scene<'_>, naming: &Naming, revision: &str, commit: &str) -> (Mode, String) {
    if let Some(mode) = naming.mode {
        return (mode.into(), "by `--mode`".to_owned());
    }
    let event = event();
    let by_event = match event.as_str() {
        "release" => Mode::Release,
        "schedule" => Mode::Nightly,
        // A run that is started by hand is published for good only when that is said.
        "workflow_dispatch" => Mode::Test,
        "push" | "pull_request" | "pull_request_target" | "merge_group" => Mode::BuildOnly,
        _ if is_tagged(scene, commit) => return (Mode::Release, "the commit carries a release's tag".to_owned()),
        _ => return (Mode::Nightly, "the commit carries no release's tag".to_owned()),
    };
    let elsewhere = match scene.commit("HEAD") {
        Ok(head) if head != commit && naming.rev.is_none() => format!(", and GITHUB_REF names {revision}"),
        _ => String::new(),
    };
    (by_event, format!("GITHUB_EVENT_NAME is {event}{elsewhere}"))
}

fn is_tagged(scene: &Scene<'_>, commit: &str) -> bool {
    scene.history.releases().any(|release| scene.history.commit(release) == Some(commit))
}

/// The release of the commit's tag: the one given, else that which `--rev` names, else that of a workflow that runs for a
/// tag, else the highest.
fn tagged(
    scene: &Scene<'_>,
    naming: &Naming,
    commit: &str,
    given: Option<BuildVersion>,
) -> Result<BuildVersion, Problem> {
    let by_name = |name: &str| {
        let release = scene.config.tag.release(name)?;
        (scene.history.commit(release) == Some(commit)).then_some(BuildVersion { release, development: None })
    };
    let of_workflow = || by_name(std::env::var("GITHUB_REF").ok()?.strip_prefix("refs/tags/")?);
    let asked = given.or_else(|| by_name(naming.rev.as_deref()?)).or_else(of_workflow);
    let release = build_version::tagged(&scene.history, scene.config, commit, asked)?;
    Ok(BuildVersion { release, development: None })
}

/// Refuses the name of a release that is tagged elsewhere.
fn untagged(scene: &Scene<'_>, given: BuildVersion, commit: &str) -> Result<(), Problem> {
    let tagged = scene.history.commit(given.release).filter(|tagged| given.development.is_none() && *tagged != commit);
    let Some(tagged) = tagged else { return Ok(()) };
    let tag = scene.config.tag.tag(given.release);
    Err(Problem::new(
        format!("{tag} is tagged on {}, and {} would be built under its name", short(tagged), short(commit)),
        format!("build what is tagged, `--rev {tag}`, or give the next version"),
    ))
}

/// Refuses a version that is not the next one of the line that a commit is on, unless a reason is given.
fn is_next(scene: &Scene<'_>, naming: &Naming, given: BuildVersion, commit: &str) -> Result<()> {
    if naming.force.is_some() || given.development.is_some() {
        return Ok(());
    }
    let Scene { history, config, refs, .. } = scene;
    let git = &scene.repository.git;
    let release = given.release;
    let known = refs.main_and_lines(&config.main, &config.branch);
    let words = ["for-each-ref", "--format=%(refname)", "--contains", commit, "refs/heads", "refs/remotes"];
    let containing = git.read(&words).map_err(anyhow::Error::from)?;
    let containing: Vec<&str> = containing
        .lines()
        .filter_map(|name| {
            let remote = || name.strip_prefix("refs/remotes/")?.split_once('/').map(|(_, branch)| branch);
            name.strip_prefix("refs/heads/").or_else(remote)
        })
        .collect();
    let mut lines: Vec<_> = containing.iter().filter_map(|name| config.branch.line(name)).collect();
    lines.sort_unstable();
    lines.dedup();
    let last = build_version::predecessor(release, history).and_then(|last| history.commit(last));
    let standpoint = Standpoint {
        is_on_main: containing.contains(&config.main.as_str()),
        lines,
        has_branch: known.iter().any(|(name, _)| config.branch.line(name) == Some(release.line())),
        follows: last.map_or(Ok(true), |last| git.is_ancestor(last, commit)).map_err(anyhow::Error::from)?,
    };
    build_version::check_manual(release, commit, &standpoint, &refs.tags, history, config).map_err(refused)
}

/// Names a nightly after the version that a commit develops, and a day.
fn nightly(scene: &Scene<'_>, naming: &Naming, mode: Mode, commit: &str) -> Result<(BuildVersion, Day)> {
    let (monorepo, moment) = scene.tree(commit)?;
    let base = build_version::base(&monorepo).map_err(|problems| Stop::refused(problems, texts(&monorepo)))?;
    let day = match naming.date {
        None => moment.day(),
        Some(NightlyDate::Day(day)) => day,
        Some(NightlyDate::Today) => now()?.day(),
    };
    let order = if mode == Mode::Nightly { Order::Above } else { Order::Any };
    let named = build_version::nightly(base, day, order, commit, &scene.refs.tags, &scene.history, scene.config);
    named.map(|version| (version, day)).map_err(refused)
}

/// The outputs of a workflow, by name; lists have a line for each.
fn outputs(named: &NamedBuild) -> [(&'static str, String); 8] {
    [
        ("version", named.version.clone()),
        ("npm-version", named.npm_version.clone()),
        ("mode", named.mode.to_owned()),
        ("commit", named.commit.clone()),
        ("index", named.index.unwrap_or("none").to_owned()),
        ("npm-tag", named.npm_tag.clone().unwrap_or_default()),
        ("container-tags", named.container_tags.join("\n")),
        ("publish", named.publish.to_string()),
    ]
}

/// Appends the outputs to the workflow's file, in the form that allows several lines.
pub(super) fn github_output(global: &Global, named: &NamedBuild) -> anyhow::Result<()> {
    let line = |(name, value): (&str, String)| match value.contains('\n') {
        true => format!("{name}<<end-of-{name}\n{value}\nend-of-{name}\n"),
        false => format!("{name}={value}\n"),
    };
    let text: String = outputs(named).into_iter().map(line).collect();
    if global.dry_run {
        output::say_lines(global, &format!("\n--dry-run: these outputs were not written\n{text}"));
        return Ok(());
    }
    match append_to("GITHUB_OUTPUT", &text)? {
        true => Ok(()),
        false => bail!("GITHUB_OUTPUT is not set; leave out `--github-output` outside of a workflow"),
    }
}
