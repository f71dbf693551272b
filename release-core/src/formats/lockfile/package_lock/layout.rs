//! Checks of the layout of a JSON file against npm's. npm always writes the whole file, so edits of single values
//! equal npm's only in a file whose layout npm would not change.
//!
//! `package.json` is written with `JSON.stringify` and keeps its order of keys and its indent; the lockfile takes the
//! indent of `package.json`, and its keys are sorted: values before objects, some keys first, the others in natural
//! order (<https://github.com/isaacs/json-stringify-nice>).

use crate::text::SourceText;
use jsonc_parser::ast::{Object, ObjectProp, Value};
use serde::Serialize;
use serde::ser::Error;
use serde_json::ser::{PrettyFormatter, Serializer};
use std::cmp::Ordering;
use std::collections::HashSet;

/// The keys that come first in every object of a lockfile.
const FIRST: [&str; 8] =
    ["name", "version", "lockfileVersion", "resolved", "integrity", "requires", "packages", "dependencies"];

/// The characters other than digits and letters in names of packages and paths, in the order of the Unicode collation
/// (<https://www.unicode.org/charts/collation/>).
const MARKS: &str = "_-,;:!?.'\"()[]{}@*/\\&#%`^+<=>|~$";

/// The deepest nesting that is compared.
const DEPTH: usize = 100;

/// Returns the indent of a `package.json` as npm finds it, from the first line, or `None` if there is none.
pub(super) fn indent(source: &SourceText) -> Option<&str> {
    let text = source.as_str().strip_prefix('{')?;
    let line = text.strip_prefix("\r\n").or_else(|| text.strip_prefix('\n'))?;
    let indent = &line[..line.len() - line.trim_start_matches([' ', '\t']).len()];
    // JSON.stringify indents by ten characters at most.
    (1..=10).contains(&indent.len()).then_some(indent)
}

/// Returns `true` if the text of a JSON file is the output of `JSON.stringify`, with keys in the order of the file.
pub(super) fn is_stringified(source: &SourceText, root: &Object<'_>, indent: &str) -> bool {
    printed(source, root, indent).is_some_and(|text| text == source.as_str())
}

/// Returns `true` if the text is the output of `JSON.stringify` except for space at the end: npm does not rewrite a
/// file only for that.
pub(super) fn is_stringified_but_for_the_end(source: &SourceText, root: &Object<'_>, indent: &str) -> bool {
    printed(source, root, indent).is_some_and(|text| text.trim_end() == source.as_str().trim_end())
}

/// Returns `true` if the keys of all objects are in npm's order for a lockfile.
pub(super) fn is_sorted(object: &Object<'_>) -> bool {
    let in_order = |pair: &[ObjectProp<'_>]| order(&pair[0], &pair[1]).is_some_and(|order| order == Ordering::Less);
    object.properties.windows(2).all(in_order)
        && object.properties.iter().all(|property| property.value.as_object().is_none_or(is_sorted))
}

/// Returns `true` if the names in a dependency table are in npm's order for `package.json`.
pub(super) fn has_sorted_keys(object: &Object<'_>) -> bool {
    let in_order = |pair: &[ObjectProp<'_>]| {
        collated(pair[0].name.as_str(), pair[1].name.as_str()).is_some_and(|order| order == Ordering::Less)
    };
    object.properties.windows(2).all(in_order)
}

fn order(left: &ObjectProp<'_>, right: &ObjectProp<'_>) -> Option<Ordering> {
    let (one, other) = (left.name.as_str(), right.name.as_str());
    let first = |key: &str| FIRST.iter().position(|first| *first == key).unwrap_or(FIRST.len());
    let rank = |property: &ObjectProp<'_>, key| (property.value.as_object().is_some(), first(key));
    match rank(left, one).cmp(&rank(right, other)) {
        Ordering::Equal => collated(one, other),
        order => Some(order),
    }
}

/// Compares like `localeCompare` with `en`; returns `None` if a text has a character whose order is unknown here.
fn collated(left: &str, right: &str) -> Option<Ordering> {
    let weights = |text: &str| text.chars().map(weight).collect::<Option<Vec<_>>>();
    // Lower case precedes upper case, if nothing else decides.
    let cases = |text: &str| text.chars().map(|character| character.is_ascii_uppercase()).collect::<Vec<_>>();
    Some(weights(left)?.cmp(&weights(right)?).then_with(|| cases(left).cmp(&cases(right))))
}

fn weight(character: char) -> Option<usize> {
    if character.is_ascii_alphanumeric() {
        return Some(0x100 + character.to_ascii_lowercase() as usize);
    }
    MARKS.chars().position(|mark| mark == character)
}

fn printed(source: &SourceText, root: &Object<'_>, indent: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(source.as_str().len());
    let format = PrettyFormatter::with_indent(indent.as_bytes());
    object(root, &mut Serializer::with_formatter(&mut bytes, format), 0).ok()?;
    let text = String::from_utf8(bytes).ok()? + "\n";
    // A line break in a string is an escape.
    Some(if source.line_ending() == "\n" { text } else { text.replace('\n', source.line_ending()) })
}

/// A value that is printed with its keys in the order of the file.
struct Ordered<'a, 'b>(&'b Value<'a>, usize);

impl Serialize for Ordered<'_, '_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(value, depth) = *self;
        match value {
            Value::Object(entries) => object(entries, serializer, depth),
            Value::Array(array) => serializer.collect_seq(array.elements.iter().map(|value| Ordered(value, depth + 1))),
            Value::StringLit(string) => serializer.serialize_str(&string.value),
            // Other numbers may have a shorter spelling.
            Value::NumberLit(number) => serializer.serialize_i32(number.value.parse().map_err(S::Error::custom)?),
            Value::BooleanLit(boolean) => serializer.serialize_bool(boolean.value),
            Value::NullKeyword(_) => serializer.serialize_unit(),
        }
    }
}

