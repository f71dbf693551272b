//! Version specifiers (PEP 440): `>=0.5,!=0.5.1`, with the place of every part.

mod parse;
#[cfg(test)]
mod tests;

use super::pep440::Version;
use crate::text::{ParseError, Span};
use std::fmt;

/// The comparison of a clause. The order is the one in which uv writes clauses of one version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Operator {
    /// `==`: this version, or with `.*` the whole series.
    Equal,
    /// `===`: exactly the text of the version.
    Arbitrary,
    /// `!=`: any other version, or with `.*` any outside the series.
    NotEqual,
    /// `~=`: at least this version, and the same except for the last number of its release.
    Compatible,
    /// `<`, which excludes pre-releases of the named version too.
    Less,
    /// `<=`
    LessEqual,
    /// `>`, which excludes post-releases of the named version too.
    Greater,
    /// `>=`
    GreaterEqual,
}

/// A list of clauses, all of which must hold; the empty list admits every version.
///
/// Two sets are equal if they mean the same: order, repetition, spelling and place are ignored.
/// [`Display`](fmt::Display) writes the clauses like packaging: sorted, without repetition, each version as spelled.
#[derive(Clone, Debug)]
pub struct SpecifierSet {
    /// The clauses in the order of the text.
    pub clauses: Vec<Clause>,
    /// The bytes of the parsed text from the first clause's operator to the end of the last clause.
    pub span: Span,
}

/// An operator and a version. Equality compares the meaning: `==1.0` equals `== 1.0.0`.
#[derive(Clone, Debug)]
pub struct Clause {
    /// The comparison.
    pub operator: Operator,
    /// The right-hand side of the comparison.
    pub operand: Operand,
    /// The version as spelled, including `.*`.
    pub text: String,
    /// The place of the operator.
    pub operator_span: Span,
    /// The place of the version.
    pub version_span: Span,
}

/// The right-hand side of a clause's comparison.
#[derive(Clone, Debug)]
pub enum Operand {
    /// One version.
    Version(Version),
    /// Every version of a series: `0.5` of `==0.5.*`.
    Series(Version),
    /// A text after `===`, which need not be a version.
    Text,
}

impl Operator {
    /// All operators; a longer operator precedes its own prefixes.
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

    /// Returns the operator as written.
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

    /// Returns the operator that the text begins with.
    pub(crate) fn at_start(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|operator| text.starts_with(operator.as_str()))
    }

    /// Returns `true` if this operator and the version make a clause: `~=` needs two numbers, and only `==`, `!=` and
    /// `===` take a local label.
    pub fn accepts(self, version: &Version) -> bool {
        match self {
            Self::Arbitrary | Self::Equal | Self::NotEqual => true,
            Self::Compatible => version.local().is_none() && version.release().len() > 1,
            _ => version.local().is_none(),
        }
    }
}

impl SpecifierSet {
    /// Reads clauses divided by commas. As in packaging, clauses may be empty and whitespace may surround each part.
    ///
    /// # Errors
    /// If a clause does not follow PEP 440.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        Self::parse_within(text, 0..text.len())
    }

    /// Reads specifiers that are part of a larger text; the places are those in the larger text.
    pub(crate) fn parse_within(text: &str, part: Span) -> Result<Self, ParseError> {
        parse::specifiers(text, part)
    }

    /// Returns `true` if the version satisfies every clause; a pre-release counts like any other version.
    pub fn contains(&self, version: &Version) -> bool {
        self.clauses.iter().all(|clause| clause.admits(version))
    }

    /// Returns `true` if a clause names a pre-release: `>=0.5.0rc1`, but neither `!=0.5.0rc1` nor `==0.5.*`.
    ///
    /// Implementations disagree on what installers take without being asked: packaging before 26.0 refuses pre-releases where no
    /// clause names one, later versions admit one if there is no other version to choose.
    pub fn names_prerelease(&self) -> bool {
        let names = |clause: &Clause| clause.version().is_some_and(|version| version.is_prerelease());
        self.clauses.iter().any(|clause| clause.operator != Operator::NotEqual && names(clause))
    }
}

impl Clause {
    /// Returns the one version that the clause names, or `None` for a series, and for `===` with a text that is not a
    /// version.
    pub fn version(&self) -> Option<Version> {
        match &self.operand {
            Operand::Version(version) => Some(version.clone()),
            Operand::Series(_) => None,
            Operand::Text => Version::parse(&self.text).ok(),
        }
    }

    fn admits(&self, version: &Version) -> bool {
        let bound = match &self.operand {
            Operand::Version(bound) => bound,
            Operand::Series(series) => {
                return version.starts_with(series, series.release().len()) == (self.operator == Operator::Equal);
            }
            Operand::Text => return version.to_string() == self.text.to_lowercase(),
        };
        // A bound without a local label means the version with any label.
        let is_bound = || version == bound || (bound.local().is_none() && version.same_public(bound));
        match self.operator {
            Operator::Arbitrary | Operator::Equal => is_bound(),
            Operator::NotEqual => !is_bound(),
            Operator::LessEqual => version < bound || is_bound(),
            Operator::GreaterEqual => version >= bound,
            Operator::Compatible => {
                version >= bound && version.starts_with(bound, bound.release().len().saturating_sub(1))
            }
            // Versions that lead up to the bound are not below it: `<1.0` ends at the first development version of
            // 1.0.
            Operator::Less if bound.is_prerelease() => version < bound,
            Operator::Less => *version < bound.clone().with_dev(0),
            // Post-releases of the bound are not above it, unless the bound is a post-release itself.
            Operator::Greater if bound.post().is_some() || bound.is_dev() => version > bound && !is_bound(),
            Operator::Greater => version > bound && !(version.same_release(bound) && version.pre() == bound.pre()),
        }
    }
}

impl PartialEq for Clause {
    fn eq(&self, other: &Self) -> bool {
        self.operator == other.operator
            && match (&self.operand, &other.operand) {
                // The count of numbers matters to `~=`: `~=1.0` and `~=1.0.0` differ.
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
