//! `release pins --simulate --online`: what is there before the release, as the registries say.

use super::Observed;
use crate::Outcome;
use crate::cli::Pins;
use crate::commands::registries::{Asker, Named, Registries};
use crate::stop::{Result, Stop};
use release_checks::published::{Answer, Published};
use release_core::pins::simulate::{Before, World};
use release_core::problem::Problem;

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

/// What is there and not taken back; or why that is not known.
fn there(published: Published) -> Result<Before, Vec<String>> {
    let (mut before, mut unknown) = (Before::default(), Vec::new());
    let not_known = |name: &str, reason: &str| format!("could not ask for `{name}`: {reason}");
    for (name, Answer { versions, .. }) in published.python {
        match versions {
            Ok(versions) => {
                let there = versions.into_iter().filter(|(_, version)| version.yanked.is_none());
                before.python.insert(name, there.map(|(version, _)| version).collect());
            }
            Err(reason) => unknown.push(not_known(&name, &reason)),
        }
    }
    for (name, Answer { versions, .. }) in published.npm {
        match versions {
            Ok(versions) => drop(before.npm.insert(name, versions.into_keys().collect())),
            Err(reason) => unknown.push(not_known(&name, &reason)),
        }
    }
    if unknown.is_empty() { Ok(before) } else { Err(unknown) }
}
