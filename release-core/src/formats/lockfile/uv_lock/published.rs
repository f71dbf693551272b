//! A check that a released version has the requirements that the lockfile records for the version before it, so that
//! only the version and its files change.

use super::lists::{LISTS, OVERRIDES};
use super::lock::{LockedDependency, LockedPackage, LockedRequirement, UvLock};
use crate::manifest::requirement::{Constraint, Name, Requirement, canonical_name};
use crate::registry::metadata::{CoreMetadata, RequiresDist};
use crate::version::{Clause, Operand, Operator, SpecifierSet, Version};
use std::collections::{BTreeMap, BTreeSet};

/// The verdict of a released version's metadata on a lockfile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The lockfile has its requirements.
    Same,
    /// Its requirements differ, or cannot be proven to be the same.
    Different(String),
    /// The verdict needs the metadata of the locked version.
    NeedsOld,
}

/// Names with their requested extras.
type Needs = BTreeMap<String, BTreeSet<String>>;

/// Checks that the requirements of the released version are those of `entry` in the lockfile. If markers make that
/// undecidable, `old` decides, the metadata of the locked version: equal requirements have equal resolutions.
pub fn same_requirements(
    lock: &UvLock,
    entry: &LockedPackage,
    new: &CoreMetadata,
    old: Option<&CoreMetadata>,
) -> Verdict {
    if new.name != canonical_name(&entry.name.value) {
        return Verdict::Different(format!("the metadata is that of {}, not of {}", new.name, entry.name.value));
    }
    let used = used_extras(lock, entry);
    match (directly(lock, entry, new, &used), old) {
        (Verdict::NeedsOld, Some(old)) => beside(entry, new, old, &used),
        (verdict, _) => verdict,
    }
}

/// Returns the requested extras of a package, including those that it does not have.
fn used_extras(lock: &UvLock, entry: &LockedPackage) -> BTreeSet<String> {
    let mut used: BTreeSet<String> =
        entry.optional_dependencies.iter().map(|extra| canonical_name(&extra.name)).collect();
    let is_own =
        |requirement: &&LockedRequirement| canonical_name(&requirement.name.value) == canonical_name(&entry.name.value);
    let lists = lock.lists.iter().filter(|list| list.name == OVERRIDES);
    let overrides: Vec<_> = lists.flat_map(|list| &list.requirements).filter(is_own).collect();
    let metadata = lock.packages.iter().filter_map(|package| package.metadata.as_ref());
    let groups = lock.lists.iter().filter(|list| !LISTS.iter().any(|(_, name)| *name == list.name));
    let groups = metadata.clone().flat_map(|metadata| &metadata.requires_dev).chain(groups);
    let of_groups = groups.flat_map(|group| &group.requirements);
    let asking = metadata.flat_map(|metadata| &metadata.requires_dist).chain(of_groups).filter(is_own);
    // An override stands in place of every requirement, with its extras.
    let asking: Vec<_> = if overrides.is_empty() { asking.collect() } else { overrides };
    used.extend(
        asking.into_iter().flat_map(|requirement| &requirement.extras).map(|extra| canonical_name(&extra.value)),
    );
    used
}

fn directly(lock: &UvLock, entry: &LockedPackage, new: &CoreMetadata, used: &BTreeSet<String>) -> Verdict {
    let (mut plain, mut optional) = (Needs::new(), BTreeMap::<String, Needs>::new());
    let mut counted = Vec::new();
    for requires in &new.requires_dist {
        let needs = match condition(requires) {
            Condition::None => &mut plain,
            Condition::Extra(extra) if used.contains(&extra) => optional.entry(extra).or_default(),
            Condition::Extra(_) => continue,
            Condition::Other => return Verdict::NeedsOld,
        };
        let name = requires.requirement.name.canonical();
        if name == new.name || lock.is_replaced(&name) {
            return Verdict::NeedsOld;
        }
        let extras = requires.requirement.extras.iter().map(Name::canonical);
        needs.entry(name).or_default().extend(extras);
        counted.push(&requires.requirement);
    }
    let all = || entry.optional_dependencies.iter().flat_map(|extra| &extra.dependencies).chain(&entry.dependencies);
    if all().any(|dependency| dependency.marker.is_some()) {
        return Verdict::NeedsOld;
    }
    if let Some(reason) = other_needs(entry, &plain, "", &entry.dependencies) {
        return Verdict::Different(reason);
    }
    for extra in used {
        let locked = entry.optional_dependencies.iter().find(|locked| canonical_name(&locked.name) == *extra);
        let locked = locked.map_or(&[][..], |locked| &locked.dependencies);
        let wanted = optional.remove(extra).unwrap_or_default();
        if let Some(reason) = other_needs(entry, &wanted, &format!(" for its extra `{extra}`"), locked) {
            return Verdict::Different(reason);
        }
    }
    let versions = locked_versions(lock, &counted);
    match counted.into_iter().find_map(|requirement| excluded(&versions, new, requirement)) {
        Some(reason) => Verdict::Different(reason),
        None => python(lock, new),
    }
}

