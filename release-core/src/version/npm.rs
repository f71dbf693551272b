//! npm's versions and version ranges, as node-semver 7 reads them: `^0.4.4`, `>=1.2 <2 || 3.x`, `1.2 - 2.3`.
//!
//! Sources: npm's documentation,
//! <https://github.com/npm/cli/blob/latest/docs/lib/content/configuring-npm/package-json.md#dependencies>, and
//! node-semver's README, <https://github.com/npm/node-semver#ranges>. Reading is always strict; npm itself also
//! accepts "loose" spellings such as `1.2.3beta`, which no tool writes. The numbers of a pre-release are compared
//! exactly, while node rounds those above 2^53.

mod expand;
mod parse;
mod spec;
#[cfg(test)]
mod tests;

use super::Line;
use semver::Version;
use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

pub use spec::Spec;

/// The largest number that a version may have: the largest that a double holds exactly.
pub(super) const MAX_NUMBER: u64 = (1 << 53) - 1;
/// The longest text of a version, in characters.
const MAX_LENGTH: usize = 256;

/// A range of versions: alternatives, of each of which every comparator must hold.
///
/// Two ranges are equal if they have the same normal form, which [`Display`](fmt::Display) writes and node-semver
/// calls the valid range: `^0.4.4` is `>=0.4.4 <0.5.0-0`.
#[derive(Clone, Debug)]
pub struct Range {
    alternatives: Vec<Alternative>,
    /// The alternatives for the reading in which pre-releases are ordinary versions: its bounds begin at them.
    with_prereleases: Vec<Alternative>,
    series: Option<Line>,
}

/// Comparators that must all hold; an empty list admits every version.
type Alternative = Vec<Comparator>;

/// An operator and a version.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Comparator {
    operator: Operator,
    version: Version,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Operator {
    Equal,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
}

/// The reason for which a text is not a range of versions.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
#[error("`{text}` is not an npm version range: {problem} at byte {offset}")]
pub struct ParseRangeError {
    /// The text as given.
    pub text: String,
    /// The byte of the text at which the error is.
    pub offset: usize,
    /// The error at that byte.
    pub problem: &'static str,
}

/// Reads one version like npm: surrounding space and one leading `v` are ignored, no number is above 2^53 - 1, and
/// the text is no longer than 256 characters. Returns `None` if the text is not a version.
pub fn read_version(text: &str) -> Option<Version> {
    if text.encode_utf16().count() > MAX_LENGTH {
        return None;
    }
    let text = text.trim_matches(parse::is_space);
    let version = Version::parse(text.strip_prefix('v').unwrap_or(text)).ok()?;
    has_safe_numbers(&version).then_some(version)
}

fn has_safe_numbers(version: &Version) -> bool {
    [version.major, version.minor, version.patch].into_iter().all(|number| number <= MAX_NUMBER)
}

impl Range {
    /// Reads a range, with the verdict of node-semver.
    ///
    /// # Errors
    /// If the text is not a range, with the first byte that does not fit.
    pub fn parse(text: &str) -> Result<Self, ParseRangeError> {
        let error = |(offset, problem)| ParseRangeError { text: text.to_owned(), offset, problem };
        let alternatives = parse::alternatives(text).map_err(error)?;
        Ok(Self {
            with_prereleases: expand::with_prereleases(&alternatives),
            series: expand::series(&alternatives),
            alternatives: expand::plain(&alternatives).map_err(error)?,
        })
    }

    /// Returns `true` if the version is in the range. A pre-release is in it only if one of the comparators that
    /// admit it names a pre-release of the same three numbers: `>=0.4.0-rc.1` contains 0.4.0-rc.2, but not
    /// 0.5.0-rc.1.
    pub fn contains(&self, version: &Version) -> bool {
        self.alternatives.iter().any(|alternative| {
            alternative.iter().all(|comparator| comparator.admits(version))
                && (version.pre.is_empty()
                    || alternative.iter().any(|comparator| comparator.names_prerelease_of(version)))
        })
    }

    /// Returns `true` if the version is in the range when pre-releases count like any other version
    /// (`includePrerelease`).
    pub fn contains_with_prereleases(&self, version: &Version) -> bool {
        self.with_prereleases.iter().any(|alternative| alternative.iter().all(|comparator| comparator.admits(version)))
    }

    /// Returns the series X.Y of a simple range: the numbers of its one version, exact or after `^`, `~` or `=`
    /// (`^0.4.4`, `0.4.x`). Returns `None` for bounds, several comparators, or a version without a second number.
    pub fn series(&self) -> Option<Line> {
        self.series
    }
}

impl Comparator {
    fn admits(&self, version: &Version) -> bool {
        let order = version.cmp_precedence(&self.version);
        match self.operator {
            Operator::Equal => order == Ordering::Equal,
            Operator::Less => order == Ordering::Less,
            Operator::LessEqual => order != Ordering::Greater,
            Operator::Greater => order == Ordering::Greater,
            Operator::GreaterEqual => order != Ordering::Less,
        }
    }

    fn names_prerelease_of(&self, version: &Version) -> bool {
        let numbers = |version: &Version| (version.major, version.minor, version.patch);
        !self.version.pre.is_empty() && numbers(&self.version) == numbers(version)
    }
}

impl PartialEq for Range {
    fn eq(&self, other: &Self) -> bool {
        self.alternatives == other.alternatives
    }
}

impl Eq for Range {}

impl FromStr for Range {
    type Err = ParseRangeError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

impl fmt::Display for Range {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // An empty alternative is always the only one.
        if self.alternatives.iter().all(Vec::is_empty) {
            return f.write_str("*");
        }
        for (index, alternative) in self.alternatives.iter().enumerate() {
            f.write_str(if index == 0 { "" } else { "||" })?;
            for (index, comparator) in alternative.iter().enumerate() {
                write!(f, "{}{comparator}", if index == 0 { "" } else { " " })?;
            }
        }
        Ok(())
    }
}

impl fmt::Display for Comparator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let operator = match self.operator {
            Operator::Equal => "",
            Operator::Less => "<",
            Operator::LessEqual => "<=",
            Operator::Greater => ">",
            Operator::GreaterEqual => ">=",
        };
        write!(f, "{operator}{}", self.version)
    }
}
