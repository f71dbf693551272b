//! Addresses of another host that a tool writes into a lockfile, as that of a mirror from which it got the packages: they are
//! spelled as the lockfile had them, where that is sure.

use crate::lockfile::package_lock::{JsonString, LockedEntry, PackageLock};
use crate::lockfile::uv_lock::{LockedFile, LockedPackage, SourceKind, UvLock};
use crate::registry::address::{Spelling, authority};
use crate::text::{Span, TextEdit};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// An address that a tool wrote.
struct Written<'a> {
    package: &'a str,
    address: &'a str,
    span: Span,
    /// The address that the lockfile had for an archive of this name and version.
    old: Option<&'a str>,
    /// `true` if its hash is the same too.
    is_same: bool,
}

/// Returns the edits that spell the addresses of npm's new lockfile as the old one did. `known` is the address of an archive in
/// the old lockfile, and the one at which the registry serves it.
///
/// # Errors
/// The first address of another host of which the lockfile's spelling is not known.
pub fn respelled_npm(
    old: &PackageLock,
    new: &PackageLock,
    known: Option<(&str, &str)>,
) -> Result<Vec<TextEdit>, String> {
    let before: HashMap<&str, &LockedEntry> =
        old.packages.iter().map(|entry| (entry.path.value.as_str(), entry)).collect();
    let text = |field: &Option<JsonString>| field.as_ref().map(|one| one.value.clone());
    let written = new.packages.iter().chain(&new.legacy).filter(|entry| !entry.link).filter_map(|entry| {
        let resolved = entry.resolved.as_ref()?;
        let same = before.get(entry.path.value.as_str()).filter(|old| text(&old.version) == text(&entry.version));
        Some(Written {
            package: entry.name().unwrap_or_default(),
            address: &resolved.value,
            span: resolved.span.clone(),
            old: same.and_then(|old| Some(old.resolved.as_ref()?.value.as_str())),
            is_same: same.is_some_and(|old| text(&old.integrity) == text(&entry.integrity)),
        })
    });
    let addresses = old.packages.iter().filter(|entry| !entry.link);
    let hosts = addresses.filter_map(|entry| authority(&entry.resolved.as_ref()?.value)).collect();
    respelled(&written.collect::<Vec<_>>(), &hosts, known)
}

/// Returns the edits that spell the addresses of uv's new lockfile, with this text, as the old one did.
///
/// # Errors
/// The first address of another host of which the lockfile's spelling is not known.
pub fn respelled_uv(old: &UvLock, new: &UvLock, text: &str) -> Result<Vec<TextEdit>, String> {
    let mut edits = indexes(old, new, text)?;
    let files = |lock: &'_ UvLock| -> Vec<(String, LockedFile)> {
        let files = |package: &LockedPackage| {
            let name = package.name.value.clone();
            package.files.iter().map(move |file| (name.clone(), file.clone())).collect::<Vec<_>>()
        };
        lock.packages.iter().filter(|package| index_of(package).is_some()).flat_map(files).collect()
    };
    let (before, after) = (files(old), files(new));
    let by_name: HashMap<&str, &LockedFile> = before.iter().map(|(_, file)| (file.name.as_str(), file)).collect();
    let written = after.iter().filter_map(|(package, file)| {
        let same = by_name.get(file.name.as_str());
        let (old, is_same) = (same.and_then(|old| old.url.as_deref()), same.is_some_and(|old| old.hash == file.hash));
        Some(Written { package, address: file.url.as_deref()?, span: file.location.clone(), old, is_same })
    });
    let hosts = before.iter().filter_map(|(_, file)| authority(file.url.as_deref()?)).collect();
    edits.extend(respelled(&written.collect::<Vec<_>>(), &hosts, None)?);
    edits.sort_by_key(|edit| edit.span.start);
    Ok(edits)
}

fn index_of(package: &LockedPackage) -> Option<&str> {
    let source = package.source.as_ref().filter(|source| source.kind == SourceKind::Registry)?;
    Some(&source.location.value)
}

