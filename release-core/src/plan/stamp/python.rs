//! The version in a Python file.

use crate::text::Span;

/// The assignments of `__version__` in a Python file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum VersionLine {
    /// There is none, or it is not a plain string.
    None,
    /// One plain string: the place of its content, without quotes.
    Literal(Span),
    /// More than one plain string.
    Several(Vec<Span>),
}

/// The name of a package's version (from PEP 396, and still in use).
const NAME: &str = "__version__";

/// Finds `__version__ = "..."` at the beginning of a line, also with an annotation, outside of strings of several lines.
pub fn version_line(text: &str) -> VersionLine {
    let mut found = Vec::new();
    let mut start = 0;
    let mut open: Option<&str> = None;
    for line in text.split_inclusive('\n') {
        if open.is_none()
            && let Some(span) = literal(line)
        {
            found.push(start + span.start..start + span.end);
        }
        open = after(line, open);
        start += line.len();
    }
    match found.len() {
        0 => VersionLine::None,
        1 => VersionLine::Literal(found.remove(0)),
        _ => VersionLine::Several(found),
    }
}

/// Returns the content of the string that a line assigns.
fn literal(line: &str) -> Option<Span> {
    let rest = line.strip_prefix(NAME)?;
    let equals = rest.find('=')?;
    let annotation = rest[..equals].trim();
    if !(annotation.is_empty() || annotation.starts_with(':')) || rest[equals + 1..].starts_with('=') {
        return None;
    }
    let value = rest[equals + 1..].trim_start_matches([' ', '\t']);
    let quote = value.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
    let content = &value[1..];
    let end = content.find(quote)?;
    let after = content[end + 1..].trim();
    let is_plain = !content[..end].contains('\\') && (after.is_empty() || after.starts_with('#'));
    if end == 0 || !is_plain {
        return None;
    }
    let start = line.len() - value.len() + 1;
    Some(start..start + end)
}

/// Returns the quotes of a string that is still open after a line, as far as triple quotes show; comments and short
/// strings are skipped.
fn after<'a>(line: &'a str, open: Option<&'a str>) -> Option<&'static str> {
    let mut open = open.map(|quotes| if quotes == "\"\"\"" { "\"\"\"" } else { "'''" });
    let mut rest = line;
    loop {
        match open {
            Some(quotes) => match rest.find(quotes) {
                Some(at) => {
                    rest = &rest[at + 3..];
                    open = None;
                }
                None => return open,
            },
            None => {
                let at = rest.find(['"', '\'', '#'])?;
                rest = &rest[at..];
                if rest.starts_with('#') {
                    return None;
                }
                if let Some(quotes) = ["\"\"\"", "'''"].into_iter().find(|quotes| rest.starts_with(quotes)) {
                    open = Some(quotes);
                    rest = &rest[3..];
                } else {
                    // A short string ends on its line.
                    let quote = rest.chars().next()?;
                    let inner = &rest[1..];
                    rest = &inner[end_of(inner, quote)?..];
                }
            }
        }
    }
}

/// Returns the position after the quote that ends a short string.
fn end_of(inner: &str, quote: char) -> Option<usize> {
    let mut is_escaped = false;
    for (at, character) in inner.char_indices() {
        match character {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            _ if character == quote => return Some(at + 1),
            _ => {}
        }
    }
    None
}