/// Returns the first name that only one side requires, or that the sides require with different extras.
fn other_needs(entry: &LockedPackage, wanted: &Needs, what: &str, locked: &[LockedDependency]) -> Option<String> {
    let mut has = Needs::new();
    for dependency in locked {
        let extras = dependency.extras.iter().map(|extra| canonical_name(&extra.value));
        has.entry(canonical_name(&dependency.name.value)).or_default().extend(extras);
    }
    let name = &entry.name.value;
    let version = entry.version.as_ref().map_or("", |version| &version.value);
    let sentence = |text: &str, other: &str| {
        format!("the released {name} {text} `{other}`{what}, {name} {version} in the lockfile")
    };
    let new = wanted.keys().find(|other| !has.contains_key(*other));
    let gone = has.keys().find(|other| !wanted.contains_key(*other));
    let extras = || wanted.iter().find(|(other, extras)| has.get(*other) != Some(extras)).map(|(other, _)| other);
    new.map(|other| format!("{} does not", sentence("asks for", other)))
        .or_else(|| gone.map(|other| format!("{} does", sentence("does not ask for", other))))
        .or_else(|| extras().map(|other| format!("{} for others", sentence("asks for other extras of", other))))
}

/// Returns the locked versions of all required packages; one name may have several.
fn locked_versions(lock: &UvLock, requirements: &[&Requirement]) -> BTreeMap<String, Vec<Option<Version>>> {
    let mut found: BTreeMap<String, Vec<_>> =
        requirements.iter().map(|requirement| (requirement.name.canonical(), Vec::new())).collect();
    for package in &lock.packages {
        if let Some(versions) = found.get_mut(package.name.value.as_str()) {
            versions.push(package.version.as_ref().and_then(|version| Version::parse(&version.value).ok()));
        }
    }
    found
}

fn excluded(
    versions: &BTreeMap<String, Vec<Option<Version>>>,
    new: &CoreMetadata,
    requirement: &Requirement,
) -> Option<String> {
    let (name, asks) = (requirement.name.canonical(), format!("{} {}", new.name, new.version));
    let specifier = match &requirement.constraint {
        Constraint::Any => return None,
        Constraint::Specifier(specifier) => specifier,
        Constraint::Url(_) => return Some(format!("{asks} asks for `{name}` by URL")),
    };
    let locked = versions.get(&name).map_or(&[][..], Vec::as_slice);
    if locked.is_empty() {
        return Some(format!("{asks} asks for `{name}`, which is not locked"));
    }
    let is_admitted = |version: &Option<Version>| version.as_ref().is_some_and(|v| specifier.contains(v));
    let other = locked.iter().find(|version| !is_admitted(version))?;
    let other = other.as_ref().map_or("without a version".to_owned(), Version::to_string);
    Some(format!("{asks} asks for `{name}{specifier}`, but {other} is locked"))
}

/// Checks that it runs on the oldest Python of the lockfile; uv ignores upper bounds.
fn python(lock: &UvLock, new: &CoreMetadata) -> Verdict {
    let Some(wanted) = &new.requires_python else { return Verdict::Same };
    match oldest_python(lock) {
        Some(oldest) if wanted.contains(&oldest) => Verdict::Same,
        Some(oldest) => Verdict::Different(format!(
            "{} {} asks for Python `{wanted}`, but the lockfile also covers {oldest}",
            new.name, new.version
        )),
        None => Verdict::NeedsOld,
    }
}

