//! Discovery of clients: first-party packages that live in other repositories and are released together with this
//! one.

use super::config::{ClientConfig, Config, PinPolicy};
use super::manifest::Manifests;
use super::on_npm::{is_of_scope, npm_version, on_registry};
use super::ours::Ours;
use super::packages::Package;
use crate::history::History;
use crate::manifest::package_json::{Dependency, PackageJson};
use crate::manifest::pyproject::Declared;
use crate::manifest::requirement::{Requirement, canonical_name};
use crate::problem::Problem;
use crate::registry::Registry;
use crate::version::npm::Spec;
use crate::version::{Operand, Version};
use camino::{Utf8Path, Utf8PathBuf};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// A first-party package from another repository.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Client {
    /// Its normalised name (PEP 503).
    pub name: String,
    /// The registries on which it is published.
    pub registries: Vec<Registry>,
    /// Its names on npm: what UIs ask for, the packages behind aliases; its own if no UI asks for it.
    pub on_npm: BTreeSet<String>,
    /// The form of its pins.
    pub policy: PinPolicy,
    /// The reason for which it counts as a client.
    pub why: String,
}

/// A front end that requires a client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ui {
    /// The folder of its `package.json`.
    pub path: Utf8PathBuf,
    /// The client.
    pub client: String,
    /// The name under which `package.json` requires it and `node_modules` has it; another one for an alias.
    pub key: String,
    /// The package on npm; another one if the client's name is an alias (`npm:@scope/name@^0.4.4`).
    pub package: String,
    /// The prefix of the version in the range it asks for.
    pub range: String,
}

/// The clients and UIs that were found, and the doubts about them.
pub(super) struct Found {
    pub(super) clients: Vec<Client>,
    pub(super) uis: Vec<Ui>,
    pub(super) doubts: Vec<Problem>,
}

/// The number of names that are listed: of pins that may be what a client that is missing is called now, and of clients.
const MOST_SIMILAR: usize = 20;

pub(super) type PackageJsons = BTreeMap<Utf8PathBuf, PackageJson>;

/// The input of the discovery of clients.
struct Scene<'a> {
    /// The packages' normalised names.
    packages: BTreeSet<&'a str>,
    manifests: &'a Manifests,
    /// The requirements of the `package.json` files, by name.
    dependencies: BTreeMap<&'a str, Vec<(&'a Utf8Path, &'a Dependency)>>,
    /// The same requirements that are aliases, by the name of the package behind it.
    aliases: BTreeMap<String, Vec<(&'a Utf8Path, &'a Dependency)>>,
    ours: Ours<'a>,
}

/// A requirement, with the normalised name of its package.
struct FoundRequirement<'a> {
    path: &'a Utf8Path,
    declared: &'a Declared,
    name: String,
}

impl FoundRequirement<'_> {
    /// Returns `true` if a clause names a version that passes the test.
    fn names_version(&self, passes: impl Fn(&Version) -> bool) -> bool {
        let requirement = self.declared.requirement.as_ref();
        let clauses = requirement.ok().and_then(Requirement::specifier).map_or(&[][..], |set| &set.clauses);
        clauses.iter().any(|clause| matches!(&clause.operand, Operand::Version(version) if passes(version)))
    }

    fn label(&self, problem: Problem, text: impl Into<String>) -> Problem {
        problem.at(self.path, self.declared.text.span.clone(), text)
    }
}

pub(super) fn clients(
    packages: &[Package],
    manifests: &Manifests,
    package_jsons: &PackageJsons,
    config: &Config,
    history: &History,
) -> Found {
    let current = packages.iter().filter_map(|package| manifests.get(&package.path)?.current_version());
    let ours = Ours::new(history, current);
    let mut dependencies: BTreeMap<_, Vec<_>> = BTreeMap::new();
    let mut aliases: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for (path, package) in package_jsons {
        for dependency in &package.dependencies {
            dependencies.entry(dependency.name.as_str()).or_default().push((path.as_path(), dependency));
            if let Some(name) = Spec::package_behind(&dependency.range) {
                aliases.entry(name).or_default().push((path.as_path(), dependency));
            }
        }
    }
    let names = packages.iter().map(|package| package.canonical.as_str()).collect();
    let scene = Scene { packages: names, manifests, dependencies, aliases, ours };
    let mut clients = if config.clients.is_empty() { scene.discovered() } else { named(config) };
    let uis = if config.uis.is_empty() { Ok(scene.uis(&clients)) } else { scene.named_uis(&clients, config) };
    let mut problems = Vec::new();
    let uis = uis.unwrap_or_else(|found| {
        problems = found;
        Vec::new()
    });
    name_on_npm(&mut clients, &uis, !config.clients.is_empty());
    problems.extend(scene.unasked(&clients, &uis));
    problems.extend(scene.renamed(&clients, !config.clients.is_empty()));
    problems.extend(scene.scoped(&clients, &uis));
    Found { clients, uis, doubts: problems }
}

