//! The registries of a tree, and what they say of packages.

mod standing;

pub(crate) use standing::Asker;

use crate::checkout::Held;
use crate::cli::{AskFlags, Global};
use crate::output;
use crate::registry::{
    Environment, Found, Http, Origin, Question, Settings, User, Whom, ask_all, npm, python, who_is_asked,
};
use crate::stop::Stop;
use camino::{Utf8Path, Utf8PathBuf};
use release_checks::published::{Answer, Asked, Published};
use release_core::lockfile::package_lock::PackageLock;
use release_core::lockfile::uv_lock::UvLock;
use release_core::monorepo::{CONFIG_FILE, Tree, TreeError, Ui};
use release_core::plan::relock::NpmFile;
use release_core::problem::Problem;
use release_core::registry::Registry;
use release_core::registry::npm::{Document, Manifest};
use release_core::registry::simple::Page;
use release_core::text::SourceText;
use release_core::version::npm::read_version;
use semver::Version as NpmVersion;
use standing::Standing;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Files that say which registries are asked.
const FILES: [&str; 3] = ["uv.lock", "package-lock.json", ".npmrc"];

/// The registries of a run.
pub(crate) struct Registries<'a> {
    pub(crate) http: Http,
    user: User,
    /// The index of the settings, and who wrote them.
    configured: Option<(String, Origin)>,
    pub(crate) standing: Standing<'a>,
}

/// The registries that a tree names.
pub(crate) struct Named {
    texts: BTreeMap<Utf8PathBuf, SourceText>,
    uis: Vec<Ui>,
    /// The commit of the tree; none is the work tree.
    commit: Option<String>,
}

/// Returns what the registries say of packages, each by registry and name; or the reason why none can be asked.
pub(crate) fn ask(asker: Asker<'_>, named: &Named, packages: &BTreeSet<(Registry, String)>) -> Asked {
    let registries = Registries::new(asker)?;
    let packages = packages.iter().map(|(registry, name)| (*registry, name.as_str()));
    let published = registries.published(asker.global, named, packages);
    output::say(asker.global, "");
    Ok(Arc::new(published))
}

/// Stops where a flag says whom to ask and nothing is asked, or where `--offline` stands before the command and `--online`
/// behind it, which the grammar does not see.
pub(crate) fn asks_as_it_may(global: &Global, flags: &AskFlags, is_online: bool) -> Result<(), Stop> {
    if is_online && global.offline {
        return Err(Stop::usage(Problem::new("`--online` cannot be used with `--offline`", "leave one of them out")));
    }
    let Some(flag) = flags.given().filter(|_| !is_online) else { return Ok(()) };
    let message = format!("`{flag}` names who is asked, and no registry is asked without `--online`");
    Err(Stop::usage(Problem::new(message, "add `--online`")))
}

impl<'a> Registries<'a> {
    /// The registries that the user names, and those that the settings of the repository do.
    pub(crate) fn new(asker: Asker<'a>) -> Result<Self, String> {
        let Asker { global, flags, config, .. } = asker;
        let user = match &global.sandbox_registry {
            Some(sandbox) => User {
                environment: Environment::default(),
                index: Some(("--sandbox", format!("{sandbox}/simple"))),
                npm_registry: Some(("--sandbox", format!("{sandbox}/npm"))),
            },
            None => User {
                environment: Environment::of_process(),
                index: flags.index.clone().map(|url| ("--index", url)),
                npm_registry: flags.npm_registry.clone().map(|url| ("--npm-registry", url)),
            },
        };
        let settings = match &global.config {
            Some(path) => Origin::User(path.to_string()),
            None => Origin::Tree(CONFIG_FILE.to_owned()),
        };
        let http = Http::of(&user.environment)?;
        let configured = config.index.clone().map(|url| (url, settings));
        Ok(Self { http, user, configured, standing: Standing::new(asker) })
    }

    /// The index that has a client of a lockfile, at this path in the tree of a commit or in the work tree.
    pub(crate) fn index(&self, lock: Option<(&Utf8Path, &UvLock)>, commit: Option<&str>) -> Result<Whom, String> {
        let configured = self.configured.as_ref().map(|(url, origin)| (url.as_str(), origin.clone()));
        let index = python::choose(&self.user, configured, lock)?;
        // Settings are read in the work tree, whatever else is looked at.
        let is_settings = self.configured.as_ref().is_some_and(|(_, origin)| *origin == index.origin);
        self.standing.admit(commit.filter(|_| !is_settings), &index.origin, &index.place)?;
        Ok(index)
    }

    /// The index that a lockfile of a tree names, which uv asks whatever else is chosen; `None` where it names none. A host
    /// that was chosen may be asked anyway.
    pub(crate) fn locked_index(
        &self,
        path: &Utf8Path,
        lock: &UvLock,
        commit: Option<&str>,
        chosen: &Whom,
    ) -> Result<Option<Whom>, String> {
        let Some(index) = python::locked(path, lock, &self.user.environment)? else { return Ok(None) };
        if chosen.place.authority() != index.place.authority() {
            self.standing.admit(commit, &index.origin, &index.place)?;
        }
        Ok(Some(index))
    }

