//! The files of a tree beside its manifests: lockfiles, each with the manifest beside it, and workflows.

use super::locks::{ReadLock, ReadLocks};
use crate::parallel::in_parallel;
use camino::{Utf8Path, Utf8PathBuf};
use release_core::lockfile::uv_lock::stale::unread;
use release_core::lockfile::uv_lock::{Manifests, UvLock, Workspace};
use release_core::manifest::package_json::PackageJson;
use release_core::manifest::uv_settings::UvSettings;
use release_core::manifest::workflow::{FOLDER, Trigger, Workflow};
use release_core::monorepo::{Manifest, Monorepo};
use release_core::plan::relock::settings;
use release_core::text::{SourceText, SyntaxError};
use std::collections::{BTreeMap, BTreeSet};
use std::iter::once;

/// A `uv.lock` and the manifest beside it.
#[derive(Clone, Debug)]
pub struct UvProject {
    /// The lockfile.
    pub path: Utf8PathBuf,
    /// Its text.
    pub source: SourceText,
    /// Its content.
    pub lock: Result<UvLock, SyntaxError>,
    /// The `pyproject.toml` beside it, where there is one that can be read.
    pub manifest: Option<(Utf8PathBuf, Manifest)>,
    /// Other manifests of its workspace that no release owns.
    pub others: BTreeMap<Utf8PathBuf, Manifest>,
    /// The settings of uv for it and the file that has them, or the reason why they cannot be read.
    pub settings: Result<(UvSettings, Utf8PathBuf), String>,
    /// The text of that file, where it is a `uv.toml`.
    pub settings_source: Option<SourceText>,
}

/// A workflow of GitHub Actions.
#[derive(Clone, Debug)]
pub struct WorkflowFile {
    /// The file.
    pub path: Utf8PathBuf,
    /// Its text.
    pub source: SourceText,
    /// Its content.
    pub read: Result<Workflow, SyntaxError>,
}

/// A `package.json` and the lockfile beside it.
#[derive(Clone, Debug)]
pub struct NpmProject {
    /// The `package.json`.
    pub path: Utf8PathBuf,
    /// Its text.
    pub source: SourceText,
    /// Its content.
    pub package: Result<PackageJson, SyntaxError>,
    /// The `package-lock.json`.
    pub lock: Option<NpmLock>,
}

/// A `package-lock.json`.
#[derive(Clone, Debug)]
pub struct NpmLock {
    /// The file.
    pub path: Utf8PathBuf,
    /// Its text.
    pub source: SourceText,
    /// Its content.
    pub read: ReadLock,
}

impl UvProject {
    /// The manifests and settings for which the lockfile was written, where it can be read; `more` are manifests beside those that
    /// are known.
    pub fn workspace<'a>(&'a self, monorepo: &'a Monorepo, more: Manifests<'a>) -> Option<Workspace<'a>> {
        let lock = self.lock.as_ref().ok()?;
        let beside = self.manifest.iter().map(|(path, manifest)| (&**path, Some(&manifest.read)));
        let others = self.others.iter().map(|(path, manifest)| (&**path, Some(&manifest.read)));
        let mut manifests = more;
        manifests.extend(monorepo.pyprojects());
        manifests.extend(beside.chain(others));
        let workspace = Workspace::of(&self.path, lock, manifests);
        Some(match &self.settings {
            Ok((settings, path)) => workspace.with_settings(settings.clone(), path),
            Err(_) => workspace,
        })
    }

    /// The texts of its files.
    pub(super) fn texts(&self) -> impl Iterator<Item = (&Utf8PathBuf, &SourceText)> {
        let manifest = self.manifest.iter().map(|(path, manifest)| (path, &manifest.source));
        let others = self.others.iter().map(|(path, manifest)| (path, &manifest.source));
        let settings = self.settings.iter().filter_map(|(_, path)| Some((path, self.settings_source.as_ref()?)));
        once((&self.path, &self.source)).chain(manifest).chain(others).chain(settings)
    }
}

impl NpmProject {
    /// The texts of its files.
    pub(super) fn texts(&self) -> impl Iterator<Item = (&Utf8PathBuf, &SourceText)> {
        once((&self.path, &self.source)).chain(self.lock.iter().map(|lock| (&lock.path, &lock.source)))
    }
}

/// Folders in which lockfiles are not the repository's own.
const FOREIGN_FOLDERS: [&str; 6] =
    ["node_modules", "site-packages", "vendor", "vendored", "third_party", "third-party"];

