//! Comparators: an operator and a version, of which alternatives are made.

use semver::Version;
use std::cmp::Ordering;
use std::fmt;

/// The largest number that a version may have: the largest that a double holds exactly.
pub(in crate::formats::version) const MAX_NUMBER: u64 = (1 << 53) - 1;
/// The longest text of a version, in characters.
pub(super) const MAX_LENGTH: usize = 256;

/// Comparators that must all hold; an empty list admits every version.
pub(super) type Alternative = Vec<Comparator>;

/// An operator and a version.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Comparator {
    pub(super) operator: Operator,
    pub(super) version: Version,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Operator {
    Equal,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
}

impl Comparator {
    pub(super) fn admits(&self, version: &Version) -> bool {
        let order = version.cmp_precedence(&self.version);
        match self.operator {
            Operator::Equal => order == Ordering::Equal,
            Operator::Less => order == Ordering::Less,
            Operator::LessEqual => order != Ordering::Greater,
            Operator::Greater => order == Ordering::Greater,
            Operator::GreaterEqual => order != Ordering::Less,
        }
    }

    pub(super) fn names_prerelease_of(&self, version: &Version) -> bool {
        let numbers = |version: &Version| (version.major, version.minor, version.patch);
        !self.version.pre.is_empty() && numbers(&self.version) == numbers(version)
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

pub(super) fn has_safe_numbers(version: &Version) -> bool {
    [version.major, version.minor, version.patch].into_iter().all(|number| number <= MAX_NUMBER)
}
