//! Updates a client to another version in `package.json` and `package-lock.json`, like `npm install NAME@VERSION
//! --package-lock-only`, by edits of single values.
//!
//! npm rewrites both files from the whole tree. This module proves that only those values change, or returns the
//! obstacle: the files have npm's layout, the tree is complete, and npm records the same about the new version as
//! about the old one.

#[cfg(test)]
mod tests;

use super::compare::differences;
use super::lock::{LockedEntry, PackageLock};
use super::{files, tree};
use crate::lockfile::NotNative;
use crate::manifest::package_json::{Dependency, JsonString, PackageJson};
use crate::registry::npm::Manifest;
use crate::text::{SourceText, Span, TextEdit};
use crate::version::npm::{Spec, read_version};
use files::{Change, Files};
use serde_json::{Map, Value};
use std::borrow::Cow;
use std::collections::BTreeSet;

/// Keys of an entry that do not come from the package: its place in the tree, and the values that are edited here.
const OF_THE_TREE: [&str; 7] = ["version", "resolved", "integrity", "dev", "optional", "devOptional", "peer"];

/// The wanted state of both files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wanted<'a> {
    /// The client's name in `package.json`.
    pub client: &'a str,
    /// The package on npm; another one for an alias.
    pub package: &'a str,
    /// Its version as npm spells it (`0.5.0-rc.1`).
    pub version: &'a str,
    /// The wanted range in `package.json` (`^0.4.5`, or `npm:NAME@^0.4.5`); it must contain the version.
    pub range: &'a str,
}

/// The work to do on two files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need<'a> {
    /// Both are correct.
    Nothing,
    /// The version is already locked; the range in `package.json`, or the lockfile's record of it, is not correct.
    Ranges,
    /// This entry locks another version: the registry must be asked.
    Entry(&'a LockedEntry),
}

/// The edits of both files; either list may be empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Edits {
    /// The edits of `package.json`.
    pub package_json: Vec<TextEdit>,
    /// The edits of `package-lock.json`.
    pub lock: Vec<TextEdit>,
}

/// Returns the work that is left, without asking a registry.
///
/// # Errors
/// If only npm can tell: the client is required in no table or in several, or not by a range; it is locked more than
/// once, or not from a registry; or the files differ about other packages.
pub fn need<'a>(package: &PackageJson, lock: &'a PackageLock, wanted: &Wanted<'_>) -> Result<Need<'a>, NotNative> {
    in_range(wanted)?;
    let requirement = asked_for(package, wanted)?;
    if let Some(other) = differences(package, lock).iter().find(|difference| difference.name != wanted.client) {
        let text = |side: Option<&Dependency>| side.map_or("nothing".to_owned(), |side| format!("`{}`", side.range));
        let (recorded, wanted) = (text(other.recorded), text(other.wanted));
        return refuse!("the lockfile records {recorded} for {}, where package.json asks for {wanted}", other.name);
    }
    let entry = locked(lock, wanted)?;
    let recorded = recorded(lock, requirement)?;
    let version = |entry: &LockedEntry| {
        let version = entry.version.as_ref().map(|version| version.value.as_str());
        version == Some(wanted.version) || version == Some(&*of_alias(wanted.package, wanted.version))
    };
    let copies = lock.legacy.iter().filter(|copy| copy.path.value == entry.path.value);
    if !version(entry) || !copies.into_iter().all(version) {
        return Ok(Need::Entry(entry));
    }
    let is_overridden = changes_of_overrides(package, wanted).next().is_some();
    let has_wanted_ranges = requirement.range == wanted.range && recorded.range == wanted.range && !is_overridden;
    let repairs = repairs(package, lock)?;
    Ok(if has_wanted_ranges && repairs.is_empty() { Need::Nothing } else { Need::Ranges })
}

