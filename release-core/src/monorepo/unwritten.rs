//! Packages of a tree whose versions come from where no release writes them.

use super::manifest::{Manifest, Manifests};
use super::packages::{Package, from_elsewhere, published};
use super::snapshot::Left;
use crate::manifest::requirement::canonical_name;
use crate::problem::Problem;
use crate::text::{SourceText, Span};
use crate::version::Version;
use camino::{Utf8Path, Utf8PathBuf};

/// A package whose version no release writes.
#[derive(Clone, Debug)]
pub struct Unwritten {
    /// Its manifest.
    pub path: Utf8PathBuf,
    /// The text of the manifest.
    pub source: SourceText,
    /// Its name.
    pub name: String,
    /// The source of its version, as a sentence about it.
    pub reason: String,
    /// `true` if it is released with the others: release.toml names it, or a package that is released asks for it at the version
    /// of the monorepo.
    pub is_released: bool,
    /// The place of its name.
    span: Span,
}

/// Returns the packages that are left, or named in `release.toml`, and have their versions from elsewhere.
pub(super) fn unwritten(manifests: &Manifests, packages: &[Package], left: &[Left]) -> Vec<Unwritten> {
    let is_package = |path: &Utf8Path| packages.iter().any(|package| package.path == path);
    let found = manifests.iter().filter_map(|(path, manifest)| {
        let reason = from_elsewhere(manifest)?;
        let is_left = left.iter().any(|left| left.path == *path && left.reason == reason);
        if !is_left && !is_package(path) {
            return None;
        }
        let name = manifest.read.project.as_ref().and_then(|project| project.name.as_ref());
        Some(Unwritten {
            path: path.clone(),
            source: manifest.source.clone(),
            is_released: is_package(path) || name.is_some_and(|name| is_required(&name.value, manifests, packages)),
            span: name.map_or(0..manifest.source.as_str().len().min(1), |name| name.span.clone()),
            name: name.map_or_else(|| "its package".to_owned(), |name| name.value.clone()),
            reason,
        })
    });
    found.collect()
}

/// Returns `true` if a package that is released asks for a name without a version, or at its own one.
fn is_required(name: &str, manifests: &Manifests, packages: &[Package]) -> bool {
    let name = canonical_name(name);
    packages.iter().filter_map(|package| manifests.get(&package.path)).any(|manifest| {
        let own = manifest.current_version().and_then(|version| Version::parse(&version).ok());
        let is_ours = |own: &Version, manifest: &Manifest| {
            let mut asked = published(manifest).filter(|requirement| requirement.name.canonical() == name);
            asked.any(|requirement| requirement.specifier().is_none_or(|specifier| specifier.contains(own)))
        };
        own.is_some_and(|own| is_ours(&own, manifest))
    })
}

impl Unwritten {
    /// Returns what is to be said of it when the others are released.
    pub fn problem(&self) -> Problem {
        let Self { path, name, reason, .. } = self;
        let message = format!("{path}: no release writes the version of {name}: {reason}");
        let help = "give it `project.version`, or setuptools-scm's `fallback_version`; if it is not released with the others, name those that are in release.toml (`[[package]]`)";
        Problem::new(message, help).at(path, self.span.clone(), "its version is elsewhere")
    }
}
