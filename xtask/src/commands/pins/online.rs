//! `release pins --simulate --online`: what is there before the release, as the registries say.

use super::Observed;
use crate::cli::Pins;
use crate::commands::registries::{Asker, Named, Registries};
use crate::world::WorkTree;
use release_checks::published::{Answer, Published};
use release_core::pins::simulate::{Before, World};
use release_core::problem::Problem;
use std::collections::BTreeMap;

/// Asks for everything that the pins want, by name. What could not be asked is a problem, for the simulation would be about
/// another world.
pub(super) fn before(
    observed: &Observed<'_>,
    pins: &Pins,
    world: &World,
) -> anyhow::Result<Result<Before, Vec<Problem>>> {
    let (git, uis) = (&observed.repository.git, observed.monorepo.uis.as_slice());
    let named = match observed.commit.as_deref() {
        Some(commit) => Named::read(&(git, commit), uis, Some(commit))?,
        None => Named::read(&WorkTree(observed.repository), uis, None)?,
    };
    let unknown = |reason: String| Problem::new(reason, "without `--online` what is tagged is taken to be published");
    let Observed { global, repository, config, branch, .. } = observed;
    let registries =
        match Registries::new(Asker { global, flags: &pins.ask, repository, config, branch: branch.as_deref() }) {
            Ok(registries) => registries,
            Err(reason) => return Ok(Err(vec![unknown(reason)])),
        };
    let before = there(registries.published(observed.global, &named, world.wanted()));
    Ok(before.map_err(|reasons| reasons.into_iter().map(unknown).collect()))
}

/// What is there and not taken back; or why that is not known.
fn there(published: Published) -> Result<Before, Vec<String>> {
    let mut unknown = Vec::new();
    let python = known(published.python, |version| version.yanked.is_none(), &mut unknown);
    let npm = known(published.npm, |_| true, &mut unknown);
    if unknown.is_empty() { Ok(Before { python, npm }) } else { Err(unknown) }
}

/// The versions of each package that can still be had; why they are not known goes to the list.
fn known<V, S>(
    answers: BTreeMap<String, Answer<V, S>>,
    can_be_had: fn(&S) -> bool,
    unknown: &mut Vec<String>,
) -> BTreeMap<String, Vec<V>> {
    let mut found = BTreeMap::new();
    for (name, answer) in answers {
        match answer.versions {
            Ok(versions) => {
                let versions = versions.into_iter().filter(|(_, state)| can_be_had(state));
                found.insert(name, versions.map(|(version, _)| version).collect());
            }
            Err(reason) => unknown.push(format!("could not ask for `{name}`: {reason}")),
        }
    }
    found
}
