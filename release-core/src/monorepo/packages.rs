//! Discovery of packages: the manifests whose version the release owns.

use super::config::Config;
use super::manifest::{Manifest, Manifests};
use super::ours::{fits, is_tagged};
use super::snapshot::Left;
use crate::history::History;
use crate::manifest::pyproject::{BuildSystem, Project};
use crate::manifest::requirement::{Requirement, canonical_name};
use crate::problem::Problem;
use crate::version::Version;
use camino::{Utf8Path, Utf8PathBuf};
use std::collections::BTreeMap;

/// The source of the versions of a monorepo's packages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Scheme {
    /// setuptools-scm, with `fallback_version` if there are no tags.
    #[default]
    Dynamic,
    /// `version = "X.Y.Z"` in every manifest.
    Static,
}

/// A package of the monorepo.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Package {
    /// Its manifest.
    pub path: Utf8PathBuf,
    /// Its name, as spelled in its manifest.
    pub name: String,
    /// Its normalised name (PEP 503).
    pub canonical: String,
    /// The reason for which it counts as a package of this monorepo.
    pub why: String,
}

/// Selects the packages among the manifests; the others are added to `left` with the reason.
///
/// A package whose version comes from setuptools-scm belongs to the monorepo. A package with a static version belongs
/// to it if it has the version of the others, or if a package published from here depends on it: then it is a sibling
/// with any version.
pub(super) fn packages(
    manifests: &Manifests,
    config: &Config,
    history: &History,
    left: &mut Vec<Left>,
) -> Result<(Vec<Package>, Scheme), Vec<Problem>> {
    if !config.packages.is_empty() {
        return named(manifests, config);
    }
    let mut owned: Owned<'_> = BTreeMap::new();
    let mut open: Open<'_> = BTreeMap::new();
    let mut unexplained = Vec::new();
    for (path, manifest) in manifests {
        match nature(manifest) {
            Nature::Scm => drop(owned.insert(path, "its version comes from setuptools-scm".to_owned())),
            Nature::Static(_) | Nature::Unversioned => drop(open.insert(path, manifest)),
            Nature::Unexplained => unexplained.push((path, manifest)),
            Nature::Other(reason) => left.push(Left { path: path.clone(), reason }),
        }
    }
    // A dynamic version without a source means that the package lost its configuration, unless all others are static:
    // then the package has its version from its own `setup.py`.
    let is_root = |path: &Utf8Path| path == ROOT;
    let is_dynamic = !owned.is_empty() || open.is_empty() || unexplained.iter().any(|(path, _)| is_root(path));
    for (path, manifest) in unexplained {
        if is_dynamic {
            owned.insert(path, "its version is dynamic and built by setuptools".to_owned());
        } else {
            open.insert(path, manifest);
        }
    }
    let reference = reference(&owned, &open, manifests, history)?;
    let is_placeholder = |path: &Utf8Path| is_placeholder(path, manifests, history);
    if let Some(root) = open.get(Utf8Path::new(ROOT)).filter(|_| !is_placeholder(ROOT.into())) {
        contradiction(root, &owned, manifests)?;
    }
    let scheme = if owned.is_empty() { Scheme::Static } else { Scheme::Dynamic };
    if let Some(reference) = &reference {
        open.retain(|path, manifest| {
            let same = static_version(manifest).is_some_and(|version| same_release(&version, reference, scheme));
            if same {
                owned.insert(path, format!("it has the version of the monorepo, {reference}"));
            }
            !same
        });
    }
    adopt_siblings(manifests, history, reference.as_deref(), &mut owned, &mut open);
    if owned.keys().all(|path| is_placeholder(path)) {
        elsewhere(left, &owned)?;
    }
    for (path, manifest) in open {
        let reason = reason_to_leave_out(manifest, reference.as_deref());
        left.push(Left { path: path.to_owned(), reason });
    }
    let mut packages: Vec<Package> =
        owned.into_iter().filter_map(|(path, why)| package(path, manifests.get(path)?, why)).collect();
    // The root first, then by path, as people list them.
    packages.sort_by_key(|package| (package.path.components().count(), package.path.clone()));
    Ok((packages, scheme))
}

