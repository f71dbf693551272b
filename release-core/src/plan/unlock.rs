//! The versions that `uv.lock` files record of packages of the tree: those of packages that are no longer static are removed,
//! and those of static ones follow their manifests.

use super::draft::{Draft, Part};
use super::planned::{Edits, Outcome, PlannedKind};
use crate::lockfile::uv_lock::relock::KNOWN_VERSION;
use crate::lockfile::uv_lock::{self, Local, UvLock, locals};
use crate::manifest::TomlString;
use crate::monorepo::{Monorepo, Package};
use crate::problem::Problem;
use crate::text::SyntaxError;
use crate::text::{SourceText, Span, TextEdit};
use crate::version::Version;
use camino::{Utf8Path, Utf8PathBuf};
use std::collections::BTreeMap;

/// The `uv.lock` files of the tree, by path.
pub type Locks = BTreeMap<Utf8PathBuf, SourceText>;

/// Plans to remove the versions of these packages, by their canonical names, from every lockfile.
pub(super) fn unlock(draft: &mut Draft, locks: &Locks, names: &[&str]) {
    for (path, source) in locks {
        let read = uv_lock::without_versions(source, names).and_then(|edits| Ok((edits, UvLock::parse(source)?)));
        match read {
            Ok((edits, lock)) => match edits.first().and_then(|edit| unknown_format(path, &lock, &edit.span)) {
                Some(problem) => draft.refuse(problem),
                None => edits.into_iter().for_each(|edit| take(draft, path, source, &lock, edit)),
            },
            Err(error) => draft.refuse(not_toml(path, error)),
        }
    }
}

/// Returns `true` if the lockfiles may record the static version of a package.
pub fn needs_locks(monorepo: &Monorepo) -> bool {
    monorepo.packages.iter().any(|package| is_static(monorepo, package))
}

/// Plans to give every lockfile the static versions that the manifests of a tree have.
///
/// # Errors
/// If a lockfile cannot be read, or does not spell a version plainly; with their places.
pub fn follow_manifests(monorepo: &Monorepo, locks: &Locks) -> Result<Edits, Vec<Problem>> {
    let mut draft = Draft::default();
    follow(&mut draft, monorepo, locks, &|package| {
        Some(monorepo.manifest(package)?.fixed_version()?.value.clone()).filter(|_| is_static(monorepo, package))
    });
    draft.finish(&|_, _| Ok(()))
}

/// Plans to give the packages of the tree in every lockfile the versions that they will have; those without one here are left.
/// A lockfile that cannot be read or edited is a problem where it records another version.
pub(super) fn follow(
    draft: &mut Draft,
    monorepo: &Monorepo,
    locks: &Locks,
    version: &dyn Fn(&Package) -> Option<String>,
) {
    for (path, source) in locks {
        let lock = match UvLock::parse(source) {
            Ok(lock) => lock,
            Err(error) => {
                draft.refuse(not_toml(path, error));
                continue;
            }
        };
        let own = locals(path, &lock, |path| monorepo.manifests.get(path).map(|manifest| &manifest.read));
        for Local { entry, path: manifest, .. } in own {
            let Some(recorded) = &entry.version else { continue };
            let Some(new) = monorepo.package_at(&manifest).and_then(version) else { continue };
            let locked = Version::parse(&recorded.value).ok();
            let is_right = Version::parse(&new).is_ok_and(|new| locked.as_ref() == Some(&new));
            let part = Part {
                path,
                source,
                kind: PlannedKind::LockedVersion,
                subject: &entry.name.value,
                table: "package",
                span: recorded.span.clone(),
                old: Some(&recorded.value),
            };
            if is_right {
                draft.add(part.planned(Outcome::AlreadyRight, part.old.map(str::to_owned)), source, []);
                continue;
            }
            if let Some(problem) = unknown_format(path, &lock, &recorded.span) {
                draft.refuse(problem);
                break;
            }
            match edit(path, source, recorded, &new) {
                Ok(edit) => draft.change(&part, Some(edit.replacement.clone()), [edit]),
                Err(problem) => draft.refuse(*problem),
            }
        }
    }
}

/// Returns `true` if a package's version is the one of its `[project]`.
pub(super) fn is_static(monorepo: &Monorepo, package: &Package) -> bool {
    let manifest = monorepo.manifest(package).filter(|manifest| manifest.fixed_version().is_some());
    manifest.and_then(|manifest| manifest.read.project.as_ref()).is_some_and(|project| !project.is_dynamic())
}

/// Returns the problem of a lockfile that would be edited at a place, and whose format is another one than the known.
fn unknown_format(path: &Utf8Path, lock: &UvLock, place: &Span) -> Option<Problem> {
    if lock.version == Some(KNOWN_VERSION) {
        return None;
    }
    let found = lock.version.map_or("no version".to_owned(), |version| format!("version {version}"));
    let message =
        format!("{path} has {found} of its format, and only version {KNOWN_VERSION} is known here: it is not edited");
    let help = "write it by hand: change the versions in the manifests, run the `uv lock` that wrote it, and commit all of it; then \
                there is nothing left to change in it here";
    Some(Problem::new(message, help).at(path, place.clone(), "a version that would change"))
}

/// Returns the edit of a recorded version.
fn edit(path: &Utf8Path, source: &SourceText, recorded: &TomlString, new: &str) -> Result<TextEdit, Box<Problem>> {
    let refused = |message: String, help: &str, label: &str| {
        let help = format!("{help}; then prepare again");
        Box::new(Problem::new(message, help).at(path, recorded.span.clone(), label))
    };
    let version = Version::parse(new).map_err(|error| {
        refused(format!("{path} would record `{new}`: {error}"), "write a version of PEP 440", "recorded")
    })?;
    let span = recorded.content_span(source).ok_or_else(|| {
        let message = format!("the version `{}` in {path} cannot be edited in place", recorded.value);
        refused(message, "write the lockfile again with `uv lock`", "spelled with escapes")
    })?;
    Ok(TextEdit { span, replacement: version.to_string() })
}

/// Returns the problem of a `uv.lock` that cannot be read.
pub(super) fn not_toml(path: &Utf8Path, error: SyntaxError) -> Problem {
    Problem::unparsed(path, "is not TOML", "write it again with `uv lock`", (error.span, error.message))
}

fn take(draft: &mut Draft, path: &Utf8Path, source: &SourceText, lock: &UvLock, edit: TextEdit) {
    // Packages stand in the file's order, and the line is behind its package's header.
    let before = lock.packages.partition_point(|package| package.span.start < edit.span.start);
    let package = before.checked_sub(1).and_then(|at| lock.packages.get(at));
    let subject = package.map_or("", |package| package.name.value.as_str());
    let (kind, span) = (PlannedKind::LockedVersion, edit.span.clone());
    let old = Some(source.as_str()[span.clone()].trim());
    let part = Part { path, source, kind, subject, table: "package", span, old };
    draft.change(&part, None, [edit]);
}
