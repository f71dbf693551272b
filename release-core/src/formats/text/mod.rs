//! Text, the only edit there is (a span of bytes and its replacement), and how foreign text is shown.

mod edit;
mod nearest;
mod secret;
mod shown;
mod source;
mod words;

pub use edit::{EditError, TextEdit, splice};
pub use nearest::nearest;
pub use secret::user_information;
pub use shown::{is_hidden, is_replaced, numbered, shown, shown_json, shown_lines, shown_markup};
pub use source::{Location, SourceText, Span};
pub use words::{count, quoted};
