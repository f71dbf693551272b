//! The edits of `uv lock --upgrade-package 'NAME==X.Y.Z'`, as far as they are known without uv: the recorded
//! specifiers, the versions of static packages, and a client's version and files. Everything else must stay
//! unchanged, which is verified on the resulting text.

mod files;
mod newer;
mod recorded;
#[cfg(test)]
mod tests;
mod verify;
mod wanted;

use super::compare::{Difference, has_same_markers, paired, spelled};
use super::lists::only_bounds;
use super::lock::{LockedPackage, SourceKind, UvLock};
use super::plain;
use super::published::oldest_python;
use super::stale::staleness;
use super::workspace::Workspace;
use crate::lockfile::NotNative;
use crate::manifest::TomlString;
use crate::manifest::requirement::canonical_name;
use crate::registry::simple::{File, Page};
use crate::text::{SourceText, TextEdit};
use crate::version::{Clause, Operator, SpecifierSet, Version};
use std::collections::BTreeSet;
use wanted::is_plain;

pub use super::published::{Verdict, same_requirements};
pub use wanted::{Locked, Need, NewFile, Wanted};

/// The version of the format whose every revision is read and written here.
pub const KNOWN_VERSION: i64 = 1;

/// Returns the work that each of several clients needs, in their order.
///
/// # Errors
/// If more than these clients would have to change, or if that cannot be known.
pub fn needs<'a>(
    lock: &'a UvLock,
    workspace: &Workspace<'_>,
    wanted: &[Wanted<'_>],
) -> Result<Vec<Need<'a>>, NotNative> {
    is_known_version(lock)?;
    all_known(lock, workspace)?;
    newer::is_set_as_recorded(lock, workspace)?;
    others_are_right(workspace, wanted)?;
    let mut is_recorded = recorded::versions(&workspace.locals)?.is_empty();
    let mut entries = Vec::new();
    for wanted in wanted {
        entries.push((entry(lock, wanted)?, wanted.version));
        is_admitted(workspace, wanted)?;
        is_recorded &= recorded::specifiers(workspace, wanted.client)?.is_empty();
    }
    let need = |(entry, version): (&'a LockedPackage, &Version)| match version_of(entry) {
        Some(locked) if locked == *version && is_recorded => Need::Nothing,
        Some(locked) if locked == *version && is_exact(workspace, &entry.name.value) => Need::Recorded,
        _ => Need::Entry(entry),
    };
    Ok(entries.into_iter().map(need).collect())
}

