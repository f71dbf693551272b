//! A problem that blocks a release: described once here, drawn by each output format.

use crate::text::Span;
use camino::{Utf8Path, Utf8PathBuf};
use serde::Serialize;

/// The help for a file whose syntax is wrong.
pub(crate) const CORRECT_SYNTAX: &str = "correct the syntax and run the command again";

/// One problem, its places, and the way to solve it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// The problem, lower case, with the file and the values.
    pub message: String,
    /// The places in files, the main one first; empty if the problem is about a branch, a tag or the command line.
    pub labels: Vec<Label>,
    /// The way to solve it.
    pub help: String,
}

/// A place in a file, with a text about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Label {
    /// The file, relative to the repository's root.
    pub path: Utf8PathBuf,
    /// The bytes of the place.
    pub span: Span,
    /// The text shown beside the bytes.
    pub text: String,
}

impl Problem {
    /// Creates a problem without a place in a file.
    pub fn new(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { message: message.into(), labels: Vec::new(), help: help.into() }
    }

    /// Creates the problem of a file that cannot be parsed.
    pub fn unparsed(path: &Utf8Path, defect: &str, help: &str, (span, message): (Span, String)) -> Self {
        Self::new(format!("{path} {defect}"), help).at(path, span, message)
    }

    /// Adds a place.
    #[must_use]
    pub fn at(mut self, path: impl Into<Utf8PathBuf>, span: Span, text: impl Into<String>) -> Self {
        self.labels.push(Label { path: path.into(), span, text: text.into() });
        self
    }
}
