//! One requirement (PEP 508), such as `client[cli]>=0.5; python_version > "3.11"`, with the place of every part, and the
//! edit that pins it to another version.

mod marker;
mod parse;
#[cfg(test)]
mod tests;

use crate::text::{Span, TextEdit};
use crate::version::{Operator, SpecifierSet, Version, is_space};

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
    let name = || requirement.name.text.clone();
    let specifier = match &requirement.constraint {
        Constraint::Specifier(specifier) => specifier,
        Constraint::Any => {
            return Err(RepinError::NoSpecifier { name: name(), operator, version: version.to_string() });
        }
        Constraint::Url(_) => return Err(RepinError::Url { name: name(), version: version.to_string() }),
    };
    if !operator.accepts(version) {
        return Err(RepinError::NotAClause { operator, version: version.to_string() });
    }
    let space = specifier.clauses.first().map_or("", |first| &text[first.operator_span.end..first.version_span.start]);
    let mut span = specifier.span.clone();
    // One comma may end a list. Only after `===` may more than that follow, and no other operator would bear it.
    let rest = &text[span.end..];
    let tail = &rest[..rest.find(|character| character != ',' && !is_space(character)).unwrap_or(rest.len())];
    if tail.matches(',').count() > 1 || tail.contains(|character| character != ',' && !parse::is_blank(character)) {
        span.end += tail.len();
    }
    let replacement = format!("{operator}{space}{version}");
    Ok((text[span.clone()] != replacement).then_some(TextEdit { span, replacement }))
}
