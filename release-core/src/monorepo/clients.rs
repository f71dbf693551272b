//! Which requirements are clients: first-party packages that live in other repositories and are released together with
//! this one.

use super::config::{Config, PinPolicy};
use super::discovery::Manifest;
use super::packages::Package;
use crate::history::History;
use crate::manifest::package_json::{Dependency, PackageJson};
use crate::manifest::pyproject::Declared;
use crate::manifest::requirement::{Requirement, canonical_name};
use crate::problem::Problem;
use crate::version::{Operand, Operator, Release, Version};
use camino::{Utf8Path, Utf8PathBuf};
use std::collections::{BTreeMap, BTreeSet};

/// A first-party package from another repository.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Client {
    /// Its normalised name (PEP 503).
    pub name: String,
    /// The registries that it is published on.
    pub registries: Vec<String>,
    /// How it is pinned.
    pub policy: PinPolicy,
    /// Why it is taken for a client.
    pub why: String,
}

/// A front end that asks for a client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ui {
    /// The folder of its `package.json`.
    pub path: Utf8PathBuf,
    /// The client's npm name.
    pub client: String,
    /// What stands before the version in the range it asks for.
    pub range: String,
}

type Manifests = BTreeMap<Utf8PathBuf, Manifest>;
type PackageJsons = BTreeMap<Utf8PathBuf, PackageJson>;

/// What discovery of clients looks at.
struct Scene<'a> {
    /// The packages' normalised names.
    packages: BTreeSet<&'a str>,
    manifests: &'a Manifests,
    /// What the `package.json` files ask for, by name.
    dependencies: BTreeMap<&'a str, Vec<(&'a Utf8Path, &'a Dependency)>>,
    /// Versions that are or were this monorepo's.
    ours: BTreeSet<Version>,
}

pub(super) fn clients(
    packages: &[Package],
    manifests: &Manifests,
    package_jsons: &PackageJsons,
    config: &Config,
    history: &History,
) -> Result<(Vec<Client>, Vec<Ui>), Vec<Problem>> {
    let tagged = history.releases().filter_map(|release| Version::parse(&release.to_string()).ok());
    let current = packages.iter().filter_map(|package| manifests.get(&package.path)?.current_version());
    let ours = tagged.chain(current.filter_map(|version| Version::parse(&version).ok())).collect();
    let mut dependencies: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for (path, package) in package_jsons {
        for dependency in &package.dependencies {
            dependencies.entry(dependency.name.as_str()).or_default().push((path.as_path(), dependency));
        }
    }
    let names = packages.iter().map(|package| package.canonical.as_str()).collect();
    let scene = Scene { packages: names, manifests, dependencies, ours };
    let clients = if config.clients.is_empty() { scene.discovered() } else { named(config) };
    let uis = scene.uis(&clients, config);
    let mut problems = scene.unasked(&clients, &uis);
    problems.extend(scene.renamed(&clients, !config.clients.is_empty()));
    if problems.is_empty() { Ok((clients, uis)) } else { Err(problems) }
}

fn named(config: &Config) -> Vec<Client> {
    let client = |client: &super::config::ClientConfig| Client {
        name: client.name.clone(),
        registries: client.registries.clone(),
        policy: client.pin,
        why: "release.toml names it".to_owned(),
    };
    config.clients.iter().map(client).collect()
}

impl<'a> Scene<'a> {
    /// Every requirement on something that is not a package of ours, with its manifest.
    fn requirements(&self) -> impl Iterator<Item = (&'a Utf8Path, &'a Declared, &'a Requirement)> {
        self.manifests.iter().flat_map(|(path, manifest)| {
            let readable =
                |declared: &'a Declared| Some((path.as_path(), declared, declared.requirement.as_ref().ok()?));
            let foreign = |requirement: &Requirement| !self.packages.contains(requirement.name.canonical().as_str());
            manifest
                .read
                .requirements
                .iter()
                .filter_map(readable)
                .filter(move |(_, _, requirement)| foreign(requirement))
        })
    }

    /// Whether a normalised name is `<package>-client` of a package of ours.
    fn is_own_client(&self, name: &str) -> bool {
        name.strip_suffix("-client").is_some_and(|package| self.packages.contains(package))
    }

    /// `<package>-client`, and names that a manifest and a `package.json` both ask for and that move with this monorepo:
    /// `openai` stands in both, and is nobody's client here.
    fn discovered(&self) -> Vec<Client> {
        let mut found: BTreeMap<String, String> = BTreeMap::new();
        for (_, _, requirement) in self.requirements() {
            let name = requirement.name.canonical();
            if self.is_own_client(&name) {
                found.entry(name).or_insert_with(|| "it is named after a package".to_owned());
                continue;
            }
            let Some((path, dependency)) = self.dependencies.get(name.as_str()).and_then(|asked| asked.first()) else {
                continue;
            };
            let ours = name.match_indices('-').any(|(at, _)| self.packages.contains(&name[..at]))
                || (self.has_version_of_ours(requirement)
                    && self.is_version_of_ours(npm_version(&dependency.range).as_ref()));
            if ours {
                found.entry(name).or_insert_with(|| format!("a manifest and {path} both ask for it"));
            }
        }
        let client = |(name, why): (String, String)| {
            let on_npm = self.dependencies.contains_key(name.as_str());
            let registries = ["pypi"].into_iter().chain(on_npm.then_some("npm")).map(str::to_owned).collect();
            Client { name, registries, policy: PinPolicy::default(), why }
        };
        found.into_iter().map(client).collect()
    }

