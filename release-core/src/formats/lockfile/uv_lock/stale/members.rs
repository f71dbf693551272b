//! The members of a workspace: which they are, and as what each of them is installed.

use super::super::compare::joined;
use super::super::lock::{LockedPackage, SourceKind};
use super::super::workspace::{Root, Workspace};
use super::found::{Changed, Staleness};
use crate::manifest::TomlString;
use crate::manifest::pyproject::Pyproject;
use crate::manifest::requirement::canonical_name;
use camino::{Utf8Path, Utf8PathBuf};
use std::collections::{BTreeMap, BTreeSet};

/// The packages of a workspace, by canonical names.
pub(super) type Members<'a> = BTreeMap<String, Member<'a>>;

/// A package of a workspace.
#[derive(Clone, Copy, Debug)]
pub(super) struct Member<'a> {
    /// The path of its manifest.
    pub(super) path: &'a Utf8Path,
    /// Its manifest.
    pub(super) manifest: &'a Pyproject,
}

/// Returns the members of the workspace of a lockfile, or the reason for which they are not known.
pub(super) fn members<'a>(workspace: &Workspace<'a>, root: &Root<'a>) -> Result<Members<'a>, String> {
    let mut members = Members::new();
    let folder = root.path.parent().unwrap_or(Utf8Path::new(""));
    let table = root.manifest.uv.workspace.as_ref();
    let patterns = |list: Option<&[TomlString]>| list.into_iter().flatten().map(pattern).collect::<Result<Vec<_>, _>>();
    let included = patterns(table.map(|table| &table.members[..]))?;
    let excluded = patterns(table.map(|table| &table.exclude[..]))?;
    for (path, read) in &workspace.manifests {
        let is_root = *path == root.path;
        let Some(below) = path.parent().and_then(|path| path.strip_prefix(folder).ok()) else { continue };
        let below: Vec<&str> = below.components().map(|part| part.as_str()).collect();
        let is_one_of = |patterns: &[Vec<String>]| patterns.iter().any(|pattern| matches(pattern, &below));
        if !is_root && (!is_one_of(&included) || is_one_of(&excluded)) {
            continue;
        }
        let Some(manifest) = read else { return Err(format!("{path}, a member of the workspace, was not read")) };
        let Some(name) = manifest.name().filter(|_| !manifest.uv.is_unmanaged) else { continue };
        members.insert(canonical_name(name), Member { path, manifest });
    }
    Ok(members)
}

/// Returns the paths of manifests that were not read and are those of members, or of other packages that the lockfile builds from
/// the tree.
pub(super) fn unread(workspace: &Workspace<'_>) -> Vec<Utf8PathBuf> {
    let folder = workspace.path.parent().unwrap_or(Utf8Path::new(""));
    let table = workspace.root.as_ref().and_then(|root| root.manifest.uv.workspace.as_ref());
    let included: Vec<_> =
        table.iter().flat_map(|table| &table.members).filter_map(|text| pattern(text).ok()).collect();
    let sources = workspace.lock.packages.iter().filter_map(|package| package.source.as_ref());
    let built =
        sources.filter(|source| source.kind.is_local()).filter_map(|source| joined(folder, &source.location.value));
    let built: BTreeSet<Utf8PathBuf> = built.map(|folder| folder.join("pyproject.toml")).collect();
    let is_member = |path: &Utf8Path| {
        let below = path.parent().and_then(|path| path.strip_prefix(folder).ok());
        let below: Option<Vec<&str>> = below.map(|below| below.components().map(|part| part.as_str()).collect());
        below.is_some_and(|below| included.iter().any(|pattern| matches(pattern, &below)))
    };
    let missing = workspace.manifests.iter().filter(|(_, read)| read.is_none()).map(|(path, _)| *path);
    missing.filter(|path| built.contains(*path) || is_member(path)).map(Utf8Path::to_owned).collect()
}

/// Returns the parts of a pattern of folders.
fn pattern(text: &TomlString) -> Result<Vec<String>, String> {
    let parts = text.value.split('/').filter(|part| !matches!(*part, "" | ".")).map(str::to_owned);
    match text.value.contains(['[', '{', '\\']) || text.value.split('/').any(|part| part == "..") {
        true => Err(format!("only uv knows which folders `{}` of `tool.uv.workspace` means", text.value)),
        false => Ok(parts.collect()),
    }
}

/// Returns `true` if a pattern is that of a folder.
fn matches(pattern: &[String], folder: &[&str]) -> bool {
    match (pattern.split_first(), folder.split_first()) {
        (None, None) => true,
        (Some((first, rest)), _) if first == "**" => {
            matches(rest, folder) || folder.split_first().is_some_and(|(_, below)| matches(pattern, below))
        }
        (Some((first, rest)), Some((name, below))) => {
            is_named(first.as_bytes(), name.as_bytes()) && matches(rest, below)
        }
        _ => false,
    }
}

