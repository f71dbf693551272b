//! The development tag: on the commit of main that carries the new version, and never where it would lower that.

use super::observe::Observed;
use super::part::{DevTag, Part, State};
use crate::stop::Result;
use release_core::monorepo::Manifest;
use release_core::plan::preconditions::short;
use release_core::problem::Problem;
use release_core::version::Release;

/// The distance on main within which the commit that carries a version is looked for, in commits that touch the first package's manifest.
const NEAR: usize = 200;

/// Returns main's development tag after a release that leads, with what is to be said of one on another commit; `None` where
/// the repository uses none, or where main develops something above what comes next.
pub(super) fn development(
    observed: &Observed<'_>,
    part: &Part,
    release: Release,
) -> Result<Option<(DevTag, Option<Problem>)>> {
    let Observed { repository, config, refs, .. } = observed;
    let next = release.next_patch();
    let version = format!("{next}.dev0");
    let (Ok(branch), Some(target)) = (&part.branch, &part.target) else { return Ok(None) };
    let is_used = config.dev_tag.unwrap_or(refs.tags.iter().any(|tag| config.tag.development(&tag.name).is_some()));
    if !is_used || branch.version.as_deref() != Some(&version) {
        return Ok(None);
    }
    let on_main = branch.is_at_target() && part.base.as_ref() == Some(&target.tip);
    // One that is there may be spelled otherwise.
    let names = config.tag.development_tags(next);
    let here = |name: &str| refs.tags.iter().find(|tag| tag.name == name).map(|tag| tag.commit.as_str());
    let is_known = |name: &&String| here(name).is_some() || observed.theirs(name).is_some();
    let name = names.iter().find(is_known).unwrap_or(&names[0]).clone();
    let (local, theirs) = (here(&name), observed.theirs(&name));
    let carrier = match (on_main, branch.monorepo.packages.first()) {
        (true, Some(package)) => carrier(observed, &target.tip, package.path.as_str(), &version)?,
        _ => None,
    };
    let is_pushed = theirs.is_some();
    let (state, warning) = match (local.or(theirs), carrier) {
        (None, Some(carrier)) => (State::On(carrier), None),
        (None, None) => (State::Later, None),
        (Some(at), Some(carrier)) if at == carrier && theirs.is_none_or(|theirs| theirs == at) => (State::There, None),
        (Some(at), carrier) => {
            let places = match theirs {
                Some(theirs) if theirs != at => {
                    format!("{} here and on {} on {}", short(at), short(theirs), observed.remote)
                }
                _ => short(at).to_owned(),
            };
            let carrier =
                carrier.map_or_else(|| "has yet to arrive".to_owned(), |carrier| format!("is {}", short(&carrier)));
            let message = format!(
                "{name} is on {places}, and the commit of {} that sets {version} {carrier}; the tag is left there",
                part.name
            );
            let help = format!(
                "if no other clone has it yet, `git -C {} tag --delete {name}` and run this again; else `dev-tag = false` in release.toml leaves development tags to you",
                repository.location.root
            );
            (State::Elsewhere(at.to_owned()), Some(Problem::new(message, help)))
        }
    };
    Ok(Some((DevTag { name, state, is_pushed }, warning)))
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
