//! `[build-system]` of a manifest: the requirements of a build, and what gives it a version
//! (<https://packaging.python.org/en/latest/specifications/pyproject-toml/>).

use super::requirement::Requirement;
use super::toml::{self, TomlString};
use crate::text::{SourceText, Span};
use toml_edit::Item;

/// `[build-system]`.
#[derive(Clone, Debug)]
pub struct BuildSystem {
    /// The end of its last line of values.
    pub end: usize,
    /// `requires`.
    pub requires: Option<StringList>,
    /// `build-backend`.
    pub backend: Option<TomlString>,
}

impl BuildSystem {
    /// Returns `true` if the build requires setuptools-scm.
    pub fn requires_scm(&self) -> bool {
        self.items().any(|item| is_scm(&item.value))
    }

    /// Returns `true` if the build requires `setuptools-scm[simple]`, which needs no table. setuptools-scm takes the extra
    /// in this very spelling alone, though PEP 685 allows others.
    pub fn requires_simple_scm(&self) -> bool {
        let mut required = self.items().filter_map(|item| Requirement::parse(&item.value).ok());
        required.any(|required| {
            required.name.canonical() == "setuptools-scm" && required.extras.iter().any(|extra| extra.text == "simple")
        })
    }

    /// Returns the first requirement that may give the build a version without setuptools-scm, as
    /// `setuptools-git-versioning` does: any but those that are known not to.
    pub fn other_tool(&self) -> Option<String> {
        self.names().find(|name| !WITHOUT_VERSION.contains(&name.as_str()))
    }

    /// Returns the names of the requirements that can be read, normalised.
    pub fn names(&self) -> impl Iterator<Item = String> {
        self.items().filter_map(|item| Some(Requirement::parse(&item.value).ok()?.name.canonical()))
    }

    /// Returns the requirements of the build.
    pub fn items(&self) -> impl Iterator<Item = &TomlString> {
        self.requires.iter().flat_map(|list| &list.items)
    }
}

/// Returns `true` if a requirement is one on setuptools-scm.
pub fn is_scm(requirement: &str) -> bool {
    Requirement::parse(requirement).is_ok_and(|requirement| requirement.name.canonical() == "setuptools-scm")
}

/// An array of strings.
#[derive(Clone, Debug)]
pub struct StringList {
    /// The place of the array, including brackets.
    pub span: Span,
    /// Its strings.
    pub items: Vec<TomlString>,
}

/// Requirements of a build that give it no version, and setuptools-scm.
const WITHOUT_VERSION: [&str; 17] = [
    "build",
    "cffi",
    "cmake",
    "cython",
    "meson",
    "ninja",
    "numpy",
    "packaging",
    "pip",
    "pybind11",
    "pyyaml",
    "setuptools",
    "setuptools-rust",
    "setuptools-scm",
    "tomli",
    "vcs-versioning",
    "wheel",
];

pub(super) fn read(source: &SourceText, item: &Item) -> Option<BuildSystem> {
    let table = item.as_table_like()?;
    Some(BuildSystem {
        end: toml::end_of_values(source, item),
        requires: table.get("requires").and_then(string_list),
        backend: table.get("build-backend").and_then(toml::string),
    })
}

pub(super) fn string_list(item: &Item) -> Option<StringList> {
    Some(StringList { span: item.as_array()?.span()?, items: toml::strings(item) })
}