/// Returns the edits that npm would make in both files. `published` is the registry's manifest of the wanted version,
/// and the archive's address for the lockfile; it may be `None` if [`need`] says that the version is already locked.
///
/// # Errors
/// If anything else could change as well.
pub fn relock(
    package: (&SourceText, &PackageJson),
    lock: (&SourceText, &PackageLock),
    wanted: &Wanted<'_>,
    published: Option<(&Manifest, &str)>,
) -> Result<Edits, NotNative> {
    let need = need(package.1, lock.1, wanted)?;
    if need == Need::Nothing {
        return Ok(Edits::default());
    }
    let before = Files::read(package.0, lock.0, wanted.client)?;
    let entry = locked(lock.1, wanted)?;
    if let Some((manifest, _)) = published {
        fits(wanted, manifest, &before.entry(&entry.path.value)?)?;
    }
    let in_package = changes_of_package(package.1, wanted)?;
    let in_lock = match (need, published) {
        (Need::Entry(_), None) => {
            return refuse!("the registry was not asked for {} {}", wanted.client, wanted.version);
        }
        (Need::Entry(_), Some((manifest, resolved))) => {
            let Some(integrity) = manifest.integrity.as_deref().filter(|integrity| is_sha512(integrity)) else {
                let Wanted { package, version, .. } = wanted;
                return refuse!("{package} {version} is published without a single SHA-512 as `integrity`");
            };
            let mut changes = changes_of_project(package.1, lock.1, wanted)?;
            changes.extend(changes_of_entry(lock.1, entry, wanted, [resolved, integrity])?);
            changes
        }
        (_, published) => {
            let same =
                |manifest: &Manifest| manifest.integrity.as_deref() == entry.integrity.as_ref().map(|i| &*i.value);
            if published.is_some_and(|(manifest, _)| !same(manifest)) {
                let Wanted { client, version, .. } = wanted;
                return refuse!("the `integrity` of {client} {version} in the lockfile differs from the published one");
            }
            changes_of_project(package.1, lock.1, wanted)?
        }
    };
    before.verify(&in_package, &in_lock, &entry.path.value)
}

fn in_range(wanted: &Wanted<'_>) -> Result<(), NotNative> {
    let Wanted { client, package, version, range } = wanted;
    let is_in = match (Spec::parse(range), read_version(version)) {
        (Spec::Range(range), Some(version)) => client == package && range.contains(&version),
        (Spec::Alias { name, wanted }, Some(version)) => {
            name == *package && wanted.range().is_some_and(|range| range.contains(&version))
        }
        _ => false,
    };
    if is_in { Ok(()) } else { refuse!("{client} {version} is not in the range `{range}`") }
}

/// Returns the requirement on the client in `package.json`.
fn asked_for<'a>(package: &'a PackageJson, wanted: &Wanted<'_>) -> Result<&'a Dependency, NotNative> {
    let Wanted { client, package: name, .. } = wanted;
    let is_range = |spec: &Spec| match spec {
        Spec::Range(_) => client == name,
        Spec::Alias { name: own, wanted } => own == name && wanted.range().is_some(),
        Spec::Tag(_) | Spec::Other(_) => false,
    };
    let mut found = package.dependencies.iter().filter(|dependency| dependency.name == *client);
    let (first, second) = (found.next(), found.next());
    match (first, second) {
        (None, _) => refuse!("package.json does not ask for {client}"),
        (Some(first), Some(second)) => {
            refuse!("package.json asks for {client} in `{}` and in `{}`", first.table, second.table)
        }
        // In this case npm also adds it to the lockfile's `dependencies`.
        (Some(first), None) if first.table == "optionalDependencies" => {
            refuse!("package.json asks for {client} in `optionalDependencies`")
        }
        (Some(first), None) => match is_range(&Spec::parse(&first.range)) {
            true => Ok(first),
            false => refuse!("package.json asks for {client} by `{}`, which is not a range", first.range),
        },
    }
}

/// Returns the lockfile's record of that requirement, in the same table.
fn recorded<'a>(lock: &'a PackageLock, requirement: &Dependency) -> Result<&'a Dependency, NotNative> {
    let noted = lock.project().into_iter().flat_map(|project| &project.dependencies);
    let mut found = noted.filter(|dependency| dependency.name == requirement.name);
    match (found.next(), found.next()) {
        (Some(one), None) if one.table == requirement.table => Ok(one),
        _ => refuse!(
            "the lockfile does not record that package.json asks for {} in `{}`",
            requirement.name,
            requirement.table
        ),
    }
}

