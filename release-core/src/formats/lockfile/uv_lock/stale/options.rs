//! The settings with which a lockfile is written, compared with their record.

use super::super::lock::UvLock;
use super::super::markers::{Marker, is_same};
use super::super::python::PythonRange;
use super::super::workspace::{Root, Workspace};
use super::clauses::without_zeros;
use super::found::{Changed, Staleness};
use super::members::Members;
use crate::manifest::TomlString;
use crate::manifest::limit::Limit;
use crate::manifest::pyproject::Pyproject;
use crate::manifest::requirement::canonical_name;
use crate::manifest::uv_settings::{Conflicting, Described};
use crate::text::Span;
use crate::version::{SpecifierSet, Version};
use camino::Utf8Path;
use std::collections::{BTreeMap, BTreeSet};

/// Compares all settings.
pub(super) fn compare<'a>(
    workspace: &Workspace<'a>,
    root: &Root<'a>,
    members: &Members<'a>,
    locked: &BTreeSet<String>,
    found: &mut Staleness<'a>,
) {
    python(workspace, root, members, found);
    modes(workspace, found);
    limits(workspace, locked, found);
    environments(workspace, root, found);
    conflicts(workspace, root, members, found);
    excludes(workspace, root, locked, found);
    described(workspace, locked, found);
}

/// Returns the Pythons that a lockfile records, within which uv compares markers.
pub(super) fn range(workspace: &Workspace<'_>) -> PythonRange {
    let recorded = workspace.lock.requires_python.as_ref();
    recorded.and_then(|python| PythonRange::parse(&python.value)).unwrap_or_default()
}

fn python(workspace: &Workspace<'_>, root: &Root<'_>, members: &Members<'_>, found: &mut Staleness<'_>) {
    let Some(recorded) = &workspace.lock.requires_python else {
        found.unknown.insert("the lockfile records no `requires-python`".to_owned());
        return;
    };
    let declared = |path: &Utf8Path, manifest: &Pyproject| {
        Some((path.to_owned(), manifest.project.as_ref()?.requires_python.clone()?))
    };
    let all: Vec<_> = members.values().filter_map(|member| declared(member.path, member.manifest)).collect();
    let Some((file, first)) = all.iter().find(|(path, _)| *path == root.path).or(all.first()) else {
        found
            .unknown
            .insert("no manifest has `requires-python`, so that uv takes the Python that it runs on".to_owned());
        return;
    };
    let ranges: Option<Vec<_>> = all.iter().map(|(_, python)| PythonRange::parse(&python.value)).collect();
    let Some((known, ranges)) = PythonRange::parse(&recorded.value).zip(ranges) else {
        found.unknown.insert("only uv can tell the bounds of `requires-python`".to_owned());
        return;
    };
    let mut wanted = PythonRange::default();
    ranges.iter().for_each(|range| wanted.narrow(range));
    if wanted != known {
        let texts: BTreeSet<&str> = all.iter().map(|(_, python)| python.value.as_str()).collect();
        let texts: Vec<String> = texts.into_iter().map(|text| format!("`{text}`")).collect();
        found.others.push(Changed {
            what: "`requires-python`".to_owned(),
            recorded: Some(format!("`{}`", recorded.value)),
            declared: Some(texts.join(" and ")),
            lock: Some(recorded.span.clone()),
            file: file.clone(),
            place: Some(first.span.clone()),
        });
    }
}

/// A choice of uv's: its key, its value in the lockfile and in the settings, and the values that uv does not record.
type Choice<'a> = (&'a str, &'a Option<TomlString>, &'a Option<TomlString>, &'a [&'a str]);

fn modes(workspace: &Workspace<'_>, found: &mut Staleness<'_>) {
    let (recorded, settings) = (&workspace.lock.recorded, &workspace.settings);
    let choices: [Choice<'_>; 3] = [
        ("resolution", &recorded.resolution, &settings.resolution, &["highest"]),
        ("prerelease", &recorded.prerelease, &settings.prerelease, &["if-necessary", "if-necessary-or-explicit"]),
        ("fork-strategy", &recorded.fork_strategy, &settings.fork_strategy, &["requires-python"]),
    ];
    for (key, recorded, declared, defaults) in choices {
        let chosen = |choice: &Option<TomlString>| {
            choice.as_ref().map(|choice| choice.value.clone()).filter(|value| !defaults.contains(&value.as_str()))
        };
        if chosen(recorded) != chosen(declared) {
            let shown = |choice: &Option<TomlString>| choice.as_ref().map(|choice| format!("`{}`", choice.value));
            found.others.push(Changed {
                what: format!("`{key}`"),
                recorded: shown(recorded),
                declared: shown(declared),
                lock: recorded.as_ref().map(|choice| choice.span.clone()),
                file: workspace.settings_path.clone(),
                place: declared.as_ref().map(|choice| choice.span.clone()),
            });
        }
    }
}

