//! Edits that mend a finding.

use camino::{Utf8Path, Utf8PathBuf};
use release_core::text::{SourceText, Span, TextEdit};

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

/// Returns the lines of a span, with their line breaks.
pub(crate) fn whole_lines(source: &SourceText, span: &Span) -> Span {
    let text = source.as_str();
    let start = text[..span.start].rfind('\n').map_or(0, |at| at + 1);
    start..text[span.end..].find('\n').map_or(text.len(), |at| span.end + at + 1)
}

impl Fix {
    /// A fix of one edit.
    pub fn new(applicability: Applicability, path: &Utf8Path, edit: TextEdit) -> Self {
        Self { applicability, edits: vec![(path.to_owned(), edit)] }
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
