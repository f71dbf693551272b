//! Discovery of the monorepo from the texts of a tree: packages, clients, UIs, and the manifests left out, with the
//! reasons.

use super::clients::{self, Client, PackageJsons, Ui};
use super::config::Config;
use super::manifest::{Manifest, Manifests};
use super::packages::{self, Package, Scheme};
use super::snapshot::{Left, Snapshot, beside};
use super::unwritten::{Unwritten, unwritten};
use crate::git::TrackedFile;
use crate::history::History;
use crate::lockfile::uv_lock;
use crate::manifest::package_json::PackageJson;
use crate::manifest::shared::{self, Shared};
use crate::problem::{CORRECT_SYNTAX, Problem};
use crate::text::SourceText;
use camino::{Utf8Path, Utf8PathBuf};
use std::collections::{BTreeMap, BTreeSet};

/// Texts of a tree, by path.
type Texts = BTreeMap<Utf8PathBuf, SourceText>;

/// The content of a tree that a release works on.
#[derive(Clone, Debug, Default)]
pub struct Monorepo {
    /// The packages, the root's first.
    pub packages: Vec<Package>,
    /// The packages' indexes in that list, by normalised name.
    names: BTreeMap<String, usize>,
    /// The packages' indexes in that list, by manifest.
    paths: BTreeMap<Utf8PathBuf, usize>,
    /// The names under which UIs require clients, by the folder of the UI.
    ui_clients: BTreeMap<Utf8PathBuf, BTreeSet<String>>,
    /// The clients' indexes in their list, by normalised name.
    client_names: BTreeMap<String, usize>,
    /// The source of their versions.
    pub scheme: Scheme,
    /// The files that are searched for pins: the manifests of the packages, the root's, and those of which setuptools
    /// reads requirements for them.
    pub manifests: BTreeMap<Utf8PathBuf, Manifest>,
    /// First-party packages from other repositories.
    pub clients: Vec<Client>,
    /// Front ends that require a client.
    pub uis: Vec<Ui>,
    /// The `package.json` files, by path.
    pub package_jsons: BTreeMap<Utf8PathBuf, PackageJson>,
    /// The files that hold versions for a workspace in which a UI is, by path.
    pub shared: BTreeMap<Utf8PathBuf, SharedFile>,
    /// The `uv.lock` files.
    pub uv_locks: Vec<TrackedFile>,
    /// Packages whose versions no release writes.
    pub unwritten: Vec<Unwritten>,
    /// The manifests that are not packages, with the reasons.
    pub left: Vec<Left>,
    /// Doubts about the clients: a client that looks renamed, or that no manifest pins. No release is prepared while
    /// there are any.
    pub doubts: Vec<Problem>,
}

/// A `pnpm-workspace.yaml` or `.yarnrc.yml`.
#[derive(Clone, Debug)]
pub struct SharedFile {
    /// Its text.
    pub source: SourceText,
    /// Its content.
    pub read: Shared,
}

impl Monorepo {
    /// Returns every `pyproject.toml` by its path; `None` for those that were left.
    pub fn pyprojects(&self) -> uv_lock::Manifests<'_> {
        let is_manifest = |path: &Utf8Path| path.file_name() == Some("pyproject.toml");
        let left = self.left.iter().map(|left| (&*left.path, None));
        let read = self.manifests.iter().map(|(path, manifest)| (&**path, Some(&manifest.read)));
        left.chain(read).filter(|(path, _)| is_manifest(path)).collect()
    }

    /// Returns the manifest of a package.
    pub fn manifest(&self, package: &Package) -> Option<&Manifest> {
        self.manifests.get(&package.path)
    }

    /// Checks that there are no doubts about the clients.
    ///
    /// # Errors
    /// If there are any.
    pub(crate) fn is_certain(&self) -> Result<(), Vec<Problem>> {
        if self.doubts.is_empty() { Ok(()) } else { Err(self.doubts.clone()) }
    }

    /// Returns the package with this normalised name.
    pub fn sibling(&self, canonical: &str) -> Option<&Package> {
        self.packages.get(*self.names.get(canonical)?)
    }

    /// Returns the package of this manifest.
    pub fn package_at(&self, path: &Utf8Path) -> Option<&Package> {
        self.packages.get(*self.paths.get(path)?)
    }

    /// Returns the client with this normalised name.
    pub fn client(&self, canonical: &str) -> Option<&Client> {
        self.clients.get(*self.client_names.get(canonical)?)
    }

    /// Returns `true` if a file stands in the folder of a UI.
    pub fn is_ui(&self, path: &Utf8Path) -> bool {
        path.parent().is_some_and(|folder| self.ui_clients.contains_key(folder))
    }

    /// Returns `true` if a UI is in the folder of a file or below it.
    pub fn has_ui_below(&self, path: &Utf8Path) -> bool {
        path.parent().is_some_and(|folder| self.ui_clients.keys().any(|ui| ui.starts_with(folder)))
    }

    /// Returns `true` if a UI in the folder of a file requires a client under this name.
    pub fn asks_for(&self, path: &Utf8Path, key: &str) -> bool {
        path.parent().and_then(|folder| self.ui_clients.get(folder)).is_some_and(|keys| keys.contains(key))
    }
}

