//! The settings of dependency groups, compared with their record.

use super::super::compare::{includes, with_included};
use super::super::recorded::GroupSettings;
use super::clauses;
use super::found::{Changed, Verdict};
use crate::manifest::TomlString;
use crate::manifest::pyproject::Pyproject;
use crate::manifest::requirement::canonical_name;
use crate::manifest::uv_settings::DefaultGroups;
use crate::text::Span;
use crate::version::SpecifierSet;
use camino::Utf8Path;
use std::collections::{BTreeMap, BTreeSet};

/// Compares the groups that are installed by default.
pub(super) fn default_groups(
    path: &Utf8Path,
    manifest: &Pyproject,
    recorded: &GroupSettings,
    lock: Option<&Span>,
) -> Option<Changed> {
    let usual = ["dev".to_owned()];
    let chosen = |groups: &'_ Option<DefaultGroups>| match groups {
        Some(DefaultGroups::Names(names, _)) if *names != usual => Some(names.clone()),
        Some(DefaultGroups::All(_)) => Some(vec!["all groups".to_owned()]),
        _ => None,
    };
    let place = |groups: &Option<DefaultGroups>| {
        groups.as_ref().map(|groups| match groups {
            DefaultGroups::All(span) | DefaultGroups::Names(_, span) => span.clone(),
        })
    };
    let (known, set) = (chosen(&recorded.default_groups), chosen(&manifest.uv.default_groups));
    let shown = |names: Option<Vec<String>>| names.map(|names| format!("`{}`", names.join(", ")));
    (known != set).then(|| Changed {
        what: "`default-groups`".to_owned(),
        recorded: shown(known),
        declared: shown(set),
        lock: place(&recorded.default_groups).or(lock.cloned()),
        file: path.to_owned(),
        place: place(&manifest.uv.default_groups),
    })
}

/// Compares the `requires-python` of groups, each with those of the groups that it includes.
pub(super) fn group_pythons(
    path: &Utf8Path,
    manifest: &Pyproject,
    recorded: &GroupSettings,
    lock: Option<&Span>,
) -> Vec<Changed> {
    let mut declared: BTreeMap<String, Vec<&TomlString>> = BTreeMap::new();
    let included = includes(manifest);
    let names = manifest.groups.iter().map(|group| canonical_name(&group.value));
    for group in names.chain(manifest.uv.group_pythons.keys().cloned()).collect::<BTreeSet<_>>() {
        let all = with_included(&group, &included);
        let pythons: Vec<_> = all.iter().filter_map(|group| manifest.uv.group_pythons.get(*group)).collect();
        if !pythons.is_empty() {
            declared.insert(group.clone(), pythons);
        }
    }
    let clauses_of = |texts: &[&TomlString]| {
        texts
            .iter()
            .filter_map(|text| SpecifierSet::parse(&text.value).ok())
            .flat_map(|set| set.clauses)
            .collect::<Vec<_>>()
    };
    let names: BTreeSet<&String> = declared.keys().chain(recorded.pythons.keys()).collect();
    let changed = |group: &&String| {
        let (known, set) = (recorded.pythons.get(*group), declared.get(*group));
        let list = |texts: &[&TomlString]| {
            texts.iter().map(|text| format!("`{}`", text.value)).collect::<Vec<_>>().join(" and ")
        };
        let is_same = known.zip(set).is_some_and(|(known, set)| {
            let (one, other) = (clauses_of(&[known]), clauses_of(set));
            let [one, other] = [&one, &other].map(|list| list.iter().collect::<Vec<_>>());
            clauses::compare(&one, &other) == Verdict::Same
        });
        (!is_same).then(|| Changed {
            what: format!("`requires-python` of the group `{group}`"),
            recorded: known.map(|known| list(&[known])),
            declared: set.map(|set| list(set)),
            lock: known.map(|known| known.span.clone()).or(lock.cloned()),
            file: path.to_owned(),
            place: set.and_then(|set| set.first()).map(|python| python.span.clone()),
        })
    };
    names.iter().filter_map(changed).collect()
}
