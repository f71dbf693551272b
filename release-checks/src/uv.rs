//! What the rules about `uv.lock` share: the lockfiles with their manifests, and how the two compare.

use crate::context::{Context, UvProject};
use camino::{Utf8Path, Utf8PathBuf};
use release_core::lockfile::uv_lock::{LockedPackage, LockedRequirement, UvLock};
use release_core::manifest::pyproject::Declared;
use release_core::manifest::requirement::{Constraint, Name, Requirement, canonical_name};
use release_core::monorepo::Manifest;
use release_core::version::{Clause, Release, SpecifierSet};
use std::collections::{BTreeMap, BTreeSet};

/// How many places of one kind a finding shows.
pub(crate) const SHOWN: usize = 3;

/// A package of a lockfile that is built from the tree, and its manifest.
pub(crate) struct Local<'a> {
    /// The entry.
    pub(crate) entry: &'a LockedPackage,
    /// The manifest's path.
    pub(crate) path: Utf8PathBuf,
    /// The manifest.
    pub(crate) manifest: &'a Manifest,
}

/// One name that a table of a manifest asks for otherwise than the lockfile has noted down.
pub(crate) struct Difference<'a> {
    /// The canonical name.
    pub(crate) name: String,
    /// What the manifest asks for.
    pub(crate) declared: Vec<&'a Declared>,
    /// What was noted down.
    pub(crate) recorded: Vec<&'a LockedRequirement>,
}

/// The lockfiles that can be read.
pub(crate) fn locks(context: &Context) -> impl Iterator<Item = (&UvProject, &UvLock)> {
    context.uv.iter().filter_map(|project| Some((project, project.lock.as_ref().ok()?)))
}

/// The packages of a lockfile that are built from the tree and whose manifest was read.
pub(crate) fn locals<'a>(context: &'a Context, project: &'a UvProject, lock: &'a UvLock) -> Vec<Local<'a>> {
    let folder = project.path.parent().unwrap_or(Utf8Path::new(""));
    let local = |entry: &'a LockedPackage| {
        let source = entry.source.as_ref().filter(|source| source.kind.is_local())?;
        let path = joined(folder, &source.location.value)?.join("pyproject.toml");
        let beside = project.manifest.as_ref().filter(|(beside, _)| *beside == path).map(|(_, manifest)| manifest);
        let manifest = beside.or_else(|| context.monorepo.manifests.get(&path))?;
        Some(Local { entry, path, manifest })
    };
    lock.packages.iter().filter_map(local).collect()
}

/// A path from a folder, without `.` and `..`; nothing when it leads out of the repository.
fn joined(folder: &Utf8Path, way: &str) -> Option<Utf8PathBuf> {
    let mut path = folder.to_owned();
    for part in way.split(['/', '\\']) {
        match part {
            "" | "." => {}
            ".." if path.file_name().is_none() => return None,
            ".." => drop(path.pop()),
            part => path.push(part),
        }
    }
    Some(path)
}

/// Whether a name is that of a client in a manifest that the release owns: others have no clients.
pub(crate) fn is_client(context: &Context, local: &Local<'_>, name: &str) -> bool {
    context.monorepo.manifests.contains_key(&local.path) && context.monorepo.client(name).is_some()
}

/// Whether one of the pins names a release that is on its way from here and whose client is not published yet.
pub(crate) fn is_in_flight(context: &Context, pins: &[&Declared]) -> bool {
    pins.iter().any(|pin| {
        let specifier = pin.requirement.as_ref().ok().and_then(|requirement| requirement.specifier());
        let versions = specifier.into_iter().flat_map(|specifier| &specifier.clauses).filter_map(Clause::version);
        let mut releases = versions.filter_map(|version| Release::parse(&version.to_string()).ok());
        releases.any(|release| context.is_in_flight(&pin.name(), release))
    })
}

/// What a requirement accepts, in words.
pub(crate) fn wanted(declared: &Declared) -> String {
    match declared.requirement.as_ref().map(|requirement| &requirement.constraint) {
        Ok(Constraint::Specifier(specifier)) => format!("`{specifier}`"),
        Ok(Constraint::Any) => "any version".to_owned(),
        _ => format!("`{}`", declared.text.value),
    }
}

