//! Expansion of terms to comparators: the meaning of `^`, `~`, `x` and ` - `.

use super::comparator::{Alternative, Comparator, MAX_LENGTH, Operator, has_safe_numbers};
use super::parse::{Partial, Problem, Term};
use crate::version::release::Line;
use semver::{Prerelease, Version};
use std::collections::HashSet;

/// Returns the comparators of every alternative, in node-semver's normal form.
pub(super) fn plain(alternatives: &[Vec<Term>]) -> Result<Vec<Alternative>, Problem> {
    let mut expanded = Vec::with_capacity(alternatives.len());
    for terms in alternatives {
        expanded.push(alternative(terms)?);
    }
    Ok(simplified(expanded))
}

/// Returns the comparators for the reading in which pre-releases are ordinary versions: bounds without a pre-release
/// begin with the lowest one.
pub(super) fn with_prereleases(alternatives: &[Vec<Term>]) -> Vec<Alternative> {
    let lowest = lowest();
    alternatives.iter().map(|terms| terms.iter().flat_map(|term| comparators(term, &lowest)).collect()).collect()
}

/// Returns the first two numbers of the only version, unless it is a bound.
pub(super) fn series(alternatives: &[Vec<Term>]) -> Option<Line> {
    let [terms] = alternatives else { return None };
    let [
        Term::Caret(version)
        | Term::Tilde(version)
        | Term::Series(None, version)
        | Term::Plain(Operator::Equal, version),
    ] = terms.as_slice()
    else {
        return None;
    };
    Some(Line { major: version.major?, minor: version.minor? })
}

fn alternative(terms: &[Term]) -> Result<Alternative, Problem> {
    let mut alternative = Alternative::new();
    let mut seen = HashSet::new();
    for term in terms {
        for comparator in comparators(term, &Prerelease::EMPTY) {
            check(term, &comparator)?;
            // In node-semver every version is at least 0.0.0.
            let admits_all =
                comparator.operator == Operator::GreaterEqual && comparator.version == Version::new(0, 0, 0);
            if !admits_all && seen.insert(comparator.clone()) {
                alternative.push(comparator);
            }
        }
    }
    // A comparator that admits no version makes the others irrelevant.
    if let Some(nothing) = alternative.iter().position(Comparator::admits_nothing) {
        alternative = vec![alternative.swap_remove(nothing)];
    }
    Ok(alternative)
}

/// Drops alternatives that admit no version, and all others beside one that admits every version.
fn simplified(mut alternatives: Vec<Alternative>) -> Vec<Alternative> {
    let admits_nothing = |alternative: &Alternative| alternative.iter().any(Comparator::admits_nothing);
    if alternatives.iter().all(admits_nothing) {
        alternatives.truncate(1);
        return alternatives;
    }
    alternatives.retain(|alternative| !admits_nothing(alternative));
    if alternatives.iter().any(Vec::is_empty) {
        return vec![Alternative::new()];
    }
    alternatives
}

fn check(term: &Term, comparator: &Comparator) -> Result<(), Problem> {
    let (Term::Caret(first)
    | Term::Tilde(first)
    | Term::Series(_, first)
    | Term::Plain(_, first)
    | Term::Hyphen(first, _)) = term;
    if !has_safe_numbers(&comparator.version) {
        return Err((first.offset, "a number above 9007199254740991"));
    }
    if comparator.version.to_string().len() > MAX_LENGTH {
        return Err((first.offset, "more than 256 characters"));
    }
    Ok(())
}

/// Returns the comparators of a term. `lowest` is the pre-release at which lower bounds without a pre-release begin.
fn comparators(term: &Term, lowest: &Prerelease) -> Vec<Comparator> {
    match term {
        Term::Plain(operator, version) => vec![Comparator { operator: *operator, version: version.filled() }],
        Term::Caret(version) => caret(version, lowest),
        Term::Tilde(version) | Term::Series(None, version) => tilde(version, lowest),
        Term::Series(Some(operator), version) => bound(*operator, version, lowest),
        Term::Hyphen(from, to) => hyphen(from, to, lowest),
    }
}

