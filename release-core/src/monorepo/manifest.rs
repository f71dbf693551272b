//! A `pyproject.toml` of a tree, or a file that setuptools reads requirements from: its text and its content.

use crate::manifest::TomlString;
use crate::manifest::pyproject::Pyproject;
use crate::manifest::requirements_file::listed;
use crate::text::SourceText;
use crate::text::SyntaxError;
use camino::Utf8PathBuf;
use std::collections::BTreeMap;

/// The manifests of a tree, by path.
pub type Manifests = BTreeMap<Utf8PathBuf, Manifest>;

/// The text of a manifest, and its content.
#[derive(Clone, Debug)]
pub struct Manifest {
    /// The text.
    pub source: SourceText,
    /// The content.
    pub read: Pyproject,
    /// The table whose requirements the file lists; `None` for a `pyproject.toml`.
    pub lists: Option<String>,
}

impl Manifest {
    /// Reads a manifest from its bytes, or returns `None` if they are not text or not TOML.
    pub fn from_bytes(bytes: Vec<u8>) -> Option<Self> {
        Self::parse(SourceText::from_bytes(bytes).ok()?).ok()
    }

    /// Reads a manifest.
    ///
    /// # Errors
    /// If it is not TOML.
    pub fn parse(source: SourceText) -> Result<Self, SyntaxError> {
        let read = Pyproject::parse(&source)?;
        Ok(Self { source, read, lists: None })
    }

    /// Reads a file that lists the requirements of a table.
    pub fn of_list(source: SourceText, table: String) -> Self {
        let read = Pyproject { requirements: listed(&source, &table), ..Pyproject::default() };
        Self { source, read, lists: Some(table) }
    }

    /// Reads a new text of the same file.
    ///
    /// # Errors
    /// If it is a `pyproject.toml` and not TOML.
    pub fn again(&self, source: SourceText) -> Result<Self, SyntaxError> {
        match &self.lists {
            Some(table) => Ok(Self::of_list(source, table.clone())),
            None => Self::parse(source),
        }
    }

    /// Returns the static version.
    pub fn fixed_version(&self) -> Option<&TomlString> {
        self.read.project.as_ref().and_then(|project| Some(&project.version.as_ref()?.0))
    }

    /// Returns the `fallback_version`.
    pub fn fallback_version(&self) -> Option<&TomlString> {
        self.read.scm.as_ref().and_then(|scm| scm.fallback_version.as_ref())
    }

    /// Returns the string that carries its version: `fallback_version`, else the static one.
    pub fn version_string(&self) -> Option<&TomlString> {
        self.fallback_version().or_else(|| self.fixed_version())
    }

    /// Returns the version that it carries.
    pub fn current_version(&self) -> Option<String> {
        self.version_string().map(|version| version.value.clone())
    }
}
