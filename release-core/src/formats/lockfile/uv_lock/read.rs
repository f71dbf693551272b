//! Reading of a lockfile's content from its tree.

use super::lists::LISTS;
use super::lock::{
    LockedDependency, LockedExtra, LockedFile, LockedGroup, LockedPackage, LockedRequirement, Metadata, Source,
    SourceKind, UvLock,
};
use super::recorded;
use super::tree::{Kind, Node, Table, list, string, strings};
use crate::manifest::requirement::canonical_name;
use crate::registry::address::without_query;
use crate::registry::file_name::FileKind;

pub(super) fn lock(root: &Table<'_>) -> UvLock {
    UvLock {
        version: integer(root, "version"),
        revision: integer(root, "revision"),
        requires_python: string(root, "requires-python"),
        lists: lists(root),
        recorded: recorded::read(root),
        packages: list(root, "package").iter().filter_map(package).collect(),
    }
}

/// Reads the lists of `[manifest]`.
fn lists(root: &Table<'_>) -> Vec<LockedGroup> {
    let Some(manifest) = root.get("manifest").and_then(Node::as_table) else { return Vec::new() };
    let list = |name: &str, node: &Node<'_>| LockedGroup {
        name: name.to_owned(),
        requirements: node.as_list().iter().filter_map(requirement).collect(),
    };
    let groups = manifest.get("dependency-groups").and_then(Node::as_table);
    let groups = groups.into_iter().flat_map(|groups| &groups.entries);
    let groups = groups.map(|(name, node)| list(&format!("dependency-groups.{}", canonical_name(name)), node));
    LISTS.iter().filter_map(|(key, table)| Some(list(table, manifest.get(key)?))).chain(groups).collect()
}

fn package(node: &Node<'_>) -> Option<LockedPackage> {
    let package = node.as_table()?;
    let sdist = package.get("sdist").and_then(|entry| file(FileKind::Sdist, entry));
    let wheels = list(package, "wheels").iter().filter_map(|entry| file(FileKind::Wheel, entry));
    Some(LockedPackage {
        span: node.span.clone(),
        name: string(package, "name")?,
        version: string(package, "version"),
        source: package.get("source").and_then(Node::as_table).and_then(source),
        dependencies: dependencies(list(package, "dependencies")),
        optional_dependencies: extras(package),
        files: sdist.into_iter().chain(wheels).collect(),
        metadata: package.get("metadata").and_then(Node::as_table).map(metadata),
        group_settings: recorded::group_settings(package),
    })
}

fn extras(package: &Table<'_>) -> Vec<LockedExtra> {
    let Some(extras) = package.get("optional-dependencies").and_then(Node::as_table) else { return Vec::new() };
    let extra = |(name, node): &(_, Node<'_>)| LockedExtra {
        name: AsRef::<str>::as_ref(name).to_owned(),
        dependencies: dependencies(node.as_list()),
    };
    extras.entries.iter().map(extra).collect()
}

fn dependencies(nodes: &[Node<'_>]) -> Vec<LockedDependency> {
    let dependency = |node: &Node<'_>| {
        let entry = node.as_table()?;
        Some(LockedDependency {
            name: string(entry, "name")?,
            extras: strings(entry, "extra"),
            marker: string(entry, "marker"),
        })
    };
    nodes.iter().filter_map(dependency).collect()
}

fn source(table: &Table<'_>) -> Option<Source> {
    SourceKind::ALL.into_iter().find_map(|(kind, key)| Some(Source { kind, location: string(table, key)? }))
}

fn file(kind: FileKind, node: &Node<'_>) -> Option<LockedFile> {
    let entry = node.as_table()?;
    // For an archive that is the source itself, uv records only the name.
    let (location, text) = ["url", "path", "filename"].into_iter().find_map(|key| {
        let node = entry.get(key)?;
        Some((node, node.as_str()?))
    })?;
    let text_of = |key: &str| entry.get(key).and_then(Node::as_str).map(str::to_owned);
    Some(LockedFile {
        kind,
        name: file_name(text),
        location: location.span.clone(),
        span: node.span.clone(),
        url: text_of("url"),
        hash: text_of("hash"),
        size: integer(entry, "size"),
        upload_time: text_of("upload-time"),
    })
}

/// Returns the last part of a URL or path, without query and fragment, and with its escapes (`%2B`) resolved.
fn file_name(location: &str) -> String {
    let name = without_query(location).rsplit('/').next().unwrap_or_default();
    if !name.contains('%') {
        return name.to_owned();
    }
    let mut decoded = Vec::with_capacity(name.len());
    let mut rest = name.as_bytes();
    while let [first, after @ ..] = rest {
        let escape = after.get(..2).filter(|_| *first == b'%').and_then(|digits| std::str::from_utf8(digits).ok());
        match escape.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) => {
                decoded.push(byte);
                rest = &after[2..];
            }
            None => {
                decoded.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8(decoded).unwrap_or_else(|_| name.to_owned())
}

fn metadata(table: &Table<'_>) -> Metadata {
    let groups = table.get("requires-dev").and_then(Node::as_table);
    let group = |(name, node): &(_, Node<'_>)| LockedGroup {
        name: canonical_name(AsRef::<str>::as_ref(name)),
        requirements: node.as_list().iter().filter_map(requirement).collect(),
    };
    Metadata {
        extras: strings(table, "provides-extras"),
        requires_dist: list(table, "requires-dist").iter().filter_map(requirement).collect(),
        requires_dev: groups.map_or(&[][..], |groups| &groups.entries).iter().map(group).collect(),
    }
}

fn requirement(node: &Node<'_>) -> Option<LockedRequirement> {
    let entry = node.as_table()?;
    Some(LockedRequirement {
        span: node.span.clone(),
        name: string(entry, "name")?,
        extras: strings(entry, "extras"),
        specifier: string(entry, "specifier"),
        marker: string(entry, "marker"),
        index: string(entry, "index"),
        source: source(entry),
    })
}

fn integer(table: &Table<'_>, key: &str) -> Option<i64> {
    if let Kind::Integer(number) = table.get(key)?.kind { Some(number) } else { None }
}