fn named(config: &Config) -> Vec<Client> {
    let why = "release.toml names it";
    let named = config.clients.iter().cloned();
    let client = |ClientConfig { name, registries, pin }| Client {
        on_npm: [name.clone()].into(),
        name,
        registries,
        policy: pin,
        why: why.to_owned(),
    };
    named.map(client).collect()
}

impl<'a> Scene<'a> {
    /// Returns every requirement, including unreadable ones, whose name is their first word.
    fn requirements(&self) -> impl Iterator<Item = FoundRequirement<'a>> {
        self.manifests.iter().flat_map(|(path, manifest)| {
            let requirement = |declared: &'a Declared| FoundRequirement { path, declared, name: declared.name() };
            manifest.read.requirements.iter().map(requirement)
        })
    }

    /// Returns the requirements on packages outside this monorepo.
    fn foreign(&self) -> impl Iterator<Item = FoundRequirement<'a>> {
        self.requirements().filter(|requirement| !self.packages.contains(requirement.name.as_str()))
    }

    /// Returns `true` if a normalised name is `<package>-client` of a package of this monorepo.
    fn is_own_client(&self, name: &str) -> bool {
        name.strip_suffix("-client").is_some_and(|package| self.packages.contains(package))
    }

    /// Returns `<package>-client`, and names that a manifest and a `package.json` both require and that are released
    /// together with this monorepo: `openai` may be in both, and is not a client here.
    fn discovered(&self) -> Vec<Client> {
        let mut found: BTreeMap<String, String> = BTreeMap::new();
        for requirement in self.foreign() {
            if self.is_own_client(&requirement.name) {
                found.entry(requirement.name).or_insert_with(|| "it is named after a package".to_owned());
                continue;
            }
            let both = self.on_npm(&requirement.name);
            if let Some((path, dependency)) = both
                && self.moves_with_us(&requirement, dependency)
            {
                found.entry(requirement.name).or_insert_with(|| format!("a manifest and {path} both ask for it"));
            }
        }
        let client = |(name, why): (String, String)| {
            let on_npm = self.on_npm(&name).is_some();
            let registries = [Registry::Pypi].into_iter().chain(on_npm.then_some(Registry::Npm)).collect();
            Client { on_npm: [name.clone()].into(), name, registries, policy: PinPolicy::default(), why }
        };
        found.into_iter().map(client).collect()
    }

    /// Returns the first requirement of a `package.json` on a package, under its name or as an alias.
    fn on_npm(&self, name: &str) -> Option<&(&'a Utf8Path, &'a Dependency)> {
        self.dependencies.get(name).or_else(|| self.aliases.get(name))?.first()
    }

    /// Returns `true` if a package that both sides require is released together with this monorepo: it is named after
    /// a package, or both sides name versions of this monorepo. A package called a client may have any version that
    /// ever existed, any other package only one of the lines in development.
    fn moves_with_us(&self, requirement: &FoundRequirement<'_>, dependency: &Dependency) -> bool {
        let FoundRequirement { name, .. } = requirement;
        let is_ours = |version: &Version| match name.ends_with("-client") {
            true => self.ours.has(version),
            false => self.ours.has_lately(version),
        };
        name.match_indices('-').any(|(at, _)| self.packages.contains(&name[..at]))
            || (requirement.names_version(is_ours) && npm_version(&dependency.range).as_ref().is_some_and(is_ours))
    }

    /// Returns the requirements on clients: under the client's name, or as an alias of it.
    fn uis(&self, clients: &[Client]) -> Vec<Ui> {
        let known: HashSet<&str> = clients.iter().map(|client| client.name.as_str()).collect();
        let is_client = |name: &str| known.contains(name) || self.is_own_client(name);
        let ui = |(path, dependency): &(&Utf8Path, &Dependency)| {
            let package = on_registry(dependency);
            let client = [&dependency.name, &package].into_iter().find(|name| is_client(name))?.clone();
            Some(Ui { path: folder(path), client, key: dependency.name.clone(), package, range: "^".to_owned() })
        };
        self.dependencies.values().flatten().filter_map(ui).collect()
    }

    /// Returns the UIs of `release.toml`; one without a client gets the client that it requires.
    fn named_uis(&self, clients: &[Client], config: &Config) -> Result<Vec<Ui>, Vec<Problem>> {
        let found = self.uis(clients);
        let mut uis = Vec::new();
        let mut problems = Vec::new();
        // Of several clients the first counts.
        let by_path: HashMap<&Utf8Path, &Ui> = found.iter().rev().map(|ui| (&*ui.path, ui)).collect();
        for ui in &config.uis {
            let range = ui.range.clone();
            match (&ui.client, by_path.get(&*ui.path)) {
                (Some(client), _) => uis.push(self.named_ui(ui.path.clone(), client, range)),
                (None, Some(found)) => uis.push(Ui { range, ..(*found).clone() }),
                (None, None) => problems.push(Problem::new(
                    format!("release.toml names the UI {}, whose package.json requires no known client", ui.path),
                    "correct its `path`, or name the client there: `[[ui]]` with `client = \"...\"`",
                )),
            }
        }
        if problems.is_empty() { Ok(uis) } else { Err(problems) }
    }

    /// Returns a UI whose client `release.toml` names, by its name in `package.json`, by that of the package behind an alias, or
    /// of a scope.
    fn named_ui(&self, path: Utf8PathBuf, client: &str, range: String) -> Ui {
        let [by_key, by_alias] = [self.dependencies.get(client), self.aliases.get(client)];
        let of_scope =
            self.dependencies.iter().filter(|(name, _)| is_of_scope(name, client)).flat_map(|(_, found)| found);
        let mut found = by_key.into_iter().chain(by_alias).flatten().chain(of_scope);
        let (key, package) = match found.find(|(at, _)| folder(at) == path) {
            Some((_, dependency)) => (dependency.name.clone(), on_registry(dependency)),
            // What moves the range says that there is none.
            None => (client.to_owned(), client.to_owned()),
        };
        Ui { path, client: client.to_owned(), key, package, range }
    }

    /// Returns a problem for each client that `release.toml` names or a UI requires, but no manifest pins. A client
    /// that is only on npm has no pins.
    fn unasked(&self, clients: &[Client], uis: &[Ui]) -> Vec<Problem> {
        let asked: HashSet<String> = self.requirements().map(|asked| asked.name).collect();
        let is_npm_alone = |client: &&Client| client.registries.iter().all(|registry| *registry == Registry::Npm);
        let on_npm_alone: HashSet<&str> = clients.iter().filter(is_npm_alone).map(|client| &*client.name).collect();
        let known: HashSet<&str> = clients.iter().map(|client| client.name.as_str()).collect();
        let named = clients.iter().map(|client| (client.name.clone(), "release.toml names it".to_owned()));
        let wanted =
            uis.iter().map(|ui| (canonical_name(&ui.client), format!("{} asks for it", ui.path.join("package.json"))));
        let mut missing: Vec<(String, String)> = named.chain(wanted).collect();
        let mut seen = HashSet::new();
        missing.retain(|(name, _)| {
            !on_npm_alone.contains(name.as_str()) && !asked.contains(name) && seen.insert(name.clone())
        });
        if missing.is_empty() {
            return Vec::new();
        }
        let similar: Vec<FoundRequirement<'_>> = self
            .foreign()
            .filter(|asked| {
                asked.name.ends_with("-client")
                    && !known.contains(asked.name.as_str())
                    && asked.names_version(|version| self.ours.has(version))
            })
            .collect();
        // Of very many, each could be the new name of any.
        let more = match similar.len().saturating_sub(MOST_SIMILAR) {
            0 => String::new(),
            more => format!("; beside the {MOST_SIMILAR} pins that are shown here, {more} more look like its new name"),
        };
        let similar = &similar[..similar.len().min(MOST_SIMILAR)];
        let problem = |(name, why): (String, String)| {
            let problem = Problem::new(
                format!("no manifest pins the client `{name}` ({why}){more}"),
                "if it was renamed, name the new one in release.toml (`[[client]]`, `name = \"...\"`); if the pin was lost, put it back; if it is on npm alone, say so there (`registry = [\"npm\"]`)",
            );
            similar.iter().fold(problem, |problem, asked| asked.label(problem, "this looks like its new name"))
        };
        missing.into_iter().map(problem).collect()
    }

    /// Returns a problem for each package of a scope that looks like a client (`@meadow/meadow-client`, `@meadow/client`): its
    /// version is one of this monorepo's, and `release.toml` says nothing of it. No release would move it.
    fn scoped(&self, clients: &[Client], uis: &[Ui]) -> Vec<Problem> {
        let of_uis = uis.iter().flat_map(|ui| [ui.key.as_str(), ui.package.as_str()]);
        let known: HashSet<&str> = of_uis.chain(clients.iter().map(|client| client.name.as_str())).collect();
        let client_of = |package: &str| {
            let mut names = clients.iter().map(|client| client.name.as_str());
            names.find(|name| is_of_scope(package, name))
        };
        let problem = |(path, dependency): &(&'a Utf8Path, &'a Dependency)| {
            let package = on_registry(dependency);
            let client = client_of(&package).filter(|_| !known.contains(package.as_str()))?;
            npm_version(&dependency.range).filter(|version| self.ours.has_lately(version))?;
            let (name, range) = (&dependency.name, &dependency.range);
            let problem = Problem::new(
                format!("{path}: `{name}` carries a version of this monorepo, `{range}`, and no release moves it"),
                format!(
                    "if it is the client, name the UI in release.toml: `[[ui]]` with `path = \"{}\"` and `client = \"{client}\"`; if it is a third \
                     party's, name it there as a client that stays: `[[client]]` with `name = \"{package}\"`, `registry = [\"npm\"]` and \
                     `pin = {{ release = \"keep\", candidate = \"keep\" }}`",
                    folder(path)
                ),
            );
            Some(problem.at(path, dependency.span.clone(), "not known as a client"))
        };
        self.dependencies.values().flatten().filter_map(problem).collect()
    }

    /// Returns a problem for each pin that looks like a client under another name: the old name beside the new one,
    /// or an unknown package that is released together with this monorepo. If `release.toml` names the clients, only
    /// packages named after a package count.
    fn renamed(&self, clients: &[Client], is_named: bool) -> Vec<Problem> {
        let names: Vec<&str> = clients.iter().map(|client| client.name.as_str()).collect();
        let known: HashSet<&str> = names.iter().copied().collect();
        if !is_named && names.len() > 1 {
            let problem = Problem::new(
                format!("the manifests pin more than one client: {}", quoted(&names)),
                "if one was renamed, replace the pins that are left of the old name; if all of them are clients, name each in release.toml (`[[client]]`, `name = \"...\"`)",
            );
            let pins = self.foreign().filter(|asked| known.contains(asked.name.as_str()));
            let label =
                |problem, asked: FoundRequirement<'_>| asked.label(problem, format!("a pin of `{}`", asked.name));
            return vec![pins.fold(problem, label)];
        }
        let is_ours = |version: &Version| self.ours.has_lately(version);
        let is_suspect = |asked: &FoundRequirement<'_>| {
            asked.name.ends_with("-client")
                && !known.contains(asked.name.as_str())
                && (self.is_own_client(&asked.name) || (!is_named && asked.names_version(is_ours)))
        };
        let but = match names.is_empty() {
            true => "is not known as a client".to_owned(),
            false => format!("the client is {}", quoted(&names)),
        };
        let problem = |requirement: FoundRequirement<'a>| {
            let what = match self.is_own_client(&requirement.name) {
                true => "is named after a package of this monorepo",
                false => "carries a version of this monorepo",
            };
            let problem = Problem::new(
                format!("{}: `{}` {what}, but {but}", requirement.path, requirement.declared.text.value),
                "if the client was renamed, name the new one in release.toml (`[[client]]`, `name = \"...\"`) and replace the pins of the old; if it is a third party's, name it there with `pin = { release = \"keep\", candidate = \"keep\" }`",
            );
            let text = format!("a pin of `{}`", requirement.name);
            requirement.label(problem, text)
        };
        self.foreign().filter(is_suspect).map(problem).collect()
    }
}

/// Gives clients the names that they have on npm for UIs, and clients that were discovered that registry.
fn name_on_npm(clients: &mut [Client], uis: &[Ui], is_named: bool) {
    for client in clients {
        let own = uis.iter().filter(|ui| canonical_name(&ui.client) == client.name).map(|ui| ui.package.clone());
        let names: BTreeSet<String> = own.collect();
        if names.is_empty() {
            continue;
        }
        client.on_npm = names;
        if !is_named && !client.registries.contains(&Registry::Npm) {
            client.registries.push(Registry::Npm);
        }
    }
}

fn folder(path: &Utf8Path) -> Utf8PathBuf {
    path.parent().unwrap_or(Utf8Path::new("")).to_owned()
}

/// Names, each as code; of very many the first.
fn quoted(names: &[&str]) -> String {
    let shown = names.iter().take(MOST_SIMILAR).map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(MOST_SIMILAR) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}