/// Returns the edits that name the indexes of packages whose version stays as they were named; an index that stands for two is
/// an error.
fn indexes(old: &UvLock, new: &UvLock, text: &str) -> Result<Vec<TextEdit>, String> {
    let key = |package: &LockedPackage| {
        let version = package.version.as_ref().map(|version| version.value.clone());
        (package.name.value.clone(), version)
    };
    let mut before: HashMap<_, BTreeSet<&str>> = HashMap::new();
    for package in &old.packages {
        before.entry(key(package)).or_default().extend(index_of(package));
    }
    let known: BTreeSet<&str> = old.packages.iter().filter_map(index_of).collect();
    let mut names: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for package in &new.packages {
        let Some(index) = index_of(package).filter(|index| !known.contains(index)) else { continue };
        names.entry(index).or_default().extend(before.get(&key(package)).into_iter().flatten());
    }
    let mut edits = Vec::new();
    for (index, names) in names.iter().filter(|_| !known.is_empty()) {
        let [name] = names.iter().collect::<Vec<_>>()[..] else {
            return Err(format!("the index {index}, where the lockfile has {}", listed(&known)));
        };
        let written = format!("registry = {}", literal(index));
        let edit = |(at, _): (usize, &str)| TextEdit {
            span: at..at + written.len(),
            replacement: format!("registry = {}", literal(name)),
        };
        edits.extend(text.match_indices(&written).map(edit));
    }
    Ok(edits)
}

