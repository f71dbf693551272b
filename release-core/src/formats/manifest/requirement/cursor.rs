//! A place in a text that is parsed.

use crate::text::Span;

/// Returns `true` if the character is a space between the parts of a requirement.
pub(super) fn is_blank(character: char) -> bool {
    matches!(character, ' ' | '\t')
}

/// A place in a text.
pub(super) struct Cursor<'a> {
    pub(super) text: &'a str,
    pub(super) at: usize,
}

impl<'a> Cursor<'a> {
    pub(super) fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    pub(super) fn skip_blanks(&mut self) {
        self.run(is_blank);
    }

    pub(super) fn eat(&mut self, wanted: char) -> bool {
        let found = self.rest().starts_with(wanted);
        self.at += if found { wanted.len_utf8() } else { 0 };
        found
    }

    /// Skips the longest run of such characters, and returns its place.
    pub(super) fn run(&mut self, is_part: impl Fn(char) -> bool) -> Span {
        let rest = self.rest();
        let start = self.at;
        self.at += rest.find(|character| !is_part(character)).unwrap_or(rest.len());
        start..self.at
    }

    /// Skips a name, which begins with a letter or digit and ends with one or, as in the reference implementation,
    /// with `_`, and returns its place.
    pub(super) fn name(&mut self) -> Option<Span> {
        let start = self.at;
        if !self.rest().starts_with(|first: char| first.is_ascii_alphanumeric()) {
            return None;
        }
        let run = self.run(|character| character.is_ascii_alphanumeric() || matches!(character, '.' | '_' | '-'));
        let text = self.text[run].trim_end_matches(['.', '-']);
        self.at = start + text.len();
        Some(start..self.at)
    }
}
