//! The lockfiles of a tree, and the effect of a client's published version on each of them.

mod extent;
mod given;
mod mirror;
mod pins;
mod python;
mod ranges;
mod settings;

pub use extent::{beyond_npm, beyond_uv};
pub use given::{Given, given_to_npm, given_to_uv, web_addresses};
pub use mirror::{respelled_npm, respelled_uv};
pub use pins::{Wanted, excluded, named};
pub use python::{PYTHON_LOCKS, left_to_python};
pub use ranges::{OtherLock, RangeFile, followed, following, not_a_range, overridden};
pub use settings::settings;

use super::draft::{Draft, Part};
use super::planned::{PlannedFile, PlannedKind, PlannedSite};
use super::unlock::not_toml;
use crate::git::TrackedFile;
use crate::lockfile::NotNative;
use crate::lockfile::package_lock::{self, PackageLock};
use crate::lockfile::uv_lock::relock as uv;
use crate::lockfile::uv_lock::{LockedPackage, SourceKind, UvLock, Workspace};
use crate::manifest::package_json::{Dependency, PackageJson};
use crate::manifest::requirement::canonical_name;
use crate::manifest::uv_settings::UvSettings;
use crate::monorepo::{Config, Left, Monorepo, Named, Tree, Ui, UnreadableTree, reason_to_leave, texts};
use crate::problem::{CORRECT_SYNTAX, Problem};
use crate::text::{SourceText, TextEdit};
use camino::{Utf8Path, Utf8PathBuf};
use std::collections::{BTreeMap, HashSet};

/// The files that are read beside the manifests: lockfiles, the `package.json` beside them, and settings of npm and uv.
pub const FILES: [&str; 12] = [
    "uv.lock",
    "package-lock.json",
    "package.json",
    ".npmrc",
    "uv.toml",
    "pnpm-lock.yaml",
    "yarn.lock",
    "bun.lock",
    "bun.lockb",
    "npm-shrinkwrap.json",
    "pnpm-workspace.yaml",
    ".yarnrc.yml",
];

/// The lockfiles of a tree.
#[derive(Clone, Debug, Default)]
pub struct Lockfiles {
    /// uv's lockfiles that lock a client, or lack one.
    pub uv: Vec<UvFile>,
    /// npm's lockfiles of the UIs.
    pub npm: Vec<NpmFile>,
    /// The UIs that have no lockfile of npm's beside them: their `package.json` alone is edited.
    pub ranges: Vec<RangeFile>,
    /// The lockfiles of other tools, by the folder of the UI.
    pub others: BTreeMap<Utf8PathBuf, Vec<OtherLock>>,
    /// The texts that were read.
    pub texts: BTreeMap<Utf8PathBuf, SourceText>,
    /// All others, with the reason for which they are not managed.
    pub left: Vec<Left>,
}

/// A `uv.lock` that locks a client, or lacks one.
#[derive(Clone, Debug)]
pub struct UvFile {
    /// The file.
    pub path: Utf8PathBuf,
    /// Its text.
    pub source: SourceText,
    /// The content of the lockfile.
    pub lock: UvLock,
    /// The settings that uv reads for it.
    pub settings: UvSettings,
    /// The file that has them, or would have them.
    pub settings_path: Utf8PathBuf,
}

/// A UI's `package.json` and `package-lock.json`.
#[derive(Clone, Debug)]
pub struct NpmFile {
    /// The UI.
    pub ui: Ui,
    /// The path of `package.json`.
    pub package_path: Utf8PathBuf,
    /// Its text.
    pub package_source: SourceText,
    /// Its content.
    pub package: PackageJson,
    /// The path of `package-lock.json`.
    pub path: Utf8PathBuf,
    /// Its text.
    pub source: SourceText,
    /// Its content.
    pub lock: PackageLock,
    /// The UI's folder from that of the lockfile, if it is a workspace of the project there; else empty.
    pub member: String,
    /// The `.npmrc` files that npm reads for it, with their texts: beside `package.json`, and at the tree's root.
    pub npmrc: Vec<(Utf8PathBuf, SourceText)>,
}

/// The work that a lockfile needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Need {
    /// None: it is right.
    Nothing,
    /// It records other requirements than the manifests have; published versions do not matter.
    Recorded,
    /// It locks another version of a client, and the registry knows the files of the wanted one.
    Published,
    /// Only its own tool knows the result.
    Tool(NotNative),
}