    /// The npm registry of a package, with the settings of a tree, of a commit or the work tree, and the address that a
    /// lockfile has it from.
    fn npm(
        &self,
        name: &str,
        settings: &[Settings<'_>],
        resolved: Option<(&Utf8Path, &str)>,
        commit: Option<&str>,
    ) -> Result<Whom, String> {
        let registry = npm::choose(name, &self.user, settings, resolved)?;
        self.standing.admit(commit, &registry.origin, &registry.place)?;
        Ok(registry)
    }

    /// The npm registry of a package, as a lockfile of a tree and the settings around it have it.
    pub(crate) fn npm_of(&self, name: &str, file: &NpmFile, commit: Option<&str>) -> Result<Whom, String> {
        let settings = file.npmrc.iter().map(|(path, text)| Settings { path, text: text.as_str() });
        let key = if name == file.ui.package { &file.ui.key } else { name };
        let resolved = file.lock.address(key).map(|address| (file.path.as_path(), address));
        self.npm(name, &settings.collect::<Vec<_>>(), resolved, commit)
    }

    /// The npm registry of a package, as the settings of a tree have it.
    pub(crate) fn npm_without_lock(
        &self,
        name: &str,
        npmrc: &[(Utf8PathBuf, SourceText)],
        commit: Option<&str>,
    ) -> Result<Whom, String> {
        let settings: Vec<_> = npmrc.iter().map(|(path, text)| Settings { path, text: text.as_str() }).collect();
        self.npm(name, &settings, None, commit)
    }

    /// Returns the registry that is asked for each package, or the reason why none is.
    pub(crate) fn whom_to_ask<'p>(
        &self,
        named: &Named,
        packages: impl IntoIterator<Item = (Registry, &'p str)>,
    ) -> Vec<(Registry, &'p str, Result<Whom, String>)> {
        let lock = named.uv_lock();
        let index = self.index(lock.as_ref().map(|lock| (Utf8Path::new("uv.lock"), lock)), named.commit.as_deref());
        let whom = |(registry, name)| match registry {
            Registry::Npm => (registry, name, named.npm(self, name)),
            Registry::Pypi => (registry, name, index.clone()),
        };
        packages.into_iter().map(whom).collect()
    }

    /// Returns what the registries say of packages, each by registry and name and asked once, all at the same time. It is said before
    /// who is asked for what.
    pub(crate) fn published<'p>(
        &self,
        global: &Global,
        named: &Named,
        packages: impl IntoIterator<Item = (Registry, &'p str)>,
    ) -> Published {
        let (mut questions, mut published) = (Vec::new(), Published::default());
        for (registry, name, whom) in self.whom_to_ask(named, packages) {
            match whom {
                Ok(whom) => questions.push(Question { name: name.to_owned(), version: None, whom, in_full: false }),
                Err(reason) => note(&mut published, registry, name, None, Err(reason)),
            }
        }
        who_is_asked(&questions).iter().for_each(|sentence| output::say(global, sentence));
        for answered in ask_all(&self.http, &questions) {
            let Question { name, whom, .. } = &answered.question;
            note(
                &mut published,
                whom.registry,
                name,
                Some(&whom.address),
                answered.found().map_err(ToString::to_string),
            );
        }
        published
    }
}

/// Notes what a registry has of a package, or why that is not known; it has nothing of a package that it does not know.
fn note(
    published: &mut Published,
    registry: Registry,
    name: &str,
    address: Option<&str>,
    known: Result<Option<&Found>, String>,
) {
    let name = name.to_owned();
    match registry {
        Registry::Pypi => {
            let registry = address.unwrap_or("the Python index").to_owned();
            let versions = known.map(|found| found.and_then(Found::page).map(Page::versions).unwrap_or_default());
            published.python.insert(name, Answer { registry, versions });
        }
        Registry::Npm => {
            let registry = address.unwrap_or("the npm registry").to_owned();
            let versions = known.map(|found| found.and_then(Found::document).map(versions).unwrap_or_default());
            published.npm.insert(name, Answer { registry, versions });
        }
    }
}

/// The versions of a document, each with why it is deprecated.
fn versions(document: &Document) -> BTreeMap<NpmVersion, Option<String>> {
    let version = |manifest: &Manifest| {
        let deprecated = manifest.noted.get("deprecated").and_then(|reason| reason.as_str()).map(str::to_owned);
        Some((read_version(&manifest.version)?, deprecated))
    };
    document.versions.values().filter_map(version).collect()
}

impl Named {
    /// Reads what a tree, of a commit or the work tree, has beside its manifests.
    ///
    /// # Errors
    /// When it cannot be read.
    pub(crate) fn read(tree: &dyn Tree, uis: &[Ui], commit: Option<&str>) -> Result<Self, TreeError> {
        Ok(Self { texts: Held::new(tree, &FILES)?.texts(), uis: uis.to_vec(), commit: commit.map(str::to_owned) })
    }

    fn uv_lock(&self) -> Option<UvLock> {
        UvLock::parse(self.texts.get(Utf8Path::new("uv.lock"))?).ok()
    }

    /// The npm registry of the first UI that asks for the package.
    fn npm(&self, registries: &Registries<'_>, name: &str) -> Result<Whom, String> {
        let ui = self.uis.iter().find(|ui| ui.package == name).or(self.uis.first());
        let folder = ui.map_or_else(|| Utf8Path::new(""), |ui| ui.path.as_path());
        let lock_path = folder.join("package-lock.json");
        let lock = self.texts.get(&lock_path).and_then(|text| PackageLock::parse(text).ok());
        let address = lock.as_ref().and_then(|lock| lock.address(ui.map_or(name, |ui| &ui.key)));
        let resolved = address.map(|address| (lock_path.as_path(), address));
        let mut npmrc = vec![folder.join(".npmrc"), Utf8PathBuf::from(".npmrc")];
        npmrc.dedup();
        let npmrc = npmrc.iter().filter_map(|path| self.texts.get(path).map(|text| (path, text)));
        let settings: Vec<Settings<'_>> = npmrc.map(|(path, text)| Settings { path, text: text.as_str() }).collect();
        registries.npm(name, &settings, resolved, self.commit.as_deref())
    }
}