/// Returns the reason why a package is not of the monorepo.
fn reason_to_leave_out(manifest: &Manifest, reference: Option<&str>) -> String {
    match (static_version(manifest), reference) {
        (Some(own), Some(reference)) => format!("its version {own} is its own, the monorepo's is {reference}"),
        (Some(own), None) => format!("its version {own} is its own"),
        (None, _) if manifest.read.project.as_ref().is_some_and(Project::is_dynamic) => {
            "its version is dynamic, and it does not say where the version comes from".to_owned()
        }
        (None, _) => "it declares no version, and no package depends on it".to_owned(),
    }
}

/// The manifest at the repository's root.
const ROOT: &str = "pyproject.toml";

/// The beginning of the reason for which a package is left that has a version, but not one that a release writes.
const FROM: &str = "its version comes from";

/// The help if it is unclear which packages are released together.
const NAME_THEM: &str =
    "name those that are released together in release.toml: `[[package]]` with `path = \"...\"` for each";

/// Packages of this monorepo, with the reason.
type Owned<'a> = BTreeMap<&'a Utf8Path, String>;
/// Manifests that are not decided yet.
type Open<'a> = BTreeMap<&'a Utf8Path, &'a Manifest>;

fn named(manifests: &Manifests, config: &Config) -> Result<(Vec<Package>, Scheme), Vec<Problem>> {
    let mut packages: Vec<Package> = Vec::new();
    let mut problems = Vec::new();
    for path in &config.packages {
        if packages.iter().any(|package| package.path == *path) {
            continue;
        }
        match manifests.get(path).and_then(|manifest| package(path, manifest, "release.toml names it".to_owned())) {
            Some(package) => packages.push(package),
            None => problems.push(Problem::new(
                format!("release.toml names the package {path}, which is not a tracked manifest with a `project.name`"),
                "correct the path in `[[package]]`, or add the file to git",
            )),
        }
    }
    let is_dynamic = |package: &Package| {
        let nature = manifests.get(&package.path).map(nature);
        nature.is_some_and(|nature| matches!(nature, Nature::Scm | Nature::Unexplained))
    };
    let scheme = if packages.iter().any(is_dynamic) { Scheme::Dynamic } else { Scheme::Static };
    if problems.is_empty() { Ok((packages, scheme)) } else { Err(problems) }
}

fn package(path: &Utf8Path, manifest: &Manifest, why: String) -> Option<Package> {
    let name = manifest.read.name()?.to_owned();
    Some(Package { path: path.to_owned(), canonical: canonical_name(&name), name, why })
}

/// The source of a manifest's version.
enum Nature {
    Scm,
    Static(String),
    /// The version is dynamic, setuptools builds the package, and no source is given.
    Unexplained,
    Unversioned,
    Other(String),
}

fn nature(manifest: &Manifest) -> Nature {
    let read = &manifest.read;
    let Some(project) = &read.project else {
        return Nature::Other(match read.other_version_source.filter(|source| source.starts_with("tool.poetry")) {
            Some(source) => format!("{FROM} `{source}`"),
            None => "it has no `[project]` table".to_owned(),
        });
    };
    if project.name.is_none() {
        return Nature::Other("its `[project]` has no name".to_owned());
    }
    if read.scm.as_ref().is_some_and(|scm| scm.fallback_version.is_some()) {
        return Nature::Scm;
    }
    // setuptools-scm is also used for its list of files, by packages with their own version.
    if let Some((version, _)) = &project.version {
        return Nature::Static(version.value.clone());
    }
    if read.scm.is_some() {
        return Nature::Scm;
    }
    if !project.is_dynamic() {
        return Nature::Unversioned;
    }
    if let Some(source) = read.other_version_source {
        return Nature::Other(format!("{FROM} `{source}`"));
    }
    let build = read.build_system.as_ref();
    match build.and_then(|build| build.backend.as_ref()) {
        Some(backend) if !backend.value.starts_with("setuptools") => {
            Nature::Other(format!("{FROM} the build backend `{}`", backend.value))
        }
        _ if build.is_some_and(BuildSystem::requires_scm) => Nature::Scm,
        _ => match build.and_then(BuildSystem::other_tool) {
            Some(tool) => Nature::Other(format!("{FROM} elsewhere, perhaps from `{tool}`")),
            None => Nature::Unexplained,
        },
    }
}

/// Returns the reason why no release writes the version of a package, if it has one from elsewhere.
pub(super) fn from_elsewhere(manifest: &Manifest) -> Option<String> {
    match nature(manifest) {
        Nature::Other(reason) if reason.starts_with(FROM) => Some(reason),
        _ => None,
    }
}