/// The projects that have a lockfile, from all texts of a tree. Lockfiles are large and are read side by side, those of npm
/// through what was read lately.
pub fn projects(
    texts: &BTreeMap<Utf8PathBuf, SourceText>,
    monorepo: &Monorepo,
    locks: &ReadLocks,
) -> (Vec<UvProject>, Vec<NpmProject>) {
    let is_own = |path: &Utf8Path| path.components().all(|part| !FOREIGN_FOLDERS.contains(&part.as_str()));
    let named =
        |name: &'static str| texts.iter().filter(move |(path, _)| path.file_name() == Some(name) && is_own(path));
    let uv = named("uv.lock").map(|file| (true, file));
    let npm = named("package.json").map(|file| (false, file));
    let files: Vec<_> = uv.chain(npm).collect();
    let read = in_parallel(&files, |(is_uv, (path, source))| match is_uv {
        true => (Some(uv_project(path, source, texts, monorepo)), None),
        false => (None, Some(npm_project(path, source, texts, locks))),
    });
    let (uv, npm): (Vec<_>, Vec<_>) = read.into_iter().unzip();
    (uv.into_iter().flatten().collect(), npm.into_iter().flatten().collect())
}

/// The workflows of a tree, from all its texts. GitHub looks at the files of one folder alone.
pub fn workflows(texts: &BTreeMap<Utf8PathBuf, SourceText>) -> Vec<WorkflowFile> {
    let is_workflow = |path: &Utf8Path| {
        path.parent().is_some_and(|folder| folder == FOLDER) && matches!(path.extension(), Some("yml" | "yaml"))
    };
    let read = |(path, source): (&Utf8PathBuf, &SourceText)| WorkflowFile {
        path: path.clone(),
        source: source.clone(),
        read: Workflow::parse(source),
    };
    let mut found: Vec<_> = texts.iter().filter(|(path, _)| is_workflow(path)).map(read).collect();
    let calls: Vec<_> = found.iter().filter_map(|file| file.read.as_ref().ok()).flat_map(calls).collect();
    for (path, triggers) in calls {
        let called = found.iter_mut().find(|file| file.path == path).and_then(|file| file.read.as_mut().ok());
        if let Some(workflow) = called {
            workflow.callers.extend(triggers);
        }
    }
    found
}

/// The workflows of the same tree that one calls, each once, and what starts it.
fn calls(workflow: &Workflow) -> Vec<(String, Vec<Trigger>)> {
    let called = workflow.jobs.iter().filter_map(|job| job.uses.as_ref()?.value.strip_prefix("./"));
    let paths: BTreeSet<&str> = called.collect();
    paths.into_iter().map(|path| (path.to_owned(), workflow.triggers.clone())).collect()
}

fn uv_project(
    path: &Utf8Path,
    source: &SourceText,
    texts: &BTreeMap<Utf8PathBuf, SourceText>,
    monorepo: &Monorepo,
) -> UvProject {
    let beside = path.with_file_name("pyproject.toml");
    let read = |source: &SourceText| Manifest::parse(source.clone()).ok();
    let manifest = monorepo.manifests.get(&beside).cloned().or_else(|| texts.get(&beside).and_then(read));
    let settings = settings(path, texts, monorepo).map_err(|problem| problem.message);
    let settings_path = settings.as_ref().ok().map(|(_, path)| path);
    let mut project = UvProject {
        path: path.to_owned(),
        source: source.clone(),
        lock: UvLock::parse(source),
        manifest: manifest.map(|manifest| (beside, manifest)),
        others: BTreeMap::new(),
        settings_source: settings_path
            .filter(|path| path.file_name() == Some("uv.toml"))
            .and_then(|path| texts.get(path))
            .cloned(),
        settings,
    };
    let all = texts.keys().filter(|path| path.file_name() == Some("pyproject.toml")).map(|path| (&**path, None));
    let unread = project.workspace(monorepo, all.collect()).map(|workspace| unread(&workspace)).unwrap_or_default();
    let others = unread.into_iter().filter_map(|path| Some((path.clone(), read(texts.get(&path)?)?)));
    project.others = others.collect();
    project
}

fn npm_project(
    path: &Utf8Path,
    source: &SourceText,
    texts: &BTreeMap<Utf8PathBuf, SourceText>,
    locks: &ReadLocks,
) -> NpmProject {
    let beside = path.with_file_name("package-lock.json");
    let lock =
        texts.get(&beside).map(|source| NpmLock { path: beside, source: source.clone(), read: locks.read(source) });
    NpmProject { path: path.to_owned(), source: source.clone(), package: PackageJson::parse(source), lock }
}
