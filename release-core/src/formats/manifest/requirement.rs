//! One requirement (PEP 508), such as `client[cli]>=0.5; python_version > "3.11"`, with the place of every part, and the
//! edit that pins it to another version.

mod cursor;
mod marker;
mod parse;
#[cfg(test)]
mod tests;

use crate::text::{ParseError, Span, TextEdit};
use crate::version::{Operator, SpecifierSet, Version, is_space};
use cursor::is_blank;

/// A requirement. All places are bytes of the string that was parsed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Requirement {
    /// The required package.
    pub name: Name,
    /// The extras in the order of the text.
    pub extras: Vec<Name>,
    /// The versions that meet the requirement.
    pub constraint: Constraint,
    /// The place of the environment marker, without the semicolon and the surrounding space. Its grammar is checked,
    /// but it is not evaluated.
    pub marker: Option<Span>,
}

/// The name of a package or extra.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name {
    /// The name as spelled.
    pub text: String,
    /// Its place.
    pub span: Span,
}

/// The versions of a package that meet a requirement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Constraint {
    /// Every version: there is no specifier.
    Any,
    /// The versions that satisfy every clause, of which there is at least one.
    Specifier(SpecifierSet),
    /// The package at the URL that stands there (`name @ url`).
    Url(Span),
}

/// The reason for which a requirement cannot be pinned by editing its specifier, with the way out if there is one.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
#[error("{0}")]
pub struct RepinError(String);

impl RepinError {
    /// Creates the error of an operator that does not accept a version.
    pub(crate) fn not_a_clause(operator: Operator, version: &Version) -> Self {
        Self(format!("`{operator}{version}` is not a version specifier"))
    }
}

impl Requirement {
    /// Reads a requirement, with the verdict of the reference implementation.
    ///
    /// # Errors
    /// If the text does not follow PEP 508, or its specifiers do not follow PEP 440.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        parse::requirement(text).map_err(|problem| ParseError::new(text, "a PEP 508 requirement", problem))
    }

    /// Returns `true` if a specifier or a URL limits the versions.
    pub fn is_constrained(&self) -> bool {
        self.constraint != Constraint::Any
    }

    /// Returns the version specifiers, if there are any.
    pub fn specifier(&self) -> Option<&SpecifierSet> {
        match &self.constraint {
            Constraint::Specifier(specifier) => Some(specifier),
            Constraint::Any | Constraint::Url(_) => None,
        }
    }
}

impl Name {
    /// Returns the name by which an index knows the package or extra: see [`canonical_name`].
    pub fn canonical(&self) -> String {
        canonical_name(&self.text)
    }
}

/// Returns the normal form of a name (PEP 503): lower case, each run of `-`, `_` and `.` a single `-`.
pub fn canonical_name(name: &str) -> String {
    let mut canonical = String::with_capacity(name.len());
    for character in name.chars() {
        match character {
            '-' | '_' | '.' if canonical.ends_with('-') => {}
            '-' | '_' | '.' => canonical.push('-'),
            _ => canonical.push(character.to_ascii_lowercase()),
        }
    }
    canonical
}

/// Returns the edit that gives `requirement`, which was parsed from `text`, these clauses, of which there is at least one; `None`
/// if it is already spelled like that.
///
/// Only the specifier's bytes change. The space between the operator and the version of the first clause stays, and
/// several clauses are replaced together.
///
/// # Errors
/// If there is no specifier to edit, or an operator does not accept its version.
///
/// # Panics
/// If `requirement` was parsed from another text, which has other places.
pub fn respecify(
    text: &str,
    requirement: &Requirement,
    clauses: &[(Operator, Version)],
) -> Result<Option<TextEdit>, RepinError> {
    let name = &requirement.name.text;
    if let (Constraint::Any, [(operator, version), ..]) = (&requirement.constraint, clauses) {
        let clause = format!("{name}{operator}{version}");
        return Err(RepinError(format!("`{name}` has no version specifier: write one, such as `{clause}`")));
    }
    let Some(specifier) = editable(requirement, clauses)? else { return Ok(None) };
    let space = specifier.clauses.first().map_or("", |first| &text[first.operator_span.end..first.version_span.start]);
    let mut span = specifier.span.clone();
    // One comma may end a list. More text may follow only after `===`, and no other operator would accept it.
    let rest = &text[span.end..];
    let tail = &rest[..rest.find(|character| character != ',' && !is_space(character)).unwrap_or(rest.len())];
    if tail.matches(',').count() > 1 || tail.contains(|character| character != ',' && !is_blank(character)) {
        span.end += tail.len();
    }
    let replacement = written(clauses, space);
    Ok((text[span.clone()] != replacement).then_some(TextEdit { span, replacement }))
}

