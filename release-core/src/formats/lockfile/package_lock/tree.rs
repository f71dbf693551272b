//! Checks that the tree of a lockfile is complete: npm repairs an incomplete tree, in any place, together with any
//! other change.

use crate::lockfile::NotNative;
use crate::registry::npm::AS_IT_IS;
use crate::version::npm::{Spec, read_version};
use serde_json::{Map, Value};
use std::collections::{HashMap, HashSet};

/// The longest path of a package that is followed.
const MAX_PATH: usize = 512;

/// The keys in the entry of a package that was installed from a registry, beside those that are recorded unchanged. npm drops other
/// keys.
const KEYS: [&str; 15] = [
    "name",
    "version",
    "resolved",
    "integrity",
    "bundleDependencies",
    "funding",
    "license",
    "hasShrinkwrap",
    "hasInstallScript",
    "bin",
    "inBundle",
    "peer",
    "dev",
    "optional",
    "devOptional",
];

/// The tables of an installed package, with `true` if their packages may be absent.
const TABLES: [(&str, bool); 3] =
    [("dependencies", false), ("optionalDependencies", true), ("peerDependencies", false)];

struct Tree<'a> {
    entries: HashMap<&'a str, &'a Map<String, Value>>,
}

/// A requirement of one package on another.
struct Edge<'a> {
    from: &'a str,
    table: &'static str,
    name: &'a str,
    range: &'a str,
    may_be_absent: bool,
}

/// Checks that npm would repair nothing in `packages` of the new lockfile, and that it would not merge copies when
/// the package in the folder `client` is installed again.
///
/// # Errors
/// The first such change.
pub(super) fn verify(packages: &Map<String, Value>, client: &str) -> Result<(), NotNative> {
    let mut entries = HashMap::with_capacity(packages.len());
    for (path, entry) in packages {
        let Some(entry) = entry.as_object() else {
            return refuse!("the entry `{path}` of the lockfile is not an object");
        };
        is_installed(path, entry)?;
        entries.insert(path.as_str(), entry);
    }
    let tree = Tree { entries };
    let reached = tree.reached()?;
    match tree.entries.keys().filter(|path| !reached.contains(*path)).min() {
        Some(path) => refuse!("no package requires the entry `{path}` of the lockfile"),
        None => tree.has_no_copy_below(client),
    }
}

fn is_installed(path: &str, entry: &Map<String, Value>) -> Result<(), NotNative> {
    if path.is_empty() {
        return Ok(());
    }
    let refuse = |what: &str| refuse!("the entry `{path}` of the lockfile {what}");
    if path.len() > MAX_PATH {
        return refuse("is nested too deeply");
    }
    if !path.starts_with("node_modules/") || entry.get("link").is_some() {
        return refuse("is a folder of the repository or a link to one, such as a workspace");
    }
    if entry.get("version").and_then(Value::as_str).is_none() {
        return refuse("has no version");
    }
    let is_known = |key: &str| KEYS.contains(&key) || AS_IT_IS.contains(&key);
    match entry.keys().find(|key| !is_known(key)) {
        Some(key) => refuse(&format!("has the key `{key}`, which npm does not write there")),
        None => Ok(()),
    }
}

