//! The requirements of manifests, compared with their record in the lockfile.

use super::lists::list_scope;
use super::lock::{LockedGroup, LockedPackage, LockedRequirement, UvLock};
use super::markers::Marker;

use crate::manifest::pyproject::{Declared, Pyproject};
use crate::manifest::requirement::{Constraint, Name, Requirement, canonical_name};
use crate::version::{Operand, SpecifierSet};
use camino::{Utf8Path, Utf8PathBuf};
use std::collections::{BTreeMap, BTreeSet};

/// A package of a lockfile that is built from the tree, and its manifest.
#[derive(Clone, Debug)]
pub struct Local<'a> {
    /// The entry.
    pub entry: &'a LockedPackage,
    /// The manifest's path.
    pub path: Utf8PathBuf,
    /// The manifest.
    pub manifest: &'a Pyproject,
}

/// A package that a table of a manifest requires, with the lockfile's record of it.
#[derive(Clone, Debug)]
pub struct Difference<'a> {
    /// The table, in the notation of [`scope`].
    pub scope: String,
    /// The canonical name.
    pub name: String,
    /// The requirements in the manifest.
    pub declared: Vec<&'a Declared>,
    /// The requirements in the lockfile.
    pub recorded: Vec<&'a LockedRequirement>,
    /// `true` if the manifest names another source for it (`tool.uv.sources`), by which uv may have divided the
    /// requirement.
    pub(super) has_source: bool,
    /// `true` if the table may be recorded as the requirements of the extras that it includes.
    pub(super) may_be_flattened: bool,
    /// The comparisons that uv adds to the markers of a group with a `requires-python` of its own.
    pub(super) added: BTreeSet<String>,
}

/// Returns the packages of the lockfile at this path that are built from the tree, if the manifest at their path is
/// known.
pub fn locals<'a>(
    path: &Utf8Path,
    lock: &'a UvLock,
    manifest: impl Fn(&Utf8Path) -> Option<&'a Pyproject>,
) -> Vec<Local<'a>> {
    let folder = path.parent().unwrap_or(Utf8Path::new(""));
    let local = |entry: &'a LockedPackage| {
        let source = entry.source.as_ref().filter(|source| source.kind.is_local())?;
        let path = joined(folder, &source.location.value)?.join("pyproject.toml");
        let manifest = manifest(&path)?;
        Some(Local { entry, path, manifest })
    };
    lock.packages.iter().filter_map(local).collect()
}

/// Joins a path to a folder and removes `.` and `..`; returns `None` if the result is outside the repository.
pub(crate) fn joined(folder: &Utf8Path, way: &str) -> Option<Utf8PathBuf> {
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

/// Returns the table of a requirement, in the words of the manifest and with canonical names, or `None` for tables
/// that are not locked.
pub fn scope(table: &str) -> Option<String> {
    match table {
        "project.dependencies" => return Some(table.to_owned()),
        "tool.uv.dev-dependencies" => return Some("dependency-groups.dev".to_owned()),
        _ => {}
    }
    ["project.optional-dependencies.", "dependency-groups."]
        .iter()
        .find_map(|prefix| Some(format!("{prefix}{}", canonical_name(table.strip_prefix(prefix)?))))
}

/// The requirements in the manifest, and those in the lockfile.
type Both<'a> = (Vec<&'a Declared>, Vec<&'a LockedRequirement>);

/// Returns every name in every locked table, with or without a difference, except a package's requirements on itself.
pub(super) fn paired<'a>(local: &Local<'a>) -> Vec<Difference<'a>> {
    let own = canonical_name(&local.entry.name.value);
    pairs(local).into_iter().filter(|pair| pair.name != own).collect()
}

/// Returns every name in every locked table, with or without a difference.
pub(super) fn pairs<'a>(local: &Local<'a>) -> Vec<Difference<'a>> {
    if local.manifest.project.is_none() {
        return Vec::new();
    }
    let own = canonical_name(&local.entry.name.value);
    let recorded = recorded(local);
    pair_up(local.manifest, &own, declared(local.manifest, |scope| is_locked(local, scope)), recorded)
}

/// Returns every name in the lists that uv reads of the manifest beside a lockfile alone, with or without a difference.
pub(super) fn paired_lists<'a>(read: &'a Pyproject, lists: &'a [LockedGroup]) -> Vec<Difference<'a>> {
    let declared_lists = read.requirements.iter().filter_map(|declared| Some((list_scope(&declared.table)?, declared)));
    // The groups of a package are recorded with the package.
    let groups = if read.project.is_none() { declared(read, |_| true) } else { Vec::new() };
    let recorded = of_groups(lists).filter(|(scope, _)| read.project.is_none() || list_scope(scope).is_some());
    pair_up(read, "", declared_lists.chain(groups).collect(), recorded.collect())
}