/// Returns the edit that gives a requirement without specifier these clauses, of which there is at least one.
///
/// # Errors
/// If a URL stands in place of the specifier, or an operator does not accept its version.
///
/// # Panics
/// The panics of [`respecify`].
pub(crate) fn specify(
    text: &str,
    requirement: &Requirement,
    clauses: &[(Operator, Version)],
) -> Result<Option<TextEdit>, RepinError> {
    if editable(requirement, clauses)?.is_some() {
        return respecify(text, requirement, clauses);
    }
    let end = end_of_name(text, requirement);
    // If there are empty parentheses, PEP 508 has the specifier in them.
    let open = text[end..].find(|character| !is_blank(character)).map(|blanks| end + blanks);
    let at = open.filter(|open| text[*open..].starts_with('(')).map_or(end, |open| open + 1);
    Ok(Some(TextEdit { span: at..at, replacement: written(clauses, "") }))
}

/// Returns the edit that removes a requirement's specifier, with its parentheses, the comma after it, and the space
/// between it and the name; `None` if it has no specifier.
///
/// # Errors
/// If a URL stands in place of the specifier.
///
/// # Panics
/// The panics of [`respecify`].
pub(crate) fn unpin(text: &str, requirement: &Requirement) -> Result<Option<TextEdit>, RepinError> {
    let specifier = match &requirement.constraint {
        Constraint::Any => return Ok(None),
        Constraint::Url(_) => return Err(by_url(requirement, "any version")),
        Constraint::Specifier(specifier) => specifier,
    };
    let start = end_of_name(text, requirement);
    let rest = &text[specifier.span.end..];
    let tail = rest.find(|character| !matches!(character, ',' | ')') && !is_space(character)).unwrap_or(rest.len());
    let end = specifier.span.end + rest[..tail].trim_end_matches(is_space).len();
    Ok(Some(TextEdit { span: start..end, replacement: String::new() }))
}

/// Returns the specifier, or `None` if there is none.
fn editable<'a>(
    requirement: &'a Requirement,
    clauses: &[(Operator, Version)],
) -> Result<Option<&'a SpecifierSet>, RepinError> {
    let first = clauses.first().map(|(_, version)| version.to_string()).unwrap_or_default();
    let specifier = match &requirement.constraint {
        Constraint::Specifier(specifier) => Some(specifier),
        Constraint::Any => None,
        Constraint::Url(_) => return Err(by_url(requirement, &first)),
    };
    match clauses.iter().find(|(operator, version)| !operator.accepts(version)) {
        Some((operator, version)) => Err(RepinError::not_a_clause(*operator, version)),
        None => Ok(specifier),
    }
}

fn by_url(requirement: &Requirement, version: &str) -> RepinError {
    RepinError(format!("`{}` is required by URL, which cannot be pinned to {version}", requirement.name.text))
}

fn written(clauses: &[(Operator, Version)], space: &str) -> String {
    let mut space = Some(space);
    let clause = |(operator, version): &(_, _)| format!("{operator}{}{version}", space.take().unwrap_or_default());
    clauses.iter().map(clause).collect::<Vec<_>>().join(",")
}

/// Returns the end of the name and the extras, including brackets.
fn end_of_name(text: &str, requirement: &Requirement) -> usize {
    let end = requirement.extras.last().map_or(requirement.name.span.end, |extra| extra.span.end);
    let rest = &text[end..];
    let has_brackets = !requirement.extras.is_empty() || rest.trim_start_matches(is_blank).starts_with('[');
    rest.find(']').filter(|_| has_brackets).map_or(end, |close| end + close + 1)
}
