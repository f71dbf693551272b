//! `release pins --simulate --online`: what is there before the release, as the registries say.

use super::observed::Observed;
use crate::Outcome;
use crate::cli::Pins;
use crate::commands::registries::{Asker, Named, Registries};
use crate::stop::{Result, Stop};
use release_checks::published::{Answer, Published};
use release_core::pins::simulate::{Before, World};
use release_core::problem::Problem;
use std::collections::BTreeMap;

/// Asks for everything that the pins want, by name. What could not be asked is a problem, for the simulation would be about
/// another world.
pub(super) fn before(observed: &Observed<'_>, pins: &Pins, world: &World) -> Result<Before> {
    let Observed { global, repository, config, branch, .. } = observed;
    let commit = observed.commit.as_deref();
    let named = Named::read(&repository.tree(commit), observed.monorepo.uis.as_slice(), commit)?;
    let unknown = |reasons: Vec<String>| {
        let help = "without `--online` what is tagged is taken to be published";
        let problems = reasons.into_iter().map(|reason| Problem::new(reason, help)).collect();
        Stop::ended(problems, Outcome::Unknown)
    };
    let registries = Registries::new(Asker { global, flags: &pins.ask, repository, config, branch: branch.as_deref() })
        .map_err(|reason| unknown(vec![reason]))?;
    there(registries.published(observed.global, &named, world.wanted())).map_err(unknown)
}

/// The versions that are there and not taken back; or the reasons why these are not known.
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