fn object<S: serde::Serializer>(object: &Object<'_>, serializer: S, depth: usize) -> Result<S::Ok, S::Error> {
    let mut names = HashSet::with_capacity(object.properties.len());
    // JavaScript moves numeric keys to the front, which this parser does not, and keeps one of several equal keys.
    let is_kept =
        |name: &str| name != "__proto__" && (name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_digit()));
    if depth > DEPTH
        || !object.properties.iter().all(|entry| is_kept(entry.name.as_str()) && names.insert(entry.name.as_str()))
    {
        return Err(S::Error::custom("too deep, or in another order"));
    }
    serializer
        .collect_map(object.properties.iter().map(|entry| (entry.name.as_str(), Ordered(&entry.value, depth + 1))))
}

/// Writes a string as JSON; JavaScript escapes the same characters in the same way.
pub(super) fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_in_the_order_that_node_gives_them() {
        // The order of node 20 with `localeCompare(_, "en")`.
        let sorted = "@a/b @a/bc @ab/c 1 10 2 a a_b a-1 a-b A-b a.b a/b a~b a$b a1 ab b B node_modules/@x/y node_modules/a \
                      node_modules/a-b node_modules/a/node_modules/b";
        let keys: Vec<&str> = sorted.split_whitespace().collect();
        for (index, left) in keys.iter().enumerate() {
            for (other, right) in keys.iter().enumerate() {
                assert_eq!(collated(left, right), Some(index.cmp(&other)), "{left} and {right}");
            }
        }
        assert_eq!(collated("a", "ä"), None);
    }

    #[test]
    fn a_text_is_what_javascript_prints_of_it_or_is_not() {
        for (text, is_printed) in [
            ("{\n  \"b\": [\n    1,\n    true,\n    null\n  ],\n  \"a\": {},\n  \"c\": []\n}\n", true),
            ("{\r\n  \"b\": \"\\u0001\\\\ä\"\r\n}\r\n", true),
            ("{\n  \"b\": \"\\u00e4\"\n}\n", false),
            ("{\n  \"b\": 1.0\n}\n", false),
            ("{\n  \"b\": [1]\n}\n", false),
            ("{\n  \"b\": 1\n}", false),
            ("{\n  \"b\": 1,\n  \"2\": 1\n}\n", false),
            ("{\n  \"b\": 1,\n  \"b\": 1\n}\n", false),
        ] {
            let source = SourceText::new(text);
            let root = crate::manifest::package_json::root(&source).unwrap();
            assert_eq!(is_stringified(&source, &root, "  "), is_printed, "{text}");
        }
    }

    #[test]
    fn the_indent_is_that_of_the_first_line() {
        for (text, found) in
            [("{\n\t\"a\": 1\n}", Some("\t")), ("{\r\n    \"a\"", Some("    ")), ("{}", None), ("{\n}", None)]
        {
            assert_eq!(indent(&SourceText::new(text)), found, "{text}");
        }
    }
}