fn pair_up<'a>(
    manifest: &Pyproject,
    own: &str,
    declared: Vec<(String, &'a Declared)>,
    recorded: Vec<(String, &'a LockedRequirement)>,
) -> Vec<Difference<'a>> {
    let mut found: BTreeMap<(String, String), Both<'a>> = BTreeMap::new();
    for (scope, declared) in declared {
        found.entry((scope, declared.name())).or_default().0.push(declared);
    }
    for (scope, recorded) in recorded {
        found.entry((scope, canonical_name(&recorded.name.value))).or_default().1.push(recorded);
    }
    // uv records either an extra that includes others, or the requirements of those.
    let includes_extras = found.keys().any(|(_, name)| name == own);
    let sources: BTreeSet<&str> = manifest.uv.sources.iter().map(|source| source.package.as_str()).collect();
    let pair = |((scope, name), (declared, recorded)): ((String, String), Both<'a>)| Difference {
        has_source: sources.contains(name.as_str()),
        may_be_flattened: includes_extras && scope.starts_with("project."),
        added: added_to_markers(manifest, &scope),
        scope,
        name,
        declared,
        recorded,
    };
    found.into_iter().map(pair).collect()
}

/// Returns the comparisons that `requires-python` of a group, and of groups that it includes, adds to markers.
fn added_to_markers(manifest: &Pyproject, scope: &str) -> BTreeSet<String> {
    let Some(group) = scope.strip_prefix("dependency-groups.") else { return BTreeSet::new() };
    if manifest.uv.group_pythons.is_empty() {
        return BTreeSet::new();
    }
    let groups = with_included(group, &includes(manifest));
    let of_groups = manifest.uv.group_pythons.iter().filter(|(name, _)| groups.contains(name.as_str()));
    let sets = of_groups.filter_map(|(_, python)| SpecifierSet::parse(&python.value).ok());
    let spelled = sets.filter_map(|set| {
        let clauses = set.clauses.iter().map(|clause| match &clause.operand {
            Operand::Series(_) => None,
            _ => Some(format!("python_full_version{}'{}'", clause.operator, clause.version()?)),
        });
        clauses.collect::<Option<Vec<_>>>()
    });
    spelled.flatten().collect()
}

/// Returns the groups that each group includes itself.
pub(super) fn includes(manifest: &Pyproject) -> BTreeMap<&str, Vec<&str>> {
    let mut includes: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (group, included) in &manifest.group_includes {
        includes.entry(group).or_default().push(included);
    }
    includes
}

/// Returns a group and all that it includes.
pub(super) fn with_included<'a>(group: &'a str, includes: &BTreeMap<&'a str, Vec<&'a str>>) -> BTreeSet<&'a str> {
    let (mut seen, mut open) = (BTreeSet::from([group]), vec![group]);
    while let Some(next) = open.pop() {
        open.extend(includes.get(next).into_iter().flatten().filter(|included| seen.insert(included)));
    }
    seen
}

/// Returns every locked requirement of a manifest with its table, including those of included groups.
fn declared(read: &Pyproject, is_locked: impl Fn(&str) -> bool) -> Vec<(String, &Declared)> {
    let of_tables = read.requirements.iter().filter_map(|declared| Some((scope(&declared.table)?, declared)));
    let mut found: Vec<_> = of_tables.filter(|(scope, _)| is_locked(scope)).collect();
    let mut groups: BTreeMap<String, Vec<&Declared>> = BTreeMap::new();
    for (scope, declared) in &found {
        if let Some(group) = scope.strip_prefix("dependency-groups.") {
            groups.entry(group.to_owned()).or_default().push(declared);
        }
    }
    let includes = includes(read);
    for group in includes.keys() {
        for included in with_included(group, &includes).into_iter().filter(|included| included != group) {
            let requirements = groups.get(included).into_iter().flatten();
            found.extend(requirements.map(|declared| (format!("dependency-groups.{group}"), *declared)));
        }
    }
    found
}

/// Returns every requirement in the lockfile, with the table it comes from.
fn recorded<'a>(local: &Local<'a>) -> Vec<(String, &'a LockedRequirement)> {
    let Some(metadata) = &local.entry.metadata else { return Vec::new() };
    let of_extra = |requirement: &LockedRequirement| match marker(requirement).0 {
        Some(extra) => format!("project.optional-dependencies.{}", canonical_name(extra)),
        None => "project.dependencies".to_owned(),
    };
    let project = metadata.requires_dist.iter().map(|requirement| (of_extra(requirement), requirement));
    let mut found: Vec<_> = project.filter(|(scope, _)| is_locked(local, scope)).collect();
    found.extend(
        of_groups(&metadata.requires_dev)
            .map(|(group, requirement)| (format!("dependency-groups.{group}"), requirement)),
    );
    found
}

