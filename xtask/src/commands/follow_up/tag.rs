//! The development tag: on the commit of main that carries the new version, and never where it would lower that.

use super::observe::Observed;
use super::part::{DevTag, Part, State};
use crate::stop::{Result, Stop};
use release_core::history::Tag;
use release_core::monorepo::Manifest;
use release_core::plan::preconditions::short;
use release_core::problem::Problem;
use release_core::version::Release;

/// The distance on main within which the commit that carries a version is looked for, in commits that touch the first package's manifest.
const NEAR: usize = 200;

/// Returns main's development tag after a release that leads; `None` where the repository uses none, or where main develops
/// something above what comes next.
pub(super) fn development(observed: &Observed<'_>, part: &Part, release: Release) -> Result<Option<DevTag>> {
    let Observed { repository, config, refs, .. } = observed;
    let next = release.next_patch();
    let version = format!("{next}.dev0");
    let (Ok(branch), Some(target)) = (&part.branch, &part.target) else { return Ok(None) };
    let is_used = config.dev_tag || refs.tags.iter().any(|tag| config.tag.development(&tag.name).is_some());
    if !is_used || branch.version.as_deref() != Some(&version) {
        return Ok(None);
    }
    let name = config.tag.development_tag(next);
    let on_main = branch.is_at_target() && part.base.as_ref() == Some(&target.tip);
    let found = refs.tags.iter().find(|tag| tag.name == name);
    let carrier = match (on_main, branch.monorepo.packages.first()) {
        (true, Some(package)) => carrier(observed, &target.tip, package.path.as_str(), &version)?,
        _ => None,
    };
    let state = match (found, carrier) {
        (Some(Tag { commit, .. }), Some(carrier)) if *commit == carrier => State::There,
        (Some(Tag { commit, .. }), carrier) => {
            let carrier =
                carrier.map_or_else(|| "is not on it yet".to_owned(), |carrier| format!("is {}", short(&carrier)));
            let problem = Problem::new(
                format!(
                    "{name} is on {}, and the commit of {} that sets {version} {carrier}",
                    short(commit),
                    part.name
                ),
                format!(
                    "a tag is never moved by this tool: if no other clone has it yet, `git -C {} tag --delete {name}`; else set `dev-tag = false` in release.toml and live with it",
                    repository.location.root
                ),
            );
            return Err(Stop::problem(problem));
        }
        (None, Some(carrier)) => State::On(carrier),
        (None, None) => State::Later,
    };
    Ok(Some(DevTag { name, state }))
}

/// The commit from which on main has a version: the oldest of the newest commits that have it.
fn carrier(observed: &Observed<'_>, tip: &str, path: &str, version: &str) -> anyhow::Result<Option<String>> {
    let git = &observed.repository.git;
    let most = format!("--max-count={NEAR}");
    git.obtain_branch(tip)?;
    let listed = git.read(&["log", "--first-parent", "--format=%H", &most, tip, "--", path])?;
    let commits: Vec<&str> = listed.lines().collect();
    let names: Vec<String> = commits.iter().map(|commit| format!("{commit}:{path}")).collect();
    let found = git.objects(&names.iter().map(String::as_str).collect::<Vec<_>>())?;
    let versions = found.into_iter().map(|object| Manifest::from_bytes(object?.content)?.current_version());
    let carrying = commits.iter().zip(versions).take_while(|(_, found)| found.as_deref() == Some(version));
    Ok(carrying.last().map(|(commit, _)| (*commit).to_owned()))
}
