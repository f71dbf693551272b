//! The version of a crate, which maturin gives to the Python package, and the lockfile that repeats it.

use super::place::Place;
use super::search::{Found, Refusal, Search};
use crate::manifest::toml::{self, TomlString};
use crate::problem::{CORRECT_SYNTAX, Problem};
use camino::Utf8Path;
use toml_edit::Item;

/// Returns the places of a crate's version. (<https://doc.rust-lang.org/cargo/reference/manifest.html>.)
///
/// # Errors
/// The refusal, or `None` if the manifest has no version.
pub(super) fn places(search: &Search<'_>, path: &Utf8Path) -> Result<Vec<Place>, Option<Refusal>> {
    if search.is_named(path) {
        return Ok(Vec::new());
    }
    let Some(own) = version(search, path, &["package"])? else { return Err(None) };
    let (manifest, table, own) = match own {
        Own::Written(text) => (path.to_owned(), "package", text),
        Own::Inherited => {
            let tops = path.ancestors().skip(1).map(|folder| folder.join("Cargo.toml"));
            let found = tops.map(|top| Ok((version(search, &top, &["workspace", "package"])?, top)));
            let found = found.collect::<Found<Vec<_>>>()?.into_iter().find_map(|(own, top)| match own? {
                Own::Written(text) => Some((top, "workspace.package", text)),
                Own::Inherited => None,
            });
            found.ok_or(None)?
        }
    };
    let mut places = vec![search.toml_place(&manifest, &own, table)?];
    let locks = path.ancestors().skip(1).map(|folder| folder.join("Cargo.lock"));
    if let Some(lock) = locks.into_iter().find(|lock| search.text(lock).is_some()) {
        places.extend(locked(search, &lock, &own.value, (table == "package").then_some(path))?);
    }
    Ok(places)
}

/// A crate's version.
enum Own {
    Written(TomlString),
    /// It has that of its workspace.
    Inherited,
}

fn version(search: &Search<'_>, path: &Utf8Path, table: &[&str]) -> Found<Option<Own>> {
    let Some(source) = search.text(path) else { return Ok(None) };
    let document = toml::parse(source).map_err(|error| unparsed(path, (error.span, error.message)))?;
    let item = toml::table(document.as_table(), table).and_then(|table| table.get("version"));
    let is_inherited = |item: &Item| item.as_table_like().is_some_and(|table| table.contains_key("workspace"));
    Ok(item.and_then(|item| match toml::string(item) {
        Some(text) => Some(Own::Written(text)),
        None => is_inherited(item).then_some(Own::Inherited),
    }))
}

/// Returns the versions of the repository's own crates in a lockfile: that of one manifest, or all that had the version of the workspace.
fn locked(search: &Search<'_>, lock: &Utf8Path, old: &str, one: Option<&Utf8Path>) -> Found<Vec<Place>> {
    let Some(source) = search.texts.get(lock) else { return Ok(Vec::new()) };
    let document = toml::parse(source).map_err(|error| unparsed(lock, (error.span, error.message)))?;
    let manifest = one.and_then(|path| search.texts.get(path)).and_then(|source| toml::parse(source).ok());
    let name =
        manifest.as_ref().and_then(|read| toml::string(toml::table(read.as_table(), &["package"])?.get("name")?));
    let packages = document.as_table().get("package").and_then(Item::as_array_of_tables);
    let mut places = Vec::new();
    for package in
        packages.into_iter().flat_map(|packages| packages.iter()).filter(|package| !package.contains_key("source"))
    {
        let Some(version) = package.get("version").and_then(toml::string) else { continue };
        let is_meant = match &name {
            Some(name) => package.get("name").and_then(Item::as_str) == Some(&name.value),
            None => version.value == old,
        };
        if is_meant {
            places.push(search.toml_place(lock, &version, "package")?);
        }
    }
    Ok(places)
}

fn unparsed(path: &Utf8Path, place: (crate::text::Span, String)) -> Refusal {
    let problem = Problem::unparsed(path, "is not TOML", CORRECT_SYNTAX, place);
    Refusal { problem: Box::new(problem), is_elsewhere: false }
}