fn respelled(
    written: &[Written<'_>],
    hosts: &BTreeSet<&str>,
    known: Option<(&str, &str)>,
) -> Result<Vec<TextEdit>, String> {
    let moved: Vec<(&str, &str)> =
        written.iter().filter_map(|one| Some((one.old?, one.address))).filter(|(old, new)| old != new).collect();
    let spelling = Spelling::learn(moved.iter().copied().chain(known));
    let mut edits = Vec::new();
    for one in written {
        let is_strange = || authority(one.address).is_some_and(|host| !hosts.is_empty() && !hosts.contains(host));
        let right = match one.old {
            Some(old) if one.is_same => old.to_owned(),
            _ if is_strange() => {
                let right = spelling.as_ref().and_then(|spelling| spelling.locked(one.address));
                right.ok_or_else(|| {
                    format!(
                        "{} for {}, where the lockfile has addresses of {}",
                        one.address,
                        one.package,
                        listed(hosts)
                    )
                })?
            }
            _ => continue,
        };
        if right != one.address {
            edits.push(TextEdit { span: one.span.clone(), replacement: literal(&right) });
        }
    }
    Ok(edits)
}

fn literal(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

fn listed(names: &BTreeSet<&str>) -> String {
    names.iter().copied().collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::{SourceText, splice};

    fn npm(entries: &[(&str, &str, &str)]) -> String {
        let entry = |(name, version, host): &(&str, &str, &str)| {
            format!(
                r#""node_modules/{name}": {{"version": "{version}", "resolved": "{host}/{name}/-/{name}-{version}.tgz"}}"#
            )
        };
        let entries: Vec<String> = entries.iter().map(entry).collect();
        format!(r#"{{"lockfileVersion": 3, "packages": {{"": {{}}, {}}}}}"#, entries.join(", "))
    }

    fn after_npm(old: &str, new: &str, known: Option<(&str, &str)>) -> Result<String, String> {
        let read = |text: &str| PackageLock::parse(&SourceText::new(text)).unwrap();
        respelled_npm(&read(old), &read(new), known).map(|edits| splice(new, &edits).unwrap())
    }

    const OWN: &str = "https://npm.example";
    const MIRROR: &str = "http://mirror.example/npm";

    #[test]
    fn what_npm_got_from_a_mirror_is_spelled_as_the_lockfile_had_it() {
        let old = npm(&[("c", "0.4.4", OWN), ("left", "1.0.0", OWN)]);
        let right = npm(&[("c", "0.4.5", OWN), ("left", "1.0.0", OWN), ("new", "1.0.0", OWN)]);
        let client = npm(&[("c", "0.4.5", MIRROR), ("left", "1.0.0", OWN), ("new", "1.0.0", MIRROR)]);
        let all = npm(&[("c", "0.4.5", MIRROR), ("left", "1.0.0", MIRROR), ("new", "1.0.0", MIRROR)]);
        let served = format!("{MIRROR}/c/-/c-0.4.4.tgz");
        let locked = format!("{OWN}/c/-/c-0.4.4.tgz");
        assert_eq!(after_npm(&old, &client, Some((&locked, &served))).unwrap(), right);
        assert_eq!(after_npm(&old, &all, None).unwrap(), right, "learned from what stays");
        assert_eq!(after_npm(&old, &right, None).unwrap(), right);
        let refused = after_npm(&old, &client, None).unwrap_err();
        assert_eq!(
            refused,
            "http://mirror.example/npm/c/-/c-0.4.5.tgz for c, where the lockfile has addresses of npm.example"
        );
        // A lockfile without addresses has no spelling, and one that was written from the mirror has that.
        let without = r#"{"lockfileVersion": 3, "packages": {"": {}}}"#;
        assert_eq!(after_npm(without, &client, None).unwrap(), client);
    }

    fn uv(entries: &[(&str, &str, &str, &str)]) -> String {
        let entry = |(name, version, index, files): &(&str, &str, &str, &str)| {
            format!(
                "[[package]]\nname = \"{name}\"\nversion = \"{version}\"\nsource = {{ registry = \"{index}\" }}\nsdist = {{ url = \"{files}/{name}-{version}.tar.gz\", hash = \"sha256:{name}{version}\" }}\n"
            )
        };
        format!("version = 1\n\n{}", entries.iter().map(entry).collect::<Vec<_>>().join("\n"))
    }

    fn after_uv(old: &str, new: &str) -> Result<String, String> {
        let read = |text: &str| UvLock::parse(&SourceText::new(text)).unwrap();
        respelled_uv(&read(old), &read(new), new).map(|edits| splice(new, &edits).unwrap())
    }

    #[test]
    fn what_uv_got_from_a_mirror_is_spelled_as_the_lockfile_had_it() {
        let (own, files) = ("https://own.example/simple", "https://files.example/p/a");
        let (mirror, served) = ("https://mirror.example/simple", "https://mirror.example/p/a");
        let old = uv(&[("a", "1", own, files), ("c", "0.4.4", own, files)]);
        let right = uv(&[("a", "1", own, files), ("c", "0.4.5", own, files), ("new", "2", own, files)]);
        let new = uv(&[("a", "1", mirror, served), ("c", "0.4.5", mirror, served), ("new", "2", mirror, served)]);
        assert_eq!(after_uv(&old, &new).unwrap(), right);
        let only_files = uv(&[("a", "1", own, served), ("c", "0.4.5", own, served), ("new", "2", own, served)]);
        assert_eq!(after_uv(&old, &only_files).unwrap(), right);
        assert_eq!(after_uv(&old, &right).unwrap(), right);
        // Two indexes are served by one, and paths are the mirror's own.
        let two = uv(&[("a", "1", own, files), ("b", "1", "https://other.example/simple", files)]);
        let merged = uv(&[("a", "1", mirror, served), ("b", "1", mirror, served)]);
        assert!(after_uv(&two, &merged).unwrap_err().contains("the index https://mirror.example/simple"));
        let elsewhere = uv(&[("a", "1", own, files), ("c", "0.4.5", own, "https://mirror.example/c")]);
        assert!(after_uv(&old, &elsewhere).unwrap_err().starts_with("https://mirror.example/c/c-0.4.5.tar.gz for c"));
    }
}
