//! Parsing of requirements, by the grammar of PEP 508 as the reference implementation reads it.

use super::{Constraint, Name, Requirement, marker};
use crate::text::Span;
use crate::version::{Operator, SpecifierSet, is_space};

/// An error, with the byte at which it is.
pub(super) type Problem = (usize, &'static str);

pub(super) fn requirement(text: &str) -> Result<Requirement, Problem> {
    let mut cursor = Cursor { text, at: 0 };
    cursor.skip_blanks();
    let name = cursor.name().ok_or((cursor.at, "expected the name of a package"))?;
    cursor.skip_blanks();
    let extras = extras(&mut cursor)?;
    cursor.skip_blanks();
    let constraint = if cursor.eat('@') { url(&mut cursor)? } else { specifier(&mut cursor)? };
    cursor.skip_blanks();
    let marker = if cursor.eat(';') { Some(marker::check(&mut cursor)?) } else { None };
    if cursor.at == text.len() {
        return Ok(Requirement { name, extras, constraint, marker });
    }
    Err((
        cursor.at,
        match (&constraint, &marker) {
            (_, Some(_)) => "expected `and`, `or` or the end of the marker",
            (Constraint::Url(_), None) => "expected `;` or the end after the URL",
            (Constraint::Specifier(_), None) => "expected `,`, `;` or the end after the specifier",
            (Constraint::Any, None) => "expected a specifier, `@`, `;` or the end after the name",
        },
    ))
}

fn extras(cursor: &mut Cursor<'_>) -> Result<Vec<Name>, Problem> {
    let mut extras = Vec::new();
    if !cursor.eat('[') {
        return Ok(extras);
    }
    loop {
        cursor.skip_blanks();
        match cursor.name() {
            Some(name) => extras.push(name),
            // Brackets may be empty, but a name must follow a comma.
            None if extras.is_empty() => {}
            None => return Err((cursor.at, "expected the name of an extra")),
        }
        cursor.skip_blanks();
        if cursor.eat(']') {
            return Ok(extras);
        }
        if extras.is_empty() || !cursor.eat(',') {
            return Err((cursor.at, "expected `,` or `]` among the extras"));
        }
    }
}

fn url(cursor: &mut Cursor<'_>) -> Result<Constraint, Problem> {
    cursor.skip_blanks();
    // A semicolon may be part of the URL: only a space ends it.
    let url = cursor.run(|character| !is_blank(character));
    if url.is_empty() { Err((cursor.at, "expected a URL")) } else { Ok(Constraint::Url(url)) }
}

fn specifier(cursor: &mut Cursor<'_>) -> Result<Constraint, Problem> {
    let open = cursor.at;
    let parenthesised = cursor.eat('(');
    cursor.skip_blanks();
    let part = clauses(cursor);
    let specifier = SpecifierSet::parse_within(cursor.text, part).map_err(|error| (error.offset, error.problem))?;
    cursor.skip_blanks();
    if parenthesised && !cursor.eat(')') {
        return Err((open, "this `(` is never closed"));
    }
    Ok(if specifier.clauses.is_empty() { Constraint::Any } else { Constraint::Specifier(specifier) })
}

/// Returns the place of the clauses. [`SpecifierSet`] judges their content, but PEP 508 decides where they end: a
/// comma may follow the last one, none may be empty, and the text after `===` ends at a space and not at a comma.
fn clauses(cursor: &mut Cursor<'_>) -> Span {
    let start = cursor.at;
    let mut end = start;
    while let Some(operator) = Operator::at_start(cursor.rest()) {
        cursor.at += operator.as_str().len();
        cursor.run(is_space);
        cursor.run(|character| match character {
            ';' | ')' => false,
            ',' => operator == Operator::Arbitrary,
            _ => !is_space(character),
        });
        end = cursor.at;
        cursor.skip_blanks();
        if !cursor.eat(',') {
            break;
        }
        cursor.skip_blanks();
    }
    start..end
}

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

    /// Reads a name, which begins with a letter or digit and ends with one or, as in the reference implementation,
    /// with `_`.
    fn name(&mut self) -> Option<Name> {
        let start = self.at;
        if !self.rest().starts_with(|first: char| first.is_ascii_alphanumeric()) {
            return None;
        }
        let run = self.run(|character| character.is_ascii_alphanumeric() || matches!(character, '.' | '_' | '-'));
        let text = self.text[run].trim_end_matches(['.', '-']);
        self.at = start + text.len();
        Some(Name { text: text.to_owned(), span: start..self.at })
    }
}
