//! Answers of registries about packages; all of them asked for before.

use crate::diagnostic::Report;
use release_core::manifest::requirement::canonical_name;
use release_core::monorepo::{Artifact, Client, Config, Monorepo, PinForm};
use release_core::registry::Registry;
use release_core::registry::simple::Versioned;
use release_core::version::{Release, Version};
use semver::Version as NpmVersion;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The reason why no registry is asked, unless that is wanted.
pub const NOT_ASKED: &str = "not asked: `--online`";

/// The answers of registries about the packages that they were asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Published {
    /// Of Python packages, by canonical name.
    pub python: BTreeMap<String, Answer<Version, Versioned>>,
    /// Of npm packages, by name; of each version why it is deprecated, where it is.
    pub npm: BTreeMap<String, Answer<NpmVersion, Option<String>>>,
}

/// The answers, or the reason why no registry was asked. Shared, as an audit gives them to every tag.
pub type Asked = Result<Arc<Published>, String>;

/// The answer of a registry about a package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer<V, S> {
    /// The registry's address, without credentials.
    pub registry: String,
    /// The package's versions, of a package that is not there none; or why the registry could not be asked, which is not to
    /// say that there is no such package.
    pub versions: Result<BTreeMap<V, S>, String>,
}

/// Returns what a release publishes, each by registry and name: the artifacts of release.toml, else every package and
/// every client that moves with them.
pub fn released(config: &Config, monorepo: &Monorepo) -> BTreeSet<(Registry, String)> {
    if !config.artifacts.is_empty() {
        let named = |artifact: &Artifact| match artifact.kind.registry()? {
            Registry::Pypi => Some((Registry::Pypi, canonical_name(&artifact.name))),
            Registry::Npm => Some((Registry::Npm, artifact.name.clone())),
        };
        return config.artifacts.iter().filter_map(named).collect();
    }
    let packages = monorepo.packages.iter().map(|package| (Registry::Pypi, package.canonical.clone()));
    let moving = monorepo.clients.iter().filter(|client| client.policy.release != PinForm::Keep);
    packages.chain(moving.flat_map(registries_of)).collect()
}

/// Returns everything that the rules about registries look up, each by registry and name.
pub fn looked_up(config: &Config, monorepo: &Monorepo) -> BTreeSet<(Registry, String)> {
    released(config, monorepo).into_iter().chain(monorepo.clients.iter().flat_map(registries_of)).collect()
}

/// Returns the registries that have a client, each with its name there.
pub(crate) fn registries_of(client: &Client) -> impl Iterator<Item = (Registry, String)> {
    let on_npm = client.on_npm.iter().map(|name| (Registry::Npm, name));
    let names = on_npm.chain([(Registry::Pypi, &client.name)]);
    names.filter(|(registry, _)| client.registries.contains(registry)).map(|(registry, name)| (registry, name.clone()))
}

impl Published {
    /// Tells if a registry was found to have a release of a package.
    pub(crate) fn has(&self, registry: Registry, name: &str, release: Release) -> bool {
        match registry {
            Registry::Npm => self.npm.get(name).is_some_and(|answer| answer.has(&release.npm())),
            Registry::Pypi => {
                let version = Version::parse(&release.to_string()).ok();
                self.python.get(name).zip(version).is_some_and(|(answer, version)| answer.has(&version))
            }
        }
    }
}

impl<V: Ord, S> Answer<V, S> {
    /// Tells if the registry said that it has a version.
    pub fn has(&self, version: &V) -> bool {
        self.versions.as_ref().is_ok_and(|versions| versions.contains_key(version))
    }
}

/// A registry's address, and the versions that it has of a package; `None` where that is not known.
type Versions<'a, V, S> = Option<(&'a str, &'a BTreeMap<V, S>)>;

/// Returns the index's address and what it has of a Python package; where that is not known, the rule says why.
pub(crate) fn python<'a>(published: &'a Asked, name: &str, report: &mut Report) -> Versions<'a, Version, Versioned> {
    look_up(published, |published| &published.python, name, report)
}

/// Returns the same of an npm package.
pub(crate) fn npm<'a>(
    published: &'a Asked,
    name: &str,
    report: &mut Report,
) -> Versions<'a, NpmVersion, Option<String>> {
    look_up(published, |published| &published.npm, name, report)
}

fn look_up<'a, V, S>(
    published: &'a Asked,
    answers: fn(&Published) -> &BTreeMap<String, Answer<V, S>>,
    name: &str,
    report: &mut Report,
) -> Versions<'a, V, S> {
    let published = published.as_ref().map_err(|reason| report.skip_partly(reason.clone())).ok()?;
    let Some(answer) = answers(published).get(name) else {
        report.skip_package(name, NOT_OF_TODAY);
        return None;
    };
    let versions = answer.versions.as_ref().map_err(|reason| report.skip_package(name, reason)).ok()?;
    Some((&answer.registry, versions))
}

/// The reason why nothing is known of a package that only trees of earlier days have.
pub(crate) const NOT_OF_TODAY: &str = "today's branches have no such package";

/// The longest part of a registry's words that is shown, in characters.
const SHOWN: usize = 200;

/// Returns a reason that a registry gives, in words of one line; it may be empty.
pub(crate) fn because(reason: &str) -> String {
    let words: Vec<&str> = reason.split_whitespace().collect();
    let words: String = words.join(" ").chars().filter(|c| !c.is_control()).take(SHOWN).collect();
    if words.is_empty() { words } else { format!(": {words}") }
}
