//! The versions that a package says when it is imported: `__version__` in its modules, and `VERSION` in `version.py` and the like.

use super::place::Place;
use super::python::{NAME, assigned};
use super::search::{Refusal, Search};
use crate::version::Version;
use camino::Utf8Path;

/// Other names of a version, in modules that are called after it.
const OTHERS: [&str; 2] = ["VERSION", "version"];

/// Returns the places of a module. A name but `__version__` counts only if it has the version of the package, or the new one.
pub(super) fn places(search: &Search<'_>, path: &Utf8Path, own: Option<&Version>) -> (Vec<Place>, Option<Refusal>) {
    let (mut places, mut refusal) = (Vec::new(), None);
    match search.python(path, NAME, None) {
        Ok(found) => places.extend(found.into_iter().flatten()),
        Err(refused) => refusal = Some(refused),
    }
    let is_called_so = path.file_stem().is_some_and(|stem| stem.contains("version"));
    let source = search.texts.get(path).filter(|_| is_called_so && !search.is_named(path));
    for name in source.iter().flat_map(|_| OTHERS) {
        let found = source.map(|source| assigned(source.as_str(), name)).unwrap_or_default();
        let others = found.literals.iter().filter_map(|span| search.place(path, span.clone(), name).ok());
        let is_own = |place: &Place| {
            let version = place.version();
            version.is_some() && (version.as_ref() == own || version.as_ref() == Some(search.version))
        };
        places.extend(others.filter(is_own));
    }
    (places, refusal)
}
