//! The parts that rules about `uv.lock` share: the lockfiles with their manifests, and words for both.

use crate::context::{Context, UvProject};
use camino::Utf8Path;
use release_core::lockfile::uv_lock::compare;
use release_core::lockfile::uv_lock::{LockedPackage, SourceKind, UvLock};
use release_core::manifest::TomlString;
use release_core::manifest::pyproject::Declared;
use release_core::manifest::requirement::Constraint;
use release_core::text::Span;
use release_core::version::{Clause, Release};

pub(crate) use compare::{Difference, Local, differences, scope};

/// The number of places of one kind that a finding shows.
pub(crate) const SHOWN: usize = 3;

/// The lockfiles that can be read.
pub(crate) fn locks(context: &Context) -> impl Iterator<Item = (&UvProject, &UvLock)> {
    context.uv.iter().filter_map(|project| Some((project, project.lock.as_ref().ok()?)))
}

/// The packages of a lockfile that are from an index and have a version: both, and the index's address.
pub(crate) fn indexed(lock: &UvLock) -> impl Iterator<Item = (&LockedPackage, &TomlString, &TomlString)> {
    lock.packages.iter().filter_map(|package| {
        let source = package.source.as_ref().filter(|source| source.kind == SourceKind::Registry)?;
        Some((package, package.version.as_ref()?, &source.location))
    })
}

/// The packages of a lockfile that are built from the tree and whose manifest was read.
pub(crate) fn locals<'a>(context: &'a Context, project: &'a UvProject, lock: &'a UvLock) -> Vec<Local<'a>> {
    compare::locals(&project.path, lock, |path| {
        let beside =
            project.manifest.as_ref().filter(|(beside, _)| *beside == path).map(|(_, manifest)| &manifest.read);
        beside.or_else(|| context.monorepo.manifests.get(path).map(|manifest| &manifest.read))
    })
}

/// Tells if a name is that of a client in a manifest that the release owns: others have no clients.
pub(crate) fn is_client(context: &Context, local: &Local<'_>, name: &str) -> bool {
    context.monorepo.manifests.contains_key(&local.path) && context.monorepo.client(name).is_some()
}

/// Tells if one of the pins names a release that is on its way from here and whose client is not published yet.
pub(crate) fn is_in_flight(context: &Context, pins: &[&Declared]) -> bool {
    pins.iter().any(|pin| {
        let specifier = pin.requirement.as_ref().ok().and_then(|requirement| requirement.specifier());
        let versions = specifier.into_iter().flat_map(|specifier| &specifier.clauses).filter_map(Clause::version);
        let mut releases = versions.filter_map(|version| Release::parse(&version.to_string()).ok());
        releases.any(|release| context.is_in_flight(&pin.name(), release))
    })
}

/// Returns what a requirement accepts, in words.
pub(crate) fn wanted(declared: &Declared) -> String {
    match declared.requirement.as_ref().map(|requirement| &requirement.constraint) {
        Ok(Constraint::Specifier(specifier)) => format!("`{specifier}`"),
        Ok(Constraint::Any) => "any version".to_owned(),
        _ => format!("`{}`", declared.text.value),
    }
}

/// Returns the places of requirements, each with what it accepts.
pub(crate) fn asked<'a>(
    local: &'a Local<'_>,
    pins: impl Iterator<Item = &'a Declared>,
) -> impl Iterator<Item = (&'a Utf8Path, Span, String)> {
    pins.map(|pin| (local.path.as_path(), pin.text.span.clone(), format!("asks for {}", wanted(pin))))
}

/// The first names of a list, and how many there are beyond them.
pub(crate) fn listed<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    let mut names: Vec<&str> = names.into_iter().collect();
    names.dedup();
    let first: Vec<String> = names.iter().take(SHOWN).map(|name| format!("`{name}`")).collect();
    match names.len().saturating_sub(SHOWN) {
        0 => first.join(", "),
        more => format!("{} and {more} more", first.join(", ")),
    }
}
