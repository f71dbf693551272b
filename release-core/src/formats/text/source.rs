//! A file's text, and where in it a byte is.

use std::ops::Range;
use std::sync::{Arc, OnceLock};

/// Byte offsets into a [`SourceText`], from the start of the file (a byte order mark counts).
pub type Span = Range<usize>;

/// The mark of UTF-8 that may stand at the start of a file; editors show no column for it.
const BYTE_ORDER_MARK: char = '\u{feff}';

/// A text file as it is on disk: nothing is normalised. Clones share the text.
#[derive(Clone, Debug)]
pub struct SourceText {
    text: Arc<str>,
    /// The starts of the lines, once a place was asked for: a file may have thousands of findings.
    lines: Arc<OnceLock<Vec<usize>>>,
}

impl PartialEq for SourceText {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for SourceText {}

/// A place in a file as editors show it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Location {
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
}

impl SourceText {
    /// Takes the text as it is.
    pub fn new(text: impl Into<Arc<str>>) -> Self {
        Self { text: text.into(), lines: Arc::default() }
    }

    /// Reads bytes as UTF-8.
    ///
    /// # Errors
    /// The offset of the first byte that is not UTF-8.
    pub fn from_bytes(bytes: Vec<u8>) -> Result<Self, usize> {
        String::from_utf8(bytes).map(Self::new).map_err(|error| error.utf8_error().valid_up_to())
    }

    /// The whole text, byte order mark included.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The line ending that the text uses, by its first line; `\n` where there is none.
    pub fn line_ending(&self) -> &'static str {
        match self.text.find('\n') {
            Some(at) if self.text.as_bytes().get(at.wrapping_sub(1)) == Some(&b'\r') => "\r\n",
            _ => "\n",
        }
    }

    /// Line and column of a byte offset. An offset past the end is the place after the last character, one within a
    /// character is that character's place.
    pub fn location(&self, offset: usize) -> Location {
        let mut offset = offset.min(self.text.len());
        while !self.text.is_char_boundary(offset) {
            offset -= 1;
        }
        let lines = self
            .lines
            .get_or_init(|| std::iter::once(0).chain(self.text.match_indices('\n').map(|(at, _)| at + 1)).collect());
        let line = lines.partition_point(|start| *start <= offset);
        let start = lines.get(line.saturating_sub(1)).copied().unwrap_or_default();
        let before = &self.text[start..offset];
        Location { line, column: before.trim_start_matches(BYTE_ORDER_MARK).chars().count() + 1 }
    }
}

/// Returns `true` if a text has no backslashes and no control characters but line breaks. All of it is looked at once, so that
/// its strings need not be looked at byte by byte: a loop of these few steps is fast in an unoptimized build too.
pub(crate) fn is_clean(text: &str) -> bool {
    let (bytes, mut at, mut is_clean) = (text.as_bytes(), 0, true);
    while at < bytes.len() {
        is_clean &= !matches!(bytes[at], 0..=0x09 | 0x0b..=0x1f | b'\\' | 0x7f);
        at += 1;
    }
    is_clean
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn locations_count_characters_and_lines_from_one() {
        let source = SourceText::new("\u{feff}a = 1\r\nä = \"ö\"\n");
        let place = |needle: &str| source.location(source.as_str().find(needle).unwrap());
        assert_eq!(place("a"), Location { line: 1, column: 1 });
        assert_eq!(place("= \"ö"), Location { line: 2, column: 3 });
        assert_eq!(place("ö"), Location { line: 2, column: 6 });
        assert_eq!(source.location(usize::MAX), Location { line: 3, column: 1 });
    }

    #[test]
    fn the_line_ending_is_that_of_the_first_line() {
        for (text, ending) in [("a\r\nb\n", "\r\n"), ("a\nb\r\n", "\n"), ("a", "\n"), ("\n", "\n")] {
            assert_eq!(SourceText::new(text).line_ending(), ending, "{text:?}");
        }
    }

    #[test]
    fn bytes_that_are_not_utf8_are_refused_with_their_offset() {
        assert_eq!(SourceText::from_bytes(b"ab\xffc".to_vec()), Err(2));
    }
}
