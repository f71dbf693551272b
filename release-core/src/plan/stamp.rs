//! Writing a version into a client repository: where a Python build and npm take it from, `__version__` in modules, and files that
//! `release.toml` names.

mod backend;
mod cargo;
mod drawn;
mod folders;
mod json;
mod lower;
mod module;
mod named;
mod nested;
mod npm;
mod package;
mod place;
mod project;
mod python;
mod refused;
mod search;
mod setuptools;
#[cfg(test)]
mod tests;
mod workspace;

pub use cargo::MANIFEST as CRATE;
pub use drawn::Stamp;
pub use lower::{Evidence, Tagged, lower};
pub use package::{MODULES, modules, modules_wanted, stated};
pub use place::{Dynamic, Texts};
pub use python::{Assigned, NAME, assigned};

use super::draft::Draft;
use super::planned::Edits;
use crate::manifest::workspaces::is_matched;
use crate::monorepo::Config;
use crate::problem::Problem;
use crate::version::Version;
use camino::{Utf8Path, Utf8PathBuf};
use drawn::draw;
use place::Places;
use refused::no_file;
use search::Search;
use std::collections::BTreeSet;

/// Returns the files that what was read so far refers to, and that are not among it.
pub fn wanted(texts: &Texts, config: &Config, version: &Version) -> BTreeSet<Utf8PathBuf> {
    let search = Search::new(texts, &config.stamps, version, "".into());
    let _ = found(&search, config);
    search.missed.into_inner()
}

/// Returns the files that what was read so far makes packages of an npm workspace, or crates beside one that is built, among
/// all of a name; they are listed only if there is a workspace or a crate.
pub fn members(texts: &Texts, list: impl Fn(&str) -> Vec<Utf8PathBuf>) -> Vec<Utf8PathBuf> {
    let version = Version::new(0, 0, 0);
    let search = Search::new(texts, &[], &version, "".into());
    let folder = |path: &Utf8PathBuf| path.parent().map_or(String::new(), Utf8Path::to_string);
    let has_crate = texts.keys().any(|path| path.file_name() == Some(cargo::MANIFEST));
    let crates = if has_crate { list(cargo::MANIFEST) } else { Vec::new() };
    // A manifest that cannot be read is refused by the plan.
    let Ok(Some(patterns)) = workspace::patterns(&search) else { return crates };
    let npm = list(json::MANIFEST).into_iter().filter(|path| is_matched(&patterns, &folder(path)));
    npm.chain(crates).collect()
}

/// Plans to write a version into every place that carries it.
///
/// # Errors
/// Every file that cannot be stamped, with its place; there is no plan then. A repository without any version is such
/// an error too.
pub fn stamp(texts: &Texts, config: &Config, version: &Version) -> Result<Stamp, Vec<Problem>> {
    let search = Search::new(texts, &config.stamps, version, "".into());
    let (places, dynamic, problems) = found(&search, config);
    let mut draft = Draft::default();
    problems.into_iter().for_each(|problem| draft.refuse(problem));
    for missing in config.stamps.iter().filter(|named| !texts.contains_key(&named.path)) {
        draft.refuse(no_file(missing));
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

/// Returns every place, the variable of a Python build, and all that is refused.
fn found(search: &Search<'_>, config: &Config) -> (Places, Option<Dynamic>, Vec<Problem>) {
    let (mut places, mut problems) = (Places::default(), Vec::new());
    for (path, source) in search.texts.iter().filter(|(path, _)| search.is_named(path)) {
        match named::named(search, path, source) {
            Ok(found) => places.add(found),
            Err(problem) => problems.push(problem),
        }
    }
    let folders = nested::python(search);
    let root = package::package(search, &folders, &mut places, &mut problems);
    match npm::npm(search) {
        Ok(found) => places.add(found),
        Err(found) => problems.extend(found),
    }
    nested::nested(search, config, &folders, &root, (&mut places, &mut problems));
    let mut seen: Vec<Problem> = Vec::new();
    for problem in problems {
        if !seen.contains(&problem) {
            seen.push(problem);
        }
    }
    (places, root.dynamic, seen)
}
