//! One requirement (PEP 508), such as `client[cli]>=0.5; python_version > "3.11"`, with the place of every part, and the
//! edit that pins it to another version.

mod marker;
mod parse;
#[cfg(test)]
mod tests;

use crate::text::{Span, TextEdit};
use crate::version::{Operator, SpecifierSet, Version, is_space};
use std::fmt::Write;

/// A requirement. All places are bytes of the string that was parsed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Requirement {
    /// The package that is wanted.
    pub name: Name,
    /// The extras in the order of the text.
    pub extras: Vec<Name>,
    /// Which versions will do.
    pub constraint: Constraint,
    /// The place of the environment marker, without the semicolon and the space around it. Its grammar was checked, it
    /// is not evaluated.
    pub marker: Option<Span>,
}

/// The name of a package or extra.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name {
    /// As it is spelled.
    pub text: String,
    /// Where it stands.
    pub span: Span,
}

/// Which versions of a package will do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Constraint {
    /// Every version: nothing was said.
    Any,
    /// Those that satisfy every clause, of which there is at least one.
    Specifier(SpecifierSet),
    /// What is found at the URL that stands there (`name @ url`).
    Url(Span),
}

/// Why a text is not a requirement.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
#[error("`{text}` is not a PEP 508 requirement: {problem} at byte {offset}")]
pub struct RequirementError {
    /// The text as it was given.
    pub text: String,
    /// The byte at which it goes wrong.
    pub offset: usize,
    /// What is wrong there.
    pub problem: &'static str,
}

/// Why a requirement cannot be pinned by editing its specifier.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
pub enum RepinError {
    /// There is no specifier to edit.
    #[error("`{name}` has no version specifier: write one, such as `{name}{operator}{version}`")]
    NoSpecifier {
        /// The package.
        name: String,
        /// The operator that was asked for.
        operator: Operator,
        /// The version that was asked for.
        version: String,
    },
    /// A URL takes the specifier's place.
    #[error("`{name}` is required by URL, which cannot be pinned to {version}")]
    Url {
        /// The package.
        name: String,
        /// The version that was asked for.
        version: String,
    },
    /// The operator does not take such a version.
    #[error("`{operator}{version}` is not a version specifier")]
    NotAClause {
        /// The operator that was asked for.
        operator: Operator,
        /// The version that was asked for.
        version: String,
    },
}

impl Requirement {
    /// Reads a requirement; the verdict is that of the reference implementation.
    ///
    /// # Errors
    /// When the text does not follow PEP 508 or its specifiers do not follow PEP 440.
    pub fn parse(text: &str) -> Result<Self, RequirementError> {
        parse::requirement(text).map_err(|(offset, problem)| RequirementError {
            text: text.to_owned(),
            offset,
            problem,
        })
    }

    /// Whether it says which versions will do, by specifier or by URL.
    pub fn is_constrained(&self) -> bool {
        self.constraint != Constraint::Any
    }

    /// The version specifiers, if there are any.
    pub fn specifier(&self) -> Option<&SpecifierSet> {
        match &self.constraint {
            Constraint::Specifier(specifier) => Some(specifier),
            Constraint::Any | Constraint::Url(_) => None,
        }
    }
}

impl Name {
    /// The name by which the package or extra is known to an index: see [`canonical_name`].
    pub fn canonical(&self) -> String {
        canonical_name(&self.text)
    }
}

/// The normal form of a name (PEP 503): lower case, each run of `-`, `_` and `.` a single `-`.
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

/// The edit that pins `requirement`, which was parsed from `text`, to one operator and version; nothing if it is spelled
/// like that already.
///
/// Only the specifier's bytes change. The space between the operator and the version of the first clause stays, and
/// several clauses become one.
///
/// # Errors
/// When there is no specifier to edit, or the operator does not take such a version.
///
/// # Panics
/// When `requirement` was parsed from another text, whose places this one does not have.
pub fn repin(
    text: &str,
    requirement: &Requirement,
    operator: Operator,
    version: &Version,
) -> Result<Option<TextEdit>, RepinError> {
    respecify(text, requirement, &[(operator, version.clone())])
}

