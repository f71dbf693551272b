//! The version of a crate, which maturin gives to the Python package, the requirements on it within its workspace, and the
//! lockfile that repeats it.

use super::place::Place;
use super::search::{Found, Refusal, Search};
use crate::manifest::toml::entries;
use crate::manifest::toml::{self, TomlString};
use crate::problem::{CORRECT_SYNTAX, Problem};
use crate::text::Span;
use crate::version::mapping::to_npm;
use crate::version::npm::{Range, read_version};
use camino::{Utf8Path, Utf8PathBuf};
use std::collections::BTreeSet;
use toml_edit::{Item, TableLike};

/// The manifest of a crate.
pub const MANIFEST: &str = "Cargo.toml";

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
            let tops = path.ancestors().skip(1).map(|folder| folder.join(MANIFEST));
            let found = tops.map(|top| Ok((version(search, &top, &["workspace", "package"])?, top)));
            let found = found.collect::<Found<Vec<_>>>()?.into_iter().find_map(|(own, top)| match own? {
                Own::Written(text) => Some((top, "workspace.package", text)),
                Own::Inherited => None,
            });
            found.ok_or(None)?
        }
    };
    let mut places = vec![search.toml_place(&manifest, &own, table)?];
    let manifests = workspace(search, path)?;
    let names = match table {
        "package" => name(search, path)?.into_iter().collect(),
        _ => inheriting(search, &manifests)?,
    };
    for manifest in manifests.iter().filter(|manifest| !search.is_named(manifest)) {
        places.extend(requirements(search, manifest, &names)?);
    }
    let locks = path.ancestors().skip(1).map(|folder| folder.join("Cargo.lock"));
    if let Some(lock) = locks.into_iter().find(|lock| search.text(lock).is_some()) {
        places.extend(locked(search, &lock, &names)?);
    }
    Ok(places)
}

/// A crate's version.
enum Own {
    Written(TomlString),
    /// It has that of its workspace.
    Inherited,
}

/// Calls a reader of a manifest, if it is there.
fn read<T>(search: &Search<'_>, path: &Utf8Path, reader: impl FnOnce(&dyn TableLike) -> Option<T>) -> Found<Option<T>> {
    let Some(source) = search.text(path) else { return Ok(None) };
    let document = toml::parse(source).map_err(|error| unparsed(path, (error.span, error.message)))?;
    Ok(reader(document.as_table()))
}

fn version(search: &Search<'_>, path: &Utf8Path, table: &[&str]) -> Found<Option<Own>> {
    let is_inherited = |item: &Item| item.as_table_like().is_some_and(|table| table.contains_key("workspace"));
    read(search, path, |root| {
        let item = toml::table(root, table).and_then(|table| table.get("version"))?;
        match toml::string(item) {
            Some(text) => Some(Own::Written(text)),
            None => is_inherited(item).then_some(Own::Inherited),
        }
    })
}

fn name(search: &Search<'_>, path: &Utf8Path) -> Found<Option<String>> {
    read(search, path, |root| Some(toml::table(root, &["package"])?.get("name")?.as_str()?.to_owned()))
}

/// Returns the manifests of the workspace that a crate is in, as far as they were read; those that are listed by their folders
/// are wanted.
fn workspace(search: &Search<'_>, path: &Utf8Path) -> Found<Vec<Utf8PathBuf>> {
    let members = |root: &dyn TableLike| {
        let list = toml::table(root, &["workspace"])?.get("members").map(toml::strings).unwrap_or_default();
        Some(list.into_iter().map(|member| member.value).collect::<Vec<_>>())
    };
    for folder in path.ancestors().skip(1) {
        let Some(members) = read(search, &folder.join(MANIFEST), members)? else { continue };
        for member in members.iter().filter(|member| !member.contains('*')) {
            let _ = search.text(&folder.join(member).join(MANIFEST));
        }
        let is_in = |path: &&Utf8PathBuf| path.file_name() == Some(MANIFEST) && path.starts_with(folder);
        return Ok(search.texts.keys().filter(is_in).cloned().collect());
    }
    Ok(vec![path.to_owned()])
}