fn static_version(manifest: &Manifest) -> Option<String> {
    match nature(manifest) {
        Nature::Static(version) => Some(version),
        _ => None,
    }
}

/// Returns the version of the monorepo: that of the root, else the one that most packages have.
///
/// # Errors
/// If it is unclear: releasing the wrong packages is worse than releasing none.
fn reference(
    owned: &Owned<'_>,
    open: &Open<'_>,
    manifests: &Manifests,
    history: &History,
) -> Result<Option<String>, Vec<Problem>> {
    let version = |path: &Utf8Path| manifests.get(path)?.current_version();
    let is_package = |path: &Utf8Path| {
        owned.contains_key(path) || (open.contains_key(path) && !is_placeholder(path, manifests, history))
    };
    let root = Utf8Path::new(ROOT);
    if let Some(reference) = version(root).filter(|_| is_package(root)) {
        let fitting = |path: &&Utf8Path| {
            !owned.contains_key(*path) && version(path).is_some_and(|version| fits(history, &version))
        };
        return match open.keys().copied().find(fitting) {
            Some(other) if !fits(history, &reference) => Err(vec![undecided(&[root, other], manifests)]),
            _ => Ok(Some(reference)),
        };
    }
    let candidates: Vec<&Utf8Path> = match owned.is_empty() {
        false => owned.keys().copied().collect(),
        true => {
            let (fitting, others): (Vec<_>, Vec<_>) = open
                .keys()
                .copied()
                .filter(|path| version(path).is_some() && *path != root && !is_placeholder(path, manifests, history))
                .partition(|path| version(path).is_some_and(|version| fits(history, &version)));
            let candidates = if fitting.is_empty() { others } else { fitting };
            if candidates.is_empty() { open.keys().copied().collect() } else { candidates }
        }
    };
    let mut groups: BTreeMap<String, Vec<&Utf8Path>> = BTreeMap::new();
    for path in candidates {
        if let Some(version) = version(path) {
            groups.entry(version).or_default().push(path);
        }
    }
    let most = groups.values().map(Vec::len).max().unwrap_or(0);
    let mut largest = groups.into_iter().filter(|(_, paths)| paths.len() == most);
    match (largest.next(), largest.next()) {
        // All packages with a version from setuptools-scm belong to the monorepo, with any fallback version.
        (Some((_, first)), Some((_, second))) if owned.is_empty() => {
            Err(vec![undecided(&[first[0], second[0]], manifests)])
        }
        (group, _) => Ok(group.map(|(version, _)| version)),
    }
}

/// Returns `true` if a manifest is not published: uv does not build it because it says so, or because the root of a
/// workspace has no `[build-system]` and its version is none of the monorepo's.
fn is_placeholder(path: &Utf8Path, manifests: &Manifests, history: &History) -> bool {
    let Some(manifest) = manifests.get(path) else { return false };
    let is_built = |manifest: &Manifest| manifest.read.build_system.is_some();
    let is_of_history = || {
        let version = static_version(manifest).and_then(|version| Version::parse(&version).ok());
        let is_ours = |version: &Version| fits(history, &version.to_string());
        history.releases().next().is_some() && version.as_ref().is_some_and(is_ours)
    };
    let is_bare_root = path == ROOT && !is_built(manifest) && manifests.values().any(is_built);
    manifest.read.is_virtual || (is_bare_root && static_version(manifest).is_some() && !is_of_history())
}

/// Checks that no package is left whose version comes from elsewhere, where a release would only edit placeholders.
///
/// # Errors
/// If there is one.
fn elsewhere(left: &[Left], owned: &Owned<'_>) -> Result<(), Vec<Problem>> {
    let is_elsewhere = |left: &&Left| left.reason.starts_with(FROM);
    let packages: Vec<String> =
        left.iter().filter(is_elsewhere).map(|left| format!("{} ({})", left.path, left.reason)).collect();
    let placeholders: Vec<&str> = owned.keys().map(|path| path.as_str()).collect();
    if packages.is_empty() || placeholders.is_empty() {
        return Ok(());
    }
    let message = format!(
        "a release would edit {} alone, which is not built, and no package: {}",
        placeholders.join(", "),
        packages.join(", ")
    );
    Err(vec![Problem::new(
        message,
        "give the packages a version that a release can write: `fallback_version` of setuptools-scm, or `project.version`",
    )])
}

