//! The requirements of the packages of the tree, and the lists of `[manifest]`, with their record.

use super::super::compare::{Difference, Local, paired_lists, pairs};
use super::super::lists::{BUILD_CONSTRAINTS, CONSTRAINTS};
use super::super::lock::{LockedGroup, LockedRequirement, UvLock};
use super::super::markers::Marker;
use super::super::python::PythonRange;
use super::super::recorded::GroupSettings;
use super::super::workspace::{Root, Workspace};
use super::found::{Changed, Staleness, Verdict};
use super::groups;
use super::members::Members;
use super::options::range;

use super::requirement::{One, Way, compare as compare_all};
use super::sources::{Origin, Sources};
use crate::manifest::TomlString;
use crate::manifest::pyproject::{Declared, Pyproject};
use crate::manifest::requirement::{Name, canonical_name};
use crate::text::Span;
use camino::Utf8Path;
use std::collections::{BTreeMap, BTreeSet};

/// Compares the requirements of all manifests.
pub(super) fn compare<'a>(
    workspace: &Workspace<'a>,
    root: &Root<'a>,
    members: &Members<'a>,
    locked: &BTreeSet<String>,
    found: &mut Staleness<'a>,
) {
    let judge = Judge { workspace, range: range(workspace) };
    for local in &workspace.locals {
        let Some(path) = workspace.manifests.get_key_value(&*local.path).map(|(path, _)| *path) else { continue };
        judge.package(path, local, &Sources::of(workspace, members, local), found);
    }
    let path = &root.path;
    let Some((path, _)) = workspace.manifests.get_key_value(&**path) else { return };
    let sources = Sources { workspace, members, path, manifest: root.manifest };
    for pair in paired_lists(root.manifest, root.lists) {
        // uv leaves out the bounds of packages that it has not locked.
        let is_group = pair.scope.starts_with("dependency-groups.");
        let counts = is_group || pair.scope == BUILD_CONSTRAINTS || !pair.recorded.is_empty();
        if counts || locked.contains(&pair.name) {
            judge.pair(path, pair, &sources, found);
        }
    }
    if root.manifest.project.is_none() {
        let groups = &workspace.lock.recorded.group_settings;
        group_settings(workspace, path, root.manifest, groups, None, found);
    }
    for local in workspace
        .lock
        .packages
        .iter()
        .filter(|package| package.source.as_ref().is_some_and(|source| source.kind.is_local()))
    {
        if !workspace.locals.iter().any(|known| known.entry.span == local.span) {
            found.unknown.insert(format!("the pyproject.toml of `{}` was not read", local.name.value));
        }
    }
}

struct Judge<'a, 'b> {
    workspace: &'b Workspace<'a>,
    /// The Pythons of the lockfile.
    range: PythonRange,
}