/// Returns the requirements of recorded lists with the lists' names.
fn of_groups(lists: &[LockedGroup]) -> impl Iterator<Item = (String, &LockedRequirement)> {
    lists.iter().flat_map(|list| list.requirements.iter().map(|requirement| (list.name.clone(), requirement)))
}

/// Returns `true` if the manifest itself has the content of a table; the content of a dynamic table is known only to
/// the build.
fn is_locked(local: &Local<'_>, scope: &str) -> bool {
    let Some(list) = scope.strip_prefix("project.") else { return true };
    let dynamic = local.manifest.project.as_ref().and_then(|project| project.dynamic.as_ref());
    let is_dynamic = |name: &str| dynamic.is_some_and(|dynamic| dynamic.items.iter().any(|item| item.value == name));
    !is_dynamic(list.split('.').next().unwrap_or_default())
}

/// Returns the extra of a recorded marker, and `true` if the marker has other conditions too.
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
    /// Returns `true` if both sides have requirements with the same versions, so that they differ in all else.
    pub fn has_same_versions(&self) -> bool {
        let parsed = |text: &str| SpecifierSet::parse(text).map(|set| set.to_string()).unwrap_or_default();
        let recorded = self.recorded.iter().map(|one| one.specifier.as_ref().map(|text| parsed(&text.value)));
        let declared = self.declared.iter().map(|one| {
            one.requirement.as_ref().ok().and_then(|requirement| Some(requirement.specifier()?.to_string()))
        });
        let (recorded, declared): (BTreeSet<_>, BTreeSet<_>) = (recorded.collect(), declared.collect());
        !recorded.is_empty() && recorded == declared
    }

    /// Returns the Pythons of groups that uv adds to the marker of a requirement: those of the group, and of the included one that
    /// has it. Returns `None` if groups in between have one too.
    pub(super) fn pythons(&self, declared: &Declared, manifest: &Pyproject) -> Option<Vec<Marker>> {
        let Some(group) = self.scope.strip_prefix("dependency-groups.") else { return Some(Vec::new()) };
        if manifest.uv.group_pythons.is_empty() {
            return Some(Vec::new());
        }
        let origin = scope(&declared.table)?;
        let origin = origin.strip_prefix("dependency-groups.")?;
        let includes = includes(manifest);
        let between = with_included(group, &includes)
            .into_iter()
            .filter(|name| *name != group && *name != origin && with_included(name, &includes).contains(origin));
        if between.into_iter().any(|name| manifest.uv.group_pythons.contains_key(name)) {
            return None;
        }
        let pythons =
            BTreeSet::from([group, origin]).into_iter().filter_map(|name| manifest.uv.group_pythons.get(name));
        pythons
            .map(|text| Some(Marker::Python { is_short: false, set: SpecifierSet::parse(&text.value).ok()? }))
            .collect()
    }

    /// Returns `true` if there is a difference.
    pub(super) fn is_real(&self) -> bool {
        let is_flattened = self.may_be_flattened && self.declared.is_empty();
        !is_flattened && !self.is_matched(true)
    }

    /// Returns `true` if each side has the requirements of the other, with or without their specifiers.
    pub(super) fn is_matched(&self, with_versions: bool) -> bool {
        // A requirement that cannot be read cannot be compared.
        let wanted = self.declared.iter().map(|declared| declared.requirement.as_ref());
        let Ok(wanted) = wanted.collect::<Result<Vec<_>, _>>() else { return true };
        // A requirement that can never be installed may be left out.
        if self.recorded.is_empty() && wanted.iter().all(|requirement| requirement.marker.is_some()) {
            return true;
        }
        let is_same = |wanted: &Requirement, recorded: &LockedRequirement| {
            self.is_same(wanted, recorded) && (!with_versions || has_same_versions(wanted, recorded))
        };
        wanted.iter().all(|wanted| self.recorded.iter().any(|recorded| is_same(wanted, recorded)))
            && self.recorded.iter().all(|recorded| wanted.iter().any(|wanted| is_same(wanted, recorded)))
    }

    fn is_same(&self, wanted: &Requirement, recorded: &LockedRequirement) -> bool {
        let extras: BTreeSet<String> = wanted.extras.iter().map(Name::canonical).collect();
        let recorded_extras: BTreeSet<String> =
            recorded.extras.iter().map(|extra| canonical_name(&extra.value)).collect();
        let noted = recorded.marker.as_ref().map(|marker| atoms(&marker.value)).unwrap_or_default();
        let is_of_group = !self.added.is_empty() && noted.iter().all(|atom| atom.starts_with("python_full_version"));
        let added_marker = wanted.marker.is_none() && marker(recorded).1 && !self.has_source && !is_of_group;
        extras == recorded_extras && !added_marker
    }
}

