//! A `pyproject.toml` as build back ends look at it.

use super::search::{Found, Refusal, Search};
use crate::manifest::pyproject::Pyproject;
use crate::manifest::toml::{self, TomlString};
use crate::text::{SourceText, Span};
use camino::{Utf8Path, Utf8PathBuf};
use toml_edit::{Item, TableLike};

pub(super) const MANIFEST: &str = "pyproject.toml";

/// A `pyproject.toml` that is looked at; without one, an empty document.
pub(super) struct Project<'a> {
    pub(super) search: &'a Search<'a>,
    /// Its path.
    pub(super) manifest: Utf8PathBuf,
    pub(super) read: &'a Pyproject,
    pub(super) root: &'a dyn TableLike,
    pub(super) source: &'a SourceText,
}

impl Project<'_> {
    /// Returns the table at a path.
    pub(super) fn table(&self, path: &[&str]) -> Option<&dyn TableLike> {
        toml::table(self.root, path)
    }

    /// Returns the value at a path.
    pub(super) fn item(&self, path: &[&str]) -> Option<&Item> {
        let (last, path) = path.split_last()?;
        self.table(path)?.get(last)
    }

    /// Returns the string at a path.
    pub(super) fn string(&self, path: &[&str]) -> Option<TomlString> {
        toml::string(self.item(path)?)
    }

    /// Returns the name of the package.
    pub(super) fn name(&self) -> Option<String> {
        let own = self.read.name().map(str::to_owned);
        own.or_else(|| self.string(&["tool", "poetry", "name"]).map(|name| name.value))
    }

    /// Returns the refusal of a version that comes from an unknown place, at the line that says the most about it.
    pub(super) fn elsewhere(&self, message: &str) -> Refusal {
        let build = self.read.build_system.as_ref();
        let backend = build.and_then(|build| build.backend.as_ref()).map(|backend| backend.span.clone());
        let project = self.read.project.as_ref();
        let dynamic = project.and_then(|project| project.dynamic.as_ref()).map(|dynamic| dynamic.span.clone());
        let name = project.and_then(|project| project.name.as_ref()).map(|name| name.span.clone());
        let span: Span = backend.or(dynamic).or(name).unwrap_or(0..self.source.as_str().len().min(1));
        Refusal::elsewhere(format!("{}: {message}", self.manifest), &self.manifest, span, "its version is elsewhere")
    }

    /// Returns the path that an option names, with its place.
    pub(super) fn path(&self, text: &TomlString) -> Found<Utf8PathBuf> {
        self.search.named_path(&text.value).ok_or_else(|| {
            let message = format!("{}: the version is in `{}`, outside of the repository", self.manifest, text.value);
            Refusal::at(message, &self.manifest, text.span.clone(), "outside")
        })
    }

    /// Returns the refusal of a file that has no version which could be written.
    pub(super) fn unread(&self, reader: &str, path: &Utf8Path, option: &TomlString) -> Refusal {
        let is_there = self.search.text(path).is_some();
        let reason = if is_there { "it has none that can be written" } else { "there is no such file" };
        let message = format!("{reader} takes the version from {path}, and {reason}");
        Refusal::at(message, &self.manifest, option.span.clone(), "the version is there")
    }
}
