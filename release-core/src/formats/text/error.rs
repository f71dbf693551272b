//! The errors of readers: what is wrong, and where.

use super::source::Span;

/// A text that is not what it is read as.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
#[error("`{text}` is not {kind}: {problem} at byte {offset}")]
pub struct ParseError {
    /// The text as given.
    pub text: String,
    /// The kind of text that was expected, with its article.
    pub kind: &'static str,
    /// The byte of the text at which the error is.
    pub offset: usize,
    /// The error at that byte.
    pub problem: &'static str,
}

/// A file that is not of its format, or not of a shape that is read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct SyntaxError {
    /// The error, with the way to fix it if that is known.
    pub message: String,
    /// The bytes of the error.
    pub span: Span,
}

/// An error within a text, with the byte at which it is.
pub(crate) type Problem = (usize, &'static str);

impl ParseError {
    pub(crate) fn new(text: &str, kind: &'static str, (offset, problem): Problem) -> Self {
        Self { text: text.to_owned(), kind, offset, problem }
    }
}

impl SyntaxError {
    pub(crate) fn new(message: impl Into<String>, span: Span) -> Self {
        Self { message: message.into(), span }
    }
}
