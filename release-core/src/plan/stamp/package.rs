//! A Python package: the place that its build reads, and its modules; and the modules of a monorepo's packages, whose versions are
//! the manifests' own.

use super::backend;
use super::drawn::draw;
use super::folders::{folder, owner};
use super::lower::higher;
use super::module;
use super::named::named;
use super::npm::beside;
use super::place::{Dynamic, Place, Places, Texts};
use super::project::MANIFEST;
use super::refused::{no_file, not_named, unanswered};
use super::search::Search;
use crate::manifest::requirement::canonical_name;
use crate::monorepo::{Config, Manifest, Monorepo, Package};
use crate::plan::draft::Draft;
use crate::plan::planned::Edits;
use crate::problem::Problem;
use crate::version::Version;
use camino::{Utf8Path, Utf8PathBuf};
use std::collections::BTreeSet;

/// The names of modules in which a package says its version.
pub const MODULES: [&str; 6] =
    ["__init__.py", "_version.py", "version.py", "__version__.py", "__about__.py", "_about.py"];

/// The version of a package, before.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// The version that a build reads, if it is a plain one.
    pub(super) version: Option<Version>,
    /// The variable that a build reads.
    pub(super) dynamic: Option<Dynamic>,
}

/// Adds the places of the package in the folder of a search, and what is refused.
pub(super) fn package(
    search: &Search<'_>,
    folders: &BTreeSet<Utf8PathBuf>,
    places: &mut Places,
    problems: &mut Vec<Problem>,
) -> Found {
    let mut found = Found::default();
    match backend::built(search) {
        Ok(built) => {
            found.version = built.places.first().and_then(Place::version);
            for place in built.places {
                // A file with a `[[stamp]]` entry is not searched in another way, and is written where a build reads it.
                match search.is_named(&place.path) && !places.has(&place) {
                    true => problems.push(not_named(&place)),
                    false => places.add([place]),
                }
            }
            found.dynamic = built.dynamic;
        }
        Err(refusal) => problems.extend(unanswered(search, refusal)),
    }
    // A module that has the version of setuptools-scm or the like is written by that itself.
    let is_module = |path: &&Utf8PathBuf| path.extension() == Some("py") && path.file_name() != Some("setup.py");
    let modules = search.texts.keys().filter(|path| found.dynamic.is_none() && is_module(path));
    for path in modules.filter(|path| owner(path, folders) == search.folder) {
        let (own, refusal) = module::places(search, path, found.version.as_ref());
        places.add(own);
        problems.extend(refusal.and_then(|refusal| unanswered(search, refusal)));
    }
    found
}

/// Returns the files that the packages of a monorepo refer to for their versions, and that are not among what was read so far.
pub fn modules_wanted(monorepo: &Monorepo, texts: &Texts, config: &Config, version: &Version) -> BTreeSet<Utf8PathBuf> {
    let mut wanted: BTreeSet<Utf8PathBuf> = config.stamps.iter().map(|named| named.path.clone()).collect();
    for package in stated(monorepo) {
        let looked_at = texts_of(monorepo, package, texts, version);
        let search = Search::new(&looked_at, &config.stamps, version, folder(&package.path));
        let _ = package_places(&search, monorepo, package);
        wanted.extend(search.missed.into_inner());
    }
    wanted.retain(|path| !texts.contains_key(path));
    wanted
}

