//! The changes that a tool made in a lockfile beyond the necessary ones.

use crate::lockfile::package_lock::{LockedEntry, PackageLock};
use crate::manifest::requirement::canonical_name;
use std::collections::{BTreeMap, BTreeSet};

/// The head of every package in a `uv.lock`.
const PACKAGE: &str = "[[package]]\n";

/// Returns the differences between two texts of a `uv.lock` outside these clients (normalised names) and the packages
/// that are built from the tree: the format's version or revision with both values, `the head` if anything else of it that
/// does not name a client changed, and the names of packages.
pub fn beyond_uv(old: &str, new: &str, clients: &[&str]) -> Vec<String> {
    let (mut old, mut new) = (blocks(old), blocks(new));
    let heads = [&mut old, &mut new].map(|blocks| blocks.remove("").unwrap_or_default().concat());
    let mut found = head(&heads[0], &heads[1], clients);
    let names: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    let is_ours = |name: &str| {
        clients.contains(&canonical_name(name).as_str())
            || new.get(name).or_else(|| old.get(name)).is_some_and(|blocks| blocks.iter().any(|block| is_local(block)))
    };
    let differs = |name: &&&String| old.get(**name) != new.get(**name) && !is_ours(name);
    found.extend(names.iter().filter(differs).map(|name| (*name).clone()));
    found
}

/// Returns the differences between what stands before the first package.
fn head(old: &str, new: &str, clients: &[&str]) -> Vec<String> {
    const NAMED: [&str; 2] = ["version", "revision"];
    let value = |text: &str, key: &str| {
        let of_line = |line: &str| Some(line.strip_prefix(key)?.strip_prefix(" = ")?.to_owned());
        text.lines().find_map(of_line).unwrap_or_else(|| "none".to_owned())
    };
    let both = NAMED.map(|key| (key, value(old, key), value(new, key)));
    let mut found: Vec<String> = both
        .into_iter()
        .filter(|(_, old, new)| old != new)
        .map(|(key, old, new)| format!("{key} {new} of the format instead of {old}"))
        .collect();
    let rest = |text: &str| {
        let is_named = |line: &str| NAMED.iter().any(|key| line.starts_with(&format!("{key} = ")));
        let is_client = |line: &str| clients.iter().any(|client| line.contains(&format!("{{ name = \"{client}\"")));
        let lines = text.lines().filter(|line| !is_named(line) && !is_client(line));
        lines.map(str::to_owned).collect::<Vec<_>>()
    };
    if rest(old) != rest(new) {
        found.push("the head of the file".to_owned());
    }
    found
}

/// Returns the blocks of each package, and the text before the first one under the empty name.
fn blocks(text: &str) -> BTreeMap<String, Vec<&str>> {
    let mut found: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for (index, block) in text.split(PACKAGE).enumerate() {
        let name = || block.lines().find_map(|line| line.strip_prefix("name = \"")?.strip_suffix('"'));
        let name = if index == 0 { "" } else { name().unwrap_or("a package without a name") };
        found.entry(name.to_owned()).or_default().push(block.trim_end());
    }
    found
}

fn is_local(block: &str) -> bool {
    let source = block.lines().find_map(|line| line.strip_prefix("source = { "));
    source.is_some_and(|source| ["editable", "virtual", "directory"].iter().any(|kind| source.starts_with(kind)))
}

/// Returns the differences between two readings of a `package-lock.json` outside a client: the paths of entries.
pub fn beyond_npm(old: &PackageLock, new: &PackageLock, client: &str) -> Vec<String> {
    let (before, after) = (entries(old), entries(new));
    let paths: BTreeSet<&str> = before.keys().chain(after.keys()).copied().collect();
    let own = format!("node_modules/{client}");
    let differs = |path: &&str| {
        let (before, after) = (before.get(path), after.get(path));
        !path.is_empty() && **path != own && before.map(content) != after.map(content)
    };
    let mut found: Vec<String> = paths.into_iter().filter(differs).map(str::to_owned).collect();
    if old.lockfile_version != new.lockfile_version {
        found.push(format!("lockfileVersion {} instead of {}", new.lockfile_version, old.lockfile_version));
    }
    found
}

fn entries(lock: &PackageLock) -> BTreeMap<&str, &LockedEntry> {
    lock.packages.iter().map(|entry| (entry.path.value.as_str(), entry)).collect()
}

/// Returns the content of an entry, independent of its place.
fn content<'a>(entry: &&'a LockedEntry) -> [Option<&'a str>; 3] {
    [&entry.version, &entry.resolved, &entry.integrity].map(|field| field.as_ref().map(|field| field.value.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::SourceText;

    #[test]
    fn what_uv_changed_besides_the_client_is_named() {
        let lock = |revision: u8, client: &str, anyio: &str, own: &str| {
            format!(
                "version = 1\nrevision = {revision}\n\n[[package]]\nname = \"anyio\"\nversion = \"{anyio}\"\n\n[[package]]\nname = \"meadow\"\nsource = {{ editable = \".\" }}\nx = {own}\n\n[[package]]\nname = \"meadow-client\"\nversion = \"{client}\"\n"
            )
        };
        let beyond = |new: &str| beyond_uv(&lock(2, "0.4.4", "4.1.0", "1"), new, &["meadow-client"]);
        assert_eq!(beyond(&lock(2, "0.4.5", "4.1.0", "2")), [""; 0]);
        assert_eq!(beyond(&lock(5, "0.4.5", "4.2.0", "1")), ["revision 5 of the format instead of 2", "anyio"]);
        let without = lock(2, "0.4.4", "4.1.0", "1").replace("revision = 2\n", "");
        assert_eq!(beyond(&without), ["revision none of the format instead of 2"]);
        let headed = |head: &str| lock(2, "0.4.5", "4.1.0", "1").replacen("\n\n", &format!("\n{head}\n"), 1);
        assert_eq!(beyond(&headed("resolution-markers = []\n")), ["the head of the file"]);
        let constraint = |version: &str| {
            headed(&format!(
                "[manifest]\nconstraints = [{{ name = \"meadow-client\", specifier = \"=={version}\" }}]\n"
            ))
        };
        assert_eq!(beyond_uv(&constraint("0.4.4"), &constraint("0.4.5"), &["meadow-client"]), [""; 0]);
        let added = lock(2, "0.4.5", "4.1.0", "1") + "\n[[package]]\nname = \"sniffio\"\nversion = \"1\"\n";
        assert_eq!(beyond(&added), ["sniffio"]);
    }

    #[test]
    fn what_npm_changed_besides_the_client_is_named() {
        let lock = |version: u8, client: &str, others: &str| {
            let text = format!(
                "{{\"lockfileVersion\": {version}, \"packages\": {{\"\": {{\"version\": \"{client}\"}}, \"node_modules/meadow-client\": {{\"version\": \"{client}\"}}{others}}}}}"
            );
            PackageLock::parse(&SourceText::new(text)).unwrap()
        };
        let react = ", \"node_modules/react\": {\"version\": \"19.1.0\"}";
        let old = lock(3, "0.4.4", react);
        assert_eq!(beyond_npm(&old, &lock(3, "0.4.5", react), "meadow-client"), [""; 0]);
        assert_eq!(
            beyond_npm(&old, &lock(3, "0.4.5", &react.replace("19.1", "19.2")), "meadow-client"),
            ["node_modules/react"]
        );
        assert_eq!(
            beyond_npm(&old, &lock(2, "0.4.5", ""), "meadow-client"),
            ["node_modules/react", "lockfileVersion 2 instead of 3"]
        );
    }
}
