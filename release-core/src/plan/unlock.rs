//! Removal of the versions that `uv.lock` files record of packages that are no longer static.

use super::draft::{Draft, Part};
use super::planned::PlannedKind;
use crate::lockfile::uv_lock::{self, UvLock};
use crate::problem::Problem;
use crate::text::SyntaxError;
use crate::text::{SourceText, TextEdit};
use camino::{Utf8Path, Utf8PathBuf};
use std::collections::BTreeMap;

/// The `uv.lock` files of the tree, by path.
pub type Locks = BTreeMap<Utf8PathBuf, SourceText>;

/// Plans to remove the versions of these packages, by their canonical names, from every lockfile.
pub(super) fn unlock(draft: &mut Draft, locks: &Locks, names: &[&str]) {
    for (path, source) in locks {
        let read = uv_lock::without_versions(source, names).and_then(|edits| Ok((edits, UvLock::parse(source)?)));
        match read {
            Ok((edits, lock)) => edits.into_iter().for_each(|edit| take(draft, path, source, &lock, edit)),
            Err(error) => draft.refuse(not_toml(path, error)),
        }
    }
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
