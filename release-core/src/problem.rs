//! What stands in the way of a release: said once here, drawn by whoever shows it.

use crate::text::Span;
use camino::Utf8PathBuf;
use serde::Serialize;

/// One thing that is wrong, where it stands, and the way out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// What is wrong, lower case, with the file and the values.
    pub message: String,
    /// The places it is about, the main one first; none when it is about a branch, a tag or the command line.
    pub labels: Vec<Label>,
    /// What to do about it.
    pub help: String,
}

/// A place in a file, and what to say about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Label {
    /// The file, relative to the repository's root.
    pub path: Utf8PathBuf,
    /// The bytes meant.
    pub span: Span,
    /// What is said beside them.
    pub text: String,
}

impl Problem {
    /// A problem without a place in a file.
    pub fn new(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { message: message.into(), labels: Vec::new(), help: help.into() }
    }

    /// The same, with a place.
    #[must_use]
    pub fn at(mut self, path: impl Into<Utf8PathBuf>, span: Span, text: impl Into<String>) -> Self {
        self.labels.push(Label { path: path.into(), span, text: text.into() });
        self
    }
}