/// Reads a snapshot. The history distinguishes first-party versions from others.
///
/// # Errors
/// If a manifest cannot be read, if there is no package, or if it is unclear which packages belong together.
pub fn discover(snapshot: Snapshot, config: &Config, history: &History) -> Result<Monorepo, Vec<Problem>> {
    let Snapshot { texts, read, mut left, uv_locks } = snapshot;
    let (mut manifests, package_jsons, lists) = self::read(texts, read)?;
    let (packages, scheme) = packages::packages(&manifests, config, history, &mut left)?;
    if packages.is_empty() {
        return Err(vec![no_package(&left)]);
    }
    let unwritten = unwritten(&manifests, &packages, &left);
    // A root without a package still holds the requirements of the workspace. If `release.toml` names the packages, a
    // root package that it does not name does not belong to the monorepo.
    let root_counts = |manifest: &Manifest| config.packages.is_empty() || manifest.read.name().is_none();
    let paths = places(packages.iter().map(|package| package.path.clone()));
    manifests.retain(|path, manifest| {
        let is_ours = paths.contains_key(path) || (path == "pyproject.toml" && root_counts(manifest));
        if !is_ours && !config.packages.is_empty() {
            left.push(Left { path: path.clone(), reason: "not named in release.toml".to_owned() });
        }
        is_ours
    });
    left.retain(|left| !manifests.contains_key(&left.path));
    let missing = add_lists(&mut manifests, &lists);
    left.sort_by(|a, b| a.path.cmp(&b.path));
    let clients::Found { clients, uis, mut doubts } =
        clients::clients(&packages, &manifests, &package_jsons, config, history);
    doubts.extend(missing);
    let shared = shared(&lists, &uis)?;
    let names = places(packages.iter().map(|package| package.canonical.clone()));
    let client_names = places(clients.iter().map(|client| client.name.clone()));
    let mut ui_clients: BTreeMap<Utf8PathBuf, BTreeSet<String>> = BTreeMap::new();
    for ui in &uis {
        ui_clients.entry(ui.path.clone()).or_default().insert(ui.key.clone());
    }
    Ok(Monorepo {
        packages,
        names,
        paths,
        ui_clients,
        client_names,
        scheme,
        manifests,
        clients,
        uis,
        package_jsons,
        shared,
        uv_locks,
        unwritten,
        left,
        doubts,
    })
}

/// Reads as much of a snapshot as can be understood: without the files that cannot be read, and without any package where it is
/// unclear which there are. Returns the problems of what was left out too.
pub fn discover_readable(snapshot: Snapshot, config: &Config, history: &History) -> (Monorepo, Vec<Problem>) {
    let (mut snapshot, mut problems) = (snapshot, Vec::new());
    snapshot.texts.retain(|path, text| match read(Texts::from([(path.clone(), text.clone())]), Manifests::new()) {
        Ok(_) => true,
        Err(unreadable) => {
            problems.extend(unreadable);
            false
        }
    });
    match discover(snapshot, config, history) {
        Ok(monorepo) => (monorepo, problems),
        Err(refused) => {
            // What cannot be read may be all that there is.
            let is_alone = problems.is_empty();
            problems.extend(refused.into_iter().filter(|problem| is_alone || !problem.labels.is_empty()));
            (Monorepo::default(), problems)
        }
    }
}

