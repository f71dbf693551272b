//! `uv.lock`: uv's resolution, with the place of every part that a rule compares, and the entries of packages that
//! are built from the tree itself.
//!
//! Format: <https://docs.astral.sh/uv/concepts/projects/layout/#the-lockfile>; revisions add parts to it. A local
//! entry has a `version` exactly if the package's version is static.

pub mod compare;
mod lock;
mod plain;
pub mod published;
mod read;
pub mod relock;
#[cfg(test)]
mod tests;
mod tree;

pub use crate::registry::file_name::FileKind;
pub use compare::{Difference, Local, differences, locals};
pub use lock::{
    LockedDependency, LockedExtra, LockedFile, LockedGroup, LockedPackage, LockedRequirement, Metadata, Source,
    SourceKind, UvLock,
};
pub use published::{Verdict, same_requirements};
pub use relock::{Locked, Need, NewFile, Wanted, need, relock, runs_everywhere};

use crate::manifest::requirement::canonical_name;
use crate::manifest::{TomlSyntaxError, toml};
use crate::text::{SourceText, TextEdit};

/// The keys of `source` for packages from the tree.
const LOCAL_SOURCES: [&str; 3] = ["editable", "virtual", "directory"];

/// Returns the edits that remove the `version` line from the entries of local packages with these normalised names.
///
/// # Errors
/// If the lockfile is not TOML.
pub fn without_versions(source: &SourceText, names: &[&str]) -> Result<Vec<TextEdit>, TomlSyntaxError> {
    let document = toml::parse(source)?;
    let packages = document.get("package").and_then(|item| item.as_array_of_tables());
    let mut edits = Vec::new();
    for package in packages.into_iter().flat_map(|packages| packages.iter()) {
        let name = package.get("name").and_then(|name| name.as_str()).map(canonical_name).unwrap_or_default();
        let local = package.get("source").and_then(|source| source.as_table_like());
        let is_local = local.is_some_and(|source| LOCAL_SOURCES.iter().any(|key| source.contains_key(key)));
        let Some((key, value)) =
            package.get_key_value("version").filter(|_| is_local && names.contains(&name.as_str()))
        else {
            continue;
        };
        if let (Some(key), Some(value)) = (key.span(), value.span()) {
            let text = source.as_str();
            let end = text[value.end..].find('\n').map_or(text.len(), |at| value.end + at + 1);
            edits.push(TextEdit { span: key.start..end, replacement: String::new() });
        }
    }
    Ok(edits)
}
