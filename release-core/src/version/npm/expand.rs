//! From terms to comparators: what `^`, `~`, `x` and ` - ` stand for.

use super::parse::{Partial, Problem, Term};
use super::{Alternative, Comparator, MAX_LENGTH, Operator, has_safe_numbers};
use crate::version::Line;
use semver::{Prerelease, Version};
use std::collections::HashSet;

/// The comparators of every alternative, in node-semver's normal form.
pub(super) fn plain(alternatives: &[Vec<Term>]) -> Result<Vec<Alternative>, Problem> {
    let mut expanded = Vec::with_capacity(alternatives.len());
    for terms in alternatives {
        expanded.push(alternative(terms)?);
    }
    Ok(simplified(expanded))
}

/// The same where pre-releases count like any other version: bounds that name no pre-release begin with the lowest.
pub(super) fn with_prereleases(alternatives: &[Vec<Term>]) -> Vec<Alternative> {
    let lowest = lowest();
    alternatives.iter().map(|terms| terms.iter().flat_map(|term| comparators(term, &lowest)).collect()).collect()
}

/// The first two numbers of the only version there is, unless it is a bound.
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
            // Every version is at least 0.0.0, or so node-semver says.
            let admits_all =
                comparator.operator == Operator::GreaterEqual && comparator.version == Version::new(0, 0, 0);
            if !admits_all && seen.insert(comparator.clone()) {
                alternative.push(comparator);
            }
        }
    }
    // What admits nothing leaves nothing of the others.
    if let Some(nothing) = alternative.iter().position(Comparator::admits_nothing) {
        alternative = vec![alternative.swap_remove(nothing)];
    }
    Ok(alternative)
}

/// Leaves out alternatives that admit nothing, and all others beside one that admits everything.
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

/// What a term stands for; `lowest` is the pre-release at which lower bounds begin that name none.
fn comparators(term: &Term, lowest: &Prerelease) -> Vec<Comparator> {
    match term {
        Term::Plain(operator, version) => vec![Comparator { operator: *operator, version: version.filled() }],
        Term::Caret(version) => caret(version, lowest),
        Term::Tilde(version) | Term::Series(None, version) => tilde(version, lowest),
        Term::Series(Some(operator), version) => bound(*operator, version, lowest),
        Term::Hyphen(from, to) => hyphen(from, to, lowest),
    }
}

/// Up to the next version that differs in the first number that is not 0.
fn caret(version: &Partial, lowest: &Prerelease) -> Vec<Comparator> {
    let (Some(major), Some(minor)) = (version.major, version.minor) else { return tilde(version, lowest) };
    let end = match (major, minor, version.patch) {
        (0, 0, Some(patch)) => Version::new(0, 0, patch.saturating_add(1)),
        (0, _, _) => Version::new(0, minor.saturating_add(1), 0),
        _ => Version::new(major.saturating_add(1), 0, 0),
    };
    vec![version.at_least(lowest), below(end)]
}

/// Up to the next version that differs in the second number, or in the first where there is no second. What `x` stands
/// for is the same, as there is no third number then.
fn tilde(version: &Partial, lowest: &Prerelease) -> Vec<Comparator> {
    let Some(end) = version.end_of_series() else { return Vec::new() };
    vec![version.at_least(lowest), below(end)]
}

/// A bound by a version that lacks numbers: it is about the whole series.
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
        // Above the version itself there is nothing but what leads up to the next.
        Some(version) if version.pre.is_empty() && !lowest.is_empty() => {
            Some(below(Version::new(version.major, version.minor, version.patch.saturating_add(1))))
        }
        Some(version) => Some(Comparator { operator: Operator::LessEqual, version }),
        None => to.end_of_series().map(below),
    };
    start.into_iter().chain(end).collect()
}

/// Below the version and all that leads up to it.
fn below(version: Version) -> Comparator {
    Comparator { operator: Operator::Less, version: starting(version, &lowest()) }
}

/// The version, or the first that leads up to it unless it is a pre-release already.
fn starting(mut version: Version, lowest: &Prerelease) -> Version {
    if version.pre.is_empty() {
        version.pre = lowest.clone();
    }
    version
}

/// The lowest pre-release that a version can have: `-0`.
fn lowest() -> Prerelease {
    Prerelease::new("0").unwrap_or(Prerelease::EMPTY)
}

impl Comparator {
    /// `<0.0.0-0`, by which node-semver writes down a range without versions.
    fn admits_nothing(&self) -> bool {
        *self == below(Version::new(0, 0, 0))
    }
}

impl Partial {
    /// With 0 for every number that is left out.
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

    /// At least the version; where it lacks numbers, at least all that leads up to it.
    fn at_least(&self, lowest: &Prerelease) -> Comparator {
        let version = if self.is_whole() { self.filled() } else { starting(self.filled(), lowest) };
        Comparator { operator: Operator::GreaterEqual, version }
    }

    /// The first version after the series X.Y, or after X where nothing else is known; nothing if that is all there is.
    fn end_of_series(&self) -> Option<Version> {
        let major = self.major?;
        Some(match self.minor {
            Some(minor) => Version::new(major, minor.saturating_add(1), 0),
            None => Version::new(major.saturating_add(1), 0, 0),
        })
    }
}