/// Returns the only entry of the client.
fn locked<'a>(lock: &'a PackageLock, wanted: &Wanted<'_>) -> Result<&'a LockedEntry, NotNative> {
    let Wanted { client, package, .. } = wanted;
    let is_meant = |entry: &&LockedEntry| {
        let names = [entry.name(), entry.folder()];
        !entry.path.value.is_empty() && (names.contains(&Some(client)) || names.contains(&Some(package)))
    };
    let mut found = lock.packages.iter().filter(is_meant);
    let Some(entry) = found.next() else { return refuse!("{client} is not in the lockfile") };
    if let Some(second) = found.next() {
        return refuse!(
            "{client} is in the lockfile more than once: `{}` and `{}`",
            entry.path.value,
            second.path.value
        );
    }
    if entry.link || lock.packages.iter().any(|other| !other.path.value.is_empty() && other.folder().is_none()) {
        return refuse!("the lockfile contains folders of the repository, such as workspaces");
    }
    let is_named = entry.name() == Some(package) && (entry.explicit_name.is_some() == (client != package));
    if entry.in_bundle || !is_named || entry.path.value != format!("node_modules/{client}") {
        return match client == package {
            true => refuse!("{client} is not locked as a package of that name in `node_modules/{client}`"),
            false => refuse!("{client} is not locked as the package {package} in `node_modules/{client}`"),
        };
    }
    let is_archive = match &entry.resolved {
        Some(resolved) => resolved.value.starts_with("http"),
        None => is_without_addresses(lock),
    };
    if entry.version.is_none() || !is_archive {
        return refuse!("{client} is not locked with a version and the address of its archive");
    }
    match &entry.integrity {
        Some(integrity) if is_sha512(&integrity.value) => Ok(entry),
        Some(_) => refuse!("the `integrity` of {client} in the lockfile is not a single SHA-512"),
        None => refuse!("{client} is locked without `integrity`"),
    }
}

/// Returns `true` if no package of a registry has an address in the lockfile, as npm writes it with
/// `omit-lockfile-registry-resolved`.
pub fn is_without_addresses(lock: &PackageLock) -> bool {
    let has_address = |entry: &LockedEntry| !entry.link && entry.resolved.is_some();
    !lock.packages.iter().chain(&lock.legacy).any(has_address)
}

/// Returns the version of an alias, as the copy for npm 6 spells it.
fn of_alias(package: &str, version: &str) -> String {
    format!("npm:{package}@{version}")
}

/// Returns `true` if an integrity is a single SHA-512 (<https://www.w3.org/TR/SRI/#integrity-metadata-description>).
fn is_sha512(text: &str) -> bool {
    let is_digit = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/');
    text.strip_prefix("sha512-")
        .and_then(|digest| digest.strip_suffix("=="))
        .is_some_and(|digest| digest.len() == 86 && digest.bytes().all(is_digit))
}

/// Checks that npm records the same about the published version as about the locked one.
fn fits(wanted: &Wanted<'_>, manifest: &Manifest, entry: &Map<String, Value>) -> Result<(), NotNative> {
    let Wanted { package: client, version, .. } = wanted;
    if manifest.version != *version {
        return refuse!("the registry answered {}, not {client} {version}", manifest.version);
    }
    if let Some(key) = ["bundleDependencies", "hasShrinkwrap"].iter().find(|key| manifest.noted.contains_key(*key)) {
        return refuse!("{client} {version} has `{key}`: its content is only in its archive");
    }
    let keys: BTreeSet<&str> = manifest.noted.keys().copied().chain(entry.keys().map(String::as_str)).collect();
    // An alias has the name of its package there.
    let is_alias = |key: &str| key == "name" && wanted.client != *client && !manifest.noted.contains_key(key);
    let others: Vec<String> = keys
        .into_iter()
        .filter(|key| !is_alias(key) && !OF_THE_TREE.contains(key) && manifest.noted.get(key) != entry.get(*key))
        .map(|key| format!("`{key}`"))
        .collect();
    if others.is_empty() {
        return Ok(());
    }
    let locked = entry.get("version").and_then(Value::as_str).unwrap_or_default();
    refuse!("{client} {version} has other {} than the locked {locked}", others.join(", "))
}

fn changes_of_package<'a>(package: &'a PackageJson, wanted: &Wanted<'a>) -> Result<Vec<Change<'a>>, NotNative> {
    let requirement = asked_for(package, wanted)?;
    let keys = vec![requirement.table, wanted.client];
    let own = changed(keys, &requirement.range, &requirement.span, wanted.range);
    Ok(own.into_iter().chain(changes_of_overrides(package, wanted)).collect())
}

/// Returns the changes of the overrides that are to move with the requirement.
fn changes_of_overrides<'a>(package: &'a PackageJson, wanted: &Wanted<'a>) -> impl Iterator<Item = Change<'a>> {
    let Wanted { client, version, range, .. } = *wanted;
    let old = package.dependencies.iter().find(|dependency| dependency.name == client);
    let moved = old.into_iter().flat_map(move |old| package.overrides.iter().map(move |one| (old, one)));
    moved.filter_map(move |(old, one)| {
        let new = one.moved(old, version, range)?;
        let keys = one.table.split('.').chain([client]).collect();
        changed(keys, &one.wanted.value, &one.wanted.span, new)
    })
}

