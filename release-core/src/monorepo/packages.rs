//! Which manifests are packages of this monorepo: those whose version the release owns.

use super::config::Config;
use super::discovery::Manifest;
use super::snapshot::Left;
use crate::manifest::requirement::canonical_name;
use crate::problem::Problem;
use crate::version::Version;
use camino::{Utf8Path, Utf8PathBuf};
use std::collections::{BTreeMap, BTreeSet};

/// Where a monorepo's packages have their versions from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// From setuptools-scm, with `fallback_version` where there are no tags.
    Dynamic,
    /// From `version = "X.Y.Z"` in every manifest.
    Static,
}

/// A package of the monorepo.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Package {
    /// Its manifest.
    pub path: Utf8PathBuf,
    /// Its name as its manifest has it.
    pub name: String,
    /// Its normalised name (PEP 503).
    pub canonical: String,
    /// Why it is taken for a package of this monorepo.
    pub why: String,
}

/// Picks the packages among the manifests; what is left is added to `left` with the reason.
///
/// A package whose version comes from setuptools-scm is ours. One with a static version is ours when it has the version of
/// the others, or when one of ours depends on it: then it is a sibling, whatever its version says.
pub(super) fn packages(
    manifests: &BTreeMap<Utf8PathBuf, Manifest>,
    config: &Config,
    left: &mut Vec<Left>,
) -> Result<(Vec<Package>, Scheme), Vec<Problem>> {
    if !config.packages.is_empty() {
        return named(manifests, config);
    }
    let mut owned: BTreeMap<&Utf8Path, String> = BTreeMap::new();
    let mut open: BTreeMap<&Utf8Path, &Manifest> = BTreeMap::new();
    for (path, manifest) in manifests {
        match nature(manifest) {
            Nature::Scm => drop(owned.insert(path, "its version comes from setuptools-scm".to_owned())),
            Nature::Static(_) | Nature::Unversioned => drop(open.insert(path, manifest)),
            Nature::Other(reason) => left.push(Left { path: path.clone(), reason }),
        }
    }
    let scheme = if owned.is_empty() { Scheme::Static } else { Scheme::Dynamic };
    let reference = reference(&owned, &open, manifests);
    if let Some(reference) = &reference {
        open.retain(|path, manifest| {
            let same = static_version(manifest).is_some_and(|version| same_release(&version, reference, scheme));
            if same {
                owned.insert(path, format!("it has the version of the monorepo, {reference}"));
            }
            !same
        });
    }
    adopt_siblings(manifests, &mut owned, &mut open);
    for (path, manifest) in open {
        let reason = match (static_version(manifest), &reference) {
            (Some(own), Some(reference)) => format!("its version {own} is its own, the monorepo's is {reference}"),
            (Some(own), None) => format!("its version {own} is its own"),
            (None, _) => "it declares no version, and no package depends on it".to_owned(),
        };
        left.push(Left { path: path.to_owned(), reason });
    }
    let mut packages: Vec<Package> =
        owned.into_iter().filter_map(|(path, why)| package(path, manifests.get(path)?, why)).collect();
    // The root first, then by path: the order in which people list them.
    packages.sort_by_key(|package| (package.path.components().count(), package.path.clone()));
    Ok((packages, scheme))
}

fn named(manifests: &BTreeMap<Utf8PathBuf, Manifest>, config: &Config) -> Result<(Vec<Package>, Scheme), Vec<Problem>> {
    let mut packages = Vec::new();
    let mut problems = Vec::new();
    for path in &config.packages {
        match manifests.get(path).and_then(|manifest| package(path, manifest, "release.toml names it".to_owned())) {
            Some(package) => packages.push(package),
            None => problems.push(Problem::new(
                format!("release.toml names the package {path}, which is no tracked manifest with a `project.name`"),
                "correct the path in `[[package]]`, or add the file to git",
            )),
        }
    }
    let is_scm = |package: &Package| manifests.get(&package.path).is_some_and(|m| matches!(nature(m), Nature::Scm));
    let scheme = if packages.iter().any(is_scm) { Scheme::Dynamic } else { Scheme::Static };
    if problems.is_empty() { Ok((packages, scheme)) } else { Err(problems) }
}