impl<'a> Judge<'a, '_> {
    fn package(&self, path: &'a Utf8Path, local: &Local<'a>, sources: &Sources<'a, '_>, found: &mut Staleness<'a>) {
        let Some(project) = &local.manifest.project else { return };
        let dynamic: Vec<&str> =
            project.dynamic.iter().flat_map(|list| &list.items).map(|item| item.value.as_str()).collect();
        for table in ["dependencies", "optional-dependencies"].iter().filter(|table| dynamic.contains(*table)) {
            found.unknown.insert(format!("{path} leaves `{table}` to its build"));
        }
        let own = canonical_name(&local.entry.name.value);
        let pairs = pairs(local);
        // Only the build knows the metadata of a package whose version is dynamic, and a build may write out the extras that an
        // extra includes.
        let includes = pairs.iter().any(|pair| pair.name == own && pair.scope.starts_with("project."));
        let mut judged = Staleness::default();
        for pair in pairs {
            self.pair(path, pair, sources, &mut judged);
        }
        let is_built = project.is_dynamic() && includes;
        if let Some(flat) = if is_built { self.flattened(local, &own, sources) } else { None } {
            judged.requirements.retain(|(_, pair)| !pair.scope.starts_with("project."));
            found.requirements.extend(flat.into_iter().map(|pair| (path, pair)));
        }
        found.requirements.append(&mut judged.requirements);
        found.unknown.append(&mut judged.unknown);
        self.empty_tables(path, local, &dynamic, found);
        let settings = &local.entry.group_settings;
        group_settings(self.workspace, path, local.manifest, settings, Some(&local.entry.span), found);
    }

    /// Compares the names of extras and groups, which all revisions but the first record also if they are empty.
    fn empty_tables(&self, path: &'a Utf8Path, local: &Local<'a>, dynamic: &[&str], found: &mut Staleness<'a>) {
        let has_extras = !dynamic.contains(&"optional-dependencies") && records_empty(self.workspace.lock);
        names(path, "project.optional-dependencies", &local.manifest.extras, &extras(local), has_extras, local, found);
        let recorded = local.entry.metadata.iter().flat_map(|metadata| &metadata.requires_dev);
        let recorded: Vec<_> = recorded.map(|group| (group.name.clone(), group_span(group))).collect();
        let has_groups = records_empty(self.workspace.lock);
        names(path, "dependency-groups", &group_names(local.manifest), &recorded, has_groups, local, found);
    }

    fn pair(&self, path: &'a Utf8Path, pair: Difference<'a>, sources: &Sources<'a, '_>, found: &mut Staleness<'a>) {
        let extra = extra(&pair.scope);
        let Some((declared, recorded)) = self.sides(&pair, sources, extra.as_ref()) else {
            found.unknown.insert(untold(path, &pair));
            return;
        };
        match compare_all(&declared, &recorded, way(&pair.scope), &self.range, extra.as_ref()) {
            Verdict::Same => {}
            Verdict::Different => found.requirements.push((path, pair)),
            Verdict::Unknown => {
                found.unknown.insert(untold(path, &pair));
            }
        }
    }

    /// Returns both sides of a name in a table, or `None` if only uv can tell how it is recorded.
    fn sides(
        &self,
        pair: &Difference<'a>,
        sources: &Sources<'a, '_>,
        extra: Option<&String>,
    ) -> Option<(Vec<One>, Vec<One>)> {
        let mut declared = Vec::new();
        for one in &pair.declared {
            declared.extend(declared_ones(pair, one, sources)?);
        }
        let recorded = pair.recorded.iter().map(|one| self.recorded_one(one, extra)).collect::<Option<Vec<_>>>()?;
        Some((declared, recorded))
    }

    fn recorded_one(&self, one: &LockedRequirement, extra: Option<&String>) -> Option<One> {
        let marker = one.marker.as_ref().map_or(Some(Marker::always()), |marker| Marker::parse(&marker.value))?;
        Some(One {
            marker: match extra {
                Some(extra) => without(marker, extra),
                None => marker,
            },
            extras: one.extras.iter().map(|extra| canonical_name(&extra.value)).collect(),
            versions: one
                .specifier
                .as_ref()
                .map_or(Some(None), |text| Some(crate::version::SpecifierSet::parse(&text.value).ok()))?,
            origin: Origin::recorded(&self.workspace.path, one),
        })
    }

    /// Returns the differences of a record that has, in place of extras that include others, the requirements of those; `None` for a
    /// record of the other kind, and if only uv can tell.
    fn flattened(&self, local: &Local<'a>, own: &str, sources: &Sources<'a, '_>) -> Option<Vec<Difference<'a>>> {
        let mut tables: Tables<'a> = BTreeMap::new();
        let mut included: Included = BTreeMap::new();
        let all: Vec<_> = pairs(local).into_iter().filter(|pair| pair.scope.starts_with("project.")).collect();
        for pair in &all {
            let (declared, recorded) = self.sides(pair, sources, extra(&pair.scope).as_ref())?;
            if pair.name == own {
                recorded.is_empty().then_some(())?;
                let parts = declared.into_iter().map(|one| (one.marker, one.extras));
                included.entry(pair.scope.clone()).or_default().extend(parts);
            } else {
                tables.insert((pair.scope.clone(), pair.name.clone()), (pair.clone(), declared, recorded));
            }
        }
        let written: Vec<_> = tables
            .iter()
            .map(|((scope, _), (pair, declared, _))| (scope.clone(), pair.clone(), declared.clone()))
            .collect();
        for scope in included.keys() {
            for (marker, from) in reached(scope, &included) {
                for (_, pair, ones) in written.iter().filter(|(scope, _, _)| *scope == from) {
                    let ones = ones.iter().cloned().map(|one| One { marker: one.marker.and(marker.clone()), ..one });
                    let bare = || Difference {
                        scope: scope.clone(),
                        declared: Vec::new(),
                        recorded: Vec::new(),
                        ..pair.clone()
                    };
                    let table = tables.entry((scope.clone(), pair.name.clone()));
                    table.or_insert_with(|| (bare(), Vec::new(), Vec::new())).1.extend(ones);
                }
            }
        }
        let mut differing = Vec::new();
        for ((scope, _), (pair, declared, recorded)) in tables {
            match compare_all(&declared, &recorded, Way::Asked, &self.range, extra(&scope).as_ref()) {
                Verdict::Same => {}
                Verdict::Different => differing.push(pair),
                Verdict::Unknown => return None,
            }
        }
        Some(differing)
    }
}