impl Lockfiles {
    /// Reads the lockfiles of a tree.
    ///
    /// # Errors
    /// If the tree cannot be read. Files that cannot be parsed are problems, with their places.
    pub fn read(tree: &dyn Tree, monorepo: &Monorepo, config: &Config) -> Result<Self, UnreadableTree> {
        let files = tree.files(&FILES)?;
        let named = Named::of(config);
        let mut left = Vec::new();
        let mut wanted: Vec<&TrackedFile> = Vec::new();
        for file in &files {
            let TrackedFile { path, .. } = file;
            let is_uv = path.file_name() == Some("uv.lock");
            let is_lock = is_uv || path.file_name() == Some("package-lock.json");
            let reason = match reason_to_leave(file, &named).filter(|_| is_lock) {
                Some(reason) => reason,
                // It is binary: all that is known of it is that it is there.
                None if path.extension() == Some("lockb") => continue,
                // A lockfile in a folder above may be that of a workspace.
                None if is_uv
                    || monorepo.has_ui_below(path)
                    || path == ".npmrc"
                    || path.file_name() == Some("uv.toml") =>
                {
                    wanted.push(file);
                    continue;
                }
                None if is_lock => "its package.json asks for no client".to_owned(),
                None => continue,
            };
            left.push(Left { path: path.clone(), reason });
        }
        let mut problems = Vec::new();
        let mut reading = Reading { texts: texts(tree, &wanted, &mut problems)?, left, problems };
        let uv = reading.uv(monorepo);
        let (npm, ranges) = reading.npm(monorepo);
        let present: Vec<Utf8PathBuf> = files.iter().map(|file| file.path.clone()).collect();
        let mut others: BTreeMap<Utf8PathBuf, Vec<OtherLock>> = BTreeMap::new();
        for ui in &monorepo.uis {
            others.insert(ui.path.clone(), OtherLock::of(&ui.path, &present, &reading.texts));
        }
        let Reading { texts, mut left, problems } = reading;
        left.sort_by(|a, b| a.path.cmp(&b.path));
        if problems.is_empty() {
            Ok(Self { uv, npm, ranges, others, texts, left })
        } else {
            Err(UnreadableTree::Files(problems))
        }
    }
}

/// A text that is being parsed.
struct Reading {
    texts: BTreeMap<Utf8PathBuf, SourceText>,
    left: Vec<Left>,
    problems: Vec<Problem>,
}

impl Reading {
    fn uv(&mut self, monorepo: &Monorepo) -> Vec<UvFile> {
        let mut read = Vec::new();
        for (path, source) in self.texts.iter().filter(|(path, _)| path.file_name() == Some("uv.lock")) {
            let lock = match UvLock::parse(source) {
                Ok(lock) => lock,
                Err(error) => {
                    self.problems.push(not_toml(path, error));
                    continue;
                }
            };
            let is_client = |name: &str| monorepo.client(&canonical_name(name)).is_some();
            let is_ours = monorepo.manifests.contains_key(&path.with_file_name("pyproject.toml"));
            let locks_one = lock.packages.iter().any(|package| is_client(&package.name.value));
            let (source, defaults) = (source.clone(), UvSettings::default());
            let file = UvFile { path: path.clone(), source, lock, settings: defaults, settings_path: path.clone() };
            let reason = if !locks_one && !monorepo.clients.iter().any(|client| file.lacks(monorepo, &client.name)) {
                "it locks no client"
            } else if !is_ours {
                "the manifest beside it is not released from here"
            } else {
                match settings(path, &self.texts, monorepo) {
                    Ok((settings, settings_path)) => read.push(UvFile { settings, settings_path, ..file }),
                    Err(problem) => self.problems.push(*problem),
                }
                continue;
            };
            self.left.push(Left { path: path.clone(), reason: reason.to_owned() });
        }
        read
    }

