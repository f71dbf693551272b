//! Refusals that depend on `[[stamp]]` entries.

use super::place::Place;
use super::search::{Refusal, Search};
use crate::monorepo::{Spelling, StampConfig};
use crate::problem::Problem;

/// Returns the problem of an entry without a file.
pub(super) fn no_file(missing: &StampConfig) -> Problem {
    Problem::new(
        format!("release.toml names {} in `[[stamp]]`, but there is no such file", missing.path),
        "correct its `path` in [[stamp]], or remove the entry; a branch with other settings is worked on from a checkout of it",
    )
}

/// Returns the problem of a place that a build reads, in a file whose `[[stamp]]` entries do not match it.
pub(super) fn not_named(place: &Place) -> Problem {
    Problem::new(
        format!(
            "{}: a build takes the version from here, and no `[[stamp]]` entry of release.toml matches it",
            place.path
        ),
        "add an entry whose `pattern` matches it, or remove those of the file",
    )
    .at(&place.path, place.span.clone(), "read by the build")
}

/// Returns the problem of a refusal, unless a `[[stamp]]` entry says what is written in its stead.
pub(super) fn unanswered(search: &Search<'_>, refusal: Refusal) -> Option<Problem> {
    let is_python = |named: &StampConfig| Spelling::of_file(&named.path) == Spelling::Pep440;
    let is_answered = match refusal.is_elsewhere {
        true => search.named.iter().any(is_python),
        false => refusal.problem.labels.iter().any(|label| search.is_named(&label.path)),
    };
    (!is_answered).then_some(*refusal.problem)
}
