//! What a build is called: by its tag, by a person, or by the day.

use super::observe::Scene;
use crate::Outcome;
use crate::cli::{BuildMode, Global, Naming, NightlyDate};
use crate::commands::prepare::texts;
use crate::commands::version::show::{NamedBuild, outputs};
use crate::effects::append::append;
use crate::output;
use crate::stop::{Result, Stop};
use anyhow::Context as _;
use release_core::build_version::{self, BuildVersion, Mode};
use release_core::calendar::{Day, Moment};
use release_core::problem::Problem;
use std::fmt::Write as _;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

/// Why a mode was chosen.
struct Chosen {
    mode: Mode,
    why: String,
}

/// Names a build.
pub(super) fn answer(scene: &Scene<'_>, naming: &Naming) -> Result<NamedBuild> {
    let given = naming.version().map_err(Stop::usage)?;
    if let Some(problem) = build_version::blind(scene.repository.location.shallow, &scene.history) {
        return Err(refused(problem));
    }
    let commit = scene.commit(naming.rev.as_deref().unwrap_or("HEAD"))?;
    let chosen = chosen(scene, naming, &commit);
    let (version, day) = match (chosen.mode, given) {
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
            (given, None)
        }
        (Mode::Test | Mode::BuildOnly, Some(given)) => (given, None),
        (Mode::BuildOnly, None) if is_tagged(scene, &commit) => {
            (tagged(scene, naming, &commit, None).map_err(refused)?, None)
        }
        (Mode::Nightly | Mode::Test | Mode::BuildOnly, None) => {
            let (version, day) = nightly(scene, naming, &commit)?;
            (version, Some(day))
        }
    };
    let build = build_version::build(chosen.mode, version, &scene.history, scene.config).map_err(refused)?;
    Ok(NamedBuild { build, commit, day, why: chosen.why })
}

/// Refuses for what a release or a tag is.
fn refused(problem: Problem) -> Stop {
    Stop::ended(vec![problem], Outcome::Refused)
}

/// `--mode`, else by the event of the workflow, else by what stands on the commit.
fn chosen(scene: &Scene<'_>, naming: &Naming, commit: &str) -> Chosen {
    if let Some(mode) = naming.mode {
        let mode = match mode {
            BuildMode::Release => Mode::Release,
            BuildMode::Nightly => Mode::Nightly,
            BuildMode::Test => Mode::Test,
            BuildMode::Manual => Mode::Manual,
            BuildMode::BuildOnly => Mode::BuildOnly,
        };
        return Chosen { mode, why: "by `--mode`".to_owned() };
    }
    let event = std::env::var("GITHUB_EVENT_NAME").unwrap_or_default();
    let by_event = match event.as_str() {
        "release" => Some(Mode::Release),
        "schedule" => Some(Mode::Nightly),
        // What is started by hand is published for good only when that is said.
        "workflow_dispatch" => Some(Mode::Test),
        _ => None,
    };
    if let Some(mode) = by_event {
        return Chosen { mode, why: format!("GITHUB_EVENT_NAME is {event}") };
    }
    match is_tagged(scene, commit) {
        true => Chosen { mode: Mode::Release, why: "the commit carries a release's tag".to_owned() },
        false => Chosen { mode: Mode::Nightly, why: "the commit carries no release's tag".to_owned() },
    }
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
    let short = |id: &str| id.get(..9).unwrap_or(id).to_owned();
    Err(Problem::new(
        format!("{tag} is tagged on {}, and {} would be built under its name", short(tagged), short(commit)),
        format!("build what is tagged, `--rev {tag}`, or give the next version"),
    ))
}

/// Names a nightly after the version that a commit develops, and a day.
fn nightly(scene: &Scene<'_>, naming: &Naming, commit: &str) -> Result<(BuildVersion, Day)> {
    let (monorepo, moment) = scene.tree(commit)?;
    let base = build_version::base(&monorepo).map_err(|problems| Stop::refused(problems, texts(&monorepo)))?;
    let day = match naming.date {
        None => moment.day(),
        Some(NightlyDate::Day(day)) => day,
        Some(NightlyDate::Today) => now()?.day(),
    };
    let named = build_version::nightly(base, day, commit, &scene.refs.tags, &scene.history, scene.config);
    named.map(|version| (version, day)).map_err(refused)
}

/// Now, by the clock.
pub(in crate::commands) fn now() -> anyhow::Result<Moment> {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).context("the clock is before 1970: set it")?.as_secs();
    i64::try_from(seconds).ok().and_then(Moment::new).context("the clock is after the year 9999: set it")
}

/// Appends the outputs to the workflow's file, in the form that allows several lines.
pub(super) fn github_output(global: &Global, named: &NamedBuild) -> anyhow::Result<()> {
    let mut text = String::new();
    for (name, value) in outputs(named) {
        // Writing to a string cannot fail.
        let _ = match value.contains('\n') {
            true => writeln!(text, "{name}<<end-of-{name}\n{value}\nend-of-{name}"),
            false => writeln!(text, "{name}={value}"),
        };
    }
    if global.dry_run {
        output::say_lines(global, &format!("\n--dry-run: these outputs were not written\n{text}"));
        return Ok(());
    }
    let path = std::env::var_os("GITHUB_OUTPUT").filter(|path| !path.is_empty());
    let path = path.context("GITHUB_OUTPUT is not set; leave out `--github-output` outside of a workflow")?;
    append(Path::new(&path), &text)
        .with_context(|| format!("could not write to {}, which GITHUB_OUTPUT names", path.to_string_lossy()))
}
