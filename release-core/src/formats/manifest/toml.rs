//! TOML with places: the decoded text of a string can be traced back to the bytes of the file.

mod depth;

use crate::text::{SourceText, Span, SyntaxError};
use std::collections::BTreeSet;
use std::ops::Range;
use toml_edit::{Document, Item, TableLike, Value};

/// A decoded string value of a TOML document, or a text without quotes from another file, with its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TomlString {
    /// The text, escapes resolved.
    pub value: String,
    /// The literal in the file, quotes included.
    pub span: Span,
}

impl TomlString {
    /// Returns a part of a text that has no quotes, and where a backslash before a line break joins two lines; `None` if
    /// the part cuts a character.
    pub(super) fn plain(source: &SourceText, span: Span) -> Option<Self> {
        let literal = source.as_str().get(span.clone())?;
        let places = decoded_places(literal)?;
        let ends = places.iter().skip(1).map(|(decoded, _)| *decoded);
        let spelled = places.iter().zip(ends).filter_map(|((start, raw), end)| literal.get(*raw..raw + end - start));
        Some(Self { value: spelled.collect(), span })
    }

    /// Returns the bytes of the file that spell `part` of the decoded value, or `None` if the part cuts a character.
    ///
    /// An escape belongs to the character it spells, so that a replacement never leaves half of one behind.
    pub fn source_span(&self, source: &SourceText, part: Range<usize>) -> Option<Span> {
        let literal = source.as_str().get(self.span.clone())?;
        let places = decoded_places(literal)?;
        let at = |offset: usize| {
            let index = places.binary_search_by_key(&offset, |(decoded, _)| *decoded).ok()?;
            Some(places[index].1 + self.span.start)
        };
        Some(at(part.start)?..at(part.end)?)
    }

    /// Returns the bytes between the quotes.
    pub fn content_span(&self, source: &SourceText) -> Option<Span> {
        self.source_span(source, 0..self.value.len())
    }
}

/// Returns the start of every character, and the end, in the decoded text and in the literal, or `None` for an empty text and an open
/// string. (TOML 1.1, "String": <https://toml.io/en/v1.1.0#string>.)
fn decoded_places(literal: &str) -> Option<Vec<(usize, usize)>> {
    let quote = literal.chars().next()?;
    let is_plain = !matches!(quote, '"' | '\'');
    let multi_line =
        !is_plain && literal.len() >= 6 && literal[1..].starts_with([quote]) && literal[2..].starts_with([quote]);
    let width = match multi_line {
        _ if is_plain => 0,
        true => 3,
        false => 1,
    };
    let end = literal.len().checked_sub(width)?;
    let mut raw = width;
    if multi_line {
        // A line break right after the opening quotes is not part of the string.
        raw +=
            ["\r\n", "\n"].iter().find(|ending| literal[raw..].starts_with(**ending)).map_or(0, |ending| ending.len());
    }
    let mut places = Vec::with_capacity(literal.len());
    let mut decoded = 0;
    while raw < end {
        let rest = &literal[raw..end];
        let is_joint = is_plain && (rest.starts_with("\\\n") || rest.starts_with("\\\r\n"));
        let (read, spelled) = if is_joint || (quote == '"' && rest.starts_with('\\')) {
            escape(rest)?
        } else {
            let width = rest.chars().next()?.len_utf8();
            (width, width)
        };
        if spelled > 0 {
            places.push((decoded, raw));
        }
        raw += read;
        decoded += spelled;
    }
    places.push((decoded, end));
    Some(places)
}

/// Returns the length of the escape at the start of `rest`, and of its decoded text (0 for a line continuation).
fn escape(rest: &str) -> Option<(usize, usize)> {
    let digits = match rest.as_bytes().get(1)? {
        b'x' => 2,
        b'u' => 4,
        b'U' => 8,
        b' ' | b'\t' | b'\r' | b'\n' => {
            let after = rest[1..].trim_start_matches([' ', '\t', '\r', '\n']);
            return Some((rest.len() - after.len(), 0));
        }
        _ => return Some((2, 1)),
    };
    let code = u32::from_str_radix(rest.get(2..2 + digits)?, 16).ok()?;
    Some((2 + digits, char::from_u32(code)?.len_utf8()))
}

/// Parses a document for its spans; everything that reads TOML reads it here.
///
/// # Errors
/// The first error of the parser, or that the document is nested too deeply to be followed down.
pub fn parse(source: &SourceText) -> Result<Document<&str>, SyntaxError> {
    if let Some(span) = depth::too_deep(source.as_str()) {
        return Err(SyntaxError::new(format!("nested more than {} deep", depth::DEEPEST), span));
    }
    Document::parse(source.as_str()).map_err(|error| {
        SyntaxError::new(error.message().lines().next().unwrap_or("not TOML"), error.span().unwrap_or(0..0))
    })
}

/// Returns the end of the line with the last value of a table (or with its header, if it has no value): after the
/// line break, or at the end of the file.
pub(super) fn end_of_values(source: &SourceText, item: &Item) -> usize {
    let header = item.span().map_or(0, |span| span.end);
    let values = item.as_table_like().into_iter().flat_map(|table| table.iter()).filter(|(_, item)| item.is_value());
    let end = values.filter_map(|(_, item)| item.span()).map(|span| span.end).fold(header, usize::max);
    source.as_str()[end..].find('\n').map_or(source.as_str().len(), |at| end + at + 1)
}