/// Returns the edits that bring the wanted versions into a lockfile; empty if they are already there.
///
/// # Errors
/// If uv cannot be proven to make these edits and no others.
pub fn relock(
    source: &SourceText,
    lock: &UvLock,
    workspace: &Workspace<'_>,
    targets: &[Locked<'_>],
) -> Result<Vec<TextEdit>, NotNative> {
    let wanted: Vec<_> =
        targets.iter().map(|target| Wanted { client: target.client, version: target.version }).collect();
    let needs = needs(lock, workspace, &wanted)?;
    if needs.iter().all(|need| *need == Need::Nothing) {
        return Ok(Vec::new());
    }
    let old = plain::read(source.as_str()).map_err(|at| not_plain(source, at))?;
    rewriting_changes_no_more(workspace, &wanted)?;
    let mut changes = recorded::versions(&workspace.locals)?;
    let mut blocks = Vec::new();
    for (target, need) in targets.iter().zip(&needs) {
        changes.extend(recorded::specifiers(workspace, target.client)?);
        if let Need::Entry(entry) = need {
            newer::admits(lock, workspace, target)?;
            changes.extend(entry.version.as_ref().map(|version| (version, target.version.to_string())));
            blocks.push(files::block(source, lock, entry, target)?);
        }
    }
    changes.retain(|(old, new)| old.value != *new);
    let mut edits = changes.iter().map(|(old, new)| value_edit(source, old, new)).collect::<Result<Vec<_>, _>>()?;
    edits.extend(blocks.iter().map(|block| block.edit.clone()));
    is_fresh(workspace, &verify::only(source, &old, &changes, &blocks, &edits)?)?;
    Ok(edits)
}

/// Checks that every version that the manifests admit and the index has runs on the oldest Python of the lockfile. uv
/// divides the lockfile by Python versions when it meets another version, even if it ends with the wanted one.
///
/// # Errors
/// If a version does not, or if that cannot be known.
pub fn runs_everywhere(lock: &UvLock, workspace: &Workspace<'_>, client: &str, page: &Page) -> Result<(), NotNative> {
    if is_exact(workspace, client) {
        return Ok(());
    }
    let oldest = oldest_python(lock).ok_or_else(|| NotNative::new("the lockfile names no oldest Python"))?;
    let pins = pins(workspace, client);
    let runs = |file: &File| {
        let python = file.requires_python.as_deref().map(SpecifierSet::parse);
        python.is_none_or(|python| python.is_ok_and(|python| python.contains(&oldest)))
    };
    let admits = |pin: &Option<SpecifierSet>, version| pin.as_ref().is_none_or(|pin| pin.contains(version));
    let mut others = page.files.iter().filter(|file| !runs(file));
    match others.find(|file| pins.iter().all(|pin| admits(pin, &file.version))) {
        Some(file) => refuse!(
            "the manifests admit {client} {} too, which does not run on Python {oldest}: uv may divide the lockfile by it",
            file.version
        ),
        None => Ok(()),
    }
}

/// Returns `true` if every requirement on the client admits one version only.
fn is_exact(workspace: &Workspace<'_>, client: &str) -> bool {
    let is_one = |clause: &Clause| {
        matches!(clause.operator, Operator::Equal | Operator::Arbitrary) && clause.version().is_some()
    };
    pins(workspace, client).iter().all(|pin| pin.as_ref().is_some_and(|pin| pin.clauses.iter().any(is_one)))
}

/// Returns the specifiers of the manifests for a client; `None` stands for a requirement that admits any version.
fn pins(workspace: &Workspace<'_>, client: &str) -> Vec<Option<SpecifierSet>> {
    let pairs = workspace.choosing(&canonical_name(client));
    let declared = pairs.into_iter().flat_map(|(_, pair)| pair.declared);
    declared.map(|one| one.requirement.as_ref().ok()?.specifier().cloned()).collect()
}

/// Returns the reason for a text that has more than uv writes, with the line.
fn not_plain(source: &SourceText, at: usize) -> NotNative {
    let text = source.as_str();
    if text.contains('\r') {
        return NotNative::new("the lockfile has line endings that uv does not write");
    }
    let (number, line) = (source.location(at).line, text[..at].rfind('\n').map_or(0, |before| before + 1));
    let line: String = text[line..].lines().next().unwrap_or_default().chars().take(60).collect();
    NotNative::new(format!("line {number} of the lockfile is not as uv writes it: `{}`", line.trim()))
}

/// Checks that the version of the format is the one that is known here.
fn is_known_version(lock: &UvLock) -> Result<(), NotNative> {
    match lock.version {
        Some(KNOWN_VERSION) => Ok(()),
        Some(other) => refuse!(
            "the lockfile is of version {other} of its format, and this tool knows version {KNOWN_VERSION}: only the uv that wrote it can write it"
        ),
        None => refuse!("the lockfile does not say of which version of its format it is"),
    }
}

/// Checks that the manifest of every package that is built from the tree is known.
fn all_known(lock: &UvLock, workspace: &Workspace<'_>) -> Result<(), NotNative> {
    let read = workspace.locals.iter().filter(|local| local.manifest.project.is_some());
    let known: BTreeSet<usize> = read.map(|local| local.entry.span.start).collect();
    for package in &lock.packages {
        let Some(source) = package.source.as_ref().filter(|source| source.kind.is_local()) else { continue };
        if !known.contains(&package.span.start) {
            let (name, folder) = (&package.name.value, &source.location.value);
            return refuse!("`{name}` is built from `{folder}`, whose pyproject.toml was not read");
        }
    }
    match workspace.root {
        None if !lock.lists.is_empty() => refuse!("the pyproject.toml beside the lockfile was not read"),
        _ => Ok(()),
    }
}

/// Checks that all but the manifests' requirements on the clients is recorded as uv would record it.
fn others_are_right(workspace: &Workspace<'_>, wanted: &[Wanted<'_>]) -> Result<(), NotNative> {
    for local in workspace.locals.iter().filter(|local| local.entry.metadata.is_none()) {
        if !paired(local).is_empty() {
            let name = &local.entry.name.value;
            return refuse!("the lockfile has no requirements of `{name}`, but {} has", local.path);
        }
    }
    let found = staleness(workspace);
    let is_other = |name: &str| wanted.iter().all(|wanted| wanted.client != name);
    if let Some((path, pair)) = found.requirements.iter().find(|(_, pair)| is_other(&pair.name)) {
        return refuse!("the lockfile's record of `{}` differs from `{}` of {path}", pair.name, pair.scope);
    }
    match found.others.first() {
        Some(changed) => refuse!("{}: uv would resolve everything again", changed.sentence("the lockfile")),
        None => Ok(()),
    }
}

/// Checks that uv would keep the edited lockfile.
fn is_fresh(workspace: &Workspace<'_>, text: &str) -> Result<(), NotNative> {
    let lock = UvLock::parse(&SourceText::new(text))
        .map_err(|error| NotNative::new(format!("the edited lockfile: {}", error.message)))?;
    let edited = Workspace::of(&workspace.path, &lock, workspace.manifests.clone())
        .with_settings(workspace.settings.clone(), &workspace.settings_path);
    let found = staleness(&edited);
    if let Some((path, pair)) = found.requirements.first() {
        return refuse!("edits do not bring `{}` of `{}` in {path} into the lockfile", pair.name, pair.scope);
    }
    match found.others.first() {
        Some(changed) => refuse!("{}", changed.sentence("the edited lockfile")),
        None => Ok(()),
    }
}