/// Returns the names of the crates that have the version of their workspace.
fn inheriting(search: &Search<'_>, manifests: &[Utf8PathBuf]) -> Found<BTreeSet<String>> {
    let mut names = BTreeSet::new();
    for path in manifests {
        if matches!(version(search, path, &["package"])?, Some(Own::Inherited)) {
            names.extend(name(search, path)?);
        }
    }
    Ok(names)
}

/// Returns the versions by which a manifest asks for crates of the workspace, in their folders.
fn requirements(search: &Search<'_>, path: &Utf8Path, names: &BTreeSet<String>) -> Found<Vec<Place>> {
    let mut found: Vec<(String, TomlString)> = Vec::new();
    read(search, path, |root| {
        of_table(&mut found, root, names);
        Some(())
    })?;
    let Ok(new) = to_npm(search.version) else { return Ok(Vec::new()) };
    let mut places = Vec::new();
    for (name, text) in found {
        let bare = text.value.trim_start_matches(['^', '~', '=', ' ']);
        if read_version(bare).is_some() {
            let place = search.toml_place(path, &text, &format!("dependencies.{name}"))?;
            let operator = text.value.len() - bare.len();
            places.push(Place { span: place.span.start + operator..place.span.end, old: bare.to_owned(), ..place });
            continue;
        }
        // A requirement without an operator is one with a caret.
        let caret = if text.value.starts_with(|c: char| c.is_ascii_digit()) { "^" } else { "" };
        if !Range::parse(&format!("{caret}{}", text.value)).is_ok_and(|range| range.contains(&new)) {
            let message = format!("{path} asks for {name} by `{}`, which does not allow {new}", text.value);
            let help = "write it as one version (`1.2.3`, `=1.2.3`), or without `version`, by its `path` alone";
            let problem = Problem::new(message, help).at(path, text.span, "a crate of this workspace");
            return Err(Refusal { problem: Box::new(problem), is_elsewhere: false });
        }
    }
    Ok(places)
}

/// Adds the versions of all dependencies on these crates that are taken from their folders, wherever tables of them stand:
/// of the workspace, of a target, of a build or of tests.
fn of_table(found: &mut Vec<(String, TomlString)>, table: &dyn TableLike, names: &BTreeSet<String>) {
    for (key, item) in table.iter() {
        let Some(inner) = item.as_table_like() else { continue };
        if !key.ends_with("dependencies") {
            entries(Some(item)).into_iter().for_each(|inner| of_table(found, inner, names));
            continue;
        }
        for (key, entry) in inner.iter() {
            let Some(entry) = entry.as_table_like().filter(|entry| entry.contains_key("path")) else { continue };
            let name = entry.get("package").and_then(Item::as_str).unwrap_or(key);
            let version = entry.get("version").and_then(toml::string).filter(|_| names.contains(name));
            found.extend(version.map(|version| (name.to_owned(), version)));
        }
    }
}

/// Returns the versions of these crates in a lockfile.
fn locked(search: &Search<'_>, lock: &Utf8Path, names: &BTreeSet<String>) -> Found<Vec<Place>> {
    let mut found = Vec::new();
    read(search, lock, |root| {
        let packages = root.get("package")?.as_array_of_tables()?;
        let is_own = |name: Option<&str>| name.is_some_and(|name| names.contains(name));
        for package in packages {
            if !package.contains_key("source") && is_own(package.get("name").and_then(Item::as_str)) {
                found.extend(package.get("version").and_then(toml::string));
            }
        }
        Some(())
    })?;
    found.iter().map(|version| search.toml_place(lock, version, "package")).collect()
}

fn unparsed(path: &Utf8Path, place: (Span, String)) -> Refusal {
    let problem = Problem::unparsed(path, "is not TOML", CORRECT_SYNTAX, place);
    Refusal { problem: Box::new(problem), is_elsewhere: false }
}
