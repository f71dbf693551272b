//! Requirements of one name in one table, compared in every environment that their markers tell apart.

use super::super::markers::{Environment, Marker, environments, is_same as is_same_marker};
use super::super::python::PythonRange;
use super::clauses;
use super::found::Verdict;
use super::sources::Origin;
use crate::version::{Clause, SpecifierSet};
use std::collections::BTreeSet;

/// A requirement of one name, on either side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct One {
    /// The environments in which it counts.
    pub(super) marker: Marker,
    /// The extras, by canonical names.
    pub(super) extras: BTreeSet<String>,
    /// The versions; `None` for any.
    pub(super) versions: Option<SpecifierSet>,
    /// The place that it is taken from.
    pub(super) origin: Origin,
}

/// The way in which uv compares a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// By all that is asked for in an environment.
    Asked,
    /// The same, but a requirement without a version asks for nothing, and extras do not count.
    Bound,
    /// Requirement by requirement.
    Each,
}

/// All that is asked for in an environment.
#[derive(Default)]
struct Sum<'a> {
    is_asked: bool,
    extras: BTreeSet<&'a String>,
    clauses: Vec<&'a Clause>,
    origins: Vec<&'a Origin>,
}

impl<'a> Sum<'a> {
    fn of(all: &'a [One], place: &Environment<'_>, way: Way) -> Self {
        let mut sum = Self::default();
        let is_counted = |one: &&One| one.marker.holds(place) && (way != Way::Bound || one.versions.is_some());
        for one in all.iter().filter(is_counted) {
            sum.is_asked = true;
            sum.extras.extend(one.extras.iter().filter(|_| way != Way::Bound));
            // What is taken from a folder is recorded without its versions.
            if matches!(one.origin, Origin::Index(_)) {
                sum.clauses.extend(one.versions.iter().flat_map(|set| &set.clauses));
            }
            sum.origins.push(&one.origin);
        }
        sum
    }

    fn compare(&self, other: &Self) -> Verdict {
        if self.is_asked != other.is_asked || self.extras != other.extras {
            return Verdict::Different;
        }
        let within = |one: &Self, other: &Self| {
            one.origins
                .iter()
                .map(|origin| {
                    let mut verdicts = other.origins.iter().map(|other| Verdict::of(origin.is_same(other)));
                    let best = verdicts.by_ref().min_by_key(|verdict| *verdict != Verdict::Same);
                    best.unwrap_or(Verdict::Same)
                })
                .collect::<Vec<_>>()
        };
        let origins = [within(self, other), within(other, self)].concat();
        let own = clauses::compare(&self.clauses, &other.clauses);
        worst(origins.into_iter().chain([own]))
    }
}

/// Returns the difference if there is one, else a doubt if there is one.
fn worst(verdicts: impl IntoIterator<Item = Verdict>) -> Verdict {
    verdicts.into_iter().fold(Verdict::Same, |known, next| match (known, next) {
        (Verdict::Different, _) | (_, Verdict::Different) => Verdict::Different,
        (Verdict::Unknown, _) | (_, Verdict::Unknown) => Verdict::Unknown,
        _ => Verdict::Same,
    })
}

/// Compares the requirements of one name in one table, as they are where this extra is asked for.
pub(super) fn compare(
    declared: &[One],
    recorded: &[One],
    way: Way,
    range: &PythonRange,
    extra: Option<&String>,
) -> Verdict {
    let has = |all: &[One], one: &One| all.contains(one);
    if declared.iter().all(|one| has(recorded, one)) && recorded.iter().all(|one| has(declared, one)) {
        let is_known = |one: &One| one.origin.is_same(&one.origin).is_some();
        return if declared.iter().all(is_known) { Verdict::Same } else { Verdict::Unknown };
    }
    if way == Way::Each {
        return each(declared, recorded, range);
    }
    // A requirement that never holds is recorded all the same.
    let is_asked = |all: &[One]| all.iter().any(|one| way != Way::Bound || one.versions.is_some());
    if is_asked(declared) != is_asked(recorded) {
        return Verdict::Different;
    }
    let markers = declared.iter().chain(recorded).map(|one| &one.marker);
    let Some(places) = environments(markers, range, extra) else { return Verdict::Unknown };
    worst(places.all.iter().map(|place| {
        let verdict = Sum::of(declared, place, way).compare(&Sum::of(recorded, place, way));
        match verdict {
            Verdict::Different if places.has_opaque || place.is_doubtful() => Verdict::Unknown,
            verdict => verdict,
        }
    }))
}

/// Compares lists of which each requirement stands for itself.
fn each(declared: &[One], recorded: &[One], range: &PythonRange) -> Verdict {
    let is_same = |one: &One, other: &One| {
        if one.extras != other.extras || one.versions != other.versions || one.origin != other.origin {
            return Verdict::Different;
        }
        Verdict::of(is_same_marker(&one.marker, &other.marker, range))
    };
    let best = |one: &One, others: &[One]| {
        let verdicts: Vec<_> = others.iter().map(|other| is_same(one, other)).collect();
        let found = [Verdict::Same, Verdict::Unknown].into_iter().find(|verdict| verdicts.contains(verdict));
        found.unwrap_or(Verdict::Different)
    };
    worst(declared.iter().map(|one| best(one, recorded)).chain(recorded.iter().map(|one| best(one, declared))))
}
