//! `package.json` and its lockfile as values, in npm's layout: the base for edits of single values.

use super::layout;
use crate::lockfile::NotNative;
use crate::manifest::package_json::{self, TABLES};
use crate::registry::npm::noted;
use crate::text::{SourceText, Span, TextEdit, splice};
use jsonc_parser::ast::Object;
use serde_json::{Map, Value};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// The keys of a lockfile; npm keeps no other keys.
const KEYS: [&str; 6] = ["name", "version", "lockfileVersion", "requires", "packages", "dependencies"];

/// Keys that npm rewrites in a `package.json`, or that change the rules of its tree.
const UNUSUAL: [&str; 4] = ["workspaces", "overrides", "bundleDependencies", "bundledDependencies"];

/// Both files.
pub(super) struct Files<'a> {
    /// `package.json`.
    pub(super) package: Json<'a>,
    /// Its lockfile.
    pub(super) lock: Json<'a>,
}

/// A file with its content.
pub(super) struct Json<'a> {
    name: &'static str,
    source: &'a SourceText,
    value: Map<String, Value>,
}

/// A string that changes.
pub(super) struct Change<'a> {
    /// The keys that lead to it.
    pub(super) keys: Vec<&'a str>,
    /// Its place in the file.
    pub(super) span: Span,
    /// Its new text.
    pub(super) new: Cow<'a, str>,
}

impl<'a> Files<'a> {
    /// Reads both files, if npm would leave both unchanged.
    pub(super) fn read(package: &'a SourceText, lock: &'a SourceText, client: &str) -> Result<Self, NotNative> {
        let (package, package_tree) = Json::read("package.json", package)?;
        let (lock, lock_tree) = Json::read("package-lock.json", lock)?;
        let indent = layout::indent(package.source).unwrap_or_default();
        if indent.is_empty() || !layout::is_stringified_but_for_the_end(package.source, &package_tree, indent) {
            return refuse!("package.json is not laid out as npm would write it");
        }
        if !layout::is_stringified(lock.source, &lock_tree, indent) || !layout::is_sorted(&lock_tree) {
            return refuse!("package-lock.json is not laid out or sorted as npm would write it");
        }
        // An override of the client alone moves with it, and stands in no lockfile.
        let is_of_client = |key: &str| {
            let overrides = package.value.get(key).filter(|_| key == "overrides").and_then(Value::as_object);
            overrides.is_some_and(|all| all.len() == 1 && all.get(client).is_some_and(Value::is_string))
        };
        if let Some(key) = UNUSUAL.iter().find(|key| package.value.contains_key(**key) && !is_of_client(key)) {
            return refuse!("package.json has `{key}`");
        }
        keeps_its_tables(&package_tree)?;
        is_complete(&lock.value)?;
        Ok(Self { package, lock })
    }

    /// Returns the entry of a path in the lockfile.
    pub(super) fn entry(&self, path: &str) -> Result<Map<String, Value>, NotNative> {
        let entry = self.lock.value.get("packages").and_then(|packages| packages.get(path)?.as_object());
        entry.cloned().ok_or_else(|| NotNative::new(format!("there is no entry `{path}` in the lockfile")))
    }
}

impl<'a> Json<'a> {
    fn read(name: &'static str, source: &'a SourceText) -> Result<(Self, Object<'a>), NotNative> {
        let tree = package_json::root(source).map_err(|error| NotNative::new(format!("{name}: {error}")))?;
        let value = parsed(name, source.as_str())?;
        Ok((Self { name, source, value }, tree))
    }

    /// Returns `true` if the text ends with a line ending and no more space, as npm writes it.
    pub(super) fn ends_as_written(&self) -> bool {
        self.source.as_str().strip_suffix(self.source.line_ending()).is_some_and(|text| text.ends_with('}'))
    }

    /// Changes strings of the file, and reads the new text again; apart from these strings it must equal the old one.
    pub(super) fn changed(&self, changes: &[Change<'_>]) -> Result<(Map<String, Value>, Vec<TextEdit>), NotNative> {
        let edit =
            |Change { span, new, .. }: &Change<'_>| TextEdit { span: span.clone(), replacement: layout::quoted(new) };
        let edits: Vec<TextEdit> = changes.iter().map(edit).collect();
        let new = splice(self.source.as_str(), &edits).map_err(|error| self.unsound(&error.to_string()))?;
        let mut expected = self.value.clone();
        for Change { keys, new, .. } in changes {
            let Some(place) = place(&mut expected, keys) else { return Err(self.unsound(&keys.join("/"))) };
            *place = Value::from(&**new);
        }
        match parsed(self.name, &new)? {
            found if found == expected => Ok((found, edits)),
            _ => Err(self.unsound("something else would change")),
        }
    }

    fn unsound(&self, why: &str) -> NotNative {
        NotNative::new(format!("the edits of {} are not sound: {why}", self.name))
    }
}

fn parsed(name: &str, text: &str) -> Result<Map<String, Value>, NotNative> {
    serde_json::from_str(text).map_err(|error| NotNative::new(format!("{name}: {error}")))
}

fn place<'v>(value: &'v mut Map<String, Value>, keys: &[&str]) -> Option<&'v mut Value> {
    let (first, rest) = keys.split_first()?;
    rest.iter().try_fold(value.get_mut(*first)?, |value, key| value.get_mut(*key))
}