fn has_same_versions(wanted: &Requirement, recorded: &LockedRequirement) -> bool {
    match (&wanted.constraint, &recorded.specifier) {
        // A requirement from a folder, a repository or a URL is recorded without its versions.
        _ if recorded.source.is_some() => true,
        (Constraint::Url(_), _) => false,
        (Constraint::Any, None) => true,
        (Constraint::Any, Some(_)) | (Constraint::Specifier(_), None) => false,
        (Constraint::Specifier(specifier), Some(recorded)) => {
            SpecifierSet::parse(&recorded.value).is_ok_and(|recorded| recorded == *specifier)
        }
    }
}

/// Returns a specifier as uv records it: clauses in the order of their versions, then of uv's operators, without
/// space, each version in its normal form. Returns `None` if uv does not read a clause.
pub fn spelled(specifier: &SpecifierSet) -> Option<String> {
    let mut clauses = Vec::new();
    for clause in &specifier.clauses {
        let (version, series) = match &clause.operand {
            Operand::Series(version) => (version.clone(), ".*"),
            _ => (clause.version()?, ""),
        };
        let text = format!("{}{version}{series}", clause.operator);
        clauses.push((version, (clause.operator, series), text));
    }
    clauses.sort_by(|one, other| (&one.0, one.1).cmp(&(&other.0, other.1)));
    let texts: Vec<String> = clauses.into_iter().map(|(_, _, text)| text).collect();
    Some(texts.join(","))
}

/// Returns `true` if the recorded markers of a name in a table are provably those of the manifest. uv rewrites
/// markers, drops conditions that are always true for the lockfile's Pythons, and adds the extra. The proof is that
/// every recorded comparison is in the manifest, and every comparison of the manifest that is not about Python is
/// recorded.
pub(super) fn has_same_markers(difference: &Difference<'_>) -> bool {
    let wanted: BTreeSet<String> = difference.declared.iter().flat_map(|declared| declared_atoms(declared)).collect();
    let texts = difference.recorded.iter().filter_map(|recorded| recorded.marker.as_ref());
    let noted: BTreeSet<String> =
        texts.flat_map(|marker| atoms(&marker.value)).filter(|atom| !atom.starts_with("extra")).collect();
    noted.difference(&wanted).all(|atom| difference.added.contains(atom))
        && wanted.iter().filter(|atom| !atom.starts_with("python_full_version")).all(|atom| noted.contains(atom))
}

fn declared_atoms(declared: &Declared) -> Vec<String> {
    let requirement = declared.requirement.as_ref().ok();
    let marker = requirement.and_then(|requirement| declared.text.value.get(requirement.marker.clone()?));
    marker.map(atoms).unwrap_or_default()
}

/// Returns the comparisons of a marker, in one spelling.
fn atoms(marker: &str) -> Vec<String> {
    let spaced = marker.replace(['(', ')'], " ").replace('"', "'");
    let spaced = [" and ", " or "].iter().fold(spaced, |text, word| text.replace(word, "\n"));
    let dense = |atom: &str| atom.split_whitespace().collect::<String>();
    spaced.split('\n').map(|atom| dense(atom).replace("python_version", "python_full_version")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn specifiers_are_spelled_as_uv_spells_them() {
        for (written, expected) in [
            ("==0.4.5", Some("==0.4.5")),
            (" >= 0.4.5 ", Some(">=0.4.5")),
            ("<4,!=1.5.0,>=1.0,!=2.0.*", Some(">=1.0,!=1.5.0,!=2.0.*,<4")),
            (">v0.1,<=9.00", Some(">0.1,<=9.0")),
            (">=1,<1.0", Some("<1.0,>=1")),
            (">=1,>1,<=1,<1,~=1.0,!=1.*,!=1,===1,==1.*,==1", Some("==1,==1.*,===1,!=1,!=1.*,~=1.0,<1,<=1,>1,>=1")),
            ("~=1.0", Some("~=1.0")),
            ("===1.0-RC1", Some("===1.0rc1")),
            ("===main", None),
            ("==1.0+Local-1", Some("==1.0+local.1")),
        ] {
            assert_eq!(spelled(&SpecifierSet::parse(written).unwrap()).as_deref(), expected, "{written}");
        }
    }

    #[test]
    fn a_marker_is_cut_into_its_comparisons() {
        assert_eq!(
            atoms("(python_version < \"3.13\" and os_name=='nt') or extra == 'x'"),
            ["python_full_version<'3.13'", "os_name=='nt'", "extra=='x'"]
        );
    }

    #[test]
    fn a_path_does_not_lead_out_of_the_repository() {
        for (folder, way, expected) in
            [("", ".", Some("")), ("a/b", "../c", Some("a/c")), ("a", "../../b", None), ("", "x\\y", Some("x/y"))]
        {
            assert_eq!(joined(folder.into(), way).as_deref().map(Utf8Path::as_str), expected, "{folder} {way}");
        }
    }
}
