//! Expansion of terms to comparators: the meaning of `^`, `~`, `x` and ` - `.

use super::comparator::{Alternative, Comparator, MAX_LENGTH, Operator, has_safe_numbers};
use super::parse::{Partial, Term};
use crate::text::Problem;
use crate::version::release::Line;
use semver::{Prerelease, Version};
use std::collections::HashSet;

/// Returns the comparators of every alternative, in node-semver's normal form.
pub(super) fn expanded(alternatives: &[Vec<Term>]) -> Result<Vec<Alternative>, Problem> {
    alternatives.iter().map(|terms| alternative(terms)).collect::<Result<_, _>>().map(simplified)
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
        for comparator in comparators(term) {
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

/// Returns the comparators of a term.
fn comparators(term: &Term) -> Vec<Comparator> {
    match term {
        Term::Plain(operator, version) => vec![Comparator { operator: *operator, version: version.filled() }],
        Term::Caret(version) => caret(version),
        Term::Tilde(version) | Term::Series(None, version) => tilde(version),
        Term::Series(Some(operator), version) => bound(*operator, version),
        Term::Hyphen(from, to) => hyphen(from, to),
    }
}

/// Expands a caret: up to the next version that differs in the first number that is not 0.
fn caret(version: &Partial) -> Vec<Comparator> {
    let (Some(major), Some(minor)) = (version.major, version.minor) else { return tilde(version) };
    let end = match (major, minor, version.patch) {
        (0, 0, Some(patch)) => Version::new(0, 0, patch.saturating_add(1)),
        (0, _, _) => Version::new(0, minor.saturating_add(1), 0),
        _ => Version::new(major.saturating_add(1), 0, 0),
    };
    vec![at_least(version.filled()), below(end)]
}

/// Expands a tilde: up to the next version that differs in the second number, or in the first if there is no second.
/// The expansion of `x` is the same, because it has no third number.
fn tilde(version: &Partial) -> Vec<Comparator> {
    version.end_of_series().map_or(Vec::new(), |end| vec![at_least(version.filled()), below(end)])
}

/// Expands a bound by a version that lacks numbers, which is a bound on the whole series.
fn bound(operator: Operator, version: &Partial) -> Vec<Comparator> {
    vec![match (operator, version.end_of_series()) {
        (Operator::Less | Operator::Greater, None) => below(Version::new(0, 0, 0)),
        (_, None) => return Vec::new(),
        (Operator::Less, _) => below(version.filled()),
        (Operator::LessEqual, Some(end)) => below(end),
        (Operator::Greater, Some(end)) => at_least(end),
        (Operator::GreaterEqual, _) => at_least(version.filled()),
        (Operator::Equal, Some(_)) => return tilde(version),
    }]
}

fn hyphen(from: &Partial, to: &Partial) -> Vec<Comparator> {
    let start = from.major.map(|_| at_least(from.filled()));
    let end = match to.is_whole() {
        true => Some(Comparator { operator: Operator::LessEqual, version: to.filled() }),
        false => to.end_of_series().map(below),
    };
    start.into_iter().chain(end).collect()
}

fn at_least(version: Version) -> Comparator {
    Comparator { operator: Operator::GreaterEqual, version }
}

/// Returns the bound below the version and its pre-releases, of which `-0` is the lowest.
fn below(mut version: Version) -> Comparator {
    if version.pre.is_empty() {
        version.pre = Prerelease::new("0").unwrap_or(Prerelease::EMPTY);
    }
    Comparator { operator: Operator::Less, version }
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

    /// Returns the first version after the series X.Y, or after X if only that is known; `None` if no number is known.
    fn end_of_series(&self) -> Option<Version> {
        let major = self.major?;
        Some(match self.minor {
            Some(minor) => Version::new(major, minor.saturating_add(1), 0),
            None => Version::new(major.saturating_add(1), 0, 0),
        })
    }
}
