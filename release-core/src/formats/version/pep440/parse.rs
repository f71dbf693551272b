//! Parsing of versions, by the grammar of PEP 440's appendix B.

use super::{Number, PreKind, Release, Version};
use crate::text::ParseError;

/// The words of pre-releases; a longer word precedes its own prefixes.
const PRE: [(&str, PreKind); 8] = [
    ("alpha", PreKind::Alpha),
    ("a", PreKind::Alpha),
    ("beta", PreKind::Beta),
    ("b", PreKind::Beta),
    ("preview", PreKind::Candidate),
    ("pre", PreKind::Candidate),
    ("c", PreKind::Candidate),
    ("rc", PreKind::Candidate),
];
const POST: [(&str, ()); 3] = [("post", ()), ("rev", ()), ("r", ())];
const DEV: [(&str, ()); 1] = [("dev", ())];

/// Returns `true` if the character is whitespace in the reference implementation: Unicode's, and four separators of
/// ASCII.
pub(crate) fn is_space(character: char) -> bool {
    character.is_whitespace() || ('\x1c'..='\x1f').contains(&character)
}

pub(super) fn version(text: &str) -> Result<Version, ParseError> {
    let body = text.trim_end_matches(is_space);
    let start = body.len() - body.trim_start_matches(is_space).len();
    let mut parser = Parser { text: body, at: start };
    parser
        .version()
        .and_then(|version| if parser.at == body.len() { Ok(version) } else { Err("unexpected text") })
        .map_err(|problem| ParseError::new(text, "a PEP 440 version", (parser.at, problem)))
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
}

impl Parser<'_> {
    fn version(&mut self) -> Result<Version, &'static str> {
        self.eat(b"vV");
        let mut epoch = Number::default();
        let mut first = self.expect_number()?;
        if self.eat(b"!") {
            epoch = first;
            first = self.expect_number()?;
        }
        let mut release = Release::new(first);
        // A dot may also begin a suffix.
        while self.peek(0) == Some(b'.') && self.peek(1).is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
            release.push(self.expect_number()?);
        }
        let mut version = Version { epoch, ..Version::from_release(release) };
        // Most versions end here.
        if self.at < self.text.len() {
            version.pre = self.suffix(&PRE);
            version.post = self.post();
            version.dev = self.suffix(&DEV).map(|((), number)| number);
            version.local = self.local()?;
        }
        Ok(version)
    }

    fn post(&mut self) -> Option<Number> {
        if self.peek(0) == Some(b'-') && self.peek(1).is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
            return self.number();
        }
        self.suffix(&POST).map(|((), number)| number)
    }

    /// Reads a word, perhaps a separator on either side, and a number, which is 0 if it is left out.
    fn suffix<T: Copy>(&mut self, words: &[(&str, T)]) -> Option<(T, Number)> {
        let start = self.at;
        self.eat(b".-_");
        let Some(kind) = self.word(words) else {
            self.at = start;
            return None;
        };
        self.eat(b".-_");
        Some((kind, self.number().unwrap_or_default()))
    }

    fn word<T: Copy>(&mut self, words: &[(&str, T)]) -> Option<T> {
        let rest = &self.text.as_bytes()[self.at..];
        let (word, kind) = words
            .iter()
            .find(|(word, _)| rest.get(..word.len()).is_some_and(|head| head.eq_ignore_ascii_case(word.as_bytes())))?;
        self.at += word.len();
        Some(*kind)
    }

    fn local(&mut self) -> Result<Option<Box<str>>, &'static str> {
        if !self.eat(b"+") {
            return Ok(None);
        }
        let mut local = String::new();
        loop {
            let part = self.run(|byte| byte.is_ascii_alphanumeric());
            if part.is_empty() {
                return Err("expected a letter or digit of the local label");
            }
            if part.bytes().all(|byte| byte.is_ascii_digit()) {
                local += &Number::from_digits(part).to_string();
            } else {
                local += &part.to_ascii_lowercase();
            }
            if !self.eat(b".-_") {
                return Ok(Some(local.into_boxed_str()));
            }
            local.push('.');
        }
    }

    fn expect_number(&mut self) -> Result<Number, &'static str> {
        self.number().ok_or("expected a number")
    }

    fn number(&mut self) -> Option<Number> {
        let digits = self.run(|byte| byte.is_ascii_digit());
        (!digits.is_empty()).then(|| Number::from_digits(digits))
    }

    /// Reads the longest run of such bytes, all of them ASCII.
    fn run(&mut self, is_part: impl Fn(u8) -> bool) -> &str {
        let start = self.at;
        while self.peek(0).is_some_and(&is_part) {
            self.at += 1;
        }
        &self.text[start..self.at]
    }

    fn eat(&mut self, any_of: &[u8]) -> bool {
        let found = self.peek(0).is_some_and(|byte| any_of.contains(&byte));
        self.at += usize::from(found);
        found
    }

    fn peek(&self, ahead: usize) -> Option<u8> {
        self.text.as_bytes().get(self.at + ahead).copied()
    }
}
