//! The report over main's history.

use super::main_history::{called, commits, describe, settings, tag};
use super::observe::Scene;
use crate::Outcome;
use crate::cli::Naming;
use crate::commands::version::answer::Reported;
use crate::stop::{Result, Stop};
use release_core::build_version::{self, Final, MainCommit};
use release_core::calendar::Moment;
use release_core::plan::preconditions::short;
use std::collections::BTreeMap;

/// The days that are looked at, unless others are asked for.
const A_YEAR: i64 = 365;

/// Looks at main, or at another revision's first parents.
pub(super) fn answer(scene: &Scene<'_>, naming: &Naming) -> Result<Reported> {
    if let Some(problem) = build_version::blind(scene.repository.location.shallow, &scene.history) {
        return Err(Stop::ended(vec![problem], Outcome::Refused));
    }
    let git = &scene.repository.git;
    let name = naming.rev.clone().unwrap_or_else(|| scene.config.main.clone());
    let tip = match scene.tip(&name) {
        Some(tip) => tip,
        None => scene.commit(&name)?,
    };
    let (monorepo, moment) = scene.tree(&tip)?;
    let until = moment.day();
    let since = naming.since.unwrap_or_else(|| until.plus(-A_YEAR));
    let commits = commits(scene, &tip, &monorepo)?;
    let settings = settings(&monorepo, naming.scm_version);
    let is_in = |seconds| Moment::new(seconds).is_some_and(|moment| moment.day() >= since);
    let wanted: Vec<&str> =
        commits.iter().filter(|commit| is_in(commit.seconds)).map(|commit| commit.id.as_str()).collect();
    let described: BTreeMap<&str, Option<String>> =
        wanted.iter().copied().zip(describe(git, &settings, &wanted)?).collect();
    let on_main: Vec<MainCommit> = commits
        .iter()
        .map(|commit| {
            let line = described.get(commit.id.as_str()).cloned().flatten();
            MainCommit {
                id: commit.id.clone(),
                seconds: commit.seconds,
                tag: line.as_deref().and_then(tag).map(str::to_owned),
                by_tags: line.map(|line| called(&settings, line, &name, commit.seconds)),
                by_manifest: commit.version.clone(),
            }
        })
        .collect();
    let dates = git.read(&["for-each-ref", "--format=%(creatordate:unix) %(refname:strip=2)", "refs/tags"])?;
    let tagged = |line: &str| {
        let (seconds, name) = line.split_once(' ')?;
        let release = scene.config.tag.release(name).filter(|release| !release.is_candidate())?;
        Some(Final { release, seconds: seconds.parse().ok()? })
    };
    let finals: Vec<Final> = dates.lines().filter_map(tagged).collect();
    let report = build_version::report(&on_main, &finals, since, until);
    Ok(Reported { branch: name, tip: short(&tip).to_owned(), since, until, report })
}
