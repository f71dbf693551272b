//! Version specifiers (PEP 440): `>=0.5,!=0.5.1`, with the place of every part.

mod parse;
#[cfg(test)]
mod tests;

use super::Version;
use crate::text::Span;
use std::fmt;
use std::str::FromStr;

/// How a clause compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Operator {
    /// `===`: the text of the version and nothing else.
    Arbitrary,
    /// `~=`: at least this version, and the same but for the last number of its release.
    Compatible,
    /// `==`: this version, or with `.*` the whole series.
    Equal,
    /// `!=`: anything but this version, or with `.*` but the whole series.
    NotEqual,
    /// `<=`
    LessEqual,
    /// `>=`
    GreaterEqual,
    /// `<`, and no pre-release of the version that is named either.
    Less,
    /// `>`, and no post-release of the version that is named either.
    Greater,
}

/// A list of clauses, all of which must hold; the empty list admits every version.
///
/// Two sets are equal when they ask for the same: neither order, repetition, spelling nor place counts.
/// [`Display`](fmt::Display) writes the clauses as packaging does: sorted, without repetition, each version as spelled.
#[derive(Clone, Debug)]
pub struct SpecifierSet {
    /// The clauses in the order of the text.
    pub clauses: Vec<Clause>,
    /// From the first clause's operator to the end of the last clause, in bytes of the text that was parsed.
    pub span: Span,
}

/// An operator and a version. Equality is about the meaning: `==1.0` equals `== 1.0.0`.
#[derive(Clone, Debug)]
pub struct Clause {
    /// How it compares.
    pub operator: Operator,
    /// What it compares with.
    pub operand: Operand,
    /// The version as it is spelled, a `.*` included.
    pub text: String,
    /// The place of the operator.
    pub operator_span: Span,
    /// The place of the version.
    pub version_span: Span,
}

/// What a clause compares with.
#[derive(Clone, Debug)]
pub enum Operand {
    /// One version.
    Version(Version),
    /// Every version of a series: `0.5` of `==0.5.*`.
    Series(Version),
    /// A text, as `===` has it, that need not be a version.
    Text,
}

/// What becomes of pre-releases that the clauses as such admit.
///
/// Implementations disagree on what to do when nothing is said: packaging before 26.0 works like [`Self::IfNamed`],
/// later ones admit a pre-release whenever there is no other version to choose. Hence no default here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Prereleases {
    /// They count like any other version.
    Allow,
    /// They are refused, even where a clause names one.
    Exclude,
    /// They count when a clause names a pre-release itself: `>=0.5.0rc1`, but neither `!=0.5.0rc1` nor `==0.5.*`.
    IfNamed,
}

/// Why a text is not a list of version specifiers.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
#[error("`{text}` is not a version specifier: {problem} at byte {offset}")]
pub struct ParseSpecifierError {
    /// The text as it was given.
    pub text: String,
    /// The byte of the text at which it goes wrong.
    pub offset: usize,
    /// What is wrong there.
    pub problem: &'static str,
}

impl Operator {
    /// Longer operators before their own beginnings.
    const ALL: [Self; 8] = [
        Self::Arbitrary,
        Self::Compatible,
        Self::Equal,
        Self::NotEqual,
        Self::LessEqual,
        Self::GreaterEqual,
        Self::Less,
        Self::Greater,
    ];

    /// The operator as it is written.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Arbitrary => "===",
            Self::Compatible => "~=",
            Self::Equal => "==",
            Self::NotEqual => "!=",
            Self::LessEqual => "<=",
            Self::GreaterEqual => ">=",
            Self::Less => "<",
            Self::Greater => ">",
        }
    }

    /// The operator that the text begins with.
    pub(crate) fn at_start(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|operator| text.starts_with(operator.as_str()))
    }

    /// Whether this operator and the version make a clause: `~=` needs two numbers, and only `==`, `!=` and `===` take a
    /// local label.
    pub fn accepts(self, version: &Version) -> bool {
        match self {
            Self::Arbitrary | Self::Equal | Self::NotEqual => true,
            Self::Compatible => version.local().is_none() && version.release().len() > 1,
            _ => version.local().is_none(),
        }
    }
}