/// The first names of a list, and how many there are beyond them.
pub(crate) fn listed<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    let mut names: Vec<&str> = names.into_iter().collect();
    names.dedup();
    let first: Vec<String> = names.iter().take(SHOWN).map(|name| format!("`{name}`")).collect();
    match names.len().saturating_sub(SHOWN) {
        0 => first.join(", "),
        more => format!("{} and {more} more", first.join(", ")),
    }
}

/// The table that a requirement belongs to, in the words of the manifest and with canonical names; nothing for tables that
/// are not locked.
pub(crate) fn scope(table: &str) -> Option<String> {
    match table {
        "project.dependencies" => return Some(table.to_owned()),
        "tool.uv.dev-dependencies" => return Some("dependency-groups.dev".to_owned()),
        _ => {}
    }
    ["project.optional-dependencies.", "dependency-groups."]
        .iter()
        .find_map(|prefix| Some(format!("{prefix}{}", canonical_name(table.strip_prefix(prefix)?))))
}

/// Where the requirements of a manifest and what its lockfile noted down of them are not the same by meaning: name, extras
/// and specifier. Of markers only it is compared whether one was added, as uv rewrites them.
pub(crate) fn differences<'a>(local: &Local<'a>) -> Vec<Difference<'a>> {
    // Without metadata nothing was noted down.
    if local.manifest.read.project.is_none() || local.entry.metadata.is_none() {
        return Vec::new();
    }
    let mut found: BTreeMap<(String, String), Difference<'a>> = BTreeMap::new();
    for (scope, declared) in declared(local) {
        entry(&mut found, scope, declared.name()).declared.push(declared);
    }
    for (scope, recorded) in recorded(local) {
        entry(&mut found, scope, canonical_name(&recorded.name.value)).recorded.push(recorded);
    }
    let own = canonical_name(&local.entry.name.value);
    // uv writes down either an extra that includes others, or what these stand for.
    let includes_extras = found.keys().any(|(_, name)| *name == own);
    let sources: BTreeSet<&str> = local.manifest.read.uv.sources.iter().map(|source| source.package.as_str()).collect();
    let is_different = |((scope, name), difference): &((String, String), Difference<'a>)| {
        let may_be_flattened = includes_extras && scope.starts_with("project.") && difference.declared.is_empty();
        *name != own && !may_be_flattened && difference.is_real(sources.contains(name.as_str()))
    };
    found.into_iter().filter(is_different).map(|(_, difference)| difference).collect()
}

fn entry<'a, 'b>(
    found: &'b mut BTreeMap<(String, String), Difference<'a>>,
    scope: String,
    name: String,
) -> &'b mut Difference<'a> {
    let new = Difference { name: name.clone(), declared: Vec::new(), recorded: Vec::new() };
    found.entry((scope, name)).or_insert(new)
}

/// Every requirement of a manifest that is locked, with its table, those of included groups too.
fn declared<'a>(local: &Local<'a>) -> Vec<(String, &'a Declared)> {
    let read = &local.manifest.read;
    let of_tables = read.requirements.iter().filter_map(|declared| Some((scope(&declared.table)?, declared)));
    let mut found: Vec<_> = of_tables.filter(|(scope, _)| is_locked(local, scope)).collect();
    let mut groups: BTreeMap<String, Vec<&Declared>> = BTreeMap::new();
    for (scope, declared) in &found {
        if let Some(group) = scope.strip_prefix("dependency-groups.") {
            groups.entry(group.to_owned()).or_default().push(declared);
        }
    }
    let mut includes: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (group, included) in &read.group_includes {
        includes.entry(group).or_default().push(included);
    }
    for group in includes.keys() {
        let (mut seen, mut open) = (BTreeSet::from([*group]), vec![*group]);
        while let Some(next) = open.pop() {
            for included in includes.get(next).into_iter().flatten().filter(|included| seen.insert(included)) {
                open.push(included);
                let requirements = groups.get(*included).into_iter().flatten();
                found.extend(requirements.map(|declared| (format!("dependency-groups.{group}"), *declared)));
            }
        }
    }
    found
}

