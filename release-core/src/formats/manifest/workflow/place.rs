//! The place of a scalar's text: YAML folds lines, drops indentation and knows escapes, so that a text and its bytes in the
//! file are not the same (<https://yaml.org/spec/1.2.2/#chapter-7-flow-style-productions>).

use crate::manifest::yaml::YamlString;
use crate::text::{SourceText, Span};
use saphyr_parser::ScalarStyle;

/// The bytes of the file that each byte of a scalar's text was made of.
#[derive(Clone, Debug, Default)]
pub(super) struct Placed {
    spans: Vec<Span>,
    /// The place of a part without a byte.
    end: usize,
}

impl Placed {
    /// Goes along the text and the file at the same time.
    pub(super) fn of(source: &SourceText, scalar: &YamlString) -> Self {
        let content = scalar.content();
        let raw = source.as_str().get(content.clone()).unwrap_or_default();
        let mut walk =
            Walk { raw, at: 0, start: content.start, spans: Vec::with_capacity(scalar.value.len()), blank: 0 };
        let is_double = scalar.style == ScalarStyle::DoubleQuoted;
        let mut characters = scalar.value.chars();
        while let Some(character) = characters.next() {
            if is_double {
                walk.skip_joined_lines();
                // Lines were folded into one space, or a line end for each empty line.
                let breaks = walk.breaks();
                if breaks > 0 {
                    let before = walk.at;
                    walk.at += walk.space();
                    walk.push(before, character);
                    for character in characters.by_ref().take(breaks.saturating_sub(2)) {
                        walk.push(before, character);
                    }
                    continue;
                }
            }
            match scalar.style {
                ScalarStyle::DoubleQuoted => walk.take_double(character),
                ScalarStyle::SingleQuoted if character == '\'' => walk.take(character, 2),
                _ => walk.take(character, character.len_utf8()),
            }
        }
        Self { spans: walk.spans, end: content.end }
    }

    /// The bytes of a part of the text in the file.
    pub(super) fn span(&self, part: Span) -> Span {
        let start = self.spans.get(part.start).map_or(self.end, |span| span.start);
        let last = part.end.checked_sub(1).filter(|last| *last >= part.start);
        let end = last.map_or(start, |last| self.spans.get(last).map_or(self.end, |span| span.end));
        start..end.max(start)
    }
}

struct Walk<'a> {
    raw: &'a str,
    at: usize,
    start: usize,
    spans: Vec<Span>,
    /// Up to where no line ends in the white space that was looked at.
    blank: usize,
}

impl Walk<'_> {
    fn rest(&self) -> &str {
        self.raw.get(self.at..).unwrap_or_default()
    }

    /// Returns the length of the white space that follows.
    fn space(&self) -> usize {
        self.rest().len() - self.rest().trim_start_matches([' ', '\t', '\r', '\n']).len()
    }

    /// Returns the number of line ends in the white space that follows.
    fn breaks(&mut self) -> usize {
        if self.at < self.blank || !self.rest().starts_with([' ', '\t', '\r', '\n']) {
            return 0;
        }
        let space = self.space();
        let breaks = self.rest()[..space].matches('\n').count();
        if breaks == 0 {
            self.blank = self.at + space;
        }
        breaks
    }

    /// Skips ends of lines behind a backslash, which join what stands before and after.
    fn skip_joined_lines(&mut self) {
        while let Some(rest) = self.rest().strip_prefix('\\')
            && rest.trim_start_matches('\r').starts_with('\n')
        {
            self.at += 1;
            self.at += self.space();
        }
    }

    fn take_double(&mut self, character: char) {
        let length = match self.rest().strip_prefix('\\').map(|rest| rest.as_bytes().first().copied()) {
            None => return self.take(character, character.len_utf8()),
            Some(Some(b'x')) => 4,
            Some(Some(b'u')) => 6,
            Some(Some(b'U')) => 10,
            Some(_) => 2,
        };
        self.advance(character, length);
    }

    /// A character that stands for itself; white space may have become another, or none.
    fn take(&mut self, character: char, length: usize) {
        if !character.is_whitespace() {
            let rest = self.rest();
            self.at += rest.len() - rest.trim_start().len();
        } else if !self.rest().starts_with(character) {
            return self.push(self.at, character);
        }
        self.advance(character, length);
    }

    fn advance(&mut self, character: char, length: usize) {
        let before = self.at;
        let mut end = (self.at + length).min(self.raw.len());
        while !self.raw.is_char_boundary(end) {
            end += 1;
        }
        self.at = end;
        self.push(before, character);
    }

    /// Every byte of a character is made of the bytes since then.
    fn push(&mut self, before: usize, character: char) {
        let span = self.start + before..self.start + self.at;
        self.spans.extend(std::iter::repeat_n(span, character.len_utf8()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::yaml::{Node, parse};

    #[test]
    fn words_are_found_in_the_file_whatever_the_style() {
        for text in [
            "a: x wanted y\n",
            "a: x\n  wanted\n  y\n",
            "a: 'it''s wanted'\n",
            "a: 'x\n\n  ''wanted'' y'\n",
            "a: \"x\\n\\twanted\\\"\"\n",
            "a: \"\\x41\\u00e9\\U0001F600 é wanted\"\n",
            "a: \"x\n\n\n  \\nwanted y\"\r\n",
            "a: \"x \\\n   wan\\\n  ted\"\n",
            "a: |\n  x\n\n    wanted\n",
            "a: |4-\n      x\n    wanted\n",
            "a: >+\n  x\n\n  y\n    z\n  wanted\n\n\n",
            "\u{feff}a: >-\r\n  é\r\n  wanted\r\n",
            "a: |\n\n\n  x\n  wanted # y\n# z\n",
        ] {
            let source = SourceText::new(text);
            let root = parse(&source).unwrap().unwrap();
            let scalar = root.get("a").and_then(Node::scalar).unwrap();
            let at = scalar.value.find("wanted").unwrap();
            let span = Placed::of(&source, scalar).span(at..at + 6);
            let found = text[span].replace("\\\n  ", "");
            assert_eq!(found, "wanted", "{text:?} {scalar:?}");
        }
    }
}