/// Plans to write a version into the modules of a monorepo's packages whose manifests carry it themselves, into all else that a
/// build or an import of them reads, and into the files that `release.toml` names.
///
/// # Errors
/// Every place that cannot be written.
pub fn modules(monorepo: &Monorepo, texts: &Texts, config: &Config, version: &Version) -> Result<Edits, Vec<Problem>> {
    let (mut places, mut draft) = (Places::default(), Draft::default());
    let root = Search::new(texts, &config.stamps, version, "".into());
    for entry in &config.stamps {
        match texts.get(&entry.path).ok_or_else(|| no_file(entry)).and_then(|text| named(&root, &entry.path, text)) {
            Ok(found) => places.add(found),
            Err(problem) => draft.refuse(problem),
        }
    }
    for package in stated(monorepo) {
        let looked_at = texts_of(monorepo, package, texts, version);
        let search = Search::new(&looked_at, &config.stamps, version, folder(&package.path));
        let (found, problems) = package_places(&search, monorepo, package);
        problems.into_iter().for_each(|problem| draft.refuse(problem));
        places.add(found);
    }
    for place in places.into_values() {
        if let Some(source) = texts.get(&place.path) {
            draw(&mut draft, source, &place);
        }
    }
    let edits = draft.finish(&|_, _| Ok(()))?;
    let higher = higher(&edits.sites, version);
    if higher.is_empty() { Ok(edits) } else { Err(higher) }
}

/// Returns the packages whose manifests carry the version themselves.
pub fn stated(monorepo: &Monorepo) -> impl Iterator<Item = &Package> {
    let is_stated = |package: &&Package| monorepo.manifest(package).and_then(Manifest::fixed_version).is_some();
    monorepo.packages.iter().filter(is_stated)
}

/// Returns the texts in which the version of a package may stand: of its own modules, and of all others that have the version
/// of the package or the new one in them.
fn texts_of(monorepo: &Monorepo, package: &Package, texts: &Texts, version: &Version) -> Texts {
    let own = monorepo.manifest(package).and_then(Manifest::current_version).unwrap_or_default();
    let new = version.to_string();
    let module = canonical_name(&package.name).replace('-', "_");
    let is_main = |path: &Utf8Path| {
        let folder = folder(path).strip_prefix(folder(&package.path)).unwrap_or(Utf8Path::new("-"));
        [module.as_str(), &format!("src/{module}")].contains(&folder.as_str())
    };
    let is_meant = |path: &Utf8Path, text: &str| {
        let has_it = || text.contains(&own) || text.contains(&new);
        path.extension() != Some("py") || is_main(path) || has_it()
    };
    let own = texts.iter().filter(|(path, text)| is_meant(path, text.as_str()));
    own.map(|(path, text)| (path.clone(), text.clone())).collect()
}

/// Returns the places of a package but that of its manifest, and what is refused.
fn package_places(search: &Search<'_>, monorepo: &Monorepo, package_of: &Package) -> (Vec<Place>, Vec<Problem>) {
    let (mut places, mut problems) = (Places::default(), Vec::new());
    let others = monorepo.manifests.keys().chain(monorepo.left.iter().map(|left| &left.path));
    let folders: BTreeSet<Utf8PathBuf> =
        others.filter(|path| path.file_name() == Some(MANIFEST)).map(|path| folder(path).to_owned()).collect();
    let found = package(search, &folders, &mut places, &mut problems);
    let (found_beside, refused) = beside(search, found.version.as_ref());
    places.add(found_beside);
    problems.extend(refused);
    let fixed = monorepo.manifest(package_of).and_then(Manifest::fixed_version).map(|text| text.span.clone());
    let (mut others, mut own) = (Vec::new(), Vec::new());
    for place in places.into_values() {
        if place.path == package_of.path { own.push(place) } else { others.push(place) }
    }
    // The plan of the manifests edits the version of `[project]` alone.
    let is_other = |place: &&Place| !fixed.as_ref().is_some_and(|fixed| fixed.contains(&place.span.start));
    for place in own.iter().filter(is_other).filter(|place| place.new.as_ref() != Some(&place.old)) {
        let message = format!("{}: `{}` has a version too, {}", place.path, place.table, place.old);
        let help = "remove it: `project.version` is the version of the package";
        problems.push(Problem::new(message, help).at(&place.path, place.span.clone(), "a second version"));
    }
    (others, problems)
}