/// Every requirement that the lockfile noted down, with the table that it is from.
fn recorded<'a>(local: &Local<'a>) -> Vec<(String, &'a LockedRequirement)> {
    let Some(metadata) = &local.entry.metadata else { return Vec::new() };
    let of_extra = |requirement: &LockedRequirement| match marker(requirement).0 {
        Some(extra) => format!("project.optional-dependencies.{}", canonical_name(extra)),
        None => "project.dependencies".to_owned(),
    };
    let project = metadata.requires_dist.iter().map(|requirement| (of_extra(requirement), requirement));
    let mut found: Vec<_> = project.filter(|(scope, _)| is_locked(local, scope)).collect();
    for group in &metadata.requires_dev {
        let scope = format!("dependency-groups.{}", canonical_name(&group.name));
        found.extend(group.requirements.iter().map(|requirement| (scope.clone(), requirement)));
    }
    found
}

/// Whether the manifest itself says what stands in a table; what is dynamic only the build knows.
fn is_locked(local: &Local<'_>, scope: &str) -> bool {
    let Some(list) = scope.strip_prefix("project.") else { return true };
    let dynamic = local.manifest.read.project.as_ref().and_then(|project| project.dynamic.as_ref());
    let is_dynamic = |name: &str| dynamic.is_some_and(|dynamic| dynamic.items.iter().any(|item| item.value == name));
    !is_dynamic(list.split('.').next().unwrap_or_default())
}

/// The extra of a recorded marker, and whether it asks for more than that.
fn marker(requirement: &LockedRequirement) -> (Option<&str>, bool) {
    const EXTRA: &str = "extra == ";
    let Some(text) = requirement.marker.as_ref().map(|marker| marker.value.trim()) else { return (None, false) };
    let name = text.split_once(EXTRA).and_then(|(_, rest)| {
        let quote = rest.chars().next().filter(|quote| matches!(quote, '\'' | '"'))?;
        rest[1..].split_once(quote).map(|(name, _)| name)
    });
    (name, name.is_none_or(|name| text.len() > EXTRA.len() + name.len() + 2))
}

impl Difference<'_> {
    /// `has_source` says that `tool.uv.sources` may have divided the requirement by markers.
    fn is_real(&self, has_source: bool) -> bool {
        let mut wanted = Vec::new();
        for declared in &self.declared {
            // What cannot be read cannot be compared.
            let Ok(requirement) = &declared.requirement else { return false };
            wanted.push(requirement);
        }
        // What can never be installed may be left out.
        if self.recorded.is_empty() && wanted.iter().all(|requirement| requirement.marker.is_some()) {
            return false;
        }
        let is_recorded = |requirement: &&Requirement| {
            self.recorded.iter().any(|recorded| is_same(requirement, recorded, has_source))
        };
        let is_wanted =
            |recorded: &&LockedRequirement| wanted.iter().any(|wanted| is_same(wanted, recorded, has_source));
        !wanted.iter().all(is_recorded) || !self.recorded.iter().all(is_wanted)
    }
}

fn is_same(wanted: &Requirement, recorded: &LockedRequirement, has_source: bool) -> bool {
    let extras: BTreeSet<String> = wanted.extras.iter().map(Name::canonical).collect();
    let recorded_extras: BTreeSet<String> = recorded.extras.iter().map(|extra| canonical_name(&extra.value)).collect();
    let added_marker = wanted.marker.is_none() && marker(recorded).1 && !has_source;
    let same_versions = match (&wanted.constraint, &recorded.specifier) {
        // What comes from a folder, a repository or a URL is noted down without its versions.
        _ if recorded.source.is_some() => true,
        (Constraint::Url(_), _) => false,
        (Constraint::Any, None) => true,
        (Constraint::Any, Some(_)) | (Constraint::Specifier(_), None) => false,
        (Constraint::Specifier(specifier), Some(recorded)) => {
            SpecifierSet::parse(&recorded.value).is_ok_and(|recorded| recorded == *specifier)
        }
    };
    extras == recorded_extras && !added_marker && same_versions
}
