//! `requires-python` as uv compares it: the lowest and the highest version that it admits, and no gap between them.

use crate::version::{Operand, Operator, SpecifierSet, Version};
use std::cmp::Ordering;

/// Numbers of a release, without zeros at the end.
type Release = Vec<u64>;

/// The bounds of the Python versions that are supported.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct PythonRange {
    /// The lowest version, and `true` if it is admitted itself.
    lower: Option<(Release, bool)>,
    /// The highest version, and `true` if it is admitted itself.
    upper: Option<(Release, bool)>,
}

impl PythonRange {
    /// Reads specifiers, or returns `None` if they have bounds of which only uv knows.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let set = SpecifierSet::parse(text).ok()?;
        let mut range = Self::default();
        for clause in &set.clauses {
            let (Operand::Version(version) | Operand::Series(version)) = &clause.operand else { return None };
            let release = release(version)?;
            // The next version of the same length as the text, or of one number less.
            let after = |length: usize| {
                let mut next: Release = numbers(version)?.into_iter().take(length).collect();
                *next.last_mut()? += 1;
                Some(significant(next))
            };
            let length = version.release().len();
            match (clause.operator, &clause.operand) {
                (Operator::GreaterEqual, _) => range.at_least((release, true)),
                (Operator::Greater, _) => range.at_least((release, false)),
                (Operator::LessEqual, _) => range.at_most((release, true)),
                (Operator::Less, _) => range.at_most((release, false)),
                (Operator::Equal, Operand::Series(_)) => {
                    range.at_least((release, true));
                    range.at_most((after(length)?, false));
                }
                (Operator::Equal, _) => {
                    range.at_least((release.clone(), true));
                    range.at_most((release, true));
                }
                (Operator::Compatible, _) => {
                    range.at_least((release, true));
                    range.at_most((after(length.checked_sub(1)?)?, false));
                }
                (Operator::NotEqual | Operator::Arbitrary, _) => {}
            }
        }
        let is_gap = |bound: &Option<(Release, bool)>| {
            let Some((bound, true)) = bound else { return false };
            let excluded = |at: &Version| release(at).is_some_and(|at| bound.starts_with(&at) || at == *bound);
            set.clauses
                .iter()
                .filter(|clause| clause.operator == Operator::NotEqual)
                .any(|clause| matches!(&clause.operand, Operand::Version(at) | Operand::Series(at) if excluded(at)))
        };
        // A gap that touches a bound moves it.
        (!is_gap(&range.lower) && !is_gap(&range.upper)).then_some(range)
    }

    /// Narrows the range to versions that another one has too.
    pub(super) fn narrow(&mut self, other: &Self) {
        other.lower.iter().for_each(|bound| self.at_least(bound.clone()));
        other.upper.iter().for_each(|bound| self.at_most(bound.clone()));
    }

    fn at_least(&mut self, bound: (Release, bool)) {
        let is_higher = |known: &(Release, bool)| (&bound.0, !bound.1) > (&known.0, !known.1);
        if self.lower.as_ref().is_none_or(is_higher) {
            self.lower = Some(bound);
        }
    }

    fn at_most(&mut self, bound: (Release, bool)) {
        let is_lower = |known: &(Release, bool)| (&bound.0, bound.1) < (&known.0, known.1);
        if self.upper.as_ref().is_none_or(is_lower) {
            self.upper = Some(bound);
        }
    }

    /// Returns `true` if it has a version.
    pub(super) fn has(&self, version: [u64; 3]) -> bool {
        let version = significant(version.to_vec());
        let is_above = |(bound, itself): &(Release, bool)| match version.cmp(bound) {
            Ordering::Greater => true,
            Ordering::Equal => *itself,
            Ordering::Less => false,
        };
        let is_below = |(bound, itself): &(Release, bool)| match version.cmp(bound) {
            Ordering::Less => true,
            Ordering::Equal => *itself,
            Ordering::Greater => false,
        };
        self.lower.as_ref().is_none_or(is_above) && self.upper.as_ref().is_none_or(is_below)
    }

    /// Returns the versions around the bounds.
    pub(super) fn corners(&self) -> Vec<[u64; 3]> {
        self.lower.iter().chain(&self.upper).flat_map(|(release, _)| around(release)).collect()
    }
}

/// Returns the versions at which conditions on a version change: itself, and those next to it.
pub(super) fn around(release: &[u64]) -> Vec<[u64; 3]> {
    // As Python has no patch of that number, it stands for all that come after the ones that are named.
    const LATE: u64 = 999;
    let at = |index: usize| release.get(index).copied().unwrap_or(0);
    let (major, minor, patch) = (at(0), at(1), at(2));
    let mut all = vec![
        [major, minor, patch],
        [major, minor, patch + 1],
        [major, minor, 0],
        [major, minor, LATE],
        [major, minor + 1, 0],
        [major, minor + 1, LATE],
        [major + 1, 0, 0],
    ];
    all.extend(patch.checked_sub(1).map(|patch| [major, minor, patch]));
    all.extend(minor.checked_sub(1).map(|minor| [major, minor, LATE]));
    all.extend(major.checked_sub(1).map(|major| [major, LATE, 0]));
    all
}

/// Returns the numbers of a final version, or `None` if it has no place among those of Python.
pub(super) fn numbers(version: &Version) -> Option<Release> {
    let is_plain = *version.epoch() == 0 && version.local().is_none() && version.post().is_none();
    version.release().iter().map(|number| number.to_string().parse().ok()).collect::<Option<_>>().filter(|_| is_plain)
}

fn release(version: &Version) -> Option<Release> {
    numbers(version).map(significant)
}

fn significant(mut numbers: Release) -> Release {
    while numbers.last() == Some(&0) {
        numbers.pop();
    }
    numbers
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requires_python_is_the_same_if_its_bounds_are() {
        for (one, other, expected) in [
            (">=3.11", ">=3.11.0,!=3.12.1", Some(true)),
            (">=3.11", ">=3.11rc1", Some(true)),
            (">=3.11", ">3.10", Some(false)),
            (">=3.11", ">=3.11,>=3.10", Some(true)),
            (">=3.11", ">=3.11,<4", Some(false)),
            (">=3.11,<4", "~=3.11", Some(true)),
            ("==3.11.*", ">=3.11,<3.12", Some(true)),
            (">=3.11,<=3.13", ">=3.11,<3.13.1", Some(false)),
            (">3.11", ">=3.11.1", Some(false)),
            (">=3.11,!=3.11", ">=3.11", None),
            (">=3.11,!=3.11.*", ">=3.12", None),
            (">=3.11,==3.12", ">=3.12,<=3.12", Some(true)),
            ("===3.12", "==3.12", None),
        ] {
            let same = PythonRange::parse(one).zip(PythonRange::parse(other)).map(|(one, other)| one == other);
            assert_eq!(same, expected, "{one} {other}");
        }
    }

    #[test]
    fn the_range_of_several_packages_is_what_all_of_them_support() {
        let mut range = PythonRange::parse(">=3.10").unwrap();
        range.narrow(&PythonRange::parse(">=3.11,<4").unwrap());
        assert_eq!(range, PythonRange::parse(">=3.11,<4").unwrap());
        for (version, expected) in [([3, 10, 9], false), ([3, 11, 0], true), ([3, 99, 0], true), ([4, 0, 0], false)] {
            assert_eq!(range.has(version), expected, "{version:?}");
        }
    }
}
