//! `uv.lock`: uv's resolution, with the place of every part that a rule compares, and the entries of packages that
//! are built from the tree itself.
//!
//! Format: <https://docs.astral.sh/uv/concepts/projects/layout/#the-lockfile>; revisions add parts to it. A local
//! entry has a `version` exactly if the package's version is static.

pub mod compare;
mod lists;
mod lock;
mod markers;
mod plain;
pub mod published;
mod python;
mod read;
mod recorded;
pub mod relock;
pub mod stale;
#[cfg(test)]
mod tests;
mod tree;
pub mod workspace;

pub use crate::registry::file_name::FileKind;
pub use compare::{Difference, Local, locals};
pub use lock::{
    LockedDependency, LockedExtra, LockedFile, LockedGroup, LockedPackage, LockedRequirement, Metadata, Source,
    SourceKind, UvLock,
};
pub use published::{Verdict, same_requirements};
pub use relock::{Locked, Need, NewFile, Wanted, needs, relock, runs_everywhere};
pub use stale::{Changed, Staleness, staleness};
pub use workspace::{Manifests, Root, Workspace};

use crate::manifest::requirement::canonical_name;
use crate::text::{SourceText, SyntaxError, TextEdit};

/// Returns the edits that remove the `version` line from the entries of local packages with these normalised names.
///
/// # Errors
/// If the lockfile is not TOML.
pub fn without_versions(source: &SourceText, names: &[&str]) -> Result<Vec<TextEdit>, SyntaxError> {
    let text = source.as_str();
    let line = |package: LockedPackage| {
        let is_local = package.source.is_some_and(|source| source.kind.is_local());
        let version = package.version.filter(|_| is_local && names.contains(&&*canonical_name(&package.name.value)))?;
        let start = text[..version.span.start].rfind('\n').map_or(0, |before| before + 1);
        text[start..].trim_start().starts_with("version").then_some(())?;
        let end = text[version.span.end..].find('\n').map_or(text.len(), |at| version.span.end + at + 1);
        Some(TextEdit { span: start..end, replacement: String::new() })
    };
    Ok(UvLock::parse(source)?.packages.into_iter().filter_map(line).collect())
}
