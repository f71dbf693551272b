//! The versions that a lockfile is to have, and the changes that bring them into it.

use crate::lockfile::uv_lock::lock::LockedPackage;
use crate::manifest::TomlString;
use crate::registry::file_name::FileKind;
use crate::version::Version;
use std::collections::BTreeMap;

/// A client, and its wanted version in the lockfile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wanted<'a> {
    /// Its canonical name.
    pub client: &'a str,
    /// The version.
    pub version: &'a Version,
}

/// The work that a version in the lockfile needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Need<'a> {
    /// None: the version is locked, and all requirements are recorded as in the manifests.
    Nothing,
    /// Only the lockfile's record of the manifests has to change.
    Recorded,
    /// The index must be asked: this entry locks another version, or the manifests admit other versions too, which
    /// may change uv's resolution (see [`runs_everywhere`](super::runs_everywhere)).
    Entry(&'a LockedPackage),
}

/// A version to lock.
#[derive(Clone, Debug)]
pub struct Locked<'a> {
    /// The client's canonical name.
    pub client: &'a str,
    /// The version.
    pub version: &'a Version,
    /// The files of the version on the index, in any order; they are used only after [`Need::Entry`].
    pub files: Option<Vec<NewFile>>,
}

/// A published file, as the lockfile is to record it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewFile {
    /// The kind of distribution.
    pub kind: FileKind,
    /// Its address, in the lockfile's spelling for this registry.
    pub url: String,
    /// Its SHA-256 in lower-case hexadecimal.
    pub sha256: String,
    /// Its size in bytes, if the index gives it.
    pub size: Option<u64>,
    /// The time of its upload, as the index gives it.
    pub upload_time: Option<String>,
}

/// Returns `true` if a text needs no escapes in TOML.
pub(super) fn is_plain(text: &str) -> bool {
    text.chars().all(|character| character.is_ascii_graphic() && !matches!(character, '"' | '\\'))
}

/// Strings of the lockfile with their new text, each once.
pub(super) type Changes<'a> = Vec<(&'a TomlString, String)>;

/// Returns the new values by the places of the old ones.
pub(super) fn by_place<'a>(changes: &'a Changes<'_>) -> BTreeMap<usize, &'a str> {
    changes.iter().map(|(old, new)| (old.span.start, new.as_str())).collect()
}