    fn uis(&self, clients: &[Client], config: &Config) -> Vec<Ui> {
        if !config.uis.is_empty() {
            let ui = |ui: &super::config::UiConfig| {
                let client = ui.client.clone().or_else(|| clients.first().map(|client| client.name.clone()));
                Ui { path: ui.path.clone(), client: client.unwrap_or_default(), range: ui.range.clone() }
            };
            return config.uis.iter().map(ui).collect();
        }
        self.dependencies
            .values()
            .flatten()
            .filter(|(_, dependency)| {
                clients.iter().any(|client| client.name == dependency.name) || self.is_own_client(&dependency.name)
            })
            .map(|(path, dependency)| Ui {
                path: path.parent().unwrap_or(Utf8Path::new("")).to_owned(),
                client: dependency.name.clone(),
                range: "^".to_owned(),
            })
            .collect()
    }

    /// Clients that are named, or that a UI asks for, and that no manifest pins.
    fn unasked(&self, clients: &[Client], uis: &[Ui]) -> Vec<Problem> {
        let is_asked = |name: &str| self.requirements().any(|(_, _, requirement)| requirement.name.canonical() == name);
        let mut missing: Vec<(String, String)> = clients
            .iter()
            .filter(|client| !is_asked(&client.name))
            .map(|client| (client.name.clone(), "release.toml names it".to_owned()))
            .collect();
        for ui in uis {
            let name = canonical_name(&ui.client);
            if !is_asked(&name) && missing.iter().all(|(missing, _)| *missing != name) {
                missing.push((name, format!("{} asks for it", ui.path.join("package.json"))));
            }
        }
        let problem = |(name, why): (String, String)| {
            let problem = Problem::new(
                format!("no manifest pins the client `{name}` ({why})"),
                "if it was renamed, name the new one in release.toml (`[[client]]`, `name = \"...\"`); if the pin was lost, put it back",
            );
            let similar = self.requirements().filter(|(_, _, requirement)| {
                let other = requirement.name.canonical();
                other.ends_with("-client")
                    && clients.iter().all(|client| client.name != other)
                    && self.has_version_of_ours(requirement)
            });
            similar.fold(problem, |problem, (path, declared, _)| {
                problem.at(path, declared.text.span.clone(), "this looks like its new name")
            })
        };
        missing.into_iter().map(problem).collect()
    }

    /// Pins that look like a client under another name: the old one beside the new, or one that moves with us and is not
    /// known.
    fn renamed(&self, clients: &[Client], is_named: bool) -> Vec<Problem> {
        let mut names: Vec<&str> =
            clients.iter().map(|client| client.name.as_str()).filter(|name| name.ends_with("-client")).collect();
        names.dedup();
        if !is_named && names.len() > 1 {
            let problem = Problem::new(
                format!("the manifests pin more than one client: {}", quoted(&names)),
                "if one was renamed, replace the pins that are left of the old name; if all of them are clients, name each in release.toml (`[[client]]`, `name = \"...\"`)",
            );
            return vec![
                self.requirements()
                    .filter(|(_, _, requirement)| names.contains(&requirement.name.canonical().as_str()))
                    .fold(problem, |problem, (path, declared, requirement)| {
                        problem.at(path, declared.text.span.clone(), format!("a pin of `{}`", requirement.name.text))
                    }),
            ];
        }
        self.requirements()
            .filter(|(_, _, requirement)| {
                let name = requirement.name.canonical();
                let is_known = clients.iter().any(|client| client.name == name);
                !is_known && name.ends_with("-client") && (self.is_own_client(&name) || self.moves_with_us(requirement, clients.is_empty()))
            })
            .map(|(path, declared, requirement)| {
                let known: Vec<&str> = clients.iter().map(|client| client.name.as_str()).collect();
                let but = if known.is_empty() { "is not known as a client".to_owned() } else { format!("the client is {}", quoted(&known)) };
                Problem::new(
                    format!("{path}: `{}` carries a version of this monorepo, but {but}", declared.text.value),
                    "if the client was renamed, name the new one in release.toml (`[[client]]`, `name = \"...\"`) and replace the pins of the old; if it is no client of yours, name the real ones there",
                )
                .at(path, declared.text.span.clone(), format!("a pin of `{}`", requirement.name.text))
            })
            .collect()
    }

    /// An exact pin of a version of ours; any bound that names one, where no client is known at all.
    fn moves_with_us(&self, requirement: &Requirement, any_operator: bool) -> bool {
        let clauses = requirement.specifier().map_or(&[][..], |specifier| &specifier.clauses);
        let exact = clauses.iter().any(|clause| clause.operator == Operator::Equal);
        (exact || any_operator) && self.has_version_of_ours(requirement)
    }

    fn has_version_of_ours(&self, requirement: &Requirement) -> bool {
        let clauses = requirement.specifier().map_or(&[][..], |specifier| &specifier.clauses);
        clauses.iter().any(|clause| match &clause.operand {
            Operand::Version(version) => self.is_version_of_ours(Some(version)),
            Operand::Series(_) | Operand::Text => false,
        })
    }

    fn is_version_of_ours(&self, version: Option<&Version>) -> bool {
        version.is_some_and(|version| self.ours.contains(version))
    }
}

/// The version in a range such as `^0.4.4` or `0.5.0-rc.1`, as PEP 440 has it.
fn npm_version(range: &str) -> Option<Version> {
    let version = semver::Version::parse(range.trim_start_matches(['^', '~', '>', '=', ' '])).ok()?;
    let base = Release::new(version.major, version.minor, version.patch);
    match version.pre.as_str() {
        "" => Version::parse(&base.to_string()).ok(),
        candidate => {
            let number = candidate.strip_prefix("rc")?.trim_start_matches('.').parse().ok()?;
            Version::parse(&base.with_candidate(number).to_string()).ok()
        }
    }
}

fn quoted(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}