/// Returns the oldest Python for which a lockfile is resolved.
pub(super) fn oldest_python(lock: &UvLock) -> Option<Version> {
    let specifier = SpecifierSet::parse(&lock.requires_python.as_ref()?.value).ok()?;
    let bound = |clause: &Clause| match (clause.operator, &clause.operand) {
        (Operator::GreaterEqual | Operator::Compatible | Operator::Equal, Operand::Version(version))
        | (Operator::Equal, Operand::Series(version)) => Some(version.clone()),
        _ => None,
    };
    specifier.clauses.iter().filter_map(bound).max()
}

/// Checks that two versions have the same requirements, apart from extras that are not requested.
fn beside(entry: &LockedPackage, new: &CoreMetadata, old: &CoreMetadata, used: &BTreeSet<String>) -> Verdict {
    let is_locked =
        entry.version.as_ref().is_some_and(|locked| Version::parse(&locked.value).ok() == Some(old.version.clone()));
    if old.name != new.name || !is_locked {
        return Verdict::Different(format!(
            "the metadata of {} {} does not belong to the locked version",
            old.name, old.version
        ));
    }
    let other = |what: &str| {
        Verdict::Different(format!("{} {} asks for other {what} than {}", new.name, new.version, old.version))
    };
    if new.requires_python != old.requires_python {
        return other("versions of Python");
    }
    let counts = |requires: &&RequiresDist| match condition(requires) {
        Condition::Extra(extra) => used.contains(&extra) || requires.requirement.name.canonical() == new.name,
        Condition::None | Condition::Other => true,
    };
    let new: Vec<_> = new.requires_dist.iter().filter(counts).map(Meaning::of).collect();
    let old: Vec<_> = old.requires_dist.iter().filter(counts).map(Meaning::of).collect();
    if within(&new, &old) && within(&old, &new) { Verdict::Same } else { other("packages") }
}

/// The meaning of a requirement, independent of its spelling.
#[derive(Debug, PartialEq)]
struct Meaning {
    key: (String, BTreeSet<String>, String),
    specifier: Option<SpecifierSet>,
}

impl Meaning {
    fn of(requires: &RequiresDist) -> Self {
        let requirement = &requires.requirement;
        let rest = match &requirement.constraint {
            Constraint::Url(span) => requires.text.get(span.clone()).unwrap_or_default(),
            _ => "",
        };
        let marker = marker(requires).map(alike).unwrap_or_default();
        Self {
            key: (
                requirement.name.canonical(),
                requirement.extras.iter().map(Name::canonical).collect(),
                format!("{rest} ; {marker}"),
            ),
            specifier: requirement.specifier().cloned(),
        }
    }
}

/// Returns `true` if the second list has every element of the first. Both are sorted by a key with an order, so that
/// long lists are not slow.
fn within(one: &[Meaning], other: &[Meaning]) -> bool {
    let mut by_key: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for meaning in other {
        by_key.entry(&meaning.key).or_default().push(&meaning.specifier);
    }
    one.iter().all(|meaning| by_key.get(&meaning.key).is_some_and(|found| found.contains(&&meaning.specifier)))
}

/// Returns a marker with one kind of quotes and single spaces outside them.
fn alike(marker: &str) -> String {
    marker.replace('"', "'").split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The condition under which a requirement applies.
enum Condition {
    None,
    Extra(String),
    Other,
}

fn condition(requires: &RequiresDist) -> Condition {
    let Some(marker) = marker(requires) else { return Condition::None };
    let extra = marker.strip_prefix("extra").map(str::trim_start).and_then(|rest| rest.strip_prefix("=="));
    let name = extra.map(str::trim).and_then(|text| {
        let quote = text.chars().next().filter(|quote| matches!(quote, '\'' | '"'))?;
        text[1..].strip_suffix(quote)
    });
    let is_name = |name: &&str| name.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c));
    name.filter(is_name).map_or(Condition::Other, |name| Condition::Extra(canonical_name(name)))
}

fn marker(requires: &RequiresDist) -> Option<&str> {
    Some(requires.text.get(requires.requirement.marker.clone()?).unwrap_or_default().trim())
}

#[cfg(test)]
mod tests;