    fn npm(&mut self, monorepo: &Monorepo) -> (Vec<NpmFile>, Vec<RangeFile>) {
        let (mut read, mut ranges) = (Vec::new(), Vec::new());
        let mut locks: BTreeMap<Utf8PathBuf, Option<PackageLock>> = BTreeMap::new();
        for ui in &monorepo.uis {
            let package_path = ui.path.join("package.json");
            let Some(package_source) = self.texts.get(&package_path).cloned() else {
                self.problems.push(Problem::new(
                    format!("release.toml names the UI {}, and git tracks no file {package_path}", ui.path),
                    "correct the `path` of that `[[ui]]`, or put the file itself there",
                ));
                continue;
            };
            let package = match PackageJson::parse(&package_source) {
                Ok(package) => package,
                Err(error) => {
                    let place = (error.span, error.message);
                    self.problems.push(Problem::unparsed(&package_path, "is not JSON", CORRECT_SYNTAX, place));
                    continue;
                }
            };
            let npmrc = [ui.path.join(".npmrc"), ".npmrc".into()].into_iter();
            let npmrc = npmrc.filter_map(|path| self.texts.get(&path).cloned().map(|text| (path, text))).collect();
            let ui = ui.clone();
            let Some((path, member)) = self.lock_of(&ui.path, monorepo, &mut locks) else {
                ranges.push(RangeFile { ui, package_path, package_source, package, npmrc });
                continue;
            };
            let (Some(source), Some(Some(lock))) = (self.texts.get(&path).cloned(), locks.get(&path).cloned()) else {
                continue;
            };
            read.push(NpmFile { ui, package_path, package_source, package, path, source, lock, member, npmrc });
        }
        for (path, _) in self.texts.iter().filter(|(path, _)| path.file_name() == Some("package-lock.json")) {
            if !read.iter().any(|file| file.path == *path) && locks.get(path).is_none_or(Option::is_some) {
                self.left.push(Left { path: path.clone(), reason: "its package.json asks for no client".to_owned() });
            }
        }
        (read, ranges)
    }

    /// Returns the lockfile of a UI, beside it or in a folder above of which it is a workspace, and its folder from there.
    fn lock_of(
        &mut self,
        ui: &Utf8Path,
        monorepo: &Monorepo,
        locks: &mut BTreeMap<Utf8PathBuf, Option<PackageLock>>,
    ) -> Option<(Utf8PathBuf, String)> {
        for folder in ui.ancestors() {
            let path = folder.join("package-lock.json");
            let Some(source) = self.texts.get(&path) else { continue };
            let lock = locks.entry(path.clone()).or_insert_with(|| match PackageLock::parse(source) {
                Ok(lock) => Some(lock),
                Err(error) => {
                    let help = "write it again with `npm install --package-lock-only`, npm 7 or later";
                    let problem = Problem::unparsed(&path, "cannot be read", help, (error.span, error.message));
                    self.problems.push(problem);
                    None
                }
            });
            let member = ui.strip_prefix(folder).unwrap_or(ui).as_str();
            // The lockfile of a project lacks a workspace that was added since it was written.
            let root = monorepo.package_jsons.get(&folder.join("package.json"));
            let is_member = root.is_some_and(|root| root.is_root_of(member));
            let is_meant =
                |lock: &PackageLock| is_member || lock.packages.iter().any(|entry| entry.path.value == member);
            if member.is_empty() || lock.as_ref().is_some_and(is_meant) {
                return Some((path, member.to_owned()));
            }
        }
        None
    }
}

impl UvFile {
    /// Returns the manifests and settings for which this lockfile was written, as the monorepo has them.
    pub fn workspace<'a>(&'a self, monorepo: &'a Monorepo) -> Workspace<'a> {
        let workspace = Workspace::of(&self.path, &self.lock, monorepo.pyprojects());
        workspace.with_settings(self.settings.clone(), &self.settings_path)
    }

    /// Returns the entry of a client that comes from an index.
    pub fn entry(&self, client: &str) -> Option<&LockedPackage> {
        self.of_indexes().find(|package| canonical_name(&package.name.value) == client)
    }

    /// Returns `true` if a manifest asks for a client of which the lockfile knows nothing.
    pub fn lacks(&self, monorepo: &Monorepo, client: &str) -> bool {
        self.workspace(monorepo).lacks(client)
    }

    /// Returns the normalised names of all packages that come from an index.
    pub fn indexed(&self) -> HashSet<String> {
        self.of_indexes().map(|package| canonical_name(&package.name.value)).collect()
    }