fn limits(workspace: &Workspace<'_>, locked: &BTreeSet<String>, found: &mut Staleness<'_>) {
    let recorded = &workspace.lock.recorded;
    let settings = &workspace.settings;
    for (package, set, known) in settings.limits.breaks(&recorded.limits, |name| locked.contains(name)) {
        if let (Some(Limit::Span(text)), Some(Limit::Span(_))) = (set, known)
            && !text.trim_start_matches('-').starts_with('P')
        {
            found.unknown.insert(format!("only uv can tell how the span `{text}` of `exclude-newer` is recorded"));
            continue;
        }
        let shown = |limit: Option<&Limit>| limit.map(|limit| format!("`{limit}`"));
        found.others.push(Changed {
            what: package.map_or("`exclude-newer`".to_owned(), |name| format!("`exclude-newer-package` of `{name}`")),
            recorded: shown(known),
            declared: shown(set),
            lock: recorded.limits_span.clone(),
            file: workspace.settings_path.clone(),
            place: settings.limits_span.clone(),
        });
    }
}

fn environments(workspace: &Workspace<'_>, root: &Root<'_>, found: &mut Staleness<'_>) {
    let (recorded, uv) = (&workspace.lock.recorded, &root.manifest.uv);
    let range = range(workspace);
    for (key, recorded, declared) in [
        ("environments", &recorded.environments, &uv.environments),
        ("required-environments", &recorded.required_environments, &uv.required_environments),
    ] {
        let same = |(one, other): (&TomlString, &TomlString)| {
            is_same(&Marker::parse(&one.value)?, &Marker::parse(&other.value)?, &range)
        };
        let verdicts: Vec<_> = recorded.iter().zip(declared).map(same).collect();
        if recorded.len() != declared.len() || verdicts.contains(&Some(false)) {
            let shown = |list: &[TomlString]| {
                let texts: Vec<String> = list.iter().map(|marker| format!("`{}`", marker.value)).collect();
                (!texts.is_empty()).then(|| texts.join(", "))
            };
            found.others.push(Changed {
                what: format!("`{key}`"),
                recorded: shown(recorded),
                declared: shown(declared),
                lock: recorded.first().map(|marker| marker.span.clone()),
                file: root.path.clone(),
                place: declared.first().map(|marker| marker.span.clone()),
            });
        } else if verdicts.contains(&None) {
            found.unknown.insert(format!("only uv can tell how `{key}` is recorded"));
        }
    }
}

fn conflicts(workspace: &Workspace<'_>, root: &Root<'_>, members: &Members<'_>, found: &mut Staleness<'_>) {
    let own = members.values().map(|member| (member.path, member.manifest));
    let bare = Some((&*root.path, root.manifest)).filter(|_| root.manifest.project.is_none());
    let all: Vec<_> = own.chain(bare).filter(|(_, manifest)| !manifest.uv.conflicts.is_empty()).collect();
    let mut declared: Vec<Vec<Conflicting>> = Vec::new();
    let mut is_included = false;
    for (_, manifest) in &all {
        let name = manifest.name().map(canonical_name);
        for set in &manifest.uv.conflicts {
            let named =
                |part: &Conflicting| Conflicting { package: part.package.clone().or(name.clone()), ..part.clone() };
            let mut set: Vec<_> = set.iter().map(named).collect();
            set.sort();
            is_included |= set.iter().any(|part| is_included_group(part, manifest));
            declared.push(set);
        }
    }
    let recorded = &workspace.lock.recorded.conflicts;
    if *recorded == declared {
        return;
    }
    let lacks = |sets: &[Vec<Conflicting>], others: &[Vec<Conflicting>]| sets.iter().any(|set| !others.contains(set));
    let is_known = !is_included && all.len() <= 1;
    if !is_known && !lacks(&declared, recorded) {
        // What uv adds of the groups that include one, and the order of several packages.
        found.unknown.insert("only uv can tell how `conflicts` are recorded".to_owned());
        return;
    }
    let (file, place) = match all.first() {
        Some((path, manifest)) => ((*path).to_owned(), manifest.uv.conflicts_span.clone()),
        None => (root.path.clone(), None),
    };
    found.others.push(Changed {
        what: "`conflicts`".to_owned(),
        recorded: shown_conflicts(recorded),
        declared: shown_conflicts(&declared),
        lock: workspace.lock.recorded.conflicts_span.clone(),
        file,
        place,
    });
}

/// Returns `true` for a group that another one includes: uv adds the conflicts of that one.
fn is_included_group(part: &Conflicting, manifest: &Pyproject) -> bool {
    let Some(("group", name)) = part.part.as_ref().map(|(kind, name)| (*kind, name)) else { return false };
    manifest.group_includes.iter().any(|(_, included)| included == name)
}

fn shown_conflicts(sets: &[Vec<Conflicting>]) -> Option<String> {
    let part = |part: &Conflicting| {
        let package = part.package.as_deref().unwrap_or_default();
        part.part.as_ref().map_or(package.to_owned(), |(kind, name)| format!("{kind} `{name}` of `{package}`"))
    };
    let set = |set: &Vec<Conflicting>| set.iter().map(part).collect::<Vec<_>>().join(" and ");
    (!sets.is_empty()).then(|| sets.iter().map(set).collect::<Vec<_>>().join("; "))
}