/// Returns the reason for which a name in a table cannot be judged.
fn untold(path: &Utf8Path, pair: &Difference<'_>) -> String {
    format!("only uv can tell how `{}` of `{}` in {path} is recorded", pair.name, pair.scope)
}

/// The requirements of each name in each table: what is recorded otherwise if they differ, and both sides.
type Tables<'a> = BTreeMap<(String, String), (Difference<'a>, Vec<One>, Vec<One>)>;

/// The extras that each table includes, with the environments in which it does.
type Included = BTreeMap<String, Vec<(Marker, BTreeSet<String>)>>;

/// Returns the tables that a table includes by extras of its own package, with the environments in which it does.
fn reached(scope: &str, included: &Included) -> Vec<(Marker, String)> {
    let (mut found, mut seen) = (Vec::new(), BTreeSet::from([scope.to_owned()]));
    let mut open = vec![(Marker::always(), scope.to_owned())];
    while let Some((marker, scope)) = open.pop() {
        for (own, extras) in included.get(&scope).into_iter().flatten() {
            for extra in extras {
                let next = format!("project.optional-dependencies.{extra}");
                if seen.insert(next.clone()) {
                    let marker = marker.clone().and(own.clone());
                    found.push((marker.clone(), next.clone()));
                    open.push((marker, next));
                }
            }
        }
    }
    found
}

/// Returns a requirement of a manifest, once for each place that it may be taken from.
fn declared_ones(pair: &Difference<'_>, one: &Declared, sources: &Sources<'_, '_>) -> Option<Vec<One>> {
    let requirement = one.requirement.as_ref().ok()?;
    let text = &one.text.value;
    let marker =
        requirement.marker.as_ref().map_or(Some(Marker::always()), |span| Marker::parse(text.get(span.clone())?))?;
    let marker = pair.pythons(one, sources.manifest)?.into_iter().fold(marker, Marker::and);
    let origins = sources.origins(&pair.scope, &pair.name, requirement, text)?;
    let of = |(place, origin): (Marker, Origin)| One {
        marker: marker.clone().and(place),
        extras: requirement.extras.iter().map(Name::canonical).collect(),
        versions: requirement.specifier().cloned(),
        origin,
    };
    // The last one is that of no source.
    let is_whole = origins.len() == 1;
    let never = |origin: &(Marker, Origin)| matches!(&origin.0, Marker::Not(inner) if **inner == Marker::always());
    Some(origins.into_iter().filter(|origin| is_whole || !never(origin)).map(of).collect())
}