/// Checks that npm would write the dependency tables of a `package.json` unchanged.
fn keeps_its_tables(package: &Object<'_>) -> Result<(), NotNative> {
    for table in TABLES {
        let Some(property) = package.get(table) else { continue };
        let Some(entries) = property.value.as_object().filter(|entries| !entries.properties.is_empty()) else {
            return refuse!("`{table}` of package.json is empty, and npm would remove it");
        };
        if !layout::has_sorted_keys(entries) {
            return refuse!("`{table}` of package.json is not sorted, and npm would sort it");
        }
    }
    let table = |name: &str| package.get(name).and_then(|property| property.value.as_object());
    let (Some(dependencies), Some(optional)) = (table("dependencies"), table("optionalDependencies")) else {
        return Ok(());
    };
    match optional.properties.iter().find(|property| dependencies.get(property.name.as_str()).is_some()) {
        Some(both) => {
            refuse!("package.json asks for {} in `dependencies` and in `optionalDependencies`", both.name.as_str())
        }
        None => Ok(()),
    }
}

/// Checks that the lockfile has the parts of its version, and that the copy for npm 6 matches the entries.
fn is_complete(lock: &Map<String, Value>) -> Result<(), NotNative> {
    if let Some(key) = lock.keys().find(|key| !KEYS.contains(&key.as_str())) {
        return refuse!("the lockfile has the key `{key}`, which npm does not write");
    }
    let packages = lock.get("packages").and_then(Value::as_object);
    let (Some(packages), Some(Value::Bool(true))) = (packages, lock.get("requires")) else {
        return refuse!("the lockfile is without `packages` or `requires`");
    };
    let is_version_2 = lock.get("lockfileVersion").and_then(Value::as_u64) == Some(2);
    let copies = match lock.get("dependencies") {
        Some(Value::Object(copies)) if is_version_2 => copies,
        None if !is_version_2 => return Ok(()),
        _ => return refuse!("the lockfile's `dependencies` do not belong to its `lockfileVersion`"),
    };
    let mut count = 0;
    copied(packages, "", copies, &mut count)?;
    if count + 1 == packages.len() {
        return Ok(());
    }
    refuse!("`packages` and `dependencies` of the lockfile do not have the same entries")
}

/// Compares the nested copy with the entries, and counts what is in it.
fn copied(
    packages: &Map<String, Value>,
    parent: &str,
    copies: &Map<String, Value>,
    count: &mut usize,
) -> Result<(), NotNative> {
    for (name, copy) in copies {
        let path = format!("{parent}{}node_modules/{name}", if parent.is_empty() { "" } else { "/" });
        // No entry has a path longer than its key, which bounds the work.
        let same = |entry: &Value| {
            ["version", "resolved", "integrity"].iter().all(|key| {
                let alias = *key == "version" && entry.get("name").is_some();
                alias || entry.get(key) == copy.get(key)
            })
        };
        if !packages.get(&path).is_some_and(same) {
            return refuse!("`packages` and `dependencies` of the lockfile differ about `{path}`");
        }
        *count += 1;
        if let Some(Value::Object(below)) = copy.get("dependencies") {
            copied(packages, &path, below, count)?;
        }
    }
    Ok(())
}

/// Checks that the lockfile records every part of `package.json` that npm would record.
pub(super) fn notes_all(package: &Map<String, Value>, lock: &Map<String, Value>) -> Result<(), NotNative> {
    let name = package.get("name").and_then(Value::as_str).unwrap_or_default();
    let mut wanted: BTreeMap<&str, Value> = noted(name, package.clone());
    let development = package.get("devDependencies").filter(|table| table.as_object().is_some_and(|t| !t.is_empty()));
    wanted.extend(development.map(|table| ("devDependencies", table.clone())));
    let project = lock.get("packages").and_then(|packages| packages.get("")?.as_object());
    let Some(project) = project else { return refuse!("the lockfile has no entry of the project") };
    let noted = project.keys().map(String::as_str).filter(|key| !matches!(*key, "name" | "version"));
    match wanted.keys().copied().chain(noted).find(|key| wanted.get(key) != project.get(*key)) {
        Some(key) => refuse!("the lockfile's record of `{key}` differs from package.json"),
        None => Ok(()),
    }
}
