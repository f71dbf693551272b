//! The words of a line: names, and versions.

use crate::text::Span;

pub(super) fn is_part(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, '-' | '_' | '.')
}

pub(super) fn is_blank(character: char) -> bool {
    matches!(character, ' ' | '\t')
}

/// Returns the places of words that may be names.
pub(super) fn words(line: &str) -> impl Iterator<Item = Span> + '_ {
    let mut at = 0;
    std::iter::from_fn(move || {
        let start = at + line[at..].find(|character: char| character.is_ascii_alphanumeric())?;
        let end = line[start..].find(|character| !is_part(character)).map_or(line.len(), |length| start + length);
        at = end;
        Some(start..end)
    })
}

/// Returns the version at the start of a text.
pub(super) fn run(text: &str) -> &str {
    let is_version = |character: char| is_part(character) || matches!(character, '+' | '!' | '*');
    let version = &text[..text.find(|character| !is_version(character)).unwrap_or(text.len())];
    version.trim_end_matches('.')
}