fn is_named(pattern: &[u8], name: &[u8]) -> bool {
    match (pattern.split_first(), name.split_first()) {
        (None, None) => true,
        (Some((b'*', rest)), _) => {
            is_named(rest, name) || name.split_first().is_some_and(|(_, rest)| is_named(pattern, rest))
        }
        (Some((b'?', pattern)), Some((_, name))) => is_named(pattern, name),
        (Some((one, pattern)), Some((other, name))) => one == other && is_named(pattern, name),
        _ => false,
    }
}

/// Compares the members with the record, and the kind of source of each.
pub(super) fn compare<'a>(
    workspace: &Workspace<'a>,
    root: &Root<'a>,
    members: &Members<'a>,
    found: &mut Staleness<'a>,
) {
    let is_alone = members.len() == 1 && root.manifest.project.is_some();
    let recorded: BTreeMap<String, &TomlString> =
        workspace.lock.recorded.members.iter().map(|name| (canonical_name(&name.value), name)).collect();
    let changed = |name: &str, recorded: Option<&str>, declared: Option<&str>| Changed {
        what: format!("the member `{name}`"),
        recorded: recorded.map(str::to_owned),
        declared: declared.map(str::to_owned),
        lock: workspace.lock.recorded.members.first().map(|name| name.span.clone()),
        file: root.path.clone(),
        place: None,
    };
    let entries: BTreeMap<String, &LockedPackage> = locals(workspace);
    for (name, member) in members {
        let place = member.manifest.project.as_ref().and_then(|project| Some(project.name.as_ref()?.span.clone()));
        let missing = Changed { file: member.path.to_owned(), place, ..changed(name, None, Some("")) };
        let Some(entry) = entries.get(name.as_str()) else {
            found.others.push(Changed { what: format!("the package `{name}`"), lock: None, ..missing });
            continue;
        };
        if !is_alone && !recorded.contains_key(name) {
            found.others.push(missing);
        }
        found.others.extend(kind(workspace, members, name, member, entry));
    }
    for (name, span) in recorded.iter().filter(|(name, _)| is_alone || !members.contains_key(*name)) {
        found.others.push(Changed { lock: Some(span.span.clone()), ..changed(name, Some(""), None) });
    }
}

/// Returns the entries of packages of the tree.
fn locals<'a>(workspace: &Workspace<'a>) -> BTreeMap<String, &'a LockedPackage> {
    let is_local = |package: &&LockedPackage| package.source.as_ref().is_some_and(|source| source.kind.is_local());
    let entries = workspace.lock.packages.iter().filter(is_local);
    entries.map(|package| (canonical_name(&package.name.value), package)).collect()
}

/// Compares the source that a member is to have with that of its entry.
fn kind(
    workspace: &Workspace<'_>,
    members: &Members<'_>,
    name: &str,
    member: &Member<'_>,
    entry: &LockedPackage,
) -> Option<Changed> {
    let sources = members.values().flat_map(|member| &member.manifest.uv.sources);
    let root = workspace.root.iter().flat_map(|root| &root.manifest.uv.sources);
    let mut required = sources.chain(root).filter(|source| source.workspace && source.package == name).peekable();
    let is_required = required.peek().is_some();
    let is_editable = required.all(|source| source.editable != Some(false));
    let is_package = member.manifest.uv.is_package.unwrap_or(is_required || member.manifest.build_system.is_some());
    let wanted = match (is_package, is_editable) {
        (false, _) => SourceKind::Virtual,
        (true, true) => SourceKind::Editable,
        (true, false) => SourceKind::Directory,
    };
    let source = entry.source.as_ref()?;
    let folder = workspace.path.parent().unwrap_or(Utf8Path::new(""));
    let is_there = joined(folder, &source.location.value).as_deref() == member.path.parent();
    if source.kind == wanted && is_there {
        return None;
    }
    let shown = |kind: SourceKind, location: &str| Some(format!("{} in `{location}`", kind.as_str()));
    let location = member.path.parent().and_then(|path| path.strip_prefix(folder).ok());
    let location = location.map_or("..", |location| if location.as_str().is_empty() { "." } else { location.as_str() });
    Some(Changed {
        what: format!("the source of `{name}`"),
        recorded: shown(source.kind, &source.location.value),
        declared: shown(wanted, location),
        lock: Some(source.location.span.clone()),
        file: Utf8PathBuf::from(member.path),
        place: member.manifest.project.as_ref().and_then(|project| Some(project.name.as_ref()?.span.clone())),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_of_folders_is_read_as_uv_reads_it() {
        for (text, folder, expected) in [
            ("p/*", "p/a", true),
            ("p/*", "p/a/b", false),
            ("p/**", "p/a/b", true),
            ("**/b", "b", true),
            ("./p/a/", "p/a", true),
            ("p/a?-*", "p/ab-c", true),
            ("p/*", "q/a", false),
            ("*", "", false),
        ] {
            let pattern = pattern(&TomlString { value: text.to_owned(), span: 0..0 }).unwrap();
            let folder: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
            assert_eq!(matches(&pattern, &folder), expected, "{text} {folder:?}");
        }
        assert!(pattern(&TomlString { value: "../a".to_owned(), span: 0..0 }).is_err());
    }
}
