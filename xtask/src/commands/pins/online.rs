//! `release pins --simulate --online`: what is there before the release, as the registries say.

use super::super::follow_up::publish::Registries;
use super::Observed;
use crate::output;
use crate::registry::{Index, Registry, Settings, at_once};
use crate::world::{Held, WorkTree};
use camino::{Utf8Path, Utf8PathBuf};
use release_core::lockfile::package_lock::PackageLock;
use release_core::lockfile::uv_lock::UvLock;
use release_core::monorepo::{Monorepo, Tree};
use release_core::pins::simulate::{Before, World};
use release_core::problem::Problem;
use release_core::text::SourceText;
use release_core::version::Version;
use release_core::version::npm::read_version;
use std::collections::BTreeMap;

/// Files that say which registries are asked.
const FILES: [&str; 3] = ["uv.lock", "package-lock.json", ".npmrc"];

type Texts = BTreeMap<Utf8PathBuf, SourceText>;

/// A package, and the registry that is asked for it.
enum Question<'a> {
    Python(&'a str, &'a Index),
    Npm(&'a str, Box<Registry>),
}

/// What a registry has of a package.
enum Answer {
    Python(Vec<Version>),
    /// In their own spelling.
    Npm(Vec<String>),
}

/// Asks for everything that the pins want, by name: each package once at its registry, all at the same time. What could not be
/// asked is a problem, for the simulation would be about another world.
pub(super) fn before(
    observed: &Observed<'_>,
    commit: Option<&str>,
    world: &World,
) -> anyhow::Result<Result<Before, Vec<Problem>>> {
    let git = &observed.repository.git;
    let texts = match commit {
        Some(commit) => read(&(git, commit))?,
        None => read(&WorkTree(observed.repository))?,
    };
    let unknown = |reason: String| Problem::new(reason, "without `--online` what is tagged is taken to be published");
    Ok(ask(observed, &texts, world).map_err(|reasons| reasons.into_iter().map(unknown).collect()))
}

fn read(tree: &dyn Tree) -> anyhow::Result<Texts> {
    Ok(Held::new(tree, &FILES)?.texts())
}

fn ask(observed: &Observed<'_>, texts: &Texts, world: &World) -> Result<Before, Vec<String>> {
    let one = |reason: String| vec![reason];
    let registries = Registries::new(observed.global, observed.config.index.as_deref()).map_err(one)?;
    let lock = texts.get(Utf8Path::new("uv.lock")).and_then(|text| UvLock::parse(text).ok());
    let wanted = world.wanted();
    let is_python = |(registry, _): &(&str, &str)| *registry == "pypi";
    let index = match wanted.iter().any(is_python) {
        true => Some(registries.index(lock.as_ref()).map_err(one)?),
        false => None,
    };
    let mut questions = Vec::new();
    for (registry, name) in &wanted {
        questions.push(match (*registry, &index) {
            ("pypi", Some(index)) => Question::Python(name, index),
            _ => Question::Npm(name, Box::new(npm(&registries, texts, &observed.monorepo, name).map_err(one)?)),
        });
    }
    questions.iter().for_each(|question| question.say(observed));
    let mut before = Before::default();
    let mut unknown = Vec::new();
    for (question, answer) in questions.iter().zip(at_once(&questions, |question| question.ask(&registries))) {
        match answer {
            Ok(Answer::Python(versions)) => drop(before.python.insert(question.name().to_owned(), versions)),
            Ok(Answer::Npm(versions)) => {
                let versions = versions.iter().filter_map(|version| read_version(version)).collect();
                before.npm.insert(question.name().to_owned(), versions);
            }
            Err(reason) => unknown.push(format!("could not ask for `{}`: {reason}", question.name())),
        }
    }
    if unknown.is_empty() { Ok(before) } else { Err(unknown) }
}

/// The npm registry of the first UI that asks for the package.
fn npm(registries: &Registries, texts: &Texts, monorepo: &Monorepo, name: &str) -> Result<Registry, String> {
    let folder = monorepo.uis.iter().find(|ui| ui.client == name).or(monorepo.uis.first()).map(|ui| ui.path.as_path());
    let folder = folder.unwrap_or_else(|| Utf8Path::new(""));
    let lock = texts.get(&folder.join("package-lock.json")).and_then(|text| PackageLock::parse(text).ok());
    let path = format!("node_modules/{name}");
    let entry = lock.iter().flat_map(|lock| &lock.packages).find(|entry| entry.path.value == path);
    let resolved = entry.and_then(|entry| entry.resolved.as_ref()).map(|url| url.value.as_str());
    let mut npmrc = vec![folder.join(".npmrc"), Utf8PathBuf::from(".npmrc")];
    npmrc.dedup();
    let npmrc = npmrc.into_iter().filter_map(|path| texts.get(&path).map(|text| (path, text)));
    let npmrc: Vec<(Utf8PathBuf, &SourceText)> = npmrc.collect();
    let settings: Vec<Settings<'_>> = npmrc.iter().map(|(path, text)| Settings { path, text: text.as_str() }).collect();
    registries.npm(name, &settings, resolved)
}

impl Question<'_> {
    fn name(&self) -> &str {
        match self {
            Self::Python(name, _) | Self::Npm(name, _) => name,
        }
    }

    fn say(&self, observed: &Observed<'_>) {
        let (address, named_by) = match self {
            Self::Python(_, index) => (index.shown(), &index.named_by),
            Self::Npm(_, registry) => (registry.shown(), &registry.named_by),
        };
        output::say(observed.global, &format!("asking {address}, named by {named_by}, for {}", self.name()));
    }

    /// What is there and not taken back; of what a registry does not know nothing is.
    fn ask(&self, registries: &Registries) -> Result<Answer, String> {
        match self {
            Self::Python(name, index) => {
                let page = index.page(&registries.http, name).map_err(|failure| failure.to_string())?;
                let versions = page.map(|(page, _)| page.versions()).unwrap_or_default().into_iter();
                Ok(Answer::Python(versions.filter(|(_, yanked)| !yanked).map(|(version, _)| version).collect()))
            }
            Self::Npm(name, registry) => {
                let document = registry.document(&registries.http, name).map_err(|failure| failure.to_string())?;
                let versions = document.map(|document| document.versions).unwrap_or_default();
                Ok(Answer::Npm(versions.into_keys().collect()))
            }
        }
    }
}