    fn of_indexes(&self) -> impl Iterator<Item = &LockedPackage> {
        let is_indexed = |package: &&LockedPackage| {
            package.source.as_ref().is_some_and(|source| source.kind == SourceKind::Registry)
        };
        self.lock.packages.iter().filter(is_indexed)
    }

    /// Returns the work that each version of a client needs in this lockfile, in their order.
    pub fn needs(&self, monorepo: &Monorepo, wanted: &[Wanted]) -> Vec<Need> {
        let requests: Vec<uv::Wanted<'_>> =
            wanted.iter().map(|wanted| uv::Wanted { client: &wanted.client, version: &wanted.version }).collect();
        let need = |need: uv::Need<'_>| match need {
            uv::Need::Nothing => Need::Nothing,
            uv::Need::Recorded => Need::Recorded,
            uv::Need::Entry(_) => Need::Published,
        };
        match uv::needs(&self.lock, &self.workspace(monorepo), &requests) {
            Ok(needs) => needs.into_iter().map(need).collect(),
            Err(reason) => vec![Need::Tool(reason); wanted.len()],
        }
    }
}

impl NpmFile {
    /// Returns the range that `package.json` is to have for a version in npm's spelling; an alias keeps its package.
    pub fn range(&self, version: &str) -> String {
        ranges::range(&self.package, &self.ui, version)
    }

    /// Returns the work that a client's version, in npm's spelling, needs in this lockfile.
    pub fn need(&self, version: &str) -> Need {
        let range = self.range(version);
        let Ui { key, package, .. } = &self.ui;
        let wanted = package_lock::Wanted { client: key, package, version, range: &range };
        if !self.member.is_empty() {
            return self.need_of_member(version, &range);
        }
        match package_lock::need(&self.package, &self.lock, &wanted) {
            Ok(package_lock::Need::Nothing) => Need::Nothing,
            Ok(package_lock::Need::Ranges) => Need::Recorded,
            Ok(package_lock::Need::Entry(_)) => Need::Published,
            Err(reason) => Need::Tool(reason),
        }
    }

    /// Returns the work in the lockfile of a workspace's root, which npm alone does.
    fn need_of_member(&self, version: &str, range: &str) -> Need {
        let Ui { key, .. } = &self.ui;
        let member = self.lock.packages.iter().find(|entry| entry.path.value == self.member);
        let recorded = member.into_iter().flat_map(|entry| &entry.dependencies);
        let is_asked = |dependencies: &mut dyn Iterator<Item = &Dependency>| {
            let mut own = dependencies.filter(|dependency| dependency.name == *key).peekable();
            own.peek().is_some() && own.all(|dependency| dependency.range == range)
        };
        let is_right = is_asked(&mut self.package.dependencies.iter()) && is_asked(&mut recorded.into_iter());
        let entry = self.lock.entry_of(&self.member, key);
        if is_right && entry.and_then(|entry| entry.version.as_ref()).is_some_and(|locked| locked.value == version) {
            return Need::Nothing;
        }
        Need::Tool(NotNative::new(format!("{} is a workspace of the project with that lockfile", self.ui.path)))
    }
}

/// Returns the edits of a lockfile, or of the `package.json` beside it, as planned sites and the resulting file.
///
/// # Errors
/// If edits do not fit the text, which is a defect of this tool.
pub fn edited(
    path: &Utf8Path,
    source: &SourceText,
    client: &str,
    edits: Vec<TextEdit>,
) -> Result<(Vec<PlannedFile>, Vec<PlannedSite>), NotNative> {
    let table = path.file_name().unwrap_or_default();
    let kind = if table == "package.json" { PlannedKind::ClientRange } else { PlannedKind::LockedClient };
    let mut draft = Draft::default();
    for edit in edits {
        let span = edit.span.clone();
        let old = Some(source.as_str().get(span.clone()).unwrap_or_default());
        let part = Part { path, source, kind, subject: client, table, span, old };
        draft.change(&part, Some(edit.replacement.clone()), [edit]);
    }
    let finished = draft.finish(&|_, _| Ok(()));
    finished.map(|edits| (edits.files, edits.sites)).map_err(|problems| {
        let reasons: Vec<String> = problems.into_iter().map(|problem| problem.message).collect();
        NotNative::new(reasons.join("; "))
    })
}
