//! Edits that mend a finding.

use camino::{Utf8Path, Utf8PathBuf};
use release_core::text::TextEdit;

/// The care that a fix needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Applicability {
    /// It says what was meant; `--fix` makes it.
    Safe,
    /// It may change what is released; `--unsafe-fixes` makes it.
    Unsafe,
}

/// Edits, in one file or several, that belong together: all are made, or none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// The care that it needs.
    pub applicability: Applicability,
    /// The edits, by file.
    pub edits: Vec<(Utf8PathBuf, TextEdit)>,
}

impl Fix {
    /// A fix of one edit.
    pub fn new(applicability: Applicability, path: &Utf8Path, edit: TextEdit) -> Self {
        Self { applicability, edits: vec![(path.to_owned(), edit)] }
    }

    /// The same, with one more edit.
    #[must_use]
    pub fn and(mut self, path: &Utf8Path, edit: TextEdit) -> Self {
        self.edits.push((path.to_owned(), edit));
        self
    }

    /// Tells if an edit of this fix wants bytes that an edit of the other wants too.
    pub fn conflicts_with(&self, other: &Self) -> bool {
        self.edits.iter().any(|(path, edit)| {
            other.edits.iter().any(|(other_path, other_edit)| {
                let (left, right) = (&edit.span, &other_edit.span);
                path == other_path && (left == right || (left.start < right.end && right.start < left.end))
            })
        })
    }
}
