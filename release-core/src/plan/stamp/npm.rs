//! The versions of `package.json`, `package-lock.json` and `lerna.json`, in npm's spelling.

use super::json::{LOCKS, MANIFEST, not_json, place};
use super::place::Place;
use super::search::Search;
use super::workspace::workspace;
use crate::lockfile::package_lock::PackageLock;
use crate::manifest::package_json::{self, PackageJson};
use crate::problem::Problem;
use crate::version::Version;
use camino::Utf8Path;

/// Returns every place of an npm package, or of the packages of a workspace.
///
/// # Errors
/// The files that cannot be read, and what cannot be told.
pub(super) fn npm(search: &Search<'_>) -> Result<Vec<Place>, Vec<Problem>> {
    let alone = |problem| vec![problem];
    let mut places = match workspace(search)? {
        Some(places) => places,
        None => own(search).map_err(alone)?,
    };
    places.extend(lerna(search).map_err(alone)?);
    Ok(places)
}

/// Returns the places of a single package.
pub(super) fn own(search: &Search<'_>) -> Result<Vec<Place>, Problem> {
    let mut places = Vec::new();
    let manifest = search.at(MANIFEST);
    if let Some(source) = search.text(&manifest).filter(|_| !search.is_named(&manifest)) {
        let read = PackageJson::parse(source).map_err(|error| not_json(&manifest, error))?;
        if let Some(version) = &read.version {
            places.push(place(search, &manifest, "version", version)?);
        }
    }
    for path in LOCKS.map(|lock| search.at(lock)) {
        let Some(source) = search.text(&path).filter(|_| !search.is_named(&path)) else { continue };
        let read = PackageLock::parse(source).map_err(|error| not_json(&path, error))?;
        if let Some(version) = &read.version {
            places.push(place(search, &path, "version", version)?);
        }
        if let Some(version) = read.project().and_then(|project| project.version.as_ref()) {
            places.push(place(search, &path, "packages[\"\"].version", version)?);
        }
    }
    Ok(places)
}

/// Returns the places of an npm package beside a Python package of this version, if it has the same or the new one.
pub(super) fn beside(search: &Search<'_>, own_version: Option<&Version>) -> (Vec<Place>, Option<Problem>) {
    let is_meant = |place: &Place| {
        let version = place.version();
        version.is_some() && (version.as_ref() == own_version || version.as_ref() == Some(search.version))
    };
    match own(search) {
        Ok(places) if places.first().is_some_and(is_meant) => (places, None),
        Ok(_) => (Vec::new(), None),
        Err(problem) => (Vec::new(), Some(problem)),
    }
}

/// Returns the one version that lerna gives to all packages, unless each has its own.
fn lerna(search: &Search<'_>) -> Result<Option<Place>, Problem> {
    let path = Utf8Path::new("lerna.json");
    let Some(source) = search.text(path).filter(|_| !search.is_named(path)) else { return Ok(None) };
    let root = package_json::root(source).map_err(|error| not_json(path, error))?;
    let version = root.get("version").and_then(package_json::string).filter(|version| version.value != "independent");
    version.map(|version| place(search, path, "version", &version)).transpose()
}