impl<'a> Tree<'a> {
    /// Returns every path that is required, including the project.
    fn reached(&self) -> Result<HashSet<&'a str>, NotNative> {
        let mut reached = HashSet::from([""]);
        let mut next = vec![""];
        while let Some(path) = next.pop() {
            for edge in self.edges(path) {
                if let Some(found) = self.follow(&edge)?
                    && reached.insert(found)
                {
                    next.push(found);
                }
            }
        }
        Ok(reached)
    }

    fn edges(&self, path: &'a str) -> Vec<Edge<'a>> {
        let Some(entry) = self.entries.get(path) else { return Vec::new() };
        let of_the_project = path.is_empty().then_some(("devDependencies", false));
        let meta = entry.get("peerDependenciesMeta");
        let is_optional_peer =
            |name: &str| meta.and_then(|meta| meta.get(name)?.get("optional")?.as_bool()).unwrap_or_default();
        let tables = TABLES.into_iter().chain(of_the_project);
        tables
            .filter_map(|(table, optional)| Some((table, optional, entry.get(table)?.as_object()?)))
            .flat_map(|(table, optional, ranges)| {
                ranges.iter().map(move |(name, range)| Edge {
                    from: path,
                    table,
                    name,
                    range: range.as_str().unwrap_or_default(),
                    may_be_absent: optional || (table == "peerDependencies" && is_optional_peer(name)),
                })
            })
            .collect()
    }

    /// Returns the path that an edge leads to, or `None` if the edge may lead nowhere and does.
    fn follow(&self, edge: &Edge<'a>) -> Result<Option<&'a str>, NotNative> {
        let asks = || {
            let from = if edge.from.is_empty() { "package.json" } else { edge.from };
            format!("`{}` of {from} ask for {} {}", edge.table, edge.name, edge.range)
        };
        match self.resolve(edge.from, edge.name) {
            None if edge.may_be_absent => Ok(None),
            None => refuse!("{}, which is not in the lockfile", asks()),
            Some((path, entry)) => match accepts(edge, entry) {
                true => Ok(Some(path)),
                false => {
                    let version = entry.get("version").and_then(Value::as_str).unwrap_or_default();
                    refuse!("{}, but {version} is locked", asks())
                }
            },
        }
    }

    /// Finds a package like node: in the folder itself, then in those above.
    fn resolve(&self, from: &str, name: &str) -> Option<(&'a str, &'a Map<String, Value>)> {
        let mut folder = from;
        loop {
            let separator = if folder.is_empty() { "" } else { "/" };
            let path = format!("{folder}{separator}node_modules/{name}");
            if let Some((path, entry)) = self.entries.get_key_value(path.as_str()) {
                return Some((*path, *entry));
            }
            folder = above(folder)?;
        }
    }

    /// Checks for copies below the client: npm drops a package below the one that it installs if a copy further up
    /// satisfies it too.
    fn has_no_copy_below(&self, client: &str) -> Result<(), NotNative> {
        let below = format!("{client}/");
        let inside: Vec<&'a str> =
            self.entries.keys().copied().filter(|path| *path == client || path.starts_with(&below)).collect();
        let required: Vec<Edge<'a>> = inside.iter().flat_map(|path| self.edges(path)).collect();
        let folder = format!("{client}/node_modules/");
        let kids = inside.iter().filter_map(|path| Some((*path, path.strip_prefix(&folder)?)));
        for (path, name) in kids.filter(|(_, name)| !name.contains("/node_modules/")) {
            let Some((_, other)) = above(client).and_then(|folder| self.resolve(folder, name)) else { continue };
            let mut wanted = required.iter().filter(|edge| {
                edge.name == name && self.resolve(edge.from, name).is_some_and(|(found, _)| found == path)
            });
            if wanted.all(|edge| accepts(edge, other)) {
                return refuse!("the copy of {name} below {client} is not needed, and npm would remove it");
            }
        }
        Ok(())
    }
}

/// Returns the folder of the package in whose `node_modules` a package lies, or `None` for the project.
fn above(path: &str) -> Option<&str> {
    let at = path.rfind("node_modules/")?;
    Some(path[..at].trim_end_matches('/'))
}

fn accepts(edge: &Edge<'_>, entry: &Map<String, Value>) -> bool {
    let range = match Spec::parse(edge.range) {
        Spec::Range(range) if entry.get("name").is_none() => range,
        // If the version does not come from a range, the lockfile's is accepted.
        Spec::Range(_) => return false,
        Spec::Alias { wanted, .. } => match wanted.range() {
            Some(range) => range.clone(),
            None => return true,
        },
        Spec::Tag(_) | Spec::Other(_) => return true,
    };
    let version = entry.get("version").and_then(Value::as_str).and_then(read_version);
    // As in npm, `*` includes pre-releases.
    version.is_some_and(|version| matches!(edge.range, "" | "*") || range.contains(&version))
}