/// Returns the problem of a root with a static version beside packages with another version from setuptools-scm: it
/// is unclear which one is the monorepo's.
fn contradiction(root: &Manifest, owned: &Owned<'_>, manifests: &Manifests) -> Result<(), Vec<Problem>> {
    let Some(own) = static_version(root) else { return Ok(()) };
    let requires = |manifest: &Manifest, of: &Manifest| {
        let name = of.read.name().map(canonical_name).unwrap_or_default();
        published(manifest).any(|requirement| requirement.name.canonical() == name)
    };
    let other = owned.keys().find(|path| {
        manifests.get(**path).is_some_and(|other| {
            let version = other.current_version();
            version.is_some_and(|version| !same_release(&own, &version, Scheme::Dynamic))
                && !requires(root, other)
                && !requires(other, root)
        })
    });
    other.map_or(Ok(()), |other| Err(vec![undecided(&[Utf8Path::new(ROOT), other], manifests)]))
}

fn undecided(paths: &[&Utf8Path], manifests: &Manifests) -> Problem {
    let described = |path: &&Utf8Path| {
        let version = manifests.get(*path).and_then(Manifest::current_version);
        format!("{path} says {}", version.unwrap_or_default())
    };
    let described: Vec<String> = paths.iter().map(described).collect();
    let message = format!("it is not clear which version is the monorepo's: {}", described.join(" and "));
    let problem = Problem::new(message, NAME_THEM);
    paths.iter().fold(problem, |problem, path| {
        let version = manifests.get(*path).and_then(Manifest::version_string);
        version.into_iter().fold(problem, |problem, version| problem.at(*path, version.span.clone(), "the monorepo's?"))
    })
}

/// Returns `true` if a static version moves with the reference. In a monorepo with static versions it must be the
/// same version; in one that uses setuptools-scm, where it was forgotten, it must be of the same release.
fn same_release(version: &str, reference: &str, scheme: Scheme) -> bool {
    let (Ok(left), Ok(right)) = (Version::parse(version), Version::parse(reference)) else {
        return version == reference;
    };
    match scheme {
        Scheme::Static => left == right,
        Scheme::Dynamic => left.release() == right.release(),
    }
}

/// Adds the manifests on which the packages depend, until there are no more. A package that only a test or a build
/// needs is not released with them, nor is one that is required with its own version.
fn adopt_siblings<'a>(
    manifests: &'a Manifests,
    history: &History,
    reference: Option<&str>,
    owned: &mut Owned<'a>,
    open: &mut Open<'a>,
) {
    let ours = reference.and_then(|reference| Version::parse(reference).ok());
    let is_of_its_own = |requirement: &Requirement, manifest: &Manifest| {
        let own = static_version(manifest).and_then(|version| Version::parse(&version).ok());
        let (Some(own), Some(ours), Some(specifier)) = (own, &ours, requirement.specifier()) else { return false };
        let was_ours = is_tagged(history, &own);
        specifier.contains(&own) && !specifier.contains(ours) && !was_ours
    };
    let mut wanted: BTreeMap<String, Vec<(&Utf8Path, &Requirement)>> = BTreeMap::new();
    let mut new: Vec<&Utf8Path> = owned.keys().copied().collect();
    while !new.is_empty() {
        for path in new.drain(..) {
            for requirement in manifests.get(path).into_iter().flat_map(published) {
                wanted.entry(requirement.name.canonical()).or_default().push((path, requirement));
            }
        }
        open.retain(|path, manifest| {
            let name = manifest.read.name().map(canonical_name).unwrap_or_default();
            let by = wanted.get(&name).into_iter().flatten().find(|(_, wanted)| !is_of_its_own(wanted, manifest));
            let Some((by, _)) = by else { return true };
            owned.insert(path, format!("{by} depends on it"));
            new.push(path);
            false
        });
    }
}

/// Returns the requirements of a package on installation, including extras.
pub(super) fn published(manifest: &Manifest) -> impl Iterator<Item = &Requirement> {
    let declared = manifest.read.requirements.iter().filter(|declared| declared.table.starts_with("project."));
    declared.filter_map(|declared| declared.requirement.as_ref().ok())
}
