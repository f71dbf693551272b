//! Text and the only edit there is: a span of bytes and its replacement.

mod edit;
mod source;
mod words;

pub use edit::{EditError, TextEdit, splice};
pub use source::{Location, SourceText, Span};
pub use words::{count, quoted};