/// Returns a string value and its place.
pub(crate) fn string(item: &Item) -> Option<TomlString> {
    string_value(item.as_value()?)
}

/// Returns a string value and its place.
pub(crate) fn string_value(value: &Value) -> Option<TomlString> {
    let Value::String(text) = value else { return None };
    Some(TomlString { value: text.value().clone(), span: text.span()? })
}

/// Returns the table at a path of keys, in any notation: headers, dotted keys or inline.
pub(crate) fn table<'a>(root: &'a dyn TableLike, path: &[&str]) -> Option<&'a dyn TableLike> {
    path.iter().try_fold(root, |table, key| table.get(key)?.as_table_like())
}

/// Returns the strings of an array, including places; values of other types are left out.
pub(crate) fn strings(item: &Item) -> Vec<TomlString> {
    item.as_array().into_iter().flatten().filter_map(string_value).collect()
}

/// Returns the tables of a list in any notation, or the single table if there is no list.
pub(crate) fn entries(item: Option<&Item>) -> Vec<&dyn TableLike> {
    let Some(item) = item else { return Vec::new() };
    if let Some(tables) = item.as_array_of_tables() {
        return tables.iter().map(|table| table as &dyn TableLike).collect();
    }
    if let Some(array) = item.as_array() {
        return array.iter().filter_map(|value| Some(value.as_inline_table()? as &dyn TableLike)).collect();
    }
    item.as_table_like().into_iter().collect()
}

/// Returns every scalar of a document with its path: the content of the document, independent of its notation.
pub(crate) fn scalars(document: &Document<&str>) -> BTreeSet<(String, String)> {
    let mut found = BTreeSet::new();
    scalars_of(&mut found, "", document.as_item());
    found
}

fn scalars_of(found: &mut BTreeSet<(String, String)>, path: &str, item: &Item) {
    let below = |key: &str| if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
    if let Some(table) = item.as_table_like() {
        table.iter().for_each(|(key, item)| scalars_of(found, &below(key), item));
    } else if let Some(tables) = item.as_array_of_tables() {
        for (index, table) in tables.iter().enumerate() {
            table.iter().for_each(|(key, item)| scalars_of(found, &below(&format!("{index}.{key}")), item));
        }
    } else if let Some(array) = item.as_array() {
        for (index, value) in array.iter().enumerate() {
            scalars_of(found, &below(&index.to_string()), &Item::Value(value.clone()));
        }
    } else if let Some(value) = item.as_value() {
        let text = match value {
            Value::String(text) => format!("{:?}", text.value()),
            Value::Integer(number) => number.value().to_string(),
            Value::Float(number) => number.value().to_string(),
            Value::Boolean(flag) => flag.value().to_string(),
            Value::Datetime(time) => time.value().to_string(),
            Value::Array(_) | Value::InlineTable(_) => return,
        };
        found.insert((path.to_owned(), text));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(text: &str) -> (SourceText, TomlString) {
        let source = SourceText::new(text);
        let value = string(parse(&source).unwrap().get("a").unwrap()).unwrap();
        (source, value)
    }

    #[test]
    fn a_part_of_a_string_is_found_behind_escapes_quotes_and_line_breaks() {
        for text in [
            r#"a = "ab==1.0""#,
            r#"a = 'ab==1.0'"#,
            r#"a = "\u0061b==1.0 ; x == \"y\"""#,
            "a = \"\"\"\nab==1.0\n\"\"\"",
            "a = \"\"\"\r\n\\\r\n   ab\\\r\n  ==1.0\"\"\"",
            "a = '''\nab==1.0'''",
            "\u{feff}a = \"\\U00000061b==1.0\" # ä",
        ] {
            let (source, value) = read(text);
            let at = value.value.find("1.0").unwrap();
            let span = value.source_span(&source, at..at + 3).unwrap();
            assert_eq!(&source.as_str()[span], "1.0", "{text}");
        }
    }

    #[test]
    fn the_content_of_a_string_is_what_stands_between_its_quotes() {
        for (text, content) in [("a = 'x'", "x"), ("a = \"\"", ""), ("a = \"\"\"\"\"\"", ""), ("a = '''x'y'''", "x'y")]
        {
            let (source, value) = read(text);
            assert_eq!(&source.as_str()[value.content_span(&source).unwrap()], content, "{text}");
        }
    }

    proptest! {
        #[test]
        fn every_character_of_a_decoded_string_has_a_place_that_decodes_to_it(parts in prop::collection::vec(
            prop_oneof!["[a-z=.0-9 ä€]", Just("\\n".to_owned()), Just("\\\"".to_owned()), Just("\\u00e4".to_owned()), Just("\\x41".to_owned())], 0..20)
        ) {
            let (source, value) = read(&format!("a = \"{}\"", parts.concat()));
            for (at, character) in value.value.char_indices() {
                let span = value.source_span(&source, at..at + character.len_utf8()).unwrap();
                let again = read(&format!("a = \"{}\"", &source.as_str()[span])).1.value;
                prop_assert_eq!(again, character.to_string());
            }
        }
    }
}