/// As [`repin`], to several clauses, of which there is at least one.
///
/// # Errors
/// As [`repin`].
pub(crate) fn respecify(
    text: &str,
    requirement: &Requirement,
    clauses: &[(Operator, Version)],
) -> Result<Option<TextEdit>, RepinError> {
    if let (Constraint::Any, [(operator, version), ..]) = (&requirement.constraint, clauses) {
        let name = requirement.name.text.clone();
        return Err(RepinError::NoSpecifier { name, operator: *operator, version: version.to_string() });
    }
    let Some(specifier) = editable(requirement, clauses)? else { return Ok(None) };
    let space = specifier.clauses.first().map_or("", |first| &text[first.operator_span.end..first.version_span.start]);
    let mut span = specifier.span.clone();
    // One comma may end a list. Only after `===` may more than that follow, and no other operator would bear it.
    let rest = &text[span.end..];
    let tail = &rest[..rest.find(|character| character != ',' && !is_space(character)).unwrap_or(rest.len())];
    if tail.matches(',').count() > 1 || tail.contains(|character| character != ',' && !parse::is_blank(character)) {
        span.end += tail.len();
    }
    let replacement = written(clauses, space);
    Ok((text[span.clone()] != replacement).then_some(TextEdit { span, replacement }))
}

/// The edit that gives a requirement without specifier these clauses, of which there is at least one.
///
/// # Errors
/// When a URL takes the specifier's place, or an operator does not take its version.
///
/// # Panics
/// As [`repin`].
pub(crate) fn specify(
    text: &str,
    requirement: &Requirement,
    clauses: &[(Operator, Version)],
) -> Result<Option<TextEdit>, RepinError> {
    if editable(requirement, clauses)?.is_some() {
        return respecify(text, requirement, clauses);
    }
    let end = end_of_name(text, requirement);
    // Empty parentheses are where PEP 508 has the specifier, if they are there.
    let open = text[end..].find(|character| !parse::is_blank(character)).map(|blanks| end + blanks);
    let at = open.filter(|open| text[*open..].starts_with('(')).map_or(end, |open| open + 1);
    Ok(Some(TextEdit { span: at..at, replacement: written(clauses, "") }))
}

/// The edit that takes a requirement's specifier away, with the parentheses around it, the comma after it, and the space
/// between it and the name; nothing if it has none.
///
/// # Errors
/// When a URL takes the specifier's place.
///
/// # Panics
/// As [`repin`].
pub(crate) fn unpin(text: &str, requirement: &Requirement) -> Result<Option<TextEdit>, RepinError> {
    let specifier = match &requirement.constraint {
        Constraint::Any => return Ok(None),
        Constraint::Url(_) => return Err(by_url(requirement, "any version")),
        Constraint::Specifier(specifier) => specifier,
    };
    let start = end_of_name(text, requirement);
    let (mut at, mut end) = (specifier.span.end, specifier.span.end);
    for character in text[specifier.span.end..].chars() {
        at += character.len_utf8();
        match character {
            ',' | ')' => end = at,
            blank if is_space(blank) => {}
            _ => break,
        }
    }
    Ok(Some(TextEdit { span: start..end, replacement: String::new() }))
}

/// The specifier; nothing if there is none.
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
        Some((operator, version)) => Err(RepinError::NotAClause { operator: *operator, version: version.to_string() }),
        None => Ok(specifier),
    }
}

fn by_url(requirement: &Requirement, version: &str) -> RepinError {
    RepinError::Url { name: requirement.name.text.clone(), version: version.to_owned() }
}

fn written(clauses: &[(Operator, Version)], space: &str) -> String {
    let mut text = String::new();
    for (index, (operator, version)) in clauses.iter().enumerate() {
        let (comma, space) = if index == 0 { ("", space) } else { (",", "") };
        // Writing to a string cannot fail.
        let _ = write!(text, "{comma}{operator}{space}{version}");
    }
    text
}

/// Where the name and the extras end, brackets included.
fn end_of_name(text: &str, requirement: &Requirement) -> usize {
    let end = requirement.extras.last().map_or(requirement.name.span.end, |extra| extra.span.end);
    let rest = &text[end..];
    let has_brackets = !requirement.extras.is_empty() || rest.trim_start_matches(parse::is_blank).starts_with('[');
    rest.find(']').filter(|_| has_brackets).map_or(end, |close| end + close + 1)
}
