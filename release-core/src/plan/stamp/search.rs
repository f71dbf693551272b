//! The files that were looked at for places of a version, and those that are still to be.

use super::place::{Place, Texts, is_npm, spelled};
use super::python::{Assigned, Import, assigned};
use crate::manifest::TomlString;
use crate::monorepo::{Spelling, StampConfig};
use crate::problem::Problem;
use crate::text::{SourceText, Span};
use crate::version::Version;
use camino::{Utf8Component, Utf8Path, Utf8PathBuf};
use regex_lite::Regex;
use std::cell::RefCell;
use std::collections::BTreeSet;

/// The longest chain of imports that is followed.
const DEEPEST: usize = 8;

/// The way out for a version that is where it cannot be written.
pub(super) const NAME_IT: &str =
    "write it as one plain string, or name the file in release.toml: `[[stamp]]` with `path` and `pattern`";

/// A repository as far as it was read, and a package in it.
pub(super) struct Search<'a> {
    pub(super) texts: &'a Texts,
    /// The folder of the package; empty at the root.
    pub(super) folder: &'a Utf8Path,
    pub(super) named: &'a [StampConfig],
    pub(super) version: &'a Version,
    /// The files that were asked for and are not among the texts.
    pub(super) missed: RefCell<BTreeSet<Utf8PathBuf>>,
}

/// The reason for which a build's version is not written.
#[derive(Debug)]
pub(super) struct Refusal {
    pub(super) problem: Box<Problem>,
    /// `true` if the place of the version is not known: a `[[stamp]]` entry of any file may be the answer.
    pub(super) is_elsewhere: bool,
}

pub(super) type Found<T> = Result<T, Refusal>;

impl Refusal {
    /// Creates the refusal of a version at a known place.
    pub(super) fn at(message: String, path: &Utf8Path, span: Span, label: &str) -> Self {
        Self { problem: Box::new(Problem::new(message, NAME_IT).at(path, span, label)), is_elsewhere: false }
    }

    /// Creates the refusal of a version at an unknown place.
    pub(super) fn elsewhere(message: String, path: &Utf8Path, span: Span, label: &str) -> Self {
        let help = "name the file that it comes from in release.toml: `[[stamp]]` with `path` and `pattern`";
        Self { problem: Box::new(Problem::new(message, help).at(path, span, label)), is_elsewhere: true }
    }
}

impl<'a> Search<'a> {
    /// Begins a search for the version of the package in a folder.
    pub(super) fn new(texts: &'a Texts, named: &'a [StampConfig], version: &'a Version, folder: &'a Utf8Path) -> Self {
        Self { texts, folder, named, version, missed: RefCell::default() }
    }

    /// Returns the path of a file of the package.
    pub(super) fn at(&self, name: impl AsRef<Utf8Path>) -> Utf8PathBuf {
        self.folder.join(name)
    }

    /// Returns a path that a file of the package names, without `.` and `..`, or `None` if it leads out of the repository.
    pub(super) fn named_path(&self, path: &str) -> Option<Utf8PathBuf> {
        // From the root a path would begin anew.
        let is_relative = !Utf8Path::new(path).is_absolute();
        is_relative.then(|| normal(self.at(path).as_str()))?
    }

    /// Returns the text of a file, or notes that it is wanted.
    pub(super) fn text(&self, path: &Utf8Path) -> Option<&SourceText> {
        let text = self.texts.get(path);
        if text.is_none() && !path.as_str().is_empty() {
            self.missed.borrow_mut().insert(path.to_owned());
        }
        text
    }

    /// Returns `true` if `release.toml` says what is written in a file.
    pub(super) fn is_named(&self, path: &Utf8Path) -> bool {
        self.named.iter().any(|named| named.path == path)
    }

    /// Returns a place with the version in the spelling of its file.
    pub(super) fn place(&self, path: &Utf8Path, span: Span, table: &str) -> Found<Place> {
        let not_spelled = |problem| Refusal { problem: Box::new(problem), is_elsewhere: false };
        let spelling = if is_npm(path) { Spelling::Npm } else { Spelling::Pep440 };
        let new = Some(spelled(path, spelling, self.version).map_err(not_spelled)?);
        let old = self.texts.get(path).map(|source| source.as_str()[span.clone()].to_owned()).unwrap_or_default();
        Ok(Place { path: path.to_owned(), span, old, new, table: table.to_owned() })
    }