/// Returns a marker as it is where the extra is asked for.
fn without(marker: Marker, extra: &str) -> Marker {
    match marker {
        Marker::Extra(name) if name == extra => Marker::always(),
        Marker::All(markers) => markers.into_iter().map(|one| without(one, extra)).fold(Marker::always(), Marker::and),
        other => other,
    }
}

fn extra(scope: &str) -> Option<String> {
    scope.strip_prefix("project.optional-dependencies.").map(str::to_owned)
}

fn way(scope: &str) -> Way {
    match scope {
        CONSTRAINTS => Way::Bound,
        BUILD_CONSTRAINTS => Way::Each,
        _ => Way::Asked,
    }
}

/// Returns `true` if a lockfile records extras and groups without requirements, as all revisions but the first do.
fn records_empty(lock: &UvLock) -> bool {
    lock.revision.is_some_and(|revision| revision >= 1)
}

/// Returns the names of all groups of a manifest.
fn group_names(manifest: &Pyproject) -> Vec<TomlString> {
    let older = manifest.requirements.iter().find(|declared| declared.table == "tool.uv.dev-dependencies");
    let older = older.map(|declared| TomlString { value: "dev".to_owned(), span: declared.text.span.clone() });
    manifest.groups.iter().cloned().chain(older).collect()
}

fn extras(local: &Local<'_>) -> Vec<(String, Option<Span>)> {
    let extras = local.entry.metadata.iter().flat_map(|metadata| &metadata.extras);
    extras.map(|extra| (canonical_name(&extra.value), Some(extra.span.clone()))).collect()
}

fn group_span(group: &LockedGroup) -> Option<Span> {
    group.requirements.first().map(|requirement| requirement.span.clone())
}

/// Compares the names of extras or groups. One that has requirements on a side is known by those.
fn names<'a>(
    path: &'a Utf8Path,
    table: &str,
    declared: &[TomlString],
    recorded: &[(String, Option<Span>)],
    is_recorded: bool,
    local: &Local<'a>,
    found: &mut Staleness<'a>,
) {
    if !is_recorded {
        return;
    }
    let is_known = |name: &str| {
        let scope = format!("{table}.{name}");
        found.requirements.iter().any(|(of, pair)| *of == path && pair.scope == scope)
    };
    let changed = |name: &str, recorded: bool, lock: Option<Span>, place: Option<Span>| Changed {
        what: format!("`{table}.{name}`"),
        recorded: recorded.then(String::new),
        declared: (!recorded).then(String::new),
        lock: lock.or_else(|| Some(local.entry.span.clone())),
        file: path.to_owned(),
        place,
    };
    let own: BTreeMap<String, &TomlString> = declared.iter().map(|name| (canonical_name(&name.value), name)).collect();
    let noted: BTreeMap<&str, &Option<Span>> = recorded.iter().map(|(name, span)| (name.as_str(), span)).collect();
    let missing = own.iter().filter(|(name, _)| !noted.contains_key(name.as_str()) && !is_known(name));
    let missing = missing.map(|(name, key)| changed(name, false, None, Some(key.span.clone())));
    let extra = noted.iter().filter(|(name, _)| !own.contains_key(**name) && !is_known(name));
    let extra = extra.map(|(name, span)| changed(name, true, (*span).clone(), None));
    let all: Vec<_> = missing.chain(extra).collect();
    found.others.extend(all);
}

/// Compares the groups that are installed by default, and the Pythons of groups, which revisions record since the fifth.
fn group_settings<'a>(
    workspace: &Workspace<'a>,
    path: &'a Utf8Path,
    manifest: &'a Pyproject,
    recorded: &GroupSettings,
    lock: Option<&Span>,
    found: &mut Staleness<'a>,
) {
    if workspace.lock.revision.is_none_or(|revision| revision < 5) {
        return;
    }
    found.others.extend(groups::default_groups(path, manifest, recorded, lock));
    found.others.extend(groups::group_pythons(path, manifest, recorded, lock));
}
