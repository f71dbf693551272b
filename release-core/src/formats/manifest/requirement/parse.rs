//! Parsing of requirements, by the grammar of PEP 508 as the reference implementation reads it.

use super::cursor::{Cursor, is_blank};
use super::{Constraint, Name, Requirement, marker};
use crate::text::{Problem, Span};
use crate::version::{Operator, SpecifierSet, is_space};

pub(super) fn requirement(text: &str) -> Result<Requirement, Problem> {
    let mut cursor = Cursor { text, at: 0 };
    cursor.skip_blanks();
    let name = name(&mut cursor).ok_or((cursor.at, "expected the name of a package"))?;
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

fn name(cursor: &mut Cursor<'_>) -> Option<Name> {
    let span = cursor.name()?;
    Some(Name { text: cursor.text[span.clone()].to_owned(), span })
}

fn extras(cursor: &mut Cursor<'_>) -> Result<Vec<Name>, Problem> {
    let mut extras = Vec::new();
    if !cursor.eat('[') {
        return Ok(extras);
    }
    loop {
        cursor.skip_blanks();
        match name(cursor) {
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