    /// Returns the place of a TOML string.
    pub(super) fn toml_place(&self, path: &Utf8Path, text: &TomlString, table: &str) -> Found<Place> {
        let span = self.texts.get(path).and_then(|source| text.content_span(source));
        let Some(span) = span.filter(|span| span.len() == text.value.len()) else {
            let message = format!("{path}: `{}` cannot be edited in place", text.value);
            return Err(Refusal::at(message, path, text.span.clone(), "spelled with escapes"));
        };
        self.place(path, span, table)
    }

    /// Returns the places in which a module sets a name, those that it imports it from included; `None` if none of them says a version.
    /// `reader` is the program that takes a build's version from it, if one does.
    pub(super) fn python(&self, path: &Utf8Path, name: &str, reader: Option<&str>) -> Found<Option<Vec<Place>>> {
        self.followed(path, name, reader, 0)
    }

    fn followed(&self, path: &Utf8Path, name: &str, reader: Option<&str>, depth: usize) -> Found<Option<Vec<Place>>> {
        if self.is_named(path) {
            return Ok(Some(Vec::new()));
        }
        let Some(source) = self.text(path) else { return Ok(None) };
        self.set(path, name, &assigned(source.as_str(), name), reader, depth)
    }

    /// Returns the places of what a name was found to be set to.
    pub(super) fn set(
        &self,
        path: &Utf8Path,
        name: &str,
        found: &Assigned,
        reader: Option<&str>,
        depth: usize,
    ) -> Found<Option<Vec<Place>>> {
        if let Some(span) = &found.computed {
            let message = format!("{path} sets `{name}` to a version that is no plain string");
            return Err(Refusal::at(message, path, span.clone(), "cannot be written"));
        }
        if found.literals.len() > 1 {
            let help = "set it once, or name the file in release.toml with the intended pattern: `[[stamp]]`";
            let problem = Problem::new(format!("{path} sets `{name}` more than once"), help);
            let problem =
                found.literals.iter().fold(problem, |problem, span| problem.at(path, span.clone(), "a version"));
            return Err(Refusal { problem: Box::new(problem), is_elsewhere: false });
        }
        let mut places = Vec::new();
        for span in &found.literals {
            places.push(self.place(path, span.clone(), name)?);
        }
        let mut is_answered = !places.is_empty();
        for import in found.imports.iter().filter(|_| depth < DEEPEST) {
            let Some(module) = self.imported(path, import) else { continue };
            match self.followed(&module, &import.name, reader, depth + 1)? {
                Some(others) => {
                    places.extend(others);
                    is_answered = true;
                }
                None if reader.is_some() => return Ok(None),
                None => {}
            }
        }
        Ok(is_answered.then_some(places))
    }

    /// Returns the file of a module that another imports from, if it is one of the repository.
    fn imported(&self, path: &Utf8Path, import: &Import) -> Option<Utf8PathBuf> {
        let mut parts = import.module.split('.').filter(|part| !part.is_empty());
        let folder = path.parent()?;
        let base = match import.level {
            0 => {
                let top = import.module.split('.').next()?;
                let own = folder.ancestors().find(|folder| folder.file_name() == Some(top));
                own.map_or(Some(self.folder), Utf8Path::parent)?
            }
            level => folder.ancestors().nth(level - 1)?,
        };
        let module = parts.by_ref().fold(base.to_owned(), |path, part| path.join(part));
        self.module(&module)
    }

    /// Returns the file of a module, given without an ending.
    pub(super) fn module(&self, module: &Utf8Path) -> Option<Utf8PathBuf> {
        let files = [Utf8PathBuf::from(format!("{module}.py")), module.join("__init__.py")];
        files.into_iter().find(|file| self.is_named(file) || self.text(file).is_some())
    }

    /// Returns the place that the first match of any of these expressions calls `version`.
    pub(super) fn matched(
        &self,
        path: &Utf8Path,
        expressions: impl IntoIterator<Item = Regex>,
        table: &str,
    ) -> Found<Option<Place>> {
        let Some(source) = self.text(path) else { return Ok(None) };
        let found = expressions.into_iter().filter_map(|expression| expression.captures(source.as_str()));
        let first = found.min_by_key(|found| found.get(0).map(|whole| whole.start()));
        let version = first.and_then(|found| found.name("version").map(|version| version.range()));
        version.map(|span| self.place(path, span, table)).transpose()
    }
}

/// Returns a path of a manifest without `.` and `..`, or `None` if it leads out of the repository.
fn normal(path: &str) -> Option<Utf8PathBuf> {
    let mut normal = Utf8PathBuf::new();
    for component in Utf8Path::new(path).components() {
        match component {
            Utf8Component::CurDir => {}
            Utf8Component::Normal(name) => normal.push(name),
            Utf8Component::ParentDir if normal.pop() => {}
            _ => return None,
        }
    }
    Some(normal)
}
