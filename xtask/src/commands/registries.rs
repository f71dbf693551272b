//! Which registries a tree has, and what they say of packages.

use crate::cli::Global;
use crate::output;
use crate::registry::{Environment, Failure, Http, Index, Registry, Settings, at_once};
use crate::world::Held;
use camino::{Utf8Path, Utf8PathBuf};
use release_checks::published::{Answer, Asked, Published};
use release_core::lockfile::package_lock::PackageLock;
use release_core::lockfile::uv_lock::UvLock;
use release_core::monorepo::{Tree, TreeError, Ui};
use release_core::registry::npm::{Document, Manifest};
use release_core::registry::simple::Versioned;
use release_core::text::SourceText;
use release_core::version::Version;
use release_core::version::npm::read_version;
use semver::Version as NpmVersion;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Files that say which registries are asked.
const FILES: [&str; 3] = ["uv.lock", "package-lock.json", ".npmrc"];

/// The registries of a run.
pub(crate) struct Registries {
    pub(crate) http: Http,
    environment: Environment,
    /// The index of release.toml.
    configured: Option<String>,
}

/// What a tree says of registries.
pub(crate) struct Named {
    texts: BTreeMap<Utf8PathBuf, SourceText>,
    uis: Vec<Ui>,
}

/// A package, and the registry that is asked for it; or why that is not known.
enum Question<'a> {
    Python(&'a str, Result<Index, String>),
    Npm(&'a str, Result<Registry, String>),
}

/// What the registries say of packages, each by registry and name; or why there is nobody to ask.
pub(crate) fn ask(
    global: &Global,
    configured: Option<&str>,
    named: &Named,
    packages: &BTreeSet<(&'static str, String)>,
) -> Asked {
    let registries = Registries::new(global, configured)?;
    let packages = packages.iter().map(|(registry, name)| (*registry, name.as_str()));
    let published = registries.published(global, named, packages);
    output::say(global, "");
    Ok(Arc::new(published))
}

/// What a registry said.
enum Said {
    Python(Answer<Version, Versioned>),
    Npm(Answer<NpmVersion, Option<String>>),
}

impl Registries {
    /// Those that release.toml and the environment name.
    pub(crate) fn new(global: &Global, configured: Option<&str>) -> Result<Self, String> {
        let mut environment = Environment::of_process();
        let mut configured = configured.map(str::to_owned);
        if let Some(sandbox) = &global.sandbox_registry {
            environment = Environment::only("npm_config_registry", format!("{sandbox}/npm"));
            configured = Some(format!("{sandbox}/simple"));
        }
        Ok(Self { http: Http::of(&environment)?, environment, configured })
    }

    /// The index that has a client of a lockfile.
    pub(crate) fn index(&self, lock: Option<&UvLock>) -> Result<Index, String> {
        Index::choose(self.configured.as_deref(), &self.environment, lock)
    }

    /// The npm registry of a package, with the tree's settings and the address that a lockfile has it from.
    pub(crate) fn npm(
        &self,
        name: &str,
        settings: &[Settings<'_>],
        resolved: Option<&str>,
    ) -> Result<Registry, String> {
        Registry::choose(name, &self.environment, settings, resolved)
    }

    /// What the registries say of packages, each by registry and name and asked once, all at the same time. It is said before
    /// who is asked for what.
    pub(crate) fn published<'a>(
        &self,
        global: &Global,
        named: &Named,
        packages: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Published {
        let index = self.index(named.uv_lock().as_ref());
        let question = |(registry, name): (&str, &'a str)| match registry {
            "npm" => Question::Npm(name, named.npm(self, name)),
            _ => Question::Python(name, index.clone()),
        };
        let questions: Vec<Question<'a>> = packages.into_iter().map(question).collect();
        say(global, &questions);
        let answers = at_once(&questions, |question| question.ask(&self.http));
        let mut published = Published::default();
        for (question, answer) in questions.iter().zip(answers) {
            let name = question.name().to_owned();
            match answer {
                Said::Python(answer) => drop(published.python.insert(name, answer)),
                Said::Npm(answer) => drop(published.npm.insert(name, answer)),
            }
        }
        published
    }
}

fn say(global: &Global, questions: &[Question<'_>]) {
    let mut asked: BTreeMap<(&str, &str), Vec<&str>> = BTreeMap::new();
    for question in questions {
        let whom = match question {
            Question::Python(_, index) => index.as_ref().ok().map(|index| (index.shown(), index.named_by.as_str())),
            Question::Npm(_, registry) => {
                registry.as_ref().ok().map(|registry| (registry.shown(), registry.named_by.as_str()))
            }
        };
        whom.into_iter().for_each(|whom| asked.entry(whom).or_default().push(question.name()));
    }
    for ((address, named_by), names) in asked {
        output::say(global, &format!("asking {address}, named by {named_by}, for {}", names.join(", ")));
    }
}

impl Question<'_> {
    fn name(&self) -> &str {
        match self {
            Self::Python(name, _) | Self::Npm(name, _) => name,
        }
    }

    /// What is there; of a package that a registry does not know nothing is.
    fn ask(&self, http: &Http) -> Said {
        let failed = |failure: Failure| failure.to_string();
        match self {
            Self::Python(name, index) => {
                let page = |index: &Index| index.page(http, name).map_err(failed);
                let page = index.as_ref().map_err(Clone::clone).and_then(page);
                let registry = index.as_ref().map_or("the Python index", |index| index.shown()).to_owned();
                let versions = page.map(|page| page.map(|(page, _)| page.versions()).unwrap_or_default());
                Said::Python(Answer { registry, versions })
            }
            Self::Npm(name, known) => {
                let document = |registry: &Registry| registry.document(http, name).map_err(failed);
                let document = known.as_ref().map_err(Clone::clone).and_then(document);
                let registry = known.as_ref().map_or("the npm registry", |registry| registry.shown()).to_owned();
                let versions =
                    document.map(|document| document.map(|document| versions(&document)).unwrap_or_default());
                Said::Npm(Answer { registry, versions })
            }
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
    /// Reads what a tree has beside its manifests.
    ///
    /// # Errors
    /// When it cannot be read.
    pub(crate) fn read(tree: &dyn Tree, uis: &[Ui]) -> Result<Self, TreeError> {
        Ok(Self { texts: Held::new(tree, &FILES)?.texts(), uis: uis.to_vec() })
    }

    fn uv_lock(&self) -> Option<UvLock> {
        UvLock::parse(self.texts.get(Utf8Path::new("uv.lock"))?).ok()
    }

    /// The npm registry of the first UI that asks for the package.
    fn npm(&self, registries: &Registries, name: &str) -> Result<Registry, String> {
        let ui = self.uis.iter().find(|ui| ui.client == name).or(self.uis.first());
        let folder = ui.map_or_else(|| Utf8Path::new(""), |ui| ui.path.as_path());
        let lock = self.texts.get(&folder.join("package-lock.json")).and_then(|text| PackageLock::parse(text).ok());
        let path = format!("node_modules/{name}");
        let entry = lock.iter().flat_map(|lock| &lock.packages).find(|entry| entry.path.value == path);
        let resolved = entry.and_then(|entry| entry.resolved.as_ref()).map(|url| url.value.as_str());
        let mut npmrc = vec![folder.join(".npmrc"), Utf8PathBuf::from(".npmrc")];
        npmrc.dedup();
        let npmrc = npmrc.iter().filter_map(|path| self.texts.get(path).map(|text| (path, text)));
        let settings: Vec<Settings<'_>> = npmrc.map(|(path, text)| Settings { path, text: text.as_str() }).collect();
        registries.npm(name, &settings, resolved)
    }
}
