//! Text, the only edit there is (a span of bytes and its replacement), and how foreign text is shown.

mod edit;
mod error;
mod nearest;
mod secret;
mod shown;
mod source;
mod words;

pub use edit::{EditError, TextEdit, splice};
pub(crate) use error::Problem;
pub use error::{ParseError, SyntaxError};
pub use nearest::nearest;
pub use secret::user_information;
pub use shown::{is_hidden, is_replaced, numbered, shown, shown_json, shown_lines, shown_markup};
pub(crate) use source::is_clean;
pub use source::{Location, SourceText, Span};
pub use words::{count, quoted};