fn excludes(workspace: &Workspace<'_>, root: &Root<'_>, locked: &BTreeSet<String>, found: &mut Staleness<'_>) {
    let by_name = |list: &[TomlString]| -> BTreeMap<String, Span> {
        list.iter().map(|name| (canonical_name(&name.value), name.span.clone())).collect()
    };
    let (recorded, declared) = (by_name(&workspace.lock.recorded.excludes), by_name(&root.manifest.uv.excludes));
    let new = declared.iter().filter(|(name, _)| !recorded.contains_key(*name) && locked.contains(*name));
    let gone = recorded.iter().filter(|(name, _)| !declared.contains_key(*name));
    let changed = |name: &str, lock: Option<Span>, place: Option<Span>| Changed {
        what: format!("`{name}` of `exclude-dependencies`"),
        recorded: lock.is_some().then(String::new),
        declared: place.is_some().then(String::new),
        lock,
        file: root.path.clone(),
        place,
    };
    found.others.extend(new.map(|(name, place)| changed(name, None, Some(place.clone()))));
    found.others.extend(gone.map(|(name, lock)| changed(name, Some(lock.clone()), None)));
}

/// Returns `true` if a package is locked, in this version if one is named.
fn is_locked(lock: &UvLock, name: &str, version: Option<&str>) -> bool {
    let version = version.and_then(|version| Version::parse(version).ok());
    let is_it = |locked: Option<&TomlString>| {
        let locked = locked.and_then(|locked| Version::parse(&locked.value).ok());
        version.is_none() || locked == version
    };
    lock.packages.iter().any(|package| canonical_name(&package.name.value) == name && is_it(package.version.as_ref()))
}

fn described(workspace: &Workspace<'_>, locked: &BTreeSet<String>, found: &mut Staleness<'_>) {
    let key = |entry: &Described| {
        let version = entry
            .version
            .as_deref()
            .map(|version| Version::parse(version).map_or(version.to_owned(), |version| without_zeros(&version)));
        (canonical_name(&entry.name.value), version)
    };
    let by_key = |list: &'_ [Described]| -> BTreeMap<_, Described> {
        list.iter().map(|entry| (key(entry), entry.clone())).collect()
    };
    let (recorded, declared) = (by_key(&workspace.lock.recorded.described), by_key(&workspace.settings.described));
    let keys: BTreeSet<_> = recorded.keys().chain(declared.keys()).collect();
    for key in keys {
        let (known, set) = (recorded.get(key), declared.get(key));
        let is_same = match (known, set) {
            (Some(known), Some(set)) => is_same_description(known, set),
            (None, Some(_)) if !locked.contains(&key.0) => Some(true),
            // uv might have chosen a version that is described, where another one is locked.
            (None, Some(set)) => is_locked(workspace.lock, &key.0, set.version.as_deref()).then_some(false),
            _ => Some(false),
        };
        let shown = |entry: Option<&Described>| entry.map(|entry| format!("`requires-dist = {:?}`", entry.requires));
        match is_same {
            Some(true) => {}
            Some(false) => found.others.push(Changed {
                what: format!("`dependency-metadata` of `{}`", key.0),
                recorded: shown(known),
                declared: shown(set),
                lock: known.map(|entry| entry.name.span.clone()),
                file: workspace.settings_path.clone(),
                place: set.map(|entry| entry.name.span.clone()),
            }),
            None => {
                found.unknown.insert(format!("only uv can tell how `dependency-metadata` of `{}` is recorded", key.0));
            }
        }
    }
}

/// Returns `true` if two descriptions are the same, and `None` if only uv can tell.
fn is_same_description(one: &Described, other: &Described) -> Option<bool> {
    let dense = |text: &String| text.split_whitespace().collect::<String>().replace('"', "'");
    let list = |list: &[String]| list.iter().map(dense).collect::<BTreeSet<_>>();
    let extras = |list: &[String]| list.iter().cloned().collect::<BTreeSet<_>>();
    let names = |list: &[String]| {
        let name = |text: &String| {
            let end = text.find(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '-' | '_' | '.'));
            canonical_name(&text[..end.unwrap_or(text.len())])
        };
        list.iter().map(name).collect::<BTreeSet<_>>()
    };
    if extras(&one.extras) != extras(&other.extras) || names(&one.requires) != names(&other.requires) {
        return Some(false);
    }
    let is_same_python = match (&one.python, &other.python) {
        (None, None) => true,
        (Some(one), Some(other)) => SpecifierSet::parse(one).ok()? == SpecifierSet::parse(other).ok()?,
        _ => return Some(false),
    };
    if !is_same_python {
        return None;
    }
    (list(&one.requires) == list(&other.requires)).then_some(true)
}