/// Expands a caret: up to the next version that differs in the first number that is not 0.
fn caret(version: &Partial, lowest: &Prerelease) -> Vec<Comparator> {
    let (Some(major), Some(minor)) = (version.major, version.minor) else { return tilde(version, lowest) };
    let end = match (major, minor, version.patch) {
        (0, 0, Some(patch)) => Version::new(0, 0, patch.saturating_add(1)),
        (0, _, _) => Version::new(0, minor.saturating_add(1), 0),
        _ => Version::new(major.saturating_add(1), 0, 0),
    };
    vec![version.at_least(lowest), below(end)]
}

/// Expands a tilde: up to the next version that differs in the second number, or in the first if there is no second.
/// The expansion of `x` is the same, because it has no third number.
fn tilde(version: &Partial, lowest: &Prerelease) -> Vec<Comparator> {
    let Some(end) = version.end_of_series() else { return Vec::new() };
    vec![version.at_least(lowest), below(end)]
}

/// Expands a bound by a version that lacks numbers, which is a bound on the whole series.
fn bound(operator: Operator, version: &Partial, lowest: &Prerelease) -> Vec<Comparator> {
    let at_least =
        |version: Version| Comparator { operator: Operator::GreaterEqual, version: starting(version, lowest) };
    let comparator = match (operator, version.end_of_series()) {
        (Operator::Less | Operator::Greater, None) => below(Version::new(0, 0, 0)),
        (_, None) => return Vec::new(),
        (Operator::Less, _) => below(version.filled()),
        (Operator::LessEqual, Some(end)) => below(end),
        (Operator::Greater, Some(end)) => at_least(end),
        (Operator::GreaterEqual, _) => at_least(version.filled()),
        (Operator::Equal, Some(_)) => return tilde(version, lowest),
    };
    vec![comparator]
}

fn hyphen(from: &Partial, to: &Partial, lowest: &Prerelease) -> Vec<Comparator> {
    let start =
        from.major.map(|_| Comparator { operator: Operator::GreaterEqual, version: starting(from.filled(), lowest) });
    let end = match to.is_whole().then(|| to.filled()) {
        // Above the version itself there are only the pre-releases of the next one.
        Some(version) if version.pre.is_empty() && !lowest.is_empty() => {
            Some(below(Version::new(version.major, version.minor, version.patch.saturating_add(1))))
        }
        Some(version) => Some(Comparator { operator: Operator::LessEqual, version }),
        None => to.end_of_series().map(below),
    };
    start.into_iter().chain(end).collect()
}

/// Returns the bound below the version and its pre-releases.
fn below(version: Version) -> Comparator {
    Comparator { operator: Operator::Less, version: starting(version, &lowest()) }
}

/// Returns the version, or its first pre-release unless it already is a pre-release.
fn starting(mut version: Version, lowest: &Prerelease) -> Version {
    if version.pre.is_empty() {
        version.pre = lowest.clone();
    }
    version
}

/// Returns the lowest pre-release of any version: `-0`.
fn lowest() -> Prerelease {
    Prerelease::new("0").unwrap_or(Prerelease::EMPTY)
}

impl Comparator {
    /// Returns `true` for `<0.0.0-0`, node-semver's spelling of a range without versions.
    fn admits_nothing(&self) -> bool {
        *self == below(Version::new(0, 0, 0))
    }
}

impl Partial {
    /// Returns the version with 0 for every missing number.
    fn filled(&self) -> Version {
        let mut version = Version::new(self.major.unwrap_or(0), 0, 0);
        if let (Some(_), Some(minor)) = (self.major, self.minor) {
            version.minor = minor;
            if let Some(patch) = self.patch {
                version.patch = patch;
                version.pre = self.pre.clone();
            }
        }
        version
    }

    /// Returns the bound at least the version; if numbers are missing, at least its first pre-release.
    fn at_least(&self, lowest: &Prerelease) -> Comparator {
        let version = if self.is_whole() { self.filled() } else { starting(self.filled(), lowest) };
        Comparator { operator: Operator::GreaterEqual, version }
    }

    /// Returns the first version after the series X.Y, or after X if only that is known; `None` if no number is known.
    fn end_of_series(&self) -> Option<Version> {
        let major = self.major?;
        Some(match self.minor {
            Some(minor) => Version::new(major, minor.saturating_add(1), 0),
            None => Version::new(major.saturating_add(1), 0, 0),
        })
    }
}