/// Checks the spelling of the recorded requirements: uv rewrites all of them, so those with the same meaning must
/// have the same spelling.
fn rewriting_changes_no_more(workspace: &Workspace<'_>, wanted: &[Wanted<'_>]) -> Result<(), NotNative> {
    for (path, pair) in workspace.pairs() {
        let name = &pair.name;
        if !pair.declared.is_empty() && !pair.recorded.is_empty() && !has_same_markers(&pair) {
            return refuse!(
                "it is not known whether uv would record the marker of `{name}` in {path} as in the lockfile"
            );
        }
        let is_client = wanted.iter().any(|wanted| wanted.client == name);
        let is_written = is_client && pair.is_real();
        if !is_written && !is_spelled(&pair) {
            return refuse!("{path} and the lockfile spell the specifier of `{name}` differently");
        }
    }
    Ok(())
}

fn is_spelled(pair: &Difference<'_>) -> bool {
    let specifiers = pair.declared.iter().filter_map(|declared| declared.requirement.as_ref().ok()?.specifier());
    let texts: Vec<Option<String>> = specifiers.map(spelled).collect();
    let recorded = pair.recorded.iter().filter(|recorded| recorded.source.is_none());
    // A flattened requirement has no counterpart to compare.
    let mut values = recorded.filter_map(|recorded| recorded.specifier.as_ref());
    pair.declared.is_empty() || values.all(|value| texts.iter().any(|text| text.as_deref() == Some(&*value.value)))
}

/// Returns the one entry of a client, which must come from an index and must not be required by packages outside the
/// tree.
fn entry<'a>(lock: &'a UvLock, wanted: &Wanted<'_>) -> Result<&'a LockedPackage, NotNative> {
    let client = wanted.client;
    if lock.recorded.described.iter().any(|entry| canonical_name(&entry.name.value) == client) {
        return refuse!("the requirements of `{client}` are those of `tool.uv.dependency-metadata`");
    }
    let is_client = |name: &TomlString| canonical_name(&name.value) == client;
    let mut entries = lock.packages.iter().filter(|package| is_client(&package.name));
    let Some(entry) = entries.next() else {
        return refuse!("the lockfile has no `{client}`");
    };
    if entries.next().is_some() {
        return refuse!("the lockfile has several versions of `{client}`");
    }
    if entry.source.as_ref().is_none_or(|source| source.kind != SourceKind::Registry) {
        return refuse!("`{client}` does not come from an index");
    }
    if version_of(entry).is_none() {
        return refuse!("the entry of `{client}` has no version that can be read");
    }
    for package in &lock.packages {
        let is_local = package.source.as_ref().is_some_and(|source| source.kind.is_local());
        let optional = package.optional_dependencies.iter().flat_map(|extra| &extra.dependencies);
        let mut dependencies = package.dependencies.iter().chain(optional);
        if !is_local && dependencies.any(|dependency| is_client(&dependency.name)) {
            let name = &package.name.value;
            return refuse!("`{name}` asks for `{client}` too, of which version only uv knows");
        }
    }
    Ok(entry)
}

/// Checks that every requirement of the tree on the client admits the wanted version.
fn is_admitted(workspace: &Workspace<'_>, wanted: &Wanted<'_>) -> Result<(), NotNative> {
    let Wanted { client, version } = wanted;
    let pairs = workspace.choosing(client);
    for (path, pair) in &pairs {
        for declared in &pair.declared {
            let text = &declared.text.value;
            let Ok(requirement) = &declared.requirement else { return refuse!("`{text}` in {path} cannot be read") };
            let names_one = requirement.specifier().is_some_and(SpecifierSet::names_prerelease);
            let is_asked = !version.is_prerelease() || names_one || only_bounds(&pair.scope);
            if !is_asked || requirement.specifier().is_some_and(|set| !set.contains(version)) {
                return refuse!("{path} asks for `{text}`, which does not admit {version}");
            }
        }
    }
    match pairs.iter().any(|(_, pair)| !only_bounds(&pair.scope) && !pair.declared.is_empty()) {
        true => Ok(()),
        false => refuse!("no manifest of the lockfile asks for `{client}`"),
    }
}

fn version_of(entry: &LockedPackage) -> Option<Version> {
    Version::parse(&entry.version.as_ref()?.value).ok()
}

/// Returns the edit of a string between its quotes.
fn value_edit(source: &SourceText, old: &TomlString, new: &str) -> Result<TextEdit, NotNative> {
    let span = old.span.start + 1..old.span.end.saturating_sub(1);
    if source.as_str().get(span.clone()) != Some(old.value.as_str()) || !is_plain(new) {
        return refuse!("`{}` is not spelled as uv spells it", old.value);
    }
    Ok(TextEdit { span, replacement: new.to_owned() })
}