fn changes_of_project<'a>(
    package: &'a PackageJson,
    lock: &'a PackageLock,
    wanted: &Wanted<'a>,
) -> Result<Vec<Change<'a>>, NotNative> {
    let recorded = recorded(lock, asked_for(package, wanted)?)?;
    let keys = vec!["packages", "", recorded.table, wanted.client];
    let mut changes = repairs(package, lock)?;
    changes.extend(changed(keys, &recorded.range, &recorded.span, wanted.range));
    Ok(changes)
}

/// Returns the changes that set the lockfile's name and version of the project to those of `package.json`: npm always
/// corrects them.
fn repairs<'a>(package: &'a PackageJson, lock: &'a PackageLock) -> Result<Vec<Change<'a>>, NotNative> {
    let project = lock.project();
    let inner = project.map(|project| [&project.explicit_name, &project.version]);
    let mut changes = Vec::new();
    for (index, (key, own)) in [("name", &package.name), ("version", &package.version)].into_iter().enumerate() {
        let inner = inner.and_then(|inner| inner[index].as_ref());
        let outer = if index == 0 { &lock.name } else { &lock.version }.as_ref();
        match (own, inner, outer) {
            (Some(own), Some(inner), Some(outer)) if !own.value.is_empty() => {
                let change = |keys, old: &JsonString| changed(keys, &old.value, &old.span, own.value.as_str());
                changes.extend(change(vec!["packages", "", key], inner).into_iter().chain(change(vec![key], outer)));
            }
            (None, None, None) => {}
            // A project without a name has the name of its folder.
            (None, None, Some(_)) if key == "name" => {}
            _ => {
                return refuse!("the `{key}` of package.json is missing there or in one of its places in the lockfile");
            }
        }
    }
    Ok(changes)
}

fn changes_of_entry<'a>(
    lock: &'a PackageLock,
    entry: &'a LockedEntry,
    wanted: &Wanted<'a>,
    [resolved, integrity]: [&'a str; 2],
) -> Result<Vec<Change<'a>>, NotNative> {
    let name = entry.folder().unwrap_or_default();
    let mut changes = Vec::new();
    let copies = lock.legacy.iter().filter(|copy| copy.path.value == entry.path.value);
    let copies = copies.map(|copy| (vec!["dependencies", name], copy));
    let has_address = entry.resolved.is_some();
    for (keys, entry) in [(vec!["packages", &*entry.path.value], entry)].into_iter().chain(copies) {
        let is_alias = entry.version.as_ref().is_some_and(|version| version.value.starts_with("npm:"));
        let version = match is_alias {
            true => Cow::from(of_alias(wanted.package, wanted.version)),
            false => wanted.version.into(),
        };
        let fields = [
            ("version", &entry.version, version),
            ("resolved", &entry.resolved, resolved.into()),
            ("integrity", &entry.integrity, integrity.into()),
        ];
        for (key, old, new) in fields.into_iter().filter(|(key, ..)| has_address || *key != "resolved") {
            let Some(old) = old else {
                return refuse!("a copy of the entry of {name} in the lockfile has no `{key}`");
            };
            let keys = keys.iter().copied().chain([key]).collect();
            changes.extend(changed(keys, &old.value, &old.span, new));
        }
    }
    Ok(changes)
}

/// Returns a change, or `None` if the text is already right.
fn changed<'a>(keys: Vec<&'a str>, old: &str, span: &Span, new: impl Into<Cow<'a, str>>) -> Option<Change<'a>> {
    let new = new.into();
    (old != new).then(|| Change { keys, span: span.clone(), new })
}

impl Files<'_> {
    /// Makes the changes, reads both files again, and checks that only the wanted strings have changed and that the
    /// tree is complete.
    fn verify(&self, in_package: &[Change<'_>], in_lock: &[Change<'_>], path: &str) -> Result<Edits, NotNative> {
        let (package, package_json) = self.package.changed(in_package)?;
        let (lock, edits) = self.lock.changed(in_lock)?;
        files::notes_all(&package, &lock)?;
        if !package_json.is_empty() && !self.package.ends_as_written() {
            return refuse!("package.json does not end with one line ending, which npm would add");
        }
        let packages = lock.get("packages").and_then(Value::as_object);
        tree::verify(packages.unwrap_or(&Map::new()), path)?;
        Ok(Edits { package_json, lock: edits })
    }
}
