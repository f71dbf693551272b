//! Packages below the root of a client repository: those that have its version get the new one, and the others keep their own.

use super::folders::folder;
use super::json::{MANIFEST as NPM, kept, not_json};
use super::npm;
use super::package::{Found, package};
use super::place::{Place, Places};
use super::project::MANIFEST;
use super::search::Search;
use super::workspace;
use crate::manifest::package_json::PackageJson;
use crate::manifest::pyproject::Pyproject;
use crate::manifest::workspaces::is_matched;
use crate::monorepo::Config;
use crate::problem::Problem;
use crate::version::Version;
use camino::{Utf8Path, Utf8PathBuf};
use std::collections::BTreeSet;

/// A package that is not at the root.
struct Nested {
    places: Vec<Place>,
    found: Found,
    problems: Vec<Problem>,
}

/// Returns the folders below the root that have a Python package, released from here or not.
pub(super) fn python(search: &Search<'_>) -> BTreeSet<Utf8PathBuf> {
    let manifests = search.texts.keys().filter(|path| path.file_name() == Some(MANIFEST));
    manifests.map(|path| folder(path).to_owned()).filter(|folder| !folder.as_str().is_empty()).collect()
}

/// Adds the places of the packages below the root, and what is refused.
pub(super) fn nested(
    search: &Search<'_>,
    config: &Config,
    folders: &BTreeSet<Utf8PathBuf>,
    root: &Found,
    (places, problems): (&mut Places, &mut Vec<Problem>),
) {
    let mut all = Vec::new();
    for folder in folders {
        let manifest = folder.join(MANIFEST);
        let is_released = config.packages.is_empty() || config.packages.contains(&manifest);
        if !search.is_named(&manifest) && is_released && !is_unbuilt(search, &manifest) {
            all.push(python_at(search, folders, folder));
        }
    }
    match npm_packages(search) {
        Ok(found) => all.extend(found),
        Err(problem) => problems.push(problem),
    }
    let of_root = |places: &Places| places.values().find_map(|place| place.version().filter(|_| place.new.is_some()));
    let reference = match root.version.clone().or_else(|| of_root(places)) {
        Some(reference) => Some(reference),
        None if root.dynamic.is_some() => None,
        None => match common(search, &all) {
            Ok(reference) => reference,
            Err(problem) => return problems.push(problem),
        },
    };
    for Nested { places: own, found, problems: refused } in all {
        let is_meant = |version: &Version| Some(version) == reference.as_ref() || version == search.version;
        match found.version.as_ref().is_some_and(is_meant) {
            true => {
                places.add(own);
                problems.extend(refused);
            }
            false if found.version.is_some() || refused.is_empty() => {
                places.add(own.into_iter().take(1).map(Place::kept));
            }
            false => problems.extend(refused.into_iter().map(with_way_out)),
        }
    }
}

/// Returns the problem with the way out of a package that is not released from here.
fn with_way_out(mut problem: Problem) -> Problem {
    problem.help += "; if it is not released from here, name the packages that are in release.toml: `[[package]]`";
    problem
}

/// Returns `true` if nothing builds what a manifest describes.
fn is_unbuilt(search: &Search<'_>, manifest: &Utf8Path) -> bool {
    let read = search.texts.get(manifest).and_then(|source| Pyproject::parse(source).ok());
    read.is_some_and(|read| read.is_virtual || (read.project.is_none() && read.build_system.is_none()))
}

fn python_at(search: &Search<'_>, folders: &BTreeSet<Utf8PathBuf>, folder: &Utf8Path) -> Nested {
    let below = Search::new(search.texts, search.named, search.version, folder);
    let (mut places, mut problems) = (Places::default(), Vec::new());
    let found = package(&below, folders, &mut places, &mut problems);
    search.missed.borrow_mut().extend(below.missed.into_inner());
    if let Some(dynamic) = &found.dynamic {
        let manifest = folder.join(MANIFEST);
        let message = format!(
            "{manifest}: {} has its version from {}, which is given to the package at the root alone",
            dynamic.distribution, dynamic.from
        );
        let help = format!("build it with {}={}", dynamic.variable, search.version);
        problems.push(Problem::new(message, help).at(manifest, 0..1, "its version is elsewhere"));
    }
    // The first place is the one that a build reads.
    let mut places: Vec<Place> = places.into_values().collect();
    places.sort_by_key(|place| place.path.file_name() != Some(MANIFEST));
    Nested { places, found, problems }
}

/// Returns the npm packages below the root that belong to no workspace.
fn npm_packages(search: &Search<'_>) -> Result<Vec<Nested>, Problem> {
    let patterns = workspace::patterns(search)?.unwrap_or_default();
    let mut all = Vec::new();
    for (path, source) in search.texts.iter().filter(|(path, _)| path.file_name() == Some(NPM)) {
        let folder = folder(path);
        if folder.as_str().is_empty() || search.is_named(path) || is_matched(&patterns, folder.as_str()) {
            continue;
        }
        let read = PackageJson::parse(source).map_err(|error| not_json(path, error))?;
        let Some(version) = &read.version else { continue };
        let below = Search::new(search.texts, search.named, search.version, folder);
        let (places, problems) = match npm::own(&below) {
            Ok(places) => (places, Vec::new()),
            Err(problem) => (vec![kept(path, "version", version, None)], vec![problem]),
        };
        search.missed.borrow_mut().extend(below.missed.into_inner());
        let version = places.first().and_then(Place::version);
        all.push(Nested { places, found: Found { version, dynamic: None }, problems });
    }
    Ok(all)
}

/// Returns the version that all packages have where the root has none; those that have the new one already do not count.
fn common(search: &Search<'_>, all: &[Nested]) -> Result<Option<Version>, Problem> {
    let old = |nested: &Nested| nested.found.version.clone().filter(|version| version != search.version);
    let olds: Vec<(&Place, Version)> =
        all.iter().filter_map(|nested| Some((nested.places.first()?, old(nested)?))).collect();
    let Some((first, version)) = olds.first() else { return Ok(None) };
    let Some((other, _)) = olds.iter().find(|(_, other)| other != version) else { return Ok(Some(version.clone())) };
    let message = format!(
        "{} is at {} and {} at {}: it is not clear which packages get the version",
        first.path, first.old, other.path, other.old
    );
    let help =
        "name those that are released together in release.toml: `[[package]]` for Python, `[[stamp]]` for others";
    let problem = Problem::new(message, help).at(&first.path, first.span.clone(), "one version");
    Err(problem.at(&other.path, other.span.clone(), "another"))
}