/// Returns the places of keys in their list. Of several equal ones the first counts.
fn places<K: Ord>(keys: impl DoubleEndedIterator<Item = K> + ExactSizeIterator) -> BTreeMap<K, usize> {
    keys.enumerate().rev().map(|(place, key)| (key, place)).collect()
}

/// Adds the files of which setuptools reads requirements, and returns a problem for each that is not there: no pin in it
/// could be moved.
fn add_lists(manifests: &mut Manifests, texts: &Texts) -> Vec<Problem> {
    let (mut lists, mut missing) = (Manifests::new(), Vec::new());
    for (path, manifest) in &*manifests {
        for (table, named) in &manifest.read.lists {
            let found = beside(path, &named.value);
            if let Some((list, text)) = found.and_then(|list| texts.get_key_value(&list)) {
                lists.entry(list.clone()).or_insert_with(|| Manifest::of_list(text.clone(), table.clone()));
                continue;
            }
            let problem = Problem::new(
                format!("{path}: the build reads `{table}` from {}, which git does not track", named.value),
                "add the file to git, or list the requirements in the manifest: pins that are not seen cannot be moved",
            );
            missing.push(problem.at(path, named.span.clone(), "read from here"));
        }
    }
    manifests.extend(lists);
    missing
}

/// Reads the files that hold versions for a workspace in which a UI is.
fn shared(texts: &Texts, uis: &[Ui]) -> Result<BTreeMap<Utf8PathBuf, SharedFile>, Vec<Problem>> {
    let (mut read, mut problems) = (BTreeMap::new(), Vec::new());
    for (path, source) in texts {
        let is_meant = path.file_name().is_some_and(|name| shared::FILES.contains(&name));
        let holds = |ui: &Ui| path.parent().is_some_and(|folder| ui.path.starts_with(folder));
        if !is_meant || !uis.iter().any(holds) {
            continue;
        }
        match Shared::parse(source) {
            Ok(found) => drop(read.insert(path.clone(), SharedFile { source: source.clone(), read: found })),
            Err(error) => {
                problems.push(Problem::unparsed(path, "is not YAML", CORRECT_SYNTAX, (error.span, error.message)));
            }
        }
    }
    if problems.is_empty() { Ok(read) } else { Err(problems) }
}

/// Reads the manifests that were not read yet and `package.json` files, and returns all others as they are. One of these that
/// cannot be read is an error too, because it could require a client that would be missed.
fn read(texts: Texts, mut manifests: Manifests) -> Result<(Manifests, PackageJsons, Texts), Vec<Problem>> {
    let (mut package_jsons, mut problems) = (BTreeMap::new(), Vec::new());
    let mut others = Texts::new();
    for (path, source) in texts {
        let unparsed = |defect, place| Problem::unparsed(&path, defect, CORRECT_SYNTAX, place);
        if path.file_name() == Some("package.json") {
            match PackageJson::parse(&source) {
                Ok(package) => drop(package_jsons.insert(path, package)),
                Err(error) => problems.push(unparsed("is not JSON", (error.span, error.message))),
            }
            continue;
        }
        if path.file_name() != Some("pyproject.toml") {
            others.insert(path, source);
            continue;
        }
        if manifests.contains_key(&path) {
            continue;
        }
        match Manifest::parse(source) {
            Ok(manifest) => drop(manifests.insert(path, manifest)),
            Err(error) => problems.push(unparsed("is not TOML", (error.span, error.message))),
        }
    }
    if problems.is_empty() { Ok((manifests, package_jsons, others)) } else { Err(problems) }
}

fn no_package(left: &[Left]) -> Problem {
    let seen: Vec<String> = left.iter().map(|left| format!("{} ({})", left.path, left.reason)).collect();
    let message = if seen.is_empty() {
        "there is no tracked pyproject.toml in this repository".to_owned()
    } else {
        format!("none of the manifests is a package of this monorepo: {}", seen.join(", "))
    };
    Problem::new(message, "name the packages in release.toml: `[[package]]` with `path = \"pyproject.toml\"`")
}
