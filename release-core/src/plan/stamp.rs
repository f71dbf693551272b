//! Writing a version into a client repository: where a Python build and npm take it from, `__version__` in modules, and files that
//! `release.toml` names.

mod backend;
mod cargo;
mod json;
mod named;
mod npm;
mod place;
mod project;
mod python;
mod search;
mod setuptools;
#[cfg(test)]
mod tests;
mod workspace;

pub use place::{Dynamic, Texts};
pub use python::{Assigned, NAME, assigned};

use super::draft::{Draft, Part};
use super::planned::{Edits, Outcome, PlannedFile, PlannedKind, PlannedSite};
use crate::manifest::workspaces::is_matched;
use crate::monorepo::{Spelling, StampConfig};
use crate::problem::Problem;
use crate::text::{SourceText, TextEdit};
use crate::version::Version;
use camino::{Utf8Path, Utf8PathBuf};
use place::Place;
use search::{Refusal, Search};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

/// The plan for stamping a repository.
#[derive(Clone, Debug)]
pub struct Stamp {
    /// Every place that carries the version, by file and place, including unchanged ones.
    pub sites: Vec<PlannedSite>,
    /// The files that change.
    pub files: Vec<PlannedFile>,
    /// The variable that a Python build takes the version from, if it is one: no file carries it then.
    pub dynamic: Option<Dynamic>,
}

/// Returns the files that what was read so far refers to, and that are not among it.
pub fn wanted(texts: &Texts, named: &[StampConfig], version: &Version) -> BTreeSet<Utf8PathBuf> {
    let search = Search { texts, named, version, missed: RefCell::default() };
    let _ = found(&search);
    search.missed.into_inner()
}

/// Returns the files that what was read so far makes packages of an npm workspace, among all of their name; they are listed only if there is
/// a workspace.
pub fn members(texts: &Texts, list: impl FnOnce() -> Vec<Utf8PathBuf>) -> Vec<Utf8PathBuf> {
    let version = Version::new(0, 0, 0);
    let search = Search { texts, named: &[], version: &version, missed: RefCell::default() };
    // A manifest that cannot be read is refused by the plan.
    let Ok(Some(patterns)) = workspace::patterns(&search) else { return Vec::new() };
    let folder = |path: &Utf8PathBuf| path.parent().map_or(String::new(), Utf8Path::to_string);
    list().into_iter().filter(|path| is_matched(&patterns, &folder(path))).collect()
}

/// Plans to write a version into every place that carries it.
///
/// # Errors
/// Every file that cannot be stamped, with its place; there is no plan then. A repository without any version is such
/// an error too.
pub fn stamp(texts: &Texts, named: &[StampConfig], version: &Version) -> Result<Stamp, Vec<Problem>> {
    let search = Search { texts, named, version, missed: RefCell::default() };
    let (places, dynamic, problems) = found(&search);
    let mut draft = Draft::default();
    problems.into_iter().for_each(|problem| draft.refuse(problem));
    for missing in named.iter().filter(|named| !texts.contains_key(&named.path)) {
        draft.refuse(Problem::new(
            format!("release.toml names {} in `[[stamp]]`, but there is no such file", missing.path),
            "correct its `path` in [[stamp]], or remove the entry",
        ));
    }
    for place in places.into_values() {
        if let Some(source) = texts.get(&place.path) {
            draw(&mut draft, source, &place);
        }
    }
    if draft.is_empty() && dynamic.is_none() {
        draft.refuse(Problem::new(
            "nothing here carries a version: no pyproject.toml, package.json or `__version__`",
            "run this in a client repository (`-C DIR`), or name its files in release.toml: `[[stamp]]` with `path` and `pattern`",
        ));
    }
    // For files of any kind, the only possible check is that the texts of all places change.
    draft.finish(&|_, _| Ok(())).map(|Edits { sites, files }| Stamp { sites, files, dynamic })
}

fn draw(draft: &mut Draft, source: &SourceText, place: &Place) {
    let Place { path, span, old, new, table } = place;
    let (kind, subject) = (PlannedKind::StampedVersion, path.file_name().unwrap_or_default());
    let part = Part { path, source, kind, subject, table, span: span.clone(), old: Some(old) };
    match new {
        None => draft.add(part.planned(Outcome::Kept, Some(old.clone())), source, None),
        Some(new) if new == old => draft.add(part.planned(Outcome::AlreadyRight, Some(new.clone())), source, None),
        Some(new) => {
            let edit = TextEdit { span: span.clone(), replacement: new.clone() };
            draft.change(&part, Some(new.clone()), [edit]);
        }
    }
}

/// Places, each once, by file and first byte.
type Places = BTreeMap<(Utf8PathBuf, usize), Place>;

/// Adds places, but those that share bytes with a known one: a build may read less than a whole string.
fn add(places: &mut Places, found: impl IntoIterator<Item = Place>) {
    for place in found {
        let file = (place.path.clone(), 0)..(place.path.clone(), place.span.end);
        let before = places.range(file).next_back();
        if before.is_none_or(|(_, other)| other.span.end <= place.span.start) {
            places.insert((place.path.clone(), place.span.start), place);
        }
    }
}

/// Returns every place, the variable of a Python build, and all that is refused.
fn found(search: &Search<'_>) -> (Places, Option<Dynamic>, Vec<Problem>) {
    let (mut places, mut problems, mut dynamic) = (Places::new(), Vec::new(), None);
    for (path, source) in search.texts.iter().filter(|(path, _)| search.is_named(path)) {
        match named::named(search, path, source) {
            Ok(found) => add(&mut places, found),
            Err(problem) => problems.push(problem),
        }
    }
    match backend::built(search) {
        Ok(built) => {
            for place in built.places {
                let key = (place.path.clone(), place.span.start);
                // A file with a `[[stamp]]` entry is not searched in another way, and is written where a build reads it.
                match search.is_named(&place.path) && !places.contains_key(&key) {
                    true => problems.push(not_named(&place)),
                    false => add(&mut places, [place]),
                }
            }
            dynamic = built.dynamic;
        }
        Err(refusal) => problems.extend(unanswered(search, refusal)),
    }
    // A module that has the version of setuptools-scm or the like is written by that itself.
    let modules = search.texts.keys().filter(|path| dynamic.is_none() && path.extension() == Some("py"));
    for path in modules.filter(|path| path.file_name() != Some("setup.py")) {
        match search.python(path, NAME, None) {
            Ok(found) => add(&mut places, found.into_iter().flatten()),
            Err(refusal) => problems.extend(unanswered(search, refusal)),
        }
    }
    match npm::npm(search) {
        Ok(found) => add(&mut places, found),
        Err(found) => problems.extend(found),
    }
    let mut seen: Vec<Problem> = Vec::new();
    for problem in problems {
        if !seen.contains(&problem) {
            seen.push(problem);
        }
    }
    (places, dynamic, seen)
}

/// Returns the problem of a place that a build reads, in a file whose `[[stamp]]` entries do not match it.
fn not_named(place: &Place) -> Problem {
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
fn unanswered(search: &Search<'_>, refusal: Refusal) -> Option<Problem> {
    let is_python = |named: &StampConfig| Spelling::of_file(&named.path) == Spelling::Pep440;
    let is_answered = match refusal.is_elsewhere {
        true => search.named.iter().any(is_python),
        false => refusal.problem.labels.iter().any(|label| search.is_named(&label.path)),
    };
    (!is_answered).then_some(*refusal.problem)
}
