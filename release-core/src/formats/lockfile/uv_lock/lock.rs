//! The content of a lockfile, as it is read.

use super::lists::OVERRIDES;
use super::recorded::{GroupSettings, Recorded};
use super::{plain, read, tree};
use crate::manifest::requirement::canonical_name;
use crate::manifest::{TomlString, toml};
use crate::registry::file_name::FileKind;
use crate::text::{SourceText, Span, SyntaxError};
use std::collections::BTreeMap;

/// The content of a lockfile.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UvLock {
    /// The version of the format; uv refuses versions that it does not know.
    pub version: Option<i64>,
    /// The revision of the format's version.
    pub revision: Option<i64>,
    /// The Python versions for which it was resolved.
    pub requires_python: Option<TomlString>,
    /// The lists of `[manifest]`, under the names of the tables of the manifest that they record.
    pub lists: Vec<LockedGroup>,
    /// The settings with which it was written.
    pub recorded: Recorded,
    /// Every `[[package]]` with a name, in the file's order. One name may have several versions.
    pub packages: Vec<LockedPackage>,
}

/// A `[[package]]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LockedPackage {
    /// The header.
    pub span: Span,
    /// Its canonical name.
    pub name: TomlString,
    /// Its version, which a local package has only if it is static.
    pub version: Option<TomlString>,
    /// Its source.
    pub source: Option<Source>,
    /// Its dependencies.
    pub dependencies: Vec<LockedDependency>,
    /// The additional dependencies of each requested extra.
    pub optional_dependencies: Vec<LockedExtra>,
    /// The source distribution and the wheels that have a name.
    pub files: Vec<LockedFile>,
    /// The requirements of its manifest when it was locked; only local packages have them.
    pub metadata: Option<Metadata>,
    /// The settings of its groups when it was locked.
    pub group_settings: GroupSettings,
}

/// The source of a package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// The kind of place.
    pub kind: SourceKind,
    /// The URL, or the path relative to the lockfile.
    pub location: TomlString,
}

/// The kind of a source: the key of `source`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SourceKind {
    /// An index, by its URL or path.
    Registry,
    /// A folder of the tree, installed in place.
    Editable,
    /// A folder of the tree that is not a package; only its dependencies count.
    Virtual,
    /// A folder, built and installed.
    Directory,
    /// A repository at a commit.
    Git,
    /// An archive by its URL.
    Url,
    /// An archive by its path.
    Path,
}

/// A dependency on another package of the lockfile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LockedDependency {
    /// Its canonical name.
    pub name: TomlString,
    /// The requested extras.
    pub extras: Vec<TomlString>,
    /// The environment marker, or `None` if it is always needed.
    pub marker: Option<TomlString>,
}

/// The additional dependencies of one extra of a package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LockedExtra {
    /// The canonical name of the extra.
    pub name: String,
    /// The dependencies.
    pub dependencies: Vec<LockedDependency>,
}

/// A file to install from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LockedFile {
    /// The kind of distribution.
    pub kind: FileKind,
    /// The file's name: the end of its URL or path, decoded.
    pub name: String,
    /// The literal of that URL, path or name.
    pub location: Span,
    /// The whole entry, braces included.
    pub span: Span,
    /// Its URL, if it has one.
    pub url: Option<String>,
    /// Its hash, preceded by the algorithm.
    pub hash: Option<String>,
    /// Its size in bytes.
    pub size: Option<i64>,
    /// The time of its upload to the index.
    pub upload_time: Option<String>,
}

/// `[package.metadata]`: the requirements of a local package's manifest.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Metadata {
    /// `requires-dist`: dependencies, those of extras by their marker.
    pub requires_dist: Vec<LockedRequirement>,
    /// `requires-dev`: the dependency groups.
    pub requires_dev: Vec<LockedGroup>,
    /// `provides-extras`: the canonical names of all extras, also of those that are empty.
    pub extras: Vec<TomlString>,
}

/// A dependency group, or another list of requirements.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LockedGroup {
    /// Its canonical name.
    pub name: String,
    /// Its requirements.
    pub requirements: Vec<LockedRequirement>,
}

/// A requirement as uv records it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LockedRequirement {
    /// The whole entry, braces included.
    pub span: Span,
    /// The canonical name of the required package.
    pub name: TomlString,
    /// The requested extras.
    pub extras: Vec<TomlString>,
    /// The specifiers; without them every version is admitted.
    pub specifier: Option<TomlString>,
    /// The environment marker.
    pub marker: Option<TomlString>,
    /// The index that `tool.uv.sources` names for it, if any.
    pub index: Option<TomlString>,
    /// Its source, unless it is an index.
    pub source: Option<Source>,
}

impl UvLock {
    /// Reads a lockfile of any revision. Values of an unexpected type count as missing.
    ///
    /// # Errors
    /// If the text is not TOML.
    pub fn parse(source: &SourceText) -> Result<Self, SyntaxError> {
        // uv writes a small part of TOML, and reading only that part takes a sixth of the time.
        if let Ok(root) = plain::read(source.as_str()) {
            return Ok(read::lock(&root));
        }
        Ok(read::lock(&tree::from_document(&toml::parse(source)?)))
    }

    /// Returns `true` if uv takes something else for requirements on a package: an override, or none at all.
    pub(super) fn is_replaced(&self, name: &str) -> bool {
        let overrides = self.lists.iter().filter(|list| list.name == OVERRIDES).flat_map(|list| &list.requirements);
        let excludes = self.recorded.excludes.iter().map(|name| &name.value);
        let names = overrides.map(|requirement| &requirement.name.value).chain(excludes);
        names.into_iter().any(|replaced| canonical_name(replaced) == name)
    }

    /// Returns the index of most packages, without a slash at its end; of two, the first one.
    pub fn main_registry(&self) -> Option<&str> {
        let mut counts: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
        let sources = self.packages.iter().filter_map(|package| package.source.as_ref());
        for (at, source) in sources.filter(|source| source.kind == SourceKind::Registry).enumerate() {
            counts.entry(source.location.value.trim_end_matches('/')).or_insert((0, usize::MAX - at)).0 += 1;
        }
        counts.into_iter().max_by_key(|(_, count)| *count).map(|(index, _)| index)
    }
}

impl SourceKind {
    pub(super) const ALL: [(Self, &'static str); 7] = [
        (Self::Registry, "registry"),
        (Self::Editable, "editable"),
        (Self::Virtual, "virtual"),
        (Self::Directory, "directory"),
        (Self::Git, "git"),
        (Self::Url, "url"),
        (Self::Path, "path"),
    ];

    /// Returns its key in a lockfile.
    pub fn as_str(self) -> &'static str {
        Self::ALL.iter().find(|(kind, _)| *kind == self).map_or("", |(_, key)| key)
    }

    /// Returns `true` if such a package is built from the tree.
    pub fn is_local(self) -> bool {
        matches!(self, Self::Editable | Self::Virtual | Self::Directory)
    }
}