impl SpecifierSet {
    /// Reads clauses divided by commas. As with packaging, clauses may be empty and whitespace may stand around each part.
    ///
    /// # Errors
    /// When a clause does not follow PEP 440.
    pub fn parse(text: &str) -> Result<Self, ParseSpecifierError> {
        Self::parse_within(text, 0..text.len())
    }

    /// Reads the specifiers that are a part of a larger text; the places are those in the larger text.
    pub(crate) fn parse_within(text: &str, part: Span) -> Result<Self, ParseSpecifierError> {
        parse::specifiers(text, part)
    }

    /// Whether the version satisfies every clause and the rule for pre-releases.
    pub fn contains(&self, version: &Version, prereleases: Prereleases) -> bool {
        let refused = version.is_prerelease()
            && match prereleases {
                Prereleases::Allow => false,
                Prereleases::Exclude => true,
                Prereleases::IfNamed => !self.clauses.iter().any(Clause::names_prerelease),
            };
        !refused && self.clauses.iter().all(|clause| clause.admits(version))
    }
}

impl Clause {
    /// The one version that the clause names: not of a series, and of `===` only if it is one.
    pub fn version(&self) -> Option<Version> {
        match &self.operand {
            Operand::Version(version) => Some(version.clone()),
            Operand::Series(_) => None,
            Operand::Text => Version::parse(&self.text).ok(),
        }
    }

    fn names_prerelease(&self) -> bool {
        self.operator != Operator::NotEqual && self.version().is_some_and(|version| version.is_prerelease())
    }

    fn admits(&self, version: &Version) -> bool {
        let bound = match &self.operand {
            Operand::Version(bound) => bound,
            Operand::Series(series) => {
                return version.starts_with(series, series.release().len()) == (self.operator == Operator::Equal);
            }
            Operand::Text => return version.to_string() == self.text.to_lowercase(),
        };
        // A bound without local label stands for the version with any label.
        let is_bound = || version == bound || (bound.local().is_none() && version.same_public(bound));
        match self.operator {
            Operator::Arbitrary | Operator::Equal => is_bound(),
            Operator::NotEqual => !is_bound(),
            Operator::LessEqual => version < bound || is_bound(),
            Operator::GreaterEqual => version >= bound,
            Operator::Compatible => {
                version >= bound && version.starts_with(bound, bound.release().len().saturating_sub(1))
            }
            // What leads up to the bound is not below it: `<1.0` ends where the development of 1.0 begins.
            Operator::Less if bound.is_prerelease() => version < bound,
            Operator::Less => *version < bound.clone().with_dev(0),
            // Nor is what only repairs it above it, unless the bound is such a repair itself.
            Operator::Greater if bound.post().is_some() || bound.is_dev() => version > bound && !is_bound(),
            Operator::Greater => version > bound && !(version.same_release(bound) && version.pre() == bound.pre()),
        }
    }
}

impl PartialEq for Clause {
    fn eq(&self, other: &Self) -> bool {
        self.operator == other.operator
            && match (&self.operand, &other.operand) {
                // The number of numbers matters to `~=`: `~=1.0` and `~=1.0.0` are not the same.
                (Operand::Version(own), Operand::Version(other)) => {
                    own == other
                        && (self.operator != Operator::Compatible || own.release().len() == other.release().len())
                }
                (Operand::Series(_), Operand::Series(_)) | (Operand::Text, Operand::Text) => self.text == other.text,
                _ => false,
            }
    }
}

impl Eq for Clause {}

impl PartialEq for SpecifierSet {
    fn eq(&self, other: &Self) -> bool {
        let within = |one: &Self, other: &Self| one.clauses.iter().all(|clause| other.clauses.contains(clause));
        within(self, other) && within(other, self)
    }
}

impl Eq for SpecifierSet {}

impl FromStr for SpecifierSet {
    type Err = ParseSpecifierError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

impl fmt::Display for Operator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for Clause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.operator, self.text)
    }
}

impl fmt::Display for SpecifierSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut clauses: Vec<(String, &Clause)> =
            self.clauses.iter().map(|clause| (clause.to_string(), clause)).collect();
        clauses.sort_by(|(left, _), (right, _)| left.cmp(right));
        for (index, (text, clause)) in clauses.iter().enumerate() {
            if clauses[..index].iter().any(|(_, earlier)| earlier == clause) {
                continue;
            }
            write!(f, "{}{text}", if index == 0 { "" } else { "," })?;
        }
        Ok(())
    }
}