fn package(path: &Utf8Path, manifest: &Manifest, why: String) -> Option<Package> {
    let name = manifest.read.name()?.to_owned();
    Some(Package { path: path.to_owned(), canonical: canonical_name(&name), name, why })
}

/// Where a manifest's version comes from.
enum Nature {
    Scm,
    Static(String),
    Unversioned,
    Other(String),
}

fn nature(manifest: &Manifest) -> Nature {
    let read = &manifest.read;
    let Some(project) = &read.project else { return Nature::Other("it has no `[project]` table".to_owned()) };
    if project.name.is_none() {
        return Nature::Other("its `[project]` has no name".to_owned());
    }
    if read.scm.is_some() {
        return Nature::Scm;
    }
    if let Some((version, _)) = &project.version {
        return Nature::Static(version.value.clone());
    }
    if !project.is_dynamic() {
        return Nature::Unversioned;
    }
    if let Some(source) = read.other_version_source {
        return Nature::Other(format!("its version comes from `{source}`"));
    }
    let backend = read.build_system.as_ref().and_then(|build| build.backend.as_ref());
    match backend {
        Some(backend) if !backend.value.starts_with("setuptools") => {
            Nature::Other(format!("its version comes from the build backend `{}`", backend.value))
        }
        _ => Nature::Scm,
    }
}

fn static_version(manifest: &Manifest) -> Option<String> {
    match nature(manifest) {
        Nature::Static(version) => Some(version),
        _ => None,
    }
}

/// The version of the monorepo: that of the root, else the one that most packages have.
fn reference(
    owned: &BTreeMap<&Utf8Path, String>,
    open: &BTreeMap<&Utf8Path, &Manifest>,
    manifests: &BTreeMap<Utf8PathBuf, Manifest>,
) -> Option<String> {
    let version = |path: &Utf8Path| manifests.get(path)?.current_version();
    let candidates: Vec<&Utf8Path> =
        if owned.is_empty() { open.keys().copied().collect() } else { owned.keys().copied().collect() };
    let root = candidates.iter().find(|path| path.as_str() == "pyproject.toml").and_then(|path| version(path));
    root.or_else(|| {
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        for version in candidates.iter().filter_map(|path| version(path)) {
            *counts.entry(version).or_default() += 1;
        }
        counts.into_iter().max_by_key(|(_, count)| *count).map(|(version, _)| version)
    })
}

/// Whether a static version moves with the reference. In a monorepo of the older scheme it is the same version; in one
/// that uses setuptools-scm, where it was forgotten, it is at least of the same release.
fn same_release(version: &str, reference: &str, scheme: Scheme) -> bool {
    let (Ok(left), Ok(right)) = (Version::parse(version), Version::parse(reference)) else {
        return version == reference;
    };
    match scheme {
        Scheme::Static => left == right,
        Scheme::Dynamic => left.release() == right.release(),
    }
}

/// Takes the manifests that ours depend on, until there are no more.
fn adopt_siblings<'a>(
    manifests: &'a BTreeMap<Utf8PathBuf, Manifest>,
    owned: &mut BTreeMap<&'a Utf8Path, String>,
    open: &mut BTreeMap<&'a Utf8Path, &'a Manifest>,
) {
    let wants = |path: &Utf8Path| -> BTreeSet<String> {
        let Some(manifest) = manifests.get(path) else { return BTreeSet::new() };
        let required = manifest.read.requirements.iter().filter_map(|declared| declared.requirement.as_ref().ok());
        let local = manifest.read.local_sources.iter().map(|name| canonical_name(name));
        required.map(|requirement| requirement.name.canonical()).chain(local).collect()
    };
    let mut wanted: BTreeMap<String, String> = BTreeMap::new();
    let mut new: Vec<&Utf8Path> = owned.keys().copied().collect();
    while !new.is_empty() {
        for path in new.drain(..) {
            for name in wants(path) {
                wanted.entry(name).or_insert_with(|| path.to_string());
            }
        }
        open.retain(|path, manifest| {
            let name = manifest.read.name().map(canonical_name).unwrap_or_default();
            let Some(by) = wanted.get(&name) else { return true };
            owned.insert(path, format!("{by} depends on it"));
            new.push(path);
            false
        });
    }
}
