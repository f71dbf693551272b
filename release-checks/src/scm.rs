//! The parts that rules about setuptools-scm share: the packages that they are about, and edits that are sure.

use crate::context::Context;
use crate::fix::{Applicability, Fix};
use camino::Utf8Path;
use release_core::manifest::TomlString;
use release_core::manifest::pyproject::{Project, Pyproject};
use release_core::monorepo::{Manifest, Package, Scheme};
use release_core::text::{SourceText, TextEdit, splice};
use release_core::version::Version;

/// A package whose version is, or should be, setuptools-scm's.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ScmPackage<'a> {
    pub(crate) package: &'a Package,
    pub(crate) manifest: &'a Manifest,
    pub(crate) project: &'a Project,
    /// Its name: the place of what is missing.
    pub(crate) name: &'a TomlString,
}

/// The packages that the rules are about: all, once one is dynamic; none in a monorepo that is wholly static. A package
/// that another backend builds, or that has its version from another tool or from where it does not say, has no use for the
/// configuration.
pub(crate) fn packages(context: &Context) -> impl Iterator<Item = ScmPackage<'_>> {
    let is_dynamic = context.monorepo.scheme == Scheme::Dynamic;
    context.monorepo.packages.iter().filter(move |_| is_dynamic).filter_map(|package| {
        let manifest = context.monorepo.manifest(package)?;
        let read = &manifest.read;
        let backend = read.build_system.as_ref().and_then(|build| build.backend.as_ref());
        let is_foreign = backend.is_some_and(|backend| !backend.value.starts_with("setuptools"))
            || (read.other_version_source.is_some() && read.scm.is_none())
            || read.is_unexplained();
        let project = read.project.as_ref().filter(|_| !is_foreign)?;
        Some(ScmPackage { package, manifest, project, name: project.name.as_ref()? })
    })
}

/// The version that all packages that have one agree on, when it is written as PEP 440 writes it.
pub(crate) fn common_version(context: &Context) -> Option<&str> {
    let mut versions = context.versions().map(|version| version.text.value.as_str());
    let first = versions.next().filter(|first| Version::is_canonical_spelling(first))?;
    versions.all(|version| version == first).then_some(first)
}

/// A fix, if the manifest that it makes can be read and is right: a line that is added below an inline table, say, is not.
pub(crate) fn sure(
    applicability: Applicability,
    path: &Utf8Path,
    source: &SourceText,
    edits: Vec<TextEdit>,
    is_right: impl Fn(&Pyproject) -> bool,
) -> Option<Fix> {
    let fixed = splice(source.as_str(), &edits).ok()?;
    let read = Pyproject::parse(&SourceText::new(fixed)).ok()?;
    let edits = edits.into_iter().map(|edit| (path.to_owned(), edit)).collect();
    is_right(&read).then_some(Fix { applicability, edits })
}
