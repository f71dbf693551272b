//! Places of a version, and the two spellings that it has.

use crate::monorepo::Spelling;
use crate::problem::Problem;
use crate::text::{SourceText, Span};
use crate::version::Version;
use crate::version::mapping::to_npm;
use camino::{Utf8Path, Utf8PathBuf};
use std::collections::BTreeMap;

/// The texts of a client repository that may carry its version, by path.
pub type Texts = BTreeMap<Utf8PathBuf, SourceText>;

/// A version that a build is given by a variable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dynamic {
    /// The distribution.
    pub distribution: String,
    /// The program that reads the variable.
    pub from: String,
    /// The name of the variable.
    pub variable: String,
}

/// A place, with the spelling of the version there.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) path: Utf8PathBuf,
    pub(super) span: Span,
    pub(super) old: String,
    /// The text after, or `None` for a version that is another package's and kept.
    pub(super) new: Option<String>,
    /// The name of its surroundings in the file.
    pub(super) table: String,
}

/// Places, each once, by file and first byte.
#[derive(Debug, Default)]
pub(super) struct Places(BTreeMap<(Utf8PathBuf, usize), Place>);

impl Places {
    /// Adds places, but those that share bytes with a known one: a build may read less than a whole string.
    pub(super) fn add(&mut self, found: impl IntoIterator<Item = Place>) {
        for place in found {
            let file = (place.path.clone(), 0)..(place.path.clone(), place.span.end);
            let before = self.0.range(file).next_back();
            if before.is_none_or(|(_, other)| other.span.end <= place.span.start) {
                self.0.insert((place.path.clone(), place.span.start), place);
            }
        }
    }

    /// Returns `true` if a place begins where this one does.
    pub(super) fn has(&self, place: &Place) -> bool {
        self.0.contains_key(&(place.path.clone(), place.span.start))
    }

    /// Returns the places, by file and first byte.
    pub(super) fn into_values(self) -> impl Iterator<Item = Place> {
        self.0.into_values()
    }

    /// Returns the places, by file and first byte.
    pub(super) fn values(&self) -> impl Iterator<Item = &Place> {
        self.0.values()
    }
}

impl Place {
    /// Returns the version that stands there, if it is one.
    pub(super) fn version(&self) -> Option<Version> {
        Version::parse(&self.old).ok()
    }

    /// Returns the place as one that keeps its text.
    pub(super) fn kept(self) -> Self {
        Self { new: None, ..self }
    }
}

/// The version of a Python build.
#[derive(Debug, Default)]
pub(super) struct Built {
    /// The places that it is read from.
    pub(super) places: Vec<Place>,
    /// The variable that it is read from.
    pub(super) dynamic: Option<Dynamic>,
}

impl Built {
    pub(super) fn by_variable(name: Option<&str>, from: &str, variable: String) -> Self {
        let dynamic =
            Dynamic { distribution: name.unwrap_or("the package").to_owned(), from: from.to_owned(), variable };
        Self { dynamic: Some(dynamic), ..Self::default() }
    }
}

impl From<Place> for Built {
    fn from(place: Place) -> Self {
        vec![place].into()
    }
}

impl From<Vec<Place>> for Built {
    fn from(places: Vec<Place>) -> Self {
        Self { places, dynamic: None }
    }
}

/// Returns the version in a spelling.
pub(super) fn spelled(path: &Utf8Path, spelling: Spelling, version: &Version) -> Result<String, Problem> {
    match spelling {
        Spelling::Pep440 => Ok(version.to_string()),
        Spelling::Npm => to_npm(version).map(|version| version.to_string()).map_err(|error| {
            Problem::new(format!("{path}: {error}"), "give a version that both PEP 440 and npm can spell")
        }),
    }
}

/// Returns `true` if versions in a file with this name are spelled and ordered as npm's are; cargo's are too.
pub(super) fn is_npm(path: &Utf8Path) -> bool {
    path.file_name().is_some_and(|name| name.starts_with("Cargo.")) || Spelling::of_file(path) == Spelling::Npm
}

impl Spelling {
    /// Returns the spelling of the ecosystem of a file with this name.
    pub fn of_file(path: &Utf8Path) -> Self {
        match path.extension() {
            Some("json" | "js" | "mjs" | "cjs" | "jsx" | "ts" | "mts" | "cts" | "tsx") => Self::Npm,
            _ => Self::Pep440,
        }
    }
}
